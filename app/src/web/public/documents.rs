//! The documents of API v2, and those of metrics.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig},
};

use super::{asked::Asked, get, read};
use crate::{
    domain::metric::Period,
    live::{Endpoint, ErrorPage, Surface},
    web::{cache_policy::CachePolicy, respond::Shared, routes::route},
};

pub fn routes(config: &mut ServiceConfig) {
    for endpoint in Endpoint::ALL {
        let route = route(endpoint.path());
        let handler = move |request: HttpRequest, shared: Data<Shared>| async move {
            match Asked::of(request, shared, route) {
                Ok(asked) => asked.send(asked.snapshot.document(endpoint), CachePolicy::Document),
                Err(answer) => *answer,
            }
        };
        config.service(read(endpoint.path()).route(get().to(handler)));
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
