//! Keeping the copy in a bucket that shows the page while nothing of ours answers: by one process at
//! a time, after each change and every few minutes.

use std::{net::TcpListener, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{
    app::App,
    breaker::Breaker,
    bucket::Bucket,
    domain::{certainty::Certainty, state::Version},
    jobs,
    live::Snapshot,
    settings::BucketPlace,
    telemetry::Metrics,
    transfer::site::{self, Published},
    web,
};

/// How often it is asked whether there is something new.
const STEP: Duration = Duration::from_secs(5);
/// How often the copy is written though nothing has changed, so that it is not taken for a stale one.
const EVERY: TimeDelta = TimeDelta::minutes(5);
/// How long one publication may take, and a little more: another process waits as long for one that
/// died.
const PATIENCE: Duration = Duration::from_secs(120);
const LEASE: TimeDelta = TimeDelta::seconds(150);

/// What was published last, and when.
type Last = Option<(Version, DateTime<Utc>)>;

/// Works until it is dropped.
pub async fn run(app: &App, place: &BucketPlace) {
    let breaker = Breaker::new("s3", "the copy of the site stays as it is");
    let mut last = None;
    let mut ticks = interval(STEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !breaker.admits() {
            continue;
        }
        let outcome = timeout(PATIENCE, step(app, place, &mut last)).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(anyhow!("not done within {} seconds", PATIENCE.as_secs())));
        match outcome {
            Ok(None) => {}
            Ok(Some(published)) => {
                breaker.answered();
                app.metrics.health.job_ran(
                    jobs::PUBLISHING,
                    matches!(published, Published::Written(_)),
                    app.clock.now(),
                );
                tell(app, published);
            }
            Err(error) => {
                app.metrics.health.job_ran(jobs::PUBLISHING, false, app.clock.now());
                breaker.failed(error.as_ref());
            }
        }
        app.metrics.health.dependency(breaker.name(), breaker.is_up(), breaker.failures());
    }
}

fn tell(app: &App, published: Published) {
    match published {
        Published::Written(objects) => {
            app.metrics.health.published(app.store.now(), objects);
            tracing::debug!(objects, "the copy of the site is written");
        }
        Published::Newer => tracing::warn!("the copy of the site is newer than what this replica shows"),
    }
}

/// Publishes if it is this process's turn, there is something to publish, and the database has just
/// confirmed it; says what became of it.
async fn step(app: &App, place: &BucketPlace, last: &mut Last) -> anyhow::Result<Option<Published>> {
    let host = url::Url::parse(&app.own_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let Ok(shown) = app.site.page(|| host.as_deref().unwrap_or_default()) else { return Ok(None) };
    // A database that is away is no fault of the bucket's, and leaves nothing confirmed.
    let is_ours = app.store.record().take_lease(jobs::PUBLISHING, &app.replica, LEASE).await.unwrap_or(false);
    if !is_ours || shown.state.certainty != Certainty::Confirmed {
        return Ok(None);
    }
    let now = app.store.now();
    if last.as_ref().is_some_and(|(version, at)| *version == shown.state.version && now - *at < EVERY) {
        return Ok(None);
    }
    let bucket = Bucket::open(&place.bucket, &place.prefix, app.clock.clone()).await?;
    let snapshot = dated(&shown, now).await?;
    let listener = TcpListener::bind("127.0.0.1:0").context("nothing can be listened on")?;
    let base = format!("http://{}", listener.local_addr()?);
    // Its answers are nobody's, so they are counted apart.
    let copy = app.showing(snapshot.clone(), Metrics::new(web::named_routes())?);
    let server = web::visitors(&copy, listener, web::ApiOptions::default()).await?;
    let files = timeout(PATIENCE / 2, site::collect(&snapshot, &base, web::public_routes(), now)).await;
    // Also where that took too long: nobody else stops it.
    server.stop().await;
    let state = &snapshot.state;
    let published = site::publish(&bucket, &state.page.id, &state.version, now, files??).await?;
    *last = Some((state.version.clone(), now));
    Ok(Some(published))
}

/// The same page with a word of when it was so.
async fn dated(shown: &Snapshot, now: DateTime<Utc>) -> anyhow::Result<Arc<Snapshot>> {
    let mut state = shown.state.clone();
    state.certainty = Certainty::at(now, now + TimeDelta::minutes(1), TimeDelta::minutes(2));
    let as_of = state.moment(now);
    Ok(Arc::new(tokio::task::spawn_blocking(move || Snapshot::new(state, as_of)).await?))
}
