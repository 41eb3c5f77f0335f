//! Maintenances that come again, what was planned of them, and the addresses at which operators have
//! them in a calendar.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{big_integer, json_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

use super::parts::{create, created_at, id, index, owned_by, primary_id, updated_at, version};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0014_recurrences"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        recurrences(manager).await?;
        occurrences(manager).await?;
        feeds(manager).await
    }
}

async fn recurrences(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "recurrences";
    let recurrences = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(json_null("series"))
        .col(timestamp_with_time_zone_null("made_until"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, recurrences, [index(table, ["page_id"])]).await
}

/// One row for each that was planned, so that none is planned twice. The version is that of the
/// maintenance as it was planned: one of another version was changed by somebody.
async fn occurrences(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "recurrence_occurrences";
    let occurrences = Table::create()
        .table(table)
        .col(id("recurrence_id"))
        .col(timestamp_with_time_zone("begins_at"))
        .col(id("page_id"))
        .col(id("incident_id"))
        .col(big_integer("incident_version"))
        .primary_key(&mut Index::create().col("recurrence_id").col("begins_at").take())
        .foreign_key(&mut owned_by(table, "recurrence_id", "recurrences", "id"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, occurrences, [index(table, ["incident_id"])]).await
}

/// Who has this address sees the maintenances of a page, as long as the one it was made for may.
async fn feeds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "calendar_feeds";
    let feeds = Table::create()
        .table(table)
        .col(text("token_hash").primary_key().take())
        .col(id("page_id"))
        .col(id("user_id"))
        .col(created_at())
        .col(timestamp_with_time_zone_null("last_used_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, feeds, [index(table, ["user_id", "page_id"])]).await
}
