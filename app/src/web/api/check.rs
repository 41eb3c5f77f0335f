//! Checks what is sent against the schemas that the description shows.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::wire::{
    check::{Checker, Wrong},
    manage::WrongField,
};

static CHECKER: LazyLock<Result<Checker, String>> = LazyLock::new(|| {
    let document = json!({ "components": { "schemas": super::openapi::schemas() } });
    Checker::new(document, "/components/schemas").map_err(|error| error.to_string())
});

/// What is wrong with a body; nothing, if it fits its schema.
pub fn wrong_fields(body: &Value, schema: &str) -> Result<Vec<WrongField>, Problem> {
    let unusable = |error: &str| {
        tracing::error!(error, schema, "a schema can't be used");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the body could not be checked")
    };
    let checker = CHECKER.as_ref().map_err(|error| unusable(error))?;
    let wrong = checker.wrong(body, schema).ok_or_else(|| unusable("there is no such schema"))?;
    Ok(wrong.into_iter().map(named).collect())
}

/// `/component/name` is `component.name`.
fn named(wrong: Wrong) -> WrongField {
    let path: String = wrong.pointer.trim_start_matches('/').replace('/', ".").chars().take(200).collect();
    let field = if path.is_empty() { "body".to_owned() } else { path };
    WrongField { field, message: wrong.message }
}
