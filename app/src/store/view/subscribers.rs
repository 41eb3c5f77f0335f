//! Who is told of news.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    prelude::Expr,
    sea_query::{CaseStatement, Func, LikeExpr, NullOrdering},
};

use super::{Include, Slice, View, incidents::literal};
use crate::{
    domain::{
        Id,
        subscriber::{Channel, Subscriber, SubscriberState},
    },
    store::{
        Result, StoreError, convert,
        entity::{incident_subscribers, subscriber_components, subscribers},
    },
};

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriberOrder {
    #[default]
    Address,
    CreatedAt,
    QuarantinedAt,
    /// Those whose address begins with the text come first.
    Relevance,
}

/// Which subscribers are wanted; all of the page that are subscribed, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct SubscriberFilter {
    /// What the address holds, in whatever case.
    pub text: Option<String>,
    pub channel: Option<Channel>,
    pub state: Option<SubscriberState>,
    /// Those of one incident instead of those of the page.
    pub incident: Option<Id>,
    /// Those who are subscribed no more.
    pub unsubscribed: bool,
    pub among: Option<Vec<Id>>,
    pub order: SubscriberOrder,
    pub descending: bool,
}

impl View<'_> {
    /// Subscribers of the page, or of one incident.
    pub async fn subscribers(&self, filter: &SubscriberFilter, slice: Slice) -> Result<Vec<Subscriber>> {
        let query = ordered(self.filtered(filter), filter).order_by_asc(subscribers::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        self.with_choices(rows).await
    }

    /// How many there are.
    pub async fn count_subscribers(&self, filter: &SubscriberFilter) -> Result<u64> {
        Ok(self.filtered(filter).count(self.on).await?)
    }

    /// One who is subscribed to the page, or to an incident of it.
    pub async fn subscriber(&self, id: &Id, incident: Option<&Id>) -> Result<Subscriber> {
        if let Some(incident) = incident {
            self.incident(incident, Include::default()).await?;
        }
        let filter = SubscriberFilter { incident: incident.cloned(), ..Default::default() };
        let found =
            self.filtered(&filter).filter(subscribers::Column::Id.eq(id.as_str())).all(self.on).await?;
        let missing = || StoreError::NotFound(format!("subscriber {id}"));
        self.with_choices(found).await?.pop().ok_or_else(missing)
    }

    /// One who may have been subscribed once.
    pub(in crate::store) async fn any_subscriber(&self, id: &str) -> Result<Subscriber> {
        let found = self.of_page().filter(subscribers::Column::Id.eq(id)).all(self.on).await?;
        let missing = || StoreError::NotFound(format!("subscriber {id}"));
        self.with_choices(found).await?.pop().ok_or_else(missing)
    }

    fn of_page(&self) -> Select<subscribers::Entity> {
        // A channel of a later release is nothing that can be told of here.
        subscribers::Entity::find()
            .filter(subscribers::Column::PageId.eq(self.page.as_str()))
            .filter(subscribers::Column::Channel.is_in(Channel::ALL.map(Channel::as_str)))
    }

    fn filtered(&self, filter: &SubscriberFilter) -> Select<subscribers::Entity> {
        let mut query = self.of_page();
        query = match filter.unsubscribed {
            true => query.filter(subscribers::Column::UnsubscribedAt.is_not_null()),
            false => query.filter(subscribers::Column::UnsubscribedAt.is_null()),
        };
        query = match &filter.incident {
            Some(incident) => {
                let followers = incident_subscribers::Entity::find()
                    .select_only()
                    .column(incident_subscribers::Column::SubscriberId)
                    .filter(incident_subscribers::Column::IncidentId.eq(incident.as_str()));
                query.filter(subscribers::Column::Id.in_subquery(followers.into_query()))
            }
            None if filter.unsubscribed => query,
            None => query.filter(subscribers::Column::WholePage.eq(true)),
        };
        if let Some(channel) = filter.channel {
            query = query.filter(subscribers::Column::Channel.eq(channel.as_str()));
        }
        if let Some(state) = filter.state {
            query = query.filter(is(state));
        }
        if let Some(text) = &filter.text {
            query = query.filter(address().like(pattern(&format!("%{}%", literal(text)))));
        }
        if let Some(ids) = &filter.among {
            query = query.filter(subscribers::Column::Id.is_in(ids.iter().map(Id::as_str)));
        }
        query
    }

    async fn with_choices(&self, rows: Vec<subscribers::Model>) -> Result<Vec<Subscriber>> {
        let chosen: Vec<(String, String)> = subscriber_components::Entity::find()
            .select_only()
            .columns([
                subscriber_components::Column::SubscriberId,
                subscriber_components::Column::ComponentId,
            ])
            .filter(subscriber_components::Column::SubscriberId.is_in(rows.iter().map(|row| row.id.as_str())))
            .order_by_asc(subscriber_components::Column::ComponentId)
            .into_tuple()
            .all(self.on)
            .await?;
        let mut by_subscriber: HashMap<String, Vec<Id>> = HashMap::new();
        for (subscriber, component) in chosen {
            if let Ok(component) = component.parse() {
                by_subscriber.entry(subscriber).or_default().push(component);
            }
        }
        rows.into_iter()
            .map(|row| {
                let chosen = by_subscriber.remove(&row.id).unwrap_or_default();
                subscriber(row, chosen)
            })
            .collect()
    }
}

