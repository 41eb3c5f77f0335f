//! The list of incidents.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Entry, Failure, get, permission::Reads};
use crate::{
    domain::{incident::Kind, token::Scope},
    render::console::{self, Lists, Section},
    store::{IncidentFilter, Include, Slice, Stage},
};

/// How many are on one screen.
const PER_SCREEN: u64 = 25;
/// The most that are open, planned or drafted and shown at once.
const MOST: u64 = 100;

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/pages/{page}/incidents", show)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let (number, sought) = (asked.number(), asked.query.text("q").chars().take(200).collect::<String>());
    let moment = asked.console.store.moment(&page).await?;
    let view = moment.view();
    let of = |stage| IncidentFilter { stage: Some(stage), ..IncidentFilter::default() };
    let most = Slice { offset: 0, limit: MOST };
    let open = view.incidents(&of(Stage::Unresolved), most).await?;
    let planned = view.incidents(&of(Stage::Scheduled), most).await?;
    let all = IncidentFilter {
        text: (!sought.is_empty()).then(|| sought.clone()),
        include: Include { drafts: asked.may(Scope::IncidentsWrite), deleted: false },
        ..IncidentFilter::default()
    };
    let slice = Slice { offset: (number - 1) * PER_SCREEN, limit: PER_SCREEN + 1 };
    let mut past = view.incidents(&all, slice).await?;
    let more = past.len() as u64 > PER_SCREEN;
    past.truncate(PER_SCREEN as usize);
    let recent = view.incidents(&IncidentFilter { text: None, ..all }, most).await?;
    let drafts: Vec<_> =
        recent.into_iter().filter(|record| record.draft && record.incident.kind == Kind::Incident).collect();
    if sought.is_empty() {
        past.retain(|record| record.incident.status.is_over() && !record.draft);
    }
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "Incidents".into();
        frame.section = Section::Incidents;
        let lists = Lists {
            page: &page,
            zone: snapshot.state.page.time_zone,
            may_post: asked.may(Scope::IncidentsWrite),
            open: &open,
            planned: &planned,
            drafts: &drafts,
            past: &past,
            number,
            more,
            sought: &sought,
        };
        console::incidents(frame, &lists)
    }))
}
