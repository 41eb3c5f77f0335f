//! Reading the database as it is at one moment.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value};

use super::{Cell, Content, Kind, Row, TABLES, Table};
use crate::store::{Result, Store, dialect};

/// The database at one moment, whatever is written meanwhile.
#[derive(Debug)]
pub struct Reading {
    transaction: DatabaseTransaction,
    content: Content,
}

impl Store {
    /// Begins to read what `content` says.
    pub async fn archive(&self, content: Content) -> Result<Reading> {
        let transaction = self.read().await?;
        dialect::unhurried(&transaction).await?;
        Ok(Reading { transaction, content })
    }
}

impl Reading {
    /// The last step of the schema.
    pub async fn schema(&self) -> Result<String> {
        let sql = "SELECT version FROM seaql_migrations ORDER BY version DESC LIMIT 1";
        let row = self.one(sql, []).await?;
        Ok(row.map(|row| row.try_get("", "version")).transpose()?.unwrap_or_default())
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &Table) -> Result<u64> {
        let row = self.one(&format!("SELECT count(*) AS count FROM \"{}\"", table.name), []).await?;
        let count = row.map(|row| row.try_get::<i64>("", "count")).transpose()?.unwrap_or_default();
        Ok(count.unsigned_abs())
    }

    /// The last number that was given in each table that counts by itself, so that none is given
    /// twice even if its row is gone.
    pub async fn numbers(&self) -> Result<BTreeMap<String, i64>> {
        let sql = match self.transaction.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) AS last"
            }
            _ => "SELECT seq AS last FROM sqlite_sequence WHERE name = $1 AND $2 <> ''",
        };
        let mut numbers = BTreeMap::new();
        for table in TABLES.iter().filter(|table| self.content.has(table)) {
            let Some(number) = table.number else { continue };
            let row = self.one(sql, [table.name.into(), number.into()]).await?;
            let last = row.map(|row| row.try_get::<Option<i64>>("", "last")).transpose()?.flatten();
            numbers.extend(last.map(|last| (table.name.to_owned(), last)));
        }
        Ok(numbers)
    }

    /// Calls `each` with every row of a table, by its key; only a few are in memory at a time.
    pub async fn rows<E: From<crate::store::StoreError>>(
        &self,
        table: &'static Table,
        mut each: impl FnMut(&Row) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let statement = self.select(table);
        let from_database = |error: DbErr| E::from(error.into());
        let mut rows =
            sea_orm::StreamTrait::stream_raw(&self.transaction, statement).await.map_err(from_database)?;
        while let Some(row) = rows.try_next().await.map_err(from_database)? {
            each(&self.cells(table, &row).map_err(from_database)?)?;
        }
        Ok(())
    }

    fn cells(&self, table: &'static Table, row: &QueryResult) -> std::result::Result<Row, DbErr> {
        let meant = |secret: bool| self.content.secrets || !secret;
        let cell =
            |column: &super::Column| if meant(column.secret) { Cell::read(column, row) } else { Ok(None) };
        table.columns.iter().map(cell).collect()
    }

    fn select(&self, table: &'static Table) -> Statement {
        let backend = self.transaction.get_database_backend();
        let columns = self.content.columns(table).map(|column| match column.kind {
            Kind::Json => format!("CAST(\"{0}\" AS TEXT) AS \"{0}\"", column.name),
            _ => format!("\"{}\"", column.name),
        });
        let order = table.key.iter().map(|key| {
            let is_text =
                table.column(key).is_some_and(|column| matches!(column.kind, Kind::Id | Kind::Text));
            // By bytes, as SQLite orders anyway, so that both give the same archive.
            let collation = if is_text && backend == DbBackend::Postgres { " COLLATE \"C\"" } else { "" };
            format!("\"{key}\"{collation}")
        });
        let (columns, order) = (columns.collect::<Vec<_>>().join(", "), order.collect::<Vec<_>>().join(", "));
        Statement::from_string(backend, format!("SELECT {columns} FROM \"{}\" ORDER BY {order}", table.name))
    }

    async fn one(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Option<QueryResult>> {
        let backend = self.transaction.get_database_backend();
        Ok(self.transaction.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?)
    }
}
