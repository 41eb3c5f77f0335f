//! Who is signed in to the console. Only hashes of what browsers hold are kept.

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, prelude::Expr,
};

use super::{
    Actor, Record, Result, Secret, Store, StoreError,
    accounts::{Credentials, credentials, signed_in},
    convert,
    entity::{sessions, users},
};
use crate::domain::{
    Id,
    account::{LONGEST, Session},
};

/// The last use is written down at most this often.
const USE_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The most places where one person is signed in; the oldest goes.
const MOST_SESSIONS: u64 = 50;

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub user: Id,
    /// What the browser will hold.
    pub token: String,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// By what they signed in: `password`, `code`, `invitation`, `reset`, `link`, `sso`, `passkey`.
    pub by: &'static str,
    /// Whether they showed just now who they are.
    pub is_confirmed: bool,
}

impl Store {
    /// The session that a browser holds, and whose it is; none that is over, nor of an account that
    /// is closed.
    pub async fn session(&self, token: &str) -> Result<Option<(Session, Credentials)>> {
        self.check_up()?;
        let found = sessions::Entity::find_by_id(Secret::hash(token)).one(&self.reader).await?;
        let Some(row) = found else { return Ok(None) };
        let user = users::Entity::find_by_id(row.user_id.as_str()).one(&self.reader).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
        let session = session(row)?;
        Ok(if session.is_alive(self.now()) { Some((session, credentials(user)?)) } else { None })
    }

    /// Where somebody is signed in, latest use first.
    pub async fn sessions(&self, user: &Id) -> Result<Vec<Session>> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user.as_str()))
            .order_by_desc(sessions::Column::LastUsedAt)
            .limit(MOST_SESSIONS)
            .all(&self.reader)
            .await?;
        let now = self.now();
        let all: Result<Vec<Session>> = rows.into_iter().map(session).collect();
        Ok(all?.into_iter().filter(|session| session.is_alive(now)).collect())
    }
}

impl Record<'_> {
    /// Signs somebody in.
    pub async fn begin_session(&self, new: NewSession) -> Result<Session> {
        let (transaction, now) = self.alone().await?;
        let user = users::Entity::find_by_id(new.user.as_str()).one(&transaction).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let user = user.ok_or_else(|| StoreError::NotFound(format!("user {}", new.user)))?;
        signed_in(&transaction, user, now).await?;
        let of_user = sessions::Column::UserId.eq(new.user.as_str());
        if sessions::Entity::find().filter(of_user.clone()).count(&transaction).await? >= MOST_SESSIONS {
            let oldest = sessions::Entity::find().filter(of_user).order_by_asc(sessions::Column::LastUsedAt);
            if let Some(oldest) = oldest.one(&transaction).await? {
                sessions::Entity::delete_by_id(oldest.token_hash).exec(&transaction).await?;
            }
        }
        let actor = Actor::User { id: new.user.clone(), address: new.address.clone(), request_id: None };
        let row = sessions::ActiveModel {
            token_hash: Set(Secret::hash(&new.token)),
            id: Set(Some(Id::random().into())),
            user_id: Set(new.user.to_string()),
            address: Set(new.address),
            user_agent: Set(new.user_agent),
            method: Set(Some(new.by.to_owned())),
            confirmed_at: Set(new.is_confirmed.then_some(now)),
            last_used_at: Set(now),
            expires_at: Set(now + LONGEST),
            created_at: Set(now),
        };
        let begun = session(row.insert(&transaction).await?)?;
        let told = serde_json::json!({ "by": new.by });
        let event = actor.event(None, now, "session.begin", ("user", &new.user), None, Some(told));
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(begun)
    }

    /// Writes down that a session was used, if that was not done a moment ago.
    pub async fn session_used(&self, session: &Session) -> Result<()> {
        let now = self.0.now();
        if now - session.last_used_at < USE_INTERVAL {
            return Ok(());
        }
        self.mark(session, sessions::Column::LastUsedAt).await
    }

    /// Writes down that who is signed in showed once more that it is them.
    pub async fn session_confirmed(&self, session: &Session) -> Result<()> {
        self.mark(session, sessions::Column::ConfirmedAt).await
    }

    async fn mark(&self, session: &Session, column: sessions::Column) -> Result<()> {
        sessions::Entity::update_many()
            .col_expr(column, Expr::value(self.0.now()))
            .filter(sessions::Column::Id.eq(session.id.as_str()))
            .exec(&self.0.writer)
            .await?;
        Ok(())
    }

    /// Signs somebody out in one place.
    pub async fn end_session(&self, user: &Id, id: &Id, actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let ended = sessions::Entity::delete_many()
            .filter(sessions::Column::UserId.eq(user.as_str()))
            .filter(sessions::Column::Id.eq(id.as_str()))
            .exec(&transaction)
            .await?;
        if ended.rows_affected == 0 {
            return Err(StoreError::NotFound(format!("session {id}")));
        }
        actor.event(None, now, "session.end", ("user", user), None, None).insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets sessions that are over.
    pub async fn forget_sessions(&self) -> Result<u64> {
        let over = sessions::Column::ExpiresAt.lte(self.0.now());
        Ok(sessions::Entity::delete_many().filter(over).exec(&self.0.writer).await?.rows_affected)
    }
}

fn session(row: sessions::Model) -> Result<Session> {
    Ok(Session {
        id: convert::id("sessions", row.id.as_deref().unwrap_or_default())?,
        address: row.address,
        user_agent: row.user_agent,
        is_strong: matches!(row.method.as_deref(), Some("sso" | "passkey")),
        is_by_provider: matches!(row.method.as_deref(), Some("sso" | "link")),
        confirmed_at: row.confirmed_at,
        last_used_at: row.last_used_at,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}
