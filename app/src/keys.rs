//! Application keys: what is signed and encrypted by this installation. The first of `PHAROS_KEYS`
//! signs and encrypts, all of them verify and decrypt, so that a key is replaced without anything
//! becoming invalid on the way. Each purpose has keys of its own, derived by HKDF (RFC 5869).

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{domain::id::random_bytes, secrets::Resolved};

mod file;
mod key;

pub use file::{KeyFileError, beside};
use key::Key;

/// The most keys there may be at a time.
const MOST: usize = 16;

/// What is signed or encrypted. What was made for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose(pub &'static str);

/// What was encrypted is not what it was, or by a key that is no longer listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was encrypted with an application key that is not listed in PHAROS_KEYS, or it was changed")]
pub struct Undecipherable;

/// The application keys. A clone is the same ones.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    source: Resolved,
    /// What the source said when it was last read, and the keys in it.
    read: Mutex<(Arc<str>, Arc<[Key]>)>,
}

impl Keys {
    /// The keys that a setting lists, which may change while the process runs.
    pub fn new(source: Resolved) -> Result<Self, String> {
        let text = source.current();
        let keys = parse(&text)?;
        Ok(Self(Arc::new(Inner { source, read: Mutex::new((text, keys.into())) })))
    }

    /// One that is kept nowhere.
    pub fn random() -> Self {
        let bytes = random_bytes();
        let read = ("".into(), [Key::new(&bytes)].into());
        Self(Arc::new(Inner { source: Resolved::plain(""), read: Mutex::new(read) }))
    }

    /// How many there are now.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// A signature of 32 bytes (HMAC-SHA-256).
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> Vec<u8> {
        self.all().first().map(|key| key.sign(purpose, message)).unwrap_or_default()
    }

    /// Whether one of the keys has signed this; takes as long wherever a signature is wrong.
    pub fn verify(&self, purpose: Purpose, message: &[u8], signature: &[u8]) -> bool {
        self.all().iter().any(|key| key.verify(purpose, message, signature))
    }

