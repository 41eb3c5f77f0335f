//! Probes and metrics. Each probe answers a question of its own, from memory.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, CACHE_CONTROL, ContentType, HeaderValue, WWW_AUTHENTICATE},
    web::{self, Data, ServiceConfig},
};

use super::{cache_policy::CachePolicy, respond::Shared};
use crate::{
    app::App,
    live::{SIBLINGS_PATH, is_sibling},
};

const SIBLING: HeaderValue = HeaderValue::from_static("Pharos-Sibling");

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/livez", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/startupz", web::get().to(started))
        .route(SIBLINGS_PATH, web::get().to(state))
        .route("/metrics", web::get().to(metrics));
}

/// Whether requests should be sent here: there is a page to show, and the server is not about to
/// stop. With no detail and for any host.
pub async fn ready(shared: Data<Shared>) -> HttpResponse {
    let site = &shared.site;
    probe(site.is_lit() && !site.life().is_draining())
}

/// Whether there was a page to show at any time since the start.
async fn started(shared: Data<Shared>) -> HttpResponse {
    probe(shared.site.life().has_started())
}

/// Whether the process runs; what it depends on does not matter.
async fn alive() -> HttpResponse {
    probe(true)
}

fn probe(well: bool) -> HttpResponse {
    let (mut response, body) = match well {
        true => (HttpResponse::Ok(), "ok\n"),
        false => (HttpResponse::ServiceUnavailable(), "not ready\n"),
    };
    response
        .insert_header((CACHE_CONTROL, CachePolicy::Never.header()))
        .content_type(ContentType::plaintext());
    response.body(body)
}

/// What is shown here, for a replica that finds it nowhere else, and for nobody else.
async fn state(request: HttpRequest, app: Data<App>) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    if !header.is_some_and(|header| is_sibling(header, &app.keys, app.clock.now())) {
        return HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, SIBLING)).finish();
    }
    let app = app.into_inner();
    match web::block(move || app.refresher.pack()).await {
        Ok(Ok(bytes)) => HttpResponse::Ok().content_type(ContentType::octet_stream()).body(bytes),
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// Prometheus' text format.
async fn metrics(shared: Data<Shared>) -> HttpResponse {
    match shared.metrics.text(&shared.site.versions()) {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
