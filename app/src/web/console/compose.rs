//! The composer: what is typed becomes a preview, a draft or an incident.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Asked, Call, Entry, Failure, form::Form, get, incident::of_kind, permission::PostsIncidents, post,
};
use crate::{
    domain::{
        Id, calendar,
        incident::{Impact, IncidentStatus, Kind},
        page::is_control,
        planned::Planned,
        record::{ComponentRecord, GroupRecord, IncidentRecord, Template},
        status::ComponentStatus,
    },
    live::Snapshot,
    locale,
    render::{
        console::{self, Composer, Draft, Outcome, Section, Typed},
        page,
    },
    store::{Change, Include, NewIncident, NewUpdate, Options, Slice, View, automatic_body},
};

const PATH: &str = "/admin/pages/{page}/incidents/new";
const LONGEST_NAME: usize = 255;
pub const LONGEST_BODY: usize = 25_000;
/// The most groups, components and templates that a screen shows.
const MOST: Slice = Slice { offset: 0, limit: 5_000 };
/// How far ahead something can be published.
const FARTHEST: TimeDelta = TimeDelta::days(366);

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, send)]
}

/// What is on the page, to be chosen from.
pub struct Choice {
    pub groups: Vec<GroupRecord>,
    pub components: Vec<ComponentRecord>,
    pub templates: Vec<Template>,
}

impl Choice {
    pub async fn of(view: View<'_>) -> Result<Self, Failure> {
        let include = Include::default();
        Ok(Self {
            groups: view.groups(MOST, include).await?,
            components: view.components(MOST, include).await?,
            templates: view.templates(Slice { offset: 0, limit: 200 }, include).await?,
        })
    }
}

/// What a form says of an incident. Statuses that components have already are left out.
pub fn typed(form: &Form, components: &[ComponentRecord]) -> Typed {
    let now = |id: &Id| components.iter().find(|one| one.component.id == *id).map(|one| one.component.status);
    let chosen = form.among("status").filter_map(|(id, status)| {
        let (id, status): (Id, _) = (id.parse().ok()?, ComponentStatus::parse(status)?);
        now(&id).is_some_and(|now| now != status).then_some((id, status))
    });
    let promise = form.text("promise");
    Typed {
        name: form.text("name").to_owned(),
        body: form.text("body").replace("\r\n", "\n"),
        status: IncidentStatus::parse(form.text("stage")).unwrap_or(IncidentStatus::Investigating),
        impact: Impact::parse(form.text("impact")),
        statuses: chosen.collect(),
        notify: form.text("notify") == "true",
        promise: promise.to_owned(),
        publish_at: form.text("publish_at").to_owned(),
    }
}

/// What is wrong with it, and in which field.
pub fn wrong(typed: &Typed, named: bool) -> Option<(&'static str, String)> {
    if named
        && (typed.name.is_empty()
            || typed.name.chars().count() > LONGEST_NAME
            || typed.name.contains(is_control))
    {
        let text = format!("Say in 1 to {LONGEST_NAME} characters what people notice.");
        return Some(("name", text));
    }
    if typed.body.chars().count() > LONGEST_BODY {
        return Some(("body", format!("Allowed are {LONGEST_BODY} characters.")));
    }
    (typed.status.kind() != Kind::Incident).then(|| ("body", "That is no stage of an incident.".to_owned()))
}

impl Typed {
    /// The message as it is posted: what was typed, else what is usual.
    pub fn update(&self) -> NewUpdate {
        let body = if self.body.is_empty() { automatic_body(self.status) } else { &self.body };
        NewUpdate {
            components: self.statuses.iter().map(|(id, status)| (id.clone(), Some(*status))).collect(),
            deliver_notifications: self.notify,
            ..NewUpdate::new(self.status, body)
        }
    }

    /// When the next update is promised, from now on.
    pub fn promised(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.planned().promised(now)
    }

    /// What a draft keeps of it beside its words.
    fn planned(&self) -> Planned {
        Planned { statuses: self.statuses.clone(), notify: self.notify, promise: self.promise.parse().ok() }
    }

