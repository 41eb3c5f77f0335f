//! Templates: what incidents are begun from.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    Change, Result, StoreError, component_changes::expect, components::refuse_taken, entity::templates,
    view::Include,
};
use crate::domain::{Id, incident::IncidentStatus};

/// What a template says; of a new one, what is not said is empty.
#[derive(Clone, Debug, Default)]
pub struct TemplateChanges {
    pub group_id: Option<Option<Id>>,
    pub name: Option<String>,
    pub title: Option<Option<String>>,
    pub body: Option<String>,
    pub update_status: Option<Option<IncidentStatus>>,
    pub component_ids: Option<Vec<Id>>,
    pub should_tweet: Option<bool>,
    pub should_send_notifications: Option<bool>,
}

impl Change {
    /// Makes a template.
    pub async fn create_template(&mut self, new: TemplateChanges) -> Result<Id> {
        self.create_template_as(Id::random(), new).await
    }

    /// Makes a template with this id.
    pub async fn create_template_as(&mut self, id: Id, new: TemplateChanges) -> Result<Id> {
        refuse_taken(templates::Entity::find_by_id(id.as_str()), self.transaction()).await?;
        self.check_template(&new).await?;
        let mut row = templates::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            name: Set(String::new()),
            body: Set(String::new()),
            should_tweet: Set(false),
            should_send_notifications: Set(true),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            ..Default::default()
        };
        new.apply(&mut row);
        row.insert(self.transaction()).await?;
        let after = self.view().template(&id, Include::default()).await?;
        self.audit("template.create", "template", &id, None, Some(json!(after)));
        Ok(id)
    }

    /// Changes a template.
    pub async fn update_template(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: TemplateChanges,
    ) -> Result<()> {
        let row = self.template_of_page(id, expected).await?;
        self.check_template(&changes).await?;
        let before = self.view().template(id, Include::default()).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        changes.apply(&mut row);
        row.version = Set(version);
        row.updated_at = Set(self.at);
        row.update(self.transaction()).await?;
        let after = self.view().template(id, Include::default()).await?;
        self.audit("template.update", "template", id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }

    /// Deletes a template.
    pub async fn delete_template(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.template_of_page(id, expected).await?;
        let before = self.view().template(id, Include::default()).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.audit("template.delete", "template", id, Some(json!(before)), None);
        Ok(())
    }

    /// What it names is of this page.
    async fn check_template(&self, said: &TemplateChanges) -> Result<()> {
        if let Some(Some(group)) = &said.group_id {
            self.group_of_page(group).await?;
        }
        self.components_of_page(said.component_ids.as_deref().unwrap_or_default()).await?;
        Ok(())
    }

    async fn template_of_page(&self, id: &Id, expected: Option<i64>) -> Result<templates::Model> {
        let found = templates::Entity::find_by_id(id.as_str())
            .filter(templates::Column::PageId.eq(self.page_id.as_str()))
            .filter(templates::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("template {id}")))?;
        expect(row.version, expected, || format!("template {id}"))?;
        Ok(row)
    }
}

impl TemplateChanges {
    fn apply(self, row: &mut templates::ActiveModel) {
        if let Some(group_id) = self.group_id {
            row.group_id = Set(group_id.map(String::from));
        }
        if let Some(name) = self.name {
            row.name = Set(name);
        }
        if let Some(title) = self.title {
            row.title = Set(title);
        }
        if let Some(body) = self.body {
            row.body = Set(body);
        }
        if let Some(status) = self.update_status {
            row.update_status = Set(status.map(|status| status.as_str().to_owned()));
        }
        if let Some(ids) = self.component_ids {
            row.component_ids = Set(Some(json!(ids)));
        }
        if let Some(should) = self.should_tweet {
            row.should_tweet = Set(should);
        }
        if let Some(should) = self.should_send_notifications {
            row.should_send_notifications = Set(should);
        }
    }
}
