//! Identifiers, and the one place where they are made.

use std::{borrow::Borrow, fmt, str::FromStr, time::Duration};

use rand::RngExt;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, Type},
};

const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 12;
const LONGEST: usize = 64;

/// An identifier: 1 to 64 characters of `[0-9A-Za-z]`. Ours are 12 of `[0-9a-z]`, the shape that
/// Statuspage's clients expect; imported ones are kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Box<str>);

/// As many random characters of `[0-9a-z]`, five bits each, from a generator that is fit for
/// secrets and seeded by the operating system.
#[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub fn random_text(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// Random bytes from the same generator, fit for keys.
#[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::rng().random()
}

/// A random part of a time, so that those who wait for the same do not all come at once.
#[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub fn part_of(time: Duration) -> Duration {
    time.mul_f64(rand::rng().random_range(0.0..1.0))
}

impl Id {
    /// A new identifier: 62 random bits from the operating system's seed.
    pub fn random() -> Self {
        Self(random_text(LENGTH).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no identifier.
#[derive(Debug, thiserror::Error)]
#[error("an id has 1 to 64 characters of 0-9, A-Z and a-z")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let fits = (1..=LONGEST).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.into()))
        } else {
            Err(NotAnId)
        }
    }
}

impl TryFrom<String> for Id {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.into()
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9A-Za-z]{1,64}$")).into()
    }
}

impl utoipa::ToSchema for Id {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_have_the_shape_that_clients_expect() {
        let id = Id::random();
        assert_eq!(id.as_str().len(), 12);
        assert!(id.as_str().bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
        assert_ne!(id, Id::random());
    }

    #[test]
    fn foreign_ones_are_kept_within_bounds() {
        assert!("01JMDK9XYNY6RXSED6SDWW50WY".parse::<Id>().is_ok());
        for bad in ["", "a-b", "é", "a b", "<x>", &"a".repeat(65)] {
            assert!(bad.parse::<Id>().is_err(), "{bad}");
        }
    }
}
