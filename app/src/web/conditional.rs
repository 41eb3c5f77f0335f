//! Conditional requests (RFC 9110, section 13): a client that has the answer need not get it again.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::live::{Artefact, Variant};

/// Whether the client holds this very coding of an answer already. A tag decides before a date.
pub fn is_fresh(headers: &HeaderMap, artefact: &Artefact, variant: &Variant) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        let mut tags =
            headers.get_all(IF_NONE_MATCH).filter_map(|tags| tags.to_str().ok()).flat_map(|t| t.split(','));
        return tags.any(|tag| matches(tag.trim(), variant));
    }
    let since = text(headers, IF_MODIFIED_SINCE).and_then(parse_date);
    since.is_some_and(|since| artefact.last_modified.timestamp() <= since.timestamp())
}

/// `If-None-Match` compares weakly: a `W/` does not matter.
fn matches(tag: &str, variant: &Variant) -> bool {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag == "*" || tag.as_bytes() == variant.etag.as_bytes()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The one form of a date that may be sent (RFC 9110, section 5.6.7).
fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    Some(NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;
    use crate::live::{Coding, MediaType};

    fn asks(name: HeaderName, value: &str) -> bool {
        let at = DateTime::from_timestamp(1_795_348_800, 500_000_000).unwrap();
        let artefact = Artefact::new(MediaType::Html, "x".repeat(300), at);
        let tag = artefact.variant(Coding::Gzip).etag.to_str().unwrap().to_owned();
        let value = value.replace("TAG", &tag);
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
        is_fresh(&headers, &artefact, artefact.variant(Coding::Gzip))
    }

    #[test]
    fn tags() {
        assert!(asks(IF_NONE_MATCH, "TAG"));
        assert!(asks(IF_NONE_MATCH, "\"other\", W/TAG"));
        assert!(asks(IF_NONE_MATCH, "*"));
        assert!(!asks(IF_NONE_MATCH, "\"other\""));
        assert!(!asks(IF_NONE_MATCH, "nonsense"));
        assert!(!asks(IF_NONE_MATCH, "TAG-more"));
    }

    #[test]
    fn dates() {
        assert!(asks(IF_MODIFIED_SINCE, "Sun, 22 Nov 2026 12:00:00 GMT"), "to the second");
        assert!(!asks(IF_MODIFIED_SINCE, "Sun, 22 Nov 2026 11:59:59 GMT"));
        assert!(!asks(IF_MODIFIED_SINCE, "yesterday"));
    }
}
