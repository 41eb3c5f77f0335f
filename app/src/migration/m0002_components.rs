//! Component groups, components, and the periods that uptime is computed from.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{ConditionalStatement, DbErr, Expr, ExprTrait, SchemaManager, Table},
    schema::{
        big_pk_auto, date_null, integer, text, text_null, timestamp_with_time_zone,
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
        "m0002_components"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        groups(manager).await?;
        components(manager).await?;
        periods(manager).await
    }
}

async fn groups(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "component_groups";
    let groups = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(optional_id("parent_id"))
        .col(text("name"))
        .col(text_null("description"))
        .col(integer("position").default(1))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut refers_to(table, "parent_id", table, "id"))
        .take();
    create(manager, groups, [index(table, ["page_id", "position"])]).await
}

async fn components(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "components";
    let components = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(optional_id("group_id"))
        .col(text("name"))
        .col(text_null("description"))
        .col(text_null("link"))
        .col(word("status", "operational"))
        .col(word("visibility", "public"))
        .col(integer("position").default(1))
        .col(flag("showcase", true))
        .col(flag("only_show_if_degraded", false))
        .col(date_null("start_date"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut refers_to(table, "group_id", "component_groups", "id"))
        .take();
    create(manager, components, [index(table, ["page_id", "position"]), index(table, ["group_id"])]).await
}

async fn periods(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "component_status_periods";
    let periods = Table::create()
        .table(table)
        .col(big_pk_auto("id"))
        .col(id("page_id"))
        .col(id("component_id"))
        .col(text("status"))
        .col(timestamp_with_time_zone("from_at"))
        .col(timestamp_with_time_zone_null("until_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "component_id", "components", "id"))
        .take();
    let mut one_open = index(table, ["component_id"]);
    one_open.name("ux_component_status_periods_open").unique().and_where(Expr::col("until_at").is_null());
    let indexes =
        [index(table, ["component_id", "from_at"]), index(table, ["page_id", "until_at"]), one_open];
    create(manager, periods, indexes).await
}
