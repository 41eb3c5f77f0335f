//! Reading what a page says now.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{
    Result, Store, StoreError, convert,
    entity::{components, groups, incident_components, incident_updates, incidents, pages, periods},
    past::extent,
    rollups::load_metrics,
};
use crate::domain::{
    Id,
    certainty::Certainty,
    incident::Kind,
    state::{Component, Group, Incident, IncidentSpan, IncidentUpdate, LiveState},
    uptime::{SHOWN_DAYS, StatusPeriod},
};

/// API v2 lists this many of the most recent incidents, and of the most recent resolved ones.
const LISTED: u64 = 50;
/// The most incidents that a page shows of its last days, and the most that are open at once.
const MOST_RECENT: u64 = 200;
const MOST_OPEN: u64 = 500;
/// The most incidents whose names are held for the days that they touched.
pub const MOST_SPANS: u64 = 500;
/// The statuses in which an incident or a maintenance is not over.
pub(super) const OPEN: [&str; 6] =
    ["investigating", "identified", "monitoring", "scheduled", "in_progress", "verifying"];
/// The statuses in which an incident or a maintenance is over.
pub(super) const OVER: [&str; 3] = ["resolved", "postmortem", "completed"];

impl Store {
    /// Reads a page whole, in one moment of the database. `own_url` is the address of a page that
    /// has none of its own.
    pub async fn load(&self, page_id: &Id, own_url: &str) -> Result<LiveState> {
        let transaction = self.begin_watching().await?;
        let state = load(&transaction, page_id, own_url, self.now()).await?;
        transaction.commit().await?;
        Ok(state)
    }
}

/// Reads a page whole, its version first.
pub(super) async fn load(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    own_url: &str,
    now: DateTime<Utc>,
) -> Result<LiveState> {
    let page = find_page(transaction, page_id).await?;
    let version = convert::version(&page)?;
    let (committed_at, history_revision) = (page.committed_at, page.history_revision);
    let since = now - TimeDelta::days(SHOWN_DAYS as i64 + 1);
    let groups = load_groups(transaction, page_id).await?;
    let components = load_components(transaction, page_id, since).await?;
    let shown = Shown::read(transaction, page_id).await?;
    let (incident_ids, past) = extent(transaction, page_id).await?;
    Ok(LiveState {
        version,
        history_revision,
        committed_at,
        page: convert::page(page, own_url)?,
        incidents: current(transaction, page_id, Kind::Incident, &shown).await?,
        maintenances: current(transaction, page_id, Kind::Maintenance, &shown).await?,
        spans: spans(transaction, page_id, since, &shown).await?,
        incident_ids: incident_ids.into(),
        past,
        groups,
        components,
        metrics: load_metrics(transaction, page_id, committed_at).await?,
        certainty: Certainty::default(),
    })
}

/// Which components a visitor may hear of, by the page's order.
pub(super) struct Shown {
    order: HashMap<Id, usize>,
    hidden: HashSet<String>,
}

impl Shown {
    pub(super) async fn read(transaction: &DatabaseTransaction, page_id: &Id) -> Result<Self> {
        let rows: Vec<(String, String, Option<DateTime<Utc>>)> = components::Entity::find()
            .select_only()
            .column(components::Column::Id)
            .column(components::Column::Visibility)
            .column(components::Column::DeletedAt)
            .filter(components::Column::PageId.eq(page_id.as_str()))
            .order_by_asc(components::Column::Position)
            .order_by_asc(components::Column::CreatedAt)
            .order_by_asc(components::Column::Id)
            .into_tuple()
            .all(transaction)
            .await?;
        let (mut order, mut hidden) = (HashMap::new(), HashSet::new());
        for (id, visibility, deleted_at) in rows {
            if visibility != "public" {
                hidden.insert(id);
            } else if let (Ok(id), None) = (id.parse(), deleted_at) {
                order.insert(id, order.len());
            }
        }
        Ok(Self { order, hidden })
    }

