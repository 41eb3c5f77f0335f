//! A caller of the management API.

use pharos::{
    domain::{Id, token::Scopes},
    store::{Actor, NewToken, Secret, Store},
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::Server;

/// A token with these scopes, on one page or on all.
pub async fn token(store: &Store, scopes: &str, page: Option<&Id>) -> String {
    token_of(store, scopes, page, None).await
}

/// The same of somebody.
pub async fn token_of(store: &Store, scopes: &str, page: Option<&Id>, user: Option<&Id>) -> String {
    let secret = Secret::random();
    let new = NewToken {
        name: format!("test {scopes}"),
        prefix: secret.prefix.clone(),
        hash: secret.hash.clone(),
        scopes: scopes.parse::<Scopes>().unwrap(),
        page_id: page.cloned(),
        user_id: user.cloned(),
        allowed_addresses: vec![],
        expires_at: None,
    };
    store.record().create_token(new, &Actor::CommandLine).await.unwrap();
    secret.text
}

/// Somebody with a token.
#[derive(Clone)]
pub struct Caller<'a> {
    pub server: &'a Server,
    pub token: String,
}

impl<'a> Caller<'a> {
    /// With all scopes.
    pub async fn new(server: &'a Server) -> Self {
        Self::with(server, "all").await
    }

    pub async fn with(server: &'a Server, scopes: &str) -> Self {
        Self { token: token(&server.app.store, scopes, None).await, server }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.server.request(method, path).header("authorization", format!("OAuth {}", self.token))
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Response {
        let request = self.request(method, path).header("content-type", "application/json");
        request.body(body.to_string()).send().await.unwrap()
    }

    /// What is answered, which must have this status.
    pub async fn expect(&self, status: u16, method: &str, path: &str, body: Value) -> Value {
        let answer = if body.is_null() {
            self.request(method, path).send().await.unwrap()
        } else {
            self.send(method, path, body).await
        };
        let found = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert_eq!(found, status, "{method} {path}: {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.expect(200, "GET", path, Value::Null).await
    }
}
