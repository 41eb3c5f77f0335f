//! Components.

use super::{
    answer::Answer,
    call::{Call, id_in, name},
    problem::Problem,
    route::{Ask, DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{page::link, token::Scope},
    store::{ComponentChanges, NewComponent, View},
    wire::manage::{Component, ComponentAsk, ComponentBody, StatusBody},
};

const TAG: &str = "Components";

const LISTED: &[Ask] = &[PAGE, PER_PAGE, DELETED];
const ONE: &[Ask] = &[DELETED];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/components", "The components, by position.", |call| Box::pin(list(call)))
        .tag(TAG)
        .asks(LISTED)
        .answers(Shape::Many("Component")),
    Route::post("/v1/pages/{page_id}/components", "Makes a component.", |call| Box::pin(create(call)))
        .tag(TAG)
        .for_scopes(&[Scope::ComponentsWrite])
        .takes("NewComponentBody")
        .answers(Shape::One("Component")),
    Route::post("/v1/pages/{page_id}/components/status", "Moves several components in one change.", |call| {
        Box::pin(move_all(call))
    })
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .takes("StatusBody")
    .with_status(200)
    .answers(Shape::Many("Component")),
    Route::get("/v1/pages/{page_id}/components/{component_id}", "A component.", |call| Box::pin(read(call)))
        .tag(TAG)
        .asks(ONE)
        .answers(Shape::One("Component")),
    Route::change("/v1/pages/{page_id}/components/{component_id}", "Changes a component.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .takes("ComponentBody")
    .answers(Shape::One("Component")),
    Route::delete(
        "/v1/pages/{page_id}/components/{component_id}",
        "Deletes a component; what it was stays known.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(&[Scope::ComponentsWrite])
    .with_status(204),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let records = moment.view().components(call.slice(), call.include()).await?;
    Answer::ok(&records.iter().map(|record| Component::of(record, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("component_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &crate::domain::Id) -> Result<Answer, Problem> {
    let record = view.component(id, call.include()).await?;
    Ok(Answer::ok(&Component::of(&record, &call.place(view).await?))?.at(record.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<ComponentBody>()?.component;
    let changes = changes(&asked)?;
    let missing = || Problem::field("component.name", "is needed");
    let named = NewComponent::named(changes.name.as_deref().ok_or_else(missing)?);
    call.change(async |change| {
        let group_id = changes.group_id.clone().flatten();
        let position = match changes.position {
            Some(position) => position,
            None => change.next_position(group_id.as_ref()).await?,
        };
        let id = change
            .create_component(NewComponent {
                description: changes.description.clone().flatten(),
                link: changes.link.clone().flatten(),
                group_id,
                status: changes.status.unwrap_or_default(),
                position,
                showcase: changes.showcase.unwrap_or(named.showcase),
                only_show_if_degraded: changes.only_show_if_degraded.unwrap_or_default(),
                hidden: changes.hidden.unwrap_or_default(),
                start_date: changes.start_date.flatten(),
                ..named.clone()
            })
            .await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(&call.read::<ComponentBody>()?.component)?;
    let id = call.id("component_id")?;
    call.change(async |change| {
        change.update_component(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("component_id")?;
    call.change(async |change| {
        change.delete_component(&id, call.if_match).await?;
        Ok(Answer::nothing())
    })
    .await
}

async fn move_all(call: Call) -> Result<Answer, Problem> {
    let asked: StatusBody = call.read()?;
    let mut moves = vec![];
    for (id, status) in asked.components {
        moves.push((id_in(&format!("components.{id}"), &id)?, status));
    }
    call.change(async |change| {
        for (id, status) in &moves {
            change.set_status(id, *status).await?;
        }
        let ids: Vec<_> = moves.iter().map(|(id, _)| id.clone()).collect();
        let place = call.place(change.view()).await?;
        let records = change.view().components_among(&ids).await?;
        Answer::ok(&records.iter().map(|record| Component::of(record, &place)).collect::<Vec<_>>())
    })
    .await
}

fn changes(asked: &ComponentAsk) -> Result<ComponentChanges, Problem> {
    let group = |text: &Option<String>| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(id) => id_in("component.group_id", id).map(Some),
    };
    let address = |text: String| link(&text).map_err(|wrong| Problem::field("component.link", wrong));
    // An empty text and null are the same to people.
    let text = |said: &Option<Option<String>>| said.clone().map(|text| text.filter(|text| !text.is_empty()));
    Ok(ComponentChanges {
        name: asked.name.as_deref().map(|text| name("component.name", text)).transpose()?,
        description: text(&asked.description),
        link: text(&asked.link).map(|said| said.map(address).transpose()).transpose()?,
        group_id: asked.group_id.as_ref().map(group).transpose()?,
        status: asked.status.and_then(|status| status.0),
        position: asked.position,
        showcase: asked.showcase,
        only_show_if_degraded: asked.only_show_if_degraded,
        hidden: asked.hidden,
        start_date: asked.start_date,
    })
}
