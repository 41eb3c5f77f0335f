//! What is to be mailed to the people who run the pages, and what is set for all of them.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, SchemaManager, Table},
    schema::{integer, text, timestamp_with_time_zone},
};

use super::parts::{create, created_at, index, optional_id, primary_id, updated_at};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0013_mails"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        mails(manager).await?;
        let settings = Table::create()
            .table("organization_settings")
            .col(text("key").primary_key().take())
            .col(text("value"))
            .col(updated_at())
            .take();
        create(manager, settings, []).await
    }
}

/// A mail says what it is about; its words, and the link in it, are made when it is sent.
async fn mails(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "mails";
    let mails = Table::create()
        .table(table)
        .col(primary_id())
        .col(text("letter"))
        // The incident whose promise it reminds of: a new promise takes its place.
        .col(optional_id("incident_id"))
        .col(integer("attempts").default(0).take())
        .col(timestamp_with_time_zone("not_before"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(created_at())
        .take();
    create(manager, mails, [index(table, ["not_before"]), index(table, ["incident_id"])]).await
}
