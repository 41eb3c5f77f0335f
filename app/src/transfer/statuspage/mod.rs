//! Recorded documents of Statuspage's API v2, pages of its history and feeds, merged into a page.

use std::collections::HashSet;

use anyhow::{Context, bail};

use crate::{
    domain::{Id, state::Page},
    store::{Actor, Change, NewPage, Store, Whole},
    transfer::progress,
};

mod check;
mod content;
mod documents;
mod evidence;
mod feed;
mod fetch;
mod history;
mod merge;
mod rename;
mod report;
mod retry;
mod sources;
mod told;
mod walk;
mod when;

pub use report::Report;

/// What to bring over, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// A folder, a file, or the address of a page (https://www.githubstatus.com), which may live
    /// below a path.
    ///
    /// At an address, the documents of API v2 are asked for, the history quarter by quarter back to
    /// when the page was made (or through 20 quarters without an incident, where it does not say),
    /// the incidents that it names, and the feeds. What fails is asked for again, up to four times;
    /// what still can't be had is reported as MISSING, everything else is brought over, and the
    /// command fails. Run it again later: it brings over what is missing.
    pub source: String,
    /// Which page to bring over, where the documents are of several.
    #[arg(long, value_name = "ID")]
    pub page: Option<Id>,
    /// The page of this installation to bring it into; a page with its own id, if nothing is said.
    #[arg(long, value_name = "ID")]
    pub into: Option<Id>,
    /// Give everything new ids, so that a page can be brought over a second time.
    #[arg(long)]
    pub new_ids: bool,
}

/// Brings a page over: everything that is new or newer, in one change, or nothing at all. Nobody is
/// notified, and the clock will move nothing of it.
pub async fn import(store: &Store, options: &Options) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let found = sources::collect(&options.source, store.now(), &mut report).await?;
    let read = documents::read(found, store.now(), &mut report)?;
    let read = documents::of_one_page(read, options.page.as_ref())?;
    let (mut brought, endless) = merge::everything(&read, &mut report);
    let target = options.into.clone().unwrap_or_else(|| brought.page.id.clone());
    if options.new_ids {
        let target = if options.into.is_some() { target } else { rename::fresh(&brought.page.id, "page") };
        rename::all(&mut brought, &target);
    } else {
        brought.page.id = target;
    }
    let is_there = options.into.is_some() || store.has_page(&brought.page.id).await?;
    let mut change = begin(store, &brought.page, is_there, &mut report).await?;
    let known = change.whole().await?;
    if let Some(taken) = change.held_elsewhere(&brought).await? {
        bail!("{taken} belongs to another page of this installation; --new-ids brings a copy over");
    }
    merge::note_still_open(&known, &read.documents, &mut report);
    let mut merged = merge::into_page(&known, brought, &endless, &mut report);
    let taken = change.numbers_taken(&merged.incidents).await?;
    number(&mut merged, &known, taken);
    let written = write(&mut change, &known, &merged, &mut report).await?;
    // A page that was just made is a change even if nothing is on it.
    if written || !is_there {
        change.number_on_from_here().await?;
        change.keep_updated_at(merged.page.updated_at);
        change.commit().await.context("the import was taken back whole")?;
    }
    Ok(report)
}

/// Of two incidents of the installation with one number, the one that is there keeps it.
fn number(merged: &mut Whole, known: &Whole, mut taken: HashSet<i64>) {
    let ours: HashSet<&Id> = known.incidents.iter().map(|incident| &incident.id).collect();
    taken.extend(known.incidents.iter().map(|incident| incident.number));
    for incident in merged.incidents.iter_mut().filter(|incident| !ours.contains(&incident.id)) {
        if !taken.insert(incident.number) {
            incident.number = 0;
        }
    }
}

async fn begin(store: &Store, page: &Page, is_there: bool, report: &mut Report) -> anyhow::Result<Change> {
    if is_there {
        return Ok(store.change(&page.id, Actor::CommandLine).await?);
    }
    let host = url::Url::parse(&page.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let taken = match &host {
        Some(host) => store.has_host(host).await?,
        None => false,
    };
    if !store.is_empty().await? {
        report.notes.push(match host.as_deref().filter(|_| !taken) {
            Some(host) => format!("there are several pages now; this one answers under {host}"),
            None => format!(
                "another page has this one's host: give it one with `pharos page set {} --host NAME`",
                page.id
            ),
        });
    }
    let host = host.filter(|_| !taken);
    let new = NewPage {
        id: page.id.clone(),
        host,
        url: Some(page.url.clone()),
        time_zone: page.time_zone,
        created_at: Some(page.created_at),
        ..NewPage::named(&page.name)
    };
    Ok(store.change_new_page(new, Actor::CommandLine).await?)
}

/// Writes what differs and says whether anything did.
async fn write(
    change: &mut Change,
    known: &Whole,
    merged: &Whole,
    report: &mut Report,
) -> anyhow::Result<bool> {
    let total = merged.groups.len() + merged.components.len() + merged.incidents.len();
    let bar = progress::bar(total as u64);
    let mut written = known.page != merged.page;
    if written {
        change.put_page(&merged.page).await?;
    }
    for group in &merged.groups {
        let before = known.groups.iter().find(|before| before.id == group.id);
        if report.groups.count(before, group) {
            change.put_group(group).await?;
            written = true;
        }
        bar.inc(1);
    }
    for component in &merged.components {
        let before = known.components.iter().find(|before| before.id == component.id);
        if report.components.count(before, component) {
            change.put_component(component).await?;
            written = true;
        }
        bar.inc(1);
    }
    for incident in &merged.incidents {
        let before = known.incidents.iter().find(|before| before.id == incident.id);
        if report.incidents.count(before, incident) {
            change.put_incident(incident).await?;
            written = true;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(written)
}
