//! Passkeys: making them, signing in with one, and forgetting one. A script asks the device; what the
//! device is asked comes sealed for this browser, and goes back with the answer.

use actix_web::{HttpResponse, http::StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Asked, Call, Entry, Failure, enter,
    links::person,
    permission::{Anyone, Confirmed, SignedIn},
    post,
};
use crate::{
    keys::Purpose,
    passkeys::{Key, Party, Question, Refused},
    render::console::{self, SignIn},
    store::{NewPasskey, Passkey},
};

const MAKE: Purpose = Purpose("console passkey made");
const ENTER: Purpose = Purpose("console passkey used");

const NOT_IT: &str = "This passkey does not fit, or that took too long. Try again, or sign in another way.";

pub fn routes() -> Vec<Entry> {
    vec![
        post("/admin/account/passkeys/ask", ask_for_key),
        post("/admin/account/passkeys", add),
        post("/admin/account/passkeys/{passkey}/remove", remove),
        post("/admin/sign-in/passkey/ask", ask_who),
        post("/admin/sign-in/passkey", sign_in),
    ]
}

fn party(call: &Call) -> Result<&Party, Failure> {
    call.console.party().ok_or(Failure::NotFound)
}

fn refuse(refused: &Refused) -> Failure {
    tracing::info!("{refused}");
    Failure::Refused(NOT_IT.into())
}

/// A question for the script, with what must be known of it afterwards.
fn put(call: &Call, purpose: Purpose, question: Result<Question, Refused>) -> Result<HttpResponse, Failure> {
    let question = question.map_err(|refused| refuse(&refused))?;
    let asked = call.console.app.clock.now().timestamp().to_be_bytes();
    let kept = [asked.as_slice(), &question.state].concat();
    let sealed = call.console.app.keys.encrypt(purpose, call.held.text.as_bytes(), &kept);
    let sealed = sealed.map_err(|_| Failure::Away)?;
    let options: Value = serde_json::from_str(&question.options).map_err(|_| Failure::Away)?;
    let told = json!({ "options": options, "state": BASE64_URL_SAFE_NO_PAD.encode(sealed) });
    Ok(call.json(&told))
}

/// What a question was, if this browser was asked it. It is answered once.
async fn state(call: &Call, purpose: Purpose) -> Result<Vec<u8>, Failure> {
    let refused = || Failure::Refused(NOT_IT.into());
    let sealed = call.form.text("state");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| refused())?;
    let opened = call.console.app.keys.decrypt(purpose, call.held.text.as_bytes(), &bytes);
    let opened = opened.map_err(|_| refused())?;
    let (asked, state) = opened.split_first_chunk().ok_or_else(refused)?;
    if call.console.throttle.is_first(&format!("passkey {sealed}"), i64::from_be_bytes(*asked)).await {
        return Ok(state.to_vec());
    }
    Err(refused())
}

async fn ask_for_key(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    may_hold_keys(&asked)?;
    let user = asked.me()?.user();
    let known = asked.console.store.passkeys(&user.id).await?;
    let known: Vec<String> = known.into_iter().map(|key| key.credential_id).collect();
    put(&asked, MAKE, party(&asked)?.ask_for_key(user, &known))
}

/// Who signs in with the provider alone has no use for one.
fn may_hold_keys(call: &Call) -> Result<(), Failure> {
    if call.has_own_ways() { Ok(()) } else { Err(Failure::Forbidden(call.console.by_provider())) }
}

async fn add(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    if asked.form.text("credential").is_empty() {
        // The password was asked for before the device was.
        return Ok(asked.to("/admin/account"));
    }
    may_hold_keys(&asked)?;
    let name = match asked.form.text("name") {
        "" => "Passkey".to_owned(),
        text => person(text).map_err(Failure::Refused)?,
    };
    let state = state(&asked, MAKE).await?;
    let key = party(&asked)?.key(&state, asked.form.raw("credential")).map_err(|refused| refuse(&refused))?;
    let Key { credential_id, public_key, counter } = key;
    let new = NewPasskey { name, credential_id, public_key, counter };
    let me = asked.me()?;
    let keep = Some(&me.session.id);
    asked.console.store.record().add_passkey(&me.user().id, new, keep, &asked.actor()?).await?;
    Ok(asked.to("/admin/account?said=passkey"))
}

async fn remove(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    let (me, id) = (asked.me()?, asked.id("passkey")?);
    let keep = Some(&me.session.id);
    asked.console.store.record().remove_passkey(&me.user().id, &id, keep, &asked.actor()?).await?;
    Ok(asked.to("/admin/account?said=passkey-off"))
}

async fn ask_who(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    asked.console.throttle.try_passkey(asked.address).await?;
    put(&asked, ENTER, party(&asked)?.ask_who())
}

async fn sign_in(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    asked.console.throttle.try_passkey(asked.address).await?;
    let state = state(&asked, ENTER).await?;
    match known(&asked, &state).await? {
        Some(key) => {
            let credentials = asked.console.store.credentials(&key.user).await?;
            if credentials.user.disabled_at.is_none() {
                return enter::begin(&asked, &credentials, "passkey").await;
            }
            Ok(wrong(&asked))
        }
        None => Ok(wrong(&asked)),
    }
}

fn wrong(call: &Call) -> HttpResponse {
    let next = super::form::own_path(call.form.raw("next")).unwrap_or("/admin");
    call.html(StatusCode::UNPROCESSABLE_ENTITY, |frame| {
        frame.title = "Sign in".into();
        let kept = enter::kept(call).map(|kept| kept.write());
        console::sign_in(frame, &SignIn { wrong: Some(NOT_IT), kept: kept.as_deref(), ..call.asks(next) })
    })
}

/// The key that the device has answered with, if it did so rightly.
async fn known(call: &Call, state: &[u8]) -> Result<Option<Passkey>, Failure> {
    let answer = call.form.raw("credential");
    let Ok(named) = Party::named(answer) else { return Ok(None) };
    let Some(held) = call.console.store.passkey(&named).await? else { return Ok(None) };
    let key = Key {
        credential_id: held.credential_id.clone(),
        public_key: held.public_key.clone(),
        counter: held.counter.clone(),
    };
    match party(call)?.check(state, answer, &held.user, &key) {
        Ok(after) if call.console.store.record().passkey_used(&held, &after.counter).await? => Ok(Some(held)),
        Ok(_) => Ok(None),
        Err(refused) => {
            tracing::info!("{refused}");
            Ok(None)
        }
    }
}
