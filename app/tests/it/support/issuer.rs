//! A provider of OpenID Connect that says of somebody whatever a test wants.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    PrivateSigningKey,
    core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Browser, Screen, noon};

/// What it calls the console.
pub const CLIENT: &str = "pharos";

/// A key for tests alone: PKCS #1, in base64.
const KEY: &str = "MIIEogIBAAKCAQEApIunhAt58knxJqyRP0SaT/KRnIBmZcE8RbC7fwjD/CyfrkShCHwEqZONTokyZZ00hGuLGiRJqaC0vqqnFyDr\
    HgwnzuqVQk74NO7GiwDBtuY3lQ7glK4Vr6UNfn23NsmOQ93KuoX5WGCw5ZsV98uGbjSP/OMlLAICmEk7B0kyI1fLoTyeup2DT9D5\
    c9JPKzpx2Vu+ajcPw7PubKQvCajZCWsXCPpLdzwbydauOusCuQO3MfkCGkOJUPwBtRBo2QaRSvh0XSFZkHNnxJPuo3sSN8qUPg/d\
    l+1UazNft794CZtZzzMS6bbpghPLVmueP0LXf8B2jPenRSSAuO4l/hHoQwIDAQABAoIBAAwWLhHm/egsQkiC+JBbK7KfsM58KAll\
    blX4K22jaTIG3Rvh8qo64eTK7+BK96a7K3Zmp+sdq0OIiH5Q7sEmK98jKXFrjdc3EchhmbfwMEqNEpwiYaDKQNGMIDegaGrf11Fo\
    41FcMfqp75SOFckD7DYAKmt7C+n1o9cn2ewpFkO+Ovjm6Jk9BFCPeIuzmNhvqzdjd98/fjw9ehhjz9CLq1rgAbsh0i7eP9bcsaBe\
    VR70h9AVxBq+nqEwPC0/Gi0EA4iYO4Yu2BVPlrCAttxVX9vArp1hSsaB43mYKJVvxVVPiXJOMgYN4GnU859gBE7lbhoHE/17RRf2\
    yu85wP6MvJECgYEA3ni7ciycImINRyh7w+qL6z3WsF51wGR6rK1tqzltZSX+4sbfy68HJlHKzCOCcJOgjyS2Z5UhilPgcN5NI2P6\
    hTLRaE5uVdyhmX+TOx/lAnaDGYOa2rVt5ed3cEhmdB1A5R+x0GQU9cS1yh0mQl45kHps/dXdxfbNX9gmBeU34ZcCgYEAvVgNYN/Q\
    Xz/iDjrzmnW57KdJ9cIwsVcn5yNn2nmUQ/+/V7iAiAqM4MbUBSHwoME31BqTvlXEAp1yfiXS77pGaGEgIKshSr2D8+o0vk6AdgKN\
    p7a9U00IGcam3gOW+u6KYd5tWouYCT09zssa1UohXgXLjArXzVoLrIXqrfXf7DUCgYBF5sl+5mVoqEZjxWSd+mRcVeHPKN72xJuH\
    BjcfRbwJvBaKStKmvSgR8kE2QzIJDVm1oGNvyHvxaslqrW6vYAqnL4B8tagVcm2UPXGVckAStgobSi6t6bPOORxeO2F1untZgsvs\
    HoY3csdr6hzLXa/YpZ75Yul7+kAtjUzlLVCRoQKBgD1UhCDY3jm8C5Dob3econiRR1efav5GaNppkX4m22ubL3NOg/OM100Hmi1/\
    bN3lOBwv76M7TJ48OZW60rRr9dphe3KZe9Mlx9P+DM+Hxfxzn0av3mtZDEKtIefP6dul4JUK4wjtJnX3rEmLaEmmFWDLJ79Y08Xk\
    YNulFPr8JWfxAoGAP3dZqIhpKwIS31UwxBLeLIpWY5wo6z8pMVtFjB8EaUOQK00yRF2wLWrV619PH4NJ94a5+buWHyP34ooZILRb\
    bvz94FH0C6/+lN+Ksq1tYNC3lfnSFnb1eN1O3LA5DLU5BMPnlz8nHBAOi7dhkTP8FNPNArSwJUWq/oPixHqL8eM=";

/// The provider. A code that it is asked about is what it says, in base64.
pub struct Issuer {
    pub url: String,
    /// How often it was asked about a code.
    pub asked: Arc<AtomicU32>,
    handle: ServerHandle,
}

#[derive(Deserialize)]
struct Exchange {
    code: String,
}

fn key() -> CoreRsaPrivateSigningKey {
    let lines = KEY.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    let lines = lines.collect::<Vec<_>>().join("\n");
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\n");
    CoreRsaPrivateSigningKey::from_pem(&pem, None).unwrap()
}

fn encoded(value: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value)
}

/// An ID token that says this; signed as the claim `alg` says, if there is one.
fn signed(claims: &Value) -> String {
    let said = claims["alg"].as_str().unwrap_or("RS256");
    let text = format!("{}.{}", encoded(json!({ "alg": said }).to_string()), encoded(claims.to_string()));
    let signature = match said {
        "RS256" => key().sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, text.as_bytes()).unwrap(),
        "PS256" => key().sign(&CoreJwsSigningAlgorithm::RsaSsaPssSha256, text.as_bytes()).unwrap(),
        _ => vec![],
    };
    format!("{text}.{}", encoded(signature))
}

fn answer(exchange: &Exchange) -> HttpResponse {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(&exchange.code).ok();
    match claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok()) {
        Some(claims) => HttpResponse::Ok()
            .json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": signed(&claims) })),
        None => HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" })),
    }
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let (issuer, count) = (url.clone(), asked.clone());
        let server = HttpServer::new(move || {
            let (issuer, count) = (issuer.clone(), count.clone());
            let discovery = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/auth"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            });
            let keys = json!({ "keys": [key().as_verification_key()] });
            let of = |told: Value| web::get().to(move || std::future::ready(HttpResponse::Ok().json(&told)));
            App::new()
                .route("/.well-known/openid-configuration", of(discovery))
                .route("/keys", of(keys))
                .route(
                    "/token",
                    web::post().to(move |exchange: web::Form<Exchange>| {
                        count.fetch_add(1, Ordering::Relaxed);
                        std::future::ready(answer(&exchange))
                    }),
                )
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, asked, handle }
    }

    /// Sends a browser to the provider and back, with what that says of somebody beside the usual.
    pub async fn enter(&self, browser: &Browser<'_>, begin: &str, said: Value) -> Screen {
        let sent = browser.get(begin).await;
        let to = sent.location.as_deref().unwrap_or_else(|| panic!("{}: {}", sent.status, sent.html));
        let to = url::Url::parse(to).unwrap();
        let given = |name: &str| to.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let now = noon().timestamp();
        let mut claims = json!({
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 86_400, "nonce": given("nonce"),
            "email_verified": true,
        });
        claims.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        self.back(browser, &encoded(claims.to_string()), &given("state")).await
    }

    /// What a browser is answered that comes back with a code.
    pub async fn back(&self, browser: &Browser<'_>, code: &str, state: &str) -> Screen {
        browser.get(&format!("/admin/sign-in/sso/back?code={code}&state={state}")).await
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}
