//! Who is let in to the management API.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, http::StatusCode};

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
    // From where too much was asked, whoever is not known is looked up only when few others are.
    let mut _turn = None;
    if let Some(key) = &key
        && api.limits.is_over(address)
        && !api.tokens.knows(key).await
    {
        _turn = api.strangers.try_acquire().ok();
        if _turn.is_none() {
            *left = api.limits.address(address).await?;
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many calls from this address without a token",
            )
            .retry_after(Duration::from_secs(1)));
        }
    }
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

/// Lets in who calls an address with a key in it, and opens nothing else to them.
pub async fn admit_key(
    request: &HttpRequest,
    api: &Arc<Api>,
    key: &str,
    left: &mut Option<Left>,
) -> Result<Caller, Problem> {
    let address = address::address(request, &api.options.trusted_proxies);
    let Some(found) = caller::alert_key(&api.store, key).await? else {
        *left = api.limits.address(address).await?;
        return Err(Problem::unknown_caller("the key is unknown"));
    };
    *left = api.limits.token(found.id.as_str()).await?;
    Ok(Caller::with_key(found, address, caller::request_id(request)))
}
