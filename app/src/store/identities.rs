//! Who signs in by the organization's provider. It says who they are and, by their groups, what they may
//! do; here is decided whom that is.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter,
};

use super::{
    Actor, NewUser, Record, Result, Store, StoreError,
    entity::{identities, users},
    users::{another_owner, audited, find, insert, user},
};
use crate::domain::{Id, record::User, role::Role};

/// Somebody whom the provider vouches for.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs; it need not say.
    pub is_verified: Option<bool>,
    pub name: String,
    /// What their groups give them; none, where groups give nobody anything.
    pub role: Option<Role>,
}

impl Store {
    /// Whether a provider has said of somebody who they are.
    pub async fn has_identity(&self, user: &Id, issuer: &str) -> Result<bool> {
        is_known(&self.reader, user, issuer).await
    }
}

async fn is_known(on: &impl ConnectionTrait, user: &Id, issuer: &str) -> Result<bool> {
    let of_user = identities::Entity::find()
        .filter(identities::Column::UserId.eq(user.as_str()))
        .filter(identities::Column::Issuer.eq(issuer));
    Ok(of_user.one(on).await?.is_some())
}

impl Record<'_> {
    /// Whom the provider means: who came before as the same, else who has the address, else, where a role
    /// comes with it, somebody new. Their role becomes what their groups give them; the last owner stays one.
    pub async fn vouched(&self, vouched: Vouched, address: &str) -> Result<User> {
        let (transaction, now) = self.alone().await?;
        let key = (vouched.issuer.clone(), vouched.subject.clone());
        let known = identities::Entity::find_by_id(key).one(&transaction).await?;
        let id = known.and_then(|row| row.user_id.parse::<Id>().ok());
        let before = match id {
            Some(id) => find(&transaction, &id).await?,
            None => self.taken_in(&transaction, &vouched, address, now).await?,
        };
        if before.disabled_at.is_some() {
            return Err(StoreError::Refused("This account is closed.".into()));
        }
        let after = match vouched.role.filter(|role| *role != before.role) {
            Some(role) => set_role(&transaction, before, role, address, now).await?,
            None => before,
        };
        transaction.commit().await?;
        Ok(after)
    }

    async fn taken_in(
        &self,
        transaction: &DatabaseTransaction,
        vouched: &Vouched,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<User> {
        let refuse = |text: &str| Err(StoreError::Refused(text.to_owned()));
        let Some(email) = vouched.email.clone() else {
            return refuse("The provider does not say which address of mail you have.");
        };
        if vouched.is_verified == Some(false) {
            return refuse("The provider does not know yet whether your address of mail is yours.");
        }
        let same = users::Entity::find().filter(users::Column::Email.eq(email.as_str()));
        let somebody = match (same.one(transaction).await?.map(user).transpose()?, vouched.role) {
            // Nobody becomes somebody by an address that anyone could have typed.
            (Some(_), _) if vouched.is_verified.is_none() => {
                return refuse(
                    "Somebody has this address here already, and the provider does not say that it is yours.",
                );
            }
            // Providers give an address to somebody new when who had it has left.
            (Some(user), _) if is_known(transaction, &user.id, &vouched.issuer).await? => {
                return refuse(
                    "Somebody else at the provider has the account with this address. An owner can delete that \
                     account; then come back.",
                );
            }
            (Some(user), _) => user,
            (None, Some(role)) => {
                let new = NewUser { email, name: vouched.name.clone(), role };
                insert(transaction, new, &Actor::System, now).await?
            }
            (None, None) => return refuse("Nobody has invited you yet."),
        };
        let row = identities::ActiveModel {
            issuer: Set(vouched.issuer.clone()),
            subject: Set(vouched.subject.clone()),
            user_id: Set(somebody.id.to_string()),
            created_at: Set(now),
        };
        row.insert(transaction).await?;
        let actor = actor(&somebody.id, address);
        let told = serde_json::json!({ "issuer": vouched.issuer });
        let event = actor.event(None, now, "user.identity", ("user", &somebody.id), None, Some(told));
        event.insert(transaction).await?;
        Ok(somebody)
    }
}

async fn set_role(
    transaction: &DatabaseTransaction,
    before: User,
    role: Role,
    address: &str,
    now: DateTime<Utc>,
) -> Result<User> {
    if before.role == Role::Owner && !another_owner(transaction, &before.id).await? {
        tracing::warn!(user.id = %before.id, "the last owner stays one, whatever their groups say");
        return Ok(before);
    }
    let row = users::ActiveModel {
        id: Set(before.id.to_string()),
        role: Set(role.as_str().to_owned()),
        updated_at: Set(now),
        ..Default::default()
    };
    let after = user(row.update(transaction).await?)?;
    let (told, actor) = ((Some(audited(&before)), Some(audited(&after))), actor(&after.id, address));
    actor.event(None, now, "user.role", ("user", &after.id), told.0, told.1).insert(transaction).await?;
    Ok(after)
}

fn actor(id: &Id, address: &str) -> Actor {
    Actor::User { id: id.clone(), address: Some(address.to_owned()), request_id: None }
}
