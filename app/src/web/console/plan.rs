//! The composer of a maintenance: what is typed becomes a preview, a draft or a plan.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Asked, Call, Entry, Failure,
    again::again,
    clash::{Around, clashes},
    compose::{Choice, LONGEST_BODY},
    form::Form,
    get,
    permission::PlansMaintenances,
    post,
};
use crate::{
    domain::{
        Id, calendar,
        incident::{IncidentStatus, Kind},
        page::is_control,
        record::{Automation, IncidentRecord, Template},
        state::{Incident, LiveState},
        status::ComponentStatus,
    },
    live::Snapshot,
    locale,
    render::{
        console::{self, Planned, Planner, Prospect, Section},
        page,
    },
    settings,
    store::{Change, Include, NewIncident, NewUpdate, Options, Schedule, automatic_body},
};

const PATH: &str = "/admin/pages/{page}/maintenances/new";
/// What is asked for is done by nobody in one go.
const LONGEST: TimeDelta = TimeDelta::days(90);
/// So many of a series are shown before it is planned.
const SHOWN: u16 = 5;

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, send)]
}

/// What is wrong, and in which field.
pub type Wrong = (&'static str, String);

/// A plan that can be made so.
pub struct Plan {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

/// What a form says of a maintenance.
pub fn planned(form: &Form) -> Planned {
    let ticked = form.0.iter().filter(|(name, _)| name == "component");
    Planned {
        name: form.text("name").to_owned(),
        body: form.text("body").replace("\r\n", "\n"),
        begins: form.text("begins").to_owned(),
        ends: form.text("ends").to_owned(),
        components: ticked.filter_map(|(_, id)| id.parse().ok()).collect(),
        automation: automation(form),
        notify: form.text("notify") == "true",
        repeats: form.text("repeats").to_owned(),
        rule: form.text("rule").to_owned(),
    }
}

/// What a form says that the clock does.
pub fn automation(form: &Form) -> Automation {
    let ticked = |name| form.text(name) == "true";
    Automation {
        scheduled_auto_in_progress: ticked("auto_begin"),
        scheduled_auto_completed: ticked("auto_end"),
        auto_transition_to_maintenance_state: ticked("auto_status"),
        auto_transition_to_operational_state: ticked("auto_status"),
        auto_transition_deliver_notifications_at_start: ticked("tell_begin"),
        auto_transition_deliver_notifications_at_end: ticked("tell_end"),
        scheduled_remind_prior: false,
    }
}

/// What is usual: an hour from tomorrow's same hour on, all of it by the clock.
fn blank(now: DateTime<Utc>, zone: Tz, day: &str) -> Planned {
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now) + TimeDelta::hours(1);
    let begins = match calendar::instant(&format!("{day}T09:00"), zone) {
        Ok(morning) if morning > now => morning,
        Ok(_) => hour,
        Err(_) => hour + TimeDelta::days(1),
    };
    Planned {
        name: String::new(),
        body: String::new(),
        begins: calendar::local_text(begins, zone),
        ends: calendar::local_text(begins + TimeDelta::hours(1), zone),
        components: vec![],
        automation: Automation {
            scheduled_auto_in_progress: true,
            scheduled_auto_completed: true,
            auto_transition_to_maintenance_state: true,
            auto_transition_to_operational_state: true,
            auto_transition_deliver_notifications_at_start: true,
            auto_transition_deliver_notifications_at_end: true,
            scheduled_remind_prior: false,
        },
        notify: true,
        repeats: String::new(),
        rule: String::new(),
    }
}

/// The times of a plan; both must be there, one after the other.
pub fn plan(begins: &str, ends: &str, zone: Tz) -> Result<Plan, Wrong> {
    let begins = calendar::instant(begins, zone).map_err(|why| ("begins", format!("Begins: {why}.")))?;
    let ends = calendar::instant(ends, zone).map_err(|why| ("ends", format!("Ends: {why}.")))?;
    if ends <= begins {
        return Err(("ends", "Ends: allowed is a time after it begins.".into()));
    }
    if ends - begins > LONGEST {
        return Err(("ends", format!("Ends: allowed are {} days at most.", LONGEST.num_days())));
    }
    Ok(Plan { begins, ends })
}

/// The same for what is planned anew, which must have its end before it.
fn checked(planned: &Planned, zone: Tz, now: DateTime<Utc>) -> Result<Plan, Wrong> {
    settings::name(&planned.name).map_err(|why| ("name", format!("What is done: {why}.")))?;
    if planned.body.chars().count() > LONGEST_BODY {
        return Err(("body", format!("Allowed are {LONGEST_BODY} characters.")));
    }
    let plan = plan(&planned.begins, &planned.ends, zone)?;
    if plan.ends <= now {
        return Err(("ends", "Ends: that time is past.".into()));
    }
    Ok(plan)
}

async fn show(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let zone = snapshot.state.page.time_zone;
    let moment = asked.console.store.moment(&page).await?;
    let choice = Choice::of(moment.view()).await?;
    let mut planned = blank(asked.console.store.now(), zone, asked.query.text("day"));
    let mut draft = None;
    if let Ok(id) = asked.query.text("draft").parse::<Id>() {
        let record = moment.view().incident(&id, Include { drafts: true, deleted: false }).await?;
        if !record.draft || record.incident.kind != Kind::Maintenance {
            return Ok(asked.to(&format!("/admin/pages/{page}/maintenances/{id}")));
        }
        planned = of_draft(&record, zone);
        draft = Some((id, record.version));
    } else if let Ok(id) = asked.query.text("template").parse::<Id>() {
        let template = choice.templates.iter().find(|template| template.id == id).ok_or(Failure::NotFound)?;
        from_template(&mut planned, template);
    }
    drop(moment);
    draw(&asked, StatusCode::OK, &choice, &planned, draft, None).await
}

fn from_template(planned: &mut Planned, template: &Template) {
    planned.name = template.title.clone().unwrap_or_else(|| template.name.clone());
    planned.body = template.body.clone();
    planned.components = template.component_ids.clone();
    planned.notify = template.should_send_notifications;
}

/// A draft as it was typed.
fn of_draft(record: &IncidentRecord, zone: Tz) -> Planned {
    let incident = &record.incident;
    let at = |at: Option<DateTime<Utc>>| at.map(|at| calendar::local_text(at, zone)).unwrap_or_default();
    let body = incident.updates.first().map(|update| update.body.as_str()).unwrap_or_default();
    Planned {
        name: incident.name.clone(),
        body: if body == automatic_body(IncidentStatus::Scheduled) { String::new() } else { body.to_owned() },
        begins: at(incident.scheduled_for),
        ends: at(incident.scheduled_until),
        components: record.components.iter().map(|one| one.component.id.clone()).collect(),
        automation: record.automation,
        notify: true,
        repeats: String::new(),
        rule: String::new(),
    }
}

async fn draw(
    call: &Call,
    status: StatusCode,
    choice: &Choice,
    planned: &Planned,
    draft: Option<(Id, i64)>,
    wrong: Option<Wrong>,
) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = call.page()?;
    let prospect = prospect(call, &page, planned, draft.as_ref().map(|(id, _)| id)).await?;
    Ok(call.previewing(status, |frame| {
        frame.title =
            if draft.is_some() { "Draft of a maintenance".into() } else { "Plan a maintenance".into() };
        frame.section = Section::Maintenances;
        let shown = Planner {
            page: &page,
            zone: snapshot.state.page.time_zone,
            planned,
            groups: &choice.groups,
            components: &choice.components,
            templates: &choice.templates,
            draft: draft.as_ref().map(|(id, version)| (id, *version)),
            prospect: prospect.as_ref().map_err(String::as_str),
            wrong: wrong.as_ref().map(|(field, text)| (*field, text.as_str())),
        };
        console::planner(frame, &shown)
    }))
}

