//! The outbox: what subscribers are to be told.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub page_id: String,
    pub event: String,
    pub incident_update_id: Option<String>,
    pub payload: Option<Json>,
    pub state: String,
    pub not_before: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub trace_context: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
