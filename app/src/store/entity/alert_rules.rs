//! What is done about alerts of some kind.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_rules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub page_id: String,
    pub name: String,
    pub position: i32,
    pub matchers: Json,
    pub component_id: Option<String>,
    pub component_status: Option<String>,
    pub template_id: Option<String>,
    pub notify: bool,
    pub for_seconds: i32,
    pub hold_seconds: i32,
    pub flap_limit: i32,
    pub disabled: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
