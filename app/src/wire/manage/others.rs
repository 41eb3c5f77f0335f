//! What is answered of the API itself: what was done, tokens, and problems.

use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;

use super::Place;
use crate::{
    domain::{
        Id, record,
        token::{self, Scope},
    },
    wire::Stamp,
};

/// What was done, by whom.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AuditEvent {
    pub id: i64,
    pub at: Stamp,
    /// `token`, `user`, `command_line`, `alert` or `system`.
    pub actor_kind: String,
    pub actor_id: Option<Id>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// Such as `incident.create`.
    pub action: String,
    pub target_kind: Option<String>,
    pub target_id: Option<Id>,
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

impl AuditEvent {
    pub fn of(event: record::AuditEvent, place: &Place) -> Self {
        Self {
            id: event.number,
            at: place.stamp(event.at),
            actor_kind: event.actor_kind,
            actor_id: event.actor_id,
            address: event.address,
            request_id: event.request_id,
            action: event.action,
            target_kind: event.target_kind,
            target_id: event.target_id,
            before: event.before,
            after: event.after,
        }
    }
}

/// A token, without what it opens doors with.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Token {
    pub id: Id,
    pub name: String,
    /// How it begins.
    pub prefix: String,
    pub scopes: Vec<Scope>,
    pub page_id: Option<Id>,
    pub allowed_addresses: Vec<String>,
    pub created_at: Stamp,
    pub expires_at: Option<Stamp>,
    pub last_used_at: Option<Stamp>,
    pub revoked_at: Option<Stamp>,
    /// The token itself: only in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Token {
    pub fn of(token: &token::Token, secret: Option<String>) -> Self {
        let stamp = |at| Stamp::new(at, Tz::UTC);
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            prefix: token.prefix.clone(),
            scopes: scopes(token.scopes),
            page_id: token.page_id.clone(),
            allowed_addresses: token.allowed_addresses.clone(),
            created_at: stamp(token.created_at),
            expires_at: token.expires_at.map(stamp),
            last_used_at: token.last_used_at.map(stamp),
            revoked_at: token.revoked_at.map(stamp),
            token: secret,
        }
    }
}

pub fn scopes(scopes: token::Scopes) -> Vec<Scope> {
    scopes.iter().collect()
}

/// Why something was not done (RFC 9457), with what Statuspage's clients read beside it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `about:blank`, or an address that explains the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// As Statuspage says it: a text, or a list of texts for 422.
    #[schema(value_type = Value)]
    pub error: Value,
    pub message: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<WrongField>,
    /// The object as it is now, where somebody else changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<Value>,
    /// What was done to it, newest first, where somebody else changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<AuditEvent>>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WrongField {
    /// Its place in the body or the query: `component.name`.
    pub field: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}
