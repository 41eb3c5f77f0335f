//! Keys of addresses for what can send no headers. Only the hash of a key is kept.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub page_id: String,
    pub kind: String,
    pub name: String,
    pub prefix: String,
    pub key_hash: String,
    pub period_seconds: Option<i32>,
    pub last_seen_at: Option<DateTimeUtc>,
    pub missing: bool,
    pub topic_arn: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
