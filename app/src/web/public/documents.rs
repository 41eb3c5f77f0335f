//! The documents of API v2, and those of metrics.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::{asked::Asked, machine};
use crate::{
    domain::metric::Period,
    live::{Endpoint, ErrorPage, Surface},
    web::cache_policy::CachePolicy,
};

pub fn routes(config: &mut ServiceConfig) {
    for endpoint in Endpoint::ALL {
        let handler = move |asked: Asked| async move {
            asked.send(asked.snapshot.document(endpoint), CachePolicy::Document)
        };
        machine(config, endpoint.path(), handler);
    }
}

/// What a metric measured in a period; an id or a period that nobody knows is answered from memory.
pub async fn metrics_display(asked: Asked) -> HttpResponse {
    let period = Period::parse(asked.request.match_info().query("period"));
    match (asked.id().parse(), period) {
        (Ok(id), Some(period)) => asked.surface(&Surface::MetricsDisplay(id, period), CachePolicy::Document),
        _ => asked.refuse(ErrorPage::NotFound),
    }
}
