//! The alerts that are known, each once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub page_id: String,
    pub source: String,
    pub fingerprint: String,
    pub rule_id: Option<String>,
    pub state: String,
    pub since: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    pub due_at: Option<DateTimeUtc>,
    pub labels: Json,
    pub summary: String,
    pub changes: Option<Json>,
    pub flapping: bool,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
