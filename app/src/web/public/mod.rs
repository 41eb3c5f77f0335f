//! What visitors see. Everything here is answered from memory: this module knows what is live,
//! and neither the store nor the cache nor the settings.

use actix_web::{
    HttpRequest, HttpResponse, Resource, guard,
    http::Method,
    web::{self, Data, ServiceConfig},
};

use super::{
    cache_policy::CachePolicy,
    error,
    respond::{self, Shared},
};
use crate::{
    domain::Id,
    live::{ArchiveError, Endpoint, ErrorPage, Snapshot, script},
};

/// All public routes. They are tried in turn, so those that are asked for most, and that need no
/// pattern, come first.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read("/").route(get().to(front)));
    for endpoint in Endpoint::ALL {
        let handler = move |request: HttpRequest, shared: Data<Shared>| document(request, shared, endpoint);
        config.service(read(endpoint.path()).route(get().to(handler)));
    }
    config
        .service(read(script::path()).route(get().to(script_file)))
        .service(read("/incidents/{id}").route(get().to(incident)))
        .service(read("/components/{id}").route(get().to(component)));
}

/// A resource that can only be read.
fn read(path: &str) -> Resource {
    web::resource(path).default_service(web::route().to(error::method_not_allowed))
}

fn get() -> actix_web::Route {
    web::route().guard(guard::fn_guard(|context| matches!(context.head().method, Method::GET | Method::HEAD)))
}

/// What stands in the path where an id is expected, whatever it is.
fn id_of(request: &HttpRequest) -> &str {
    request.match_info().query("id")
}

async fn front(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let snapshot = match shared.page(&request) {
        Ok(snapshot) => snapshot,
        Err(reason) => return error::no_page(&request, &shared, reason),
    };
    respond::artefact(&request, &shared, respond::FRONT, snapshot.front(), CachePolicy::Page)
}

async fn document(request: HttpRequest, shared: Data<Shared>, endpoint: Endpoint) -> HttpResponse {
    let snapshot = match shared.page(&request) {
        Ok(snapshot) => snapshot,
        Err(reason) => return error::no_page(&request, &shared, reason),
    };
    let route = respond::document(endpoint);
    respond::artefact(&request, &shared, route, snapshot.document(endpoint), CachePolicy::Document)
}

async fn component(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let snapshot = match shared.page(&request) {
        Ok(snapshot) => snapshot,
        Err(reason) => return error::no_page(&request, &shared, reason),
    };
    match snapshot.component(id_of(&request)) {
        Some(page) => respond::artefact(&request, &shared, respond::COMPONENT, page, CachePolicy::Page),
        None => error::on_page(&request, &shared, &snapshot, ErrorPage::NotFound),
    }
}

async fn incident(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let snapshot = match shared.page(&request) {
        Ok(snapshot) => snapshot,
        Err(reason) => return error::no_page(&request, &shared, reason),
    };
    let id = id_of(&request);
    if let Some(page) = snapshot.incident(id) {
        return respond::artefact(&request, &shared, respond::INCIDENT, page, CachePolicy::Page);
    }
    match id.parse::<Id>() {
        // An id that nobody knows is answered without asking anyone.
        Ok(id) if snapshot.state.knows_incident(id.as_str()) => {
            archived(&request, &shared, &snapshot, &id).await
        }
        _ => error::on_page(&request, &shared, &snapshot, ErrorPage::NotFound),
    }
}

async fn archived(request: &HttpRequest, shared: &Shared, snapshot: &Snapshot, id: &Id) -> HttpResponse {
    match shared.site.archive().incident(snapshot, id).await {
        Ok(page) => respond::artefact(request, shared, respond::INCIDENT, &page, CachePolicy::Page),
        Err(ArchiveError::NotFound) => error::on_page(request, shared, snapshot, ErrorPage::NotFound),
        Err(ArchiveError::Away) => error::on_page(request, shared, snapshot, ErrorPage::Unavailable),
    }
}

async fn script_file(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    respond::artefact(&request, &shared, respond::SCRIPT, script::artefact(), CachePolicy::Immutable)
}
