//! Subscribers, and the outbox: notifications and their deliveries.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{
        big_pk_auto, integer, json_null, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::parts::{
    create, created_at, id, index, optional_id, owned_by, primary_id, updated_at, version, word,
};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0004_subscribers"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        subscribers(manager).await?;
        subscriber_components(manager).await?;
        notifications(manager).await?;
        deliveries(manager).await
    }
}

async fn subscribers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "subscribers";
    let subscribers = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("channel"))
        .col(text("address"))
        .col(json_null("settings"))
        .col(timestamp_with_time_zone_null("confirmed_at"))
        .col(timestamp_with_time_zone_null("quarantined_at"))
        .col(timestamp_with_time_zone_null("unsubscribed_at"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    let indexes = [
        index(table, ["page_id", "channel", "address"]).unique().take(),
        index(table, ["page_id", "created_at"]),
    ];
    create(manager, subscribers, indexes).await
}

async fn subscriber_components(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "subscriber_components";
    let chosen = Table::create()
        .table(table)
        .col(id("subscriber_id"))
        .col(id("component_id"))
        .col(id("page_id"))
        .primary_key(&mut Index::create().col("subscriber_id").col("component_id").take())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "subscriber_id", "subscribers", "id"))
        .foreign_key(&mut owned_by(table, "component_id", "components", "id"))
        .take();
    create(manager, chosen, [index(table, ["component_id"])]).await
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "notifications";
    let notifications = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("event"))
        .col(optional_id("incident_update_id"))
        .col(json_null("payload"))
        .col(word("state", "pending"))
        .col(timestamp_with_time_zone("not_before"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(text_null("trace_context"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "incident_update_id", "incident_updates", "id"))
        .take();
    create(manager, notifications, [index(table, ["state", "not_before"])]).await
}

async fn deliveries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "deliveries";
    let deliveries = Table::create()
        .table(table)
        .col(big_pk_auto("id"))
        .col(id("page_id"))
        .col(id("notification_id"))
        .col(id("subscriber_id"))
        .col(word("state", "pending"))
        .col(integer("attempts").default(0))
        .col(timestamp_with_time_zone_null("leased_until"))
        .col(timestamp_with_time_zone("next_attempt_at"))
        .col(timestamp_with_time_zone_null("delivered_at"))
        .col(text_null("last_error"))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "notification_id", "notifications", "id"))
        .foreign_key(&mut owned_by(table, "subscriber_id", "subscribers", "id"))
        .take();
    let indexes = [
        index(table, ["notification_id", "subscriber_id"]).unique().take(),
        index(table, ["state", "next_attempt_at"]),
    ];
    create(manager, deliveries, indexes).await
}
