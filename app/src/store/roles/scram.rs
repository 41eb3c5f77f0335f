//! What Postgres stores of a password (RFC 5802, as SCRAM-SHA-256 of RFC 7677): sent in the place of
//! the password itself, so that no log of statements ever holds one.

use std::num::NonZeroU32;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{digest, hmac, pbkdf2};

use crate::domain::id::random_bytes;

/// What Postgres itself uses.
const ROUNDS: NonZeroU32 = match NonZeroU32::new(4096) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};

/// The verifier of a password with a new salt; none of one that would have to be normalised first
/// (SASLprep), which what is printable in ASCII need not be.
pub fn verifier(password: &str) -> Option<String> {
    let plain = !password.is_empty() && password.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    plain.then(|| salted(password, &random_bytes::<16>()))
}

fn salted(password: &str, salt: &[u8]) -> String {
    let mut key = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, password.as_bytes(), &mut key);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let client = hmac::sign(&key, b"Client Key");
    let stored = digest::digest(&digest::SHA256, client.as_ref());
    let server = hmac::sign(&key, b"Server Key");
    let text = |bytes: &[u8]| STANDARD.encode(bytes);
    format!("SCRAM-SHA-256${ROUNDS}:{}${}:{}", text(salt), text(stored.as_ref()), text(server.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_the_one_that_postgres_makes() {
        // Of `pencil` with the salt of the example in RFC 7677, section 3.
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            salted("pencil", &salt),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
        assert_ne!(verifier("pencil"), verifier("pencil"), "each has a salt of its own");
        assert_eq!(verifier("pïncil"), None);
        assert_eq!(verifier(""), None);
    }
}
