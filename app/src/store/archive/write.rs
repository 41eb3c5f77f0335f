//! Putting rows back into a database that has none, all or nothing.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{Cell, Content, Need, Row, TABLES, Table};
use crate::{
    clock::Clock,
    domain::Id,
    store::{
        Result, Store, StoreError, alerts, convert, dialect,
        entity::{alert_rules, alerts as alert_rows, audit_events, components, groups, incidents, pages},
        state,
    },
};

/// SQLite takes 32,766 values in a statement.
const MOST_VALUES: usize = 30_000;
/// Incidents that are held against the rules at a time.
const CHECKED: u64 = 500;

/// A database that is being filled; dropped without [`Restoring::finish`], nothing of it happened.
#[derive(Debug)]
pub struct Restoring {
    transaction: DatabaseTransaction,
    clock: Clock,
    /// References within a table, made once all its rows are there.
    parents: Vec<(&'static Table, Cell, Cell)>,
}

impl Store {
    /// Begins to fill a database that has no page but one that gives way, and nothing else of what
    /// is to be restored.
    pub async fn restore(&self, content: Content) -> Result<Restoring> {
        let transaction = self.write().await?;
        dialect::unhurried(&transaction).await?;
        dialect::alone(&transaction).await?;
        give_way(&transaction).await?;
        for table in TABLES.iter().filter(|table| content.has(table)) {
            let sql = format!("SELECT 1 AS one FROM \"{}\" LIMIT 1", table.name);
            let statement = Statement::from_string(transaction.get_database_backend(), sql);
            if transaction.query_one_raw(statement).await?.is_some() {
                return Err(StoreError::Refused(format!(
                    "the database is not empty, {} has rows: an archive is restored into an empty one only",
                    table.name
                )));
            }
        }
        Ok(Restoring { transaction, clock: self.clock.clone(), parents: vec![] })
    }
}

/// Takes away what a new installation begins with, or the demo, with what was noted of it.
async fn give_way(transaction: &DatabaseTransaction) -> Result<()> {
    let provisional: Vec<String> = pages::Entity::find()
        .select_only()
        .column(pages::Column::Id)
        .filter(pages::Column::Provisional.eq(true))
        .into_tuple()
        .all(transaction)
        .await?;
    let noted = audit_events::Column::PageId.is_in(&provisional);
    audit_events::Entity::delete_many().filter(noted).exec(transaction).await?;
    pages::Entity::delete_many().filter(pages::Column::Id.is_in(&provisional)).exec(transaction).await?;
    Ok(())
}

impl Restoring {
    /// Writes rows of a table as they are given.
    pub async fn rows(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<()> {
        let at_once = MOST_VALUES / table.columns.len();
        let mut pending: Vec<Row> = vec![];
        for row in rows {
            let begins_anew = pending.first().is_some_and(|first| given(table, first) != given(table, &row));
            if begins_anew || pending.len() == at_once {
                self.insert(table, std::mem::take(&mut pending)).await?;
            }
            pending.push(row);
        }
        self.insert(table, pending).await
    }

    /// Writes rows that have the same columns.
    async fn insert(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<()> {
        let Some(given) = rows.first().map(|first| given(table, first)) else { return Ok(()) };
        let backend = self.transaction.get_database_backend();
        let columns = table.columns.iter().zip(&given).filter(|(_, given)| **given);
        let mut insert = Query::insert();
        insert.into_table(table.name).columns(columns.map(|(column, _)| column.name));
        for mut row in rows {
            self.put_off_parent(table, &mut row);
            let cells = table.columns.iter().zip(row).zip(&given).filter(|(_, given)| **given);
            let values = cells.map(|((column, cell), _)| match cell {
                Some(cell) => cell.expression(backend),
                None => Cell::null(column.kind, backend),
            });
            insert.values(values).map_err(|error| StoreError::Refused(error.to_string()))?;
        }
        self.transaction.execute(&insert).await?;
        Ok(())
    }

    /// A row may refer to one that comes later.
    fn put_off_parent(&mut self, table: &'static Table, row: &mut Row) {
        let place = |name| table.columns.iter().position(|column| column.name == name);
        let Some((parent, id)) = table.parent.and_then(|parent| place(parent).zip(place("id"))) else {
            return;
        };
        if let (Some(parent), Some(id)) = (row[parent].take(), row[id].clone()) {
            self.parents.push((table, id, parent));
        }
    }

    /// Makes it so, if every page can be shown: says which pages there are.
    pub async fn finish(mut self, numbers: &BTreeMap<String, i64>) -> Result<Vec<Id>> {
        let backend = self.transaction.get_database_backend();
        for (table, id, parent) in std::mem::take(&mut self.parents) {
            let Some(column) = table.parent else { continue };
            let mut update = Query::update();
            update.table(table.name).value(column, parent.expression(backend));
            update.and_where(Expr::col("id").eq(id.expression(backend)));
            self.transaction.execute(&update).await?;
        }
        for table in TABLES {
            if let Some(column) = table.number {
                let least = numbers.get(table.name).copied().unwrap_or(0);
                self.count_from(table.name, column, least).await?;
            }
        }
        let pages = self.check().await?;
        self.transaction.commit().await?;
        Ok(pages)
    }

    /// The next number is above every one that was given.
    async fn count_from(&self, table: &str, column: &str, least: i64) -> Result<()> {
        let backend = self.transaction.get_database_backend();
        if backend == DbBackend::Postgres {
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), greatest(last, 1), last > 0) \
                 FROM (SELECT greatest(coalesce(max(\"{column}\"), 0), $1) AS last FROM \"{table}\") AS given"
            );
            self.execute(&sql, [least.into()]).await?;
        } else if least > 0 {
            let raise = "UPDATE sqlite_sequence SET seq = max(seq, $1) WHERE name = $2";
            if self.execute(raise, [least.into(), table.into()]).await? == 0 {
                let begin = "INSERT INTO sqlite_sequence (seq, name) VALUES ($1, $2)";
                self.execute(begin, [least.into(), table.into()]).await?;
            }
        }
        Ok(())
    }

    async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64> {
        let backend = self.transaction.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(self.transaction.execute_raw(statement).await?.rows_affected())
    }

    /// Reads all that was written as the rest of the program does, however old or hidden it is.
    async fn check(&self) -> Result<Vec<Id>> {
        let mut ids = vec![];
        for page in pages::Entity::find().order_by_asc(pages::Column::Id).all(&self.transaction).await? {
            let page = convert::page(page, "")?;
            state::load(&self.transaction, &page.id, "", self.clock.now()).await?;
            ids.push(page.id);
        }
        for group in groups::Entity::find().all(&self.transaction).await? {
            convert::group(group)?;
        }
        let components = components::Entity::find().all(&self.transaction).await?;
        for component in components {
            convert::component(component, vec![])?;
        }
        for rule in alert_rules::Entity::find().all(&self.transaction).await? {
            alerts::rule(rule)?;
        }
        for alert in alert_rows::Entity::find().all(&self.transaction).await? {
            alerts::alert(alert)?;
        }
        self.check_incidents().await?;
        Ok(ids)
    }

    async fn check_incidents(&self) -> Result<()> {
        let mut last = i64::MIN;
        loop {
            let some = incidents::Entity::find()
                .filter(incidents::Column::Number.gt(last))
                .order_by_asc(incidents::Column::Number)
                .limit(CHECKED)
                .all(&self.transaction)
                .await?;
            let Some(newest) = some.last() else { return Ok(()) };
            last = newest.number;
            state::complete(&self.transaction, some, &state::Shown::all(&[])).await?;
        }
    }
}

/// Which columns a row gives; what it leaves to the schema's defaults is not among them.
fn given(table: &Table, row: &Row) -> Vec<bool> {
    table
        .columns
        .iter()
        .zip(row)
        .map(|(column, cell)| cell.is_some() || column.need != Need::Default)
        .collect()
}