async fn send(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let zone = snapshot.state.page.time_zone;
    let planned = planned(&asked.form);
    let draft: Option<(Id, i64)> =
        asked.form.text("draft").parse().ok().zip(asked.form.text("version").parse().ok());
    let what = asked.form.text("do");
    if what == "fragment" {
        let prospect = prospect(&asked, &page, &planned, draft.as_ref().map(|(id, _)| id)).await?;
        let text = console::prospect(prospect.as_ref().map_err(String::as_str), &page, zone).into_string();
        return Ok(asked.fragment(text));
    }
    let checked = checked(&planned, zone, asked.console.store.now());
    let plan = match (what, checked) {
        ("post" | "draft", Ok(plan)) => plan,
        (what, checked) => {
            let wrong = checked.err().filter(|_| matches!(what, "post" | "draft"));
            let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let moment = asked.console.store.moment(&page).await?;
            let choice = Choice::of(moment.view()).await?;
            drop(moment);
            return draw(&asked, status, &choice, &planned, draft, wrong).await;
        }
    };
    let kept = what == "draft";
    let series = match again(&planned, &plan, zone) {
        Ok(Some(_)) if kept => {
            Err(("rule", "A draft comes once: plan it, or keep it without a rule.".to_owned()))
        }
        found => found,
    };
    let series = match series {
        Ok(series) => series,
        Err(wrong) => {
            let moment = asked.console.store.moment(&page).await?;
            let choice = Choice::of(moment.view()).await?;
            drop(moment);
            return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, &choice, &planned, draft, Some(wrong))
                .await;
        }
    };
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    if let Some(series) = series {
        if let Some((id, version)) = &draft {
            let held = change.view().incident(id, Include { drafts: true, deleted: false }).await?;
            if !held.draft || held.incident.kind != Kind::Maintenance {
                return Err(Failure::NotFound);
            }
            change.delete_incident(id, Some(*version)).await?;
        }
        let id = change.begin_series(series).await?;
        asked.console.commit(change).await?;
        return Ok(asked.to(&format!("/admin/pages/{page}/maintenances/series/{id}?said=planned")));
    }
    let id = keep(&mut change, draft, opening(&planned, &plan, kept)).await?;
    asked.console.commit(change).await?;
    Ok(asked.to(&match kept {
        true => format!("/admin/pages/{page}/maintenances/new?draft={id}&said=kept"),
        false => format!("/admin/pages/{page}/maintenances/{id}?said=planned"),
    }))
}

