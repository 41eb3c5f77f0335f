//! Component groups.

use super::{
    answer::Answer,
    call::{Call, ids_in, name},
    problem::Problem,
    route::{DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{GroupChanges, NewGroup, View},
    wire::manage::{ComponentGroup, GroupBody},
};

const TAG: &str = "Component groups";

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/component-groups", "The component groups, by position.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .asks(&[PAGE, PER_PAGE, DELETED])
    .answers(Shape::Many("ComponentGroup")),
    Route::post("/v1/pages/{page_id}/component-groups", "Makes a component group.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .takes("NewGroupBody")
    .answers(Shape::One("ComponentGroup")),
    Route::get("/v1/pages/{page_id}/component-groups/{group_id}", "A component group.", |call| {
        Box::pin(read(call))
    })
    .tag(TAG)
    .asks(&[DELETED])
    .answers(Shape::One("ComponentGroup")),
    Route::change("/v1/pages/{page_id}/component-groups/{group_id}", "Changes a component group.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .takes("GroupBody")
    .answers(Shape::One("ComponentGroup")),
    Route::delete(
        "/v1/pages/{page_id}/component-groups/{group_id}",
        "Deletes a component group; what was in it stays.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .answers(Shape::One("ComponentGroup")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let records = moment.view().groups(call.slice(), call.include()).await?;
    Answer::ok(&records.iter().map(|record| ComponentGroup::of(record, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("group_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let record = view.group(id, call.include()).await?;
    Ok(Answer::ok(&ComponentGroup::of(&record, &call.place(view).await?))?.at(record.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read()?)?;
    let missing = || Problem::field("component_group.name", "is needed");
    let new_name = changes.name.clone().ok_or_else(missing)?;
    call.change(async |change| {
        let position = match changes.position {
            Some(position) => position,
            None => change.next_group_position().await?,
        };
        let description = changes.description.clone().flatten();
        let new = NewGroup { name: new_name.clone(), description, parent_id: None, position };
        let id = change.create_group(new).await?;
        change.fill_group(&id, &[], changes.component_ids.as_deref().unwrap_or_default()).await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read()?)?;
    let id = call.id("group_id")?;
    call.change(async |change| {
        change.update_group(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("group_id")?;
    call.change(async |change| {
        let answer = one(&call, change.view(), &id).await?;
        change.delete_group(&id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

fn changes(asked: GroupBody) -> Result<GroupChanges, Problem> {
    let group = asked.component_group;
    let description = group.description.or(asked.description);
    let mut component_ids =
        group.components.map(|ids| ids_in("component_group.components", &ids)).transpose()?;
    if let Some(ids) = &mut component_ids {
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
    }
    Ok(GroupChanges {
        name: group.name.as_deref().map(|text| name("component_group.name", text)).transpose()?,
        description: description.map(|text| text.filter(|text| !text.is_empty())),
        position: group.position,
        parent_id: None,
        component_ids,
    })
}
