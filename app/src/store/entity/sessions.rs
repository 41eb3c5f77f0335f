//! Who is signed in to the console, on which device.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    /// What it is called where it is listed.
    pub id: Option<String>,
    pub user_id: String,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// By what they signed in; unknown where that was before it was noted.
    pub method: Option<String>,
    /// When who is signed in last showed that it is still them.
    pub confirmed_at: Option<DateTimeUtc>,
    pub last_used_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
