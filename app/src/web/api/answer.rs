//! What is answered when all went well.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
};
use serde::Serialize;
use serde_json::Value;

use super::problem::Problem;
use crate::store::Secret;

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Option<Value>,
    /// What `If-Match` is compared with.
    pub etag: Option<String>,
}

impl Answer {
    /// An object, or a list.
    pub fn of(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "an answer is no JSON");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written")
        })?;
        Ok(Self { status, body: Some(body), etag: None })
    }

    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Self::of(StatusCode::OK, body)
    }

    pub fn created(body: &impl Serialize) -> Result<Self, Problem> {
        Self::of(StatusCode::CREATED, body)
    }

    /// It is done, and there is nothing to say.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, etag: None }
    }

    /// The same for an object that is new.
    pub fn made_anew(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }

    /// What the object is known by where it counts no versions: these settings.
    pub fn with_settings(self, settings: &Value) -> Self {
        let tag = Secret::hash(&settings.to_string()).chars().take(16).collect();
        Self { etag: Some(tag), ..self }
    }

    /// How often the object was changed.
    pub fn at(mut self, version: i64) -> Self {
        self.etag = Some(version.to_string());
        self
    }

    pub fn response(&self) -> HttpResponse {
        let mut response = guarded(self.status);
        if let Some(etag) = &self.etag {
            response.insert_header((ETAG, format!("\"{etag}\"")));
        }
        match &self.body {
            None => response.finish(),
            Some(body) => {
                response.insert_header(("content-type", "application/json; charset=utf-8"));
                response.body(body.to_string())
            }
        }
    }
}

/// The headers that every answer has: it is for its caller alone, and for no browser to show.
pub fn guarded(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"));
    response
}
