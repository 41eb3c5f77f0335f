//! What a file wants otherwise than it is.

use serde::Serialize;
use serde_json::Value;

/// The characters of a value that a plan shows.
const LONGEST_SHOWN: usize = 60;

/// One field, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub field: String,
    pub before: Value,
    pub after: Value,
}

/// The fields that are said and are otherwise. What an entry is known by and what stands in it is
/// looked at elsewhere.
pub fn between(held: &impl Serialize, wanted: &impl Serialize, elsewhere: &[&str]) -> Vec<Difference> {
    let told = |part: Value| match part {
        Value::Object(fields) => fields,
        _ => Default::default(),
    };
    let held = told(serde_json::to_value(held).unwrap_or_default());
    let wanted = told(serde_json::to_value(wanted).unwrap_or_default());
    let said = wanted.into_iter().filter(|(field, _)| !elsewhere.contains(&field.as_str()));
    said.filter_map(|(field, after)| {
        let before = held.get(&field).cloned().unwrap_or_default();
        (before != after).then_some(Difference { field, before, after })
    })
    .collect()
}

/// A value as a plan shows it, in one line.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.starts_with("data:image/") => {
            format!("a picture of {} characters", text.len())
        }
        Value::String(text) => {
            let cut: String = text.chars().take(LONGEST_SHOWN).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            format!("{cut:?}{more}")
        }
        other => {
            let text = other.to_string();
            let cut: String = text.chars().take(2 * LONGEST_SHOWN).collect();
            if cut.len() < text.len() { format!("{cut}…") } else { cut }
        }
    }
}

impl Difference {
    pub fn new(field: &str, before: Value, after: Value) -> Self {
        Self { field: field.to_owned(), before, after }
    }

    /// What it is to be, where that is a text.
    pub fn text(&self) -> Option<String> {
        self.after.as_str().map(str::to_owned)
    }
}
