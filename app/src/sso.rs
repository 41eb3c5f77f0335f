//! Signing in with the organization's own provider: OpenID Connect (Core 1.0, Discovery 1.0) with PKCE
//! (RFC 7636). What the provider says of itself is read when it is first needed and kept for a while, so
//! that a start does without it.

use std::{fmt, sync::Arc, time::Duration};

use openidconnect::{
    AccessToken, AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier, TokenResponse,
    UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde_json::Value;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    clock::Clock,
    domain::{groups::Roles, id::random_text},
    outbound::{self, NoClient, Reach},
    secrets::Resolved,
};

mod claims;

pub use claims::Identity;
use claims::{Extra, Told};

/// How long one question to the provider may take, and how long its description of itself is believed.
const PATIENCE: Duration = Duration::from_secs(6);
const BELIEVED: Duration = Duration::from_secs(600);
/// How long it is not asked again after it did not say: who waited meanwhile does not ask one after the other.
const NOT_ASKED: Duration = Duration::from_secs(5);
/// Asks it to say when somebody signed in (OpenID Connect Core 1.0, section 5.5).
const AUTH_TIME: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;
/// How it may sign: always, and never by a secret that both know.
const SIGNED_BY: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// The most bytes that it may answer.
const MOST_ANSWERED: usize = 1024 * 1024;

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What speaks to the provider, once it is known where.
type Party = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider says of itself, or why that is not known.
type Described = Result<Arc<CoreProviderMetadata>, String>;

/// What the settings say of the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    pub issuer: String,
    pub client_id: String,
    /// It may be rotated.
    pub client_secret: Option<Resolved>,
    /// The claim that lists somebody's groups.
    pub groups_claim: String,
    pub roles: Roles,
    /// Whether nobody signs in otherwise.
    pub is_only: bool,
    /// Where the provider sends people back to.
    pub redirect: String,
}

/// The provider.
pub struct Provider {
    settings: Settings,
    http: reqwest::Client,
    clock: Clock,
    /// What it says of itself or why it does not, and when it was asked.
    known: Mutex<Option<(tokio::time::Instant, Described)>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why nobody was signed in. The text is for logs.
#[derive(Debug, thiserror::Error)]
pub enum SsoError {
    /// The provider does not answer, or not as it should.
    #[error("the provider does not answer as it should: {0}")]
    Away(String),
    /// What it said is not to be believed.
    #[error("the provider's answer is refused: {0}")]
    Refused(String),
}

/// Somebody who is sent to the provider: what has to be known when they come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub url: String,
    pub nonce: String,
    pub verifier: String,
}

/// An answer that did not come, or is too large.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

impl Provider {
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, NoClient> {
        Ok(Self { settings, http: outbound::client(Reach::Direct)?, clock, known: Mutex::default() })
    }

    /// Whether nobody signs in otherwise.
    pub fn is_only(&self) -> bool {
        self.settings.is_only
    }

    pub fn roles(&self) -> &Roles {
        &self.settings.roles
    }

