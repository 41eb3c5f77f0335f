//! One incident: updates, corrections, the postmortem, its end.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure,
    compose::{Choice, fragment, looked_at, typed, wrong},
    get,
    permission::{PostsIncidents, Reads},
    post,
};
use crate::{
    domain::{
        Id,
        incident::{IncidentStatus, Kind},
        record::IncidentRecord,
        status::ComponentStatus,
        token::Scope,
    },
    render::console::{self, HeldBack, Outcome, Section, Shown, Typed},
    store::{Change, HOLD_BACK, IncidentChanges, Include, UpdateChanges},
};

const PATH: &str = "/admin/pages/{page}/incidents/{incident}";
const UPDATE: &str = "/admin/pages/{page}/incidents/{incident}/updates/{update}";
const POSTMORTEM: &str = "/admin/pages/{page}/incidents/{incident}/postmortem";
const UNTOLD: &str = "/admin/pages/{page}/incidents/{incident}/untold";
const TAKEN_BACK: &str = "/admin/pages/{page}/incidents/{incident}/taken-back";
const DELETE: &str = "/admin/pages/{page}/incidents/{incident}/delete";
const LONGEST_POSTMORTEM: usize = 100_000;

pub fn routes() -> Vec<Entry> {
    vec![
        get(PATH, show),
        post(PATH, update),
        post(UPDATE, correct_update),
        post(POSTMORTEM, postmortem),
        post(UNTOLD, tell_nobody),
        post(TAKEN_BACK, take_back),
        post(DELETE, delete_incident),
    ]
}

/// What is drawn besides the incident itself.
#[derive(Default)]
struct Told<'a> {
    typed: Option<Typed>,
    outcome: Option<&'a Outcome>,
    wrong: Option<&'a str>,
    overtaken: bool,
    postmortem: Option<&'a str>,
    held_back: HeldBack,
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let (record, choice) = read(&asked, &page).await?;
    if record.incident.kind == Kind::Maintenance {
        return Ok(asked.to(&format!("/admin/pages/{page}/maintenances/{}", record.incident.id)));
    }
    if record.draft && record.incident.kind == Kind::Incident && asked.may(Scope::IncidentsWrite) {
        let said = super::said::words(asked.query.text("said"))
            .map(|_| format!("&said={}", asked.query.text("said")));
        let id = &record.incident.id;
        return Ok(
            asked.to(&format!("/admin/pages/{page}/incidents/new?draft={id}{}", said.unwrap_or_default()))
        );
    }
    let held_back = held_back(&asked, &page, &record).await?;
    draw(&asked, StatusCode::OK, &page, &record, &choice, Told { held_back, ..Told::default() })
}

/// What of an incident can still be taken back.
async fn held_back(call: &Call, page: &Id, record: &IncidentRecord) -> Result<HeldBack, Failure> {
    let (now, updates) = (call.console.store.now(), &record.incident.updates);
    let young = updates.first().is_some_and(|newest| newest.created_at + HOLD_BACK > now);
    if record.draft || !young || !call.may(Scope::IncidentsWrite) {
        return Ok(HeldBack::default());
    }
    let moment = call.console.store.moment(page).await?;
    let untold =
        moment.view().untold(&record.incident.id, now).await?.filter(|untold| untold.subscribers > 0);
    Ok(HeldBack {
        untold: untold.map(|untold| (untold.subscribers, untold.at - now)),
        whole: updates.len() == 1 && !moment.view().is_told(&record.incident.id, now).await?,
    })
}

async fn read(call: &Call, page: &Id) -> Result<(IncidentRecord, Choice), Failure> {
    let moment = call.console.store.moment(page).await?;
    let record =
        moment.view().incident(&call.id("incident")?, Include { drafts: true, deleted: false }).await?;
    let choice = Choice::of(moment.view()).await?;
    Ok((record, choice))
}

fn draw(
    call: &Call,
    status: StatusCode,
    page: &Id,
    record: &IncidentRecord,
    choice: &Choice,
    told: Told<'_>,
) -> Result<HttpResponse, Failure> {
    let snapshot = call.snapshot().ok_or(Failure::NotFound)?;
    let blank = || Typed { notify: true, status: record.incident.status, ..typed(&call.query, &[]) };
    let typed = told.typed.unwrap_or_else(blank);
    let kept = record.written.body_draft.as_deref().or(record.written.body.as_deref()).unwrap_or_default();
    Ok(call.previewing(status, |frame| {
        frame.title = record.incident.name.clone();
        frame.section = Section::Incidents;
        let shown = Shown {
            page,
            zone: snapshot.state.page.time_zone,
            public: &format!("{}/incidents/{}", snapshot.state.page.url, record.incident.id),
            record,
            typed: &typed,
            groups: &choice.groups,
            components: &choice.components,
            may_post: call.may(Scope::IncidentsWrite),
            held_back: told.held_back,
            outcome: told.outcome,
            wrong: told.wrong,
            overtaken: told.overtaken,
            postmortem: told.postmortem.unwrap_or(kept),
        };
        console::incident(frame, &shown)
    }))
}

