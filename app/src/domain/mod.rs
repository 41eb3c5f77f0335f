//! What a status page is: types and rules. No I/O, no clock: `now` is always an argument.

pub mod account;
pub mod address;
pub mod alert;
pub mod branding;
pub mod calendar;
pub mod certainty;
#[cfg(test)]
pub mod fixture;
pub mod groups;
pub mod id;
pub mod incident;
pub mod letter;
pub mod metric;
pub mod page;
pub mod past;
pub mod planned;
pub mod record;
pub mod recurrence;
pub mod replica;
pub mod role;
pub mod rollup;
pub mod state;
pub mod status;
pub mod subscriber;
pub mod token;
pub mod uptime;

pub use id::Id;
