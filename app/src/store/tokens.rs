//! Tokens of the management API: made, looked up, revoked. Only their hashes are kept, and what a
//! token does is not news: none of this moves a page.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    prelude::{Expr, Json},
};
use serde_json::json;

use super::{
    Actor, Record, Result, Store, StoreError, dialect,
    entity::{api_tokens, pages},
};
use sha2::{Digest, Sha256};

use crate::domain::{
    Id,
    id::random_text,
    token::{Scopes, Token},
};

/// The last use is written down at most this often.
const USE_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// How every token begins.
const BEGINNING: &str = "pharos_";
/// Random characters after that, by which it is recognised.
const RECOGNISED: usize = 8;
/// Random characters that nobody but its holder knows: 165 bits.
const SECRET: usize = 32;

/// A token as its holder has it, once.
#[derive(Debug)]
pub struct Secret {
    pub text: String,
    pub prefix: String,
    pub hash: String,
}

impl Secret {
    pub fn random() -> Self {
        let prefix = format!("{BEGINNING}{}", random_text(RECOGNISED));
        let text = format!("{prefix}_{}", random_text(SECRET));
        let hash = Self::hash(&text);
        Self { text, prefix, hash }
    }

    /// What is kept of a token: SHA-256, since there is nothing to guess in 165 random bits.
    pub fn hash(text: &str) -> String {
        Self::hash_of(text.as_bytes())
    }

    /// SHA-256 in hexadecimal digits.
    pub fn hash_of(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How a text begins that may be a token.
    pub fn prefix(text: &str) -> Option<&str> {
        let prefix = text.get(..BEGINNING.len() + RECOGNISED)?;
        let fits = text.len() == prefix.len() + 1 + SECRET && text.starts_with(BEGINNING);
        (fits && text.is_ascii()).then_some(prefix)
    }
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub prefix: String,
    /// SHA-256 of the whole token, in hexadecimal digits.
    pub hash: String,
    pub scopes: Scopes,
    pub page_id: Option<Id>,
    pub user_id: Option<Id>,
    pub allowed_addresses: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The tokens that begin so, with their hashes, as far as they are alive: not revoked, not
    /// expired, and their owner not disabled. A token allows no more than its owner may now.
    pub async fn live_tokens(&self, prefix: &str) -> Result<Vec<(Token, String)>> {
        let now = self.now();
        let rows = api_tokens::Entity::find()
            .filter(api_tokens::Column::Prefix.eq(prefix))
            .filter(api_tokens::Column::RevokedAt.is_null())
            .limit(16)
            .all(&self.reader)
            .await?;
        let mut alive = vec![];
        for row in rows {
            let hash = row.token_hash.clone();
            let mut token = token(row)?;
            if token.expires_at.is_some_and(|at| at <= now) {
                continue;
            }
            if let Some(allowed) = self.allowed_to_owner(&token).await? {
                token.scopes = token.scopes.and(allowed);
                alive.push((token, hash));
            }
        }
        Ok(alive)
    }

    /// What the owner of a token may do where it opens something; nothing at all, if they are disabled.
    async fn allowed_to_owner(&self, token: &Token) -> Result<Option<Scopes>> {
        let Some(id) = &token.user_id else { return Ok(Some(Scopes::all())) };
        let user = match self.user(id).await {
            Ok(user) if user.disabled_at.is_none() => user,
            Ok(_) | Err(StoreError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let on_page = match &token.page_id {
            Some(page) => self.page_roles(id).await?.get(page).map(|role| role.scopes()),
            None => None,
        };
        Ok(Some(user.role.scopes().or(on_page.unwrap_or_default())))
    }

    /// Tokens of one page, or all of them, newest first.
    pub async fn tokens(&self, page: Option<&Id>, offset: u64, limit: u64) -> Result<Vec<Token>> {
        let mut query = api_tokens::Entity::find();
        if let Some(page) = page {
            query = query.filter(api_tokens::Column::PageId.eq(page.as_str()));
        }
        let query = query.order_by_desc(api_tokens::Column::CreatedAt).order_by_asc(api_tokens::Column::Id);
        query.offset(offset).limit(limit).all(&self.reader).await?.into_iter().map(token).collect()
    }

    /// One token.
    pub async fn token(&self, id: &Id) -> Result<Token> {
        let found = api_tokens::Entity::find_by_id(id.as_str()).one(&self.reader).await?;
        token(found.ok_or_else(|| StoreError::NotFound(format!("token {id}")))?)
    }
}

impl Record<'_> {
    /// Keeps a new token.
    pub async fn create_token(&self, new: NewToken, actor: &Actor) -> Result<Token> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        if let Some(page) = &new.page_id {
            let found = pages::Entity::find_by_id(page.as_str()).one(&transaction).await?;
            found.ok_or_else(|| StoreError::NotFound(format!("page {page}")))?;
        }
        if new.expires_at.is_some_and(|at| at <= now) {
            return Err(StoreError::Refused("expires_at: allowed is an instant to come".into()));
        }
        let addresses = &new.allowed_addresses;
        let row = api_tokens::ActiveModel {
            id: Set(Id::random().into()),
            page_id: Set(new.page_id.clone().map(String::from)),
            user_id: Set(new.user_id.clone().map(String::from)),
            name: Set(new.name.clone()),
            prefix: Set(new.prefix.clone()),
            token_hash: Set(new.hash.clone()),
            scopes: Set(new.scopes.to_string()),
            expires_at: Set(new.expires_at),
            last_used_at: Set(None),
            revoked_at: Set(None),
            created_at: Set(now),
            allowed_addresses: Set((!addresses.is_empty()).then(|| json!(addresses))),
        };
        let made = token(row.insert(&transaction).await?)?;
        note(&transaction, actor, "token.create", &made, now).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Ends a token's life. One that is revoked already stays as it is.
    pub async fn revoke_token(&self, id: &Id, actor: &Actor) -> Result<Token> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let row = api_tokens::Entity::find_by_id(id.as_str()).one(&transaction).await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("token {id}")))?;
        if row.revoked_at.is_some() {
            return token(row);
        }
        let mut row = row.into_active_model();
        row.revoked_at = Set(Some(now));
        let revoked = token(row.update(&transaction).await?)?;
        note(&transaction, actor, "token.revoke", &revoked, now).await?;
        transaction.commit().await?;
        Ok(revoked)
    }

    /// Writes down that a token was used, if that was not done a moment ago.
    pub async fn token_used(&self, token: &Token) -> Result<()> {
        let now = self.0.now();
        if token.last_used_at.is_some_and(|at| now - at < USE_INTERVAL) {
            return Ok(());
        }
        api_tokens::Entity::update_many()
            .col_expr(api_tokens::Column::LastUsedAt, Expr::value(now))
            .filter(api_tokens::Column::Id.eq(token.id.as_str()))
            .exec(&self.0.writer)
            .await?;
        Ok(())
    }
}

