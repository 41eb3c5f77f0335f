//! Incidents and maintenances.

use serde_json::Value;

use super::{
    answer::Answer,
    call::{Call, id_in, ids_in, name},
    problem::Problem,
    route::{Ask, AskKind, LIMIT, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{
        Id,
        incident::{IncidentStatus, Kind},
        record::{Automation, IncidentRecord},
        status::ComponentStatus,
        token::Scope,
    },
    store::{
        Change, IncidentChanges, IncidentFilter, Include, NewIncident, NewUpdate, Options, Schedule, Stage,
        UpdateChanges, View, automatic_body,
    },
    wire::manage::{Incident, IncidentAsk, IncidentBody, IncidentUpdate, UpdateBody},
};

const TAG: &str = "Incidents";
/// One of them is needed; which one depends on what the incident is.
const WRITES: &[Scope] = &[Scope::IncidentsWrite, Scope::MaintenancesWrite];

const INCLUDE: Ask = Ask {
    name: "include",
    about: "`drafts` lists what visitors don't see yet, `deleted` what was deleted.",
    kind: AskKind::Words(&["drafts", "deleted"]),
};
const ASKS: &[Ask] = &[
    Ask { name: "q", about: "What the name or an update holds, in whatever case.", kind: AskKind::Text(200) },
    LIMIT,
    PAGE,
    PER_PAGE,
    INCLUDE,
];
const STAGE_ASKS: &[Ask] = &[PAGE, PER_PAGE, INCLUDE];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/incidents", "Incidents and maintenances, newest first.", |call| {
        Box::pin(list(call, None))
    })
    .tag(TAG)
    .asks(ASKS)
    .answers(Shape::Many("Incident")),
    Route::post("/v1/pages/{page_id}/incidents", "Opens an incident, or plans a maintenance.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("NewIncidentBody")
    .answers(Shape::One("Incident")),
    Route::get("/v1/pages/{page_id}/incidents/unresolved", "The incidents that are open.", |call| {
        Box::pin(list(call, Some(Stage::Unresolved)))
    })
    .tag(TAG)
    .asks(STAGE_ASKS)
    .answers(Shape::Many("Incident")),
    Route::get("/v1/pages/{page_id}/incidents/scheduled", "The maintenances that are not over.", |call| {
        Box::pin(list(call, Some(Stage::Scheduled)))
    })
    .tag(TAG)
    .asks(STAGE_ASKS)
    .answers(Shape::Many("Incident")),
    Route::get("/v1/pages/{page_id}/incidents/upcoming", "The maintenances to come.", |call| {
        Box::pin(list(call, Some(Stage::Upcoming)))
    })
    .tag(TAG)
    .asks(STAGE_ASKS)
    .answers(Shape::Many("Incident")),
    Route::get(
        "/v1/pages/{page_id}/incidents/active_maintenance",
        "The maintenances that are under way.",
        |call| Box::pin(list(call, Some(Stage::ActiveMaintenance))),
    )
    .tag(TAG)
    .asks(STAGE_ASKS)
    .answers(Shape::Many("Incident")),
    Route::get("/v1/pages/{page_id}/incidents/{incident_id}", "An incident.", |call| Box::pin(read(call)))
        .tag(TAG)
        .asks(&[INCLUDE])
        .answers(Shape::One("Incident")),
    Route::change(
        "/v1/pages/{page_id}/incidents/{incident_id}",
        "Changes an incident; a body or a status posts an update.",
        |call| Box::pin(change(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("IncidentBody")
    .answers(Shape::One("Incident")),
    Route::delete(
        "/v1/pages/{page_id}/incidents/{incident_id}",
        "Deletes an incident; components keep their status.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Incident")),
    Route::change(
        "/v1/pages/{page_id}/incidents/{incident_id}/incident_updates/{incident_update_id}",
        "Corrects an update.",
        |call| Box::pin(correct(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("UpdateBody")
    .answers(Shape::One("IncidentUpdate")),
];

async fn list(call: Call, stage: Option<Stage>) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let text = call.search();
    let filter = IncidentFilter { stage, text, include: call.include(), ..IncidentFilter::default() };
    let records = moment.view().incidents(&filter, call.slice()).await?;
    Answer::ok(&records.iter().map(|record| Incident::of(record, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("incident_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let record = view.incident(id, call.include()).await?;
    Ok(Answer::ok(&Incident::of(&record, &call.place(view).await?))?.at(record.version))
}

/// The scope that writing of this kind needs.
fn may_write(call: &Call, kind: Kind) -> Result<(), Problem> {
    call.caller.require(&[match kind {
        Kind::Incident => Scope::IncidentsWrite,
        Kind::Maintenance => Scope::MaintenancesWrite,
    }])
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<IncidentBody>()?.incident;
    call.change(async |change| {
        let asked = from_template(asked, change).await?;
        let (new, options) = new_incident(&asked)?;
        may_write(&call, new.first.status.kind())?;
        let id = change.open_incident_with(new, options).await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

/// What is not said, a template says.
async fn from_template(mut asked: IncidentAsk, change: &Change) -> Result<IncidentAsk, Problem> {
    let Some(text) = asked.template_id.as_deref() else { return Ok(asked) };
    let id = id_in("incident.template_id", text)?;
    let template = change.view().template(&id, Include::default()).await?;
    asked.name = asked.name.or(template.title).or(Some(template.name));
    asked.body = asked.body.or(asked.message.take()).or(Some(template.body));
    asked.status = asked.status.or(template.update_status);
    asked.deliver_notifications = asked.deliver_notifications.or(Some(template.should_send_notifications));
    if asked.component_ids.is_none() && asked.components.is_none() {
        asked.component_ids = Some(template.component_ids.iter().map(ToString::to_string).collect());
    }
    Ok(asked)
}

fn new_incident(asked: &IncidentAsk) -> Result<(NewIncident, Options), Problem> {
    let missing = || Problem::field("incident.name", "is needed");
    let name = name("incident.name", asked.name.as_deref().ok_or_else(missing)?)?;
    let backfilled_at = backfill(asked)?;
    let schedule = schedule(asked)?;
    let status = asked.status.unwrap_or(match (&schedule, backfilled_at) {
        (Some(_), _) => IncidentStatus::Scheduled,
        (None, Some(_)) => IncidentStatus::Resolved,
        (None, None) => IncidentStatus::Investigating,
    });
    if backfilled_at.is_some() && !status.is_over() {
        return Err(Problem::field("incident.status", "a backfilled incident is resolved"));
    }
    let automation = automation(asked, schedule.as_ref().map(|_| Automation::default()).unwrap_or_default());
    let first = update(asked, status)?;
    let new = NewIncident { name, impact_override: asked.impact_override.flatten(), schedule, first };
    let options = Options {
        backfilled_at,
        draft: asked.draft.unwrap_or_default(),
        publish_at: None,
        automation: Some(automation),
        metadata: metadata(asked)?.flatten(),
        reminder_intervals: reminders(asked)?.flatten(),
        next_update_at: asked.next_update_at.flatten().map(|at| at.instant()),
    };
    Ok((new, options))
}

fn backfill(asked: &IncidentAsk) -> Result<Option<chrono::DateTime<chrono::Utc>>, Problem> {
    if !asked.backfilled.unwrap_or_default() {
        return Ok(None);
    }
    let moved = asked.components.iter().flatten().any(|(_, status)| status.0.is_some());
    if moved {
        let text = "a backfilled incident takes no component status; name what it affected in component_ids";
        return Err(Problem::field("incident.components", text));
    }
    let date = asked.backfill_date.ok_or_else(|| {
        Problem::field(
            "incident.backfill_date",
            "is needed for a backfilled incident: a day such as 2026-07-30",
        )
    })?;
    Ok(Some(date.0))
}

fn schedule(asked: &IncidentAsk) -> Result<Option<Schedule>, Problem> {
    match (asked.scheduled_for, asked.scheduled_until) {
        (None, None) => Ok(None),
        (Some(begins), Some(ends)) if begins.instant() < ends.instant() => {
            Ok(Some(Schedule { begins: begins.instant(), ends: ends.instant(), automatic: false }))
        }
        (Some(_), Some(_)) => {
            Err(Problem::field("incident.scheduled_until", "allowed is an instant after scheduled_for"))
        }
        (Some(_), None) => Err(Problem::field("incident.scheduled_until", "is needed with scheduled_for")),
        (None, Some(_)) => Err(Problem::field("incident.scheduled_for", "is needed with scheduled_until")),
    }
}

/// What the clock does, as far as it is said.
fn automation(asked: &IncidentAsk, held: Automation) -> Automation {
    let both = asked.scheduled_auto_transition;
    let or = |said: Option<bool>, held: bool| said.unwrap_or(held);
    Automation {
        scheduled_auto_in_progress: or(
            asked.scheduled_auto_in_progress.or(both),
            held.scheduled_auto_in_progress,
        ),
        scheduled_auto_completed: or(asked.scheduled_auto_completed.or(both), held.scheduled_auto_completed),
        auto_transition_to_maintenance_state: or(
            asked.auto_transition_to_maintenance_state,
            held.auto_transition_to_maintenance_state,
        ),
        auto_transition_to_operational_state: or(
            asked.auto_transition_to_operational_state,
            held.auto_transition_to_operational_state,
        ),
        auto_transition_deliver_notifications_at_start: or(
            asked.auto_transition_deliver_notifications_at_start,
            held.auto_transition_deliver_notifications_at_start,
        ),
        auto_transition_deliver_notifications_at_end: or(
            asked.auto_transition_deliver_notifications_at_end,
            held.auto_transition_deliver_notifications_at_end,
        ),
        scheduled_remind_prior: or(asked.scheduled_remind_prior, held.scheduled_remind_prior),
    }
}

/// Each value at its top level is an object, as Statuspage has it.
fn metadata(asked: &IncidentAsk) -> Result<Option<Option<Value>>, Problem> {
    let Some(said) = &asked.metadata else { return Ok(None) };
    let wrong = said.iter().flatten().find(|(_, value)| !value.is_object());
    if let Some((key, _)) = wrong {
        let field = format!("incident.metadata.{}", key.chars().take(60).collect::<String>());
        return Err(Problem::field(&field, "allowed is an object"));
    }
    Ok(Some(said.clone().filter(|map| !map.is_empty()).map(Value::Object)))
}

/// A list of hours, or one number of hours.
fn reminders(asked: &IncidentAsk) -> Result<Option<Option<String>>, Problem> {
    let Some(said) = &asked.reminder_intervals else { return Ok(None) };
    let Some(text) = said else { return Ok(Some(None)) };
    let hours = |number: &u32| (1..=24 * 30).contains(number);
    let fits = match serde_json::from_str::<Value>(text) {
        Ok(Value::Number(_)) => text.trim().parse().is_ok_and(|number| hours(&number)),
        Ok(list) => serde_json::from_value::<Vec<u32>>(list)
            .is_ok_and(|list| list.len() <= 24 && list.iter().all(hours)),
        Err(_) => false,
    };
    if !fits {
        let text =
            "allowed are null, hours such as \"4\", and lists of them such as \"[1, 5, 7]\" and \"[]\"";
        return Err(Problem::field("incident.reminder_intervals", text));
    }
    Ok(Some(Some(text.clone())))
}

/// The components that are named, each with the status that it is moved to, if any.
fn components(asked: &IncidentAsk) -> Result<Vec<(Id, Option<ComponentStatus>)>, Problem> {
    let mut named = vec![];
    for (id, status) in asked.components.iter().flatten() {
        named.push((
            id_in(&format!("incident.components.{}", id.chars().take(64).collect::<String>()), id)?,
            status.0,
        ));
    }
    for id in ids_in("incident.component_ids", asked.component_ids.as_deref().unwrap_or_default())? {
        if !named.iter().any(|(held, _)| *held == id) {
            named.push((id, None));
        }
    }
    Ok(named)
}

fn update(asked: &IncidentAsk, status: IncidentStatus) -> Result<NewUpdate, Problem> {
    let body = asked.body.as_deref().or(asked.message.as_deref()).filter(|body| !body.trim().is_empty());
    Ok(NewUpdate {
        components: components(asked)?,
        deliver_notifications: asked.deliver_notifications.unwrap_or(true),
        ..NewUpdate::new(status, body.unwrap_or_else(|| automatic_body(status)))
    })
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<IncidentBody>()?.incident;
    let id = call.id("incident_id")?;
    if asked.backfilled.is_some() || asked.backfill_date.is_some() {
        let text = "can be said only of a new incident";
        return Err(Problem::field("incident.backfilled", text));
    }
    call.change(async |change| {
        let before = change.view().incident(&id, Include::default()).await?;
        may_write(&call, before.incident.kind)?;
        if let Some(text) = asked.template_id.as_deref() {
            change.view().template(&id_in("incident.template_id", text)?, Include::default()).await?;
            return Err(Problem::field("incident.template_id", "can be said only of a new incident"));
        }
        let changes = changes(&asked, &before)?;
        change.update_incident(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

fn changes(asked: &IncidentAsk, before: &IncidentRecord) -> Result<IncidentChanges, Problem> {
    let speaks =
        asked.body.as_deref().or(asked.message.as_deref()).is_some_and(|body| !body.trim().is_empty());
    let moves = asked.status.is_some_and(|status| status != before.incident.status);
    let update = match speaks || moves {
        true => Some(update(asked, asked.status.unwrap_or(before.incident.status))?),
        false => None,
    };
    Ok(IncidentChanges {
        name: asked.name.as_deref().map(|text| name("incident.name", text)).transpose()?,
        impact_override: asked.impact_override,
        metadata: metadata(asked)?,
        reminder_intervals: reminders(asked)?,
        next_update_at: asked.next_update_at.map(|at| at.map(|at| at.instant())),
        scheduled_for: asked.scheduled_for.map(|at| at.instant()),
        scheduled_until: asked.scheduled_until.map(|at| at.instant()),
        automation: Some(automation(asked, before.automation)),
        draft: asked.draft,
        components: if update.is_some() { vec![] } else { components(asked)? },
        detached: vec![],
        update,
    })
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("incident_id")?;
    call.change(async |change| {
        let before = change.view().incident(&id, Include::default()).await?;
        may_write(&call, before.incident.kind)?;
        let answer = one(&call, change.view(), &id).await?;
        change.delete_incident(&id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

async fn correct(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<UpdateBody>()?.incident_update;
    let (id, update) = (call.id("incident_id")?, call.id("incident_update_id")?);
    if asked.body.as_deref().is_some_and(|body| body.trim().is_empty()) {
        return Err(Problem::field("incident_update.body", "must not be empty"));
    }
    let changes = UpdateChanges { body: asked.body, display_at: asked.display_at.map(|at| at.instant()) };
    call.change(async |change| {
        let before = change.view().incident(&id, Include::default()).await?;
        may_write(&call, before.incident.kind)?;
        change.correct_update(&id, &update, call.if_match, changes).await?;
        let after = change.view().incident(&id, Include::default()).await?;
        let place = call.place(change.view()).await?;
        let found = after.incident.updates.iter().find(|one| one.id == update);
        let found = found.ok_or_else(|| Problem::not_found(&format!("incident update {update}")))?;
        Answer::ok(&IncidentUpdate::of(found, &id, &place))
    })
    .await
}