    /// Encrypts for this purpose. What it belongs to, such as a row's id, is bound to it and not
    /// within it, so that it is worth nothing elsewhere.
    pub fn encrypt(
        &self,
        purpose: Purpose,
        belongs_to: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, Undecipherable> {
        self.all().first().and_then(|key| key.encrypt(purpose, belongs_to, plain)).ok_or(Undecipherable)
    }

    /// What was encrypted with one of the keys.
    pub fn decrypt(
        &self,
        purpose: Purpose,
        belongs_to: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, Undecipherable> {
        self.all().iter().find_map(|key| key.decrypt(purpose, belongs_to, sealed)).ok_or(Undecipherable)
    }

    /// The keys as the setting lists them now. One that is no list any more leaves them as they were.
    fn all(&self) -> Arc<[Key]> {
        let current = self.0.source.current();
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read.0 != *current {
            match parse(&current) {
                Ok(keys) => *read = (current, keys.into()),
                Err(error) => {
                    tracing::error!("keys: {error}; those that were read before are used on");
                    read.0 = current;
                }
            }
        }
        read.1.clone()
    }
}

/// Says how many there are.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// Keys between commas or line breaks. The error never repeats one.
fn parse(text: &str) -> Result<Vec<Key>, String> {
    let allowed = "allowed are keys between commas, each 32 random bytes in base64: openssl rand -base64 32";
    let words = text.split([',', '\n', '\r']).map(str::trim).filter(|word| !word.is_empty());
    let mut keys: Vec<[u8; key::LENGTH]> = vec![];
    for (at, word) in words.enumerate() {
        let bytes = BASE64_STANDARD.decode(word).ok().and_then(|bytes| bytes.try_into().ok());
        let bytes: [u8; key::LENGTH] =
            bytes.ok_or_else(|| format!("key {} is not 32 bytes in base64; {allowed}", at + 1))?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(format!("key {} is not random; {allowed}", at + 1));
        }
        if keys.contains(&bytes) {
            return Err(format!("key {} is there twice", at + 1));
        }
        keys.push(bytes);
    }
    match keys.len() {
        0 => Err(format!("there is none; {allowed}")),
        1..=MOST => Ok(keys.iter().map(Key::new).collect()),
        _ => Err(format!("there are more than {MOST}")),
    }
}

/// Checks what a setting lists and leaves it as it is.
pub fn check(text: &str) -> Result<String, String> {
    parse(text).map(|_| text.to_owned())
}

/// A new key, as it is written.
pub fn random() -> String {
    BASE64_STANDARD.encode(random_bytes::<{ key::LENGTH }>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Purpose = Purpose("test link");
    const SECRET: Purpose = Purpose("test secret");

    fn keys(texts: &[&str]) -> Keys {
        Keys::new(Resolved::plain(&texts.join(","))).unwrap()
    }

    #[test]
    fn what_an_old_key_made_holds_as_long_as_it_is_listed() {
        let (old, new) = (random(), random());
        let before = keys(&[&old]);
        let signature = before.sign(LINK, b"unsubscribe");
        let sealed = before.encrypt(SECRET, b"row 1", b"hunter2").unwrap();

        let between = keys(&[&new, &old]);
        assert!(between.verify(LINK, b"unsubscribe", &signature));
        assert_eq!(between.decrypt(SECRET, b"row 1", &sealed).unwrap(), b"hunter2");
        assert_ne!(between.sign(LINK, b"unsubscribe"), signature, "the first key signs");

        let after = keys(&[&new]);
        assert!(!after.verify(LINK, b"unsubscribe", &signature));
        assert_eq!(after.decrypt(SECRET, b"row 1", &sealed), Err(Undecipherable));
        assert!(after.verify(LINK, b"unsubscribe", &between.sign(LINK, b"unsubscribe")));
        let sealed = between.encrypt(SECRET, b"row 1", b"hunter2").unwrap();
        assert_eq!(after.decrypt(SECRET, b"row 1", &sealed).unwrap(), b"hunter2");
        assert_eq!(before.decrypt(SECRET, b"row 1", &sealed), Err(Undecipherable));
    }

    #[test]
    fn keys_are_replaced_while_they_are_used() {
        let (old, new) = (random(), random());
        let (setting, resolved) = Resolved::changing(&old);
        let keys = Keys::new(resolved).unwrap();
        let signature = keys.sign(LINK, b"a");
        setting.send_replace(format!("{new}\n{old}").into());
        assert_eq!(keys.count(), 2);
        assert!(keys.verify(LINK, b"a", &signature) && keys.sign(LINK, b"a") != signature);
        setting.send_replace("no key".into());
        assert!(keys.verify(LINK, b"a", &signature), "what is no list changes nothing");
        setting.send_replace(new.as_str().into());
        assert!(!keys.verify(LINK, b"a", &signature));
    }

    #[test]
    fn nothing_holds_for_another_purpose_message_or_row() {
        let keys = keys(&[&random()]);
        let signature = keys.sign(LINK, b"a");
        assert_eq!(signature.len(), 32);
        assert!(!keys.verify(SECRET, b"a", &signature) && !keys.verify(LINK, b"b", &signature));
        assert!(!keys.verify(LINK, b"a", &signature[..31]) && !keys.verify(LINK, b"a", b""));

        let sealed = keys.encrypt(SECRET, b"row 1", b"hunter2").unwrap();
        assert_ne!(sealed, keys.encrypt(SECRET, b"row 1", b"hunter2").unwrap(), "never twice the same");
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_eq!(keys.decrypt(SECRET, b"row 2", &sealed), Err(Undecipherable));
        assert_eq!(keys.decrypt(LINK, b"row 1", &sealed), Err(Undecipherable));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.decrypt(SECRET, b"row 1", &changed), Err(Undecipherable), "byte {at}");
            assert_eq!(keys.decrypt(SECRET, b"row 1", &sealed[..at]), Err(Undecipherable), "{at} bytes");
        }
    }

    #[test]
    fn a_wrong_list_is_refused_without_being_repeated() {
        let key = random();
        let zeros = BASE64_STANDARD.encode([0; 32]);
        let many = (0..17).map(|_| random()).collect::<Vec<_>>().join(",");
        for (wrong, why) in [
            (String::new(), "openssl rand -base64 32"),
            (format!("{key},c2hvcnQ="), "key 2 is not 32 bytes"),
            (format!("{key},hunter2!"), "key 2 is not 32 bytes"),
            (zeros, "key 1 is not random"),
            (format!("{key}, {key}"), "key 2 is there twice"),
            (many, "more than 16"),
        ] {
            let error = check(&wrong).unwrap_err();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains(&key) && !error.contains("hunter2"), "{error}");
        }
        assert_eq!(keys(&[&key, &random()]).count(), 2);
        assert!(!format!("{:?}", keys(&[&key])).contains(&key));
    }
}
