//! One maintenance: updates, its beginning and its end, another plan, and that it is called off.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure,
    clash::{Around, clashes},
    compose::{Choice, LONGEST_BODY, looked_at, typed},
    get, incident,
    permission::{PlansMaintenances, Reads},
    plan, post,
};
use crate::{
    domain::{
        Id, calendar,
        incident::{IncidentStatus, Kind},
        record::{Automation, IncidentRecord},
        status::ComponentStatus,
        token::Scope,
    },
    render::console::{self, Clash, Maintenance, Outcome, Section, Typed},
    settings,
    store::{IncidentChanges, Include, NewUpdate},
};

const PATH: &str = "/admin/pages/{page}/maintenances/{incident}";
const PLAN: &str = "/admin/pages/{page}/maintenances/{incident}/plan";
const CANCEL: &str = "/admin/pages/{page}/maintenances/{incident}/cancel";
const UPDATE: &str = "/admin/pages/{page}/maintenances/{incident}/updates/{update}";
const DELETE: &str = "/admin/pages/{page}/maintenances/{incident}/delete";
const CALLED_OFF: &str = "This maintenance will not take place.";

pub fn routes() -> Vec<Entry> {
    vec![
        get(PATH, show),
        post(PATH, update),
        post(PLAN, replan),
        post(CANCEL, cancel),
        post(UPDATE, correct),
        post(DELETE, delete),
    ]
}

/// What is drawn besides the maintenance itself.
#[derive(Default)]
struct Told {
    typed: Option<Typed>,
    outcome: Option<Outcome>,
    wrong: Option<String>,
    overtaken: bool,
}

/// What there is of it in the database.
struct Held {
    record: IncidentRecord,
    choice: Choice,
    clashes: Vec<Clash>,
    series: Option<Id>,
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let held = read(&asked, &page).await?;
    if held.record.draft && asked.may(Scope::MaintenancesWrite) {
        let id = &held.record.incident.id;
        return Ok(asked.to(&format!("/admin/pages/{page}/maintenances/new?draft={id}")));
    }
    draw(&asked, StatusCode::OK, &page, &held, Told::default())
}

async fn read(call: &Call, page: &Id) -> Result<Held, Failure> {
    let moment = call.console.store.moment(page).await?;
    let include = Include { drafts: true, deleted: false };
    let record = moment.view().incident(&call.id("incident")?, include).await?;
    if record.incident.kind != Kind::Maintenance {
        return Err(Failure::NotFound);
    }
    let choice = Choice::of(moment.view()).await?;
    let incident = &record.incident;
    let window = incident.scheduled_for.zip(incident.scheduled_until);
    let clashes = match window.filter(|_| !incident.status.is_over()) {
        None => vec![],
        Some((begins, ends)) => {
            let (components, but) = (&incident.component_ids, &[&incident.id]);
            clashes(moment.view(), &Around { begins, ends, components, but }).await?
        }
    };
    let series = moment.view().recurrence_of(&record.incident.id).await?;
    Ok(Held { record, choice, clashes, series })
}

fn draw(
    call: &Call,
    status: StatusCode,
    page: &Id,
    held: &Held,
    told: Told,
) -> Result<HttpResponse, Failure> {
    let snapshot = call.snapshot().ok_or(Failure::NotFound)?;
    let record = &held.record;
    let zone = snapshot.state.page.time_zone;
    let at = |at: Option<_>| at.map(|at| calendar::local_text(at, zone)).unwrap_or_default();
    let blank = || Typed { notify: true, status: record.incident.status, ..typed(&call.query, &[]) };
    let typed = told.typed.unwrap_or_else(blank);
    let form = &call.form;
    // What was typed of another plan stays, where it was refused.
    let said = |field: &str, held: String| if form.has(field) { form.text(field).to_owned() } else { held };
    Ok(call.previewing(status, |frame| {
        frame.title = record.incident.name.clone();
        frame.section = Section::Maintenances;
        let shown = Maintenance {
            page,
            zone,
            public: &format!("{}/incidents/{}", snapshot.state.page.url, record.incident.id),
            record,
            typed: &typed,
            groups: &held.choice.groups,
            components: &held.choice.components,
            may_plan: call.may(Scope::MaintenancesWrite),
            clashes: &held.clashes,
            series: held.series.as_ref(),
            name: &said("name", record.incident.name.clone()),
            begins: &said("begins", at(record.incident.scheduled_for)),
            ends: &said("ends", at(record.incident.scheduled_until)),
            message: form.text("message"),
            reason: &said("reason", CALLED_OFF.to_owned()),
            outcome: told.outcome.as_ref(),
            wrong: told.wrong.as_deref(),
            overtaken: told.overtaken,
        };
        console::maintenance(frame, &shown)
    }))
}

