//! What was done, by whom.

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{Ask, AskKind, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    store::{AuditFilter, Slice},
    wire::manage::AuditEvent,
};

/// The most that is told of what somebody else did.
const MOST_TOLD: u64 = 10;

const ASKS: &[Ask] = &[
    PAGE,
    PER_PAGE,
    Ask { name: "action", about: "Such as `incident.create`.", kind: AskKind::Text(64) },
    Ask { name: "target_kind", about: "Such as `incident`.", kind: AskKind::Text(64) },
    Ask { name: "target_id", about: "To what it was done.", kind: AskKind::Id },
    Ask { name: "actor_id", about: "Who did it: the id of a token or a person.", kind: AskKind::Id },
    Ask { name: "since", about: "From then on.", kind: AskKind::Instant },
    Ask { name: "until", about: "Before then.", kind: AskKind::Instant },
];

pub const ROUTES: &[Route] =
    &[Route::get("/v1/pages/{page_id}/audit-events", "What was done, newest first.", |call| {
        Box::pin(list(call))
    })
    .tag("Audit")
    .asks(ASKS)
    .answers(Shape::Many("AuditEvent"))];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let filter = AuditFilter {
        actions: call.text("action").into_iter().map(str::to_owned).collect(),
        target_kind: call.text("target_kind").map(str::to_owned),
        target_id: call.asked_id("target_id"),
        actor_kind: None,
        actor_id: call.asked_id("actor_id"),
        since: call.instant("since"),
        until: call.instant("until"),
        ..AuditFilter::default()
    };
    let events = moment.view().audit_events(&filter, call.slice()).await?;
    Answer::ok(&events.into_iter().map(|event| AuditEvent::of(event, &place)).collect::<Vec<_>>())
}

/// What was done last to one object.
pub async fn of(call: &Call, filter: AuditFilter) -> Result<Vec<AuditEvent>, Problem> {
    let (moment, place) = call.moment().await?;
    let events = moment.view().audit_events(&filter, Slice { offset: 0, limit: MOST_TOLD }).await?;
    Ok(events.into_iter().map(|event| AuditEvent::of(event, &place)).collect())
}
