//! Addresses at which operators have maintenances in a calendar. Only their hashes are kept.

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, prelude::Expr,
};
use serde_json::json;

use super::{
    Actor, Credentials, Record, Result, Secret, Store,
    accounts::credentials,
    entity::{calendar_feeds, users},
};
use crate::domain::{Id, id::random_text};

/// Random characters of an address: 206 bits.
const LENGTH: usize = 40;
/// That an address is used is written down no more often.
const USE_INTERVAL: TimeDelta = TimeDelta::hours(1);

impl Store {
    /// Whom an address was made for, and for which page; nobody, once they can't sign in any more.
    pub async fn calendar_feed(&self, token: &str) -> Result<Option<(Id, Credentials)>> {
        self.check_up()?;
        let found = calendar_feeds::Entity::find_by_id(Secret::hash(token)).one(&self.reader).await?;
        let Some(row) = found else { return Ok(None) };
        let user = users::Entity::find_by_id(row.user_id.as_str()).one(&self.reader).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
        let now = self.now();
        if row.last_used_at.is_none_or(|at| now - at > USE_INTERVAL) {
            calendar_feeds::Entity::update_many()
                .col_expr(calendar_feeds::Column::LastUsedAt, Expr::value(now))
                .filter(calendar_feeds::Column::TokenHash.eq(row.token_hash.as_str()))
                .exec(&self.writer)
                .await?;
        }
        let Ok(page) = row.page_id.parse() else { return Ok(None) };
        Ok(Some((page, credentials(user)?)))
    }

    /// Whether somebody has an address for a page.
    pub async fn has_calendar_feed(&self, user: &Id, page: &Id) -> Result<bool> {
        let held = calendar_feeds::Entity::find()
            .filter(calendar_feeds::Column::UserId.eq(user.as_str()))
            .filter(calendar_feeds::Column::PageId.eq(page.as_str()));
        Ok(held.count(&self.reader).await? > 0)
    }
}

impl Record<'_> {
    /// Makes an address in the place of the one before it, and gives what stands at its end, which
    /// can't be seen again.
    pub async fn make_calendar_feed(&self, user: &Id, page: &Id, actor: &Actor) -> Result<String> {
        let (transaction, now) = self.alone().await?;
        let ours = calendar_feeds::Entity::delete_many()
            .filter(calendar_feeds::Column::UserId.eq(user.as_str()))
            .filter(calendar_feeds::Column::PageId.eq(page.as_str()));
        ours.exec(&transaction).await?;
        let token = random_text(LENGTH);
        let row = calendar_feeds::ActiveModel {
            token_hash: Set(Secret::hash(&token)),
            page_id: Set(page.to_string()),
            user_id: Set(user.to_string()),
            created_at: Set(now),
            last_used_at: Set(None),
        };
        row.insert(&transaction).await?;
        let event =
            actor.event(Some(page), now, "calendar_feed.create", ("user", user), None, Some(json!({})));
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Has an address lead nowhere any more.
    pub async fn revoke_calendar_feed(&self, user: &Id, page: &Id, actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let gone = calendar_feeds::Entity::delete_many()
            .filter(calendar_feeds::Column::UserId.eq(user.as_str()))
            .filter(calendar_feeds::Column::PageId.eq(page.as_str()))
            .exec(&transaction)
            .await?;
        if gone.rows_affected > 0 {
            let event = actor.event(Some(page), now, "calendar_feed.delete", ("user", user), None, None);
            event.insert(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}
