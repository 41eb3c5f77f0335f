//! Passkeys (WebAuthn Level 3): keys that a device holds and uses only for whoever it recognises, so that
//! one stands for the password and the second step. What has to be known when the device has answered is
//! given out and taken back as bytes, for whoever seals them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use url::{Host, Url};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId,
        auth::AuthenticationVerificationOptions,
        register::{
            CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
        },
    },
    response::{
        AuthTransports, CredentialId,
        auth::DiscoverableAuthentication,
        register::{CompressedPubKey, DynamicState, StaticState},
    },
};

use crate::domain::{Id, record::User};

/// What a device calls somebody by: as many bytes as a digest has.
const HANDLE: usize = 32;
/// The longest answer of a device that is looked at.
const LONGEST: usize = 64 * 1024;

type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// A device's answer is not what it should be. The text is for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a passkey is refused: {0}")]
pub struct Refused(String);

/// A question to a device: what its browser is given as JSON, and what must be known of it afterwards.
#[derive(Clone, Debug)]
pub struct Question {
    pub options: String,
    pub state: Vec<u8>,
}

/// A key as it is kept: what the device calls it, what its signatures are checked with, and how often it
/// was used. In base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub credential_id: String,
    pub public_key: String,
    pub counter: String,
}

/// The console, as devices know it: keys made for it work at its address alone.
#[derive(Clone)]
pub struct Party {
    id: RpId,
    origin: String,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Party {
    /// The console at this address; none where browsers offer no passkeys: without TLS but on this machine,
    /// and at an address that is no name.
    pub fn at(console: &str) -> Option<Self> {
        let url = Url::parse(console).ok()?;
        let Some(Host::Domain(host)) = url.host() else { return None };
        if url.scheme() != "https" && host != "localhost" {
            return None;
        }
        let id = RpId::Domain(AsciiDomain::try_from(host.to_owned()).ok()?);
        Some(Self { id, origin: url.origin().ascii_serialization() })
    }

    /// Where browsers are to be.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks for a key of somebody who is signed in and has these already.
    pub fn ask_for_key(&self, user: &User, known: &[String]) -> Result<Question, Refused> {
        let handle = handle(&user.id)?;
        let entity = PublicKeyCredentialUserEntity {
            name: Username::try_from(user.email.as_str()).map_err(refused)?,
            id: &handle,
            display_name: None,
        };
        let known = known.iter().map(|id| {
            let id = CredentialId::decode(bytes(id)?).map_err(refused)?;
            let transports = AuthTransports::decode(0).map_err(refused)?;
            Ok(PublicKeyCredentialDescriptor { id, transports })
        });
        let known = known.collect::<Result<Vec<_>, Refused>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, entity, known);
        // Not every device can promise it, and each use asks for it anyway.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (server, client) = options.start_ceremony().map_err(refused)?;
        Ok(Question {
            options: serde_json::to_string(&client).map_err(refused)?,
            state: server.encode().map_err(refused)?,
        })
    }

    /// The key that a device has made for this question.
    pub fn key(&self, state: &[u8], answer: &str) -> Result<Key, Refused> {
        let answer = Registration::from_json_relaxed(bounded(answer)?).map_err(refused)?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let server = RegistrationServerState::<HANDLE>::decode(state).map_err(refused)?;
        let made = server.verify(&self.id, &answer, &options).map_err(refused)?;
        let Ok(public_key) = made.static_state().encode();
        let Ok(counter) = made.dynamic_state().encode();
        Ok(Key {
            credential_id: text(made.id().as_ref()),
            public_key: text(&public_key),
            counter: text(&counter),
        })
    }

    /// Asks for whoever is there.
    pub fn ask_who(&self) -> Result<Question, Refused> {
        let (server, client) =
            DiscoverableCredentialRequestOptions::passkey(&self.id).start_ceremony().map_err(refused)?;
        Ok(Question {
            options: serde_json::to_string(&client).map_err(refused)?,
            state: server.encode().map_err(refused)?,
        })
    }

