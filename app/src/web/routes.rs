//! The names of all routes, by which answers are counted. A route is one series of each metric, so
//! that no request can make a new one; a page counts as the same in every language.

use std::sync::LazyLock;

use actix_web::HttpRequest;

use super::api;
use crate::{live::Endpoint, locale, telemetry::Route};

/// What matched nothing.
pub const NONE: Route = Route(0);
pub const SCRIPT: Route = Route(1);

const NAMED: &[&str] = &[
    "none",
    "/assets/{script}",
    "/assets/{logo}",
    "/",
    "/events",
    "/incidents/{id}",
    "/incidents/{id}.json",
    "/components/{id}",
    "/metrics/{id}",
    "/metrics-display/{id}/{period}.json",
    "/history.atom",
    "/history.rss",
    "/history.ics",
    "/feed.json",
    "/components/{id}/history.atom",
    "/components/{id}/history.rss",
    "/components/{id}/history.ics",
    "/components/{id}/feed.json",
    "/incidents/{id}/history.atom",
    "/incidents/{id}/history.rss",
    "/incidents/{id}/history.ics",
    "/incidents/{id}/feed.json",
];

/// The small things for other sites, crawlers, previews and tools.
const ASIDES: &[&str] = &[
    "/badge.svg",
    "/badge.json",
    "/components/{id}/badge.svg",
    "/components/{id}/badge.json",
    "/components/{id}/uptime.svg",
    "/components/{id}/uptime.json",
    "/embed/script.js",
    "/embed/frame",
    "/embed/card",
    "/components/{id}/card",
    "/incidents/{id}/card",
    "/oembed",
    "/.well-known/security.txt",
    "/security.txt",
    "/robots.txt",
    "/sitemap.xml",
    "/site.webmanifest",
    "/favicon.svg",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/icon-192.png",
    "/icon-512.png",
    "/og.png",
    "/api/v2/openapi.json",
    "/history",
    "/history.json",
    "/uptime",
];

/// The labels of all routes.
pub fn labels() -> &'static [&'static str] {
    static ROUTES: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| public_labels().iter().copied().chain(api::labels()).collect());
    &ROUTES
}

/// The labels of the routes that visitors have.
pub fn public_labels() -> &'static [&'static str] {
    static ROUTES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        NAMED.iter().chain(ASIDES).copied().chain(Endpoint::ALL.map(Endpoint::path)).collect()
    });
    &ROUTES
}

/// The route of a pattern.
pub fn route(path: &str) -> Route {
    let place = labels().iter().position(|route| *route == path);
    debug_assert!(place.is_some(), "{path} is missing in the list of routes");
    place.map_or(NONE, Route)
}

/// The route that a request matched, worked out from its pattern.
pub fn route_of(request: &HttpRequest) -> Route {
    let Some(pattern) = request.match_pattern() else { return NONE };
    let languages = locale::languages().iter();
    let mut translated = languages.filter_map(|tag| pattern.strip_prefix('/')?.strip_prefix(tag));
    let path = translated.find(|path| path.starts_with('/')).unwrap_or(&pattern);
    labels().iter().position(|route| *route == path).map_or(NONE, Route)
}
