//! How long an answer may be kept, by whom (RFC 9111; RFC 5861 for the two `stale-` words).

use actix_web::http::header::HeaderValue;

/// Declared by each answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachePolicy {
    /// A page: browsers ask each time, shared caches keep it for seconds, and for a day when
    /// nothing answers.
    Page,
    /// A document of API v2, as Statuspage was recorded to send it.
    Document,
    /// The same for every page, until there is another release: kept for an hour, then asked for anew.
    Release,
    /// Named after its content: it never changes.
    Immutable,
    /// Not to be kept.
    Never,
}

impl CachePolicy {
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Page => "public, max-age=0, s-maxage=5, stale-while-revalidate=30, stale-if-error=86400",
            Self::Document => {
                "max-age=10, public, s-maxage=10, stale-while-revalidate=20, stale-if-error=3600"
            }
            Self::Release => {
                "public, max-age=3600, s-maxage=3600, stale-while-revalidate=86400, stale-if-error=604800"
            }
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Never => "no-store",
        })
    }
}
