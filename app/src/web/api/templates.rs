//! Incident templates.

use super::{
    answer::Answer,
    call::{Call, id_in, ids_in, name},
    problem::Problem,
    route::{DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{TemplateChanges, View},
    wire::manage::{IncidentTemplate, TemplateAsk, TemplateBody},
};

const TAG: &str = "Incident templates";
const WRITES: &[Scope] = &[Scope::IncidentsWrite];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/incident_templates", "The templates, by name.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .asks(&[PAGE, PER_PAGE, DELETED])
    .answers(Shape::Many("IncidentTemplate")),
    Route::post("/v1/pages/{page_id}/incident_templates", "Makes a template.", |call| Box::pin(create(call)))
        .tag(TAG)
        .for_scopes(WRITES)
        .takes("NewTemplateBody")
        .answers(Shape::One("IncidentTemplate")),
    Route::get("/v1/pages/{page_id}/incident_templates/{template_id}", "A template.", |call| {
        Box::pin(read(call))
    })
    .tag(TAG)
    .asks(&[DELETED])
    .answers(Shape::One("IncidentTemplate")),
    Route::change("/v1/pages/{page_id}/incident_templates/{template_id}", "Changes a template.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("TemplateBody")
    .answers(Shape::One("IncidentTemplate")),
    Route::delete("/v1/pages/{page_id}/incident_templates/{template_id}", "Deletes a template.", |call| {
        Box::pin(delete(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .with_status(204),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let templates = moment.view().templates(call.slice(), call.include()).await?;
    let mut ids: Vec<Id> = templates.iter().flat_map(|template| template.component_ids.clone()).collect();
    ids.sort();
    ids.dedup();
    let components = moment.view().components_among(&ids).await?;
    let shown = templates.iter().map(|template| IncidentTemplate::of(template, &components, &place));
    Answer::ok(&shown.collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("template_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let template = view.template(id, call.include()).await?;
    let components = view.components_among(&template.component_ids).await?;
    let place = call.place(view).await?;
    Ok(Answer::ok(&IncidentTemplate::of(&template, &components, &place))?.at(template.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read::<TemplateBody>()?.template)?;
    for (field, missing) in
        [("template.name", changes.name.is_none()), ("template.body", changes.body.is_none())]
    {
        if missing {
            return Err(Problem::field(field, "is needed"));
        }
    }
    call.change(async |change| {
        let id = change.create_template(changes).await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read::<TemplateBody>()?.template)?;
    let id = call.id("template_id")?;
    call.change(async |change| {
        change.update_template(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("template_id")?;
    call.change(async |change| {
        change.delete_template(&id, call.if_match).await?;
        Ok(Answer::nothing())
    })
    .await
}

fn changes(asked: TemplateAsk) -> Result<TemplateChanges, Problem> {
    let group = |text: Option<String>| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(id) => id_in("template.group_id", id).map(Some),
    };
    let ids = asked.component_ids.map(|ids| ids_in("template.component_ids", &ids)).transpose()?;
    Ok(TemplateChanges {
        group_id: asked.group_id.map(group).transpose()?,
        name: asked.name.as_deref().map(|text| name("template.name", text)).transpose()?,
        title: asked.title.map(|text| text.filter(|text| !text.is_empty())),
        body: asked.body,
        update_status: asked.update_status,
        component_ids: ids,
        should_tweet: asked.should_tweet,
        should_send_notifications: asked.should_send_notifications,
    })
}
