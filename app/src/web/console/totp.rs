//! Codes of a device (TOTP, RFC 6238): a secret of 160 bits, SHA-1, six digits, steps of 30 seconds,
//! which is what all apps understand.

use base64::{Engine, prelude::BASE64_STANDARD};
use totp_rs::{Builder, Totp};

use crate::{
    domain::{
        Id,
        id::{random_bytes, random_text},
    },
    keys::{Keys, Purpose},
};

const SECRET: Purpose = Purpose("second factor");
/// How many recovery codes somebody is given.
const CODES: usize = 10;

/// A new secret, sealed for the row of this person.
pub fn propose(keys: &Keys, user: &Id) -> Option<String> {
    let secret: [u8; 20] = random_bytes();
    let sealed = keys.encrypt(SECRET, user.as_str().as_bytes(), &secret).ok()?;
    Some(BASE64_STANDARD.encode(sealed))
}

/// The secret as the device is told it; none where no key opens it any more.
pub fn open(keys: &Keys, user: &Id, sealed: &str, account: &str, issuer: &str) -> Option<Totp> {
    let sealed = BASE64_STANDARD.decode(sealed).ok()?;
    let secret = keys.decrypt(SECRET, user.as_str().as_bytes(), &sealed).ok()?;
    let named = |text: &str| text.replace(':', " ");
    let builder = Builder::new().with_secret(secret).with_account_name(named(account));
    builder.with_issuer(Some(named(issuer))).build().ok()
}

/// The step whose code this is, at this second; the one before and the one after count too.
pub fn step(totp: &Totp, code: &str, second: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let found = totp.check(&digits, u64::try_from(second).ok()?).filter(|_| fits)?;
    i64::try_from(found).ok()
}

/// Codes for when the device is lost: twelve characters of `[0-9a-z]` each, 62 bits.
pub fn recovery_codes() -> Vec<String> {
    (0..CODES).map(|_| random_text(12)).collect()
}

/// As people write them down.
pub fn spaced(code: &str) -> String {
    code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// As it is kept.
pub fn unspaced(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_holds_for_its_step_and_those_beside_it() {
        let (keys, user) = (Keys::random(), Id::random());
        let sealed = propose(&keys, &user).unwrap();
        let totp = open(&keys, &user, &sealed, "ada@example.com", "Status: Example").unwrap();
        assert!(totp.to_url().unwrap().starts_with("otpauth://totp/Status"));
        let code = totp.generate(1_800_000_000).to_string();
        let at = |second| step(&totp, &code, second);
        assert_eq!(at(1_800_000_000), Some(60_000_000));
        assert_eq!((at(1_800_000_030), at(1_799_999_970)), (Some(60_000_000), Some(60_000_000)));
        assert_eq!((at(1_800_000_060), step(&totp, "12345", 1_800_000_000)), (None, None));
        assert!(
            open(&keys, &Id::random(), &sealed, "a", "b").is_none(),
            "it is worth nothing in another row"
        );
        assert!(open(&Keys::random(), &user, &sealed, "a", "b").is_none());
    }

    #[test]
    fn recovery_codes_are_read_as_people_write_them() {
        let codes = recovery_codes();
        assert_eq!(codes.len(), CODES);
        assert_eq!(unspaced(&format!(" {} ", spaced(&codes[0]).to_uppercase())), codes[0]);
    }
}
