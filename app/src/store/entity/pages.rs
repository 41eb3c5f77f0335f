//! Pages.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub revision: i64,
    pub commit: String,
    pub committed_at: DateTimeUtc,
    pub history_revision: i64,
    pub metrics_bumped_at: Option<DateTimeUtc>,
    /// Whether points came since then that make no revision before the minute is over.
    pub metrics_pending: bool,
    pub name: String,
    pub description: Option<String>,
    pub host: Option<String>,
    pub url: Option<String>,
    pub time_zone: String,
    pub language: String,
    pub support_url: Option<String>,
    pub hide_empty_days: bool,
    pub visibility: String,
    pub provisional: bool,
    pub branding: Option<Json>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
