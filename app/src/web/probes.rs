//! Probes and metrics. Each probe answers a question of its own, from memory.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
    web::{self, Data, ServiceConfig},
};

use super::{cache_policy::CachePolicy, respond::Shared};

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/livez", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/startupz", web::get().to(started))
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
