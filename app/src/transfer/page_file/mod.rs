//! A page as one file: `pharos apply` makes the page like it, `pharos export --format yaml` writes it.

mod apply;
mod differences;
mod export;
mod held;
mod known;
mod order;
mod page;
mod part;
mod plan;
mod read;
mod resolve;
mod work;

pub use apply::{Outcome, Wish, apply};
pub use export::export;
pub use read::File;

pub use crate::wire::page_file::schema;

/// Why a file can't be applied: each line names a place in it and what is allowed.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct WrongFile(pub Vec<String>);
