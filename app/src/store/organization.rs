//! What is set for all who run the pages.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::json;

use super::{Actor, Record, Result, Store, entity::organization_settings};
use crate::domain::role::Role;

/// Where it is kept which roles need a second step.
const SECOND_STEP: &str = "second_step_roles";

impl Store {
    /// The roles whose people need a second step to do anything.
    pub async fn second_step_roles(&self) -> Result<Vec<Role>> {
        let kept = organization_settings::Entity::find_by_id(SECOND_STEP).one(&self.reader).await?;
        Ok(kept.map(|row| roles(&row.value)).unwrap_or_default())
    }
}

impl Record<'_> {
    /// Says which roles need a second step.
    pub async fn set_second_step_roles(&self, wanted: &[Role], actor: &Actor) -> Result<()> {
        let organization = self.0.organization().await?;
        let (transaction, now) = self.alone().await?;
        let before = organization_settings::Entity::find_by_id(SECOND_STEP).one(&transaction).await?;
        let before = before.map(|row| roles(&row.value)).unwrap_or_default();
        let words: Vec<&str> = wanted.iter().map(|role| role.as_str()).collect();
        let row = organization_settings::ActiveModel {
            key: Set(SECOND_STEP.to_owned()),
            value: Set(words.join(",")),
            updated_at: Set(now),
        };
        let or_replace = OnConflict::column(organization_settings::Column::Key)
            .update_columns([organization_settings::Column::Value, organization_settings::Column::UpdatedAt])
            .to_owned();
        let insert = organization_settings::Entity::insert(row).on_conflict(or_replace);
        insert.exec_without_returning(&transaction).await?;
        let told = |roles: &[Role]| Some(json!({ "roles": roles }));
        let (target, action) = (("organization", &organization), "organization.second_step");
        actor.event(None, now, action, target, told(&before), told(wanted)).insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

fn roles(kept: &str) -> Vec<Role> {
    kept.split(',').filter_map(Role::parse).collect()
}
