//! Where documents come from: a folder, a file, or a page's address.

use std::path::Path;

use anyhow::{Context, bail};
use reqwest::StatusCode;
use url::Url;

use crate::{
    outbound::{self, Reach},
    render::statuspage::Endpoint,
};

/// The largest document and the most files that are read.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const MOST_FILES: usize = 10_000;
/// How deep folders are looked into.
const DEPTH: usize = 4;

/// A text and what it is called in messages.
#[derive(Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// Reads everything that `source` names.
pub async fn collect(source: &str) -> anyhow::Result<Vec<Source>> {
    if source.starts_with("http://") || source.starts_with("https://") {
        return fetch(source).await;
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

/// Asks a page for all the documents that can hold something of its own.
async fn fetch(address: &str) -> anyhow::Result<Vec<Source>> {
    let base = Url::parse(address).with_context(|| address.to_owned())?;
    let client = outbound::client(Reach::Anywhere)?;
    let mut found = vec![];
    for endpoint in Endpoint::ALL {
        let url = base.join(endpoint.path())?;
        let answer = client.get(url.clone()).send().await.with_context(|| url.to_string())?;
        if answer.status() == StatusCode::NOT_FOUND {
            continue;
        }
        let text = bounded(answer.error_for_status()?).await.with_context(|| url.to_string())?;
        found.push(Source { name: url.to_string(), text });
    }
    if found.is_empty() {
        bail!("{address}: no document of Statuspage's API v2 is there");
    }
    Ok(found)
}

async fn bounded(mut answer: reqwest::Response) -> anyhow::Result<String> {
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MOST_BYTES {
            bail!("more than {MOST_BYTES} bytes");
        }
    }
    Ok(String::from_utf8(bytes)?)
}
