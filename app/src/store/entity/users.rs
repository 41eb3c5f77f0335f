//! The people who run the pages.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// Argon2id, in the PHC string format; none until they chose one.
    pub password_hash: Option<String>,
    /// Sealed with an application key.
    pub totp_secret: Option<String>,
    /// When they showed that their device holds the secret; until then nobody is asked for a code.
    pub totp_confirmed_at: Option<DateTimeUtc>,
    /// The last step of 30 seconds whose code was used.
    pub totp_last_step: Option<i64>,
    pub last_signed_in_at: Option<DateTimeUtc>,
    pub disabled_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
