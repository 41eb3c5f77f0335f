//! Links that let somebody in once. Only their hashes are kept.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, prelude::Expr,
};
use serde_json::json;

use super::{
    Actor, NewUser, Record, Result, Secret, Store, StoreError,
    accounts::end_sessions,
    entity::{user_links, users},
    mails::notice,
    users::{find, insert, user},
};
use crate::domain::{
    Id,
    account::{Link, Purpose},
    id::random_text,
    letter::Notice,
    record::User,
};

/// Random characters of a link: 206 bits.
const LENGTH: usize = 40;
/// The most that one person has at a time, and as many for setting up; the oldest goes.
const MOST: u64 = 20;

impl Store {
    /// What a link lets somebody do, if it can be used still.
    pub async fn link(&self, token: &str) -> Result<Option<Link>> {
        self.check_up()?;
        let found = user_links::Entity::find_by_id(Secret::hash(token)).one(&self.reader).await?;
        let Some(row) = found.filter(|row| row.used_at.is_none() && row.expires_at > self.now()) else {
            return Ok(None);
        };
        let Some(purpose) = Purpose::parse(&row.purpose) else { return Ok(None) };
        let somebody = match &row.user_id {
            Some(id) => users::Entity::find_by_id(id.as_str()).one(&self.reader).await?,
            None => None,
        };
        let closed = somebody.as_ref().is_some_and(|user| user.disabled_at.is_some());
        if closed || (purpose == Purpose::SetUp && !self.has_nobody().await?) {
            return Ok(None);
        }
        Ok(Some(Link { purpose, user: somebody.map(user).transpose()?, expires_at: row.expires_at }))
    }
}

impl Record<'_> {
    /// Makes a link and gives what stands at its end, which can't be seen again. None where the
    /// installation is to be set up and is already.
    pub async fn create_link(
        &self,
        purpose: Purpose,
        whom: Option<&Id>,
        actor: &Actor,
    ) -> Result<Option<String>> {
        let (transaction, now) = self.alone().await?;
        let over = user_links::Column::ExpiresAt.lte(now);
        user_links::Entity::delete_many().filter(over).exec(&transaction).await?;
        if purpose == Purpose::SetUp && users::Entity::find().count(&transaction).await? > 0 {
            return Ok(None);
        }
        let of_them = match whom {
            Some(id) => user_links::Column::UserId.eq(id.as_str()),
            None => user_links::Column::UserId.is_null(),
        };
        if user_links::Entity::find().filter(of_them.clone()).count(&transaction).await? >= MOST {
            let oldest =
                user_links::Entity::find().filter(of_them).order_by_asc(user_links::Column::CreatedAt);
            if let Some(oldest) = oldest.one(&transaction).await? {
                user_links::Entity::delete_by_id(oldest.token_hash).exec(&transaction).await?;
            }
        }
        if let Some(id) = whom {
            find(&transaction, id).await?;
        }
        let token = random_text(LENGTH);
        let row = user_links::ActiveModel {
            token_hash: Set(Secret::hash(&token)),
            purpose: Set(purpose.as_str().to_owned()),
            user_id: Set(whom.map(ToString::to_string)),
            expires_at: Set(now + purpose.life()),
            used_at: Set(None),
            created_at: Set(now),
        };
        row.insert(&transaction).await?;
        if let Some(id) = whom {
            let told = json!({ "purpose": purpose.as_str() });
            let event = actor.event(None, now, "user.link", ("user", id), None, Some(told));
            event.insert(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(Some(token))
    }

    /// Uses a link that sets the installation up: its first owner, who has a password at once.
    pub async fn set_up(&self, token: &str, owner: NewUser, hash: String, address: &str) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        consume(&transaction, token, Purpose::SetUp, now).await?;
        if users::Entity::find().count(&transaction).await? > 0 {
            return Err(StoreError::Conflict("the installation is set up already".into()));
        }
        let actor = Actor::User { id: Id::random(), address: Some(address.to_owned()), request_id: None };
        let made = insert(&transaction, owner, &actor, now).await?;
        keep_password(&transaction, &made.id, hash).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Uses a link that has somebody choose a password. Their sessions end.
    pub async fn choose_password(
        &self,
        token: &str,
        link: &Link,
        hash: String,
        address: &str,
    ) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        let id = consume(&transaction, token, link.purpose, now).await?;
        let id = id.ok_or_else(|| StoreError::NotFound("this link".into()))?;
        let somebody = find(&transaction, &id).await?;
        keep_password(&transaction, &id, hash).await?;
        end_sessions(&transaction, &id, None).await?;
        drop_links(&transaction, &id).await?;
        if link.purpose == Purpose::Reset {
            notice(&transaction, &id, Notice::Password, now).await?;
        }
        let actor = Actor::User { id: id.clone(), address: Some(address.to_owned()), request_id: None };
        let event = actor.event(None, now, "user.password", ("user", &id), None, None);
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(somebody)
    }

    /// Uses a link that signs somebody in.
    pub async fn use_sign_in_link(&self, token: &str) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        let id = consume(&transaction, token, Purpose::SignIn, now).await?;
        let id = id.ok_or_else(|| StoreError::NotFound("this link".into()))?;
        let somebody = find(&transaction, &id).await?;
        transaction.commit().await?;
        Ok(somebody)
    }
}

/// Marks a link as used; of two who use it at once, one comes too late.
async fn consume(
    transaction: &DatabaseTransaction,
    token: &str,
    purpose: Purpose,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Id>> {
    let hash = Secret::hash(token);
    let used = user_links::Entity::update_many()
        .col_expr(user_links::Column::UsedAt, Expr::value(now))
        .filter(user_links::Column::TokenHash.eq(hash.as_str()))
        .filter(user_links::Column::Purpose.eq(purpose.as_str()))
        .filter(user_links::Column::UsedAt.is_null())
        .filter(user_links::Column::ExpiresAt.gt(now))
        .exec(transaction)
        .await?;
    if used.rows_affected == 0 {
        return Err(StoreError::NotFound("this link".into()));
    }
    let row = user_links::Entity::find_by_id(hash).one(transaction).await?;
    Ok(row.and_then(|row| row.user_id).and_then(|id| id.parse().ok()))
}

/// Forgets the links by which somebody could choose a password: one was just chosen.
pub(super) async fn drop_links(transaction: &DatabaseTransaction, id: &Id) -> Result<()> {
    let purposes = [Purpose::Invitation, Purpose::Reset].map(Purpose::as_str);
    user_links::Entity::delete_many()
        .filter(user_links::Column::UserId.eq(id.as_str()))
        .filter(user_links::Column::Purpose.is_in(purposes))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn keep_password(transaction: &DatabaseTransaction, id: &Id, hash: String) -> Result<()> {
    let row =
        users::ActiveModel { id: Set(id.to_string()), password_hash: Set(Some(hash)), ..Default::default() };
    row.update(transaction).await?;
    Ok(())
}
