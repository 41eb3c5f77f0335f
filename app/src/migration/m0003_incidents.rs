//! Incidents and maintenances, their updates, the components they affect, and templates.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table, TableCreateStatement},
    schema::{
        big_pk_auto, json_null, text, text_null, text_uniq, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::parts::{
    create, created_at, flag, id, index, optional_id, owned_by, primary_id, refers_to, updated_at, version,
    word,
};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0003_incidents"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        incidents(manager).await?;
        updates(manager).await?;
        attached_components(manager).await?;
        templates(manager).await
    }
}

async fn incidents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "incidents";
    let mut incidents = Table::create()
        .table(table)
        // The number that feeds name an incident by; everything else names it by its id.
        .col(big_pk_auto("number"))
        .col(text_uniq("id"))
        .col(id("page_id"))
        .col(optional_id("parent_id"))
        .col(text("kind"))
        .col(text("name"))
        .col(text("status"))
        .col(text("impact"))
        .col(text_null("impact_override"))
        .col(text_null("shortlink"))
        .col(flag("backfilled", false))
        .col(word("visibility", "public"))
        .col(flag("draft", false))
        .col(json_null("metadata"))
        .col(text_null("reminder_intervals"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("monitoring_at"))
        .col(timestamp_with_time_zone_null("resolved_at"))
        .col(timestamp_with_time_zone_null("next_update_at"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut refers_to(table, "parent_id", table, "id"))
        .take();
    schedule(&mut incidents);
    postmortem(&mut incidents);
    let indexes = [
        index(table, ["page_id", "kind", "created_at"]),
        index(table, ["page_id", "status"]),
        index(table, ["page_id", "resolved_at"]),
        index(table, ["status", "scheduled_for"]),
    ];
    create(manager, incidents, indexes).await
}

/// What only a maintenance has.
fn schedule(incidents: &mut TableCreateStatement) {
    incidents
        .col(timestamp_with_time_zone_null("scheduled_for"))
        .col(timestamp_with_time_zone_null("scheduled_until"))
        .col(flag("scheduled_remind_prior", false))
        .col(timestamp_with_time_zone_null("scheduled_reminded_at"))
        .col(flag("scheduled_auto_in_progress", false))
        .col(flag("scheduled_auto_completed", false))
        .col(flag("auto_transition_to_maintenance_state", false))
        .col(flag("auto_transition_to_operational_state", false))
        .col(flag("auto_transition_deliver_notifications_at_start", false))
        .col(flag("auto_transition_deliver_notifications_at_end", false));
}

fn postmortem(incidents: &mut TableCreateStatement) {
    incidents
        .col(text_null("postmortem_body"))
        .col(timestamp_with_time_zone_null("postmortem_body_updated_at"))
        .col(text_null("postmortem_body_draft"))
        .col(timestamp_with_time_zone_null("postmortem_body_draft_updated_at"))
        .col(timestamp_with_time_zone_null("postmortem_published_at"))
        .col(flag("postmortem_ignored", false))
        .col(flag("postmortem_notified_subscribers", false));
}

async fn updates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "incident_updates";
    let updates = Table::create()
        .table(table)
        // Tells apart updates of one instant, by the order in which they were written.
        .col(big_pk_auto("number"))
        .col(text_uniq("id"))
        .col(id("page_id"))
        .col(id("incident_id"))
        .col(text("status"))
        .col(text("body"))
        // Each component that was attached then, with its name of then and both statuses.
        .col(json_null("affected_components"))
        .col(flag("deliver_notifications", true))
        .col(text_null("custom_tweet"))
        .col(json_null("tweet_id"))
        .col(timestamp_with_time_zone("display_at"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "incident_id", "incidents", "id"))
        .take();
    create(manager, updates, [index(table, ["incident_id", "created_at"])]).await
}

async fn attached_components(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "incident_components";
    let attached = Table::create()
        .table(table)
        .col(id("incident_id"))
        .col(id("component_id"))
        .col(id("page_id"))
        .primary_key(&mut Index::create().col("incident_id").col("component_id").take())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "incident_id", "incidents", "id"))
        .foreign_key(&mut owned_by(table, "component_id", "components", "id"))
        .take();
    create(manager, attached, [index(table, ["component_id"])]).await
}

async fn templates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "templates";
    let templates = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(optional_id("group_id"))
        .col(text("name"))
        .col(text_null("title"))
        .col(text("body"))
        .col(text_null("update_status"))
        .col(json_null("component_ids"))
        .col(flag("should_tweet", false))
        .col(flag("should_send_notifications", true))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, templates, [index(table, ["page_id"])]).await
}
