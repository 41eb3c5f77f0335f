//! Whether a form was sent from this console: browsers say where it stood (RFC 6454; Fetch,
//! Sec-Fetch-Site).

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN, REFERER};
use url::Url;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a form came from where it was sent to. `own` are the addresses that the console is known
/// by, where a proxy names another host.
pub fn is_own(headers: &HeaderMap, own: &[&str]) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(SITE).is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = text(ORIGIN).or_else(|| text(REFERER)).and_then(|origin| Url::parse(origin).ok())
    else {
        return false;
    };
    let asked = text(HOST).and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    let own = own.iter().filter_map(|url| Url::parse(url).ok());
    asked.into_iter().chain(own).any(|url| place(&url) == place(&origin))
}

/// The host and the port.
fn place(url: &Url) -> (Option<String>, Option<u16>) {
    (url.host_str().map(str::to_ascii_lowercase), url.port_or_known_default())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_form_of_another_site_is_refused() {
        let own = |headers: &[(&'static str, &'static str)]| {
            let request =
                headers.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
            is_own(request.to_http_request().headers(), &["https://status.example.com"])
        };
        let host = ("host", "console.test:8080");
        assert!(own(&[host, ("origin", "http://console.test:8080")]));
        assert!(own(&[host, ("origin", "http://CONSOLE.test:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(own(&[host, ("referer", "http://console.test:8080/admin/sign-in")]));
        assert!(
            own(&[("host", "10.0.0.7:8080"), ("origin", "https://status.example.com")]),
            "behind a proxy"
        );
        for bad in [
            &[host][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://console.test")],
            &[host, ("origin", "http://evil.test:8080")],
            &[host, ("origin", "http://console.test.evil.test:8080")],
            &[host, ("origin", "http://console.test:8080"), ("sec-fetch-site", "cross-site")],
            &[host, ("origin", "http://console.test:8080"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(!own(bad), "{bad:?}");
        }
    }
}
