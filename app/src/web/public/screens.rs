//! The pages for people.

use actix_web::HttpResponse;

use super::{asked::Asked, preference};
use crate::{
    live::{ErrorPage, Screen, Surface},
    web::cache_policy::CachePolicy,
};

pub async fn front(asked: Asked) -> HttpResponse {
    match preference::redirect(&asked) {
        Some(elsewhere) => elsewhere,
        None => asked.screen(Screen::Front),
    }
}

/// A name that is not that of the page's logo is answered without making anything.
pub async fn logo(asked: Asked) -> HttpResponse {
    let name = asked.request.match_info().query("logo").to_owned();
    asked.surface(&Surface::Logo(name), CachePolicy::Immutable)
}

pub async fn component(asked: Asked) -> HttpResponse {
    match asked.id().parse() {
        Ok(id) => asked.screen(Screen::Component(id)),
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

pub async fn metric(asked: Asked) -> HttpResponse {
    match asked.id().parse() {
        Ok(id) => asked.screen(Screen::Metric(id)),
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}
