//! What visitors see. Everything here is answered from memory: this module knows what is live,
//! and neither the store nor the cache nor the settings.

use actix_web::{
    HttpRequest, HttpResponse, Resource, guard,
    web::{self, Data, Path, ServiceConfig},
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

/// All public routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read("/").route(get().to(front)))
        .service(read("/incidents/{id}").route(get().to(incident)))
        .service(read("/components/{id}").route(get().to(component)))
        .service(read(script::path()).route(get().to(script_file)));
    for endpoint in Endpoint::ALL {
        let handler = move |request: HttpRequest, shared: Data<Shared>| document(request, shared, endpoint);
        config.service(read(endpoint.path()).route(get().to(handler)));
    }
}

/// A resource that can only be read.
fn read(path: &str) -> Resource {
    web::resource(path).default_service(web::route().to(error::method_not_allowed))
}

fn get() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn front(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let Ok(snapshot) = shared.page(&request) else { return error::misdirected(&request, &shared) };
    match snapshot.front(snapshot.texts().tag()) {
        Some(page) => respond::artefact(&request, &shared, page, CachePolicy::Page),
        None => error::on_page(&request, &shared, &snapshot, ErrorPage::Internal),
    }
}

async fn document(request: HttpRequest, shared: Data<Shared>, endpoint: Endpoint) -> HttpResponse {
    let Ok(snapshot) = shared.page(&request) else { return error::misdirected(&request, &shared) };
    match snapshot.document(endpoint) {
        Some(document) => respond::artefact(&request, &shared, document, CachePolicy::Document),
        None => error::on_page(&request, &shared, &snapshot, ErrorPage::Internal),
    }
}

async fn component(request: HttpRequest, shared: Data<Shared>, id: Path<String>) -> HttpResponse {
    let Ok(snapshot) = shared.page(&request) else { return error::misdirected(&request, &shared) };
    match snapshot.component(&id) {
        Some(page) => respond::artefact(&request, &shared, page, CachePolicy::Page),
        None => error::on_page(&request, &shared, &snapshot, ErrorPage::NotFound),
    }
}

async fn incident(request: HttpRequest, shared: Data<Shared>, id: Path<String>) -> HttpResponse {
    let Ok(snapshot) = shared.page(&request) else { return error::misdirected(&request, &shared) };
    if let Some(page) = snapshot.incident(&id) {
        return respond::artefact(&request, &shared, page, CachePolicy::Page);
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
        Ok(page) => respond::artefact(request, shared, &page, CachePolicy::Page),
        Err(ArchiveError::NotFound) => error::on_page(request, shared, snapshot, ErrorPage::NotFound),
        Err(ArchiveError::Away) => error::on_page(request, shared, snapshot, ErrorPage::Unavailable),
    }
}

async fn script_file(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    respond::artefact(&request, &shared, script::artefact(), CachePolicy::Immutable)
}
