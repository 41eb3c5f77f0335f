//! Setting up the second step, and taking it off.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure, get,
    permission::{Confirmed, SettingUp, SignedIn},
    post, totp,
};
use crate::render::console::{self, NewFactor, Section};

pub fn routes() -> Vec<Entry> {
    vec![
        get("/admin/account/second-factor", needed),
        post("/admin/account/second-factor", propose),
        post("/admin/account/second-factor/confirm", confirm),
        post("/admin/account/second-factor/codes", renew),
        post("/admin/account/second-factor/off", off),
    ]
}

/// For whoever may do nothing else before.
async fn needed(asked: Asked<SettingUp>) -> Result<HttpResponse, Failure> {
    if !asked.me()?.lacks_second_step {
        return Ok(asked.to("/admin/account"));
    }
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "Your role needs a second step".into();
        frame.section = Section::Account;
        console::second_step_needed(frame, asked.me().is_ok_and(|me| me.must_use_passkey), None)
    }))
}

/// Whether a device may be set up here.
fn may_set_up(call: &Call) -> Result<(), Failure> {
    if call.me()?.must_use_passkey {
        return Err(Failure::Forbidden(
            "Sign out, and in again with your passkey: it stands for both steps.".into(),
        ));
    }
    Ok(())
}

async fn propose(asked: Asked<Confirmed<SettingUp>>) -> Result<HttpResponse, Failure> {
    may_set_up(&asked)?;
    let user = asked.me()?.user();
    let sealed = totp::propose(&asked.console.app.keys, &user.id).ok_or(Failure::Away)?;
    asked.console.store.record().propose_second_factor(&user.id, sealed.clone()).await?;
    draw(&asked, StatusCode::OK, &sealed, None)
}

fn draw(call: &Call, status: StatusCode, sealed: &str, wrong: Option<&str>) -> Result<HttpResponse, Failure> {
    let user = call.me()?.user();
    let pages = call.console.pages();
    let issuer = pages.first().map_or("Pharos", |page| &page.name);
    let totp =
        totp::open(&call.console.app.keys, &user.id, sealed, &user.email, issuer).ok_or_else(|| {
            Failure::Refused(
                "The application key that this secret was sealed with is gone; set it up anew.".into(),
            )
        })?;
    let address = totp.to_url().map_err(|_| Failure::Away)?;
    let secret = totp.secret().to_base32();
    Ok(call.html(status, |frame| {
        frame.title = "Set up the second step".into();
        frame.section = Section::Account;
        console::second_factor(frame, &NewFactor { address: &address, secret: &secret, wrong })
    }))
}

async fn confirm(asked: Asked<Confirmed<SettingUp>>) -> Result<HttpResponse, Failure> {
    may_set_up(&asked)?;
    let me = asked.me()?;
    let user = me.user();
    asked.console.throttle.try_again(&me.session.id).await?;
    let Some(sealed) = me.credentials.totp_pending.clone() else {
        return Err(Failure::Refused("There is nothing to be turned on; begin once more.".into()));
    };
    let totp = totp::open(&asked.console.app.keys, &user.id, &sealed, &user.email, "Pharos");
    let second = asked.console.app.clock.now().timestamp();
    let step = totp.and_then(|totp| totp::step(&totp, asked.form.text("code"), second));
    let Some(step) = step else {
        let wrong = Some("This is not the code that the device shows now.");
        return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, &sealed, wrong);
    };
    let codes = totp::recovery_codes();
    let record = asked.console.store.record();
    let keep = Some(&me.session.id);
    record.confirm_second_factor(&user.id, step, &codes, keep, &asked.actor()?).await?;
    Ok(shown_once(&asked, &codes))
}

fn shown_once(call: &Call, codes: &[String]) -> HttpResponse {
    let spaced: Vec<String> = codes.iter().map(|code| totp::spaced(code)).collect();
    call.html(StatusCode::OK, |frame| {
        frame.title = "Your recovery codes".into();
        frame.section = Section::Account;
        console::recovery_codes(frame, &spaced)
    })
}

async fn renew(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    let me = asked.me()?;
    if me.credentials.totp_secret.is_none() {
        return Err(Failure::Refused("There is no second step that they could stand for.".into()));
    }
    let codes = totp::recovery_codes();
    asked.console.store.record().renew_recovery_codes(&me.user().id, &codes, &asked.actor()?).await?;
    Ok(shown_once(&asked, &codes))
}

async fn off(asked: Asked<Confirmed<SignedIn>>) -> Result<HttpResponse, Failure> {
    let me = asked.me()?;
    let record = asked.console.store.record();
    record.drop_second_factor(&me.user().id, Some(&me.session.id), &asked.actor()?).await?;
    Ok(asked.to("/admin/account?said=factor-off"))
}
