//! Everything of a database as one file, and back: JSON Lines, versioned, compressed and encrypted
//! where that is asked for. docs/archive.md describes it.

mod check;
mod export;
mod format;
mod import;
mod limits;
mod pack;
mod passphrase;

pub use export::{ExportOptions, export};
pub use import::{ImportOptions, Report, import};
