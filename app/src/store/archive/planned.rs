//! The columns of what is planned to come again.

use super::{
    Column,
    columns::{VERSION, big_integer, id, json, time, time_or_null},
};

pub const RECURRENCES: &[Column] = &[
    id("id"),
    id("page_id"),
    json("series"),
    time_or_null("made_until"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const OCCURRENCES: &[Column] = &[
    id("recurrence_id"),
    time("begins_at"),
    id("page_id"),
    id("incident_id"),
    big_integer("incident_version"),
];
