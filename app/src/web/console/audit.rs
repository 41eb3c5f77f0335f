//! What was done to a page: to be looked through, and to be taken away.

use std::collections::HashMap;

use actix_web::{HttpResponse, http::StatusCode};
use chrono::Days;
use chrono_tz::Tz;

use super::{Asked, Call, Entry, Failure, download, form::Form, get, permission::Reads};
use crate::{
    domain::{Id, calendar, record::AuditEvent, token::Scope},
    render::console::{self, Audit, Section, Sought},
    store::{ActorName, AuditFilter, Slice, View},
};

const PER_SCREEN: u64 = 50;

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/pages/{page}/audit", show), get("/admin/pages/{page}/audit/download", take)]
}

/// What is looked for, as typed.
fn sought(query: &Form) -> Sought {
    let of = |field: &str| query.text(field).chars().take(100).collect::<String>();
    Sought {
        of_installation: query.text("of") == "installation",
        who: of("who"),
        kind: of("kind"),
        object: of("object"),
        from: of("from"),
        until: of("until"),
    }
}

/// The same as the store is asked; the error names the field and what is allowed.
fn filter(sought: &Sought, zone: Tz) -> Result<AuditFilter, String> {
    let day = |field: &str, text: &str| match text {
        "" => Ok(None),
        text => {
            let day = calendar::first_and_last(text).filter(|_| text.len() == 10);
            day.map(|(day, _)| Some(day))
                .ok_or_else(|| format!("{field}: allowed is a day such as 2026-07-30."))
        }
    };
    let (kind, id) = sought.who.split_once(':').unwrap_or((&sought.who, ""));
    let object = match sought.object.as_str() {
        "" => None,
        text => {
            Some(text.parse().map_err(|_| "Object: allowed is an id, as it stands in the list.".to_owned())?)
        }
    };
    let after = |day: chrono::NaiveDate| day.checked_add_days(Days::new(1));
    Ok(AuditFilter {
        of_installation: sought.of_installation,
        actor_kind: (!kind.is_empty()).then(|| kind.to_owned()),
        actor_id: id.parse().ok(),
        target_kind: (!sought.kind.is_empty()).then(|| sought.kind.clone()),
        target_id: object,
        since: day("From", &sought.from)?.map(|day| calendar::start_of(day, zone)),
        until: day("Until", &sought.until)?.and_then(after).map(|day| calendar::start_of(day, zone)),
        ..AuditFilter::default()
    })
}

/// What was done to people, tokens and sessions is for who looks after people.
fn may_see(call: &Call, sought: &Sought) -> Result<(), Failure> {
    if !sought.of_installation || call.me()?.scopes(None).has(Scope::UsersWrite) {
        return Ok(());
    }
    Err(Failure::Forbidden("Only who looks after people may see this.".into()))
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None).await
}

async fn draw(call: &Call, status: StatusCode, refused: Option<String>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = call.page()?;
    let zone = snapshot.state.page.time_zone;
    let (number, sought) = (call.number(), sought(&call.query));
    may_see(call, &sought)?;
    let (filter, wrong) = match filter(&sought, zone) {
        Ok(filter) => (filter, refused),
        Err(text) => (AuditFilter::default(), Some(text)),
    };
    let moment = call.console.store.moment(&page).await?;
    let view = moment.view();
    let slice = Slice { offset: (number - 1) * PER_SCREEN, limit: PER_SCREEN + 1 };
    let mut events = if wrong.is_some() { vec![] } else { view.audit_events(&filter, slice).await? };
    let more = events.len() as u64 > PER_SCREEN;
    events.truncate(PER_SCREEN as usize);
    let actors = view.audit_actors(sought.of_installation).await?;
    let kinds = view.audit_kinds(sought.of_installation).await?;
    let named: Vec<ActorName> = actors_of(&events).into_iter().chain(actors.iter().cloned()).collect();
    let names = view.actor_names(&named).await?;
    drop(moment);
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    Ok(call.html(status, |frame| {
        frame.title = "Audit".into();
        frame.section = Section::Audit;
        let shown = Audit {
            page: &page,
            zone,
            events: &events,
            names: &names,
            sought: &sought,
            actors: &actors,
            kinds: &kinds,
            wrong: wrong.as_deref(),
            number,
            more,
        };
        console::audit(frame, &shown)
    }))
}

fn actors_of(events: &[AuditEvent]) -> Vec<ActorName> {
    events.iter().map(|event| (event.actor_kind.clone(), event.actor_id.clone())).collect()
}

/// Events with the names of those who did it.
pub async fn named(view: View<'_>, events: &[AuditEvent]) -> Result<HashMap<Id, String>, Failure> {
    Ok(view.actor_names(&actors_of(events)).await?)
}

/// All that was found, as one file.
async fn take(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let sought = sought(&asked.query);
    may_see(&asked, &sought)?;
    let filter = match filter(&sought, snapshot.state.page.time_zone) {
        Ok(filter) => filter,
        Err(text) => return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, Some(text)).await,
    };
    let moment = asked.console.store.moment(&page).await?;
    let count = moment.view().audit_count(&filter).await?;
    drop(moment);
    if count > download::MOST {
        let most = download::MOST;
        let text =
            format!("There are {count} events, and a file holds {most} at most: choose a shorter time.");
        return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, Some(text)).await;
    }
    let format = download::Format::parse(asked.query.text("format"));
    Ok(download::answer(&asked, &page, filter, format))
}
