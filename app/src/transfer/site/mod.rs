//! The whole public site as files that any web server can serve. Everything is asked of a server of
//! our own, as a visitor would, so that nothing is forgotten and every byte is the same.

use std::{
    collections::{BTreeSet, VecDeque},
    io::Write,
    path::PathBuf,
};

use anyhow::{Context, bail};
use clap::Args;
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, HOST},
};

use self::{address::Address, folder::Folder};
use super::progress;
use crate::{
    domain::{Id, past::Quarter},
    live::{Snapshot, brotli},
    locale,
    outbound::{self, Reach},
};

mod address;
mod folder;
mod links;
mod publish;

pub use publish::{Copied, Published, STALE_AFTER, Stamp, collect, publish};

/// More files than any page should have; a copy that would grow without end is given up.
const MOST_FILES: usize = 500_000;
/// What the documents of a metric are about.
const PERIODS: [&str; 3] = ["day", "week", "month"];
/// Where RFC 9116 had it before, from where the server leads to where it is.
const SECURITY: &str = "/security.txt";
/// An address that no page has.
const NOWHERE: &str = "/there-is-no-such-page";

/// What is copied, and where to.
#[derive(Clone, Debug, Args)]
pub struct StaticOptions {
    /// A folder: a new one, an empty one, or an earlier copy, which is brought up to date.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Which page, where there are several.
    #[arg(long, value_name = "ID")]
    pub page: Option<Id>,
    /// Files that are compressed already beside those that gain by it: .br, .gz and .zst.
    #[arg(long)]
    pub precompressed: bool,
}

/// Copies a page from the server at `base`, which serves it; says how many files there are.
/// `patterns` are the routes of that server.
pub async fn copy(
    snapshot: &Snapshot,
    base: &str,
    patterns: &[&str],
    options: &StaticOptions,
) -> anyhow::Result<usize> {
    let folder = Folder::open(&options.folder)?;
    let page = &snapshot.state.page;
    let mut copy = Copy {
        client: outbound::client(Reach::Anywhere)?,
        base,
        host: page.host.clone(),
        own: page.url.trim_end_matches('/').to_owned(),
        folder,
        precompressed: options.precompressed,
        seen: BTreeSet::new(),
        waiting: VecDeque::new(),
    };
    for path in paths(snapshot, patterns) {
        copy.wait_for(Address::path(&path));
    }
    let bar = progress::bar(copy.waiting.len() as u64);
    while let Some(address) = copy.waiting.pop_front() {
        copy.take(&address).await.with_context(|| address.asked())?;
        bar.set_length(copy.seen.len() as u64);
        bar.inc(1);
    }
    copy.quarters(snapshot).await?;
    copy.errors(&page.language).await?;
    bar.finish_and_clear();
    copy.folder.finish()
}

/// What is asked for without a link to it: every route, with every id that may stand in it, in
/// every language. What is not there is passed over.
fn paths(snapshot: &Snapshot, patterns: &[&str]) -> Vec<String> {
    let state = &snapshot.state;
    let mut paths = vec![];
    for pattern in patterns.iter().filter(|pattern| pattern.starts_with('/')) {
        let ids: Vec<&Id> = match pattern.split('/').nth(1) {
            Some("incidents") => state.incident_ids.iter().collect(),
            Some("components" | "uptime") => state.components.iter().map(|component| &component.id).collect(),
            Some("metrics" | "metrics-display") => state.metrics.iter().map(|metric| &metric.id).collect(),
            _ => vec![],
        };
        let with_id = |pattern: &str| match pattern.contains("{id}") {
            true => ids.iter().map(|id| pattern.replace("{id}", id.as_str())).collect(),
            false => vec![pattern.to_owned()],
        };
        match pattern.contains("{period}") {
            true => {
                paths.extend(PERIODS.iter().flat_map(|period| with_id(&pattern.replace("{period}", period))))
            }
            false => paths.extend(with_id(pattern)),
        }
    }
    // What else stands in a pattern is found by links.
    paths.retain(|path| !path.contains('{'));
    let translated = |tag: &&str| paths.iter().map(move |path| format!("/{tag}{path}")).collect::<Vec<_>>();
    let mut all: Vec<String> = locale::languages().iter().flat_map(translated).collect();
    all.splice(0..0, paths.iter().cloned());
    all
}

