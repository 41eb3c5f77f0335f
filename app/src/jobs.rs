//! What is done without anybody asking: bounded, and harmless when it is done twice.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// How often the clock is asked whether a maintenance begins or ends, and what became of alerts.
const STEP: Duration = Duration::from_secs(5);
/// After this many steps kept answers that ran out are forgotten.
const FORGET_AFTER: u32 = 120;

/// Works until it is dropped. A database that is away is tried again at the next step; the
/// refresher says that it is away.
pub async fn run(app: &App) {
    let mut ticks = interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for step in (0..FORGET_AFTER).cycle() {
        ticks.tick().await;
        if let Err(error) = app.move_maintenances().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "maintenances were not moved");
        }
        if let Err(error) = app.move_alerts().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "alerts were not moved");
        }
        if step == 0
            && let Err(error) = app.store.record().forget_alerts().await
        {
            tracing::debug!(error = &error as &dyn std::error::Error, "old alerts were not forgotten");
        }
        if step == 0
            && let Err(error) = app.store.record().forget_attempts().await
        {
            tracing::debug!(error = &error as &dyn std::error::Error, "kept answers were not forgotten");
        }
    }
}
