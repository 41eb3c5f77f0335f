//! `/events`: who watches the page is told of its changes (server-sent events, WHATWG HTML).

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    web::{Bytes, Data},
};
use futures_util::StreamExt;
use ipnet::IpNet;

use super::asked::Asked;
use crate::{
    live::{ErrorPage, Slots},
    web::{address, respond},
};

/// What the settings say of it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most streams that are open at once.
    pub most: usize,
    /// The most for one address; 0 for any number.
    pub most_per_address: usize,
    /// How long what a client does not take may wait for it, before its connection is given up.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { most: 10_000, most_per_address: 200, patience: Duration::from_secs(30) }
    }
}

/// What the handler has besides the site.
#[derive(Debug)]
pub struct Streams {
    pub slots: Arc<Slots>,
    /// The proxies whose X-Forwarded-For is believed.
    pub trusted: Vec<IpNet>,
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Not to be collected by nginx before it is passed on.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");
/// Compressing would collect it too.
const UNCHANGED: HeaderValue = HeaderValue::from_static("no-store, no-transform");
/// How long a client should wait that found no place, in seconds.
const LATER: HeaderValue = HeaderValue::from_static("300");

/// Opens a stream. Who finds no place gets 204, at which an EventSource stays away for good, and
/// polls; an answer of 503 would do the same, and look like a fault to load balancers.
pub async fn events(asked: Asked) -> HttpResponse {
    let request = &asked.request;
    if request.method() == Method::HEAD {
        return begun().finish();
    }
    let Some(streams) = request.app_data::<Data<Streams>>() else {
        return asked.refuse(ErrorPage::Internal);
    };
    let from = address::counted(address::address(request, &streams.trusted));
    let Ok(slot) = streams.slots.take(from) else { return full() };
    let told = asked.shared.site.events().join(&asked.snapshot.state, last_heard(request));
    // The place is given back with the stream, whoever ends it.
    let told = told.map(move |said| {
        let _held = &slot;
        Ok::<Bytes, std::convert::Infallible>(said)
    });
    begun().streaming(told)
}

fn last_heard(request: &HttpRequest) -> Option<&str> {
    request.headers().get(LAST_EVENT_ID)?.to_str().ok()
}

fn begun() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/event-stream")));
    response.insert_header((CACHE_CONTROL, UNCHANGED));
    response.insert_header((UNBUFFERED, HeaderValue::from_static("no")));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, respond::ANY_ORIGIN));
    response
}

fn full() -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((CACHE_CONTROL, UNCHANGED));
    response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, respond::ANY_ORIGIN));
    response.insert_header((RETRY_AFTER, LATER)).finish()
}
