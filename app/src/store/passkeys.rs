//! Keys that devices hold.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    prelude::Expr,
};

use super::{
    Actor, Record, Result, Store, StoreError, accounts::end_sessions, convert, entity::passkeys,
    mails::notice,
};
use crate::domain::{Id, letter::Notice};

/// The most that one person has.
const MOST: u64 = 20;

/// A key of somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    pub id: Id,
    pub user: Id,
    /// What they call it.
    pub name: String,
    pub credential_id: String,
    pub public_key: String,
    pub counter: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A key that a device has just made.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    pub name: String,
    pub credential_id: String,
    pub public_key: String,
    pub counter: String,
}

impl Store {
    /// Somebody's keys, oldest first.
    pub async fn passkeys(&self, user: &Id) -> Result<Vec<Passkey>> {
        let rows = passkeys::Entity::find()
            .filter(passkeys::Column::UserId.eq(user.as_str()))
            .order_by_asc(passkeys::Column::CreatedAt)
            .order_by_asc(passkeys::Column::Id);
        rows.all(&self.reader).await?.into_iter().map(passkey).collect()
    }

    /// The key that a device calls by this.
    pub async fn passkey(&self, credential_id: &str) -> Result<Option<Passkey>> {
        let found = passkeys::Entity::find().filter(passkeys::Column::CredentialId.eq(credential_id));
        found.one(&self.reader).await?.map(passkey).transpose()
    }
}

impl Record<'_> {
    /// Keeps a key of somebody's. Every session but `keep` ends.
    pub async fn add_passkey(
        &self,
        user: &Id,
        new: NewPasskey,
        keep: Option<&Id>,
        actor: &Actor,
    ) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let of_user = passkeys::Entity::find().filter(passkeys::Column::UserId.eq(user.as_str()));
        if of_user.count(&transaction).await? >= MOST {
            return Err(StoreError::Refused(format!("There are at most {MOST} passkeys; remove one first.")));
        }
        let same = passkeys::Column::CredentialId.eq(new.credential_id.as_str());
        if passkeys::Entity::find().filter(same).one(&transaction).await?.is_some() {
            return Err(StoreError::Refused("This passkey is known already.".into()));
        }
        let row = passkeys::ActiveModel {
            id: Set(Id::random().into()),
            user_id: Set(user.to_string()),
            name: Set(new.name),
            credential_id: Set(new.credential_id),
            public_key: Set(new.public_key),
            counter: Set(new.counter),
            last_used_at: Set(None),
            created_at: Set(now),
        };
        row.insert(&transaction).await?;
        end_sessions(&transaction, user, keep).await?;
        notice(&transaction, user, Notice::PasskeyAdded, now).await?;
        let event = actor.event(None, now, "user.passkey", ("user", user), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets one of somebody's keys. Every session but `keep` ends.
    pub async fn remove_passkey(&self, user: &Id, id: &Id, keep: Option<&Id>, actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let gone = passkeys::Entity::delete_many()
            .filter(passkeys::Column::UserId.eq(user.as_str()))
            .filter(passkeys::Column::Id.eq(id.as_str()))
            .exec(&transaction)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::NotFound(format!("passkey {id}")));
        }
        end_sessions(&transaction, user, keep).await?;
        notice(&transaction, user, Notice::PasskeyRemoved, now).await?;
        let event = actor.event(None, now, "user.passkey_off", ("user", user), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Writes down that a key was used. Of two who use it with the same counter, one comes too late.
    pub async fn passkey_used(&self, key: &Passkey, counter: &str) -> Result<bool> {
        let used = passkeys::Entity::update_many()
            .col_expr(passkeys::Column::Counter, Expr::value(counter))
            .col_expr(passkeys::Column::LastUsedAt, Expr::value(self.0.now()))
            .filter(passkeys::Column::Id.eq(key.id.as_str()))
            .filter(passkeys::Column::Counter.eq(key.counter.as_str()))
            .exec(&self.0.writer)
            .await?;
        Ok(used.rows_affected > 0)
    }
}

fn passkey(row: passkeys::Model) -> Result<Passkey> {
    Ok(Passkey {
        id: convert::id("passkeys", &row.id)?,
        user: convert::id("passkeys", &row.user_id)?,
        name: row.name,
        credential_id: row.credential_id,
        public_key: row.public_key,
        counter: row.counter,
        last_used_at: row.last_used_at,
        created_at: row.created_at,
    })
}
