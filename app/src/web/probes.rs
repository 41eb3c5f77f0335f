//! Probes and metrics.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
    web::{self, Data, ServiceConfig},
};

use super::{cache_policy::CachePolicy, respond::Shared};

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/livez", web::get().to(livez))
        .route("/readyz", web::get().to(healthz))
        .route("/startupz", web::get().to(healthz))
        .route("/metrics", web::get().to(metrics));
}

/// For load balancers: whether there is a page to show, with no detail and for any host.
pub async fn healthz(shared: Data<Shared>) -> HttpResponse {
    let mut response =
        if shared.site.is_lit() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let body = if shared.site.is_lit() { "ok\n" } else { "not ready\n" };
    response
        .insert_header((CACHE_CONTROL, CachePolicy::Never.header()))
        .content_type(ContentType::plaintext());
    response.body(body)
}

/// Whether the process runs; what it depends on does not matter.
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok\n")
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
