//! Clients of the management API that mostly read: exporters, bots, pipelines.

use goose::prelude::*;
use serde_json::json;

use super::Keys;
use crate::{PAUSE, ask::ask as request, model::Model};

/// # Errors
/// When goose takes no such weight.
pub fn scene(model: &'static Model, keys: &Keys) -> Result<Scenario, GooseError> {
    let mut scene =
        Scenario::new("clients").set_weight(model.weight("clients"))?.set_wait_time(PAUSE.0, PAUSE.1)?;
    for (name, weight) in model.requests("clients") {
        let keys = keys.clone();
        let transaction = Transaction::new(std::sync::Arc::new(move |user| {
            let keys = keys.clone();
            Box::pin(async move { ask(user, name, &keys).await })
        }));
        scene = scene.register_transaction(transaction.set_name(name).set_weight(weight)?);
    }
    Ok(scene)
}

async fn ask(user: &mut GooseUser, name: &str, keys: &Keys) -> TransactionResult {
    let (method, path, body) = match name {
        "dry run" => (
            GooseMethod::Post,
            "/incidents?dry_run=true",
            Some(json!({ "incident": { "name": "A rehearsal" } })),
        ),
        "list components" => (GooseMethod::Get, "/components", None),
        _ => (GooseMethod::Get, "/incidents/unresolved", None),
    };
    let builder =
        user.get_request_builder(&method, &format!("{}{path}", keys.page))?.bearer_auth(&keys.token);
    let builder = match &body {
        None => builder,
        Some(body) => builder.header("content-type", "application/json").body(body.to_string()),
    };
    let rehearsed = body.is_some();
    request(user, name, builder, |answer| {
        let whole =
            if rehearsed { answer.text.contains("A rehearsal") } else { answer.text.starts_with('[') };
        answer.status < 300 && whole
    })
    .await?;
    Ok(())
}
