//! The door for whatever a visitor can see: no commit without a new revision, an audit event, and
//! a notification where somebody is to be told.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ConnectionTrait, DatabaseTransaction, EntityTrait,
    prelude::Json,
};

use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::{
    HOLD_BACK, Kept, Result, Store, StoreError, dialect,
    entity::{audit_events, notifications, pages},
    idempotency::Taken,
};
use crate::{
    domain::{Id, state::Version},
    telemetry::traces,
};

/// A notification that nobody could send by then is stale and is not sent any more.
pub(super) const NOTIFICATION_LIFE: TimeDelta = TimeDelta::hours(6);

/// Who makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The program itself: a clock, a rule.
    System,
    /// Somebody at the command line of the machine.
    CommandLine,
    /// A program with a token of the management API.
    Token { id: Id, address: Option<String>, request_id: Option<String> },
    /// Somebody who is signed in to the console.
    User { id: Id, address: Option<String>, request_id: Option<String> },
    /// A rule, because of what monitoring said with a token or a key, or because time has passed.
    Alert { told_by: Option<Id>, address: Option<String>, request_id: Option<String> },
}

impl Actor {
    fn kind(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::CommandLine => "command_line",
            Self::Token { .. } => "token",
            Self::User { .. } => "user",
            Self::Alert { .. } => "alert",
        }
    }

    /// Who it is, from which address, in which request.
    fn traces(&self) -> (Option<String>, Option<String>, Option<String>) {
        match self {
            Self::System | Self::CommandLine => (None, None, None),
            Self::Token { id, address, request_id } | Self::User { id, address, request_id } => {
                (Some(id.to_string()), address.clone(), request_id.clone())
            }
            Self::Alert { told_by, address, request_id } => {
                (told_by.as_ref().map(ToString::to_string), address.clone(), request_id.clone())
            }
        }
    }
}

impl Actor {
    /// What they did, for the audit.
    pub(super) fn event(
        &self,
        page: Option<&Id>,
        at: DateTime<Utc>,
        action: &str,
        (target_kind, target_id): (&str, &Id),
        before: Option<Json>,
        after: Option<Json>,
    ) -> audit_events::ActiveModel {
        let (actor_id, address, request_id) = self.traces();
        audit_events::ActiveModel {
            id: NotSet,
            page_id: Set(page.map(ToString::to_string)),
            at: Set(at),
            actor_kind: Set(self.kind().to_owned()),
            actor_id: Set(actor_id),
            address: Set(address),
            request_id: Set(request_id),
            action: Set(action.to_owned()),
            target_kind: Set(Some(target_kind.to_owned())),
            target_id: Set(Some(target_id.to_string())),
            before: Set(before),
            after: Set(after),
        }
    }
}

/// A change that was committed: which page is at which version now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub page_id: Id,
    pub version: Version,
}

/// What subscribers are to be told of a change.
#[derive(Debug)]
pub(super) struct Notice {
    pub event: &'static str,
    pub incident_update_id: Option<Id>,
    pub payload: Option<Json>,
    /// Whether it is to be delivered; one that is not is kept, for the record.
    pub deliver: bool,
}

/// A change of one page under way. Its row is locked, so that two changes never read the same
/// statuses; dropped without a commit, nothing of it happened.
#[derive(Debug)]
pub struct Change {
    transaction: DatabaseTransaction,
    pub(super) page: pages::Model,
    pub(super) page_id: Id,
    /// The instant of the change, by the database's clock.
    pub(super) at: DateTime<Utc>,
    actor: Actor,
    events: Vec<audit_events::ActiveModel>,
    pub(super) notice: Option<Notice>,
    /// Whom to ask whether they want to be told.
    pub(super) confirmations: Vec<Id>,
    /// Whether something was touched that old incidents' pages show: incidents and maintenances,
    /// and what the page and its components are called.
    pub(super) history: bool,
    /// How long what is to be told waits, so that it can be taken back.
    hold_back: TimeDelta,
    /// Whether the page still gives way to another after this change.
    pub(super) provisional: bool,
    /// What the page says of its last change; the change's own instant if nothing else is known.
    pub(super) updated_at: Option<DateTime<Utc>>,
    /// What the call that makes it is answered, for the key that it came with.
    pub(super) answer: Option<(Taken, Kept)>,
    /// Its place among those who change the page from here.
    _turn: OwnedSemaphorePermit,
}

impl Store {
    /// Begins a change of `page_id`.
    pub async fn change(&self, page_id: &Id, actor: Actor) -> Result<Change> {
        let turn = self.turns.take(page_id).await?;
        let transaction = self.write().await?;
        let at = dialect::now(&transaction, &self.clock).await?;
        Change::begin(transaction, turn, page_id, actor, at).await
    }
}