fn seen(call: &Call) -> Option<i64> {
    // Who says no version has seen none.
    Some(call.form.text("version").parse().unwrap_or(0))
}

async fn update(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let (record, choice) = read(&asked, &page).await?;
    let mut typed = typed(&asked.form, &choice.components);
    let what = asked.form.text("do").to_owned();
    let stage = IncidentStatus::parse(&what);
    typed.status = stage.unwrap_or(record.incident.status);
    if let Some((_, text)) = wrong(&typed, false) {
        let told = Told { wrong: Some(&text), typed: Some(typed), ..Told::default() };
        return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, &page, &record, &choice, told);
    }
    let Some(stage) = stage else {
        let mut change = asked.console.store.change(&page, asked.actor()?).await?;
        apply(&asked, &mut change, &record.incident.id, None, &typed).await?;
        let outcome = looked_at(&asked, change, &record.incident.id).await?;
        if what == "fragment" {
            return Ok(fragment(&asked, &outcome));
        }
        let told = Told { outcome: Some(&outcome), typed: Some(typed), ..Told::default() };
        return draw(&asked, StatusCode::OK, &page, &record, &choice, told);
    };
    if stage == IncidentStatus::Resolved {
        let hurt = hurt(&record, &choice, &typed);
        match asked.form.text("restore") {
            "yes" => {
                typed.statuses.extend(hurt.into_iter().map(|(id, ..)| (id, ComponentStatus::Operational)))
            }
            "no" => {}
            _ if hurt.is_empty() => {}
            _ => return ask_to_restore(&asked, &page, &record, &choice, &typed, hurt),
        }
    }
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    match apply(&asked, &mut change, &record.incident.id, seen(&asked), &typed).await {
        Ok(()) => {}
        Err(Failure::Overtaken) => {
            drop(change);
            let (record, choice) = read(&asked, &page).await?;
            let told = Told { overtaken: true, typed: Some(typed), ..Told::default() };
            return draw(&asked, StatusCode::CONFLICT, &page, &record, &choice, told);
        }
        Err(failure) => return Err(failure),
    }
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{page}/incidents/{}?said=posted", record.incident.id)))
}

async fn apply(
    call: &Call,
    change: &mut Change,
    id: &Id,
    seen: Option<i64>,
    typed: &Typed,
) -> Result<(), Failure> {
    let changes = IncidentChanges {
        next_update_at: Some(typed.promised(call.console.store.now())),
        update: Some(typed.update()),
        ..IncidentChanges::default()
    };
    Ok(change.update_incident(id, seen, changes).await?)
}

/// The components of an incident that would not be operational when it is resolved.
fn hurt(record: &IncidentRecord, choice: &Choice, typed: &Typed) -> Vec<(Id, String, ComponentStatus)> {
    let attached = |id: &Id| {
        record.incident.component_ids.contains(id)
            || record.components.iter().any(|one| one.component.id == *id)
    };
    let all = choice.components.iter().map(|one| &one.component);
    let hurt = all.filter(|component| attached(&component.id) && !typed.statuses.contains_key(&component.id));
    hurt.filter(|component| {
        !matches!(component.status, ComponentStatus::Operational | ComponentStatus::UnderMaintenance)
    })
    .map(|component| (component.id.clone(), component.name.clone(), component.status))
    .collect()
}

fn ask_to_restore(
    call: &Call,
    page: &Id,
    record: &IncidentRecord,
    choice: &Choice,
    typed: &Typed,
    hurt: Vec<(Id, String, ComponentStatus)>,
) -> Result<HttpResponse, Failure> {
    let snapshot = call.snapshot().ok_or(Failure::NotFound)?;
    let hurt: Vec<(String, ComponentStatus)> =
        hurt.into_iter().map(|(_, name, status)| (name, status)).collect();
    Ok(call.html(StatusCode::OK, |frame| {
        frame.title = "Are they well again?".into();
        frame.section = Section::Incidents;
        let shown = Shown {
            page,
            zone: snapshot.state.page.time_zone,
            public: "",
            record,
            typed,
            groups: &choice.groups,
            components: &choice.components,
            may_post: true,
            held_back: HeldBack::default(),
            outcome: None,
            wrong: None,
            overtaken: false,
            postmortem: "",
        };
        console::ask_to_restore(frame, &shown, &hurt, &call.form.0)
    }))
}

