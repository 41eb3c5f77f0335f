//! All pages of the installation, by host.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arc_swap::ArcSwap;

use super::{Archive, Hub, Life, Snapshot};
use crate::domain::Id;

/// What visitors are answered from. Cheap to share; a page is swapped whole.
#[derive(Debug)]
pub struct Site {
    pages: ArcSwap<Pages>,
    archive: Arc<Archive>,
    /// The hosts of the installation's own address, which the first page answers under too.
    own_hosts: Vec<String>,
    events: Hub,
    life: Life,
}

#[derive(Debug, Default)]
struct Pages {
    by_id: HashMap<Id, Arc<Snapshot>>,
    by_host: HashMap<String, Arc<Snapshot>>,
    /// The page for any host, as long as there is one page only.
    only: Option<Arc<Snapshot>>,
    /// The pages that there are, as far as is known, though not all of them may be shown.
    known: HashSet<Id>,
}

/// Why no page answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPage {
    /// There are pages, and none of them under this host (RFC 9110, section 15.5.20).
    Misdirected,
    /// There is none at all, or not all that there are can be shown yet.
    Dark,
}

impl Site {
    /// `own_url` is the installation's own address.
    pub fn new(archive: Archive, own_url: &str) -> Self {
        Self {
            pages: ArcSwap::default(),
            archive: Arc::new(archive),
            own_hosts: own_hosts(own_url),
            events: Hub::default(),
            life: Life::default(),
        }
    }

    /// One page as a snapshot has it, whatever the others show.
    pub fn of_one(&self, snapshot: Arc<Snapshot>) -> Self {
        let only = Self {
            pages: ArcSwap::default(),
            archive: self.archive.clone(),
            own_hosts: self.own_hosts.clone(),
            events: Hub::default(),
            life: Life::default(),
        };
        only.swap(vec![snapshot], &[]);
        only
    }

    /// The page that answers under `host` (without a port): any host with one page, the exact one
    /// with several.
    pub fn page<'h>(&self, host: impl FnOnce() -> &'h str) -> Result<Arc<Snapshot>, NoPage> {
        let pages = self.pages.load();
        match &pages.only {
            Some(only) => Ok(only.clone()),
            None => {
                let reason = if pages.is_whole() { NoPage::Misdirected } else { NoPage::Dark };
                pages.by_host.get(&comparable(host())).cloned().ok_or(reason)
            }
        }
    }

    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Who tells those that watch a page of its changes.
    pub fn events(&self) -> &Hub {
        &self.events
    }

    pub fn life(&self) -> &Life {
        &self.life
    }

    pub fn get(&self, id: &Id) -> Option<Arc<Snapshot>> {
        self.pages.load().by_id.get(id).cloned()
    }

    /// Whether there is a page to show.
    pub fn is_lit(&self) -> bool {
        !self.pages.load().by_id.is_empty()
    }

    /// Whether all pages are shown that are known.
    pub fn is_whole(&self) -> bool {
        self.pages.load().is_whole()
    }

    pub(super) fn known(&self) -> HashSet<Id> {
        self.pages.load().known.clone()
    }

    /// These pages there are: as long as one of them can't be shown, no other answers in its place.
    pub(super) fn know(&self, pages: impl IntoIterator<Item = Id>) {
        let known: HashSet<Id> = pages.into_iter().collect();
        if self.pages.load().known != known {
            self.pages.rcu(|pages| Pages::of(pages.by_id.clone(), known.clone(), &self.own_hosts));
        }
    }

    /// The revision that each page is shown at.
    pub fn versions(&self) -> Vec<(Id, i64)> {
        let pages = self.pages.load();
        pages.by_id.iter().map(|(id, snapshot)| (id.clone(), snapshot.state.version.revision)).collect()
    }

    pub(super) fn ids(&self) -> Vec<Id> {
        self.pages.load().by_id.keys().cloned().collect()
    }

    /// Puts snapshots in the place of those before them and drops what is gone, at one stroke: a
    /// page that gives way to another leaves no moment without one.
    pub(super) fn swap(&self, fresh: Vec<Arc<Snapshot>>, gone: &[Id]) {
        if fresh.is_empty() && gone.is_empty() {
            return;
        }
        self.pages.rcu(|pages| {
            let mut by_id = pages.by_id.clone();
            by_id.retain(|id, _| !gone.contains(id));
            by_id.extend(fresh.iter().map(|snapshot| (snapshot.state.page.id.clone(), snapshot.clone())));
            let known = pages.known.iter().filter(|id| !gone.contains(id)).cloned().collect();
            Pages::of(by_id, known, &self.own_hosts)
        });
        self.life.was_lit(self.is_lit());
        // Whoever is told asks at once, and is to find what it was told of.
        fresh.iter().for_each(|snapshot| self.events.tell(&snapshot.state));
        gone.iter().for_each(|page| self.events.forget(page));
    }
}

