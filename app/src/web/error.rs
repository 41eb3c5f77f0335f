//! What is said when something can't be answered: a page to people, JSON to machines, and nothing
//! of the inside to either.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue,
            RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    web::Data,
};
use serde_json::json;

use super::{cache_policy::CachePolicy, respond, respond::Shared, routes};
use crate::{
    live::{Artefact, ErrorPage, NoPage, Screen, Snapshot, undressed},
    locale::Texts,
};

/// How long a client should wait before it asks again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Nothing may be loaded by what is no page.
const NO_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The methods that every public resource has.
pub const READ: HeaderValue = HeaderValue::from_static("GET, HEAD");

fn status_of(error: ErrorPage) -> StatusCode {
    match error {
        ErrorPage::NotFound => StatusCode::NOT_FOUND,
        ErrorPage::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorPage::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        ErrorPage::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorPage::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorPage::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Nothing is at this path.
pub async fn not_found(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let answer = async { answer(&request, &shared, ErrorPage::NotFound) };
    respond::counted(&request, routes::NONE, answer).await
}

/// What is at this path can only be read.
pub async fn method_not_allowed(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let answer = async {
        let mut response = answer(&request, &shared, ErrorPage::MethodNotAllowed);
        response.headers_mut().insert(ALLOW, READ);
        response
    };
    respond::counted(&request, routes::route_of(&request), answer).await
}

/// Says what went wrong, in the dress of the page that was asked.
pub fn answer(request: &HttpRequest, shared: &Shared, error: ErrorPage) -> HttpResponse {
    match shared.page(request) {
        Ok(snapshot) => on_page(request, &snapshot, spoken(request, &snapshot), error),
        Err(reason) => no_page(request, reason),
    }
}

/// The language whose tag a path begins with, else the page's own.
fn spoken(request: &HttpRequest, snapshot: &Snapshot) -> &'static Texts {
    let first = request.path().split('/').nth(1).unwrap_or_default();
    snapshot.texts_in(first).unwrap_or_else(|| snapshot.texts())
}

/// The same where the page is known already.
pub fn on_page(
    request: &HttpRequest,
    snapshot: &Snapshot,
    texts: &'static Texts,
    error: ErrorPage,
) -> HttpResponse {
    match snapshot.artefact(&Screen::Error(error).surface(texts)) {
        Some(page) => told(request, error, &page),
        None => told(request, error, undressed(error)),
    }
}

/// There is no page to be dressed as.
pub fn no_page(request: &HttpRequest, reason: NoPage) -> HttpResponse {
    let error = match reason {
        NoPage::Misdirected => ErrorPage::Misdirected,
        NoPage::Dark => ErrorPage::Unavailable,
    };
    told(request, error, undressed(error))
}

fn told(request: &HttpRequest, error: ErrorPage, page: &Artefact) -> HttpResponse {
    let status = status_of(error);
    let mut response = match wants_json(request) {
        true => machine_readable(status, status.canonical_reason().unwrap_or("Error")),
        false => respond::send(request, status, page, CachePolicy::Never),
    };
    if matches!(error, ErrorPage::Unavailable | ErrorPage::TooManyRequests) {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

/// Says to a machine what it may not ask; `text` names the parameter and what is allowed.
pub fn refused(status: StatusCode, text: &str) -> HttpResponse {
    machine_readable(status, text)
}

fn machine_readable(status: StatusCode, text: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, CachePolicy::Never.header()));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    response.insert_header((CONTENT_SECURITY_POLICY, NO_POLICY));
    response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, respond::ANY_ORIGIN));
    response.json(json!({ "error": text }))
}

/// Machines ask below `/api/` and `/v1/`, for files that end in `.json`, and for what they may embed.
fn wants_json(request: &HttpRequest) -> bool {
    let path = request.path();
    path.starts_with("/api/") || path.starts_with("/v1/") || path.ends_with(".json") || path == "/oembed"
}
