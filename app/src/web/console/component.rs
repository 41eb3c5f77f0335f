//! One component: its past, the uptime that this gives, and what others can show of it.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Asked, Call, Entry, Failure, get,
    permission::{MovesComponents, Reads},
    post,
};
use crate::{
    domain::{
        Id, calendar,
        record::ComponentRecord,
        status::ComponentStatus,
        token::Scope,
        uptime::{Percentage, SHOWN_DAYS, StatusPeriod, Window, corrected, percentage},
    },
    locale,
    render::{
        badges::Badge,
        console::{self, Past, Section},
    },
    store::{Include, StoreError},
};

const ONE: &str = "/admin/pages/{page}/components/{component}";
const PAST: &str = "/admin/pages/{page}/components/{component}/past";
/// The most periods that are shown.
const SHOWN: usize = 60;

pub fn routes() -> Vec<Entry> {
    vec![get(ONE, show), post(PAST, correct)]
}

type Wrong = (&'static str, String);

/// What there is of it in the database.
struct Held {
    record: ComponentRecord,
    /// Oldest first, of the days that are shown and of those before them.
    periods: Vec<StatusPeriod>,
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let held = read(&asked).await?;
    draw(&asked, StatusCode::OK, &held, None, None)
}

async fn read(call: &Call) -> Result<Held, Failure> {
    let (page, _) = call.page()?;
    let id = call.id("component")?;
    let moment = call.console.store.moment(&page).await?;
    let record = moment.view().component(&id, Include::default()).await?;
    let now = call.console.store.now();
    let span = (now - TimeDelta::days(400), now + TimeDelta::minutes(1));
    let mut found = moment.view().periods(std::slice::from_ref(&id), span).await?;
    Ok(Held { record, periods: found.remove(&id).unwrap_or_default() })
}

/// The uptime of the days that the front page shows.
fn uptime(held: &Held, periods: &[StatusPeriod], zone: Tz, now: DateTime<Utc>) -> Option<Percentage> {
    percentage(&Window::new(zone, now, SHOWN_DAYS).days(periods, held.record.component.start_date))
}

fn draw(
    call: &Call,
    status: StatusCode,
    held: &Held,
    with: Option<&[StatusPeriod]>,
    wrong: Option<Wrong>,
) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = call.page()?;
    let state = &snapshot.state;
    let (zone, now, id) = (state.page.time_zone, call.console.store.now(), &held.record.component.id);
    let badge = state
        .component(id)
        .map(|one| Badge::of_component(state, one, locale::own(&state.page.language)).svg());
    let newest: Vec<StatusPeriod> = held.periods.iter().rev().take(SHOWN).copied().collect();
    let form = &call.form;
    let said = |field: &str, usual: &str| {
        if form.has(field) { form.text(field).to_owned() } else { usual.to_owned() }
    };
    Ok(call.html(status, |frame| {
        frame.title = held.record.component.name.clone();
        frame.section = Section::Components;
        let shown = Past {
            page: &page,
            zone,
            record: &held.record,
            may_move: call.may(Scope::ComponentsWrite),
            public: &state.page.url,
            badge: badge.as_deref(),
            uptime: uptime(held, &held.periods, zone, now),
            corrected: with.map(|periods| uptime(held, periods, zone, now)),
            periods: &newest,
            more: held.periods.len() > SHOWN,
            from: &said("from", &calendar::local_text(now - TimeDelta::hours(2), zone)),
            until: &said("until", &calendar::local_text(now - TimeDelta::hours(1), zone)),
            status: &said("status", ComponentStatus::Operational.as_str()),
            wrong: wrong.as_ref().map(|(field, text)| (*field, text.as_str())),
        };
        console::past(frame, &shown)
    }))
}

/// What a correction says.
fn asked_for(call: &Call, zone: Tz) -> Result<(DateTime<Utc>, DateTime<Utc>, ComponentStatus), Wrong> {
    let form = &call.form;
    let from = calendar::instant(form.text("from"), zone).map_err(|why| ("from", format!("From: {why}.")))?;
    let until =
        calendar::instant(form.text("until"), zone).map_err(|why| ("until", format!("Until: {why}.")))?;
    let status =
        ComponentStatus::parse(form.text("status")).ok_or(("status", "It was: choose one.".to_owned()))?;
    if until <= from || until >= call.console.store.now() {
        return Err(("until", "Until: allowed is a time behind the first and before now.".into()));
    }
    Ok((from, until, status))
}

async fn correct(asked: Asked<MovesComponents>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let held = read(&asked).await?;
    let id: Id = held.record.component.id.clone();
    if !matches!(asked.form.text("do"), "save" | "preview") {
        return draw(&asked, StatusCode::OK, &held, None, None);
    }
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let (from, until, status) = match asked_for(&asked, snapshot.state.page.time_zone) {
        Ok(said) => said,
        Err(wrong) => return draw(&asked, refused, &held, None, Some(wrong)),
    };
    if asked.form.text("do") == "preview" {
        let with = corrected(&held.periods, from, until, status);
        return draw(&asked, StatusCode::OK, &held, Some(&with), None);
    }
    let version: i64 = asked.form.text("version").parse().map_err(|_| Failure::Overtaken)?;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    match change.correct_past(&id, Some(version), (from, until), status).await {
        Ok(_) => {}
        Err(StoreError::Refused(text)) => {
            drop(change);
            return draw(&asked, refused, &held, None, Some(("until", text)));
        }
        Err(error) => return Err(error.into()),
    }
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{page}/components/{id}?said=corrected")))
}
