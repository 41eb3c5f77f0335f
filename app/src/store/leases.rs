//! Leases: what only one of several processes does at a time. A holder that dies keeps its lease
//! until it runs out, by the database's clock.

use chrono::TimeDelta;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{Record, Result, dialect, entity::leases};
use crate::domain::Id;

/// What the lease of what is done without anybody asking is called.
pub const JOBS: &str = "jobs";

impl Record<'_> {
    /// Takes a lease, or keeps it for as long again, unless somebody else holds it. Says whether this
    /// holder has it now.
    pub async fn take_lease(&self, name: &str, holder: &Id, life: TimeDelta) -> Result<bool> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let row = leases::ActiveModel {
            name: Set(name.to_owned()),
            holder: Set(holder.to_string()),
            until_at: Set(now + life),
        };
        let held = |column| Expr::col((leases::Entity, column));
        let free =
            held(leases::Column::Holder).eq(holder.as_str()).or(held(leases::Column::UntilAt).lte(now));
        let or_keep = OnConflict::column(leases::Column::Name)
            .update_columns([leases::Column::Holder, leases::Column::UntilAt])
            .action_and_where(free)
            .to_owned();
        let taken =
            leases::Entity::insert(row).on_conflict(or_keep).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(taken > 0)
    }

    /// Gives a lease back, so that another one need not wait for its end.
    pub async fn give_lease_back(&self, name: &str, holder: &Id) -> Result<()> {
        let ours = leases::Entity::delete_many()
            .filter(leases::Column::Name.eq(name))
            .filter(leases::Column::Holder.eq(holder.as_str()));
        let transaction = self.0.write().await?;
        ours.exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}
