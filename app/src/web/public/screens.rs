//! The pages for people.

use actix_web::HttpResponse;

use super::asked::Asked;
use crate::{
    domain::Id,
    live::{ArchiveError, ErrorPage, Screen},
    web::cache_policy::CachePolicy,
};

pub async fn front(asked: Asked) -> HttpResponse {
    asked.screen(Screen::Front)
}

pub async fn component(asked: Asked) -> HttpResponse {
    match asked.id().parse() {
        Ok(id) => asked.screen(Screen::Component(id)),
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

pub async fn incident(asked: Asked) -> HttpResponse {
    match asked.id().parse::<Id>() {
        Ok(id) if asked.snapshot.state.incident(id.as_str()).is_some() => asked.screen(Screen::Incident(id)),
        // An id that nobody knows is answered without asking anyone.
        Ok(id) if asked.snapshot.state.knows_incident(id.as_str()) => archived(&asked, &id).await,
        _ => asked.refuse(ErrorPage::NotFound),
    }
}

async fn archived(asked: &Asked, id: &Id) -> HttpResponse {
    match asked.shared.site.archive().incident(&asked.snapshot, id, asked.texts).await {
        Ok(page) => asked.send(&page, CachePolicy::Page),
        Err(ArchiveError::NotFound) => asked.refuse(ErrorPage::NotFound),
        Err(ArchiveError::Away) => asked.refuse(ErrorPage::Unavailable),
    }
}
