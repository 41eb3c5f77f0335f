//! Changing and deleting components and groups.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, prelude::Expr,
};
use serde_json::json;

use super::{
    Change, Result, StoreError,
    entity::{components, groups, periods},
    view::Include,
};
use crate::domain::{Id, status::ComponentStatus};

/// The most components of a page.
pub(super) const MOST_COMPONENTS: u64 = 5_000;

/// How deep groups may stand within each other.
const DEEPEST: usize = 20;

/// What is to be changed of a component; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ComponentChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub link: Option<Option<String>>,
    pub group_id: Option<Option<Id>>,
    pub status: Option<ComponentStatus>,
    pub position: Option<i32>,
    pub showcase: Option<bool>,
    pub only_show_if_degraded: Option<bool>,
    pub hidden: Option<bool>,
    pub start_date: Option<Option<NaiveDate>>,
}

/// What is to be changed of a group; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct GroupChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub position: Option<i32>,
    /// The group that it stands in.
    pub parent_id: Option<Option<Id>>,
    /// What is to be in it, in this order, and nothing else.
    pub component_ids: Option<Vec<Id>>,
}

/// Refuses to go on with what somebody else has changed since it was read.
pub(super) fn expect(found: i64, expected: Option<i64>, what: impl FnOnce() -> String) -> Result<()> {
    match expected {
        Some(expected) if expected != found => Err(StoreError::Stale { what: what(), version: found }),
        _ => Ok(()),
    }
}

impl Change {
    /// The position behind the last component of a group, or of the page's top level.
    pub async fn next_position(&self, group: Option<&Id>) -> Result<i32> {
        let within = match group {
            Some(group) => components::Column::GroupId.eq(group.as_str()),
            None => components::Column::GroupId.is_null(),
        };
        let last: Option<Option<i32>> = components::Entity::find()
            .select_only()
            .column_as(components::Column::Position.max(), "last")
            .filter(components::Column::PageId.eq(self.page_id.as_str()))
            .filter(components::Column::DeletedAt.is_null())
            .filter(within)
            .into_tuple()
            .one(self.transaction())
            .await?;
        Ok(last.flatten().unwrap_or(0).saturating_add(1))
    }

    /// The position behind the last group.
    pub async fn next_group_position(&self) -> Result<i32> {
        let last: Option<Option<i32>> = groups::Entity::find()
            .select_only()
            .column_as(groups::Column::Position.max(), "last")
            .filter(groups::Column::PageId.eq(self.page_id.as_str()))
            .filter(groups::Column::DeletedAt.is_null())
            .into_tuple()
            .one(self.transaction())
            .await?;
        Ok(last.flatten().unwrap_or(0).saturating_add(1))
    }

    /// Refuses one component too many.
    pub(super) async fn room_for_a_component(&self) -> Result<()> {
        let count = components::Entity::find()
            .filter(components::Column::PageId.eq(self.page_id.as_str()))
            .filter(components::Column::DeletedAt.is_null())
            .count(self.transaction())
            .await?;
        if count >= MOST_COMPONENTS {
            let text = format!("components: a page has at most {MOST_COMPONENTS}; delete some first");
            return Err(StoreError::Refused(text));
        }
        Ok(())
    }

