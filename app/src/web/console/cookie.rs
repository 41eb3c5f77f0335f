//! What a browser holds: one random text. It names the session of who is signed in, and is what the
//! token of each form is made of, also before somebody signs in.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    domain::{account::LONGEST, id::random_text},
    keys::{Keys, Purpose},
};

const FORM: Purpose = Purpose("console form");
/// 206 random bits.
const LENGTH: usize = 40;

/// The cookie's name. Without TLS browsers refuse the prefix, which keeps it to this host, and
/// `Secure`.
fn name(secure: bool) -> &'static str {
    if secure { "__Host-pharos" } else { "pharos" }
}

/// What a browser holds.
#[derive(Clone, Debug)]
pub struct Held {
    pub text: String,
    /// Whether the browser does not have it yet.
    pub fresh: bool,
}

impl Held {
    pub fn random() -> Self {
        Self { text: random_text(LENGTH), fresh: true }
    }

    pub fn of(request: &HttpRequest, secure: bool) -> Self {
        let fits = |text: &str| text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let held = request.cookie(name(secure)).map(|cookie| cookie.value().to_owned());
        held.filter(|text| fits(text)).map_or_else(Self::random, |text| Self { text, fresh: false })
    }

    pub fn cookie(&self, secure: bool) -> Cookie<'static> {
        Cookie::build(name(secure), self.text.clone())
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Lax)
            .max_age(Duration::seconds(LONGEST.num_seconds()))
            .finish()
    }

    /// What each form carries.
    pub fn form_token(&self, keys: &Keys) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(keys.sign(FORM, self.text.as_bytes()))
    }

    pub fn fits(&self, keys: &Keys, token: &str) -> bool {
        let signature = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        !self.fresh && keys.verify(FORM, self.text.as_bytes(), &signature)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_token_is_worth_something_beside_its_cookie_alone() {
        let keys = Keys::random();
        let one = Held { fresh: false, ..Held::random() };
        let other = Held { fresh: false, ..Held::random() };
        assert!(one.fits(&keys, &one.form_token(&keys)));
        assert!(!one.fits(&keys, &other.form_token(&keys)) && !one.fits(&keys, ""));
        assert!(!one.fits(&Keys::random(), &one.form_token(&keys)));
    }

    #[test]
    fn a_cookie_is_kept_to_its_host_where_it_can_be() {
        let held = Held::random();
        let secure = held.cookie(true).to_string();
        for part in ["__Host-pharos=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(secure.contains(part), "{secure}");
        }
        assert!(!secure.contains("Domain"));
        let plain = held.cookie(false);
        assert!(plain.name() == "pharos" && plain.secure() != Some(true) && plain.http_only() == Some(true));
        let request = TestRequest::default().cookie(plain).to_http_request();
        let again = Held::of(&request, false);
        assert!(again.text == held.text && !again.fresh);
        assert!(Held::of(&request, true).fresh, "the other name is another cookie");
    }
}
