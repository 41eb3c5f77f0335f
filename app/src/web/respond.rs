//! What every answer shares: which page is meant, which coding, whether the client has it already.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, HeaderValue, LAST_MODIFIED, REFERRER_POLICY,
            VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    web::Data,
};

use super::{cache_policy::CachePolicy, conditional, negotiate};
use crate::{
    clock,
    live::{Artefact, Coding, NoPage, Site, Snapshot},
    telemetry::{Metrics, Route},
};

/// What the handlers of visitors have: no store, no cache, no settings.
#[derive(Debug)]
pub struct Shared {
    pub site: Arc<Site>,
    pub metrics: Metrics,
}

impl Shared {
    /// The page that a request is for. Nothing but the exact `Host` decides.
    pub fn page(&self, request: &HttpRequest) -> Result<Arc<Snapshot>, NoPage> {
        self.site.page(|| host(request))
    }
}

/// Counts what a handler answers, and how long that took.
pub async fn counted(
    request: &HttpRequest,
    route: Route,
    answer: impl Future<Output = HttpResponse>,
) -> HttpResponse {
    let began = clock::instant();
    let response = answer.await;
    if let Some(shared) = request.app_data::<Data<Shared>>() {
        shared.metrics.answered(route, response.status(), clock::instant().duration_since(began));
    }
    response
}

/// The host that a request names, without its port.
fn host(request: &HttpRequest) -> &str {
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let host = authority.or(named).unwrap_or_default();
    match host.rsplit_once(':') {
        // The colons of an IPv6 address stand within brackets.
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Sends an artefact with status 200, or 304 to whom holds it already.
pub fn artefact(request: &HttpRequest, artefact: &Artefact, policy: CachePolicy) -> HttpResponse {
    let variant = artefact.variant(accepted(request));
    if conditional::is_fresh(request.headers(), artefact, variant) {
        let mut response = HttpResponse::NotModified();
        response.insert_header((ETAG, variant.etag.clone()));
        response.insert_header((CACHE_CONTROL, policy.header()));
        response.insert_header((VARY, VARIES));
        if artefact.media_type.is_for_machines() {
            response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN));
        }
        return response.insert_header((LAST_MODIFIED, artefact.last_modified_header.clone())).finish();
    }
    send(request, StatusCode::OK, artefact, policy)
}

/// Scripts of any site may read what machines read.
pub const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const VARIES: HeaderValue = HeaderValue::from_static("Accept-Encoding");

fn accepted(request: &HttpRequest) -> Coding {
    negotiate::coding(request.headers().get(ACCEPT_ENCODING).and_then(|accept| accept.to_str().ok()))
}

/// Sends an artefact whole.
pub fn send(
    request: &HttpRequest,
    status: StatusCode,
    artefact: &Artefact,
    policy: CachePolicy,
) -> HttpResponse {
    let variant = artefact.variant(accepted(request));
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(artefact.media_type.as_str())));
    if variant.coding != Coding::Identity {
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static(variant.coding.token())));
    }
    if status == StatusCode::OK {
        response.insert_header((ETAG, variant.etag.clone()));
        response.insert_header((LAST_MODIFIED, artefact.last_modified_header.clone()));
    }
    response.insert_header((CACHE_CONTROL, policy.header()));
    response.insert_header((VARY, VARIES));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    response.insert_header((REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")));
    response.insert_header((CONTENT_SECURITY_POLICY, artefact.policy.clone()));
    if artefact.media_type.is_for_machines() {
        response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN));
    }
    response.body(variant.bytes.clone())
}
