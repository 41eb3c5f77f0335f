//! One application key.

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};

use super::Purpose;
use crate::domain::id::random_bytes;

/// The bytes of a key.
pub const LENGTH: usize = 32;
/// What is encrypted begins with this, so that a later release can do it in another way.
const FORMAT: u8 = 1;
const SALT: &[u8] = b"pharos application key";

pub struct Key(hkdf::Prk);

impl Key {
    pub fn new(bytes: &[u8; LENGTH]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(bytes))
    }

    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> Vec<u8> {
        self.signing(purpose).map(|key| hmac::sign(&key, message).as_ref().to_vec()).unwrap_or_default()
    }

    pub fn verify(&self, purpose: Purpose, message: &[u8], signature: &[u8]) -> bool {
        self.signing(purpose).is_some_and(|key| hmac::verify(&key, message, signature).is_ok())
    }

    /// The format, a random nonce, and what ChaCha20-Poly1305 (RFC 8439) makes of the plain text.
    pub fn encrypt(&self, purpose: Purpose, belongs_to: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let nonce = random_bytes::<NONCE_LEN>();
        let mut sealed = plain.to_vec();
        let aad = Aad::from(belongs_to);
        let key = self.sealing(purpose)?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
        Some([&[FORMAT], &nonce[..], &sealed].concat())
    }

    pub fn decrypt(&self, purpose: Purpose, belongs_to: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.strip_prefix(&[FORMAT])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = sealed.to_vec();
        let length =
            self.sealing(purpose)?.open_in_place(nonce, Aad::from(belongs_to), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }

    fn signing(&self, purpose: Purpose) -> Option<hmac::Key> {
        let info = [b"sign\0".as_slice(), purpose.0.as_bytes()];
        self.0.expand(&info, hmac::HMAC_SHA256).ok().map(hmac::Key::from)
    }

    fn sealing(&self, purpose: Purpose) -> Option<LessSafeKey> {
        let info = [b"encrypt\0".as_slice(), purpose.0.as_bytes()];
        let key = self.0.expand(&info, &CHACHA20_POLY1305).ok().map(UnboundKey::from)?;
        Some(LessSafeKey::new(key))
    }
}
