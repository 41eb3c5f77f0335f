//! What the management API needs: where tokens may be used from, metrics providers, subscribers of
//! one incident, and what people may do on a page.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{ColumnDef, DbErr, Index, SchemaManager, Table},
    schema::{json_null, text, text_null, timestamp_with_time_zone_null},
};

use super::parts::{
    create, created_at, flag, id, index, optional_id, owned_by, primary_id, updated_at, version,
};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0008_management"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "api_tokens", json_null("allowed_addresses")).await?;
        manager.create_index(index("api_tokens", ["prefix"])).await?;
        manager.create_index(index("audit_events", ["target_id", "at"])).await?;
        add(manager, "metrics", optional_id("metrics_provider_id")).await?;
        // Whether a subscriber is told of the whole page, or of single incidents only.
        add(manager, "subscribers", flag("whole_page", true)).await?;
        providers(manager).await?;
        incident_subscribers(manager).await?;
        permissions(manager).await
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

async fn providers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "metrics_providers";
    let providers = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("type"))
        .col(text_null("metric_base_uri"))
        .col(flag("disabled", false))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, providers, [index(table, ["page_id"])]).await
}

async fn incident_subscribers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "incident_subscribers";
    let subscribers = Table::create()
        .table(table)
        .col(id("incident_id"))
        .col(id("subscriber_id"))
        .col(id("page_id"))
        .col(created_at())
        .primary_key(&mut Index::create().col("incident_id").col("subscriber_id").take())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "incident_id", "incidents", "id"))
        .foreign_key(&mut owned_by(table, "subscriber_id", "subscribers", "id"))
        .take();
    create(manager, subscribers, [index(table, ["subscriber_id"])]).await
}

/// A person's role on one page, where it differs from their role in the installation.
async fn permissions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "page_roles";
    let roles = Table::create()
        .table(table)
        .col(id("user_id"))
        .col(id("page_id"))
        .col(text("role"))
        .col(created_at())
        .primary_key(&mut Index::create().col("user_id").col("page_id").take())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, roles, [index(table, ["page_id"])]).await
}
