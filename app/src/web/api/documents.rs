//! What describes the API: the document, the same as a page for people, and the schema of files that
//! `pharos apply` reads. Who reads them needs no token.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse, Resource,
    http::StatusCode,
    web::{self, Data},
};

use super::{answer::guarded, not_allowed, openapi};
use crate::{
    live::{Artefact, reference},
    web::{
        cache_policy::CachePolicy,
        respond::{self, Shared},
        routes,
    },
    wire::page_file::{SCHEMA_PATH, schema},
};

pub const DOCS_PATH: &str = "/v1/docs";

/// Paths that are no operation on anything.
pub const PATHS: [&str; 3] = [openapi::PATH, DOCS_PATH, SCHEMA_PATH];

/// One of them at its place below a prefix.
pub fn resource(path: &'static str, at: &str) -> Resource {
    let resource = web::resource(at.to_owned());
    let resource = match path {
        DOCS_PATH => resource.route(web::get().to(docs)).route(web::head().to(docs)),
        SCHEMA_PATH => resource.route(web::get().to(page_schema)).route(web::head().to(page_schema)),
        _ => resource.route(web::get().to(document)).route(web::head().to(document)),
    };
    resource.default_service(web::route().to(async || not_allowed("GET, HEAD")))
}

async fn document(shared: Data<Shared>) -> HttpResponse {
    shared.metrics.answered(routes::route(openapi::PATH), StatusCode::OK);
    json("application/json; charset=utf-8", openapi::text())
}

async fn page_schema(shared: Data<Shared>) -> HttpResponse {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string_pretty(&schema()).unwrap_or_else(|_| "{}".to_owned()));
    shared.metrics.answered(routes::route(SCHEMA_PATH), StatusCode::OK);
    json("application/schema+json", &TEXT)
}

fn json(media_type: &'static str, text: &'static str) -> HttpResponse {
    let mut response = guarded(StatusCode::OK);
    // Editors and other people's pages read it.
    response.insert_header(("access-control-allow-origin", respond::ANY_ORIGIN));
    response.insert_header(("cache-control", CachePolicy::Release.header()));
    response.insert_header(("content-type", media_type)).body(text)
}

async fn docs(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    static PAGE: LazyLock<Artefact> = LazyLock::new(|| reference(openapi::document(), openapi::PATH));
    let route = routes::route(DOCS_PATH);
    respond::artefact(&request, &shared, route, &PAGE, CachePolicy::Release)
}