    /// The instant at which it is to be published.
    fn publication(&self, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
        let allowed = format!("Choose a time to come within a year ({zone})");
        let at = calendar::instant(&self.publish_at, zone).map_err(|wrong| format!("{allowed}: {wrong}."))?;
        if at > now && at < now + FARTHEST { Ok(at) } else { Err(format!("{allowed}.")) }
    }
}

async fn show(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let moment = asked.console.store.moment(&page).await?;
    let choice = Choice::of(moment.view()).await?;
    let mut typed = Typed { notify: true, ..typed(&asked.query, &choice.components) };
    let mut draft = None;
    if let Ok(id) = asked.query.text("draft").parse::<Id>() {
        let record = moment.view().incident(&id, Include { drafts: true, deleted: false }).await?;
        if !record.draft {
            return Ok(asked.to(&format!("/admin/pages/{page}/incidents/{id}")));
        }
        of_kind(&record, Kind::Incident)?;
        typed = of_draft(&record, snapshot.state.page.time_zone);
        draft = Some(Draft { id, version: record.version, publish_at: record.publish_at });
    } else if let Ok(id) = asked.query.text("template").parse::<Id>() {
        let template = choice.templates.iter().find(|template| template.id == id).ok_or(Failure::NotFound)?;
        typed.name = template.title.clone().unwrap_or_else(|| template.name.clone());
        typed.body = template.body.clone();
        typed.status =
            template.update_status.filter(|status| status.kind() == Kind::Incident).unwrap_or(typed.status);
        typed.notify = template.should_send_notifications;
    }
    drop(moment);
    let outcome = outcome(&asked, &page, &typed).await?;
    Ok(draw(&asked, StatusCode::OK, &page, &choice, &typed, draft, Some(&outcome), None))
}

/// A draft as it was typed.
fn of_draft(record: &IncidentRecord, zone: Tz) -> Typed {
    let Planned { statuses, notify, promise } = Planned::of(record.metadata.as_ref());
    Typed {
        name: record.incident.name.clone(),
        body: record.incident.updates.first().map(|update| update.body.clone()).unwrap_or_default(),
        status: record.incident.status,
        impact: record.impact_override,
        statuses,
        notify,
        promise: promise.map(|minutes| minutes.to_string()).unwrap_or_default(),
        publish_at: record.publish_at.map(|at| calendar::local_text(at, zone)).unwrap_or_default(),
    }
}

#[expect(clippy::too_many_arguments, reason = "a screen is drawn of all that it shows, from two places")]
fn draw(
    call: &Call,
    status: StatusCode,
    page: &Id,
    choice: &Choice,
    typed: &Typed,
    draft: Option<Draft>,
    outcome: Option<&Outcome>,
    wrong: Option<(&str, &str)>,
) -> HttpResponse {
    let zone = call.snapshot().map_or(Tz::UTC, |snapshot| snapshot.state.page.time_zone);
    call.previewing(status, |frame| {
        frame.title = if draft.is_some() { "Draft of an incident".into() } else { "New incident".into() };
        frame.section = Section::Incidents;
        let shown = Composer {
            page,
            typed,
            groups: &choice.groups,
            components: &choice.components,
            templates: &choice.templates,
            draft: draft.as_ref(),
            zone,
            outcome,
            wrong,
        };
        console::composer(frame, &shown)
    })
}

async fn send(asked: Asked<PostsIncidents>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let moment = asked.console.store.moment(&page).await?;
    let choice = Choice::of(moment.view()).await?;
    drop(moment);
    let typed = typed(&asked.form, &choice.components);
    let draft = asked.form.text("draft").parse().ok().zip(asked.form.text("version").parse().ok());
    let draft = draft.map(|(id, version)| Draft { id, version, publish_at: None });
    let what = asked.form.text("do");
    if what == "fragment" {
        let outcome = outcome(&asked, &page, &typed).await?;
        return Ok(fragment(&asked, &outcome));
    }
    let does = matches!(what, "post" | "draft" | "later");
    let mut refused = wrong(&typed, true).filter(|_| does);
    let mut publish_at = None;
    if what == "later" && refused.is_none() {
        match typed.publication(snapshot.state.page.time_zone, asked.console.store.now()) {
            Ok(at) => publish_at = Some(at),
            Err(text) => refused = Some(("publish_at", text)),
        }
    }
    if refused.is_some() || !does {
        let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let outcome = outcome(&asked, &page, &typed).await?;
        let refused = refused.as_ref().map(|(field, text)| (*field, text.as_str()));
        return Ok(draw(&asked, status, &page, &choice, &typed, draft, Some(&outcome), refused));
    }
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    let (new, options) = opening(&asked, &typed, what != "post", publish_at);
    let id = match draft {
        // Nobody has seen it: what is said now takes its place.
        Some(Draft { id, version, .. }) => {
            let held = change.view().incident(&id, Include { drafts: true, deleted: false }).await?;
            of_kind(&held, Kind::Incident)?;
            change.rewrite_draft(&id, Some(version), new, options).await?;
            id
        }
        None => change.open_incident_with(new, options).await?,
    };
    asked.console.commit(change).await?;
    let said = match what {
        "post" => "posted",
        "later" => "later",
        _ => "kept",
    };
    Ok(asked.to(&format!("/admin/pages/{page}/incidents/{id}?said={said}")))
}