    /// Refuses a group that is not of this page.
    pub(super) async fn group_of_page(&self, id: &Id) -> Result<groups::Model> {
        let found = groups::Entity::find_by_id(id.as_str())
            .filter(groups::Column::PageId.eq(self.page_id.as_str()))
            .filter(groups::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        found.ok_or_else(|| StoreError::NotFound(format!("component group {id}")))
    }

    /// Changes a component; `expected` is the version that the caller has seen.
    pub async fn update_component(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: ComponentChanges,
    ) -> Result<()> {
        let row = self.component_of_page(id).await?;
        expect(row.version, expected, || format!("component {id}"))?;
        let before = self.view().component(id, Include::default()).await?;
        if let Some(Some(group)) = &changes.group_id {
            self.group_of_page(group).await?;
        }
        let mut new = row.clone();
        changes.apply(&mut new);
        if new != row {
            let version = row.version + 1;
            let mut changed = new.into_active_model().reset_all();
            changed.version = Set(version);
            changed.updated_at = Set(self.at);
            changed.update(self.transaction()).await?;
            self.history = true;
            let after = self.view().component(id, Include::default()).await?;
            self.audit("component.update", "component", id, Some(json!(before)), Some(json!(after)));
        }
        if let Some(status) = changes.status {
            self.set_status(id, status).await?;
        }
        Ok(())
    }

    /// Deletes a component. What it was stays known: its status until now, and where it was affected.
    pub async fn delete_component(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.component_of_page(id).await?;
        expect(row.version, expected, || format!("component {id}"))?;
        let before = self.view().component(id, Include::default()).await?;
        periods::Entity::update_many()
            .col_expr(periods::Column::UntilAt, Expr::value(self.at))
            .filter(periods::Column::ComponentId.eq(id.as_str()))
            .filter(periods::Column::UntilAt.is_null())
            .exec(self.transaction())
            .await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.history = true;
        self.audit("component.delete", "component", id, Some(json!(before)), None);
        Ok(())
    }

    /// Changes a group and what is in it.
    pub async fn update_group(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: GroupChanges,
    ) -> Result<()> {
        let row = self.group_of_page(id).await?;
        expect(row.version, expected, || format!("component group {id}"))?;
        let before = self.view().group(id, Include::default()).await?;
        if let Some(Some(parent)) = &changes.parent_id {
            self.refuse_ring(id, parent).await?;
        }
        if let Some(members) = &changes.component_ids {
            self.fill_group(id, &before.component_ids, members).await?;
        }
        let version = row.version + 1;
        let mut row = row.into_active_model();
        if let Some(name) = changes.name {
            row.name = Set(name);
        }
        if let Some(description) = changes.description {
            row.description = Set(description);
        }
        if let Some(position) = changes.position {
            row.position = Set(position);
        }
        if let Some(parent) = changes.parent_id {
            row.parent_id = Set(parent.map(String::from));
        }
        row.version = Set(version);
        row.updated_at = Set(self.at);
        row.update(self.transaction()).await?;
        self.history = true;
        let after = self.view().group(id, Include::default()).await?;
        self.audit("component_group.update", "component_group", id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }

    /// Refuses to put a group into itself, or into one that stands within it.
    async fn refuse_ring(&self, id: &Id, parent: &Id) -> Result<()> {
        let mut at = Some(parent.to_string());
        for _ in 0..DEEPEST {
            let Some(above) = at else { return Ok(()) };
            if above == id.as_str() {
                let text = format!("parent_id: component group {id} can't stand within itself");
                return Err(StoreError::Refused(text));
            }
            let above: Id =
                above.parse().map_err(|_| StoreError::NotFound(format!("component group {above}")))?;
            at = self.group_of_page(&above).await?.parent_id;
        }
        Err(StoreError::Refused(format!("parent_id: groups stand at most {DEEPEST} deep within each other")))
    }

    /// Moves components into a group in this order, and out of it whatever else is in it.
    pub async fn fill_group(&mut self, id: &Id, held: &[Id], members: &[Id]) -> Result<()> {
        self.components_of_page(members).await?;
        for gone in held.iter().filter(|held| !members.contains(held)) {
            let position = self.next_position(None).await?;
            self.place(gone, None, position).await?;
        }
        for (position, member) in (1..).zip(members) {
            self.place(member, Some(id), position).await?;
        }
        Ok(())
    }

    async fn place(&mut self, component: &Id, group: Option<&Id>, position: i32) -> Result<()> {
        let row = self.component_of_page(component).await?;
        if row.group_id.as_deref() == group.map(Id::as_str) && row.position == position {
            return Ok(());
        }
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.group_id = Set(group.map(ToString::to_string));
        row.position = Set(position);
        row.version = Set(version);
        row.updated_at = Set(self.at);
        row.update(self.transaction()).await?;
        Ok(())
    }

    /// Deletes a group. What was in it stays, at the page's top level.
    pub async fn delete_group(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.group_of_page(id).await?;
        expect(row.version, expected, || format!("component group {id}"))?;
        let before = self.view().group(id, Include::default()).await?;
        self.fill_group(id, &before.component_ids, &[]).await?;
        groups::Entity::update_many()
            .col_expr(groups::Column::ParentId, Expr::value(row.parent_id.clone()))
            .filter(groups::Column::ParentId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.history = true;
        self.audit("component_group.delete", "component_group", id, Some(json!(before)), None);
        Ok(())
    }
}

impl ComponentChanges {
    fn apply(&self, row: &mut components::Model) {
        let changes = self.clone();
        set(&mut row.name, changes.name);
        set(&mut row.description, changes.description);
        set(&mut row.link, changes.link);
        set(&mut row.group_id, changes.group_id.map(|id| id.map(String::from)));
        set(&mut row.position, changes.position);
        set(&mut row.showcase, changes.showcase);
        set(&mut row.only_show_if_degraded, changes.only_show_if_degraded);
        set(&mut row.start_date, changes.start_date);
        let visibility = |hidden| if hidden { "hidden" } else { "public" }.to_owned();
        set(&mut row.visibility, changes.hidden.map(visibility));
    }
}

pub(super) fn set<T>(field: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *field = said;
    }
}
