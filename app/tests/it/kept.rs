//! What is kept outside of a process, for other releases too.

use std::collections::BTreeSet;

use pharos::{
    transfer::demo,
    wire::kept::{self, FORMAT},
};
use serde_json::Value;

use crate::support::{Database, clock, fixture, noon};

/// The fields of what is kept are those of its format, as far as the demo has them. Whoever adds or drops
/// one decides: releases that know this format do without it, and it is added to the list; or they would
/// misread it, and the number of the format rises.
#[tokio::test]
async fn what_is_kept_has_the_fields_of_its_format() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let page = demo::fill(&store, &clock()).await.unwrap();
    let state = store.load(&page, "http://status.test").await.unwrap();
    let packed = kept::pack([(&state, noon())]).unwrap();
    let packed = packed.strip_prefix(format!("pharos kept {FORMAT}\n").as_bytes()).unwrap();
    let kept: Value = serde_json::from_slice(&zstd::decode_all(packed).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    fields(&kept, "", &mut found);
    let listed = std::fs::read_to_string(fixture(&format!("kept/format-{FORMAT}.txt"))).unwrap_or_default();
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    let (more, fewer) = (found.difference(&listed), listed.difference(&found));
    let changed: Vec<_> =
        more.map(|field| format!("+{field}")).chain(fewer.map(|field| format!("-{field}"))).collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// Each field by the path that leads to it, through lists and what is kept by id.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) if path.ends_with(".known_since") => {
            object.values().for_each(|value| fields(value, &format!("{path}.ID"), found));
        }
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{path}.{name}");
                fields(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| fields(value, path, found)),
        _ => {}
    }
}