/// What was done to a token, for the audit.
async fn note(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    action: &str,
    token: &Token,
    now: DateTime<Utc>,
) -> Result<()> {
    let told: Json =
        json!({ "name": token.name, "prefix": token.prefix, "scopes": token.scopes.to_string() });
    let event = actor.event(token.page_id.as_ref(), now, action, ("token", &token.id), None, Some(told));
    event.insert(transaction).await?;
    Ok(())
}

fn token(row: api_tokens::Model) -> Result<Token> {
    let unreadable = |column, value: &str| StoreError::Unreadable {
        table: "api_tokens",
        id: row.id.clone(),
        column,
        value: value.to_owned(),
    };
    let id = |column, text: &Option<String>| -> Result<Option<Id>> {
        text.as_deref().map(|text| text.parse().map_err(|_| unreadable(column, text))).transpose()
    };
    let addresses = row.allowed_addresses.clone().map(serde_json::from_value).transpose();
    Ok(Token {
        id: row.id.parse().map_err(|_| unreadable("id", &row.id))?,
        // A scope of a later release opens nothing here.
        scopes: row
            .scopes
            .split(' ')
            .filter_map(|word| word.parse::<Scopes>().ok())
            .flat_map(Scopes::iter)
            .collect(),
        page_id: id("page_id", &row.page_id)?,
        user_id: id("user_id", &row.user_id)?,
        allowed_addresses: addresses
            .map_err(|_| unreadable("allowed_addresses", "what is no list of texts"))?
            .unwrap_or_default(),
        name: row.name,
        prefix: row.prefix,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
    })
}
