//! Whether points of metrics wait to be shown, since they came soon after others that were.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, SchemaManager, Table},
};

use super::parts::flag;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0011_metrics_pending"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pending = flag("metrics_pending", false);
        manager.alter_table(Table::alter().table("pages").add_column(pending).take()).await
    }
}
