//! Pages: making them, and which version each is at.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{Actor, Change, Result, Store, StoreError, convert, dialect, entity::pages, page_settings};
use crate::domain::{Id, state::Version};

/// What a new page is made of.
#[derive(Clone, Debug)]
pub struct NewPage {
    pub id: Id,
    pub name: String,
    pub description: Option<String>,
    pub host: Option<String>,
    pub url: Option<String>,
    pub time_zone: chrono_tz::Tz,
    pub created_at: Option<DateTime<Utc>>,
    /// Gives way to the first page that is made, until something is changed on it.
    pub provisional: bool,
}

impl NewPage {
    pub fn named(name: &str) -> Self {
        Self {
            id: Id::random(),
            name: name.to_owned(),
            description: None,
            host: None,
            url: None,
            time_zone: chrono_tz::Tz::Etc__UTC,
            created_at: None,
            provisional: false,
        }
    }
}

impl Store {
    /// The pages with their version, in the order in which they were made.
    pub async fn versions(&self) -> Result<Vec<(Id, Version)>> {
        self.check_file()?;
        let rows = pages::Entity::find()
            .select_only()
            .columns([pages::Column::Id, pages::Column::Revision, pages::Column::Commit])
            .order_by_asc(pages::Column::CreatedAt)
            .order_by_asc(pages::Column::Id)
            .into_tuple::<(String, i64, String)>()
            .all(&self.watcher)
            .await?;
        let parsed = rows.into_iter().map(|(id, revision, commit)| {
            let commit = commit.parse().map_err(|_| unreadable(&id, commit))?;
            Ok((id.parse().map_err(|_| unreadable(&id, id.clone()))?, Version { revision, commit }))
        });
        parsed.collect()
    }

    /// Makes the page that a new installation begins with, if there is none yet. It gives way to
    /// the first page that is made, unless something was changed on it.
    pub async fn ensure_page(&self, name: &str) -> Result<()> {
        let transaction = self.write().await?;
        // Two processes that start at once make one page.
        dialect::alone(&transaction).await?;
        if pages::Entity::find().one(&transaction).await?.is_none() {
            let now = dialect::now(&transaction, &self.clock).await?;
            let page = NewPage { provisional: true, ..NewPage::named(name) };
            insert(&transaction, page, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Whether a page with this id exists.
    pub async fn has_page(&self, id: &Id) -> Result<bool> {
        Ok(pages::Entity::find_by_id(id.as_str()).one(&self.reader).await?.is_some())
    }

    /// Whether no page is there but one that gives way.
    pub async fn is_empty(&self) -> Result<bool> {
        let lasting = pages::Entity::find().filter(pages::Column::Provisional.eq(false));
        Ok(lasting.one(&self.reader).await?.is_none())
    }

    /// Whether a page answers under this host.
    pub async fn has_host(&self, host: &str) -> Result<bool> {
        let lasting = pages::Entity::find().filter(pages::Column::Provisional.eq(false));
        Ok(lasting.filter(pages::Column::Host.eq(host)).one(&self.reader).await?.is_some())
    }

    /// Begins a change that makes a page. A provisional page gives way to it.
    pub async fn change_new_page(&self, page: NewPage, actor: Actor) -> Result<Change> {
        let turn = self.turns.take(&page.id).await?;
        let transaction = self.write().await?;
        let now = dialect::now(&transaction, &self.clock).await?;
        pages::Entity::delete_many().filter(pages::Column::Provisional.eq(true)).exec(&transaction).await?;
        refuse_taken_host(&transaction, page.host.as_deref(), page.id.as_str()).await?;
        let (id, provisional) = (page.id.clone(), page.provisional);
        insert(&transaction, page, now).await?;
        let mut change = Change::begin(transaction, turn, &id, actor, now).await?;
        change.provisional = provisional;
        change.audit("page.create", "page", &id, None, None);
        Ok(change)
    }
}

pub(super) async fn refuse_taken_host(
    transaction: &DatabaseTransaction,
    host: Option<&str>,
    page: &str,
) -> Result<()> {
    let Some(host) = host else { return Ok(()) };
    let others =
        pages::Entity::find().filter(pages::Column::Host.eq(host)).filter(pages::Column::Id.ne(page));
    match others.one(transaction).await? {
        Some(_) => Err(StoreError::Refused(format!("host: {host} belongs to another page; choose another"))),
        None => Ok(()),
    }
}

fn unreadable(id: &str, value: String) -> StoreError {
    StoreError::Unreadable { table: "pages", id: id.to_owned(), column: "id or commit", value }
}

async fn insert(transaction: &DatabaseTransaction, page: NewPage, now: DateTime<Utc>) -> Result<()> {
    let created_at = page.created_at.unwrap_or(now);
    let row = pages::ActiveModel {
        id: Set(page.id.into()),
        revision: Set(0),
        commit: Set(Id::random().into()),
        committed_at: Set(now),
        history_revision: Set(0),
        name: Set(page.name),
        description: Set(page.description),
        host: Set(page.host),
        url: Set(page.url),
        time_zone: Set(page.time_zone.name().to_owned()),
        language: Set("en".to_owned()),
        hide_empty_days: Set(false),
        visibility: Set("public".to_owned()),
        provisional: Set(page.provisional),
        version: Set(1),
        created_at: Set(created_at),
        updated_at: Set(created_at),
        ..Default::default()
    };
    row.insert(transaction).await?;
    Ok(())
}

impl Change {
    /// Sets what an imported page says of itself.
    pub async fn put_page(&mut self, page: &crate::domain::state::Page) -> Result<()> {
        let before = convert::page(self.page.clone(), "")?;
        let row = pages::ActiveModel {
            id: Set(self.page.id.clone()),
            name: Set(page.name.clone()),
            description: Set(page.description.clone()),
            url: Set(Some(page.url.clone())),
            time_zone: Set(page.time_zone.name().to_owned()),
            ..Default::default()
        };
        self.page = row.update(self.transaction()).await?;
        self.history = true;
        self.updated_at = Some(page.updated_at);
        self.audit(
            "page.update",
            "page",
            &page.id,
            page_settings::audited(&before),
            page_settings::audited(page),
        );
        Ok(())
    }
}
