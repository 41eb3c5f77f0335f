//! What visitors see. Everything here is answered from memory: this module knows what is live,
//! and neither the store nor the cache nor the settings.

use actix_web::{
    Handler, HttpRequest, HttpResponse, Resource, guard,
    http::{
        Method,
        header::{CACHE_CONTROL, LOCATION},
    },
    web::{self, Data, ServiceConfig},
};

use super::{
    cache_policy::CachePolicy,
    error,
    respond::{self, Shared, counted},
    routes::{SCRIPT, route},
};
use crate::{
    live::{ErrorPage, Script},
    locale,
    telemetry::Route,
};

mod asides;
mod asked;
mod documents;
mod events;
mod feeds;
mod oembed;
mod past;
mod preference;
mod query;
mod screens;
mod slashes;

use asked::Asked;
pub use events::{Options as EventOptions, Streams};

/// All public routes. They are tried in turn, so those that are asked for most, and that need no
/// pattern, come first.
pub fn routes(config: &mut ServiceConfig) {
    screen(config, "/", screens::front);
    documents::routes(config);
    for script in Script::ALL {
        let handler = move |request: HttpRequest| async move {
            let answer = async { respond::artefact(&request, script.artefact(), CachePolicy::Immutable) };
            counted(&request, SCRIPT, answer).await
        };
        config.service(read(script.path()).route(get().to(handler)));
    }
    machine(config, "/events", events::events);
    machine(config, "/assets/{logo}", screens::logo);
    // Before the pattern that fits it too.
    machine(config, "/incidents/{id}.json", past::incident_json);
    screen(config, "/incidents/{id}", past::incident);
    screen(config, "/history", past::history);
    machine(config, "/history.json", past::history_json);
    screen(config, "/uptime", past::uptime);
    screen(config, "/components/{id}", screens::component);
    screen(config, "/metrics/{id}", screens::metric);
    machine(config, "/metrics-display/{id}/{period}.json", documents::metrics_display);
    asides::routes(config);
    feeds::routes(config);
    oembed::routes(config);
    slashes::routes(config);
}

/// A place for people: at its path in the page's own language, and below the tag of each other.
fn screen<H, F>(config: &mut ServiceConfig, path: &'static str, handler: H)
where
    H: Fn(Asked) -> F + Copy + Send + 'static,
    F: Future<Output = HttpResponse> + 'static,
{
    machine(config, path, handler);
    let route = route(path);
    for tag in locale::languages() {
        let translated = move |asked: Asked| async move {
            // One place has one address.
            if asked.texts.tag() == *tag {
                return elsewhere(&asked.request, tag).await;
            }
            match asked.snapshot.texts_in(tag) {
                Some(texts) => handler(Asked { texts, ..asked }).await,
                None => asked.refuse(ErrorPage::NotFound),
            }
        };
        config.service(read(&format!("/{tag}{path}")).route(get().to(asking(route, translated))));
        if path == "/" {
            let front = format!("/{tag}/");
            let moved = move |request: HttpRequest| {
                let answer = moved(front.clone());
                async move { counted(&request, route, answer).await }
            };
            config.service(read(&format!("/{tag}")).route(get().to(moved)));
        }
    }
}

/// The same place without the tag of a language.
fn elsewhere(request: &HttpRequest, tag: &str) -> std::future::Ready<HttpResponse> {
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    moved(address.strip_prefix(&format!("/{tag}")).unwrap_or("/").to_owned())
}

/// It is there, for good (RFC 9110, section 15.4.2).
fn moved(to: String) -> std::future::Ready<HttpResponse> {
    let mut response = HttpResponse::MovedPermanently();
    response.insert_header((CACHE_CONTROL, CachePolicy::Page.header()));
    std::future::ready(response.insert_header((LOCATION, to)).finish())
}

/// A place for machines, whose answer has no language of its own.
fn machine<H, F>(config: &mut ServiceConfig, path: &'static str, handler: H)
where
    H: Fn(Asked) -> F + Copy + Send + 'static,
    F: Future<Output = HttpResponse> + 'static,
{
    config.service(read(path).route(get().to(asking(route(path), handler))));
}

/// A handler as the server calls it.
fn asking<H, F>(route: Route, handler: H) -> impl Handler<(HttpRequest, Data<Shared>), Output = HttpResponse>
where
    H: Fn(Asked) -> F + Copy + Send + 'static,
    F: Future<Output = HttpResponse> + 'static,
{
    move |request: HttpRequest, shared: Data<Shared>| ask(request, shared, route, handler)
}

/// Asks a handler, once the gate is passed, and counts what is answered.
async fn ask<F>(
    request: HttpRequest,
    shared: Data<Shared>,
    route: Route,
    handler: impl Fn(Asked) -> F,
) -> HttpResponse
where
    F: Future<Output = HttpResponse>,
{
    let answer = async {
        match Asked::of(request.clone(), shared) {
            Ok(asked) => handler(asked).await,
            Err(answer) => *answer,
        }
    };
    counted(&request, route, answer).await
}

/// A resource that can only be read.
fn read(path: &str) -> Resource {
    web::resource(path).default_service(web::route().to(error::method_not_allowed))
}

fn get() -> actix_web::Route {
    web::route().guard(guard::fn_guard(|context| matches!(context.head().method, Method::GET | Method::HEAD)))
}
