//! What a row must keep to beyond the kinds of its values: the rules that hold at every other door.

use serde_json::Value;

use crate::{
    domain::{branding::Branding, page},
    locale, settings,
    store::{Cell, Row, Table},
};

/// The characters that a name, and a text that is typed, may have (Statuspage's own limits).
const LONGEST_NAME: usize = 255;
const LONGEST_TEXT: usize = 25_000;

/// Holds a row against the rules; the error names the table, the column and what is allowed.
pub fn row(table: &Table, row: &Row) -> Result<(), String> {
    for (column, cell) in table.columns.iter().zip(row) {
        let Some(cell) = cell else { continue };
        value(table.name, column.name, cell)
            .map_err(|why| format!("{}.{}: {why}", table.name, column.name))?;
    }
    Ok(())
}

fn value(table: &str, column: &str, cell: &Cell) -> Result<(), String> {
    if let (Cell::Json(json), ("pages", "branding")) = (cell, (table, column)) {
        let kept: Value = serde_json::from_str(json.get()).map_err(|error| error.to_string())?;
        return if kept.is_null() { Ok(()) } else { Branding::check(&kept) };
    }
    let Cell::Text(text) = cell else { return Ok(()) };
    match (table, column) {
        ("pages", "name") => settings::name(text).map(drop),
        ("pages", "description") => page::description(text).map(drop),
        ("pages", "host") => settings::host(text).map(drop),
        ("pages", "url") => page::url(text).map(drop),
        ("pages", "support_url") => settings::web_address(text).map(drop),
        ("pages", "time_zone") => page::time_zone(text).map(drop),
        ("pages", "language") => language(text),
        ("users" | "api_tokens" | "audit_events" | "subscribers", _) => Ok(()),
        (_, "name") => shorter(text, LONGEST_NAME),
        (_, "description" | "body" | "postmortem_body" | "postmortem_body_draft") => {
            shorter(text, LONGEST_TEXT)
        }
        _ => Ok(()),
    }
}

fn language(tag: &str) -> Result<(), String> {
    match locale::texts(tag) {
        Some(texts) if texts.tag() == tag => Ok(()),
        _ => Err(format!("allowed are {} and {}", locale::languages().join(", "), locale::PSEUDO)),
    }
}

fn shorter(text: &str, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length > longest { Err(format!("{length} characters; allowed are {longest}")) } else { Ok(()) }
}
