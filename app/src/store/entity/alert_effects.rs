//! What a rule has open on the page.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_effects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule_id: String,
    pub page_id: String,
    pub component_id: Option<String>,
    /// What the rule wants the component to be.
    pub wanted_status: Option<String>,
    /// What it was before any rule moved it.
    pub base_status: Option<String>,
    /// When a rule moved it last; none, if that was somebody else.
    pub moved_at: Option<DateTimeUtc>,
    pub incident_id: Option<String>,
    /// The incident as the rule left it.
    pub incident_version: Option<i64>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
