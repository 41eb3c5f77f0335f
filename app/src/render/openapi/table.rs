//! Every place that machines read, as the routes are written.

/// One place.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub kind: &'static str,
    /// The schema of what is JSON; anything else is a text or bytes.
    pub schema: Option<&'static str>,
    /// What may be asked in the query.
    pub asks: &'static [Asks],
    /// Whether the past is asked for, which may be away, or busy, or known as it was.
    pub archived: bool,
    /// How else it answers.
    pub refuses: &'static [(&'static str, &'static str)],
    /// Whether it is there on some pages only.
    pub may_lack: bool,
}

/// A parameter of the query.
#[derive(Clone, Copy, Debug)]
pub struct Asks {
    pub name: &'static str,
    pub about: &'static str,
    pub is_needed: bool,
    pub form: Form,
}

/// What a parameter is written as.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Address,
    /// The one word that is allowed.
    Word(&'static str),
    /// A whole number, from the smallest to the largest.
    Number(i32, i32),
    Id,
}

const fn asks(name: &'static str, form: Form, about: &'static str) -> Asks {
    Asks { name, about, is_needed: false, form }
}

const fn place(
    tag: &'static str,
    path: &'static str,
    kind: &'static str,
    summary: &'static str,
) -> Described {
    Described {
        path,
        tag,
        summary,
        kind,
        schema: None,
        asks: &[],
        archived: false,
        refuses: &[],
        may_lack: false,
    }
}

const fn json(
    tag: &'static str,
    path: &'static str,
    schema: &'static str,
    summary: &'static str,
) -> Described {
    Described { schema: Some(schema), ..place(tag, path, "application/json", summary) }
}

const OEMBED_ASKS: &[Asks] = &[
    Asks { is_needed: true, ..asks("url", Form::Address, "An address of this page, of at most 2048 bytes.") },
    asks("format", Form::Word("json"), "json, which is all there is."),
    asks("maxwidth", Form::Number(240, i32::MAX), "The widest that the frame may be, in pixels."),
    asks("maxheight", Form::Number(115, i32::MAX), "The highest that the frame may be, in pixels."),
];

const OEMBED_REFUSES: &[(&str, &str)] =
    &[("400", "A parameter is missing or not allowed."), ("501", "Only format=json is there.")];

const V2: &str = "Statuspage API v2";
const FEEDS: &str = "Feeds and calendars";
const BADGES: &str = "Badges";
const EMBED: &str = "Embedding";
const NEWS: &str = "News";
/// A stream, which has no end and is not kept (WHATWG HTML, server-sent events).
pub const EVENTS: &str = "text/event-stream";
const FILES: &str = "Files by agreed names";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";
const ATOM: &str = "application/atom+xml";
const RSS: &str = "application/rss+xml";
const CALENDAR: &str = "text/calendar";

const HISTORY_ASKS: &[Asks] = &[
    asks("page", Form::Number(1, 9_999), "How many quarters back, from 1 for the quarter that is now."),
    asks("component", Form::Id, "The id of a component; only what affected it."),
];

/// What is told of an incident that may be too old for memory.
const fn archived(described: Described) -> Described {
    Described { archived: true, ..described }
}

/// A JSON Feed (jsonfeed.org, version 1.1).
const fn json_feed(path: &'static str, summary: &'static str) -> Described {
    Described { kind: "application/feed+json", ..json(FEEDS, path, "JsonFeed", summary) }
}

