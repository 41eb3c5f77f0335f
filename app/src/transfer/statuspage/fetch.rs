//! A page's own words, asked for at its address: the documents of API v2, the pages of its history
//! back to the first, each incident of which only a row is known, and its feeds. One request at a
//! time.

use std::{
    collections::BTreeSet,
    io::IsTerminal,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, header::RETRY_AFTER};
use serde_json::Value;
use url::Url;

use super::{
    report::Report,
    retry::{self, Failure},
    sources::{MOST_BYTES, Source},
};
use crate::{
    domain::Id,
    outbound::{self, Reach},
    render::{feeds::Feed, statuspage::Endpoint},
};

/// The most incidents that are asked for one by one.
const MOST_INCIDENTS: usize = 10_000;
/// So many in a row that are not there mean that the page shows none by itself; so many that fail,
/// that it has had enough.
const NONE_THERE: usize = 10;
const ENOUGH: usize = 3;

/// Asks a page for all that can hold something of its own. What can't be had is noted in the report
/// as missing.
pub async fn page(address: &str, now: DateTime<Utc>, report: &mut Report) -> anyhow::Result<Vec<Source>> {
    let client = outbound::client(Reach::Anywhere)?;
    let asking = Asking { client, base: base(address)?, now, is_there: AtomicBool::new(false) };
    let mut found = vec![];
    for endpoint in Endpoint::ALL {
        let answered = asking.for_text(endpoint.path()).await;
        if let (Err(failure), true) = (&answered, found.is_empty() && report.missing.is_empty()) {
            // Where nobody answers, nothing else is asked for.
            if failure.wait.is_none() && !failure.passes {
                bail!("{}", failure.reason);
            }
        }
        found.extend(asking.or_missing(answered, report));
    }
    let whole = codes_in(&found);
    let listed = super::walk::history(&asking, &mut found, report).await;
    asking.for_incidents(listed.difference(&whole).take(MOST_INCIDENTS).collect(), &mut found, report).await;
    for feed in [Feed::Atom, Feed::Rss] {
        let answered = asking.for_text(feed.file()).await;
        found.extend(asking.or_missing(answered, report));
    }
    if found.is_empty() {
        bail!("{address}: no document of Statuspage's API v2 is there, no history and no feed\n{report}");
    }
    Ok(found)
}

/// The address that paths are added to: a page may live below one.
fn base(address: &str) -> anyhow::Result<String> {
    let url = Url::parse(address).with_context(|| address.to_owned())?;
    if url.query().is_some() || url.fragment().is_some() {
        bail!("{address}: allowed is the address of a page, without ? and #");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
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

/// Somebody who asks a page.
pub struct Asking {
    client: Client,
    base: String,
    now: DateTime<Utc>,
    /// Whether it ever answered: who never did is not asked again.
    is_there: AtomicBool,
}

impl Asking {
    /// What is at a path; none if nothing is.
    pub async fn for_text(&self, path: &str) -> Result<Option<Source>, Failure> {
        retry::patiently(async || self.once(path, false).await).await
    }

    /// What must be at a path, so that to find nothing is a failure that may pass.
    pub async fn for_page(&self, path: &str) -> Result<Option<Source>, Failure> {
        retry::patiently(async || self.once(path, true).await).await
    }

    async fn once(&self, path: &str, must_be: bool) -> Result<Option<Source>, Failure> {
        let url = format!("{}{path}", self.base);
        let failed =
            |reason: String, passes| Failure { reason: format!("{url}: {reason}"), passes, wait: None };
        let sent = self.client.get(&url).send().await;
        let answer = sent.map_err(|error| {
            let lost = !error.is_connect() || self.is_there.load(Relaxed);
            let passes = lost && !error.is_builder() && !error.is_redirect();
            failed(format!("{:#}", anyhow::Error::new(error.without_url())), passes)
        })?;
        self.is_there.store(true, Relaxed);
        let status = answer.status();
        match status {
            StatusCode::NOT_FOUND if !must_be => Ok(None),
            status if status.is_success() => {
                let read = bounded(answer).await;
                let text = read.map_err(|error| failed(format!("{error:#}"), true))?;
                Ok(Some(Source { name: url, text }))
            }
            _ => {
                let passes = [404, 408, 425, 429].contains(&status.as_u16()) || status.is_server_error();
                let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let wait = wait.and_then(|text| retry::retry_after(text, self.now));
                Err(Failure { wait, ..failed(format!("answered {status}"), passes) })
            }
        }
    }

    /// What was answered; what can't be had is missing.
    pub fn or_missing(
        &self,
        answered: Result<Option<Source>, Failure>,
        report: &mut Report,
    ) -> Option<Source> {
        answered.unwrap_or_else(|failure| {
            report.missing.push(failure.reason);
            None
        })
    }

    /// Incidents one by one. Those that the history names and that are not there are missing, unless
    /// the page shows none by itself.
    async fn for_incidents(&self, codes: Vec<&Id>, found: &mut Vec<Source>, report: &mut Report) {
        let (mut absent, mut served, mut failed) = (vec![], false, 0);
        for (place, code) in codes.iter().enumerate() {
            said(&format!("incident {} of {}, {code}", place + 1, codes.len()));
            match self.for_text(&format!("/incidents/{code}.json")).await {
                Ok(Some(source)) if source.text.trim_start().starts_with('{') => {
                    found.push(source);
                    (served, failed) = (true, 0);
                }
                Ok(_) => absent.push(format!("{}/incidents/{code}.json: not there", self.base)),
                Err(failure) => {
                    report.missing.push(failure.reason);
                    failed += 1;
                }
            }
            let rest = codes.len() - place - 1;
            if failed == ENOUGH && rest > 0 {
                report.missing.push(format!("{rest} more incidents, which were not asked for after that"));
                break;
            }
            if !served && absent.len() == NONE_THERE {
                break;
            }
        }
        if served {
            report.missing.extend(absent);
        } else if !absent.is_empty() {
            report
                .notes
                .push("the page shows no incident by itself: of old ones, only their row is known".into());
        }
    }
}

/// A line of progress on a terminal, nothing elsewhere.
pub fn said(what: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_live_below_a_path() {
        assert_eq!(base("https://a.example").unwrap(), "https://a.example");
        assert_eq!(base("https://a.example/status/").unwrap(), "https://a.example/status");
        for bad in ["https://a.example/?page=2", "https://a.example/#top", "https://"] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }
}
