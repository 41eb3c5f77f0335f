//! What monitoring says: rules, the alerts that are known, what a rule has open, and the keys of
//! addresses for what can send no headers.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{ColumnDef, DbErr, SchemaManager, Table},
    schema::{json, json_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

use super::parts::{
    create, created_at, flag, id, index, optional_id, owned_by, primary_id, refers_to, updated_at, version,
};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0009_alerts"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rules(manager).await?;
        keys(manager).await?;
        alerts(manager).await?;
        effects(manager).await
    }
}

fn number(name: &'static str, default: i32) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().default(default).take()
}

async fn rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "alert_rules";
    let rules = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("name"))
        .col(number("position", 0))
        .col(json("matchers"))
        .col(optional_id("component_id"))
        .col(text_null("component_status"))
        .col(optional_id("template_id"))
        .col(flag("notify", true))
        .col(number("for_seconds", 0))
        .col(number("hold_seconds", 0))
        .col(number("flap_limit", 0))
        .col(flag("disabled", false))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut refers_to(table, "component_id", "components", "id"))
        .foreign_key(&mut refers_to(table, "template_id", "templates", "id"))
        .take();
    create(manager, rules, [index(table, ["page_id"])]).await
}

/// Only the hash of a key is kept.
async fn keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "alert_keys";
    let keys = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("kind"))
        .col(text("name"))
        .col(text("prefix"))
        .col(text("key_hash"))
        .col(ColumnDef::new("period_seconds").integer().null().take())
        .col(timestamp_with_time_zone_null("last_seen_at"))
        .col(flag("missing", false))
        .col(text_null("topic_arn"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, keys, [index(table, ["page_id"]), index(table, ["prefix"])]).await
}

async fn alerts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "alerts";
    let alerts = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("source"))
        .col(text("fingerprint"))
        .col(optional_id("rule_id"))
        .col(text("state"))
        .col(timestamp_with_time_zone("since"))
        .col(timestamp_with_time_zone("last_seen_at"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(json("labels"))
        .col(text("summary"))
        .col(json_null("changes"))
        .col(flag("flapping", false))
        .col(created_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut refers_to(table, "rule_id", "alert_rules", "id"))
        .take();
    let indexes = [
        index(table, ["page_id", "source", "fingerprint"]).unique().take(),
        index(table, ["due_at"]),
        index(table, ["state", "last_seen_at"]),
    ];
    create(manager, alerts, indexes).await
}

/// What a rule has open on the page: at most one thing each.
async fn effects(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "alert_effects";
    let effects = Table::create()
        .table(table)
        .col(text("rule_id").primary_key().take())
        .col(id("page_id"))
        .col(optional_id("component_id"))
        .col(text_null("wanted_status"))
        .col(text_null("base_status"))
        .col(timestamp_with_time_zone_null("moved_at"))
        .col(optional_id("incident_id"))
        .col(ColumnDef::new("incident_version").big_integer().null().take())
        .col(created_at())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "rule_id", "alert_rules", "id"))
        .take();
    create(manager, effects, [index(table, ["page_id", "component_id"])]).await
}
