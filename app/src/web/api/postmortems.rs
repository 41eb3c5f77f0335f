//! Postmortems.

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{Include, View},
    wire::manage::{Postmortem, PostmortemBody, PublishBody},
};

pub const TAG: &str = "Postmortems";
/// What is done to one, as the audit calls it.
pub const ACTIONS: &[&str] =
    &["postmortem.draft", "postmortem.publish", "postmortem.revert", "postmortem.delete"];
const WRITES: &[Scope] = &[Scope::IncidentsWrite];

pub const ROUTES: &[Route] = &[
    Route::get(
        "/v1/pages/{page_id}/incidents/{incident_id}/postmortem",
        "An incident's postmortem.",
        |call| Box::pin(read(call)),
    )
    .tag(TAG)
    .answers(Shape::One("Postmortem")),
    Route::put("/v1/pages/{page_id}/incidents/{incident_id}/postmortem", "Writes its draft.", |call| {
        Box::pin(draft(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("PostmortemBody")
    .answers(Shape::One("Postmortem")),
    Route::delete(
        "/v1/pages/{page_id}/incidents/{incident_id}/postmortem",
        "Deletes its draft and what was published.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .with_status(204),
    Route::put(
        "/v1/pages/{page_id}/incidents/{incident_id}/postmortem/publish",
        "Shows its draft to visitors.",
        |call| Box::pin(publish(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("PublishBody")
    .answers(Shape::One("Postmortem")),
    Route::put(
        "/v1/pages/{page_id}/incidents/{incident_id}/postmortem/revert",
        "Takes back what was published.",
        |call| Box::pin(revert(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Postmortem")),
];

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("incident_id")?).await
}

/// There is one as soon as something was written.
async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let record = view.incident(id, Include::default()).await?;
    if record.written.body.is_none() && record.written.body_draft.is_none() {
        return Err(Problem::not_found(&format!("postmortem of incident {id}")));
    }
    let place = call.place(view).await?;
    Ok(Answer::ok(&Postmortem::of(&record.written, &place))?.at(record.version))
}

async fn draft(call: Call) -> Result<Answer, Problem> {
    let body = call.read::<PostmortemBody>()?.postmortem.body_draft;
    let id = call.id("incident_id")?;
    call.change(async |change| {
        change.draft_postmortem(&id, call.if_match, body).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn publish(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<PublishBody>()?.postmortem;
    let notify = asked.and_then(|asked| asked.notify_subscribers).unwrap_or(false);
    let id = call.id("incident_id")?;
    call.change(async |change| {
        change.publish_postmortem(&id, call.if_match, notify).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn revert(call: Call) -> Result<Answer, Problem> {
    let id = call.id("incident_id")?;
    call.change(async |change| {
        change.revert_postmortem(&id, call.if_match).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("incident_id")?;
    call.change(async |change| {
        change.delete_postmortem(&id, call.if_match).await?;
        Ok(Answer::nothing())
    })
    .await
}