fn is(state: SubscriberState) -> Condition {
    let (confirmed, quarantined) = (subscribers::Column::ConfirmedAt, subscribers::Column::QuarantinedAt);
    match state {
        SubscriberState::Active => Condition::all().add(quarantined.is_null()).add(confirmed.is_not_null()),
        SubscriberState::Unconfirmed => Condition::all().add(quarantined.is_null()).add(confirmed.is_null()),
        SubscriberState::Quarantined => Condition::all().add(quarantined.is_not_null()),
    }
}

fn ordered(query: Select<subscribers::Entity>, filter: &SubscriberFilter) -> Select<subscribers::Entity> {
    let order = if filter.descending { Order::Desc } else { Order::Asc };
    match filter.order {
        SubscriberOrder::Address => query.order_by(subscribers::Column::Address, order),
        SubscriberOrder::CreatedAt => query.order_by(subscribers::Column::CreatedAt, order),
        SubscriberOrder::QuarantinedAt => {
            query.order_by_with_nulls(subscribers::Column::QuarantinedAt, order, NullOrdering::Last)
        }
        SubscriberOrder::Relevance => {
            let text = filter.text.as_deref().map(literal).unwrap_or_default();
            let begins = address().like(pattern(&format!("{text}%")));
            let rank: Expr = CaseStatement::new().case(begins, 0).finally(1).into();
            query.order_by(rank, order).order_by_asc(subscribers::Column::Address)
        }
    }
}

fn address() -> Expr {
    Expr::expr(Func::lower(Expr::col((subscribers::Entity, subscribers::Column::Address))))
}

fn pattern(text: &str) -> LikeExpr {
    LikeExpr::new(text).escape('\\')
}

fn subscriber(row: subscribers::Model, component_ids: Vec<Id>) -> Result<Subscriber> {
    let id = convert::id("subscribers", &row.id)?;
    let channel = Channel::parse(&row.channel).ok_or_else(|| StoreError::Unreadable {
        table: "subscribers",
        id: row.id.clone(),
        column: "channel",
        value: row.channel.clone(),
    })?;
    let settings = row.settings.unwrap_or_default();
    Ok(Subscriber {
        id,
        channel,
        address: row.address,
        contact: settings["email"].as_str().map(str::to_owned),
        silent: settings["skip_confirmation_notification"].as_bool().unwrap_or_default(),
        whole_page: row.whole_page,
        component_ids,
        confirmed_at: row.confirmed_at,
        quarantined_at: row.quarantined_at,
        unsubscribed_at: row.unsubscribed_at,
        version: row.version,
        created_at: row.created_at,
    })
}
