//! The people who run the pages, and what they may do. None of it is seen by visitors.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use serde_json::{Value, json};

use super::{
    Actor, Record, Result, Slice, Store, StoreError, convert, dialect,
    entity::{page_roles, pages, schema_info, users},
};
use crate::domain::{Id, address, record::User, role::Role};

/// The most people that there are.
const MOST_USERS: u64 = 10_000;
/// Where the id of the installation is kept.
const ORGANIZATION: &str = "organization_id";

/// Somebody who is to run pages.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
}

/// What somebody may do on each page beyond what they may do everywhere.
pub type PageRoles = BTreeMap<Id, Role>;

impl Store {
    /// The id of the installation, made when it is first asked for.
    pub async fn organization(&self) -> Result<Id> {
        let kept = || schema_info::Entity::find_by_id(ORGANIZATION);
        let row = match kept().one(&self.reader).await? {
            Some(row) => row,
            None => {
                let new = schema_info::ActiveModel {
                    key: Set(ORGANIZATION.into()),
                    value: Set(Id::random().into()),
                };
                let first = OnConflict::column(schema_info::Column::Key).do_nothing().to_owned();
                let insert = schema_info::Entity::insert(new).on_conflict(first);
                insert.exec_without_returning(&self.writer).await?;
                // Another process may have been first.
                let row = kept().one(&self.writer).await?;
                row.ok_or_else(|| StoreError::Schema(format!("schema_info has no {ORGANIZATION}")))?
            }
        };
        convert::id("schema_info", &row.value)
    }

    /// The people, by address.
    pub async fn users(&self, slice: Slice) -> Result<Vec<User>> {
        let query = users::Entity::find().order_by_asc(users::Column::Email).order_by_asc(users::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(&self.reader).await?;
        rows.into_iter().map(user).collect()
    }

    /// One of them.
    pub async fn user(&self, id: &Id) -> Result<User> {
        let found = users::Entity::find_by_id(id.as_str()).one(&self.reader).await?;
        user(found.ok_or_else(|| StoreError::NotFound(format!("user {id}")))?)
    }

    /// What somebody may do on each page beyond what they may do everywhere.
    pub async fn page_roles(&self, user: &Id) -> Result<PageRoles> {
        let rows = page_roles::Entity::find().filter(page_roles::Column::UserId.eq(user.as_str()));
        rows.all(&self.reader).await?.into_iter().map(page_role).collect()
    }
}

impl Record<'_> {
    /// Takes somebody in.
    pub async fn create_user(&self, new: NewUser, actor: &Actor) -> Result<User> {
        let transaction = self.0.write().await?;
        dialect::alone(&transaction).await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let made = insert(&transaction, new, actor, now).await?;
        transaction.commit().await?;
        Ok(made)
    }
    /// Lets somebody go, and with them their tokens and sessions. The last owner stays.
    pub async fn delete_user(&self, id: &Id, actor: &Actor) -> Result<User> {
        let transaction = self.0.write().await?;
        // Of two owners who go at once, one stays.
        dialect::alone(&transaction).await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let gone = find(&transaction, id).await?;
        if gone.role == Role::Owner && !another_owner(&transaction, id).await? {
            let text = format!("user {id} is the last owner and stays; make somebody else an owner first");
            return Err(StoreError::Conflict(text));
        }
        users::Entity::delete_by_id(id.as_str()).exec(&transaction).await?;
        let event = actor.event(None, now, "user.delete", ("user", id), Some(audited(&gone)), None);
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(gone)
    }

    /// Sets what somebody may do on each page; on one that is not named, no more than everywhere.
    pub async fn set_page_roles(&self, id: &Id, roles: &PageRoles, actor: &Actor) -> Result<()> {
        let transaction = self.0.write().await?;
        dialect::alone(&transaction).await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        find(&transaction, id).await?;
        let of_user = page_roles::Column::UserId.eq(id.as_str());
        let rows = page_roles::Entity::find().filter(of_user.clone()).all(&transaction).await?;
        let before: PageRoles = rows.into_iter().map(page_role).collect::<Result<_>>()?;
        page_roles::Entity::delete_many().filter(of_user).exec(&transaction).await?;
        for (page, role) in roles {
            let there = pages::Entity::find_by_id(page.as_str()).one(&transaction).await?;
            there.ok_or_else(|| StoreError::NotFound(format!("page {page}")))?;
            let row = page_roles::ActiveModel {
                user_id: Set(id.to_string()),
                page_id: Set(page.to_string()),
                role: Set(role.as_str().to_owned()),
                created_at: Set(now),
            };
            row.insert(&transaction).await?;
        }
        let (before, after) = (json!({ "pages": before }), json!({ "pages": roles }));
        let event = actor.event(None, now, "user.permissions", ("user", id), Some(before), Some(after));
        event.insert(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Takes somebody in, within a transaction that is alone.
pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    new: NewUser,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<User> {
    let same = users::Entity::find().filter(users::Column::Email.eq(new.email.as_str()));
    if same.one(transaction).await?.is_some() {
        return Err(StoreError::Refused("user.email: somebody has this address already".into()));
    }
    if users::Entity::find().count(transaction).await? >= MOST_USERS {
        let text = format!("user: there are at most {MOST_USERS}; delete some first");
        return Err(StoreError::Refused(text));
    }
    let row = users::ActiveModel {
        id: Set(Id::random().into()),
        email: Set(new.email),
        name: Set(new.name),
        role: Set(new.role.as_str().to_owned()),
        password_hash: Set(None),
        totp_secret: Set(None),
        totp_confirmed_at: Set(None),
        totp_last_step: Set(None),
        last_signed_in_at: Set(None),
        disabled_at: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let made = user(row.insert(transaction).await?)?;
    let event = actor.event(None, now, "user.create", ("user", &made.id), None, Some(audited(&made)));
    event.insert(transaction).await?;
    Ok(made)
}

pub(super) async fn find(transaction: &DatabaseTransaction, id: &Id) -> Result<User> {
    let found = users::Entity::find_by_id(id.as_str()).one(transaction).await?;
    user(found.ok_or_else(|| StoreError::NotFound(format!("user {id}")))?)
}

pub(super) async fn another_owner(transaction: &DatabaseTransaction, id: &Id) -> Result<bool> {
    let others = users::Entity::find()
        .filter(users::Column::Role.eq(Role::Owner.as_str()))
        .filter(users::Column::DisabledAt.is_null())
        .filter(users::Column::Id.ne(id.as_str()));
    Ok(others.count(transaction).await? > 0)
}

/// What the audit says of somebody: not how they are reached.
pub(super) fn audited(user: &User) -> Value {
    json!({ "address": address::obfuscated(&user.email), "role": user.role })
}

pub(super) fn user(row: users::Model) -> Result<User> {
    Ok(User {
        id: convert::id("users", &row.id)?,
        role: role("users", &row.id, &row.role)?,
        email: row.email,
        name: row.name,
        disabled_at: row.disabled_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn page_role(row: page_roles::Model) -> Result<(Id, Role)> {
    Ok((convert::id("page_roles", &row.page_id)?, role("page_roles", &row.user_id, &row.role)?))
}

fn role(table: &'static str, id: &str, word: &str) -> Result<Role> {
    Role::parse(word).ok_or_else(|| StoreError::Unreadable {
        table,
        id: id.to_owned(),
        column: "role",
        value: word.to_owned(),
    })
}
