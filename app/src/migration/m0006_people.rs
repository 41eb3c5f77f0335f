//! People, their sessions and tokens, what was done by whom, and answers kept for repeated calls.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{
        big_pk_auto, integer_null, json_null, text, text_null, text_uniq, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::parts::{create, created_at, id, index, optional_id, owned_by, primary_id, updated_at, version};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0006_people"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        sessions(manager).await?;
        api_tokens(manager).await?;
        audit_events(manager).await?;
        idempotency_keys(manager).await
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let users = Table::create()
        .table("users")
        .col(primary_id())
        .col(text_uniq("email"))
        .col(text("name"))
        .col(text("role"))
        .col(text_null("password_hash"))
        .col(timestamp_with_time_zone_null("disabled_at"))
        .col(timestamp_with_time_zone_null("last_signed_in_at"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .take();
    create(manager, users, []).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "sessions";
    let sessions = Table::create()
        .table(table)
        .col(text("token_hash").primary_key().take())
        .col(id("user_id"))
        .col(text_null("address"))
        .col(text_null("user_agent"))
        .col(timestamp_with_time_zone("last_used_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, sessions, [index(table, ["user_id"]), index(table, ["expires_at"])]).await
}

async fn api_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "api_tokens";
    let tokens = Table::create()
        .table(table)
        .col(primary_id())
        .col(optional_id("page_id"))
        .col(optional_id("user_id"))
        .col(text("name"))
        .col(text("prefix"))
        .col(text_uniq("token_hash"))
        .col(text("scopes"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "user_id", "users", "id"))
        .take();
    create(manager, tokens, []).await
}

/// No reference to the page: what was done outlives what it was done to.
async fn audit_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "audit_events";
    let events = Table::create()
        .table(table)
        .col(big_pk_auto("id"))
        .col(optional_id("page_id"))
        .col(timestamp_with_time_zone("at"))
        .col(text("actor_kind"))
        .col(optional_id("actor_id"))
        .col(text_null("address"))
        .col(text_null("request_id"))
        .col(text("action"))
        .col(text_null("target_kind"))
        .col(optional_id("target_id"))
        .col(json_null("before"))
        .col(json_null("after"))
        .take();
    create(manager, events, [index(table, ["page_id", "at"])]).await
}

async fn idempotency_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "idempotency_keys";
    let keys = Table::create()
        .table(table)
        .col(id("token_id"))
        .col(text("key"))
        .col(text("request_hash"))
        .col(integer_null("status"))
        .col(text_null("answer"))
        .col(timestamp_with_time_zone_null("leased_until"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(created_at())
        .primary_key(&mut Index::create().col("token_id").col("key").take())
        .foreign_key(&mut owned_by(table, "token_id", "api_tokens", "id"))
        .take();
    create(manager, keys, [index(table, ["expires_at"])]).await
}
