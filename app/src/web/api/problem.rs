//! Why something was not done: problem details (RFC 9457), with `error` and `message` beside them,
//! which are what Statuspage's clients read.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde_json::{Value, json};

use super::answer::guarded;
use crate::{
    domain::token::Scope,
    store::StoreError,
    wire::manage::{self, AuditEvent, WrongField},
};

const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"pharos\"");

/// Why something was not done.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub detail: String,
    pub fields: Vec<WrongField>,
    /// The object as it is now, and what was done to it.
    pub current: Option<Box<(Value, Vec<AuditEvent>)>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), fields: vec![], current: None, headers: vec![] }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} does not exist"))
    }

    /// One field of a body that can't be; the text says what is allowed.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::fields(vec![WrongField { field: field.to_owned(), message: message.into() }])
    }

    /// Several fields of a body that can't be.
    pub fn fields(fields: Vec<WrongField>) -> Self {
        let detail = fields.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message));
        let detail = detail.collect::<Vec<_>>().join("; ");
        Self { fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// A parameter of the query that can't be.
    pub fn query(name: &str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, ..Self::field(name, message) }
    }

    /// Nobody is known by what was sent.
    pub fn unknown_caller(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with(WWW_AUTHENTICATE, CHALLENGE)
    }

    /// Nobody is known who could hold what the call needs: one of these scopes.
    pub fn unknown_holder(detail: &str, scopes: &[Scope]) -> Self {
        match scopes {
            [] => Self::unknown_caller(&format!("{detail}; this call needs no scope")),
            some => Self::unknown_caller(&format!("{detail}; this call needs the scope {}", either(some))),
        }
    }

    /// The caller may not do this; the scopes are those of which one would be enough.
    pub fn missing(scopes: &[Scope]) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("the token lacks the scope {}", either(scopes)))
    }

    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Asks the client to come again after a while.
    pub fn retry_after(self, wait: Duration) -> Self {
        self.with(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)))
    }

    pub fn response(&self) -> HttpResponse {
        let mut response = guarded(self.status);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.insert_header(("content-type", "application/problem+json"));
        response.body(self.body())
    }

    pub fn body(&self) -> String {
        let (current, changes) = match &self.current {
            Some(held) => (Some(held.0.clone()), Some(held.1.clone())),
            None => (None, None),
        };
        let texts: Vec<String> =
            self.fields.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect();
        let problem = manage::Problem {
            kind: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            error: if texts.is_empty() { json!(self.detail) } else { json!(texts) },
            message: self.detail.clone(),
            errors: self.fields.clone(),
            current,
            changes,
        };
        serde_json::to_string(&problem).unwrap_or_else(|_| "{}".to_owned())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::not_found(&what),
            StoreError::Refused(text) => refused(&text),
            StoreError::Conflict(text) => Self::new(StatusCode::CONFLICT, text),
            StoreError::Stale { what, version } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                format!("If-Match: {what} was changed meanwhile; its entity tag is \"{version}\" now"),
            ),
            error => {
                told(&error, "a call could not be answered");
                match error {
                    StoreError::Database(_) => broken_off(),
                    _ => unavailable(),
                }
            }
        }
    }
}

/// Says what failed. That the database is away is said once, by who noticed first, and not for each call.
pub fn told(error: &StoreError, what: &'static str) {
    let cause = error as &dyn std::error::Error;
    match error {
        StoreError::Away | StoreError::TimedOut => tracing::debug!(error = cause, "{what}"),
        _ => tracing::error!(error = cause, "{what}"),
    }
}

/// The database is away, or too slow.
pub fn unavailable() -> Problem {
    let text = "the database does not answer just now; nothing was changed";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(Duration::from_secs(5))
}

/// The database broke off; whether it was done before that is not known.
fn broken_off() -> Problem {
    let text = "the database broke off; look whether it was done before you try again";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(Duration::from_secs(5))
}

/// It took too long; whether it was done is not known.
pub fn too_slow() -> Problem {
    let text = "there was no answer in time; look whether it was done before you try again";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(Duration::from_secs(5))
}

fn either(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" or ")
}

/// The store's refusals name the field before a colon.
fn refused(text: &str) -> Problem {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.' | b',' | b' '))
    };
    match text.split_once(": ") {
        Some((name, message)) if is_name(name) => Problem::field(name, message),
        _ => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text),
    }
}
