//! Components and groups.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Include, Slice, View};
use crate::{
    domain::{
        Id,
        record::{ComponentRecord, GroupRecord},
    },
    store::{
        Result, StoreError, convert,
        entity::{components, groups},
    },
};

impl View<'_> {
    /// The components, by position.
    pub async fn components(&self, slice: Slice, include: Include) -> Result<Vec<ComponentRecord>> {
        let query = ordered(self.all_components(include)).offset(slice.offset).limit(slice.limit);
        query.all(self.on).await?.into_iter().map(record).collect()
    }

    /// How many components there are that were not deleted.
    pub async fn count_components(&self) -> Result<u64> {
        Ok(self.all_components(Include::default()).count(self.on).await?)
    }

    /// One component.
    pub async fn component(&self, id: &Id, include: Include) -> Result<ComponentRecord> {
        let found = self.all_components(include).filter(components::Column::Id.eq(id.as_str()));
        let found =
            found.one(self.on).await?.ok_or_else(|| StoreError::NotFound(format!("component {id}")))?;
        record(found)
    }

    /// Those of some ids that are there, by position.
    pub async fn components_among(&self, ids: &[Id]) -> Result<Vec<ComponentRecord>> {
        let among = components::Column::Id.is_in(ids.iter().map(Id::as_str));
        let query = ordered(self.all_components(Include::default()).filter(among));
        query.all(self.on).await?.into_iter().map(record).collect()
    }

    /// The groups with what is in them, by position.
    pub async fn groups(&self, slice: Slice, include: Include) -> Result<Vec<GroupRecord>> {
        let query = self.all_groups(include).order_by_asc(groups::Column::Position);
        let query = query.order_by_asc(groups::Column::CreatedAt).order_by_asc(groups::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        let mut members = self.members(rows.iter().map(|row| row.id.as_str())).await?;
        rows.into_iter()
            .map(|row| {
                let within = members.remove(&row.id).unwrap_or_default();
                group_record(row, within)
            })
            .collect()
    }

    /// One group with what is in it.
    pub async fn group(&self, id: &Id, include: Include) -> Result<GroupRecord> {
        let found = self.all_groups(include).filter(groups::Column::Id.eq(id.as_str())).one(self.on).await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("component group {id}")))?;
        let within = self.members([id.as_str()]).await?.remove(id.as_str()).unwrap_or_default();
        group_record(row, within)
    }

    /// The components in a group and in the groups within it, by position.
    pub async fn components_within(&self, group: &Id) -> Result<Vec<ComponentRecord>> {
        let mut within = vec![group.to_string()];
        let mut above = within.clone();
        while !above.is_empty() {
            let below: Vec<String> = self
                .all_groups(Include::default())
                .select_only()
                .column(groups::Column::Id)
                .filter(groups::Column::ParentId.is_in(above))
                .into_tuple()
                .all(self.on)
                .await?;
            // Groups in a ring are gone round once.
            above = below.into_iter().filter(|id| !within.contains(id)).collect();
            within.extend(above.iter().cloned());
        }
        let query = self.all_components(Include::default());
        let query = ordered(query.filter(components::Column::GroupId.is_in(within)));
        query.all(self.on).await?.into_iter().map(record).collect()
    }

    async fn members<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Result<HashMap<String, Vec<Id>>> {
        let within = components::Column::GroupId.is_in(ids);
        let rows: Vec<(Option<String>, String)> = ordered(self.all_components(Include::default()))
            .filter(within)
            .select_only()
            .columns([components::Column::GroupId, components::Column::Id])
            .into_tuple()
            .all(self.on)
            .await?;
        let mut found: HashMap<String, Vec<Id>> = HashMap::new();
        for (group, id) in rows {
            if let (Some(group), Ok(id)) = (group, id.parse()) {
                found.entry(group).or_default().push(id);
            }
        }
        Ok(found)
    }

    fn all_components(&self, include: Include) -> Select<components::Entity> {
        let query = components::Entity::find().filter(components::Column::PageId.eq(self.page.as_str()));
        if include.deleted { query } else { query.filter(components::Column::DeletedAt.is_null()) }
    }

    fn all_groups(&self, include: Include) -> Select<groups::Entity> {
        let query = groups::Entity::find().filter(groups::Column::PageId.eq(self.page.as_str()));
        if include.deleted { query } else { query.filter(groups::Column::DeletedAt.is_null()) }
    }
}

fn ordered(query: Select<components::Entity>) -> Select<components::Entity> {
    query
        .order_by_asc(components::Column::Position)
        .order_by_asc(components::Column::CreatedAt)
        .order_by_asc(components::Column::Id)
}

pub fn record(row: components::Model) -> Result<ComponentRecord> {
    let (hidden, version, deleted_at) = (row.visibility != "public", row.version, row.deleted_at);
    Ok(ComponentRecord { component: convert::component(row, vec![])?, hidden, version, deleted_at })
}

fn group_record(row: groups::Model, component_ids: Vec<Id>) -> Result<GroupRecord> {
    let (version, deleted_at) = (row.version, row.deleted_at);
    Ok(GroupRecord { group: convert::group(row)?, component_ids, version, deleted_at })
}
