//! Tokens. Who makes one grants nothing that is not theirs.

use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use ipnet::IpNet;

use super::{
    answer::Answer,
    call::{Call, id_in, name},
    problem::Problem,
    route::{PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::token::{Scope, Scopes, Token},
    store::{NewToken, Secret},
    wire::manage::{self, TokenAsk, TokenBody},
};

const TAG: &str = "Tokens";

pub const ROUTES: &[Route] = &[
    Route::get("/v1/tokens", "The tokens that the caller may manage, newest first.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .for_scopes(&[Scope::TokensWrite])
    .asks(&[PAGE, PER_PAGE])
    .answers(Shape::Many("Token")),
    Route::post("/v1/tokens", "Makes a token and shows it once.", |call| Box::pin(create(call)))
        .tag(TAG)
        .for_scopes(&[Scope::TokensWrite])
        .takes("TokenBody")
        .asks(&[])
        .answers(Shape::One("Token")),
    Route::get("/v1/tokens/current", "The token that the call is made with.", |call| Box::pin(current(call)))
        .tag(TAG)
        .for_scopes(&[])
        .answers(Shape::One("Token")),
    Route::get("/v1/tokens/{token_id}", "A token.", |call| Box::pin(read(call)))
        .tag(TAG)
        .for_scopes(&[Scope::TokensWrite])
        .answers(Shape::One("Token")),
    Route::delete("/v1/tokens/{token_id}", "Revokes a token.", |call| Box::pin(revoke(call)))
        .tag(TAG)
        .untagged()
        .for_scopes(&[Scope::TokensWrite])
        .asks(&[])
        .answers(Shape::One("Token")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let slice = call.slice();
    let page = call.caller.token.page_id.as_ref();
    let tokens = call.api.store.tokens(page, slice.offset, slice.limit).await?;
    Answer::ok(&tokens.iter().map(|token| manage::Token::of(token, None)).collect::<Vec<_>>())
}

async fn current(call: Call) -> Result<Answer, Problem> {
    Answer::ok(&manage::Token::of(&call.caller.token, None))
}

async fn read(call: Call) -> Result<Answer, Problem> {
    Answer::ok(&manage::Token::of(&managed(&call).await?, None))
}

/// A token that the caller may manage: of its own page, if it has one.
async fn managed(call: &Call) -> Result<Token, Problem> {
    let id = call.id("token_id")?;
    let token = call.api.store.token(&id).await?;
    match &call.caller.token.page_id {
        Some(own) if token.page_id.as_ref() != Some(own) => Err(Problem::not_found(&format!("token {id}"))),
        _ => Ok(token),
    }
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<TokenBody>()?.token;
    let secret = Secret::random();
    let new = granted(&call, &asked, &secret)?;
    let token = call.api.store.record().create_token(new, &call.caller.actor()).await?;
    Answer::created(&manage::Token::of(&token, Some(secret.text)))
}

fn granted(call: &Call, asked: &TokenAsk, secret: &Secret) -> Result<NewToken, Problem> {
    let own = &call.caller.token;
    let scopes: Scopes = asked.scopes.iter().copied().collect();
    if let Some(lacking) = lacking(own, scopes) {
        let text = format!("allowed are scopes that the calling token holds; it lacks {lacking}");
        return Err(Problem::field("token.scopes", text));
    }
    let page_id = asked.page_id.as_deref().map(|id| id_in("token.page_id", id)).transpose()?;
    let page_id = match (&own.page_id, page_id) {
        (Some(own), None) => Some(own.clone()),
        (Some(_), Some(asked)) => {
            call.caller.opens(&asked)?;
            Some(asked)
        }
        (None, asked) => asked,
    };
    Ok(NewToken {
        name: name("token.name", &asked.name)?,
        prefix: secret.prefix.clone(),
        hash: secret.hash.clone(),
        scopes,
        page_id,
        user_id: own.user_id.clone(),
        allowed_addresses: addresses(own, asked.allowed_addresses.as_deref().unwrap_or_default())?,
        expires_at: expiry(own, asked.expires_at.map(|at| at.instant()))?,
    })
}

/// Which of these scopes a token does not hold, if any.
fn lacking(own: &Token, scopes: Scopes) -> Option<String> {
    let lacking: Vec<_> = scopes.iter().filter(|scope| !own.scopes.has(*scope)).map(Scope::as_str).collect();
    (!lacking.is_empty()).then(|| lacking.join(", "))
}

/// From where a new token may be used: from nowhere that the calling one may not, and from there if
/// nothing is said.
fn addresses(own: &Token, asked: &[String]) -> Result<Vec<String>, Problem> {
    if asked.is_empty() {
        return Ok(own.allowed_addresses.clone());
    }
    let asked = asked.iter().map(|text| network(text)).collect::<Result<Vec<_>, _>>()?;
    let held: Vec<IpNet> = own.allowed_addresses.iter().filter_map(|text| text.parse().ok()).collect();
    let within = |network: &IpNet| held.iter().any(|held| held.contains(network));
    if !own.allowed_addresses.is_empty() && !asked.iter().all(within) {
        let text = format!(
            "allowed are addresses that the calling token may be used from: {}",
            own.allowed_addresses.join(", ")
        );
        return Err(Problem::field("token.allowed_addresses", text));
    }
    Ok(asked.iter().map(ToString::to_string).collect())
}

/// Until when a new token lives: no longer than the calling one.
fn expiry(own: &Token, asked: Option<DateTime<Utc>>) -> Result<Option<DateTime<Utc>>, Problem> {
    match (asked, own.expires_at) {
        (Some(asked), Some(end)) if asked > end => {
            let text = format!("allowed is an instant until the calling token expires, which is {end}");
            Err(Problem::field("token.expires_at", text))
        }
        (asked, end) => Ok(asked.or(end)),
    }
}

/// A network, or one address as the network of itself.
fn network(text: &str) -> Result<IpNet, Problem> {
    let of_one = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| of_one());
    network.map(|network| network.trunc()).map_err(|_| {
        Problem::field("token.allowed_addresses", "allowed are addresses and networks such as 192.0.2.0/24")
    })
}

async fn revoke(call: Call) -> Result<Answer, Problem> {
    let token = managed(&call).await?;
    let own = &call.caller.token;
    if own.id != token.id
        && let Some(lacking) = lacking(own, token.scopes)
    {
        let text = format!("the token to be revoked holds more than the calling one, which lacks {lacking}");
        return Err(Problem::new(StatusCode::FORBIDDEN, text));
    }
    let revoked = call.api.store.record().revoke_token(&token.id, &call.caller.actor()).await?;
    call.api.app.announce_tokens().await;
    Answer::ok(&manage::Token::of(&revoked, None))
}
