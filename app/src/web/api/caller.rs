//! Who calls: the token that a request carries, and from where it comes.

use std::{net::IpAddr, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HeaderName},
};
use ipnet::IpNet;
use moka::future::Cache;
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::{
    app::App,
    domain::{
        Id,
        alert::AlertKey,
        token::{Scope, Scopes, Token},
    },
    store::{Actor, Secret, Store, StoreError},
};

/// How long a token that was looked up is believed.
const BELIEVED: Duration = Duration::from_secs(5);
/// The same while the database is away and nobody can look.
const BELIEVED_AWAY: Duration = Duration::from_secs(600);
/// The most that are remembered, real ones and others.
const MOST_REMEMBERED: u64 = 10_000;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token: Arc<Token>,
    /// The key in the path, where that is what the call is made with.
    pub key: Option<Arc<AlertKey>>,
    pub address: IpAddr,
    pub request_id: Option<String>,
}

impl Caller {
    /// Who calls with a key opens the key's page, and holds no scope.
    pub fn with_key(key: AlertKey, address: IpAddr, request_id: Option<String>) -> Self {
        let token = Token {
            id: key.id.clone(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            scopes: Scopes::default(),
            page_id: Some(key.page_id.clone()),
            user_id: None,
            allowed_addresses: vec![],
            created_at: key.created_at,
            expires_at: None,
            last_used_at: key.last_seen_at,
            revoked_at: None,
        };
        Self { token: Arc::new(token), key: Some(Arc::new(key)), address, request_id }
    }

    pub fn actor(&self) -> Actor {
        Actor::Token {
            id: self.token.id.clone(),
            address: Some(self.address.to_string()),
            request_id: self.request_id.clone(),
        }
    }

    /// Refuses who has none of these scopes.
    pub fn require(&self, scopes: &[Scope]) -> Result<(), Problem> {
        if scopes.is_empty() || scopes.iter().any(|scope| self.token.scopes.has(*scope)) {
            return Ok(());
        }
        Err(Problem::missing(scopes))
    }

    /// Another page than the one that a token opens does not exist for it.
    pub fn opens(&self, page: &Id) -> Result<(), Problem> {
        match &self.token.page_id {
            Some(own) if own != page => Err(Problem::not_found(&format!("page {page}"))),
            _ => Ok(()),
        }
    }
}

/// The tokens that were looked up lately, so that a call is no query.
#[derive(Clone, Debug)]
pub struct Tokens {
    app: App,
    /// By the number of the last news of tokens, so that news make a look-up of the next call.
    known: Cache<(u64, String), Option<Arc<Token>>>,
    /// What was alive a while ago, for as long as the database is away; by the number of the last change
    /// of tokens, so that one that was revoked is not among them.
    verified: Cache<(u64, String), Arc<Token>>,
    /// The keys in paths that were good lately. They are looked up at each call all the same.
    good_keys: Cache<String, ()>,
}

impl Tokens {
    pub fn new(app: &App) -> Self {
        let known = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED).build();
        let verified = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED_AWAY).build();
        let good_keys = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED_AWAY).build();
        Self { app: app.clone(), known, verified, good_keys }
    }

    /// Whether a text was a key in a path that was good a short while ago.
    pub async fn knows_key(&self, text: &str) -> bool {
        self.good_keys.get(&Secret::hash(text)).await.is_some()
    }

    /// The key that a text in a path is, if there is one.
    pub async fn find_key(&self, text: &str) -> Result<Option<AlertKey>, StoreError> {
        let found = alert_key(&self.app.store, text).await?;
        match &found {
            Some(_) => self.good_keys.insert(Secret::hash(text), ()).await,
            None => self.good_keys.invalidate(&Secret::hash(text)).await,
        }
        Ok(found)
    }

    /// Whether a text was a token that was alive a short while ago.
    pub async fn knows(&self, text: &str) -> bool {
        self.verified.get(&(self.app.token_changes(), Secret::hash(text))).await.is_some()
    }

    /// The token that a text is, if it is alive.
    pub async fn find(&self, text: &str) -> Result<Option<Arc<Token>>, Arc<StoreError>> {
        let Some(prefix) = Secret::prefix(text) else { return Ok(None) };
        let store = &self.app.store;
        let hash = Secret::hash(text);
        let key = (self.app.token_news(), hash.clone());
        let lasting = (self.app.token_changes(), hash.clone());
        if !store.is_up() {
            let now = store.now();
            let kept = self.verified.get(&lasting).await;
            let alive = kept.filter(|token| token.expires_at.is_none_or(|at| at > now));
            return alive.map(Some).ok_or_else(|| Arc::new(StoreError::Away));
        }
        let look = async {
            let alive = store.live_tokens(prefix).await?;
            let is_it = |kept: &String| bool::from(kept.as_bytes().ct_eq(hash.as_bytes()));
            let found = alive.into_iter().find(|(_, kept)| is_it(kept)).map(|(token, _)| Arc::new(token));
            match &found {
                Some(token) => {
                    // A database that takes no writes can still say who calls.
                    if let Err(error) = store.record().token_used(token).await {
                        tracing::debug!(
                            error = &error as &dyn std::error::Error,
                            "the use of a token is not noted"
                        );
                    }
                    self.verified.insert(lasting, token.clone()).await;
                }
                None => self.verified.invalidate(&lasting).await,
            }
            Ok(found)
        };
        self.known.try_get_with(key.clone(), look).await
    }
}

async fn alert_key(store: &Store, text: &str) -> Result<Option<AlertKey>, StoreError> {
    let Some(prefix) = Secret::prefix(text) else { return Ok(None) };
    let hash = Secret::hash(text);
    let known = store.alert_keys_beginning(prefix).await?;
    let is_it = |kept: &String| bool::from(kept.as_bytes().ct_eq(hash.as_bytes()));
    Ok(known.into_iter().find(|(_, kept)| is_it(kept)).map(|(key, _)| key))
}

/// The text that may be a token: `Authorization: OAuth KEY` or `Bearer KEY`, or `?api_key=KEY`
/// where the settings allow it.
pub fn credentials(request: &HttpRequest, in_query: bool) -> Option<String> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let (scheme, key) = header.to_str().ok()?.trim().split_once(' ')?;
        let known = ["oauth", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        return known.then(|| key.trim().to_owned());
    }
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    query.find(|(name, _)| in_query && name == "api_key").map(|(_, key)| key.into_owned())
}

/// Which request it is, as the client or a proxy names it.
pub fn request_id(request: &HttpRequest) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| id.to_owned())
}

/// Whether a token may be used from there.
pub fn may_come_from(token: &Token, address: IpAddr) -> bool {
    let allowed = &token.allowed_addresses;
    let within = |network: &String| network.parse::<IpNet>().is_ok_and(|net| net.contains(&address));
    allowed.is_empty() || allowed.iter().any(within)
}
