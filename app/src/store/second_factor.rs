//! The second factor: a secret that a device holds too, and codes for when it is lost.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, prelude::Expr,
};

use super::{
    Actor, Record, Result, Secret, Store, StoreError,
    accounts::end_sessions,
    entity::{recovery_codes, users},
    mails::notice,
};
use crate::domain::{Id, letter::Notice};

impl Store {
    /// How many recovery codes somebody has left.
    pub async fn recovery_codes_left(&self, user: &Id) -> Result<u64> {
        let left = recovery_codes::Entity::find()
            .filter(recovery_codes::Column::UserId.eq(user.as_str()))
            .filter(recovery_codes::Column::UsedAt.is_null());
        Ok(left.count(&self.reader).await?)
    }
}

impl Record<'_> {
    /// Keeps a secret that a device is to hold; until that is confirmed nobody is asked for a code.
    pub async fn propose_second_factor(&self, user: &Id, sealed: String) -> Result<()> {
        let kept = users::Entity::update_many()
            .col_expr(users::Column::TotpSecret, Expr::value(sealed))
            .filter(users::Column::Id.eq(user.as_str()))
            .filter(users::Column::TotpConfirmedAt.is_null())
            .exec(&self.0.writer)
            .await?;
        if kept.rows_affected == 0 {
            return Err(StoreError::Conflict("a second factor is in use already; take it off first".into()));
        }
        Ok(())
    }

    /// From now on the code of this step and later ones are asked for. `codes` stand for the device. Every
    /// session but `keep` ends.
    pub async fn confirm_second_factor(
        &self,
        user: &Id,
        step: i64,
        codes: &[String],
        keep: Option<&Id>,
        actor: &Actor,
    ) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let confirmed = users::Entity::update_many()
            .col_expr(users::Column::TotpConfirmedAt, Expr::value(now))
            .col_expr(users::Column::TotpLastStep, Expr::value(step))
            .filter(users::Column::Id.eq(user.as_str()))
            .filter(users::Column::TotpSecret.is_not_null())
            .filter(users::Column::TotpConfirmedAt.is_null())
            .exec(&transaction)
            .await?;
        if confirmed.rows_affected == 0 {
            return Err(StoreError::Conflict("there is no second factor to be confirmed".into()));
        }
        put_codes(&transaction, user, codes, now).await?;
        end_sessions(&transaction, user, keep).await?;
        notice(&transaction, user, Notice::SecondStepOn, now).await?;
        let event = actor.event(None, now, "user.second_factor", ("user", user), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Gives somebody other recovery codes; those before are worth nothing any more.
    pub async fn renew_recovery_codes(&self, user: &Id, codes: &[String], actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        put_codes(&transaction, user, codes, now).await?;
        let event = actor.event(None, now, "user.recovery_codes", ("user", user), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes the second factor off. Every session but `keep` ends.
    pub async fn drop_second_factor(&self, user: &Id, keep: Option<&Id>, actor: &Actor) -> Result<()> {
        let (transaction, now) = self.alone().await?;
        let row = users::ActiveModel {
            id: Set(user.to_string()),
            totp_secret: Set(None),
            totp_confirmed_at: Set(None),
            totp_last_step: Set(None),
            ..Default::default()
        };
        row.update(&transaction).await?;
        put_codes(&transaction, user, &[], now).await?;
        end_sessions(&transaction, user, keep).await?;
        notice(&transaction, user, Notice::SecondStepOff, now).await?;
        let event = actor.event(None, now, "user.second_factor_off", ("user", user), None, None);
        event.insert(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes the code of a step, unless that or a later one was taken before. Says whether it was.
    pub async fn use_step(&self, user: &Id, step: i64) -> Result<bool> {
        let unused = Condition::any()
            .add(users::Column::TotpLastStep.is_null())
            .add(users::Column::TotpLastStep.lt(step));
        let used = users::Entity::update_many()
            .col_expr(users::Column::TotpLastStep, Expr::value(step))
            .filter(users::Column::Id.eq(user.as_str()))
            .filter(unused)
            .exec(&self.0.writer)
            .await?;
        Ok(used.rows_affected > 0)
    }

    /// Takes a recovery code. Says whether it was one that nobody had used.
    pub async fn use_recovery_code(&self, user: &Id, code: &str) -> Result<bool> {
        let used = recovery_codes::Entity::update_many()
            .col_expr(recovery_codes::Column::UsedAt, Expr::value(self.0.now()))
            .filter(recovery_codes::Column::UserId.eq(user.as_str()))
            .filter(recovery_codes::Column::CodeHash.eq(Secret::hash(code)))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .exec(&self.0.writer)
            .await?;
        Ok(used.rows_affected > 0)
    }
}

async fn put_codes(
    transaction: &DatabaseTransaction,
    user: &Id,
    codes: &[String],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let before = recovery_codes::Column::UserId.eq(user.as_str());
    recovery_codes::Entity::delete_many().filter(before).exec(transaction).await?;
    for code in codes {
        let row = recovery_codes::ActiveModel {
            user_id: Set(user.to_string()),
            code_hash: Set(Secret::hash(code)),
            used_at: Set(None),
            created_at: Set(now),
        };
        row.insert(transaction).await?;
    }
    Ok(())
}
