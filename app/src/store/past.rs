//! Reading what is past. Every question is bounded, and goes by an index but for a search.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, Func, LikeExpr, NullOrdering, Query, SelectStatement},
};

use super::{
    Result, Store, convert,
    entity::{components, incident_components, incident_updates, incidents, periods},
    state::{OPEN, OVER, Shown, complete, spans_of, visible},
};
use crate::domain::{
    Id,
    past::{Past, Words, stamp},
    state::{Incident, IncidentSpan},
    uptime::StatusPeriod,
};

/// The most incidents and maintenances that a quarter is read with; the newest are kept.
pub const MOST_PAST: u64 = 1_000;
/// The most that a search finds.
pub const MOST_FOUND: u64 = 50;
/// The most changes of a component's status, and incidents about it, that a quarter is read with.
const MOST_PERIODS: u64 = 20_000;
const MOST_TOUCHING: u64 = 500;

/// A time, from its first instant to the one after its last.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

impl Store {
    /// An incident or a maintenance that visitors may see, however old.
    pub async fn incident(&self, page_id: &Id, id: &Id) -> Result<Option<Incident>> {
        let transaction = self.read().await?;
        let rows = visible(page_id).filter(incidents::Column::Id.eq(id.as_str()));
        let found = completed(&transaction, page_id, rows).await?.pop();
        transaction.commit().await?;
        Ok(found)
    }