fn seen(call: &Call) -> Option<i64> {
    // Who says no version has seen none.
    Some(call.form.text("version").parse().unwrap_or(0))
}

async fn refuse(call: &Call, page: &Id, text: String) -> Result<HttpResponse, Failure> {
    let held = read(call, page).await?;
    let told = Told { wrong: Some(text), ..Told::default() };
    draw(call, StatusCode::UNPROCESSABLE_ENTITY, page, &held, told)
}

/// Makes a change so, unless somebody else was quicker; then both are shown.
async fn make(
    call: &Call,
    page: &Id,
    id: &Id,
    changes: IncidentChanges,
    typed: Option<Typed>,
    said: &str,
) -> Result<HttpResponse, Failure> {
    let mut change = call.console.store.change(page, call.actor()?).await?;
    match change.update_incident(id, seen(call), changes).await.map_err(Failure::from) {
        Ok(()) => {}
        Err(Failure::Overtaken) => {
            drop(change);
            let held = read(call, page).await?;
            let told = Told { overtaken: true, typed, ..Told::default() };
            return draw(call, StatusCode::CONFLICT, page, &held, told);
        }
        Err(failure) => return Err(failure),
    }
    call.console.commit(change).await?;
    Ok(call.to(&format!("/admin/pages/{page}/maintenances/{id}?said={said}")))
}

async fn update(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let held = read(&asked, &page).await?;
    let id = held.record.incident.id.clone();
    let mut typed = typed(&asked.form, &held.choice.components);
    let what = asked.form.text("do").to_owned();
    let stage = IncidentStatus::parse(&what).filter(|stage| stage.kind() == Kind::Maintenance);
    typed.status = stage.unwrap_or(held.record.incident.status);
    if typed.body.chars().count() > LONGEST_BODY {
        let text = format!("What do you know: allowed are {LONGEST_BODY} characters.");
        let told = Told { wrong: Some(text), typed: Some(typed), ..Told::default() };
        return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, &page, &held, told);
    }
    let Some(stage) = stage else {
        let mut change = asked.console.store.change(&page, asked.actor()?).await?;
        let changes = IncidentChanges { update: Some(typed.update()), ..IncidentChanges::default() };
        change.update_incident(&id, None, changes).await?;
        let outcome = looked_at(&asked, change, &id).await?;
        if what == "fragment" {
            return Ok(asked.fragment(console::outcome(&outcome).into_string()));
        }
        let told = Told { outcome: Some(outcome), typed: Some(typed), ..Told::default() };
        return draw(&asked, StatusCode::OK, &page, &held, told);
    };
    let said = match (held.record.incident.status, stage) {
        (IncidentStatus::Scheduled, IncidentStatus::InProgress) => "begun",
        (before, IncidentStatus::Completed) if !before.is_over() => "finished",
        _ => "posted",
    };
    let changes = IncidentChanges { update: Some(typed.update()), ..IncidentChanges::default() };
    make(&asked, &page, &id, changes, Some(typed), said).await
}

