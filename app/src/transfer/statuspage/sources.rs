//! Where documents come from: a folder, a file, or a page's address.

use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};

use super::{fetch, report::Report};

/// The largest document and the most files that are read.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;
const MOST_FILES: usize = 10_000;
/// How deep folders are looked into.
const DEPTH: usize = 4;

/// A text and what it is called in messages.
#[derive(Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// Reads everything that `source` names. It is `now`.
pub async fn collect(source: &str, now: DateTime<Utc>, report: &mut Report) -> anyhow::Result<Vec<Source>> {
    if let Some((scheme, _)) = source.split_once("://") {
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            bail!(
                "{source}: allowed are a folder, a file, and addresses that begin with http:// or https://"
            );
        }
        return fetch::page(source, now, report).await;
    }
    let path = Path::new(source);
    let mut found = vec![];
    if path.is_dir() {
        walk(path, DEPTH, &mut found)?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        found.push(read(path)?);
    }
    if found.is_empty() {
        bail!("{source}: there is no file in it");
    }
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<Source>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry.with_context(|| folder.display().to_string())?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            walk(&entry.path(), depth - 1, found)?;
        } else if kind.is_file() {
            found.push(read(&entry.path())?);
        }
        if found.len() > MOST_FILES {
            bail!("{}: more than {MOST_FILES} files", folder.display());
        }
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Source> {
    let name = path.display().to_string();
    let size = std::fs::metadata(path).with_context(|| name.clone())?.len();
    if size > MOST_BYTES {
        bail!("{name}: {size} bytes; a document has at most {MOST_BYTES}");
    }
    let bytes = std::fs::read(path).with_context(|| name.clone())?;
    // What is no text is no document either; it is named and passed over with the others.
    Ok(Source { name, text: String::from_utf8(bytes).unwrap_or_default() })
}
