//! What is said when something can't be answered: a page to people, JSON to machines, and nothing
//! of the inside to either.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    web::Data,
};
use serde_json::json;

use super::{cache_policy::CachePolicy, csp, respond, respond::Shared};
use crate::live::{ErrorPage, Snapshot};

/// How long a client should wait before it asks again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The methods that every public resource has.
pub const READ: HeaderValue = HeaderValue::from_static("GET, HEAD");

fn status_of(error: ErrorPage) -> StatusCode {
    match error {
        ErrorPage::NotFound => StatusCode::NOT_FOUND,
        ErrorPage::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorPage::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorPage::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorPage::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Nothing is at this path.
pub async fn not_found(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    answer(&request, &shared, ErrorPage::NotFound)
}

/// What is at this path can only be read.
pub async fn method_not_allowed(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let mut response = answer(&request, &shared, ErrorPage::MethodNotAllowed);
    response.headers_mut().insert(ALLOW, READ);
    response
}

/// Says what went wrong, in the dress of the page that was asked.
pub fn answer(request: &HttpRequest, shared: &Shared, error: ErrorPage) -> HttpResponse {
    match shared.page(request) {
        Ok(snapshot) => on_page(request, shared, &snapshot, error),
        Err(_) => misdirected(request, shared),
    }
}

/// The same where the page is known already.
pub fn on_page(
    request: &HttpRequest,
    shared: &Shared,
    snapshot: &Snapshot,
    error: ErrorPage,
) -> HttpResponse {
    let status = status_of(error);
    let mut response = match snapshot.error(error) {
        Some(page) if !wants_json(request) => respond::send(request, status, page, CachePolicy::Never),
        _ => machine_readable(status),
    };
    shared.metrics.answered(respond::route_of(request), status);
    if matches!(error, ErrorPage::Unavailable | ErrorPage::TooManyRequests) {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

/// No page answers under this host.
pub fn misdirected(request: &HttpRequest, shared: &Shared) -> HttpResponse {
    shared.metrics.answered(respond::route_of(request), StatusCode::MISDIRECTED_REQUEST);
    machine_readable(StatusCode::MISDIRECTED_REQUEST)
}

fn machine_readable(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, CachePolicy::Never.header()));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    response.insert_header((CONTENT_SECURITY_POLICY, csp::NOTHING));
    response.json(json!({ "error": status.canonical_reason().unwrap_or("Error") }))
}

/// Machines ask below `/api/` and `/v1/`, and for files that end in `.json`.
fn wants_json(request: &HttpRequest) -> bool {
    let path = request.path();
    path.starts_with("/api/") || path.starts_with("/v1/") || path.ends_with(".json")
}
