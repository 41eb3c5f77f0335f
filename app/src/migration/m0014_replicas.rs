//! The processes that work on this database, each by what it says of itself.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, SchemaManager, Table},
    schema::{json, timestamp_with_time_zone},
};

use super::parts::{create, index, primary_id};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0014_replicas"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = "replicas";
        let replicas = Table::create()
            .table(table)
            .col(primary_id())
            .col(timestamp_with_time_zone("seen_at"))
            .col(json("told"))
            .take();
        create(manager, replicas, [index(table, ["seen_at"])]).await
    }
}
