//! The Content-Security-Policy of pages (W3C CSP 3).

use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;

static PAGES: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::from_str(crate::render::page::csp()).unwrap_or(NOTHING));

/// Nothing is allowed at all: for what is no page.
pub const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// What the public pages may load.
pub fn pages() -> HeaderValue {
    PAGES.clone()
}
