//! What may be said of a page, beside its dress.

use chrono_tz::Tz;
use url::Url;

/// A sentence or two.
const LONGEST_DESCRIPTION: usize = 500;

/// Whether a character would end a line, or is none that is seen.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a character is not seen and turns the order in which others are (UAX #9).
pub fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether nothing of a text is seen.
pub fn is_blank(text: &str) -> bool {
    let joins = |c| matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}');
    text.chars().all(|c| c.is_whitespace() || turns(c) || joins(c))
}

/// What a page is about, in one line.
pub fn description(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_DESCRIPTION || text.contains(is_control) {
        return Err(format!(
            "allowed are 1 to {LONGEST_DESCRIPTION} characters, without line breaks and control characters"
        ));
    }
    Ok(text.to_owned())
}

/// A page's public address. Paths are added to it, and all of its links begin at the root of its
/// host.
pub fn url(text: &str) -> Result<String, String> {
    let plain = |url: &Url| {
        let whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && whole && nobody
    };
    match Url::parse(text) {
        Ok(url) if plain(&url) && !text.contains(is_control) => {
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => {
            Err("allowed is an http or https address without a path, such as https://status.example.com"
                .into())
        }
    }
}

/// An address that visitors may be led to, written as browsers write it.
pub fn link(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url.to_string()),
        _ => Err("allowed is an http or https address".into()),
    }
}

/// The zone of a page's days.
pub fn time_zone(text: &str) -> Result<Tz, String> {
    text.parse()
        .map_err(|_| "allowed is the IANA name of a time zone, such as Europe/Berlin or Etc/UTC".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_path() {
        assert_eq!(url("https://Status.example.com/").unwrap(), "https://status.example.com");
        assert_eq!(url("http://localhost:8080").unwrap(), "http://localhost:8080");
        for bad in [
            "https://a.example/status",
            "https://a.example/?a",
            "https://a.example/#a",
            "ftp://a.example",
            "https://me:secret@a.example",
            "a.example",
            "https://a.exa\nmple",
        ] {
            assert!(url(bad).unwrap_err().contains("without a path"), "{bad}");
        }
    }

    #[test]
    fn what_is_not_seen_is_no_name() {
        for blank in ["", " ", "\u{202e}", "\u{200b}\u{a0}\u{feff}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank("\u{200f}א"));
    }

    #[test]
    fn a_description_is_a_line() {
        assert_eq!(description(" Words. ").unwrap(), "Words.");
        for bad in ["", " ", "a\nb", "a\u{2028}b", "a\u{7}", &"x".repeat(501)] {
            assert!(description(bad).unwrap_err().contains("1 to 500"), "{bad:?}");
        }
        assert!(time_zone("Berlin").unwrap_err().contains("Europe/Berlin"));
    }
}
