//! What is to be mailed to the people who run the pages: a row each, so that a restart loses none. Who
//! sends one claims it first, which puts off its next try.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, prelude::Expr,
};

use super::{
    Actor, Change, Record, Result, Store, StoreError, convert, dialect,
    entity::{api_tokens, audit_events, incidents, mails, pages},
};
use crate::domain::{
    Id,
    letter::{Letter, Notice},
};

/// The most that wait at a time.
const MOST_WAITING: u64 = 10_000;
/// The most tries of one mail.
const MOST_TRIES: i32 = 10;
/// The pause after the first try, twice as long after each, and the longest. The first is longer than a
/// try may take.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// A mail that this process sends now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMail {
    pub id: Id,
    pub letter: Letter,
    /// Whether nobody tries again after this.
    pub is_last_try: bool,
}

impl Store {
    /// Whether there is a mail to be sent now.
    pub async fn has_due_mail(&self) -> Result<bool> {
        self.check_up()?;
        let due = mails::Entity::find().filter(mails::Column::NotBefore.lte(self.now()));
        Ok(due.one(&self.reader).await?.is_some())
    }
}

/// A promise to visitors that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatePromise {
    /// What the page is called, and in which zone it tells times.
    pub page: String,
    pub zone: Tz,
    /// What the incident is called.
    pub incident: String,
}

impl Store {
    /// Whether visitors still wait for what they were promised for this instant.
    pub async fn late_promise(
        &self,
        page: &Id,
        incident: &Id,
        promised: DateTime<Utc>,
    ) -> Result<Option<LatePromise>> {
        let row = incidents::Entity::find()
            .filter(incidents::Column::Id.eq(incident.as_str()))
            .filter(incidents::Column::PageId.eq(page.as_str()))
            .filter(incidents::Column::DeletedAt.is_null())
            .filter(incidents::Column::Draft.eq(false))
            .filter(incidents::Column::ResolvedAt.is_null())
            .filter(incidents::Column::NextUpdateAt.eq(promised))
            .one(&self.reader)
            .await?;
        let page = pages::Entity::find_by_id(page.as_str()).one(&self.reader).await?;
        Ok(row.zip(page).map(|(incident, page)| LatePromise {
            zone: page.time_zone.parse().unwrap_or(Tz::UTC),
            page: page.name,
            incident: incident.name,
        }))
    }
}

impl Record<'_> {
    /// Keeps a mail that is to be sent now.
    pub async fn post(&self, letter: &Letter) -> Result<()> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        put(&transaction, letter, now, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Claims the mail that has been due for longest, and forgets what is too late.
    pub async fn claim_mail(&self) -> Result<Option<DueMail>> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        mails::Entity::delete_many().filter(mails::Column::ExpiresAt.lte(now)).exec(&transaction).await?;
        let due = mails::Entity::find()
            .filter(mails::Column::NotBefore.lte(now))
            .order_by_asc(mails::Column::NotBefore)
            .order_by_asc(mails::Column::Id);
        let Some(row) = due.one(&transaction).await? else {
            transaction.commit().await?;
            return Ok(None);
        };
        let attempts = row.attempts.saturating_add(1);
        let claimed = mails::Entity::update_many()
            .col_expr(mails::Column::Attempts, Expr::value(attempts))
            .col_expr(mails::Column::NotBefore, Expr::value(now + pause(attempts)))
            .filter(mails::Column::Id.eq(row.id.as_str()))
            .filter(mails::Column::Attempts.eq(row.attempts))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        if claimed.rows_affected == 0 {
            return Ok(None);
        }
        let unreadable = |_| StoreError::Unreadable {
            table: "mails",
            id: row.id.clone(),
            column: "letter",
            value: "of another release".into(),
        };
        let letter: Letter = serde_json::from_str(&row.letter).map_err(unreadable)?;
        let is_last_try = attempts >= MOST_TRIES || now + pause(attempts) >= row.expires_at;
        Ok(Some(DueMail { id: convert::id("mails", &row.id)?, letter, is_last_try }))
    }

    /// Forgets a mail that was sent, or that nobody can send.
    pub async fn forget_mail(&self, id: &Id) -> Result<()> {
        mails::Entity::delete_by_id(id.as_str()).exec(&self.0.writer).await?;
        Ok(())
    }
}

fn pause(attempts: i32) -> TimeDelta {
    let doublings = attempts.clamp(1, 12) - 1;
    (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

/// Keeps a mail as part of what it tells of.
pub(super) async fn put(
    transaction: &DatabaseTransaction,
    letter: &Letter,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    if mails::Entity::find().count(transaction).await? >= MOST_WAITING {
        tracing::error!(mail.kind = letter.name(), "too many mails wait; this one is not kept");
        return Ok(());
    }
    let text = serde_json::to_string(letter).map_err(|error| StoreError::Refused(error.to_string()))?;
    let row = mails::ActiveModel {
        id: Set(Id::random().into()),
        letter: Set(text),
        incident_id: Set(letter.incident().map(ToString::to_string)),
        attempts: Set(0),
        not_before: Set(at),
        expires_at: Set(at + letter.life()),
        created_at: Set(now),
    };
    row.insert(transaction).await?;
    Ok(())
}

/// Tells somebody that how they sign in was changed.
pub(super) async fn notice(
    transaction: &DatabaseTransaction,
    user: &Id,
    what: Notice,
    now: DateTime<Utc>,
) -> Result<()> {
    put(transaction, &Letter::Notice { user: user.clone(), what }, now, now).await
}

impl Change {
    /// Has whoever promises visitors an update be reminded when it is late; what was promised before is
    /// not reminded of any more.
    pub(super) async fn remind(&mut self, incident: &Id, promised: Option<DateTime<Utc>>) -> Result<()> {
        let before = mails::Column::IncidentId.eq(incident.as_str());
        mails::Entity::delete_many().filter(before).exec(self.transaction()).await?;
        let Some(promised) = promised else { return Ok(()) };
        let Some(user) = self.who_promises(incident).await? else { return Ok(()) };
        let letter =
            Letter::Reminder { page: self.page_id.clone(), incident: incident.clone(), promised, user };
        put(self.transaction(), &letter, promised, self.at).await
    }

    /// Who makes this change, else whose token does, else who opened the incident.
    async fn who_promises(&self, incident: &Id) -> Result<Option<Id>> {
        let of_token = match self.actor() {
            Actor::User { id, .. } => return Ok(Some(id.clone())),
            Actor::Token { id, .. } => {
                let token = api_tokens::Entity::find_by_id(id.as_str()).one(self.transaction()).await?;
                token.and_then(|token| token.user_id)
            }
            _ => None,
        };
        let opened = audit_events::Entity::find()
            .filter(audit_events::Column::Action.eq("incident.create"))
            .filter(audit_events::Column::TargetId.eq(incident.as_str()))
            .filter(audit_events::Column::ActorKind.eq("user"));
        let id = match of_token {
            Some(id) => Some(id),
            None => opened.one(self.transaction()).await?.and_then(|event| event.actor_id),
        };
        Ok(id.and_then(|id| id.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!((pause(1), pause(2), pause(3)), (FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4));
        assert_eq!((pause(10), pause(i32::MAX)), (LONGEST_PAUSE, LONGEST_PAUSE));
    }
}
