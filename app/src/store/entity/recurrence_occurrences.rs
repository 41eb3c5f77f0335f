//! What was planned of a series.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recurrence_occurrences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub recurrence_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub begins_at: DateTimeUtc,
    pub page_id: String,
    pub incident_id: String,
    pub incident_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
