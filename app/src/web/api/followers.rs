//! Subscribers of one incident.

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{PAGE, PER_PAGE, Route, Shape},
    subscribers::{new, one, resend_to, some},
};
use crate::{domain::token::Scope, store::SubscriberFilter, wire::manage::SubscriberBody};

const TAG: &str = "Incident subscribers";
const READS: &[Scope] = &[Scope::SubscribersRead];
const WRITES: &[Scope] = &[Scope::SubscribersWrite];

pub const ROUTES: &[Route] = &[
    Route::get(
        "/v1/pages/{page_id}/incidents/{incident_id}/subscribers",
        "Those who are told of an incident.",
        |call| Box::pin(list(call)),
    )
    .tag(TAG)
    .for_scopes(READS)
    .asks(&[PAGE, PER_PAGE])
    .answers(Shape::Many("Subscriber")),
    Route::post(
        "/v1/pages/{page_id}/incidents/{incident_id}/subscribers",
        "Subscribes somebody to an incident.",
        |call| Box::pin(create(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("SubscriberBody")
    .answers(Shape::One("Subscriber")),
    Route::get(
        "/v1/pages/{page_id}/incidents/{incident_id}/subscribers/{subscriber_id}",
        "A subscriber of an incident.",
        |call| Box::pin(read(call)),
    )
    .tag(TAG)
    .for_scopes(READS)
    .answers(Shape::One("Subscriber")),
    Route::delete(
        "/v1/pages/{page_id}/incidents/{incident_id}/subscribers/{subscriber_id}",
        "Unsubscribes somebody from an incident.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Subscriber")),
    Route::post(
        "/v1/pages/{page_id}/incidents/{incident_id}/subscribers/{subscriber_id}/resend_confirmation",
        "Asks somebody again whether they want to be told.",
        |call| Box::pin(resend(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Subscriber")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let incident = Some(call.id("incident_id")?);
    some(&call, &SubscriberFilter { incident, ..Default::default() }, call.slice()).await
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let new = new(&call.read::<SubscriberBody>()?.subscriber)?;
    if !new.component_ids.is_empty() {
        let text = "can't be chosen of an incident; who is subscribed to it is told of all of it";
        return Err(Problem::field("subscriber.component_ids", text));
    }
    let incident = call.id("incident_id")?;
    call.keep(async |change| {
        let id = change.follow(&incident, &new).await?;
        Ok(one(&call, change.view(), &id, Some(&incident)).await?.made_anew())
    })
    .await
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("subscriber_id")?, Some(&call.id("incident_id")?)).await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let (incident, id) = (call.id("incident_id")?, call.id("subscriber_id")?);
    call.keep(async |change| {
        let answer = one(&call, change.view(), &id, Some(&incident)).await?;
        change.unfollow(&incident, &id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

async fn resend(call: Call) -> Result<Answer, Problem> {
    let (incident, id) = (call.id("incident_id")?, call.id("subscriber_id")?);
    resend_to(&call, &id, Some(&incident)).await
}