    /// What ended within a time, newest first, and with `and_open` also what has begun and is not
    /// over; all of it or what touched one component. At most [`MOST_PAST`].
    pub async fn ended(
        &self,
        page_id: &Id,
        (from, until): Span,
        and_open: bool,
        component: Option<&Id>,
    ) -> Result<Vec<Incident>> {
        let transaction = self.read().await?;
        let end = incidents::Column::ResolvedAt;
        let within = end.gte(from).and(end.lt(until));
        // An end that was never written down is taken to be the last change.
        let last = incidents::Column::UpdatedAt;
        let unsaid = end.is_null().and(incidents::Column::Status.is_in(OVER));
        let unsaid = unsaid.and(last.gte(from)).and(last.lt(until));
        let mut ended = Condition::any().add(within).add(unsaid);
        if and_open {
            let begun = OPEN.iter().filter(|status| **status != "scheduled");
            ended = ended.add(incidents::Column::Status.is_in(begun.copied()));
        }
        let rows = about(visible(page_id).filter(ended), component)
            .order_by_with_nulls(incidents::Column::ResolvedAt, Order::Desc, NullOrdering::First)
            .order_by_desc(incidents::Column::Number)
            .limit(MOST_PAST);
        let found = completed(&transaction, page_id, rows).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// What has these words in its name or in an update, whatever their case, the newest first. At
    /// most [`MOST_FOUND`].
    pub async fn search(&self, page_id: &Id, words: &Words, component: Option<&Id>) -> Result<Vec<Incident>> {
        let transaction = self.read().await?;
        let told = Query::select()
            .column(incident_updates::Column::IncidentId)
            .from(incident_updates::Entity)
            .and_where(incident_updates::Column::PageId.eq(page_id.as_str()))
            .cond_where(holding(incident_updates::Column::Body, words))
            .take();
        let found = holding(incidents::Column::Name, words).add(incidents::Column::Id.in_subquery(told));
        let rows = about(visible(page_id).filter(found), component)
            .order_by_desc(incidents::Column::StartedAt)
            .order_by_desc(incidents::Column::Number)
            .limit(MOST_FOUND);
        let found = completed(&transaction, page_id, rows).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// What a component's status was within a time, oldest first, and what touched it then.
    pub async fn uptime(
        &self,
        page_id: &Id,
        component: &Id,
        (from, until): Span,
    ) -> Result<(Vec<StatusPeriod>, Vec<IncidentSpan>)> {
        let transaction = self.read().await?;
        let lasting =
            Condition::any().add(periods::Column::UntilAt.is_null()).add(periods::Column::UntilAt.gte(from));
        let rows = periods::Entity::find()
            .filter(periods::Column::ComponentId.eq(component.as_str()))
            .filter(periods::Column::FromAt.lt(until))
            .filter(lasting)
            .order_by_asc(periods::Column::FromAt)
            .order_by_asc(periods::Column::Id)
            .limit(MOST_PERIODS)
            .all(&transaction)
            .await?;
        let periods = rows.iter().map(convert::period).collect::<Result<_>>()?;
        let lasting = Condition::any()
            .add(incidents::Column::ResolvedAt.is_null())
            .add(incidents::Column::ResolvedAt.gte(from));
        let rows = about(visible(page_id).filter(lasting), Some(component))
            .filter(incidents::Column::Status.ne("scheduled"))
            .filter(incidents::Column::StartedAt.lt(until))
            .order_by_desc(incidents::Column::StartedAt)
            .limit(MOST_TOUCHING)
            .all(&transaction)
            .await?;
        let shown = Shown::read(&transaction, page_id).await?;
        let spans = spans_of(&transaction, rows, &shown).await?;
        transaction.commit().await?;
        Ok((periods, spans))
    }
}

async fn completed(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    rows: Select<incidents::Entity>,
) -> Result<Vec<Incident>> {
    let rows = rows.all(transaction).await?;
    let shown = Shown::read(transaction, page_id).await?;
    complete(transaction, rows, &shown).await
}

/// Only what a component is attached to, if one is named.
fn about(rows: Select<incidents::Entity>, component: Option<&Id>) -> Select<incidents::Entity> {
    let Some(component) = component else { return rows };
    let attached = Query::select()
        .column(incident_components::Column::IncidentId)
        .from(incident_components::Entity)
        .and_where(incident_components::Column::ComponentId.eq(component.as_str()))
        .take();
    rows.filter(incidents::Column::Id.in_subquery(attached))
}

/// Whether a column holds the words. Databases know the cases of ASCII alone; of other letters the
/// usual ones are tried.
fn holding(column: impl ColumnTrait, words: &Words) -> Condition {
    let words = words.as_str();
    let mut forms = vec![words.to_lowercase()];
    if !words.is_ascii() {
        let mut letters = words.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        forms.extend([words.to_owned(), words.to_uppercase(), first + &letters.as_str().to_lowercase()]);
    }
    forms.iter().fold(Condition::any(), |any, form| {
        let pattern = LikeExpr::new(format!("%{}%", escaped(&form.to_ascii_lowercase()))).escape('!');
        any.add(Expr::expr(Func::lower(column.into_expr())).like(pattern))
    })
}

/// The signs that a pattern gives a meaning stand for themselves.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// An incident's id, its beginning and end, its version and when it was changed.
type Began = (String, DateTime<Utc>, Option<DateTime<Utc>>, i64, DateTime<Utc>);

/// Every incident and maintenance that visitors may see, sorted, and how far back the page goes.
pub(super) async fn extent(transaction: &DatabaseTransaction, page_id: &Id) -> Result<(Vec<Id>, Past)> {
    let rows: Vec<Began> = visible(page_id)
        .select_only()
        .column(incidents::Column::Id)
        .column(incidents::Column::StartedAt)
        .column(incidents::Column::ResolvedAt)
        .column(incidents::Column::Version)
        .column(incidents::Column::UpdatedAt)
        .order_by_asc(incidents::Column::StartedAt)
        .order_by_asc(incidents::Column::Number)
        .into_tuple()
        .all(transaction)
        .await?;
    let first = rows.iter().flat_map(|(_, started, ended, ..)| [Some(*started), *ended]).flatten().min();
    let mut by_id: Vec<(Id, u32, u32)> = rows
        .iter()
        .zip(0..)
        .filter_map(|((id, .., version, updated_at), place)| {
            Some((id.parse().ok()?, place, stamp(*version, *updated_at)))
        })
        .collect();
    by_id.sort_unstable();
    let mut order: Vec<(u32, u32)> =
        by_id.iter().zip(0..).map(|((_, place, _), known)| (*place, known)).collect();
    order.sort_unstable();
    let past = Past {
        first_incident_at: first,
        order: order.into_iter().map(|(_, known)| known).collect(),
        known_since: known_since(transaction, page_id).await?,
        stamps: by_id.iter().map(|(.., stamp)| *stamp).collect(),
    };
    Ok((by_id.into_iter().map(|(id, ..)| id).collect(), past))
}

async fn known_since(transaction: &DatabaseTransaction, page_id: &Id) -> Result<HashMap<Id, DateTime<Utc>>> {
    let rows: Vec<(String, Option<DateTime<Utc>>)> = components::Entity::find()
        .select_only()
        .column(components::Column::Id)
        .column_as(Expr::SubQuery(None, Box::new(first_period().into())), "since")
        .filter(components::Column::PageId.eq(page_id.as_str()))
        .filter(components::Column::DeletedAt.is_null())
        .filter(components::Column::Visibility.eq("public"))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, since)| Some((id.parse().ok()?, since?))).collect())
}

/// One step in an index for each component, however often its status changed.
fn first_period() -> SelectStatement {
    Query::select()
        .column(periods::Column::FromAt)
        .from(periods::Entity)
        .and_where(
            Expr::col((periods::Entity, periods::Column::ComponentId))
                .equals((components::Entity, components::Column::Id)),
        )
        .order_by(periods::Column::FromAt, Order::Asc)
        .limit(1)
        .take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(escaped("100%_!"), "100!%!_!!");
    }
}
