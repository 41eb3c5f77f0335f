//! Signing in with the organization's provider. What has to be known when somebody comes back travels
//! with them, sealed for the browser that they left with, so that any replica can go on.

use actix_web::{HttpResponse, http::StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Asked, Call, Entry, Failure, enter, form::own_path, get, permission::Anyone};
use crate::{
    domain::account::CONFIRMED,
    keys::Purpose,
    render::console,
    sso::{Begun, Identity, Provider, SsoError},
    store::{StoreError, Vouched},
};

const STATE: Purpose = Purpose("console single sign-on");
/// How long somebody may take at the provider.
const LIFE: TimeDelta = TimeDelta::minutes(15);
/// How much later the provider's clock may be.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The longest code and state that are looked at.
const LONGEST: usize = 8_000;

const NOT_ASKED: &str = "The provider did not ask you again. Sign out there, or show here who you are.";
const NO_TIME: &str =
    "The provider does not say when you signed in there, so that it can't show that it is still you.";

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/sign-in/sso", begin), get("/admin/sign-in/sso/back", back)]
}

/// What travels with somebody.
#[derive(Debug, Serialize, Deserialize)]
struct Travelling {
    nonce: String,
    verifier: String,
    next: String,
    /// Whether who is signed in already shows that it is still them.
    again: bool,
    end: i64,
}

fn provider(call: &Call) -> Result<&Provider, Failure> {
    call.console.provider.as_deref().ok_or(Failure::NotFound)
}

fn told(call: &Call, status: StatusCode, text: &str) -> HttpResponse {
    call.html(status, |frame| {
        frame.title = "You are not signed in".into();
        console::not_signed_in(frame, text)
    })
}

fn failed(call: &Call, error: &SsoError) -> HttpResponse {
    if let SsoError::Refused(_) = error {
        // Anybody can bring such an answer.
        tracing::info!(
            error = error as &dyn std::error::Error,
            "nobody is signed in by the provider's answer"
        );
        return told(call, StatusCode::FORBIDDEN, "The provider did not let you in. Begin once more.");
    }
    tracing::warn!(error = error as &dyn std::error::Error, "nobody can sign in by the provider");
    told(
        call,
        StatusCode::SERVICE_UNAVAILABLE,
        "The provider does not answer as it should. Try again in a while.",
    )
}

async fn begin(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    let provider = provider(&asked)?;
    asked.console.throttle.try_provider(asked.address).await?;
    let next = own_path(asked.query.raw("next")).unwrap_or("/admin").to_owned();
    let again = asked.query.text("again") == "yes";
    let end = (asked.console.app.clock.now() + LIFE).timestamp();
    let seal = |begun: &Begun| {
        let (nonce, verifier) = (begun.nonce.clone(), begun.verifier.clone());
        seal(&asked, &Travelling { nonce, verifier, next, again, end })
    };
    Ok(match provider.begin(seal, again).await {
        Ok(begun) => asked.away(&begun.url),
        Err(error) => failed(&asked, &error),
    })
}

/// Worth something beside the cookie of this browser alone. What can't be sealed can't be opened either.
fn seal(call: &Call, travelling: &Travelling) -> String {
    let text = serde_json::to_vec(travelling).unwrap_or_default();
    let sealed = call.console.app.keys.encrypt(STATE, call.held.text.as_bytes(), &text);
    sealed.map(|sealed| BASE64_URL_SAFE_NO_PAD.encode(sealed)).unwrap_or_default()
}

fn open(call: &Call) -> Option<Travelling> {
    let state = Some(call.query.raw("state")).filter(|state| state.len() <= LONGEST)?;
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(state).ok()?;
    let text = call.console.app.keys.decrypt(STATE, call.held.text.as_bytes(), &sealed).ok()?;
    let travelling: Travelling = serde_json::from_slice(&text).ok()?;
    (call.console.app.clock.now().timestamp() < travelling.end).then_some(travelling)
}

async fn back(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    let provider = provider(&asked)?;
    let Some(travelling) = open(&asked) else {
        let text = "That took too long, or was begun in another browser. Begin once more.";
        return Ok(told(&asked, StatusCode::FORBIDDEN, text));
    };
    let code = asked.query.raw("code");
    if code.is_empty() || code.len() > LONGEST {
        let text = "The provider did not let you in.";
        return Ok(told(&asked, StatusCode::FORBIDDEN, text));
    }
    asked.console.throttle.try_provider(asked.address).await?;
    let identity = match provider.finish(code, &travelling.nonce, &travelling.verifier).await {
        Ok(identity) => identity,
        Err(error) => return Ok(failed(&asked, &error)),
    };
    // Who travels may take the question away; only what the provider has signed says when it asked.
    let age = identity.authenticated_at.map(|at| asked.console.app.clock.now() - at);
    let is_confirmed = age.is_some_and(|age| age < CONFIRMED && age > -AHEAD);
    if travelling.again && !is_confirmed {
        return Ok(told(&asked, StatusCode::FORBIDDEN, if age.is_some() { NOT_ASKED } else { NO_TIME }));
    }
    let vouched = match vouched(provider, identity) {
        Ok(vouched) => vouched,
        Err(text) => return Ok(told(&asked, StatusCode::FORBIDDEN, text)),
    };
    let store = &asked.console.store;
    let found = store.record().vouched(vouched, &asked.address.to_string()).await;
    if found.is_ok() && !provider.roles().is_empty() {
        // Their role may be another one, and their tokens allow no more than it.
        asked.console.app.announce_tokens().await;
    }
    match found {
        Ok(user) if travelling.again && asked.me.as_ref().is_some_and(|me| me.user().id != user.id) => {
            let text =
                "The provider says that this is somebody else. Sign out first, or come back as yourself.";
            Ok(told(&asked, StatusCode::FORBIDDEN, text))
        }
        Ok(user) => {
            let credentials = store.credentials(&user.id).await?;
            enter::begin_as(&asked, &credentials, ("sso", is_confirmed), &travelling.next).await
        }
        Err(StoreError::Refused(text)) => Ok(told(&asked, StatusCode::FORBIDDEN, &text)),
        Err(error) => Err(error.into()),
    }
}

fn vouched(provider: &Provider, identity: Identity) -> Result<Vouched, &'static str> {
    let role = provider.roles().of(&identity.groups);
    if role.is_none() && !provider.roles().is_empty() {
        return Err("None of your groups opens this console.");
    }
    Ok(Vouched {
        issuer: identity.issuer,
        subject: identity.subject,
        email: identity.email,
        is_verified: identity.is_verified,
        name: identity.name,
        role,
    })
}
