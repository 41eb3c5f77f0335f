//! What is done without anybody asking: by one replica at a time, bounded, and harmless when it is
//! done twice.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{
    app::{App, MAILS},
    store::{JOBS, Result, StoreError},
};

/// How often the clock is asked whether a maintenance begins or ends or a draft is shown, what became of alerts, and
/// whether points of metrics wait to be shown.
const STEP: Duration = Duration::from_secs(5);
/// How long a replica that does the jobs has them to itself after each step.
const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How long one job may take in a step; what is left is done in the next.
const PATIENCE: Duration = Duration::from_secs(12);
/// After this many steps kept answers that ran out are forgotten.
const FORGET_AFTER: u32 = 120;
/// What the lease of the copy of the site is called that a bucket holds.
pub const PUBLISHING: &str = "publish";

/// Works until it is dropped. A database that is away is tried again at the next step; the
/// refresher says that it is away.
pub async fn run(app: &App) {
    tokio::join!(work(app), send_mails(app));
}

/// A mail server that is slow holds up nothing but mail.
async fn send_mails(app: &App) {
    let mut ticks = interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let sent = app.send_mails().await;
        if !matches!(sent, Ok(0)) {
            app.metrics.health.job_ran(MAILS, sent.is_ok(), app.clock.now());
        }
        if let Err(error) = sent {
            tracing::debug!(error = &error as &dyn std::error::Error, "mails wait for the database");
        }
    }
}

async fn work(app: &App) {
    let mut ticks = interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in (0..FORGET_AFTER).cycle() {
        ticks.tick().await;
        if let Err(error) = step(app, turn == 0).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the jobs wait for the database");
        }
    }
}

/// Does what is due, if it is this replica's turn, and says whether it was.
pub async fn step(app: &App, forgets: bool) -> Result<bool> {
    let mut hold = Hold { app, taken: app.clock.now() };
    if !app.store.record().take_lease(JOBS, &app.replica, LEASE).await? {
        return Ok(false);
    }
    hold.job("maintenances", app.move_maintenances()).await?;
    hold.job("drafts", app.publish_drafts()).await?;
    hold.job("series", app.plan_series()).await?;
    hold.job("alerts", app.move_alerts()).await?;
    hold.job("points", app.show_points()).await?;
    if forgets {
        hold.job("forget_alerts", app.store.record().forget_alerts()).await?;
        hold.job("forget_attempts", app.store.record().forget_attempts()).await?;
        hold.job("forget_sessions", app.store.record().forget_sessions()).await?;
    }
    Ok(true)
}

/// Leaves the jobs to another replica.
pub async fn leave(app: &App) {
    for name in [JOBS, PUBLISHING, MAILS] {
        if let Err(error) = app.store.record().give_lease_back(name, &app.replica).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the others wait for the lease to end");
        }
    }
}

/// The lease of the jobs, which is taken anew before it could run out within the next one.
struct Hold<'a> {
    app: &'a App,
    taken: DateTime<Utc>,
}

impl Hold<'_> {
    /// Does a job, unless another replica has the lease by now.
    async fn job<T>(&mut self, name: &'static str, work: impl Future<Output = Result<T>>) -> Result<()> {
        if self.app.clock.now() + TimeDelta::from_std(PATIENCE).unwrap_or_default() > self.taken + LEASE {
            let now = self.app.clock.now();
            if !self.app.store.record().take_lease(JOBS, &self.app.replica, LEASE).await? {
                return Err(StoreError::Conflict("another replica has the jobs by now".into()));
            }
            self.taken = now;
        }
        job(self.app, name, work).await;
        Ok(())
    }
}

async fn job<T>(app: &App, name: &'static str, work: impl Future<Output = Result<T>>) {
    let outcome = timeout(PATIENCE, work).await;
    app.metrics.health.job_ran(name, matches!(outcome, Ok(Ok(_))), app.clock.now());
    match outcome {
        Ok(Err(error)) => {
            tracing::debug!(job = name, error = &error as &dyn std::error::Error, "a job is done later");
        }
        Err(_) => tracing::warn!(job = name, "a job took too long and goes on in the next step"),
        Ok(Ok(_)) => {}
    }
}
