//! Answers that are kept for a day, so that a call that comes again is not done again.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Change, Record, Result, StoreError, dialect, entity::idempotency_keys};
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

/// A key that a call has to itself, until another may take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    token: Id,
    key: String,
    until: DateTime<Utc>,
}

/// What a key says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is the first: it is to be done, and its answer kept.
    First(Taken),
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
        let held = dialect::locked(query, transaction.get_database_backend()).one(&transaction).await?;
        let taken = Taken { token: token.clone(), key: key.to_owned(), until: now + LEASE };
        let attempt = match &held {
            Some(held) if held.expires_at > now => judge(held, hash, now),
            _ => None,
        };
        if attempt.is_none() {
            let row = idempotency_keys::ActiveModel {
                token_id: Set(token.to_string()),
                key: Set(key.to_owned()),
                request_hash: Set(hash.to_owned()),
                status: Set(None),
                answer: Set(None),
                leased_until: Set(Some(taken.until)),
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
        Ok(attempt.unwrap_or(Attempt::First(taken)))
    }

    /// Keeps the answer of a call that was the first; without one, the key is free again. What another
    /// call has by now stays as it is.
    pub async fn end_attempt(&self, taken: &Taken, kept: Option<&Kept>) -> Result<()> {
        match kept {
            Some(kept) => taken.keep(kept, &self.0.writer).await.map(drop),
            None => {
                let ours = idempotency_keys::Entity::delete_many().filter(taken.ours());
                ours.exec(&self.0.writer).await?;
                Ok(())
            }
        }
    }

    /// Forgets what is older than a day.
    pub async fn forget_attempts(&self) -> Result<u64> {
        let now = self.0.now();
        let gone =
            idempotency_keys::Entity::delete_many().filter(idempotency_keys::Column::ExpiresAt.lte(now));
        Ok(gone.exec(&self.0.writer).await?.rows_affected)
    }
}

impl Change {
    /// Keeps what a call with a key is answered in the change itself, so that both are there or neither.
    pub fn answer(&mut self, taken: Taken, kept: Kept) {
        self.answer = Some((taken, kept));
    }

    pub(super) async fn keep_answer(&mut self) -> Result<()> {
        let Some((taken, kept)) = self.answer.take() else { return Ok(()) };
        if taken.keep(&kept, self.transaction()).await? {
            return Ok(());
        }
        let text = "Idempotency-Key: this call took so long that another one with it has taken its place";
        Err(StoreError::Conflict(text.to_owned()))
    }
}

impl Taken {
    /// The row of the key, as long as this call has it.
    fn ours(&self) -> sea_orm::Condition {
        sea_orm::Condition::all()
            .add(idempotency_keys::Column::TokenId.eq(self.token.as_str()))
            .add(idempotency_keys::Column::Key.eq(&*self.key))
            .add(idempotency_keys::Column::LeasedUntil.eq(self.until))
    }

    /// Writes the answer to the key, and says whether this call still has it.
    async fn keep(&self, kept: &Kept, connection: &impl ConnectionTrait) -> Result<bool> {
        let row = idempotency_keys::ActiveModel {
            status: Set(Some(i32::from(kept.status))),
            answer: Set(Some(kept.body.clone())),
            leased_until: Set(None),
            ..Default::default()
        };
        let ours = idempotency_keys::Entity::update_many().set(row).filter(self.ours());
        Ok(ours.exec(connection).await?.rows_affected > 0)
    }
}

/// What a row says of a call; nothing, if the call may take its place.
fn judge(held: &idempotency_keys::Model, hash: &str, now: DateTime<Utc>) -> Option<Attempt> {
    if held.request_hash != hash {
        return Some(Attempt::Other);
    }
    match (held.status.and_then(|status| u16::try_from(status).ok()), &held.answer) {
        (Some(status), Some(body)) => Some(Attempt::Done(Kept { status, body: body.clone() })),
        _ => held.leased_until.is_some_and(|until| until > now).then_some(Attempt::Running),
    }
}