fn opening(planned: &Planned, plan: &Plan, draft: bool) -> (NewIncident, Options) {
    let status = IncidentStatus::Scheduled;
    let body = if planned.body.is_empty() { automatic_body(status) } else { &planned.body };
    let first = NewUpdate {
        components: planned.components.iter().map(|id| (id.clone(), None)).collect(),
        deliver_notifications: planned.notify,
        ..NewUpdate::new(status, body)
    };
    let schedule = Schedule { begins: plan.begins, ends: plan.ends, automatic: false };
    let new =
        NewIncident { name: planned.name.clone(), impact_override: None, schedule: Some(schedule), first };
    (new, Options { draft, automation: Some(planned.automation), ..Options::default() })
}

/// Nobody has seen a draft: what is said now takes its place.
async fn keep(
    change: &mut Change,
    draft: Option<(Id, i64)>,
    (new, options): (NewIncident, Options),
) -> Result<Id, Failure> {
    let Some((id, version)) = draft else { return Ok(change.open_incident_with(new, options).await?) };
    let held = change.view().incident(&id, Include { drafts: true, deleted: false }).await?;
    if held.incident.kind != Kind::Maintenance {
        return Err(Failure::NotFound);
    }
    change.rewrite_draft(&id, Some(version), new, options).await?;
    Ok(id)
}

/// What would come of it: it is done, looked at, and left undone. The text says why that can't be.
async fn prospect(
    call: &Call,
    page: &Id,
    planned: &Planned,
    draft: Option<&Id>,
) -> Result<Result<Prospect, String>, Failure> {
    let snapshot = call.snapshot().ok_or(Failure::NotFound)?;
    let zone = snapshot.state.page.time_zone;
    let plan = match plan(&planned.begins, &planned.ends, zone) {
        Ok(plan) => plan,
        Err((_, text)) => return Ok(Err(text)),
    };
    let series = match again(planned, &plan, zone) {
        Ok(series) => series,
        Err((_, text)) => return Ok(Err(text)),
    };
    let year = plan.begins + TimeDelta::days(366);
    let mut again = series.map(|series| series.begin(zone, plan.begins, year, SHOWN + 1)).unwrap_or_default();
    again.retain(|at| *at != plan.begins);
    again.truncate(SHOWN.into());
    let short: String = planned.name.chars().take(255).filter(|c| !is_control(*c)).collect();
    let name = if short.is_empty() { "…".to_owned() } else { short };
    let mut change = call.console.store.change(page, call.actor()?).await?;
    let (new, options) = opening(&Planned { name, ..planned.clone() }, &plan, false);
    let id = change.open_incident_with(new, options).await?;
    let subscribers = if change.tells() { change.audience().await? } else { 0 };
    let record = change.view().incident(&id, Include { drafts: true, deleted: false }).await?;
    let mut ours = vec![&id];
    ours.extend(draft);
    let around = Around { begins: plan.begins, ends: plan.ends, components: &planned.components, but: &ours };
    let clashes = clashes(change.view(), &around).await?;
    // Nobody waits for what is drawn.
    drop(change);
    let now = call.console.app.clock.now();
    let moves = planned.automation.auto_transition_to_maintenance_state;
    let components = record.components.iter().map(|one| {
        let (name, status) = (one.component.name.clone(), one.component.status);
        (name, status, during(status, moves))
    });
    let texts = locale::own(&snapshot.state.page.language);
    let planned_state = with(&snapshot, record.incident.clone());
    Ok(Ok(Prospect {
        at_once: plan.begins <= now && planned.automation.scheduled_auto_in_progress,
        begins: plan.begins,
        ends: plan.ends,
        components: components.collect(),
        headline: page::verdict(&begun(&planned_state, &record.incident, moves), texts),
        subscribers,
        clashes,
        again,
        front: page::front(&planned_state, planned_state.moment(now), texts),
    }))
}

/// What a component's status is while a maintenance lasts: what is worse stays.
fn during(status: ComponentStatus, moves: bool) -> ComponentStatus {
    if moves && status == ComponentStatus::Operational { ComponentStatus::UnderMaintenance } else { status }
}

/// The page with a maintenance as it is planned.
fn with(snapshot: &Snapshot, maintenance: Incident) -> LiveState {
    let mut state = snapshot.state.clone();
    state.maintenances.insert(0, maintenance);
    state
}

/// The same while it lasts.
fn begun(state: &LiveState, maintenance: &Incident, moves: bool) -> LiveState {
    let mut state = state.clone();
    for one in state.maintenances.iter_mut().filter(|one| one.id == maintenance.id) {
        one.status = IncidentStatus::InProgress;
    }
    for component in state.components.iter_mut().filter(|one| maintenance.component_ids.contains(&one.id)) {
        component.status = during(component.status, moves);
    }
    state
}
