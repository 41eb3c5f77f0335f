//! Signing in and out.

use actix_web::{HttpResponse, http::StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;

use super::{
    Asked, Call, Entry, Failure,
    cookie::Held,
    form::{Kept, own_path},
    get, passwords,
    permission::{Anyone, SettingUp, SignedIn},
    post, totp,
};
use crate::{
    domain::{Id, address},
    keys::Purpose,
    render::console::{self, SignIn},
    store::{Credentials, NewSession, Secret, StoreError},
};

const STEP: Purpose = Purpose("console second step");
/// How long the second step may take.
const STEP_LIFE: TimeDelta = TimeDelta::minutes(10);

const WRONG: &str = "The address or the password is wrong.";

pub fn routes() -> Vec<Entry> {
    vec![
        get("/admin", home),
        get("/admin/sign-in", show),
        post("/admin/sign-in", sign_in),
        post("/admin/sign-in/code", second),
        post("/admin/sign-out", sign_out),
        post("/admin/confirm", confirm),
    ]
}

/// To the incidents of the first page.
async fn home(asked: Asked<SignedIn>) -> Result<HttpResponse, Failure> {
    let pages = asked.console.pages();
    let first = pages.first().ok_or(Failure::Away)?;
    let said = asked.query.text("said");
    let said = if super::said::words(said).is_some() { format!("?said={said}") } else { String::new() };
    Ok(asked.to(&format!("/admin/pages/{}/incidents{said}", first.id)))
}

async fn show(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    if asked.me.is_some() {
        return Ok(asked.to(next(&asked.query)));
    }
    Ok(form(&asked, StatusCode::OK, "", None, next(&asked.query), None))
}

fn next(form: &super::form::Form) -> &str {
    own_path(form.raw("next")).unwrap_or("/admin")
}

fn form(
    call: &Call,
    status: StatusCode,
    email: &str,
    wrong: Option<&str>,
    next: &str,
    kept: Option<&str>,
) -> HttpResponse {
    call.html(status, |frame| {
        frame.title = "Sign in".into();
        console::sign_in(frame, &SignIn { email, wrong, kept, ..call.asks(next) })
    })
}

async fn sign_in(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    if asked.console.is_sso_only() {
        return Err(Failure::Forbidden("Nobody signs in with a password here: use the provider.".into()));
    }
    let typed = asked.form.text("email");
    let email = address::email(typed).unwrap_or_default();
    asked.console.throttle.try_once(&email, asked.address).await?;
    let found = asked.console.store.credentials_of(&email).await?;
    // Who is not there, and whose account is closed, is worked on for as long.
    let open = found.filter(|found| found.user.disabled_at.is_none());
    let hash = open.as_ref().and_then(|found| found.password_hash.clone());
    let fits = passwords::verify(asked.form.raw("password").to_owned(), hash).await?;
    if fits && open.is_some() {
        asked.console.throttle.was_right(&email).await;
    }
    match open.filter(|_| fits) {
        Some(credentials) if credentials.totp_secret.is_some() => Ok(ask_for_code(&asked, &credentials)),
        Some(credentials) => begin(&asked, &credentials, "password").await,
        None => {
            let kept = kept(&asked).map(|kept| kept.write());
            let next = next(&asked.form);
            Ok(form(&asked, StatusCode::UNPROCESSABLE_ENTITY, typed, Some(WRONG), next, kept.as_deref()))
        }
    }
}

pub fn kept(call: &Call) -> Option<Kept> {
    Kept::read(call.form.raw("kept"))
}

/// The second step, for whom the first was made just now.
pub fn ask_for_code(call: &Call, credentials: &Credentials) -> HttpResponse {
    let end = (call.console.app.clock.now() + STEP_LIFE).timestamp();
    ask_until(call, StatusCode::OK, (credentials, end), None)
}

/// The second step, with whose first it was and when that ends, signed with what the browser holds and for the
/// password that they have: a proof is worth nothing when that is another one, and no longer for being used.
fn ask_until(
    call: &Call,
    status: StatusCode,
    (credentials, end): (&Credentials, i64),
    wrong: Option<&str>,
) -> HttpResponse {
    let user = &credentials.user.id;
    let signature = call.console.app.keys.sign(STEP, signed(call, credentials, end).as_bytes());
    let step = format!("{user}.{end}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    let kept = kept(call).map(|kept| kept.write());
    call.html(status, |frame| {
        frame.title = "The second step".into();
        console::second_step(frame, &step, wrong, next(&call.form), kept.as_deref())
    })
}

fn signed(call: &Call, credentials: &Credentials, end: i64) -> String {
    let password = Secret::hash(credentials.password_hash.as_deref().unwrap_or_default());
    format!("{} {} {end} {password}", call.held.text, credentials.user.id)
}

/// Who says that they made the first step, until when, and the proof.
fn first_step(call: &Call) -> Option<(Id, i64, Vec<u8>)> {
    let mut parts = call.form.text("step").split('.');
    let (user, end, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some((user.parse().ok()?, end.parse().ok()?, signature))
}

/// Who made the first step, if that is not too long ago, and until when it counts.
async fn made_first(call: &Call) -> Result<Option<(Credentials, i64)>, Failure> {
    let now = call.console.app.clock.now().timestamp();
    let Some((user, end, signature)) = first_step(call).filter(|(_, end, _)| now < *end) else {
        return Ok(None);
    };
    let credentials = match call.console.store.credentials(&user).await {
        Ok(credentials) => credentials,
        Err(StoreError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let holds = call.console.app.keys.verify(STEP, signed(call, &credentials, end).as_bytes(), &signature);
    Ok(holds.then_some((credentials, end)))
}

async fn second(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    let Some((credentials, end)) = made_first(&asked).await? else {
        let kept = kept(&asked).map(|kept| kept.write());
        let text = Some("That took too long. Begin once more.");
        return Ok(form(
            &asked,
            StatusCode::UNPROCESSABLE_ENTITY,
            "",
            text,
            next(&asked.form),
            kept.as_deref(),
        ));
    };
    let account = format!("code {}", credentials.user.id);
    asked.console.throttle.try_once(&account, asked.address).await?;
    if credentials.user.disabled_at.is_none() && fits(&asked, &credentials, asked.form.text("code")).await? {
        asked.console.throttle.was_right(&account).await;
        return begin(&asked, &credentials, "code").await;
    }
    let text = Some("This is not the code, or it was used already.");
    Ok(ask_until(&asked, StatusCode::UNPROCESSABLE_ENTITY, (&credentials, end), text))
}

/// Whether it is the code of the device, or one of those that stand for it; each is taken once.
async fn fits(call: &Call, credentials: &Credentials, code: &str) -> Result<bool, Failure> {
    let console = &call.console;
    let user = &credentials.user;
    let sealed = credentials.totp_secret.as_deref().unwrap_or_default();
    let second = console.app.clock.now().timestamp();
    let totp = totp::open(&console.app.keys, &user.id, sealed, &user.email, "Pharos");
    if let Some(step) = totp.and_then(|totp| totp::step(&totp, code, second)) {
        return Ok(console.store.record().use_step(&user.id, step).await?);
    }
    Ok(console.store.record().use_recovery_code(&user.id, &totp::unspaced(code)).await?)
}

/// Signs somebody in, with another text for the browser to hold, and leads on.
pub async fn begin(
    call: &Call,
    credentials: &Credentials,
    by: &'static str,
) -> Result<HttpResponse, Failure> {
    begin_towards(call, credentials, by, next(&call.form)).await
}

pub async fn begin_towards(
    call: &Call,
    credentials: &Credentials,
    by: &'static str,
    towards: &str,
) -> Result<HttpResponse, Failure> {
    begin_as(call, credentials, (by, true), towards).await
}

/// `by` what they sign in, and whether that was just now.
pub async fn begin_as(
    call: &Call,
    credentials: &Credentials,
    (by, is_confirmed): (&'static str, bool),
    towards: &str,
) -> Result<HttpResponse, Failure> {
    let user = &credentials.user.id;
    let is_own = !matches!(by, "sso" | "link");
    if is_own && (call.console.is_sso_only() || call.console.app.is_bound(user).await?) {
        return Err(Failure::Forbidden(call.console.by_provider()));
    }
    let held = Held::random();
    let new = NewSession {
        user: user.clone(),
        token: held.text.clone(),
        address: Some(call.address.to_string()),
        user_agent: call.user_agent(),
        by,
        is_confirmed,
    };
    call.console.store.record().begin_session(new).await?;
    call.console.throttle.got_in(&credentials.user.email, call.address).await;
    let mut answer = match kept(call) {
        Some(kept) => come_back(call, &kept, &held),
        None => call.to(towards),
    };
    if answer.add_cookie(&held.cookie(call.console.secure)).is_err() {
        return Err(Failure::TooSlow);
    }
    Ok(answer)
}

/// The form that was sent when nobody was signed in any more.
fn come_back(call: &Call, kept: &Kept, held: &Held) -> HttpResponse {
    call.html(StatusCode::OK, |frame| {
        frame.title = "You are signed in again".into();
        frame.csrf = held.form_token(&call.console.app.keys);
        let form = console::kept(frame, &kept.path, kept.form.0.iter(), "Go on where I was");
        console::message(frame, "Nothing of what you sent was done yet; all of it is here.", form)
    })
}

async fn sign_out(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    if let Some(me) = &asked.me {
        let (user, session) = (me.user().id.clone(), me.session.id.clone());
        asked.console.store.record().end_session(&user, &session, &asked.actor()?).await?;
    }
    let mut answer = asked.to("/admin/sign-in?said=signed-out");
    // What the browser holds is worth nothing any more; it is given something else.
    answer.add_cookie(&Held::random().cookie(asked.console.secure)).map_err(|_| Failure::TooSlow)?;
    Ok(answer)
}

async fn confirm(asked: Asked<SettingUp>) -> Result<HttpResponse, Failure> {
    let me = asked.me()?;
    if !asked.has_own_ways() {
        return Err(Failure::Forbidden(asked.console.by_provider()));
    }
    asked.console.throttle.try_again(&me.session.id).await?;
    let credentials = &me.credentials;
    let has_second_step = credentials.totp_secret.is_some();
    let hash = credentials.password_hash.clone();
    let knows = passwords::verify(asked.form.raw("password").to_owned(), hash).await?;
    // A code is taken once: one that comes with a wrong password is not looked at.
    if knows && (!has_second_step || fits(&asked, credentials, asked.form.text("code")).await?) {
        asked.console.throttle.is_still(&me.session.id).await;
        asked.console.store.record().session_confirmed(&me.session).await?;
        return Ok(match kept(&asked) {
            Some(kept) => come_back(&asked, &kept, &asked.held),
            None => asked.to(next(&asked.form)),
        });
    }
    let kept = kept(&asked).map(|kept| kept.write());
    Ok(asked.html(StatusCode::UNPROCESSABLE_ENTITY, |frame| {
        frame.title = "Is it still you?".into();
        let wrong = Some(if has_second_step {
            "The password or the code is wrong, or the code was used already."
        } else {
            "This is not your password."
        });
        let again = SignIn { wrong, kept: kept.as_deref(), ..asked.asks(next(&asked.form)) };
        console::confirm(frame, &SignIn { ways: asked.ways_of_mine(), ..again })
    }))
}
