//! Another password for whoever forgot theirs: by mail, and nobody learns whether there is such an account.
//! What is answered, and what is done before, is the same for every address; whose it is, is looked up when
//! the mail is sent.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Entry, Failure, get, permission::Anyone, post};
use crate::{
    domain::{address, letter::Letter},
    render::console,
};

const PATH: &str = "/admin/reset";

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, ask)]
}

async fn show(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    if asked.console.is_sso_only() {
        return Err(Failure::NotFound);
    }
    Ok(form(&asked, StatusCode::OK, "", None))
}

fn form(asked: &Asked<Anyone>, status: StatusCode, email: &str, wrong: Option<&str>) -> HttpResponse {
    asked.html(status, |frame| {
        frame.title = "Forgot your password?".into();
        console::forgotten(frame, email, wrong)
    })
}

async fn ask(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    if asked.console.is_sso_only() {
        return Err(Failure::NotFound);
    }
    let typed = asked.form.text("email");
    let email = match address::email(typed) {
        Ok(email) => email,
        Err(text) => return Ok(form(&asked, StatusCode::UNPROCESSABLE_ENTITY, typed, Some(&text))),
    };
    let throttle = &asked.console.throttle;
    throttle.try_once(&format!("reset {email}"), asked.address).await?;
    // Whoever asks again and again from many places fills nobody's mailbox.
    if throttle.may_mail(&email).await {
        asked.console.store.record().post(&Letter::Reset { email }).await?;
    }
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "Look into your mail".into();
        console::mail_is_coming(frame)
    }))
}