impl Pages {
    fn of(by_id: HashMap<Id, Arc<Snapshot>>, known: HashSet<Id>, own_hosts: &[String]) -> Self {
        let is_whole = known.iter().all(|id| by_id.contains_key(id));
        let only = by_id.values().next().filter(|_| is_whole && by_id.len() == 1).cloned();
        // A page without a host of its own stands at the installation's address, else the oldest.
        let first = by_id.values().min_by_key(|snapshot| {
            let page = &snapshot.state.page;
            (page.host.is_some(), page.created_at, page.id.clone())
        });
        // What is not shown may be the one without a host.
        let first = first.filter(|first| is_whole || first.state.page.host.is_none());
        let mut by_host: HashMap<String, Arc<Snapshot>> = HashMap::new();
        for host in own_hosts {
            by_host.extend(first.map(|first| (host.clone(), first.clone())));
        }
        by_host.extend(by_id.values().map(|snapshot| (host_of(snapshot), snapshot.clone())));
        Self { by_host, only, by_id, known }
    }

    fn is_whole(&self) -> bool {
        !self.by_id.is_empty() && self.known.iter().all(|id| self.by_id.contains_key(id))
    }
}

/// A host as it is compared: a name says the same in any case, and with a dot at its end.
fn comparable(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// The host of an address, and its other names when it is this machine itself.
fn own_hosts(url: &str) -> Vec<String> {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(comparable));
    match host.as_deref() {
        Some("localhost" | "127.0.0.1" | "[::1]") => {
            ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).to_vec()
        }
        _ => host.into_iter().collect(),
    }
}

/// A page's own host; for one without, that of its address.
fn host_of(snapshot: &Snapshot) -> String {
    let page = &snapshot.state.page;
    let of_url = || url::Url::parse(&page.url).ok()?.host_str().map(str::to_owned);
    comparable(&page.host.clone().or_else(of_url).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, state::LiveState};

    fn snapshot(id: &str, host: Option<&str>) -> Arc<Snapshot> {
        let mut state: LiveState = fixture::state();
        state.page.id = fixture::id(id);
        state.page.host = host.map(str::to_owned);
        Arc::new(Snapshot::new(state, fixture::noon()))
    }

    fn answers(site: &Site, host: &str) -> Option<String> {
        site.page(|| host).ok().map(|snapshot| snapshot.state.page.id.to_string())
    }

    #[test]
    fn one_page_answers_any_host_and_several_only_their_own() {
        let site = Site::new(Archive::closed(), "http://localhost:8080");
        assert_eq!(site.page(|| "localhost").err(), Some(NoPage::Dark));
        site.swap(vec![snapshot("one", None)], &[]);
        assert_eq!(answers(&site, "anything.test").as_deref(), Some("one"));
        site.swap(vec![snapshot("two", Some("two.test"))], &[]);
        assert_eq!(answers(&site, "anything.test"), None);
        assert_eq!(answers(&site, "TWO.test.").as_deref(), Some("two"));
        assert_eq!(answers(&site, "127.0.0.1").as_deref(), Some("one"), "where the server itself is");
        assert_eq!(answers(&site, "status.example.com").as_deref(), Some("one"), "by its address");
        site.swap(vec![], &[fixture::id("one")]);
        assert_eq!(answers(&site, "anything.test").as_deref(), Some("two"));
    }

    #[test]
    fn no_page_answers_in_the_place_of_one_that_can_not_be_shown() {
        let site = Site::new(Archive::closed(), "https://status.test");
        site.know([fixture::id("one"), fixture::id("two")]);
        site.swap(vec![snapshot("two", Some("two.test"))], &[]);
        assert_eq!(answers(&site, "two.test").as_deref(), Some("two"));
        for other in ["one.test", "status.test"] {
            assert_eq!(site.page(|| other).err(), Some(NoPage::Dark), "{other}");
        }
        site.swap(vec![snapshot("one", None)], &[]);
        assert_eq!(answers(&site, "status.test").as_deref(), Some("one"));
        assert_eq!(site.page(|| "other.test").err(), Some(NoPage::Misdirected));
        site.swap(vec![], &[fixture::id("one")]);
        assert_eq!(answers(&site, "other.test").as_deref(), Some("two"), "it is gone, and known no more");
    }
}