    /// Everything that is listed here, and nothing is hidden.
    pub(super) fn all(components: &[Component]) -> Self {
        let order = components.iter().enumerate().map(|(at, component)| (component.id.clone(), at)).collect();
        Self { order, hidden: HashSet::new() }
    }

    fn sort(&self, mut ids: Vec<Id>) -> Vec<Id> {
        ids.retain(|id| self.order.contains_key(id));
        ids.sort_by_key(|id| self.order.get(id).copied());
        ids
    }

    fn update(&self, row: incident_updates::Model) -> Result<IncidentUpdate> {
        let mut update = convert::update(row)?;
        update.affected_components.retain(|affected| !self.hidden.contains(affected.code.as_str()));
        Ok(update)
    }
}

pub(super) async fn find_page(transaction: &DatabaseTransaction, id: &Id) -> Result<pages::Model> {
    let found = pages::Entity::find_by_id(id.as_str()).one(transaction).await?;
    found.ok_or_else(|| StoreError::NotFound(format!("page {id}")))
}

pub(super) async fn load_groups(transaction: &DatabaseTransaction, page_id: &Id) -> Result<Vec<Group>> {
    let rows = groups::Entity::find()
        .filter(groups::Column::PageId.eq(page_id.as_str()))
        .filter(groups::Column::DeletedAt.is_null())
        .order_by_asc(groups::Column::Position)
        .order_by_asc(groups::Column::CreatedAt)
        .order_by_asc(groups::Column::Id)
        .all(transaction)
        .await?;
    rows.into_iter().map(convert::group).collect()
}

/// The components that visitors may see, with their periods since then.
pub(super) async fn load_components(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    since: DateTime<Utc>,
) -> Result<Vec<Component>> {
    let rows = components::Entity::find()
        .filter(components::Column::PageId.eq(page_id.as_str()))
        .filter(components::Column::DeletedAt.is_null())
        .filter(components::Column::Visibility.eq("public"))
        .order_by_asc(components::Column::Position)
        .order_by_asc(components::Column::CreatedAt)
        .order_by_asc(components::Column::Id)
        .all(transaction)
        .await?;
    let mut periods = load_periods(transaction, page_id, since).await?;
    rows.into_iter()
        .map(|row| {
            let periods = periods.remove(&row.id).unwrap_or_default();
            convert::component(row, periods)
        })
        .collect()
}

async fn load_periods(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    since: DateTime<Utc>,
) -> Result<HashMap<String, Vec<StatusPeriod>>> {
    let lasting =
        Condition::any().add(periods::Column::UntilAt.is_null()).add(periods::Column::UntilAt.gte(since));
    let rows = periods::Entity::find()
        .filter(periods::Column::PageId.eq(page_id.as_str()))
        .filter(lasting)
        .order_by_asc(periods::Column::FromAt)
        .order_by_asc(periods::Column::Id)
        .all(transaction)
        .await?;
    let mut found: HashMap<String, Vec<StatusPeriod>> = HashMap::new();
    for row in rows {
        found.entry(row.component_id.clone()).or_default().push(convert::period(&row)?);
    }
    Ok(found)
}

/// Incidents and maintenances of a page that visitors may see.
pub(super) fn visible(page_id: &Id) -> Select<incidents::Entity> {
    incidents::Entity::find()
        .filter(incidents::Column::PageId.eq(page_id.as_str()))
        .filter(incidents::Column::DeletedAt.is_null())
        .filter(incidents::Column::Draft.eq(false))
        .filter(incidents::Column::Visibility.eq("public"))
}

