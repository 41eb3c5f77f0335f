//! Component groups and components.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, Select,
};
use serde_json::json;

use super::{
    Change, Result, StoreError,
    change::Notice,
    entity::{components, groups},
};
use crate::domain::{
    Id,
    state::{Component, Group},
    status::ComponentStatus,
};

/// A group to be made.
#[derive(Clone, Debug, Default)]
pub struct NewGroup {
    pub name: String,
    pub description: Option<String>,
    pub parent_id: Option<Id>,
    pub position: i32,
}

/// A component to be made.
#[derive(Clone, Debug)]
pub struct NewComponent {
    pub name: String,
    pub description: Option<String>,
    pub link: Option<String>,
    pub group_id: Option<Id>,
    pub status: ComponentStatus,
    pub position: i32,
    pub showcase: bool,
    pub only_show_if_degraded: bool,
    pub hidden: bool,
    pub start_date: Option<NaiveDate>,
}

impl NewComponent {
    /// A component that works and is shown.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            link: None,
            group_id: None,
            status: ComponentStatus::Operational,
            position: 1,
            showcase: true,
            only_show_if_degraded: false,
            hidden: false,
            start_date: None,
        }
    }
}

/// Refuses an id that something has, or had before it was deleted.
pub(super) async fn refuse_taken<E: EntityTrait>(
    found: Select<E>,
    transaction: &DatabaseTransaction,
) -> Result<()> {
    match found.one(transaction).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Refused(
            "id: belongs to something else, or to what was deleted; choose another, or leave it out".into(),
        )),
    }
}

impl Change {
    /// Makes a group.
    pub async fn create_group(&mut self, new: NewGroup) -> Result<Id> {
        self.create_group_as(Id::random(), new).await
    }

    /// Makes a group with this id.
    pub async fn create_group_as(&mut self, id: Id, new: NewGroup) -> Result<Id> {
        refuse_taken(groups::Entity::find_by_id(id.as_str()), self.transaction()).await?;
        let group = Group {
            id,
            parent_id: new.parent_id,
            name: new.name,
            description: new.description,
            position: new.position,
            created_at: self.at,
            updated_at: self.at,
        };
        self.group_row(&group).insert(self.transaction()).await?;
        self.audit("component_group.create", "component_group", &group.id, None, Some(json!(group)));
        Ok(group.id)
    }

    /// Makes a component, whose past begins now.
    pub async fn create_component(&mut self, new: NewComponent) -> Result<Id> {
        self.create_component_as(Id::random(), new).await
    }

    /// Makes a component with this id.
    pub async fn create_component_as(&mut self, id: Id, new: NewComponent) -> Result<Id> {
        refuse_taken(components::Entity::find_by_id(id.as_str()), self.transaction()).await?;
        self.room_for_a_component().await?;
        if let Some(group) = &new.group_id {
            self.group_of_page(group).await?;
        }
        let component = Component {
            id,
            group_id: new.group_id,
            name: new.name,
            description: new.description,
            link: new.link,
            status: new.status,
            position: new.position,
            showcase: new.showcase,
            only_show_if_degraded: new.only_show_if_degraded,
            start_date: new.start_date,
            created_at: self.at,
            updated_at: self.at,
            periods: vec![],
        };
        let mut row = self.component_row(&component);
        row.visibility = Set(if new.hidden { "hidden" } else { "public" }.to_owned());
        row.insert(self.transaction()).await?;
        self.open_period(&component.id, component.status, self.at).await?;
        self.audit("component.create", "component", &component.id, None, Some(json!(component)));
        Ok(component.id)
    }

    /// Moves a component to a status, outside any incident. Visitors see it at once; a page of old
    /// incidents does not say it.
    pub async fn set_status(&mut self, id: &Id, status: ComponentStatus) -> Result<()> {
        let row = self.component_of_page(id).await?;
        let before = self.move_to(row, status).await?;
        if before != status {
            let (old, new) = (json!({ "status": before }), json!({ "status": status }));
            let payload = json!({ "component_id": id, "old_status": before, "new_status": status });
            self.audit("component.status", "component", id, Some(old), Some(new));
            self.notify(Notice {
                event: "component_update",
                incident_update_id: None,
                payload: Some(payload),
                deliver: true,
            });
        }
        Ok(())
    }

    /// A component of this page that was not deleted.
    pub(super) async fn component_of_page(&self, id: &Id) -> Result<components::Model> {
        let found = components::Entity::find_by_id(id.as_str())
            .filter(components::Column::PageId.eq(self.page_id.as_str()))
            .filter(components::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        found.ok_or_else(|| StoreError::NotFound(format!("component {id}")))
    }

    /// Several components of this page by position, hidden ones too.
    pub(super) async fn components_of_page(&self, ids: &[Id]) -> Result<Vec<components::Model>> {
        let rows = self.components_among(ids).await?;
        match ids.iter().find(|id| !rows.iter().any(|row| row.id == id.as_str())) {
            Some(missing) => Err(StoreError::NotFound(format!("component {missing}"))),
            None => Ok(rows),
        }
    }

    /// Those of some components that were not deleted, by position.
    pub(super) async fn components_among(&self, ids: &[Id]) -> Result<Vec<components::Model>> {
        Ok(components::Entity::find()
            .filter(components::Column::PageId.eq(self.page_id.as_str()))
            .filter(components::Column::DeletedAt.is_null())
            .filter(components::Column::Id.is_in(ids.iter().map(Id::as_str)))
            .order_by_asc(components::Column::Position)
            .order_by_asc(components::Column::Id)
            .all(self.transaction())
            .await?)
    }

    /// The name of a component's group.
    pub(super) async fn group_name(&self, component: &components::Model) -> Result<Option<String>> {
        let Some(group) = &component.group_id else { return Ok(None) };
        let group = groups::Entity::find_by_id(group.as_str()).one(self.transaction()).await?;
        Ok(group.map(|group| group.name))
    }

    pub(super) fn group_row(&self, group: &Group) -> groups::ActiveModel {
        groups::ActiveModel {
            id: Set(group.id.to_string()),
            page_id: Set(self.page_id.to_string()),
            parent_id: Set(group.parent_id.clone().map(String::from)),
            name: Set(group.name.clone()),
            description: Set(group.description.clone()),
            position: Set(group.position),
            version: Set(1),
            created_at: Set(group.created_at),
            updated_at: Set(group.updated_at),
            deleted_at: Set(None),
        }
    }

    pub(super) fn component_row(&self, component: &Component) -> components::ActiveModel {
        components::ActiveModel {
            id: Set(component.id.to_string()),
            page_id: Set(self.page_id.to_string()),
            group_id: Set(component.group_id.clone().map(String::from)),
            name: Set(component.name.clone()),
            description: Set(component.description.clone()),
            link: Set(component.link.clone()),
            status: Set(component.status.as_str().to_owned()),
            visibility: Set("public".to_owned()),
            position: Set(component.position),
            showcase: Set(component.showcase),
            only_show_if_degraded: Set(component.only_show_if_degraded),
            start_date: Set(component.start_date),
            version: Set(1),
            created_at: Set(component.created_at),
            updated_at: Set(component.updated_at),
            deleted_at: Set(None),
        }
    }
}
