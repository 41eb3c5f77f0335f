//! Visitors who leave the page open: a stream of events, held.

use std::time::Duration;

use goose::prelude::*;
use reqwest::header::ACCEPT;
use tokio::time::Instant;

/// How long one looks at the page.
const HELD: Duration = Duration::from_secs(10);
/// The first word comes at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// # Errors
/// When goose takes no such weight.
pub fn scene(weight: usize) -> Result<Scenario, GooseError> {
    let watch = Transaction::new(std::sync::Arc::new(|user| Box::pin(watch(user)))).set_name("events");
    Ok(Scenario::new("watchers").set_weight(weight)?.register_transaction(watch))
}

#[expect(clippy::disallowed_methods, reason = "what is measured here is real time")]
async fn watch(user: &mut GooseUser) -> TransactionResult {
    let builder = user.get_request_builder(&GooseMethod::Get, "/events")?.header(ACCEPT, "text/event-stream");
    // The client's own time limit is for answers that end.
    let builder = builder.timeout(HELD + PATIENCE);
    let asked = GooseRequest::builder().name("events").set_request_builder(builder).build();
    let mut asked = user.request(asked).await?;
    let began = Instant::now();
    let mut stream = asked.response?;
    let first = tokio::time::timeout(PATIENCE, stream.chunk()).await;
    let Ok(Ok(Some(_))) = first else {
        return user.set_failure("events: no first word", &mut asked.request, None, None);
    };
    user.record_custom_request_duration("SSE", "events, first word", began.elapsed(), true, None, None)
        .await?;
    while let Some(left) = HELD.checked_sub(began.elapsed()) {
        match tokio::time::timeout(left, stream.chunk()).await {
            // Looked at long enough.
            Err(_) => break,
            Ok(Ok(Some(_))) => {}
            Ok(_) => return user.set_failure("events: ended early", &mut asked.request, None, None),
        }
    }
    Ok(())
}