impl Change {
    pub(super) async fn begin(
        transaction: DatabaseTransaction,
        turn: OwnedSemaphorePermit,
        page_id: &Id,
        actor: Actor,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let query =
            dialect::locked(pages::Entity::find_by_id(page_id.as_str()), transaction.get_database_backend());
        let page = query.one(&transaction).await?;
        let page = page.ok_or_else(|| StoreError::NotFound(format!("page {page_id}")))?;
        Ok(Self {
            // A lock may have been waited for: time does not run backwards from one revision to the next.
            at: at.max(page.committed_at),
            transaction,
            page,
            page_id: page_id.clone(),
            actor,
            events: vec![],
            notice: None,
            confirmations: vec![],
            history: false,
            hold_back: TimeDelta::zero(),
            provisional: false,
            updated_at: None,
            answer: None,
            _turn: turn,
        })
    }

    /// Whether this change would tell subscribers.
    pub fn tells(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.deliver)
    }

    /// Tells subscribers only after a moment in which it can be taken back.
    pub fn hold_back(&mut self) {
        self.hold_back = HOLD_BACK;
    }

    pub(super) fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(super) fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Notes what was done, for the audit.
    pub(super) fn audit(
        &mut self,
        action: &str,
        target_kind: &str,
        target_id: &Id,
        before: Option<Json>,
        after: Option<Json>,
    ) {
        let target = (target_kind, target_id);
        let event = self.actor.event(Some(&self.page_id), self.at, action, target, before, after);
        self.events.push(event);
    }

    /// Notes whom to tell. A change makes one notification: what it says of an incident goes
    /// before what it says of a component.
    pub(super) fn notify(&mut self, notice: Notice) {
        let outranked =
            |held: &Notice| held.incident_update_id.is_some() && notice.incident_update_id.is_none();
        if !self.notice.as_ref().is_some_and(outranked) {
            self.notice = Some(notice);
        }
    }

    /// Makes it so: the next revision, the audit events and the notification, or nothing at all.
    pub async fn commit(self) -> Result<Committed> {
        let span =
            tracing::info_span!("commit", page.id = %self.page_id, page.revision = self.page.revision + 1);
        self.make_it_so().instrument(span).await
    }

    async fn make_it_so(mut self) -> Result<Committed> {
        let commit = Id::random();
        let revision = self.page.revision + 1;
        let row = pages::ActiveModel {
            id: Set(self.page.id.clone()),
            revision: Set(revision),
            commit: Set(commit.to_string()),
            committed_at: Set(self.at),
            history_revision: Set(self.page.history_revision + i64::from(self.history)),
            updated_at: Set(self.updated_at.unwrap_or(self.at)),
            provisional: Set(self.provisional),
            version: Set(self.page.version + 1),
            ..Default::default()
        };
        row.update(&self.transaction).await?;
        self.write_down().await?;
        // Whoever hears of it goes on with the trace, if there is one.
        let trace = traces::carried().map(|trace| format!(" {trace}")).unwrap_or_default();
        let news = format!("{} {revision} {commit}{trace}", self.page_id);
        dialect::notify(&self.transaction, &news).await?;
        self.transaction.commit().await?;
        Ok(Committed { page_id: self.page_id, version: Version { revision, commit } })
    }

    /// Keeps what no visitor sees, such as who is told of news: audited, but without a revision.
    pub async fn commit_unseen(mut self) -> Result<()> {
        if self.page.provisional {
            // The page that takes a provisional one's place would take this with it.
            let row = pages::ActiveModel {
                id: Set(self.page.id.clone()),
                provisional: Set(false),
                ..Default::default()
            };
            row.update(&self.transaction).await?;
        }
        self.write_down().await?;
        Ok(self.transaction.commit().await?)
    }

    /// The audit events, what is to be told, and what the caller is answered.
    async fn write_down(&mut self) -> Result<()> {
        self.keep_answer().await?;
        for events in std::mem::take(&mut self.events).chunks(500) {
            audit_events::Entity::insert_many(events.iter().cloned()).exec(&self.transaction).await?;
        }
        let confirmations = std::mem::take(&mut self.confirmations).into_iter().map(|id| Notice {
            event: "subscriber_confirmation",
            incident_update_id: None,
            payload: Some(json!({ "subscriber_id": id })),
            deliver: true,
        });
        let told = self.notice.take().map(|notice| self.outbox(notice, self.hold_back));
        let asked = confirmations.map(|notice| self.outbox(notice, TimeDelta::zero()));
        let rows: Vec<_> = told.into_iter().chain(asked).collect();
        for some in rows.chunks(500) {
            let insert = notifications::Entity::insert_many(some.iter().cloned());
            insert.exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

    fn outbox(&self, notice: Notice, wait: TimeDelta) -> notifications::ActiveModel {
        notifications::ActiveModel {
            id: Set(Id::random().into()),
            page_id: Set(self.page_id.to_string()),
            event: Set(notice.event.to_owned()),
            incident_update_id: Set(notice.incident_update_id.map(String::from)),
            payload: Set(notice.payload),
            state: Set(if notice.deliver { "pending" } else { "suppressed" }.to_owned()),
            not_before: Set(self.at + wait),
            expires_at: Set(self.at + wait + NOTIFICATION_LIFE),
            // Whoever delivers it goes on with the trace.
            trace_context: Set(traces::carried()),
            created_at: Set(self.at),
        }
    }
}