async fn correct_update(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let (record, _) = read(&asked, &page).await?;
    of_kind(&record, Kind::Incident)?;
    correct(&asked, &page, &record, "incidents").await
}

/// Who may say something of incidents may not do so of maintenances, and the other way round.
pub fn of_kind(record: &IncidentRecord, kind: Kind) -> Result<(), Failure> {
    if record.incident.kind == kind { Ok(()) } else { Err(Failure::NotFound) }
}

/// Corrects what an update says, unless somebody else did so meanwhile.
pub async fn correct(
    call: &Call,
    page: &Id,
    record: &IncidentRecord,
    part: &str,
) -> Result<HttpResponse, Failure> {
    let (incident, id) = (&record.incident.id, call.id("update")?);
    let body = call.form.text("body").replace("\r\n", "\n");
    if body.is_empty() || body.chars().count() > 25_000 {
        return Err(Failure::Refused("An update says something, in at most 25000 characters.".into()));
    }
    let mut change = call.console.store.change(page, call.actor()?).await?;
    // Nobody else changes it from here on.
    let now = change.view().incident(incident, Include { drafts: true, deleted: false }).await?;
    let held = now.incident.updates.iter().find(|update| update.id == id).ok_or(Failure::NotFound)?;
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    if plain(&held.body) != plain(call.form.raw("was")) {
        return Err(Failure::Overtaken);
    }
    change.correct_update(incident, &id, None, UpdateChanges { body: Some(body), display_at: None }).await?;
    call.console.commit(change).await?;
    Ok(call.to(&format!("/admin/pages/{page}/{part}/{incident}?said=corrected")))
}

async fn postmortem(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let id = asked.id("incident")?;
    let text = asked.form.text("postmortem").replace("\r\n", "\n");
    let publish = asked.form.text("do") == "publish";
    let long = text.chars().count() > LONGEST_POSTMORTEM;
    if text.is_empty() || long || !matches!(asked.form.text("do"), "publish" | "draft") {
        let (record, choice) = read(&asked, &page).await?;
        let why = format!("Allowed are 1 to {LONGEST_POSTMORTEM} characters.");
        let wrong = (text.is_empty() || long).then_some(why.as_str());
        let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let told = Told { wrong, postmortem: Some(&text), ..Told::default() };
        return draw(&asked, status, &page, &record, &choice, told);
    }
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    match change.draft_postmortem(&id, seen(&asked), text.clone()).await.map_err(Failure::from) {
        Ok(()) => {}
        Err(Failure::Overtaken) => {
            drop(change);
            let (record, choice) = read(&asked, &page).await?;
            let told = Told { overtaken: true, postmortem: Some(&text), ..Told::default() };
            return draw(&asked, StatusCode::CONFLICT, &page, &record, &choice, told);
        }
        Err(failure) => return Err(failure),
    }
    if publish {
        change.publish_postmortem(&id, None, asked.form.text("notify") == "true").await?;
    }
    asked.console.commit(change).await?;
    let said = if publish { "published" } else { "saved" };
    Ok(asked.to(&format!("/admin/pages/{page}/incidents/{id}?said={said}")))
}

/// Has nobody told of what was posted a moment ago.
async fn tell_nobody(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let id = asked.id("incident")?;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    if !change.tell_nobody(&id).await? {
        return Err(Failure::Refused("Subscribers are told of it by now; post an update instead.".into()));
    }
    change.commit_unseen().await?;
    Ok(asked.to(&format!("/admin/pages/{page}/incidents/{id}?said=untold")))
}

/// Takes back what was opened a moment ago.
async fn take_back(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let id = asked.id("incident")?;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    change.take_back(&id, seen(&asked)).await?;
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{page}/incidents?said=taken-back")))
}

async fn delete_incident(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let (record, _) = read(&asked, &page).await?;
    of_kind(&record, Kind::Incident)?;
    delete(&asked, &page, &record, "incidents").await
}

/// Deletes one, once it is said that that is meant.
pub async fn delete(
    call: &Call,
    page: &Id,
    record: &IncidentRecord,
    part: &str,
) -> Result<HttpResponse, Failure> {
    if call.form.text("sure") != "true" {
        return Err(Failure::Refused("Tick that you are sure: visitors won't find it any more.".into()));
    }
    let mut change = call.console.store.change(page, call.actor()?).await?;
    change.delete_incident(&record.incident.id, seen(call)).await?;
    call.console.commit(change).await?;
    Ok(call.to(&format!("/admin/pages/{page}/{part}?said=deleted")))
}
