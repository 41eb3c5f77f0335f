//! Maintenances as a list and by month.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
};
use chrono::{Datelike, Days, NaiveDate};

use super::{
    Asked, Call, Entry, Failure, get,
    permission::{Anyone, Reads},
    post,
};
use crate::{
    domain::{calendar, incident::Kind, record::IncidentRecord, token::Scope},
    live::Snapshot,
    render::console::{self, Calendar, Planning, Section},
    store::{IncidentFilter, Include, Slice, Stage, View},
};

/// How many are on one screen.
const PER_SCREEN: u64 = 25;
/// The most that are shown at once besides.
const MOST: Slice = Slice { offset: 0, limit: 200 };

const PATH: &str = "/admin/pages/{page}/maintenances";
const FEED: &str = "/admin/pages/{page}/maintenances/feed";
const CALENDAR: &str = "/admin/calendars/{token}";
/// What a calendar holds: from so many days ago until so many from now on, and at most so many.
const DAYS_AGO: u64 = 90;
const DAYS_AHEAD: u64 = 400;
const MOST_IN_CALENDAR: Slice = Slice { offset: 0, limit: 1_000 };

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(FEED, feed), get(CALENDAR, calendar_of)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    shown(&asked, None).await
}

/// An address for a calendar is made, or revoked.
async fn feed(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let (me, actor) = (asked.me()?.user().id.clone(), asked.actor()?);
    let record = asked.console.store.record();
    match asked.form.text("do") {
        "make" => {
            let token = record.make_calendar_feed(&me, &page, &actor).await?;
            let address = format!("{}/admin/calendars/{token}", asked.console.own_url);
            shown(&asked, Some(&address)).await
        }
        "revoke" => {
            record.revoke_calendar_feed(&me, &page, &actor).await?;
            Ok(asked.to(&format!("/admin/pages/{page}/maintenances?said=feed-revoked")))
        }
        _ => shown(&asked, None).await,
    }
}

/// The maintenances of a page for whoever has its address, as far as the person may see them that it
/// was made for.
async fn calendar_of(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    let token = asked.request.match_info().get("token").unwrap_or_default();
    let console = &asked.console;
    let Some((page, credentials)) = console.store.calendar_feed(token).await? else {
        return Err(Failure::NotFound);
    };
    let roles = console.store.page_roles(&credentials.user.id).await?;
    let on_page = roles.get(&page).map(|role| role.scopes());
    let may = |scope| {
        credentials.user.role.scopes().has(scope) || on_page.as_ref().is_some_and(|scopes| scopes.has(scope))
    };
    let snapshot = console.app.site.get(&page).filter(|_| may(Scope::Read)).ok_or(Failure::NotFound)?;
    let now = console.store.now();
    let moment = console.store.moment(&page).await?;
    let filter = IncidentFilter {
        kind: Some(Kind::Maintenance),
        during: Some((now - Days::new(DAYS_AGO), now + Days::new(DAYS_AHEAD))),
        include: Include { drafts: may(Scope::MaintenancesWrite), deleted: false },
        ..IncidentFilter::default()
    };
    let held = moment.view().incidents(&filter, MOST_IN_CALENDAR).await?;
    let text = console::operators_calendar(&snapshot.state.page, &held, &console.own_url);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text))
}

async fn shown(asked: &Call, feed: Option<&str>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let moment = asked.console.store.moment(&page).await?;
    let today = calendar::day_of(asked.console.store.now(), snapshot.state.page.time_zone);
    let month = match asked.query.text("month") {
        "" => None,
        text => {
            Some(calendar::first_and_last(text).filter(|_| text.len() == 7).map_or(today, |(first, _)| first))
        }
    };
    match month {
        Some(day) => by_month(asked, moment.view(), &snapshot, day, today).await,
        None => as_list(asked, moment.view(), &snapshot, feed).await,
    }
}

fn draw(
    asked: &Call,
    snapshot: &Snapshot,
    shown: Calendar<'_>,
    feed: Option<&str>,
    has_feed: bool,
) -> HttpResponse {
    asked.html(StatusCode::OK, |frame| {
        frame.title = "Maintenances".into();
        frame.section = Section::Maintenances;
        let page = &snapshot.state.page;
        let may_plan = asked.may(Scope::MaintenancesWrite);
        console::maintenances(
            frame,
            &Planning { page: &page.id, zone: page.time_zone, may_plan, shown, feed, has_feed },
        )
    })
}

async fn by_month(
    asked: &Call,
    view: View<'_>,
    snapshot: &Snapshot,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<HttpResponse, Failure> {
    let zone = snapshot.state.page.time_zone;
    let first = day.with_day(1).unwrap_or(day);
    let days: Vec<NaiveDate> = calendar::weeks(first).into_iter().flatten().collect();
    let (from, last) = days.first().zip(days.last()).ok_or(Failure::NotFound)?;
    let span = (calendar::start_of(*from, zone), calendar::start_of(*last + Days::new(1), zone));
    let filter = IncidentFilter {
        kind: Some(Kind::Maintenance),
        during: Some(span),
        include: Include { drafts: asked.may(Scope::MaintenancesWrite), deleted: false },
        ..IncidentFilter::default()
    };
    let mut held = view.incidents(&filter, Slice { offset: 0, limit: MOST.limit + 1 }).await?;
    let more = held.len() as u64 > MOST.limit;
    held.truncate(MOST.limit as usize);
    Ok(draw(asked, snapshot, Calendar::Month { first, today, held: &held, more }, None, false))
}

async fn as_list(
    asked: &Call,
    view: View<'_>,
    snapshot: &Snapshot,
    feed: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let series = view.recurrences().await?;
    let has_feed =
        asked.console.store.has_calendar_feed(&asked.me()?.user().id, &snapshot.state.page.id).await?;
    let number = asked.number();
    let of = |stage| IncidentFilter { stage: Some(stage), ..IncidentFilter::default() };
    let running = view.incidents(&of(Stage::ActiveMaintenance), MOST).await?;
    let planned = view.incidents(&of(Stage::Upcoming), MOST).await?;
    let drafts = IncidentFilter {
        stage: Some(Stage::Upcoming),
        include: Include { drafts: true, deleted: false },
        ..IncidentFilter::default()
    };
    let mut drafts: Vec<IncidentRecord> = match asked.may(Scope::MaintenancesWrite) {
        true => view.incidents(&drafts, MOST).await?,
        false => vec![],
    };
    drafts.retain(|record| record.draft);
    let over = of(Stage::Completed);
    let slice = Slice { offset: (number - 1) * PER_SCREEN, limit: PER_SCREEN + 1 };
    let mut past = view.incidents(&over, slice).await?;
    let more = past.len() as u64 > PER_SCREEN;
    past.truncate(PER_SCREEN as usize);
    let shown = Calendar::List {
        running: &running,
        planned: &planned,
        drafts: &drafts,
        series: &series,
        past: &past,
        number,
        more,
    };
    Ok(draw(asked, snapshot, shown, feed, has_feed))
}
