//! The column shapes and constraints that several steps share.

use sea_orm_migration::{
    prelude::{
        ColumnDef, DbErr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index,
        IndexCreateStatement, IntoIden, SchemaManager, TableCreateStatement,
    },
    schema::{boolean, text, text_null, timestamp_with_time_zone},
};

/// An identifier: a text of 1 to 64 of `[0-9A-Za-z]`.
pub fn id(name: &'static str) -> ColumnDef {
    text(name)
}

pub fn primary_id() -> ColumnDef {
    text("id").primary_key().take()
}

pub fn optional_id(name: &'static str) -> ColumnDef {
    text_null(name)
}

pub fn flag(name: &'static str, default: bool) -> ColumnDef {
    boolean(name).default(default).take()
}

/// A text with a default, for words like a state or a visibility.
pub fn word(name: &'static str, default: &'static str) -> ColumnDef {
    text(name).default(default).take()
}

/// How often an object was changed, for `If-Match`.
pub fn version() -> ColumnDef {
    ColumnDef::new("version").big_integer().not_null().default(1).take()
}

pub fn created_at() -> ColumnDef {
    timestamp_with_time_zone("created_at")
}

pub fn updated_at() -> ColumnDef {
    timestamp_with_time_zone("updated_at")
}

/// A reference that dies with what it refers to.
pub fn owned_by(
    table: &'static str,
    column: &'static str,
    owner: &'static str,
    owner_column: &'static str,
) -> ForeignKeyCreateStatement {
    reference(table, column, owner, owner_column, ForeignKeyAction::Cascade)
}

/// A reference that is emptied when what it refers to goes.
pub fn refers_to(
    table: &'static str,
    column: &'static str,
    other: &'static str,
    other_column: &'static str,
) -> ForeignKeyCreateStatement {
    reference(table, column, other, other_column, ForeignKeyAction::SetNull)
}

fn reference(
    table: &'static str,
    column: &'static str,
    to_table: &'static str,
    to_column: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(to_table, to_column)
        .on_delete(on_delete)
        .take()
}

/// An index named after its table and columns.
pub fn index<const N: usize>(table: &'static str, columns: [&'static str; N]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).take();
    for column in columns {
        index.col(column.into_iden());
    }
    index
}

/// Makes a table and then its indexes.
pub async fn create<const N: usize>(
    manager: &SchemaManager<'_>,
    table: TableCreateStatement,
    indexes: [IndexCreateStatement; N],
) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}
