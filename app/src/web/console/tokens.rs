//! Tokens of the management API.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::TimeDelta;

use super::{
    Asked, Call, Entry, Failure, get,
    permission::{Confirmed, ManagesTokens},
    post,
};
use crate::{
    domain::{
        page::is_control,
        token::{Scope, Scopes},
    },
    render::console::{self, Section, Tokens},
    store::{NewToken, Secret},
};

const PER_SCREEN: u64 = 50;
const PATH: &str = "/admin/tokens";

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, make), post("/admin/tokens/{token}/revoke", revoke)]
}

async fn show(asked: Asked<ManagesTokens>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None, None).await
}

async fn draw(
    call: &Call,
    status: StatusCode,
    made: Option<&str>,
    wrong: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let number = call.number();
    let mut tokens = call.console.store.tokens(None, (number - 1) * PER_SCREEN, PER_SCREEN + 1).await?;
    let more = tokens.len() as u64 > PER_SCREEN;
    tokens.truncate(PER_SCREEN as usize);
    let scopes: Vec<Scope> = call.me()?.scopes(None).iter().collect();
    Ok(call.html(status, |frame| {
        frame.title = "Tokens".into();
        frame.section = Section::Tokens;
        let now = call.console.store.now();
        let name = if made.is_some() { "" } else { call.form.text("name") };
        console::tokens(
            frame,
            &Tokens { tokens: &tokens, now, scopes: &scopes, made, name, wrong, number, more },
        )
    }))
}

fn new(call: &Call, secret: &Secret) -> Result<NewToken, Failure> {
    let form = &call.form;
    let name = form.text("name");
    if name.is_empty() || name.chars().count() > 255 || name.contains(is_control) {
        return Err(Failure::Refused("Say in 1 to 255 characters what it is for.".into()));
    }
    let ticked = form.0.iter().filter(|(name, _)| name == "scope");
    let scopes: Scopes =
        ticked.filter_map(|(_, word)| Scope::ALL.into_iter().find(|scope| scope.as_str() == word)).collect();
    if scopes.is_empty() {
        return Err(Failure::Refused("Tick at least one thing that it allows.".into()));
    }
    let me = call.me()?;
    if !me.scopes(None).holds(scopes) {
        return Err(Failure::Forbidden("A token allows no more than you may do yourself.".into()));
    }
    let days: Option<i64> = form.text("days").parse().ok().filter(|days| (1..=3_650).contains(days));
    Ok(NewToken {
        name: name.to_owned(),
        prefix: secret.prefix.clone(),
        hash: secret.hash.clone(),
        scopes,
        page_id: None,
        user_id: Some(me.user().id.clone()),
        allowed_addresses: vec![],
        expires_at: days.map(|days| call.console.store.now() + TimeDelta::days(days)),
    })
}

async fn make(asked: Asked<Confirmed<ManagesTokens>>) -> Result<HttpResponse, Failure> {
    if asked.form.text("do") == "edit" {
        return draw(&asked, StatusCode::OK, None, None).await;
    }
    let secret = Secret::random();
    let new = match new(&asked, &secret) {
        Ok(new) => new,
        Err(Failure::Refused(text)) => {
            return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, None, Some(&text)).await;
        }
        Err(failure) => return Err(failure),
    };
    asked.console.store.record().create_token(new, &asked.actor()?).await?;
    draw(&asked, StatusCode::OK, Some(&secret.text), None).await
}

async fn revoke(asked: Asked<Confirmed<ManagesTokens>>) -> Result<HttpResponse, Failure> {
    asked.console.store.record().revoke_token(&asked.id("token")?, &asked.actor()?).await?;
    asked.console.app.announce_tokens().await;
    Ok(asked.to("/admin/tokens?said=revoked"))
}
