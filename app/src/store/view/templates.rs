//! Templates.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Include, Slice, View};
use crate::{
    domain::{Id, incident::IncidentStatus, record::Template},
    store::{Result, StoreError, entity::templates},
};

impl View<'_> {
    /// The templates, by name.
    pub async fn templates(&self, slice: Slice, include: Include) -> Result<Vec<Template>> {
        let query = self.all_templates(include).order_by_asc(templates::Column::Name);
        let query = query.order_by_asc(templates::Column::Id).offset(slice.offset).limit(slice.limit);
        query.all(self.on).await?.into_iter().map(template).collect()
    }

    /// One template.
    pub async fn template(&self, id: &Id, include: Include) -> Result<Template> {
        let found = self.all_templates(include).filter(templates::Column::Id.eq(id.as_str()));
        template(found.one(self.on).await?.ok_or_else(|| StoreError::NotFound(format!("template {id}")))?)
    }

    fn all_templates(&self, include: Include) -> Select<templates::Entity> {
        let query = templates::Entity::find().filter(templates::Column::PageId.eq(self.page.as_str()));
        if include.deleted { query } else { query.filter(templates::Column::DeletedAt.is_null()) }
    }
}

fn template(row: templates::Model) -> Result<Template> {
    let unreadable = |column, value: &str| StoreError::Unreadable {
        table: "templates",
        id: row.id.clone(),
        column,
        value: value.to_owned(),
    };
    let status = match &row.update_status {
        Some(word) => Some(IncidentStatus::parse(word).ok_or_else(|| unreadable("update_status", word))?),
        None => None,
    };
    let ids = row.component_ids.clone().map(serde_json::from_value).transpose();
    Ok(Template {
        id: row.id.parse().map_err(|_| unreadable("id", &row.id))?,
        group_id: row.group_id.as_deref().and_then(|id| id.parse().ok()),
        update_status: status,
        component_ids: ids.map_err(|_| unreadable("component_ids", "a list"))?.unwrap_or_default(),
        name: row.name,
        title: row.title,
        body: row.body,
        should_tweet: row.should_tweet,
        should_send_notifications: row.should_send_notifications,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}