/// All of them.
pub const TABLE: &[Described] = &[
    json(V2, "/api/v2/summary.json", "Summary", "Status, components, open incidents and maintenances."),
    json(V2, "/api/v2/status.json", "PageStatus", "The page's status."),
    json(V2, "/api/v2/components.json", "Components", "All components and groups."),
    json(V2, "/api/v2/incidents.json", "Incidents", "The 50 most recent incidents."),
    json(V2, "/api/v2/incidents/unresolved.json", "Incidents", "The incidents that are open."),
    json(V2, "/api/v2/incidents/resolved.json", "Incidents", "The 50 most recent incidents that are over."),
    json(V2, "/api/v2/scheduled-maintenances.json", "Maintenances", "The 50 most recent maintenances."),
    json(V2, "/api/v2/scheduled-maintenances/upcoming.json", "Maintenances", "The maintenances to come."),
    json(V2, "/api/v2/scheduled-maintenances/active.json", "Maintenances", "The maintenances that run."),
    archived(json(
        "History",
        "/incidents/{id}.json",
        "OneIncident",
        "One incident or maintenance, however old.",
    )),
    Described {
        asks: HISTORY_ASKS,
        archived: true,
        may_lack: true,
        ..json("History", "/history.json", "History", "A quarter, by months, newest first.")
    },
    json(
        "Metrics",
        "/metrics-display/{id}/{period}.json",
        "MetricsDisplay",
        "What a metric measured in the last hour, day, week or month, as means.",
    ),
    place(FEEDS, "/history.atom", ATOM, "The 25 newest incidents and maintenances (RFC 4287)."),
    place(FEEDS, "/history.rss", RSS, "The 25 newest incidents and maintenances (RSS 2.0)."),
    place(FEEDS, "/history.ics", CALENDAR, "The maintenances (RFC 5545)."),
    json_feed("/feed.json", "The 25 newest incidents and maintenances."),
    place(FEEDS, "/components/{id}/history.atom", ATOM, "What affected a component (RFC 4287)."),
    place(FEEDS, "/components/{id}/history.rss", RSS, "What affected a component (RSS 2.0)."),
    place(FEEDS, "/components/{id}/history.ics", CALENDAR, "A component's maintenances (RFC 5545)."),
    json_feed("/components/{id}/feed.json", "What affected a component."),
    archived(place(FEEDS, "/incidents/{id}/history.atom", ATOM, "The updates of an incident (RFC 4287).")),
    archived(place(FEEDS, "/incidents/{id}/history.rss", RSS, "The updates of an incident (RSS 2.0).")),
    archived(place(
        FEEDS,
        "/incidents/{id}/history.ics",
        CALENDAR,
        "An incident or maintenance as an event (RFC 5545).",
    )),
    archived(json_feed("/incidents/{id}/feed.json", "The updates of an incident.")),
    json("Description", "/api/v2/openapi.json", "OpenApi", "This document."),
    place(BADGES, "/badge.svg", SVG, "The page's status as a badge."),
    json(BADGES, "/badge.json", "Badge", "The page's status for shields.io."),
    place(BADGES, "/components/{id}/badge.svg", SVG, "A component's status as a badge."),
    json(BADGES, "/components/{id}/badge.json", "Badge", "A component's status for shields.io."),
    place(BADGES, "/components/{id}/uptime.svg", SVG, "A component's uptime of 90 days as a badge."),
    json(BADGES, "/components/{id}/uptime.json", "Badge", "A component's uptime of 90 days for shields.io."),
    place(EMBED, "/embed/script.js", "text/javascript", "Brings a frame into view while something is wrong."),
    place(EMBED, "/embed/frame", "text/html", "The frame."),
    place(EMBED, "/embed/card", "text/html", "A card that says how things are, for frames."),
    place(EMBED, "/components/{id}/card", "text/html", "A card that says how a component is, for frames."),
    archived(place(
        EMBED,
        "/incidents/{id}/card",
        "text/html",
        "A card of one incident or maintenance, for frames.",
    )),
    Described {
        asks: OEMBED_ASKS,
        archived: true,
        refuses: OEMBED_REFUSES,
        may_lack: true,
        ..json(EMBED, "/oembed", "OEmbed", "How to show one of the page's addresses (oembed.com).")
    },
    place(FILES, "/robots.txt", "text/plain", "What crawlers may read (RFC 9309)."),
    Described {
        may_lack: true,
        ..place(
            FILES,
            "/sitemap.xml",
            "application/xml",
            "The page's places (sitemaps.org), if it is listed.",
        )
    },
    Described {
        may_lack: true,
        ..place(FILES, "/.well-known/security.txt", "text/plain", "Whom to tell of a weakness (RFC 9116).")
    },
    Described {
        may_lack: true,
        ..place(FILES, "/security.txt", "text/plain", "Leads to /.well-known/security.txt.")
    },
    Described {
        kind: "application/manifest+json",
        ..json(FILES, "/site.webmanifest", "Manifest", "The page as an application (W3C Manifest).")
    },
    place(NEWS, "/events", EVENTS, "Server-sent events: a `revision` whenever the page has changed."),
    place(FILES, "/favicon.svg", SVG, "The icon in the page's state."),
    place(FILES, "/favicon.ico", "image/vnd.microsoft.icon", "The icon of 32 pixels."),
    place(FILES, "/apple-touch-icon.png", PNG, "The icon of 180 pixels."),
    place(FILES, "/icon-192.png", PNG, "The icon of 192 pixels."),
    place(FILES, "/icon-512.png", PNG, "The icon of 512 pixels."),
    place(
        FILES,
        "/og.png",
        PNG,
        "The picture for previews, 1200 by 630; below the tag of a language in that language.",
    ),
];
