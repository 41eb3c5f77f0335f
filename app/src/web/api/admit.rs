//! Who is let in to the management API.

use std::{net::IpAddr, sync::Arc, time::Duration};

use actix_web::{HttpRequest, http::StatusCode};
use tokio::sync::SemaphorePermit;

use super::{
    Api, caller,
    caller::Caller,
    limit::Left,
    problem::{self, Problem},
    route::Route,
};
use crate::web::address;

/// Lets in who has a token that is alive, may come from there and has not asked too much. Only calls
/// without such a token count for their address, so that nobody shuts out who has one.
pub async fn admit(
    route: &Route,
    request: &HttpRequest,
    api: &Arc<Api>,
    left: &mut Option<Left>,
) -> Result<Caller, Problem> {
    let address = address::address(request, &api.options.trusted_proxies);
    let key = caller::credentials(request, api.options.key_in_query);
    let known = async { key.is_none() || api.tokens.knows(key.as_deref().unwrap_or_default()).await };
    let _turn = turn(api, address, known, left).await?;
    let found = match &key {
        Some(key) => api.tokens.find(key).await.map_err(|error| {
            problem::told(&error, "a token could not be looked up");
            problem::unavailable()
        })?,
        None => None,
    };
    let token = match found {
        Some(token) if caller::may_come_from(&token, address) => token,
        other => {
            *left = api.limits.address(address).await?;
            let text = match (key, other) {
                (_, Some(_)) => {
                    let text = format!("the token may not be used from {address}");
                    return Err(Problem::new(StatusCode::FORBIDDEN, text));
                }
                (Some(_), None) => "the token is unknown, expired or revoked",
                (None, None) => {
                    "a token is needed: Authorization: Bearer TOKEN; `pharos token create` makes one"
                }
            };
            return Err(Problem::unknown_holder(text, route.scopes));
        }
    };
    *left = api.limits.token(token.id.as_str()).await?;
    Ok(Caller { token, key: None, address, request_id: caller::request_id(request) })
}

/// From where too much was asked, whoever is not known is looked up only when few others are.
async fn turn<'api>(
    api: &'api Api,
    address: IpAddr,
    is_known: impl Future<Output = bool>,
    left: &mut Option<Left>,
) -> Result<Option<SemaphorePermit<'api>>, Problem> {
    if !api.limits.is_over(address) || is_known.await {
        return Ok(None);
    }
    let Ok(turn) = api.strangers.try_acquire() else {
        *left = api.limits.address(address).await?;
        let text = "too many calls from this address without a token";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, text).retry_after(Duration::from_secs(1)));
    };
    Ok(Some(turn))
}

/// Lets in who calls an address with a key in it, and opens nothing else to them.
pub async fn admit_key(
    request: &HttpRequest,
    api: &Arc<Api>,
    key: &str,
    left: &mut Option<Left>,
) -> Result<Caller, Problem> {
    let address = address::address(request, &api.options.trusted_proxies);
    let _turn = turn(api, address, api.tokens.knows_key(key), left).await?;
    let Some(found) = api.tokens.find_key(key).await? else {
        *left = api.limits.address(address).await?;
        return Err(Problem::unknown_caller("the key is unknown"));
    };
    *left = api.limits.token(found.id.as_str()).await?;
    Ok(Caller::with_key(found, address, caller::request_id(request)))
}
