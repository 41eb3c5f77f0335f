//! A finished answer: its bytes in every coding, and the headers that go with them.

use std::io::Write;

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::{
    domain::{branding::LogoType, state::LiveState},
    render::{feeds::Feed, page},
};

/// High enough to be near the best that each coding can do, low enough that a refresh takes
/// milliseconds. From quality 7 on, and with a window below 18, this brotli sets up tables of eight
/// megabytes and more, which take longer than the page itself, for some thirty bytes of it.
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOWS: std::ops::RangeInclusive<i32> = 18..=22;
const GZIP_LEVEL: u32 = 7;
const ZSTD_LEVEL: i32 = 9;

/// How the bytes of an answer are coded (RFC 9110, section 8.4.1; RFC 8878 for zstd).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    pub const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    /// The token of `Accept-Encoding` and `Content-Encoding`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// What kind of text or picture an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    Html,
    Json,
    Script,
    Atom,
    Rss,
    Calendar,
    JsonFeed,
    Xml,
    Text,
    Manifest,
    Svg,
    Png,
    Webp,
    Jpeg,
    Icon,
}

impl MediaType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Calendar => "text/calendar; charset=utf-8",
            Self::JsonFeed => "application/feed+json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Manifest => "application/manifest+json; charset=utf-8",
            Self::Svg => "image/svg+xml; charset=utf-8",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Icon => "image/vnd.microsoft.icon",
        }
    }

    /// The kind of a logo's file.
    pub fn of_logo(kind: LogoType) -> Self {
        match kind {
            LogoType::Svg => Self::Svg,
            LogoType::Png => Self::Png,
            LogoType::Webp => Self::Webp,
            LogoType::Jpeg => Self::Jpeg,
        }
    }

    pub fn of_feed(feed: Feed) -> Self {
        match feed {
            Feed::Atom => Self::Atom,
            Feed::Rss => Self::Rss,
            Feed::Calendar => Self::Calendar,
            Feed::Json => Self::JsonFeed,
        }
    }

    /// Whether the scripts of any site may read it: what machines ask for is public anyway.
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Self::Html | Self::Script)
    }

    /// Whether the bytes are compressed in themselves.
    fn is_packed(self) -> bool {
        matches!(self, Self::Png | Self::Icon)
    }

    /// What the bytes may do where a browser shows them by themselves (W3C CSP 3).
    fn policy(self) -> HeaderValue {
        match self {
            Self::Html => header(page::csp()),
            // A drawing may colour itself, and that is all.
            Self::Svg => HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
            ),
            _ => HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        }
    }
}

/// One coding of an answer.
#[derive(Debug)]
pub struct Variant {
    pub coding: Coding,
    pub bytes: Bytes,
    /// A strong entity tag: no two codings share one.
    pub etag: HeaderValue,
}

/// An answer in all its codings. Made once, sent many times.
#[derive(Debug)]
pub struct Artefact {
    pub media_type: MediaType,
    pub last_modified: DateTime<Utc>,
    pub last_modified_header: HeaderValue,
    /// Its Content-Security-Policy.
    pub policy: HeaderValue,
    variants: [Variant; 4],
}

impl Artefact {
    pub fn new(media_type: MediaType, text: impl Into<Bytes>, last_modified: DateTime<Utc>) -> Self {
        let text: Bytes = text.into();
        let digest = hex(&Sha256::digest(&text)[..12]);
        let codes = |coding| if media_type.is_packed() { Coding::Identity } else { coding };
        let variants = Coding::ALL.map(|coding| variant(codes(coding), &text, &digest));
        let date = last_modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let last_modified_header = header(&date);
        Self { media_type, last_modified, last_modified_header, policy: media_type.policy(), variants }
    }

    /// A page for people, under the policy of what it wears.
    pub fn screen(html: String, state: &LiveState, last_modified: DateTime<Utc>) -> Self {
        Self::new(MediaType::Html, html, last_modified).with_policy(&page::policy(state))
    }

