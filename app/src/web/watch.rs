//! What is done around every request: it is told in a line and followed in a trace, as far as that
//! is wanted, and a server that is about to stop says so.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    body::{BodySize, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse},
    http::{
        ConnectionType,
        header::{HeaderMap, HeaderName},
    },
    web::Data,
};
use tracing::{Instrument, Span, field::Empty};

use super::{respond::Shared, routes};
use crate::{
    clock,
    telemetry::{
        AccessLine,
        traces::{self, Extractor},
    },
};

/// What is wanted besides an answer.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    pub access_log: bool,
    pub traces: bool,
}

/// Has a request answered.
pub fn watched<S, B>(
    watch: Watch,
    request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<B>, actix_web::Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let began = watch.access_log.then(clock::instant);
    let span = if watch.traces { span(&request) } else { Span::none() };
    let answer = service.call(request);
    async move {
        let mut answer = match span.is_disabled() {
            true => answer.await?,
            false => answer.instrument(span.clone()).await?,
        };
        close(&span, &answer);
        if let Some(began) = began {
            tell(&answer, &span, clock::instant().duration_since(began));
        }
        let shared = answer.request().app_data::<Data<Shared>>();
        if shared.is_some_and(|shared| shared.site.life().is_draining()) {
            // The client asks another one next (RFC 9112, section 9.6).
            answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(answer)
    }
}

/// The span of a request: of each that reaches the management API, and of those to the pages that
/// belong to a trace which is kept.
fn span(request: &ServiceRequest) -> Span {
    let headers = Headers(request.headers());
    if !is_managed(request.path()) && !traces::asked_for(&headers).is_some_and(|(_, is_kept)| is_kept) {
        return Span::none();
    }
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    );
    traces::go_on_from(&span, &headers);
    span
}

fn close<B>(span: &Span, answer: &ServiceResponse<B>) {
    if span.is_disabled() {
        return;
    }
    let (route, status) = (routes::name_of(answer.request()), answer.status());
    traces::rename(span, format!("{} {route}", answer.request().method()));
    span.record("http.route", route);
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

fn tell<B: MessageBody>(answer: &ServiceResponse<B>, span: &Span, took: Duration) {
    let request = answer.request();
    let route = routes::name_of(request);
    let trace = traces::trace_of(span)
        .or_else(|| traces::asked_for(&Headers(request.headers())).map(|(trace, _)| trace));
    let bytes = match answer.response().body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::Stream => None,
    };
    let line = AccessLine {
        method: request.method().as_str(),
        route,
        path: shown_path(request, route),
        status: answer.status().as_u16(),
        bytes,
        took,
        trace_id: trace.as_deref(),
    };
    line.tell();
}

/// The path, unless there is a key in it, or may be.
fn shown_path<'r>(request: &'r HttpRequest, route: &'static str) -> &'r str {
    match is_managed(request.path()) {
        // Who has a link that lets somebody in is let in.
        false if request.path().starts_with("/admin/links/") => "/admin/links/…",
        // Who has a calendar's address reads it for ever.
        false if request.path().starts_with("/admin/calendars/") => "/admin/calendars/…",
        true if route == "none" => "/v1/…",
        true if request.match_info().get("key").is_some() => route,
        _ => request.path(),
    }
}

fn is_managed(path: &str) -> bool {
    path.starts_with("/v1/") || path.starts_with("/api/v1/")
}

/// The headers of a request, as propagation reads them.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
