//! Taking alerts: from Alertmanager, Grafana, PagerDuty, Datadog and whatever else, with a token; from
//! cron jobs and Amazon SNS, by a key in the address.

use std::sync::Arc;

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{Ask, AskKind, PAGE, PER_PAGE, Route, Shape, Verb},
    sns,
};
use crate::{
    domain::{
        alert::{AlertKey, Heard, KeyKind, Source, State},
        token::Scope,
    },
    store::{Actor, AlertFilter},
    wire::{
        alerts::{AlertBody, AlertmanagerBody, DatadogBody, PagerdutyBody},
        manage::Alert,
    },
};

const TAG: &str = "Alerts";
const WRITES: &[Scope] = &[Scope::AlertsWrite];

const STATE: Ask = Ask {
    name: "state",
    about: "Only those in one of these states.",
    kind: AskKind::Words(&["pending", "firing", "recovering", "resolved"]),
};

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/alerts", "The alerts, those heard of last first.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .asks(&[STATE, PAGE, PER_PAGE])
    .answers(Shape::Many("Alert")),
    Route::get("/v1/pages/{page_id}/alerts/{alert_id}", "An alert.", |call| Box::pin(read(call)))
        .tag(TAG)
        .answers(Shape::One("Alert")),
    Route::delete(
        "/v1/pages/{page_id}/alerts/{alert_id}",
        "Forgets an alert that nobody resolves any more; what it has open is closed.",
        |call| Box::pin(forget(call)),
    )
    .tag(TAG)
    .untagged()
    .for_scopes(&[Scope::PageWrite])
    .with_status(204),
    taking("/v1/pages/{page_id}/alerts/alertmanager", "Takes alerts of Prometheus' Alertmanager.", |call| {
        Box::pin(alertmanager(call))
    })
    .takes("AlertmanagerBody"),
    taking("/v1/pages/{page_id}/alerts/grafana", "Takes alerts of Grafana.", |call| Box::pin(grafana(call)))
        .takes("AlertmanagerBody"),
    taking("/v1/pages/{page_id}/alerts/generic", "Takes one alert.", |call| Box::pin(generic(call)))
        .takes("AlertBody"),
    taking("/v1/pages/{page_id}/alerts/pagerduty", "Takes incidents of PagerDuty (webhooks v3).", |call| {
        Box::pin(pagerduty(call))
    })
    .takes("PagerdutyBody"),
    taking("/v1/pages/{page_id}/alerts/datadog", "Takes alerts of Datadog.", |call| Box::pin(datadog(call)))
        .takes("DatadogBody"),
    Route::keyed(
        &[Verb::Get, Verb::Post],
        "/v1/pages/{page_id}/alerts/heartbeat/{key}",
        "Something is alive; once it is silent for longer than its period, an alert fires.",
        |call| Box::pin(heartbeat(call)),
    )
    .tag(TAG)
    .answers(Shape::Many("Alert")),
    Route::keyed(
        &[Verb::Post],
        "/v1/pages/{page_id}/alerts/sns/{key}",
        "Takes messages of Amazon SNS, and confirms its subscriptions.",
        |call| Box::pin(topic(call)),
    )
    .tag(TAG)
    .takes("SnsBody")
    .answers(Shape::Many("Alert")),
];

const fn taking(path: &'static str, summary: &'static str, handler: super::route::Handler) -> Route {
    let route = Route::post(path, summary, handler).tag(TAG).for_scopes(WRITES).asks(&[]);
    route.with_status(200).answers(Shape::Many("Alert"))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let words = call.text("state").unwrap_or_default().split(',');
    let filter = AlertFilter { states: words.filter_map(|word| State::parse(word.trim())).collect() };
    let alerts = moment.view().alerts(&filter, call.slice()).await?;
    Answer::ok(&alerts.iter().map(|alert| Alert::of(alert, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    Answer::ok(&Alert::of(&moment.view().alert(&call.id("alert_id")?).await?, &place))
}

async fn forget(call: Call) -> Result<Answer, Problem> {
    let id = call.id("alert_id")?;
    call.change(async |change| {
        change.forget_alert(&id).await?;
        Ok(Answer::nothing())
    })
    .await
}

async fn alertmanager(call: Call) -> Result<Answer, Problem> {
    let body: AlertmanagerBody = call.read_foreign()?;
    if body.version.as_deref().is_some_and(|version| version != "4") {
        return Err(Problem::field("version", "allowed is 4"));
    }
    let heard = body.alerts.iter().map(|alert| alert.heard()).collect();
    take(&call, Source::Alertmanager, heard).await
}

async fn grafana(call: Call) -> Result<Answer, Problem> {
    let body: AlertmanagerBody = call.read_foreign()?;
    take(&call, Source::Grafana, body.alerts.iter().map(|alert| alert.heard()).collect()).await
}

async fn generic(call: Call) -> Result<Answer, Problem> {
    let body: AlertBody = call.read()?;
    take(&call, Source::Generic, vec![body.heard()]).await
}

async fn pagerduty(call: Call) -> Result<Answer, Problem> {
    let body: PagerdutyBody = call.read_foreign()?;
    take(&call, Source::Pagerduty, body.heard().into_iter().collect()).await
}

async fn datadog(call: Call) -> Result<Answer, Problem> {
    let body: DatadogBody = call.read_foreign()?;
    let heard = body.heard().map_err(|wrong| Problem::field("transition", wrong.to_string()))?;
    take(&call, Source::Datadog, vec![heard]).await
}

async fn heartbeat(call: Call) -> Result<Answer, Problem> {
    let key = key(&call, KeyKind::Heartbeat)?;
    let place = call.moment().await?.1;
    let back = call.api.app.heartbeat(&key, actor(&call)).await?;
    Answer::ok(&back.iter().map(|alert| Alert::of(alert, &place)).collect::<Vec<_>>())
}

async fn topic(call: Call) -> Result<Answer, Problem> {
    let key = key(&call, KeyKind::Sns)?;
    match sns::message(&call, &key).await? {
        Some(heard) => take(&call, Source::Sns, vec![heard]).await,
        None => Answer::ok(&Vec::<Alert>::new()),
    }
}

/// The key that the call is made with, which must be for this.
fn key(call: &Call, kind: KeyKind) -> Result<Arc<AlertKey>, Problem> {
    let key = call.caller.key.clone().filter(|key| key.kind == kind);
    key.ok_or_else(|| Problem::unknown_caller("the key is unknown, or not for this"))
}

fn actor(call: &Call) -> Actor {
    let caller = &call.caller;
    let told_by = caller.key.as_ref().map_or(&caller.token.id, |key| &key.id);
    Actor::Alert {
        told_by: Some(told_by.clone()),
        address: Some(caller.address.to_string()),
        request_id: caller.request_id.clone(),
    }
}

/// Takes in alerts one after the other, each in a change of its own: whoever sends them again after a
/// failure does no harm.
async fn take(call: &Call, source: Source, heard: Vec<Heard>) -> Result<Answer, Problem> {
    let page = call.page_id()?;
    let place = call.moment().await?.1;
    let mut taken = vec![];
    for heard in &heard {
        if let Some(alert) = call.api.app.hear(&page, actor(call), source, heard).await? {
            taken.push(Alert::of(&alert, &place));
        }
    }
    Answer::ok(&taken)
}
