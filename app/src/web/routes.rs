//! The names of all routes, by which answers are counted. A route is one series of each metric, so
//! that no request can make a new one; a page counts as the same in every language.

use std::sync::LazyLock;

use actix_web::HttpRequest;

use super::{api, console};
use crate::{
    live::Endpoint,
    locale,
    telemetry::{Named, Route},
};

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
    "/api/v2/openapi.json",
    "/history",
    "/history.json",
    "/uptime",
];

/// All routes as metrics name them.
pub fn named() -> &'static [Named] {
    static NAMES: LazyLock<Vec<Named>> =
        LazyLock::new(|| labels().iter().map(|route| Named { route, surface: surface(route) }).collect());
    &NAMES
}

/// Which of the things that are offered a route belongs to.
fn surface(route: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| route.contains(word));
    match route {
        "none" => "none",
        "/events" => "events",
        _ if route.starts_with("/v1/") => "management",
        _ if route.starts_with("/admin") => "console",
        _ if route.starts_with("/api/v2/") => "api_v2",
        _ if has(&["/history.", "/feed.json"]) && route != "/history.json" => "feeds",
        _ if has(&["/badge.", "/uptime.", "/embed/", "/card", "/oembed"]) => "embeds",
        _ if route.starts_with("/assets/") || AROUND.contains(&route) => "assets",
        _ => "page",
    }
}

/// What browsers and crawlers fetch by themselves.
const AROUND: &[&str] = &[
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
];

/// The labels of all routes.
pub fn labels() -> &'static [&'static str] {
    static ROUTES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        public_labels().iter().copied().chain(api::labels()).chain(console::labels()).collect()
    });
    &ROUTES
}

/// The labels of the routes that visitors have.
pub fn public_labels() -> &'static [&'static str] {
    static ROUTES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        NAMED.iter().chain(AROUND).chain(ASIDES).copied().chain(Endpoint::ALL.map(Endpoint::path)).collect()
    });
    &ROUTES
}

/// The route of a pattern.
pub fn route(path: &str) -> Route {
    let place = labels().iter().position(|route| *route == path);
    debug_assert!(place.is_some(), "{path} is missing in the list of routes");
    place.map_or(NONE, Route)
}

/// What the route that a request matched is called.
pub fn name_of(request: &HttpRequest) -> &'static str {
    labels().get(route_of(request).0).copied().unwrap_or("none")
}

/// The route that a request matched, worked out from its pattern.
pub fn route_of(request: &HttpRequest) -> Route {
    let Some(pattern) = request.match_pattern() else { return NONE };
    let languages = locale::languages().iter();
    let mut translated = languages.filter_map(|tag| pattern.strip_prefix('/')?.strip_prefix(tag));
    let path = translated.find(|path| path.starts_with('/')).unwrap_or(&pattern);
    // The management API has two places, and two spellings of most paths.
    let path = path.strip_prefix("/api").filter(|path| path.starts_with("/v1/")).unwrap_or(path);
    let place = |path: &str| labels().iter().position(|route| *route == path);
    place(path).or_else(|| place(path.strip_suffix(".json")?)).map_or(NONE, Route)
}
