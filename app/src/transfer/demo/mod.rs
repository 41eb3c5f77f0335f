//! A page of an invented company, for trying out: thirty components and the year that they had.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};

use self::{company::Company, metrics::METRICS};
use crate::{
    clock::Clock,
    domain::{Id, state::Incident},
    store::{Actor, Change, NewPage, Store},
};

mod company;
mod metrics;
mod planned;
mod scene;
mod stories;
#[cfg(test)]
mod tests;
mod year;

/// Makes the demo page and says its id. Refuses a database that already has a page.
pub async fn fill(store: &Store, clock: &Clock) -> anyhow::Result<Id> {
    if !is_empty(store).await? {
        bail!(
            "the database has a page already, which the demo would stand beside: name an empty database, \
             such as --database-url sqlite://demo.db?mode=rwc"
        );
    }
    let now = clock.now();
    let (company, incidents) = make_up(now)?;
    let page = NewPage {
        description: Some(company::DESCRIPTION.to_owned()),
        time_zone: company::ZONE,
        created_at: Some(now - company::PAST),
        // A real page takes its place.
        provisional: true,
        ..NewPage::named(company::NAME)
    };
    let mut change = store.change_new_page(page, Actor::CommandLine).await?;
    write(&mut change, &company, &incidents).await?;
    let mut measured = vec![];
    for (metric, position) in METRICS.iter().zip(1..) {
        measured.push((change.create_metric(metric.new_metric(position)).await?, metric));
    }
    let page = change.commit().await.context("nothing of the demo page was kept")?.page_id;
    for (id, metric) in measured {
        let component = company.components.iter().find(|component| component.name == metric.component);
        let component =
            component.with_context(|| format!("no component of the demo is called {}", metric.component))?;
        store.record().metric_points(&id, &metric.points(component, now)).await?;
    }
    Ok(page)
}

/// For how long one process has the filling to itself.
const FILLING: TimeDelta = TimeDelta::minutes(1);

/// The same for `serve --demo`: does nothing when the database already has a page, or when another
/// process is just filling it.
pub async fn fill_if_empty(store: &Store, clock: &Clock) -> anyhow::Result<()> {
    if is_empty(store).await? && store.record().take_lease("demo", &Id::random(), FILLING).await? {
        let page = fill(store, clock).await?;
        tracing::info!(page.id = %page, "the database was empty and has the demo page now");
    }
    Ok(())
}

/// The page that a new installation begins with does not count: nothing was done to it.
async fn is_empty(store: &Store) -> anyhow::Result<bool> {
    Ok(store.versions().await?.iter().all(|(_, version)| version.revision == 0))
}

/// The company as it is at `now`, and its incidents and maintenances, oldest first. All but the ids
/// is the same for the same `now`.
fn make_up(now: DateTime<Utc>) -> anyhow::Result<(Company, Vec<Incident>)> {
    let mut company = Company::at_peace(now);
    let mut scenes = year::scenes(now);
    scenes.extend(planned::scenes(now));
    let incidents = scene::play(&scenes, &mut company)?;
    Ok((company, incidents))
}

async fn write(change: &mut Change, company: &Company, incidents: &[Incident]) -> anyhow::Result<()> {
    for group in &company.groups {
        change.put_group(group).await?;
    }
    for component in &company.components {
        change.put_component(component).await?;
    }
    for incident in incidents {
        change.put_incident(incident).await?;
    }
    Ok(())
}

/// A number that looks like chance and is the same each time (the finaliser of SplitMix64); never
/// negative.
fn mix(index: usize) -> i64 {
    let seed = u64::try_from(index).unwrap_or(u64::MAX).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // The topmost bit is the sign's.
    i64::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or(i64::MAX)
}
