//! What a document must keep to beyond its shape: lengths, characters, ids that stand once.

use std::collections::HashSet;

use crate::wire::statuspage::{Component, Document, Incident};

/// Statuspage's own limits, in characters.
pub const LONGEST_NAME: usize = 255;
const LONGEST_BODY: usize = 25_000;

/// The first thing that is wrong with a document: its field, and what is allowed.
pub fn document(document: &Document) -> Result<(), String> {
    text("page.name", &document.page.name, LONGEST_NAME)?;
    for (place, component) in document.components.iter().flatten().enumerate() {
        one_component(&format!("components[{place}]"), component)?;
    }
    let mut updates = HashSet::new();
    for (list, incidents) in
        [("incidents", &document.incidents), ("scheduled_maintenances", &document.scheduled_maintenances)]
    {
        for (place, incident) in incidents.iter().flatten().enumerate() {
            let field = format!("{list}[{place}]");
            one_incident(&field, incident)?;
            for (place, update) in incident.incident_updates.iter().enumerate() {
                if !updates.insert(&update.id) {
                    return Err(format!(
                        "{field}.incident_updates[{place}].id: {} stands twice in this document",
                        update.id
                    ));
                }
            }
        }
    }
    Ok(())
}

fn one_component(field: &str, component: &Component) -> Result<(), String> {
    text(&format!("{field}.name"), &component.name, LONGEST_NAME)?;
    text(&format!("{field}.description"), component.description.as_deref().unwrap_or_default(), LONGEST_BODY)
}

fn one_incident(field: &str, incident: &Incident) -> Result<(), String> {
    text(&format!("{field}.name"), &incident.name, LONGEST_NAME)?;
    for (place, component) in incident.components.iter().enumerate() {
        one_component(&format!("{field}.components[{place}]"), component)?;
    }
    for (place, update) in incident.incident_updates.iter().enumerate() {
        text(&format!("{field}.incident_updates[{place}].body"), &update.body, LONGEST_BODY)?;
    }
    Ok(())
}

fn text(field: &str, text: &str, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length > longest {
        return Err(format!("{field}: {length} characters; allowed are {longest}"));
    }
    // Postgres keeps no text with this character.
    if text.contains('\0') {
        return Err(format!("{field}: holds the character U+0000, which is not allowed"));
    }
    Ok(())
}
