//! The shapes that several parts speak: parsing and writing them, no I/O.

pub mod alerts;
pub mod check;
pub mod history;
pub mod kept;
pub mod manage;
pub mod metrics_display;
pub mod page_file;
pub mod stamp;
pub mod statuspage;

pub use stamp::Stamp;
