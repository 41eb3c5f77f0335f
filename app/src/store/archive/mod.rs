//! The database row by row, as an archive takes it out and puts it back: which tables and columns
//! there are and whom they are about, reading them in one moment, and writing them in one stroke.

mod cell;
mod columns;
mod planned;
mod read;
mod tables;
mod write;

pub use cell::{Cell, Row};
pub use read::Reading;
pub use tables::{Class, Column, Kind, NEVER, Need, TABLES, Table, table};
pub use write::Restoring;

/// What of a database is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Users, subscribers, tokens, and what was done by whom.
    pub people: bool,
    /// What opens a door: hashes of passwords and tokens, secrets of channels.
    pub secrets: bool,
}

impl Content {
    /// The columns of a table that are meant; none if no row of it is.
    pub fn columns(self, table: &'static Table) -> impl Iterator<Item = &'static Column> {
        let meant = self.has(table);
        table.columns.iter().filter(move |column| meant && (self.secrets || !column.secret))
    }

    /// Whether rows of a table are meant. One whose rows can't be without a secret is not there
    /// without them.
    pub fn has(self, table: &Table) -> bool {
        let wanted = table.class == Class::Public || self.people;
        wanted
            && (self.secrets
                || !table.columns.iter().any(|column| column.secret && column.need == Need::Given))
    }
}
