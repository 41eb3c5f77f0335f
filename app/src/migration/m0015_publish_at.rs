//! When a draft of an incident is shown by the clock.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, SchemaManager, Table},
    schema::timestamp_with_time_zone_null,
};

use super::parts::index;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0015_publish_at"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let at = timestamp_with_time_zone_null("publish_at");
        manager.alter_table(Table::alter().table("incidents").add_column(at).take()).await?;
        manager.create_index(index("incidents", ["publish_at"])).await
    }
}
