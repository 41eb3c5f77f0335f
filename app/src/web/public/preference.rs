//! The language that a person would rather have the front page in. `/` says the same to everybody,
//! so that shared caches may keep it; only a browser that is led to it from elsewhere is sent on,
//! by an answer that nobody may keep.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT_LANGUAGE, AsHeaderName, CACHE_CONTROL, COOKIE, HeaderValue, LOCATION, VARY},
};

use super::asked::Asked;
use crate::{
    live::Snapshot,
    locale::{self, Texts},
};

/// What the switch between the languages leaves, by script.
const CHOICE: &str = "lang";
const NOT_KEPT: HeaderValue = HeaderValue::from_static("private, no-store");
const VARIES: HeaderValue = HeaderValue::from_static("Accept-Language, Cookie");
/// The languages of a header that are looked at; browsers send a handful.
const READ_AT_MOST: usize = 32;

/// The way to the front page in another language, for whom it is better.
pub fn redirect(asked: &Asked) -> Option<HttpResponse> {
    let own = asked.snapshot.texts();
    if asked.texts.tag() != own.tag() || !is_led_here(&asked.request) {
        return None;
    }
    let wanted = chosen(&asked.request, &asked.snapshot);
    let wanted = wanted.or_else(|| accepted(text(&asked.request, ACCEPT_LANGUAGE)?, own.tag()))?;
    if wanted.tag() == own.tag() {
        return None;
    }
    let place = asked.request.uri().path_and_query().map_or("/", |place| place.as_str());
    let mut response = HttpResponse::Found();
    response.insert_header((CACHE_CONTROL, NOT_KEPT));
    response.insert_header((VARY, VARIES));
    Some(response.insert_header((LOCATION, format!("/{}{place}", wanted.tag()))).finish())
}

/// Whether a browser opens the page as a document, and not from the page itself: there the
/// switch has been used (Fetch Metadata). Machines say none of this.
fn is_led_here(request: &HttpRequest) -> bool {
    let is = |name, value: &str| text(request, name) == Some(value);
    is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
        && ["none", "cross-site", "same-site"].iter().any(|site| is("sec-fetch-site", site))
}

fn text(request: &HttpRequest, name: impl AsHeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

/// The language that was chosen before, if the page is shown in it.
fn chosen(request: &HttpRequest, snapshot: &Snapshot) -> Option<&'static Texts> {
    let pairs = text(request, COOKIE)?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == CHOICE).find_map(|(_, tag)| snapshot.texts_in(tag))
}

/// Of the languages that a page with this one of its own is shown in, the one that is liked best
/// (RFC 9110, section 12.5.4); of several liked equally the page's own, so that as few as can be
/// are sent on. None if all are refused or unheard of.
fn accepted(header: &str, own: &str) -> Option<&'static Texts> {
    let ranges: Vec<(&str, f32)> = header.split(',').take(READ_AT_MOST).map(range).collect();
    let liked = |tag: &str| {
        let fits = |range: &str| {
            range.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
                && matches!(range.as_bytes().get(tag.len()), None | Some(b'-'))
        };
        let named = ranges.iter().filter(|(range, _)| fits(range)).map(|(_, quality)| *quality);
        let others = ranges.iter().find(|(range, _)| *range == "*").map_or(0.0, |(_, quality)| *quality);
        named.reduce(f32::max).unwrap_or(others)
    };
    let mut best = (None, 0.0);
    for texts in locale::of_page(own) {
        let quality = liked(texts.tag());
        if quality > best.1 {
            best = (Some(texts), quality);
        }
    }
    best.0
}

/// A range such as `de-AT;q=0.8`, and its quality.
fn range(item: &str) -> (&str, f32) {
    let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
    let quality =
        parameters.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.trim_start().strip_prefix('='));
    let quality = quality.map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
    (name.trim(), if (0.0..=1.0).contains(&quality) { quality } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_send() {
        let table = [
            ("de", Some("de")),
            ("DE-at", Some("de")),
            ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", Some("de")),
            ("en-US,en;q=0.9,de;q=0.8", Some("en")),
            ("fr, de;q=0.8, en;q=0.7", Some("de")),
            ("de, en", Some("en")),
            ("de;q=0.5, *;q=0.1", Some("de")),
            ("fr;q=1, *;q=0.5", Some("en")),
            ("en;q=0, *", Some("de")),
            ("de ; q = 0.3", Some("de")),
            ("de;q=nonsense", None),
            ("de;q=7", None),
            ("de;q=NaN", None),
            ("den, d, dé", None),
            ("fr", None),
            ("", None),
            ("*", Some("en")),
        ];
        for (header, expected) in table {
            assert_eq!(accepted(header, "en").map(Texts::tag), expected, "{header}");
        }
        assert_eq!(accepted("en-GB, de;q=0.9", "de").map(Texts::tag), Some("en"));
        assert_eq!(accepted("*", "de").map(Texts::tag), Some("de"));
        let endless = "fr,".repeat(READ_AT_MOST) + "de";
        assert!(accepted(&endless, "en").is_none(), "nobody reads that far");
    }
}