    /// Which key a device answers with, before anything of it is believed.
    pub fn named(answer: &str) -> Result<String, Refused> {
        let answer =
            DiscoverableAuthentication::<HANDLE>::from_json_relaxed(bounded(answer)?).map_err(refused)?;
        Ok(text(answer.raw_id().as_ref()))
    }

    /// Whether a device has answered this question with this key of this person. Gives the key as it is to
    /// be kept from now on.
    pub fn check(&self, state: &[u8], answer: &str, user: &Id, key: &Key) -> Result<Key, Refused> {
        let answer =
            DiscoverableAuthentication::<HANDLE>::from_json_relaxed(bounded(answer)?).map_err(refused)?;
        let (id, handle) = (bytes(&key.credential_id)?, handle(user)?);
        let public_key = bytes(&key.public_key)?;
        let static_state = StaticState::<PublicKey>::decode(&public_key).map_err(refused)?;
        let counter: [u8; 7] =
            bytes(&key.counter)?.try_into().map_err(|_| Refused("its counter can't be read".into()))?;
        let dynamic_state = DynamicState::decode(counter).map_err(refused)?;
        let id = CredentialId::decode(id.as_slice()).map_err(refused)?;
        let mut held =
            AuthenticatedCredential::new(id, &handle, static_state, dynamic_state).map_err(refused)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        let server = DiscoverableAuthenticationServerState::decode(state).map_err(refused)?;
        server.verify(&self.id, &answer, &mut held, &options).map_err(refused)?;
        let Ok(counter) = held.dynamic_state().encode();
        Ok(Key { counter: text(&counter), ..key.clone() })
    }
}

/// What devices call somebody by: nothing that tells of them elsewhere.
fn handle(user: &Id) -> Result<UserHandle<HANDLE>, Refused> {
    let digest: [u8; HANDLE] = Sha256::digest(format!("pharos user {user}")).into();
    UserHandle::decode(digest).map_err(refused)
}

fn bounded(answer: &str) -> Result<&[u8], Refused> {
    if answer.len() > LONGEST {
        return Err(Refused("its answer is too long".into()));
    }
    Ok(answer.as_bytes())
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(refused)
}

fn refused(error: impl fmt::Display) -> Refused {
    Refused(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, role::Role};

    fn ada() -> User {
        User {
            id: fixture::id("ada"),
            email: "ada@example.com".into(),
            name: "Ada".into(),
            role: Role::Owner,
            disabled_at: None,
            created_at: fixture::noon(),
            updated_at: fixture::noon(),
        }
    }

    #[test]
    fn passkeys_are_for_addresses_that_browsers_take() {
        for fits in ["https://status.example.com", "http://localhost:8080", "https://a.example:8443"] {
            assert!(Party::at(fits).is_some(), "{fits}");
        }
        for not in ["http://status.example.com", "https://127.0.0.1", "http://127.0.0.1:8080", "nothing"] {
            assert!(Party::at(not).is_none(), "{not}");
        }
    }

    #[test]
    fn a_device_is_asked_to_know_who_it_is() {
        let party = Party::at("https://status.example.com").unwrap();
        let known = [text(&[7; 32])];
        let asked = party.ask_for_key(&ada(), &known).unwrap();
        let told: serde_json::Value = serde_json::from_str(&asked.options).unwrap();
        assert_eq!(told["rp"]["id"], "status.example.com");
        assert_eq!(told["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(told["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(told["excludeCredentials"][0]["id"], known[0]);
        assert_eq!(told["user"]["name"], "ada@example.com");
        assert!(!told["user"]["id"].as_str().unwrap().contains("ada"));
        let asked = party.ask_who().unwrap();
        let told: serde_json::Value = serde_json::from_str(&asked.options).unwrap();
        assert_eq!(
            (&told["rpId"], &told["userVerification"]),
            (&"status.example.com".into(), &"required".into())
        );
        for junk in ["", "{}", "null", "{\"rawId\":\"AAAA\"}"] {
            assert!(party.key(&asked.state, junk).is_err() && Party::named(junk).is_err(), "{junk}");
        }
        assert!(Party::named(&"x".repeat(LONGEST + 1)).unwrap_err().0.contains("too long"));
    }
}
