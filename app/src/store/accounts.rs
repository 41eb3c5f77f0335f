//! What people sign in with, and what becomes of their accounts.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};
use serde_json::json;

use super::{
    Actor, Record, Result, Store, StoreError, dialect,
    entity::{sessions, users},
    links::drop_links,
    mails::notice,
    users::{another_owner, audited, find, user},
};
use crate::domain::{Id, letter::Notice, record::User, role::Role};

/// Somebody, and what they sign in with.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: User,
    /// Argon2id, in the PHC string format.
    pub password_hash: Option<String>,
    /// Sealed with an application key; only where the device was confirmed.
    pub totp_secret: Option<String>,
    /// The same while the device is not confirmed yet.
    pub totp_pending: Option<String>,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Whether nobody is there yet who could sign in.
    pub async fn has_nobody(&self) -> Result<bool> {
        Ok(users::Entity::find().count(&self.reader).await? == 0)
    }

    /// Who has this address.
    pub async fn credentials_of(&self, email: &str) -> Result<Option<Credentials>> {
        let found = users::Entity::find().filter(users::Column::Email.eq(email));
        found.one(&self.reader).await?.map(credentials).transpose()
    }

    /// What somebody signs in with.
    pub async fn credentials(&self, id: &Id) -> Result<Credentials> {
        let found = users::Entity::find_by_id(id.as_str()).one(&self.reader).await?;
        credentials(found.ok_or_else(|| StoreError::NotFound(format!("user {id}")))?)
    }
}

pub(super) fn credentials(row: users::Model) -> Result<Credentials> {
    let (password_hash, secret) = (row.password_hash.clone(), row.totp_secret.clone());
    let (confirmed, last_signed_in_at) = (row.totp_confirmed_at.is_some(), row.last_signed_in_at);
    let (totp_secret, totp_pending) = if confirmed { (secret, None) } else { (None, secret) };
    Ok(Credentials { user: user(row)?, password_hash, totp_secret, totp_pending, last_signed_in_at })
}

impl Record<'_> {
    /// Gives somebody another password. Every session but the one that is named ends.
    pub async fn set_password(&self, id: &Id, hash: String, keep: Option<&Id>, actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        find(&transaction, id).await?;
        let row = users::ActiveModel {
            id: Set(id.to_string()),
            password_hash: Set(Some(hash)),
            updated_at: Set(now),
            ..Default::default()
        };
        row.update(&transaction).await?;
        end_sessions(&transaction, id, keep).await?;
        drop_links(&transaction, id).await?;
        notice(&transaction, id, Notice::Password, now).await?;
        let event = actor.event(None, now, "user.password", ("user", id), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Gives somebody another role. The last owner stays one.
    pub async fn set_role(&self, id: &Id, role: Role, actor: &Actor) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        let before = find(&transaction, id).await?;
        if before.role == Role::Owner && role != Role::Owner {
            keep_an_owner(&transaction, id).await?;
        }
        let row = users::ActiveModel {
            id: Set(id.to_string()),
            role: Set(role.as_str().to_owned()),
            updated_at: Set(now),
            ..Default::default()
        };
        let after = user(row.update(&transaction).await?)?;
        let event =
            actor.event(None, now, "user.role", ("user", id), Some(audited(&before)), Some(audited(&after)));
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(after)
    }

    /// Closes somebody's account, and ends their sessions; or opens it again. One owner stays.
    pub async fn set_disabled(&self, id: &Id, disabled: bool, actor: &Actor) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        let before = find(&transaction, id).await?;
        if disabled && before.role == Role::Owner {
            keep_an_owner(&transaction, id).await?;
        }
        let row = users::ActiveModel {
            id: Set(id.to_string()),
            disabled_at: Set(disabled.then(|| before.disabled_at.unwrap_or(now))),
            updated_at: Set(now),
            ..Default::default()
        };
        let after = user(row.update(&transaction).await?)?;
        if disabled {
            end_sessions(&transaction, id, None).await?;
        }
        let action = if disabled { "user.disable" } else { "user.enable" };
        let told = |user: &User| Some(json!({ "disabled": user.disabled_at.is_some() }));
        let event = actor.event(None, now, action, ("user", id), told(&before), told(&after));
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(after)
    }

    /// A writing transaction beside which nobody else changes people, and its instant.
    pub(super) async fn alone(&self) -> Result<(DatabaseTransaction, DateTime<Utc>)> {
        let transaction = self.0.write().await?;
        dialect::alone(&transaction).await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        Ok((transaction, now))
    }
}

async fn keep_an_owner(transaction: &DatabaseTransaction, id: &Id) -> Result<()> {
    if another_owner(transaction, id).await? {
        return Ok(());
    }
    let text = format!("user {id} is the last owner; make somebody else an owner first");
    Err(StoreError::Conflict(text))
}

/// Signs somebody out everywhere but in one place.
pub(super) async fn end_sessions(
    transaction: &DatabaseTransaction,
    user: &Id,
    keep: Option<&Id>,
) -> Result<()> {
    let mut ended = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user.as_str()));
    if let Some(keep) = keep {
        ended = ended.filter(sessions::Column::Id.ne(keep.as_str()));
    }
    ended.exec(transaction).await?;
    Ok(())
}

/// Writes down that somebody signed in.
pub(super) async fn signed_in(
    transaction: &DatabaseTransaction,
    row: users::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut row = row.into_active_model();
    row.last_signed_in_at = Set(Some(now));
    row.update(transaction).await?;
    Ok(())
}
