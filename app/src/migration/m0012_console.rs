//! What people sign in to the console with: sessions that can be named, links that are used once,
//! and a second factor.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{ColumnDef, DbErr, Index, SchemaManager, Table},
    schema::{big_integer_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

use super::parts::{create, created_at, id, index, optional_id, owned_by};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0012_console"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Sealed with an application key, in base64.
        add(manager, "users", text_null("totp_secret")).await?;
        add(manager, "users", timestamp_with_time_zone_null("totp_confirmed_at")).await?;
        // The last step of 30 seconds whose code was used: none is taken twice.
        add(manager, "users", big_integer_null("totp_last_step")).await?;
        add(manager, "sessions", optional_id("id")).await?;
        // When who is signed in last showed that it is still them.
        add(manager, "sessions", timestamp_with_time_zone_null("confirmed_at")).await?;
        manager.create_index(index("sessions", ["id"])).await?;
        links(manager).await?;
        recovery_codes(manager).await
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

/// Links that let somebody in once: to set the installation up, by invitation, to choose another
/// password, or to sign in.
async fn links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "user_links";
    let links = Table::create()
        .table(table)
        .col(text("token_hash").primary_key().take())
        .col(text("purpose"))
        .col(optional_id("user_id"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, links, [index(table, ["user_id"]), index(table, ["expires_at"])]).await
}

async fn recovery_codes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "recovery_codes";
    let codes = Table::create()
        .table(table)
        .col(id("user_id"))
        .col(text("code_hash"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(created_at())
        .primary_key(&mut Index::create().col("user_id").col("code_hash").take())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, codes, []).await
}
