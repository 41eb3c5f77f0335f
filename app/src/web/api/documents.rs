//! What describes the API: the document, the same as a page for people, and the schema of files that
//! `pharos apply` reads. Who reads them needs no token.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, Resource, http::StatusCode, web};

use super::{answer::guarded, not_allowed, openapi};
use crate::{
    live::{Artefact, reference},
    web::{cache_policy::CachePolicy, respond, routes},
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
    resource.default_service(web::route().to(move |request: HttpRequest| async move {
        respond::counted(&request, routes::route(path), async { not_allowed("GET, HEAD") }).await
    }))
}

async fn document(request: HttpRequest) -> HttpResponse {
    let answer = async { json("application/json; charset=utf-8", openapi::text()) };
    respond::counted(&request, routes::route(openapi::PATH), answer).await
}

async fn page_schema(request: HttpRequest) -> HttpResponse {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string_pretty(&schema()).unwrap_or_else(|_| "{}".to_owned()));
    let answer = async { json("application/schema+json", &TEXT) };
    respond::counted(&request, routes::route(SCHEMA_PATH), answer).await
}

fn json(media_type: &'static str, text: &'static str) -> HttpResponse {
    let mut response = guarded(StatusCode::OK);
    // Editors and other people's pages read it.
    response.insert_header(("access-control-allow-origin", respond::ANY_ORIGIN));
    response.insert_header(("cache-control", CachePolicy::Release.header()));
    response.insert_header(("content-type", media_type)).body(text)
}

async fn docs(request: HttpRequest) -> HttpResponse {
    static PAGE: LazyLock<Artefact> = LazyLock::new(|| reference(openapi::document(), openapi::PATH));
    let answer = async { respond::artefact(&request, &PAGE, CachePolicy::Release) };
    respond::counted(&request, routes::route(DOCS_PATH), answer).await
}