fn opening(
    call: &Call,
    typed: &Typed,
    draft: bool,
    publish_at: Option<DateTime<Utc>>,
) -> (NewIncident, Options) {
    let mut first = typed.update();
    let mut options = Options { draft, publish_at, ..Options::default() };
    if draft {
        // Components are moved, and the next update is promised, when it is posted.
        first.components.iter_mut().for_each(|(_, status)| *status = None);
        options.metadata = Some(typed.planned().metadata());
    } else {
        options.next_update_at = typed.promised(call.console.store.now());
    }
    let name = if typed.name.is_empty() { "…".to_owned() } else { typed.name.clone() };
    (NewIncident { name, impact_override: typed.impact, schedule: None, first }, options)
}

/// What would come of it: it is done, looked at, and left undone.
async fn outcome(call: &Call, page: &Id, typed: &Typed) -> Result<Outcome, Failure> {
    let mut change = call.console.store.change(page, call.actor()?).await?;
    let short: String = typed.name.chars().take(LONGEST_NAME).filter(|c| !is_control(*c)).collect();
    let (new, options) = opening(call, &Typed { name: short, ..typed.clone() }, false, None);
    let id = change.open_incident_with(new, options).await?;
    looked_at(call, change, &id).await
}

/// What a change that is not committed would show of an incident.
pub async fn looked_at(call: &Call, change: Change, id: &Id) -> Result<Outcome, Failure> {
    let record = change.view().incident(id, Include { drafts: true, deleted: false }).await?;
    let subscribers = if change.tells() { change.audience().await? } else { 0 };
    // Nobody waits for what is drawn.
    drop(change);
    let snapshot = call.snapshot().ok_or(Failure::NotFound)?;
    let incident = record.incident;
    let newest = incident.updates.first();
    let moved: Vec<(String, ComponentStatus, ComponentStatus)> = newest
        .iter()
        .flat_map(|update| &update.affected_components)
        .filter(|one| one.old_status != one.new_status)
        .map(|one| (one.name.clone(), one.old_status, one.new_status))
        .collect();
    let impact = incident.impact;
    let state = with(&snapshot, &incident);
    let now = call.console.app.clock.now();
    let texts = locale::own(&state.page.language);
    Ok(Outcome {
        headline: page::verdict(&state, texts),
        impact,
        subscribers,
        moved,
        front: page::front(&state, state.moment(now), texts),
    })
}

/// The page with an incident as it would be.
fn with(snapshot: &Snapshot, incident: &crate::domain::state::Incident) -> crate::domain::state::LiveState {
    let mut state = snapshot.state.clone();
    let newest = incident.updates.first();
    for one in newest.iter().flat_map(|update| &update.affected_components) {
        if let Some(component) = state.components.iter_mut().find(|component| component.id == one.code) {
            component.status = one.new_status;
        }
    }
    let beside = match incident.kind {
        Kind::Incident => &mut state.incidents,
        Kind::Maintenance => &mut state.maintenances,
    };
    beside.retain(|other| other.id != incident.id);
    beside.insert(0, incident.clone());
    state
}

/// The preview alone, for the script that puts it in its place.
pub fn fragment(call: &Call, outcome: &Outcome) -> HttpResponse {
    call.fragment(console::outcome(outcome).into_string())
}
