//! The documents of API v2.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};

use super::{asked::Asked, get, read};
use crate::{
    live::Endpoint,
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
