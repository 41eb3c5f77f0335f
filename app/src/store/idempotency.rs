//! Answers that are kept for a day, so that a call that comes again is not done again.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Record, Result, StoreError, dialect, entity::idempotency_keys};
use crate::domain::Id;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long the first call may run before another may take its place.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub status: u16,
    pub body: String,
}

/// What a key says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is the first: it is to be done, and its answer kept.
    First,
    /// It was done: this was the answer.
    Done(Kept),
    /// It is being done just now.
    Running,
    /// The key was used for another call.
    Other,
}

impl Record<'_> {
    /// Takes a key for a call of this hash.
    pub async fn begin_attempt(&self, token: &Id, key: &str, hash: &str) -> Result<Attempt> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let query = idempotency_keys::Entity::find_by_id((token.to_string(), key.to_owned()));
        let backend = sea_orm::ConnectionTrait::get_database_backend(&transaction);
        let held = dialect::locked(query, backend).one(&transaction).await?;
        let attempt = match &held {
            Some(held) if held.expires_at > now => judge(held, hash, now),
            _ => Attempt::First,
        };
        if attempt == Attempt::First {
            let row = idempotency_keys::ActiveModel {
                token_id: Set(token.to_string()),
                key: Set(key.to_owned()),
                request_hash: Set(hash.to_owned()),
                status: Set(None),
                answer: Set(None),
                leased_until: Set(Some(now + LEASE)),
                expires_at: Set(now + KEPT),
                created_at: Set(now),
            };
            // What is held is locked. Where nothing is, another call of the same key may put its row
            // here just now: one of the two fails.
            let kept = match held {
                Some(_) => row.update(&transaction).await,
                None => row.insert(&transaction).await,
            };
            if let Err(error) = kept {
                return match error.sql_err() {
                    Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Ok(Attempt::Running),
                    _ => Err(error.into()),
                };
            }
        }
        transaction.commit().await?;
        Ok(attempt)
    }

    /// Keeps the answer of a call that was the first; without one, the key is free again.
    pub async fn end_attempt(&self, token: &Id, key: &str, kept: Option<Kept>) -> Result<()> {
        let id = (token.to_string(), key.to_owned());
        let Some(kept) = kept else {
            idempotency_keys::Entity::delete_by_id(id).exec(&self.0.writer).await?;
            return Ok(());
        };
        let held = idempotency_keys::Entity::find_by_id(id).one(&self.0.writer).await?;
        let held = held.ok_or_else(|| StoreError::NotFound(format!("Idempotency-Key {key}")))?;
        let mut row = held.into_active_model();
        row.status = Set(Some(i32::from(kept.status)));
        row.answer = Set(Some(kept.body));
        row.leased_until = Set(None);
        row.update(&self.0.writer).await?;
        Ok(())
    }

    /// Forgets what is older than a day.
    pub async fn forget_attempts(&self) -> Result<u64> {
        let now = self.0.now();
        let gone =
            idempotency_keys::Entity::delete_many().filter(idempotency_keys::Column::ExpiresAt.lte(now));
        Ok(gone.exec(&self.0.writer).await?.rows_affected)
    }
}

fn judge(held: &idempotency_keys::Model, hash: &str, now: DateTime<Utc>) -> Attempt {
    if held.request_hash != hash {
        return Attempt::Other;
    }
    match (held.status.and_then(|status| u16::try_from(status).ok()), &held.answer) {
        (Some(status), Some(body)) => Attempt::Done(Kept { status, body: body.clone() }),
        _ if held.leased_until.is_some_and(|until| until > now) => Attempt::Running,
        _ => Attempt::First,
    }
}
