//! What was done, by whom.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::{Slice, View};
use crate::{
    domain::{Id, record::AuditEvent},
    store::{
        Result,
        entity::{api_tokens, audit_events, users},
    },
};

/// The most people, programs and kinds that a page's events are told apart by.
const MOST_NAMED: u64 = 200;

/// Which events are wanted; all, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Whether what was done to the installation is wanted, to people, tokens and sessions, in the place of what was
    /// done to the page.
    pub of_installation: bool,
    /// One of these, if any is named.
    pub actions: Vec<String>,
    pub target_kind: Option<String>,
    pub target_id: Option<Id>,
    /// Such as `user` or `system`.
    pub actor_kind: Option<String>,
    pub actor_id: Option<Id>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// Who did something: what they are, and who of those.
pub type ActorName = (String, Option<Id>);

impl View<'_> {
    /// What was done to the page and to what is on it, newest first.
    pub async fn audit_events(&self, filter: &AuditFilter, slice: Slice) -> Result<Vec<AuditEvent>> {
        let query = self.audited(filter).offset(slice.offset).limit(slice.limit);
        Ok(newest_first(query).all(self.on).await?.into_iter().map(event).collect())
    }

    /// The same from behind an event on, which finds what follows at once, however far down it is.
    pub async fn audit_events_after(
        &self,
        filter: &AuditFilter,
        last: Option<(DateTime<Utc>, i64)>,
        limit: u64,
    ) -> Result<Vec<AuditEvent>> {
        let mut query = self.audited(filter).limit(limit);
        if let Some((at, number)) = last {
            let same = audit_events::Column::At.eq(at).and(audit_events::Column::Id.lt(number));
            query = query.filter(Condition::any().add(audit_events::Column::At.lt(at)).add(same));
        }
        Ok(newest_first(query).all(self.on).await?.into_iter().map(event).collect())
    }

    /// How many there are.
    pub async fn audit_count(&self, filter: &AuditFilter) -> Result<u64> {
        Ok(self.audited(filter).count(self.on).await?)
    }

    /// Who did anything to the page, or to the installation; at most 200.
    pub async fn audit_actors(&self, of_installation: bool) -> Result<Vec<ActorName>> {
        let filter = AuditFilter { of_installation, ..AuditFilter::default() };
        let query = self.audited(&filter).select_only().distinct();
        let found: Vec<(String, Option<String>)> = query
            .columns([audit_events::Column::ActorKind, audit_events::Column::ActorId])
            .order_by_asc(audit_events::Column::ActorKind)
            .order_by_asc(audit_events::Column::ActorId)
            .limit(MOST_NAMED)
            .into_tuple()
            .all(self.on)
            .await?;
        Ok(found.into_iter().map(|(kind, id)| (kind, id.and_then(|id| id.parse().ok()))).collect())
    }

    /// To what kinds of things anything was done, at most 200.
    pub async fn audit_kinds(&self, of_installation: bool) -> Result<Vec<String>> {
        let filter = AuditFilter { of_installation, ..AuditFilter::default() };
        let query = self.audited(&filter).select_only().distinct();
        let found: Vec<Option<String>> = query
            .column(audit_events::Column::TargetKind)
            .order_by_asc(audit_events::Column::TargetKind)
            .limit(MOST_NAMED)
            .into_tuple()
            .all(self.on)
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What those are called that did something; who is gone has no name.
    pub async fn actor_names(&self, actors: &[ActorName]) -> Result<HashMap<Id, String>> {
        let of = |kind: &str| -> Vec<&str> {
            actors
                .iter()
                .filter(|(of, _)| of == kind)
                .filter_map(|(_, id)| Some(id.as_ref()?.as_str()))
                .collect()
        };
        let people = users::Entity::find().filter(users::Column::Id.is_in(of("user"))).all(self.on).await?;
        let people = people.into_iter().map(|user| {
            let name = if user.name.is_empty() { user.email } else { user.name };
            (user.id, name)
        });
        let tokens = api_tokens::Entity::find().filter(api_tokens::Column::Id.is_in(of("token")));
        let tokens = tokens.all(self.on).await?;
        let tokens = tokens.into_iter().map(|token| (token.id, format!("token {}", token.name)));
        Ok(people.chain(tokens).filter_map(|(id, name)| Some((id.parse().ok()?, name))).collect())
    }

    fn audited(&self, filter: &AuditFilter) -> Select<audit_events::Entity> {
        let page = audit_events::Column::PageId;
        let of = if filter.of_installation { page.is_null() } else { page.eq(self.page.as_str()) };
        let mut query = audit_events::Entity::find().filter(of);
        let texts = [
            (audit_events::Column::TargetKind, filter.target_kind.as_deref()),
            (audit_events::Column::TargetId, filter.target_id.as_ref().map(Id::as_str)),
            (audit_events::Column::ActorKind, filter.actor_kind.as_deref()),
            (audit_events::Column::ActorId, filter.actor_id.as_ref().map(Id::as_str)),
        ];
        for (column, wanted) in texts {
            if let Some(wanted) = wanted {
                query = query.filter(column.eq(wanted));
            }
        }
        if !filter.actions.is_empty() {
            query =
                query.filter(audit_events::Column::Action.is_in(filter.actions.iter().map(String::as_str)));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit_events::Column::At.gte(since));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit_events::Column::At.lt(until));
        }
        query
    }
}

fn newest_first(query: Select<audit_events::Entity>) -> Select<audit_events::Entity> {
    query.order_by_desc(audit_events::Column::At).order_by_desc(audit_events::Column::Id)
}

fn event(row: audit_events::Model) -> AuditEvent {
    let id = |text: Option<String>| text.and_then(|text| text.parse().ok());
    AuditEvent {
        number: row.id,
        page_id: id(row.page_id),
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: id(row.actor_id),
        address: row.address,
        request_id: row.request_id,
        action: row.action,
        target_kind: row.target_kind,
        target_id: id(row.target_id),
        before: row.before,
        after: row.after,
    }
}
