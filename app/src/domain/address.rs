//! Where people and programs are reached: checked once, and shown to no more than need it.

use url::{Host, Url};

use super::page::is_control;

/// The longest address that mail is sent to (RFC 5321, 4.5.3.1), and the longest part before its @.
const LONGEST_EMAIL: usize = 254;
const LONGEST_LOCAL: usize = 64;
const LONGEST_ENDPOINT: usize = 2_000;

/// Slack's own addresses for messages understand nothing but Slack's messages.
const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// An address of mail in small letters: a dot-atom before the @ (RFC 5322), a host name after it.
pub fn email(text: &str) -> Result<String, String> {
    let wrong = || "allowed is an address such as ada@example.com".to_owned();
    let (local, domain) = text.trim().rsplit_once('@').ok_or_else(wrong)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let fits = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(plain));
    let Ok(Host::Domain(host)) = Host::parse(domain) else { return Err(wrong()) };
    let host = host.to_ascii_lowercase();
    let whole = format!("{}@{host}", local.to_ascii_lowercase());
    let labels = host.split('.').all(|label| !label.is_empty());
    if fits && labels && local.len() <= LONGEST_LOCAL && whole.len() <= LONGEST_EMAIL {
        return Ok(whole);
    }
    Err(wrong())
}

/// An address that news are posted to.
pub fn endpoint(text: &str) -> Result<String, String> {
    let wrong = || {
        "allowed is an http or https address of at most 2000 characters, without a user, a password and a \
         fragment, such as https://example.com/hook"
            .to_owned()
    };
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && plain;
    if !fits || url.as_str().len() > LONGEST_ENDPOINT || text.contains(is_control) {
        return Err(wrong());
    }
    if url.host_str().is_some_and(|host| SLACK.contains(&host)) {
        return Err("an incoming webhook of Slack understands no status pages; allowed are others".into());
    }
    Ok(url.into())
}

/// As much of an address as tells it from others to those who know it, and to nobody else.
pub fn obfuscated(address: &str) -> String {
    if let Ok(url) = Url::parse(address)
        && url.has_host()
    {
        return format!("{}://{}/…", url.scheme(), url.host_str().unwrap_or_default());
    }
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}…@{domain}", local.chars().take(1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_reaches_what_is_let_in() {
        assert_eq!(email(" Ada.Lovelace+x@Example.COM ").unwrap(), "ada.lovelace+x@example.com");
        assert_eq!(email("ada@münchen.example").unwrap(), "ada@xn--mnchen-3ya.example");
        let long = format!("{}@example.com", "a".repeat(65));
        let longest = format!("a@{}.com", "a.".repeat(130));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example..com",
            "ada@exam ple.com",
            "a\r\nBcc: b@example.com",
            "ada@example.com\r\nBcc:b",
            &long,
            &longest,
        ] {
            assert!(email(bad).unwrap_err().contains("ada@example.com"), "{bad:?}");
        }
    }

    #[test]
    fn an_endpoint_is_an_address_of_the_web() {
        assert_eq!(endpoint("https://Example.com/Hook?a=B").unwrap(), "https://example.com/Hook?a=B");
        let long = format!("https://example.com/{}", "x".repeat(2_000));
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a:b@example.com/",
            "https://a.b/#c",
            &long,
        ] {
            assert!(endpoint(bad).unwrap_err().contains("http or https"), "{bad:?}");
        }
        let slack = endpoint("https://hooks.slack.com/services/T0/B0/x").unwrap_err();
        assert!(slack.contains("Slack"), "{slack}");
    }

    #[test]
    fn nobody_is_reached_by_what_is_left() {
        assert_eq!(obfuscated("ada@example.com"), "a…@example.com");
        assert_eq!(obfuscated("https://example.com/hook/secret?token=1"), "https://example.com/…");
    }
}