    /// The same under another Content-Security-Policy.
    pub fn with_policy(self, policy: &str) -> Self {
        Self { policy: header(policy), ..self }
    }

    pub fn variant(&self, coding: Coding) -> &Variant {
        let [identity, gzip, brotli, zstd] = &self.variants;
        match coding {
            Coding::Identity => identity,
            Coding::Gzip => gzip,
            Coding::Brotli => brotli,
            Coding::Zstd => zstd,
        }
    }

    /// How many bytes all codings take together.
    pub fn size(&self) -> usize {
        self.variants.iter().map(|variant| variant.bytes.len()).sum()
    }
}

fn variant(coding: Coding, text: &Bytes, digest: &str) -> Variant {
    let coded = match coding {
        Coding::Identity => None,
        Coding::Gzip => gzip(text),
        Coding::Brotli => brotli(text),
        Coding::Zstd => zstd::bulk::compress(text, ZSTD_LEVEL).ok(),
    };
    // A coding that failed, or made the answer longer, is answered as it is.
    match coded.filter(|coded| coded.len() < text.len()) {
        Some(coded) => {
            let etag = header(&format!("\"{digest}-{}\"", coding.token()));
            Variant { coding, bytes: coded.into(), etag }
        }
        None => {
            Variant { coding: Coding::Identity, bytes: text.clone(), etag: header(&format!("\"{digest}\"")) }
        }
    }
}

fn gzip(text: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}

/// Brotli (RFC 7932) at the quality that answers are coded with.
pub fn brotli(text: &[u8]) -> Option<Vec<u8>> {
    let mut coded = vec![];
    let bits = (usize::BITS - text.len().leading_zeros()).cast_signed();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: bits.clamp(*BROTLI_WINDOWS.start(), *BROTLI_WINDOWS.end()),
        size_hint: text.len(),
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*text, &mut coded, &parameters).ok()?;
    Some(coded)
}

/// Digits, letters and the few signs of a tag or a date are always a header.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn artefact(text: &str) -> Artefact {
        Artefact::new(MediaType::Html, text.to_owned(), DateTime::from_timestamp(1_795_348_800, 0).unwrap())
    }

    #[test]
    fn every_coding_says_the_same() {
        let text = "All Systems Operational. ".repeat(100);
        let made = artefact(&text);
        let mut unzipped = String::new();
        flate2::read::GzDecoder::new(&made.variant(Coding::Gzip).bytes[..])
            .read_to_string(&mut unzipped)
            .unwrap();
        assert_eq!(unzipped, text);
        let mut unbrotlied = vec![];
        brotli::BrotliDecompress(&mut &made.variant(Coding::Brotli).bytes[..], &mut unbrotlied).unwrap();
        assert_eq!(unbrotlied, text.as_bytes());
        let unzstd = zstd::bulk::decompress(&made.variant(Coding::Zstd).bytes, text.len()).unwrap();
        assert_eq!(unzstd, text.as_bytes());
    }

    #[test]
    fn tags_differ_by_coding_and_by_content() {
        let made = artefact(&"x".repeat(500));
        let tags = Coding::ALL.map(|coding| made.variant(coding).etag.to_str().unwrap().to_owned());
        assert_eq!(tags.iter().collect::<std::collections::HashSet<_>>().len(), 4);
        let other = artefact(&"y".repeat(500));
        assert!(
            Coding::ALL
                .iter()
                .all(|coding| !tags.contains(&other.variant(*coding).etag.to_str().unwrap().to_owned()))
        );
    }

    #[test]
    fn what_does_not_get_shorter_stays_as_it_is() {
        assert_eq!(artefact("a").variant(Coding::Brotli).coding, Coding::Identity);
    }

    #[test]
    fn dates_are_as_http_wants_them() {
        assert_eq!(artefact("a").last_modified_header, "Sun, 22 Nov 2026 12:00:00 GMT");
    }
}