/// All that are not over, and the most recent, newest first.
async fn current(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    kind: Kind,
    shown: &Shown,
) -> Result<Vec<Incident>> {
    let newest = || {
        let query = visible(page_id).filter(incidents::Column::Kind.eq(kind.as_str()));
        query.order_by_desc(incidents::Column::CreatedAt).order_by_desc(incidents::Column::Number)
    };
    let open = newest().filter(incidents::Column::Status.is_in(OPEN)).limit(MOST_OPEN);
    let over = newest().filter(incidents::Column::Status.is_in(OVER)).limit(LISTED);
    let mut rows = BTreeMap::new();
    for query in [newest().limit(MOST_RECENT), open, over] {
        rows.extend(query.all(transaction).await?.into_iter().map(|row| ((row.created_at, row.number), row)));
    }
    complete(transaction, rows.into_values().rev().collect(), shown).await
}

/// Adds updates and components to incidents, in the order given.
pub(super) async fn complete(
    transaction: &DatabaseTransaction,
    rows: Vec<incidents::Model>,
    shown: &Shown,
) -> Result<Vec<Incident>> {
    let mut updates: HashMap<String, Vec<IncidentUpdate>> = HashMap::new();
    let mut attached = HashMap::new();
    for some in rows.chunks(1_000) {
        let ids: Vec<&str> = some.iter().map(|row| row.id.as_str()).collect();
        for row in updates_of(transaction, &ids).await? {
            updates.entry(row.incident_id.clone()).or_default().push(shown.update(row)?);
        }
        attached.extend(attached_to(transaction, &ids).await?);
    }
    rows.into_iter()
        .map(|row| {
            let updates = updates.remove(&row.id).unwrap_or_default();
            let component_ids = shown.sort(attached.remove(&row.id).unwrap_or_default());
            convert::incident(row, component_ids, updates)
        })
        .collect()
}

/// Newest first; of one instant, what was written last.
async fn updates_of(
    transaction: &DatabaseTransaction,
    incidents: &[&str],
) -> Result<Vec<incident_updates::Model>> {
    let rows = incident_updates::Entity::find()
        .filter(incident_updates::Column::IncidentId.is_in(incidents.iter().copied()))
        .order_by_desc(incident_updates::Column::CreatedAt)
        .order_by_desc(incident_updates::Column::Number)
        .all(transaction)
        .await?;
    Ok(rows)
}

async fn attached_to(
    transaction: &DatabaseTransaction,
    incidents: &[&str],
) -> Result<HashMap<String, Vec<Id>>> {
    let rows = incident_components::Entity::find()
        .filter(incident_components::Column::IncidentId.is_in(incidents.iter().copied()))
        .all(transaction)
        .await?;
    let mut attached: HashMap<String, Vec<Id>> = HashMap::new();
    for row in rows {
        if let Ok(component) = row.component_id.parse() {
            attached.entry(row.incident_id).or_default().push(component);
        }
    }
    Ok(attached)
}

/// What touched the days that are shown: its name, and from when until when.
async fn spans(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    since: DateTime<Utc>,
    shown: &Shown,
) -> Result<Vec<IncidentSpan>> {
    let lasting = Condition::any()
        .add(incidents::Column::ResolvedAt.is_null())
        .add(incidents::Column::ResolvedAt.gte(since));
    let rows = visible(page_id)
        .filter(incidents::Column::Status.ne("scheduled"))
        .filter(lasting)
        .order_by_desc(incidents::Column::StartedAt)
        .limit(MOST_SPANS)
        .all(transaction)
        .await?;
    spans_of(transaction, rows, shown).await
}

/// What is needed of incidents to name them on the days that they touched.
pub(super) async fn spans_of(
    transaction: &DatabaseTransaction,
    rows: Vec<incidents::Model>,
    shown: &Shown,
) -> Result<Vec<IncidentSpan>> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut attached = attached_to(transaction, &ids).await?;
    let spans = rows.into_iter().filter_map(|row| {
        Some(IncidentSpan {
            component_ids: shown.sort(attached.remove(&row.id).unwrap_or_default()),
            id: row.id.parse().ok()?,
            name: row.name,
            from: row.scheduled_for.unwrap_or(row.started_at),
            until: row.resolved_at,
        })
    });
    Ok(spans.collect())
}
