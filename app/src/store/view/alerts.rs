//! Rules for alerts, alerts, and keys of addresses.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Include, Slice, View};
use crate::{
    domain::{
        Id,
        alert::{Alert, AlertKey, Rule, State},
    },
    store::{
        Result, StoreError,
        alerts::{alert, key, rule},
        entity::{alert_keys, alert_rules, alerts},
    },
};

/// Which alerts are wanted; all, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    pub states: Vec<State>,
}

impl View<'_> {
    /// The rules, in the order in which they are tried.
    pub async fn alert_rules(&self, slice: Slice, include: Include) -> Result<Vec<Rule>> {
        let query = self.all_rules(include).order_by_asc(alert_rules::Column::Position);
        let query = query.order_by_asc(alert_rules::Column::CreatedAt).order_by_asc(alert_rules::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        rows.into_iter().map(rule).collect()
    }

    /// One rule.
    pub async fn alert_rule(&self, id: &Id, include: Include) -> Result<Rule> {
        let found = self.all_rules(include).filter(alert_rules::Column::Id.eq(id.as_str()));
        rule(found.one(self.on).await?.ok_or_else(|| StoreError::NotFound(format!("alert rule {id}")))?)
    }

    /// The alerts, those heard of last first.
    pub async fn alerts(&self, filter: &AlertFilter, slice: Slice) -> Result<Vec<Alert>> {
        let mut query = alerts::Entity::find().filter(alerts::Column::PageId.eq(self.page.as_str()));
        if !filter.states.is_empty() {
            query =
                query.filter(alerts::Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
        }
        let query = query.order_by_desc(alerts::Column::LastSeenAt).order_by_asc(alerts::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        rows.into_iter().map(alert).collect()
    }

    /// One alert.
    pub async fn alert(&self, id: &Id) -> Result<Alert> {
        let found = alerts::Entity::find_by_id(id.as_str())
            .filter(alerts::Column::PageId.eq(self.page.as_str()))
            .one(self.on)
            .await?;
        alert(found.ok_or_else(|| StoreError::NotFound(format!("alert {id}")))?)
    }

    /// The keys, by name.
    pub async fn alert_keys(&self, slice: Slice) -> Result<Vec<AlertKey>> {
        let query = self.all_keys().order_by_asc(alert_keys::Column::Name);
        let query = query.order_by_asc(alert_keys::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        rows.into_iter().map(key).collect()
    }

    /// One key.
    pub async fn alert_key(&self, id: &Id) -> Result<AlertKey> {
        let found = self.all_keys().filter(alert_keys::Column::Id.eq(id.as_str()));
        key(found.one(self.on).await?.ok_or_else(|| StoreError::NotFound(format!("alert key {id}")))?)
    }

    fn all_keys(&self) -> Select<alert_keys::Entity> {
        alert_keys::Entity::find()
            .filter(alert_keys::Column::PageId.eq(self.page.as_str()))
            .filter(alert_keys::Column::DeletedAt.is_null())
    }

    fn all_rules(&self, include: Include) -> Select<alert_rules::Entity> {
        let query = alert_rules::Entity::find().filter(alert_rules::Column::PageId.eq(self.page.as_str()));
        if include.deleted { query } else { query.filter(alert_rules::Column::DeletedAt.is_null()) }
    }
}
