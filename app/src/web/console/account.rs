//! One's own account.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Entry, Failure, get, passwords,
    permission::{Confirmed, SignedIn},
    post,
};
use crate::{
    render::console::{self, Account, HeldKey, Section},
    store::Passkey,
};

pub fn routes() -> Vec<Entry> {
    vec![
        get("/admin/account", show),
        post("/admin/account/password", change_password),
        post("/admin/account/sessions/{session}/end", end_session),
    ]
}

async fn show(asked: Asked<SignedIn>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None).await
}

async fn draw(
    asked: &Asked<SignedIn>,
    status: StatusCode,
    wrong: Option<(&str, &str)>,
) -> Result<HttpResponse, Failure> {
    let (me, store) = (asked.me()?, &asked.console.store);
    let sessions = store.sessions(&me.user().id).await?;
    let codes_left = store.recovery_codes_left(&me.user().id).await?;
    let passkeys = match asked.console.party().filter(|_| asked.has_own_ways()) {
        Some(party) => {
            let keys = store.passkeys(&me.user().id).await?;
            Some((party.origin(), keys.into_iter().map(held).collect()))
        }
        None => None,
    };
    Ok(asked.html(status, |frame| {
        frame.title = "Your account".into();
        frame.section = Section::Account;
        let account = Account {
            user: me.user(),
            sessions: &sessions,
            current: &me.session.id,
            has_second_factor: me.credentials.totp_secret.is_some(),
            codes_left,
            passkeys,
            passwords: asked.has_own_ways(),
            wrong,
        };
        console::account(frame, &account)
    }))
}

fn held(key: Passkey) -> HeldKey {
    let Passkey { id, name, created_at, last_used_at, .. } = key;
    HeldKey { id, name, created_at, last_used_at }
}

async fn change_password(asked: Asked<SignedIn>) -> Result<HttpResponse, Failure> {
    let me = asked.me()?;
    let user = me.user();
    if !asked.has_own_ways() {
        return Err(Failure::Forbidden(asked.console.by_provider()));
    }
    asked.console.throttle.try_again(&me.session.id).await?;
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    // Who came by a link has none yet.
    let none_yet =
        me.credentials.password_hash.is_none() && me.session.is_confirmed(asked.console.store.now());
    let hash = me.credentials.password_hash.clone();
    if !none_yet && !passwords::verify(asked.form.raw("password").to_owned(), hash).await? {
        return draw(&asked, refused, Some(("password", "This is not your password."))).await;
    }
    let new = asked.form.raw("new_password").to_owned();
    if let Err(text) = passwords::check(&new, &[&user.email, &user.name]) {
        return draw(&asked, refused, Some(("new_password", &text))).await;
    }
    let hash = passwords::hash(new).await?;
    let record = asked.console.store.record();
    record.set_password(&user.id, hash, Some(&me.session.id), &asked.actor()?).await?;
    // A password is half of it where there is a second step.
    if me.credentials.totp_secret.is_none() {
        record.session_confirmed(&me.session).await?;
    }
    Ok(asked.to("/admin/account?said=password"))
}

async fn end_session(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    let me = asked.me()?;
    let session = asked.id("session")?;
    asked.console.store.record().end_session(&me.user().id, &session, &asked.actor()?).await?;
    Ok(asked.to("/admin/account?said=ended"))
}