struct Copy<'a> {
    client: Client,
    base: &'a str,
    host: Option<String>,
    /// The public address of the page.
    own: String,
    folder: Folder,
    precompressed: bool,
    seen: BTreeSet<Address>,
    waiting: VecDeque<Address>,
}

impl Copy<'_> {
    fn wait_for(&mut self, address: Address) {
        if self.seen.insert(address.clone()) {
            self.waiting.push_back(address);
        }
    }

    async fn ask(&self, address: &str) -> anyhow::Result<Response> {
        let mut request = self.client.get(format!("{}{address}", self.base));
        if let Some(host) = &self.host {
            request = request.header(HOST, host);
        }
        Ok(request.send().await?)
    }

    /// Writes what an address answers, and takes up what it links to.
    async fn take(&mut self, address: &Address) -> anyhow::Result<()> {
        let answer = self.ask(&address.asked()).await?;
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_page = kind.starts_with("text/html");
        // What is moved is copied where it is; a stream of events has no end.
        let moved = answer.url().path() != address.path && address.path != SECURITY;
        if answer.status() == StatusCode::NOT_FOUND || moved || kind.starts_with("text/event-stream") {
            return Ok(());
        }
        if answer.status() == StatusCode::BAD_REQUEST {
            // It wants to be asked for something, which files can't be.
            return Ok(());
        }
        if answer.status() != StatusCode::OK {
            bail!("the page answers {}", answer.status());
        }
        let bytes = answer.bytes().await?;
        let Some(file) = address.file(is_page) else { return Ok(()) };
        if self.seen.len() > MOST_FILES {
            bail!("more than {MOST_FILES} addresses");
        }
        if is_page {
            let html = links::still(std::str::from_utf8(&bytes)?);
            self.follow(links::of_html(&html), address);
            return self.write(&file, links::without_queries(&html, address, &self.own).as_bytes());
        }
        if address.path == "/sitemap.xml" {
            self.follow(links::of_sitemap(std::str::from_utf8(&bytes)?), address);
        }
        self.write(&file, &bytes)
    }

    fn follow(&mut self, links: BTreeSet<String>, from: &Address) {
        for link in links {
            if let Some(address) = Address::of(&link, from, &self.own).filter(|to| to.as_path().is_some()) {
                self.wait_for(address);
            }
        }
    }

    /// The history for machines, which is asked for by a query, back to the first incident.
    async fn quarters(&mut self, snapshot: &Snapshot) -> anyhow::Result<()> {
        let state = &snapshot.state;
        let now = Quarter::at(snapshot.as_of, state.page.time_zone);
        for number in 2..=now.since(state.first_quarter(snapshot.as_of)).unwrap_or(0) + 1 {
            let answer = self.ask(&format!("/history.json?page={number}")).await?.error_for_status()?;
            let bytes = answer.bytes().await?;
            self.write(&format!("history/page-{number}.json"), &bytes)?;
        }
        Ok(())
    }

    /// The pages that servers send where there is none. The page's own language stands at the root.
    async fn errors(&mut self, own: &str) -> anyhow::Result<()> {
        let others = locale::languages().iter().filter(|tag| **tag != own);
        let translated = others.map(|tag| format!("/{tag}"));
        for prefix in std::iter::once(String::new()).chain(translated) {
            let answer = self.ask(&format!("{prefix}{NOWHERE}")).await?;
            if answer.status() != StatusCode::NOT_FOUND || answer.url().path() != format!("{prefix}{NOWHERE}")
            {
                continue;
            }
            let html = answer.bytes().await?;
            self.write(format!("{prefix}/404.html").trim_start_matches('/'), &html)?;
        }
        Ok(())
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.folder.write(file, bytes)?;
        if self.precompressed {
            let packed = [
                ("br", brotli(bytes)),
                ("gz", Some(gzip(bytes)?)),
                ("zst", Some(zstd::encode_all(bytes, 9)?)),
            ];
            for (ending, packed) in packed {
                if let Some(packed) = packed.filter(|packed| packed.len() < bytes.len()) {
                    self.folder.write(&format!("{file}.{ending}"), &packed)?;
                }
            }
        }
        Ok(())
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}
