//! What is past: from the snapshot as far as it holds it, else through the archive.

use actix_web::{HttpResponse, http::header::HeaderValue};

use super::{
    asked::{Asked, STALE},
    query::Asking,
};
use crate::{
    domain::{
        Id,
        past::{Quarter, Words},
    },
    live::{ArchiveError, ErrorPage, Form, Question, Screen, Surface},
    web::cache_policy::CachePolicy,
};

pub async fn incident(asked: Asked) -> HttpResponse {
    let surface = |id| Screen::Incident(id).surface(asked.texts);
    one_incident(&asked, surface, Form::Html(asked.texts.tag()), CachePolicy::Page).await
}

pub async fn incident_json(asked: Asked) -> HttpResponse {
    one_incident(&asked, Surface::IncidentJson, Form::Json, CachePolicy::Document).await
}

/// A quarter of the past, or what a search finds in all of it.
pub async fn history(asked: Asked) -> HttpResponse {
    let form = Form::Html(asked.texts.tag());
    let Ok(asking) = Asking::parse(asked.request.query_string()) else {
        return asked.refuse(ErrorPage::NotFound);
    };
    let Asking { back, component, words } = asking;
    match words.as_deref().map(Words::parse) {
        Some(Ok(words)) => {
            archived(&asked, Question::Search { words, component }, form, CachePolicy::Never).await
        }
        Some(Err(reason)) => asked.screen(Screen::NoSearch(reason)),
        None => {
            let quarter = quarter(&asked, back);
            // Where the past ends, pages end.
            if quarter < asked.snapshot.state.first_quarter(asked.snapshot.as_of) {
                return asked.refuse(ErrorPage::NotFound);
            }
            archived(&asked, Question::History { quarter, component }, form, CachePolicy::Page).await
        }
    }
}

/// The same for machines, whose past has no end: before the first incident, months are empty.
pub async fn history_json(asked: Asked) -> HttpResponse {
    match Asking::parse(asked.request.query_string()) {
        Ok(Asking { back, component, .. }) => {
            let question = Question::History { quarter: quarter(&asked, back), component };
            archived(&asked, question, Form::Json, CachePolicy::Document).await
        }
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

/// A quarter of a component's uptime; of the first one's, where none is named.
pub async fn uptime(asked: Asked) -> HttpResponse {
    let form = Form::Html(asked.texts.tag());
    match Asking::parse(asked.request.query_string()) {
        Ok(Asking { back, component, .. }) => {
            match component.or_else(|| asked.snapshot.first_with_uptime()) {
                Some(component) => {
                    let question = Question::Uptime { component, quarter: quarter(&asked, back) };
                    archived(&asked, question, form, CachePolicy::Page).await
                }
                None => asked.refuse(ErrorPage::NotFound),
            }
        }
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

/// The quarter that many before the current one.
fn quarter(asked: &Asked, back: u32) -> Quarter {
    Quarter::at(asked.snapshot.as_of, asked.snapshot.state.page.time_zone).back(back)
}

/// An incident from the snapshot, if it is held there; what is older from the archive. An id that
/// nobody knows is answered without asking anyone.
pub async fn one_incident(
    asked: &Asked,
    surface: impl Fn(Id) -> Surface,
    form: Form,
    policy: CachePolicy,
) -> HttpResponse {
    match asked.id().parse() {
        Ok(id) => incident_of(asked, id, surface, form, policy).await,
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

/// The same of an id that stands elsewhere than in the path.
pub async fn incident_of(
    asked: &Asked,
    id: Id,
    surface: impl Fn(Id) -> Surface,
    form: Form,
    policy: CachePolicy,
) -> HttpResponse {
    if asked.snapshot.state.incident(id.as_str()).is_some() {
        asked.surface(&surface(id), policy)
    } else {
        archived(asked, Question::Incident(id), form, policy).await
    }
}

/// Sends what the archive answers.
async fn archived(asked: &Asked, question: Question, form: Form, policy: CachePolicy) -> HttpResponse {
    match asked.shared.site.archive().answer(&asked.snapshot, question, form).await {
        Ok(answer) => {
            let mut response = asked.send(&answer.artefact, policy);
            if let Some(age) = answer.stale {
                response.headers_mut().insert(STALE, HeaderValue::from(age.num_seconds().max(0)));
            }
            response
        }
        Err(ArchiveError::NotFound) => asked.refuse(ErrorPage::NotFound),
        Err(ArchiveError::Away | ArchiveError::Busy) => asked.refuse(ErrorPage::Unavailable),
    }
}
