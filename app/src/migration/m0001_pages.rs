//! Pages, and what tells releases whether they may use this schema.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Query, SchemaManager, Table},
    schema::{
        big_integer, json_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use super::{
    SCHEMA_TABLE,
    parts::{create, created_at, flag, id, primary_id, updated_at, version, word},
};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0001_pages"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        schema_info(manager).await?;
        let pages = Table::create()
            .table("pages")
            .col(primary_id())
            .col(big_integer("revision").default(0))
            .col(id("commit"))
            .col(timestamp_with_time_zone("committed_at"))
            // Not moved by statuses and metrics, so that a flapping component chills no list.
            .col(big_integer("history_revision").default(0))
            // When metric points last made a revision.
            .col(timestamp_with_time_zone_null("metrics_bumped_at"))
            .col(text("name"))
            .col(text_null("description"))
            .col(text_null("host").unique_key().take())
            .col(text_null("url"))
            .col(word("time_zone", "Etc/UTC"))
            .col(word("language", "en"))
            .col(text_null("support_url"))
            .col(flag("hide_empty_days", false))
            .col(word("visibility", "public"))
            // Gives way to the first page that is made: what a new installation begins with, and
            // the demo.
            .col(flag("provisional", false))
            .col(json_null("branding"))
            .col(version())
            .col(created_at())
            .col(updated_at())
            .take();
        create(manager, pages, []).await
    }
}

async fn schema_info(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table =
        Table::create().table(SCHEMA_TABLE).col(text("key").primary_key().take()).col(text("value")).take();
    manager.create_table(table).await?;
    let oldest = Query::insert()
        .into_table(SCHEMA_TABLE)
        .columns(["key", "value"])
        .values_panic(["min_app_version".into(), "0.1.0".into()])
        .take();
    manager.execute(oldest).await
}
