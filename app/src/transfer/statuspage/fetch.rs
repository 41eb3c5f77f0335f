//! A page's own words, asked for at its address: the documents of API v2, the pages of its history
//! back to the first, each incident of which only a row is known, and its feeds. One request at a
//! time.

use std::{collections::BTreeSet, io::IsTerminal};

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use url::Url;

use super::{
    history,
    sources::{MOST_BYTES, Source},
};
use crate::{
    domain::Id,
    outbound::{self, Reach},
    render::{feeds::Feed, statuspage::Endpoint},
};

/// The most pages of the history, twenty years of them, and the most incidents that are asked for
/// one by one.
const MOST_PAGES: usize = 80;
const MOST_INCIDENTS: usize = 10_000;
/// So many quarters without an incident follow the first one.
const QUIET: usize = 8;

/// Asks a page for all that can hold something of its own.
pub async fn page(address: &str) -> anyhow::Result<Vec<Source>> {
    let base = Url::parse(address).with_context(|| address.to_owned())?;
    let asking = Asking { client: outbound::client(Reach::Anywhere)?, base };
    let mut found = vec![];
    for endpoint in Endpoint::ALL {
        found.extend(asking.for_text(endpoint.path()).await?);
    }
    let whole = codes_in(&found);
    let listed = asking.for_history(&mut found).await;
    asking.for_incidents(listed.difference(&whole).take(MOST_INCIDENTS), &mut found).await;
    for feed in [Feed::Atom, Feed::Rss] {
        found.extend(asking.kindly(feed.file()).await);
    }
    if found.is_empty() {
        bail!("{address}: no document of Statuspage's API v2 is there, no history and no feed");
    }
    Ok(found)
}

/// The incidents that documents hold whole.
fn codes_in(documents: &[Source]) -> BTreeSet<Id> {
    let parsed = documents.iter().filter_map(|source| serde_json::from_str::<Value>(&source.text).ok());
    let lists = parsed.flat_map(|document| {
        ["incidents", "scheduled_maintenances"]
            .map(|list| document[list].as_array().cloned().unwrap_or_default())
    });
    lists.flatten().filter_map(|incident| incident["id"].as_str()?.parse().ok()).collect()
}

struct Asking {
    client: Client,
    base: Url,
}

impl Asking {
    /// What is at a path; none if nothing is.
    async fn for_text(&self, path: &str) -> anyhow::Result<Option<Source>> {
        let url = self.base.join(path)?;
        let answer = self.client.get(url.clone()).send().await.with_context(|| url.to_string())?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = bounded(answer.error_for_status()?).await.with_context(|| url.to_string())?;
        Ok(Some(Source { name: url.to_string(), text }))
    }

    /// The same for what is read beside the documents: what can't be had is said and done without.
    async fn kindly(&self, path: &str) -> Option<Source> {
        self.for_text(path).await.unwrap_or_else(|error| {
            tracing::warn!(url.path = path, error = %format!("{error:#}"), "this could not be read and is left out");
            None
        })
    }

    /// The pages of the history, newest first, until they are empty for good; the incidents that
    /// they name.
    async fn for_history(&self, found: &mut Vec<Source>) -> BTreeSet<Id> {
        let (mut codes, mut quiet) = (BTreeSet::new(), 0);
        for number in 1..=MOST_PAGES {
            said(&format!("history, page {number}"));
            let Some(source) = self.kindly(&format!("/history.json?page={number}")).await else { break };
            let read = serde_json::from_str(&source.text).ok().and_then(|page| history::read(&page).ok());
            let Some((_, page)) = read else { break };
            quiet = if page.is_empty() { quiet + 1 } else { 0 };
            codes.extend(page.codes().cloned());
            // One quiet page says what the page is called, and which components it has.
            if number == 1 || !page.is_empty() {
                found.push(source);
            }
            if quiet >= QUIET {
                break;
            }
        }
        codes
    }

    /// Incidents one by one. Where the first is not to be had, none is.
    async fn for_incidents<'a>(&self, codes: impl Iterator<Item = &'a Id>, found: &mut Vec<Source>) {
        for (place, code) in codes.enumerate() {
            said(&format!("incident {}, {code}", place + 1));
            match self.kindly(&format!("/incidents/{code}.json")).await {
                Some(source) if source.text.trim_start().starts_with('{') => found.push(source),
                _ if place == 0 => break,
                _ => {}
            }
        }
    }
}

/// A line of progress on a terminal, nothing elsewhere.
fn said(what: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("reading {what}");
    }
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
