//! Operators: an incident is posted, told of three times, and resolved; then a pause.

use std::time::Duration;

use goose::prelude::*;
use serde_json::{Value, json};

use super::Keys;
use crate::ask::ask as request;

const PAUSE: Duration = Duration::from_secs(2);

/// # Errors
/// When goose takes no such weight.
pub fn scene(weight: usize, keys: &Keys) -> Result<Scenario, GooseError> {
    let keys = keys.clone();
    let incident = Transaction::new(std::sync::Arc::new(move |user| {
        let keys = keys.clone();
        Box::pin(async move { incident(user, &keys).await })
    }));
    Ok(Scenario::new("operators")
        .set_weight(weight)?
        .set_wait_time(PAUSE, PAUSE)?
        .register_transaction(incident.set_name("incident")))
}

async fn incident(user: &mut GooseUser, keys: &Keys) -> TransactionResult {
    let posted = json!({ "name": "Load test", "body": "We look into it.", "status": "investigating" });
    let path = format!("{}/incidents", keys.page);
    let told = tell(user, keys, "post incident", GooseMethod::Post, &path, posted).await?;
    let path = format!("{path}/{}", told["id"].as_str().unwrap_or_default());
    for number in 1..=3 {
        let update = json!({ "body": format!("Update {number}"), "status": "monitoring" });
        tell(user, keys, "update incident", GooseMethod::Patch, &path, update).await?;
    }
    let over = json!({ "body": "It is over.", "status": "resolved" });
    tell(user, keys, "resolve incident", GooseMethod::Patch, &path, over).await?;
    Ok(())
}

/// What is answered shows what was told.
async fn tell(
    user: &mut GooseUser,
    keys: &Keys,
    name: &str,
    method: GooseMethod,
    path: &str,
    incident: Value,
) -> Result<Value, Box<TransactionError>> {
    let status = format!("\"status\":{}", incident["status"]);
    let builder = user
        .get_request_builder(&method, path)?
        .bearer_auth(&keys.token)
        .header("content-type", "application/json")
        .body(json!({ "incident": incident }).to_string());
    let answer =
        request(user, name, builder, |answer| answer.status < 300 && answer.text.contains(&status)).await?;
    Ok(serde_json::from_str(&answer.text).unwrap_or_default())
}
