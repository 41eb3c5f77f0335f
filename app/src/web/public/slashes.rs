//! The pages for people with a slash too many at the end, as links are often typed or put together:
//! each leads to the place without it (RFC 9110, section 15.4.9).

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, LOCATION},
    web::ServiceConfig,
};

use super::{asked::Asked, asking, get, read};
use crate::{
    domain::Id,
    live::ErrorPage,
    locale,
    web::{cache_policy::CachePolicy, routes::route},
};

/// Whether there is something at a place, as far as memory knows.
type Known = fn(&Asked) -> bool;

const PLACES: [(&str, Known); 5] = [
    ("/history", |_| true),
    ("/uptime", |_| true),
    ("/incidents/{id}", |asked| asked.snapshot.state.knows_incident(asked.id())),
    ("/components/{id}", |asked| id(asked).is_some_and(|id| asked.snapshot.knows_component(&id))),
    ("/metrics/{id}", |asked| id(asked).is_some_and(|id| asked.snapshot.state.metric(&id).is_some())),
];

pub fn routes(config: &mut ServiceConfig) {
    for (path, known) in PLACES {
        let answer = move |asked: Asked| async move {
            match known(&asked) {
                true => without(&asked),
                false => asked.refuse(ErrorPage::NotFound),
            }
        };
        let tags = locale::languages().iter().map(|tag| format!("/{tag}"));
        for below in tags.chain([String::new()]) {
            config.service(read(&format!("{below}{path}/")).route(get().to(asking(route(path), answer))));
        }
    }
}

fn id(asked: &Asked) -> Option<Id> {
    asked.id().parse().ok()
}

/// The same place without the slash, and with what was asked behind it.
fn without(asked: &Asked) -> HttpResponse {
    let uri = asked.request.uri();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let place = format!("{}{query}", uri.path().trim_end_matches('/'));
    let mut response = HttpResponse::PermanentRedirect();
    response.insert_header((CACHE_CONTROL, CachePolicy::Page.header()));
    response.insert_header((LOCATION, place)).finish()
}