    /// What it is called where people choose it.
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.settings.issuer).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Where somebody is sent. `again` has the provider ask who they are even if it knows.
    pub async fn begin(&self, state: impl FnOnce(&Begun) -> String, again: bool) -> Result<Begun, SsoError> {
        let party = self.party().await?;
        let (nonce, verifier) = (random_text(40), random_text(64));
        let mut begun = Begun { url: String::new(), nonce: nonce.clone(), verifier: verifier.clone() };
        let state = CsrfToken::new(state(&begun));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = party
            .authorize_url(flow, move || state, move || Nonce::new(nonce))
            .set_pkce_challenge(challenge)
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("profile".into()));
        let request = self.more_scopes().into_iter().fold(request, |request, scope| request.add_scope(scope));
        // Not `prompt=login`, which Google refuses; it says when only where it is asked for by name.
        let request = match again {
            true => request.set_max_age(Duration::ZERO).add_extra_param("claims", AUTH_TIME),
            false => request,
        };
        begun.url = request.url().0.into();
        Ok(begun)
    }

    /// Who came back with this code.
    pub async fn finish(&self, code: &str, nonce: &str, verifier: &str) -> Result<Identity, SsoError> {
        let party = self.party().await?;
        let exchange = party.exchange_code(AuthorizationCode::new(code.to_owned()));
        let exchange = exchange.map_err(|error| SsoError::Away(error.to_string()))?;
        let ask = |request| self.ask(request);
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let answer = exchange.request_async(&ask).await.map_err(|error| not_exchanged(&error))?;
        let token = answer.id_token().ok_or_else(|| SsoError::Refused("there is no ID token".into()))?;
        let clock = self.clock.clone();
        let checked = party.id_token_verifier().set_time_fn(move || clock.now()).set_allowed_algs(SIGNED_BY);
        let claims =
            token.claims(&checked, &Nonce::new(nonce.to_owned())).map_err(|error| refused(&error))?;
        let (subject, authenticated_at) = (claims.subject().clone(), claims.auth_time());
        let mut told = Told::of_token(claims, &self.settings.groups_claim);
        if told.lacks(!self.settings.roles.is_empty()) && party.user_info_url().is_some() {
            told.add(self.user_info(&party, answer.access_token().clone(), subject.clone()).await?);
        }
        Ok(Identity { authenticated_at, ..told.identity(&self.settings.issuer, subject.as_str()) })
    }

    async fn user_info(
        &self,
        party: &Party,
        token: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Told, SsoError> {
        let ask = |request| self.ask(request);
        let request = party.user_info(token, Some(subject)).map_err(|error| refused(&error))?;
        let claims: UserInfoClaims<Extra, CoreGenderClaim> =
            request.request_async(&ask).await.map_err(|error| match error {
                UserInfoError::ClaimsVerification(_) => refused(&error),
                error => SsoError::Away(chain(&error)),
            })?;
        Ok(Told::of_user_info(&claims, &self.settings.groups_claim))
    }

    /// Some providers tell of groups only where that is asked for by a scope of the claim's name.
    fn more_scopes(&self) -> Option<Scope> {
        let claim = &self.settings.groups_claim;
        (!self.settings.roles.is_empty() && claim == "groups").then(|| Scope::new(claim.clone()))
    }

    async fn party(&self) -> Result<Party, SsoError> {
        if self.settings.client_secret.as_ref().is_some_and(Resolved::is_unread) {
            return Err(SsoError::Away("the secret that it gave us was not read yet".into()));
        }
        let metadata = self.metadata().await?;
        let secret = self.settings.client_secret.as_ref().map(|secret| secret.current().to_string());
        let redirect = RedirectUrl::new(self.settings.redirect.clone());
        let redirect = redirect.map_err(|error| SsoError::Away(error.to_string()))?;
        let client = ClientId::new(self.settings.client_id.clone());
        let party =
            Client::from_provider_metadata((*metadata).clone(), client, secret.map(ClientSecret::new));
        Ok(party.set_redirect_uri(redirect))
    }

    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, SsoError> {
        let mut known = self.known.lock().await;
        let described = known.as_ref().filter(|(asked, described)| {
            let counts = if described.is_ok() { BELIEVED } else { NOT_ASKED };
            crate::clock::instant().duration_since(*asked) < counts
        });
        if let Some((_, described)) = described {
            return described.clone().map_err(SsoError::Away);
        }
        let described = self.described().await;
        *known = Some((crate::clock::instant(), described.clone()));
        described.map_err(SsoError::Away)
    }

    async fn described(&self) -> Described {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| error.to_string())?;
        let ask = |request| self.ask(request);
        let read = timeout(2 * PATIENCE, CoreProviderMetadata::discover_async(issuer, &ask)).await;
        let read = read.map_err(|_| "it took too long".to_owned())?;
        read.map(Arc::new).map_err(|error| chain(&error))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let wrong = |error: &dyn std::error::Error| Unanswered(chain(error));
        let request = reqwest::Request::try_from(request).map_err(|error| wrong(&error))?;
        let asked = async {
            let mut answer = self.http.execute(request).await.map_err(|error| wrong(&error.without_url()))?;
            let mut body = vec![];
            while let Some(some) = answer.chunk().await.map_err(|error| wrong(&error.without_url()))? {
                if body.len() + some.len() > MOST_ANSWERED {
                    return Err(Unanswered("it answers too much".into()));
                }
                body.extend_from_slice(&some);
            }
            let mut response = HttpResponse::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(response)
        };
        let answer = timeout(PATIENCE, asked).await;
        answer.unwrap_or_else(|_| Err(Unanswered("it does not answer in time".into())))
    }
}

/// A code that it does not know is whoever brought it's; all else is its own, or ours.
fn not_exchanged(
    error: &RequestTokenError<Unanswered, StandardErrorResponse<CoreErrorResponseType>>,
) -> SsoError {
    match error {
        RequestTokenError::ServerResponse(told) if *told.error() == CoreErrorResponseType::InvalidGrant => {
            refused(error)
        }
        error => SsoError::Away(chain(error)),
    }
}

fn refused(error: &dyn std::error::Error) -> SsoError {
    SsoError::Refused(chain(error))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What a claim lists: one text, or several.
fn listed(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => vec![],
    }
}
