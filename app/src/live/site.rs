//! All pages of the installation, by host.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;

use super::{Archive, Snapshot};
use crate::domain::Id;

/// What visitors are answered from. Cheap to share; a page is swapped whole.
#[derive(Debug)]
pub struct Site {
    pages: ArcSwap<Pages>,
    archive: Archive,
}

#[derive(Debug, Default)]
struct Pages {
    by_id: HashMap<Id, Arc<Snapshot>>,
    by_host: HashMap<String, Arc<Snapshot>>,
    /// The page for any host, as long as there is one page only.
    only: Option<Arc<Snapshot>>,
}

/// No page answers under this host (RFC 9110, section 15.5.20).
#[derive(Debug, PartialEq, Eq)]
pub struct Misdirected;

impl Site {
    pub fn new(archive: Archive) -> Self {
        Self { pages: ArcSwap::default(), archive }
    }

    /// The page that answers under `host` (without a port): any host with one page, the exact one
    /// with several.
    pub fn page<'h>(&self, host: impl FnOnce() -> &'h str) -> Result<Arc<Snapshot>, Misdirected> {
        let pages = self.pages.load();
        match &pages.only {
            Some(only) => Ok(only.clone()),
            None => pages.by_host.get(&host().to_ascii_lowercase()).cloned().ok_or(Misdirected),
        }
    }

    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    pub fn get(&self, id: &Id) -> Option<Arc<Snapshot>> {
        self.pages.load().by_id.get(id).cloned()
    }

    /// Whether there is a page to show.
    pub fn is_lit(&self) -> bool {
        !self.pages.load().by_id.is_empty()
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
            Pages::of(by_id)
        });
    }
}

impl Pages {
    fn of(by_id: HashMap<Id, Arc<Snapshot>>) -> Self {
        let hosts = by_id.values().map(|snapshot| (host_of(snapshot), snapshot.clone()));
        let only = by_id.values().next().filter(|_| by_id.len() == 1).cloned();
        Self { by_host: hosts.collect(), only, by_id }
    }
}

/// A page's own host; for one without, that of its address.
fn host_of(snapshot: &Snapshot) -> String {
    let page = &snapshot.state.page;
    let of_url = || url::Url::parse(&page.url).ok()?.host_str().map(str::to_owned);
    page.host.clone().or_else(of_url).unwrap_or_default().to_ascii_lowercase()
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
        let site = Site::new(Archive::closed());
        site.swap(vec![snapshot("one", None)], &[]);
        assert_eq!(answers(&site, "anything.test").as_deref(), Some("one"));
        site.swap(vec![snapshot("two", Some("two.test"))], &[]);
        assert_eq!(answers(&site, "anything.test"), None);
        assert_eq!(answers(&site, "TWO.test").as_deref(), Some("two"));
        assert_eq!(answers(&site, "status.example.com").as_deref(), Some("one"), "by its address");
        site.swap(vec![], &[fixture::id("one")]);
        assert_eq!(answers(&site, "anything.test").as_deref(), Some("two"));
    }
}
