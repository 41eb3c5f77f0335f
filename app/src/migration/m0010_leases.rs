//! What only one of several processes does at a time.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, SchemaManager, Table},
    schema::{text, timestamp_with_time_zone},
};

use super::parts::create;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0010_leases"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let leases = Table::create()
            .table("leases")
            .col(text("name").primary_key().take())
            .col(text("holder"))
            .col(timestamp_with_time_zone("until_at"))
            .take();
        create(manager, leases, []).await
    }
}