/// Another plan. When it begins and what it is about can be changed until it begins.
async fn replan(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let held = read(&asked, &page).await?;
    let (record, form) = (&held.record, &asked.form);
    let zone = snapshot.state.page.time_zone;
    if !form.has("ends") || form.text("do") == "edit" {
        return draw(&asked, StatusCode::OK, &page, &held, Told::default());
    }
    let name = match settings::name(form.text("name")) {
        Ok(name) => name,
        Err(why) => return refuse(&asked, &page, format!("What is done: {why}.")).await,
    };
    let waits = record.incident.status == IncidentStatus::Scheduled;
    let began = record.incident.scheduled_for.map(|at| calendar::local_text(at, zone)).unwrap_or_default();
    let begins = if waits { form.text("begins") } else { &began };
    let times = match plan::plan(begins, form.text("ends"), zone) {
        Ok(times) => times,
        Err((_, text)) => return refuse(&asked, &page, text).await,
    };
    let message = form.text("message").replace("\r\n", "\n");
    if message.chars().count() > LONGEST_BODY {
        return refuse(&asked, &page, format!("A message: allowed are {LONGEST_BODY} characters.")).await;
    }
    let update = (!message.is_empty()).then(|| NewUpdate {
        deliver_notifications: form.text("notify") == "true",
        ..NewUpdate::new(record.incident.status, &message)
    });
    let (attached, ticked) = (&record.incident.component_ids, plan::planned(form).components);
    let none = (vec![], vec![]);
    let (components, detached) = if waits { moved(attached, &ticked) } else { none };
    let changes = IncidentChanges {
        name: Some(name),
        scheduled_for: waits.then_some(times.begins),
        scheduled_until: Some(times.ends),
        automation: Some(Automation {
            scheduled_remind_prior: record.automation.scheduled_remind_prior,
            ..plan::automation(form)
        }),
        components,
        detached,
        update,
        ..IncidentChanges::default()
    };
    let id = record.incident.id.clone();
    make(&asked, &page, &id, changes, None, "replanned").await
}

/// What is to be attached, and what is to be detached.
fn moved(attached: &[Id], ticked: &[Id]) -> (Vec<(Id, Option<ComponentStatus>)>, Vec<Id>) {
    let new = ticked.iter().filter(|id| !attached.contains(id)).map(|id| (id.clone(), None));
    let gone = attached.iter().filter(|id| !ticked.contains(id)).cloned();
    (new.collect(), gone.collect())
}

/// Calls off what has not begun; components stay as they are.
async fn cancel(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let held = read(&asked, &page).await?;
    let (record, form) = (&held.record, &asked.form);
    if record.incident.status != IncidentStatus::Scheduled {
        return Err(Failure::Refused(
            "It has begun already, so that it can't be called off. End it instead.".into(),
        ));
    }
    let reason = form.text("reason").replace("\r\n", "\n");
    if form.text("sure") != "true" {
        return refuse(&asked, &page, "Tick that you are sure: it can't be planned again, only anew.".into())
            .await;
    }
    if reason.chars().count() > LONGEST_BODY {
        return refuse(&asked, &page, format!("Why: allowed are {LONGEST_BODY} characters.")).await;
    }
    let reason = if reason.is_empty() { CALLED_OFF } else { &reason };
    let update = NewUpdate {
        deliver_notifications: form.text("notify") == "true",
        ..NewUpdate::new(IncidentStatus::Completed, reason)
    };
    // Whatever is under maintenance now is so for another reason.
    let automation = Automation { auto_transition_to_operational_state: false, ..record.automation };
    let changes =
        IncidentChanges { automation: Some(automation), update: Some(update), ..IncidentChanges::default() };
    let id = record.incident.id.clone();
    make(&asked, &page, &id, changes, None, "cancelled").await
}

async fn correct(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let held = read(&asked, &page).await?;
    incident::correct(&asked, &page, &held.record, "maintenances").await
}

async fn delete(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let held = read(&asked, &page).await?;
    incident::delete(&asked, &page, &held.record, "maintenances").await
}
