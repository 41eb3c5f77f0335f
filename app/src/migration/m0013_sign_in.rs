//! Signing in without a password: by the organization's provider, and by passkeys.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{text, text_null, text_uniq, timestamp_with_time_zone_null},
};

use super::parts::{create, created_at, id, index, owned_by, primary_id};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0013_sign_in"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // By what somebody signed in there.
        let column = Table::alter().table("sessions").add_column(text_null("method")).take();
        manager.alter_table(column).await?;
        identities(manager).await?;
        passkeys(manager).await
    }
}

/// Who somebody is for the provider.
async fn identities(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "identities";
    let identities = Table::create()
        .table(table)
        .col(text("issuer"))
        .col(text("subject"))
        .col(id("user_id"))
        .col(created_at())
        .primary_key(&mut Index::create().col("issuer").col("subject").take())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, identities, [index(table, ["user_id"])]).await
}

async fn passkeys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "passkeys";
    let passkeys = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("user_id"))
        .col(text("name"))
        // What the device calls it, and what its signatures are checked with, in base64.
        .col(text_uniq("credential_id"))
        .col(text("public_key"))
        .col(text("counter"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, passkeys, [index(table, ["user_id"])]).await
}
