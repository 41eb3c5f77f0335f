//! The file in which a run leaves what it last showed, for a start at which nothing else answers.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Site, Snapshot};
use crate::{
    domain::{Id, state::Version},
    wire::kept::{self, Kept, Unusable},
};

/// What did not change is written anew after this long, since it is confirmed all the time.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// What changes all the time is written no more often than this.
const NOT_BEFORE: TimeDelta = TimeDelta::seconds(2);

/// A file for the last good state. A clone is the same one.
#[derive(Clone, Debug)]
pub struct LastGood(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    written: Mutex<Written>,
    /// Whether what the last run left was looked at, so that it may be overwritten.
    begun: AtomicBool,
    /// Whether one is writing without being waited for.
    writing: AtomicBool,
    /// One at a time: the end of a run does not write into what is just being written.
    turn: Mutex<()>,
    /// A folder that can't be written to is said once.
    failing: AtomicBool,
}

/// Which versions were written last, and when.
#[derive(Debug, Default)]
struct Written {
    versions: Vec<(Id, Version)>,
    at: Option<DateTime<Utc>>,
}

type Shown = Vec<(Arc<Snapshot>, DateTime<Utc>)>;

impl LastGood {
    /// The file of an installation in a folder, which is made when it is first written to.
    pub fn new(folder: &Path, namespace: &str) -> Self {
        let path = folder.join(format!("{namespace}.state"));
        let (written, turn) = (Mutex::default(), Mutex::default());
        let (begun, writing, failing) = Default::default();
        Self(Arc::new(Inner { path, written, begun, writing, turn, failing }))
    }

    /// What the last run left; nothing if there was none.
    pub fn read(&self) -> Result<Vec<Kept>, Unusable> {
        match fs::read(&self.0.path) {
            Ok(bytes) => kept::unpack(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
            Err(error) => Err(error.into()),
        }
    }

    /// What the last run left was looked at: from now on it is overwritten.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::Release);
    }

    pub fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    /// Has what is shown written, if it is news or a while ago, without waiting for it.
    pub fn note(&self, site: &Site, confirmed_at: impl Fn(&Id) -> Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let shown = shown(site, confirmed_at);
        if !self.has_begun() || !self.is_due(&shown, now) || self.0.writing.swap(true, Ordering::AcqRel) {
            return;
        }
        let kept = self.clone();
        tokio::task::spawn_blocking(move || {
            kept.try_write(&shown, now);
            kept.0.writing.store(false, Ordering::Release);
        });
    }

    /// Writes what is shown now: this run ends.
    pub fn write(
        &self,
        site: &Site,
        confirmed_at: impl Fn(&Id) -> Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        self.try_write(&shown(site, confirmed_at), now);
    }

    fn is_due(&self, shown: &Shown, now: DateTime<Utc>) -> bool {
        let written = self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = written.at else { return !shown.is_empty() };
        let age = now - at;
        !shown.is_empty() && age >= NOT_BEFORE && (age >= AGAIN_AFTER || written.versions != versions(shown))
    }

    fn try_write(&self, shown: &Shown, now: DateTime<Utc>) {
        if shown.is_empty() {
            return;
        }
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        match self.put(shown) {
            Ok(()) => {
                self.0.failing.store(false, Ordering::Relaxed);
            }
            Err(error) if !self.0.failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(error = &error as &dyn std::error::Error, file = %self.0.path.display(),
                    "the last good state can't be written: a start without the database will have none");
            }
            Err(_) => {}
        }
        let mut written = self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written = Written { versions: versions(shown), at: Some(now) };
    }

    /// Whoever reads finds the old file or the new one, and never a part.
    fn put(&self, shown: &Shown) -> io::Result<()> {
        let packed = kept::pack(shown.iter().map(|(snapshot, at)| (&snapshot.state, *at)));
        let bytes = packed.map_err(io::Error::other)?;
        if let Some(folder) = self.0.path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Two processes with one folder do not write into each other's.
        let new = self.0.path.with_extension(format!("{}.new", std::process::id()));
        let written = write_new(&new, &bytes).and_then(|()| fs::rename(&new, &self.0.path));
        if written.is_err() {
            // What is left of it is of no use, and may not be there at all.
            let _ = fs::remove_file(&new);
        }
        written
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn shown(site: &Site, confirmed_at: impl Fn(&Id) -> Option<DateTime<Utc>>) -> Shown {
    let snapshots = site.ids().into_iter().filter_map(|id| site.get(&id));
    snapshots
        .map(|snapshot| {
            let at = confirmed_at(&snapshot.state.page.id).unwrap_or(snapshot.as_of);
            (snapshot, at)
        })
        .collect()
}

fn versions(shown: &Shown) -> Vec<(Id, Version)> {
    let mut versions: Vec<(Id, Version)> = shown
        .iter()
        .map(|(snapshot, _)| (snapshot.state.page.id.clone(), snapshot.state.version.clone()))
        .collect();
    versions.sort_by(|one, other| one.0.cmp(&other.0));
    versions
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{domain::fixture, live::Archive};

    fn site(revision: i64) -> Site {
        let mut state = fixture::state();
        state.version.revision = revision;
        let site = Site::new(Archive::closed(), "http://localhost:8080");
        site.swap(vec![Arc::new(Snapshot::new(state, fixture::noon()))], &[]);
        site
    }

    #[test]
    fn the_next_run_finds_what_this_one_showed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = LastGood::new(&folder.path().join("not/yet/there"), "0123");
        assert!(kept.read().unwrap().is_empty());
        kept.write(&site(4), |_| Some(fixture::noon()), fixture::noon());
        let found = LastGood::new(&folder.path().join("not/yet/there"), "0123").read().unwrap();
        assert_eq!((found[0].state.version.revision, found[0].confirmed_at), (4, fixture::noon()));
        let file = folder.path().join("not/yet/there/0123.state");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
        assert!(LastGood::new(&folder.path().join("not/yet/there"), "4567").read().unwrap().is_empty());
    }

    #[test]
    fn news_are_written_soon_and_nothing_new_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        let kept = LastGood::new(folder.path(), "0123");
        let (noon, confirmed) = (fixture::noon(), |_: &Id| Some(fixture::noon()));
        let due = |revision, at| kept.is_due(&shown(&site(revision), confirmed), at);
        assert!(due(4, noon));
        kept.write(&site(4), confirmed, noon);
        assert!(!due(4, noon + TimeDelta::seconds(10)) && due(4, noon + AGAIN_AFTER));
        assert!(!due(5, noon + TimeDelta::seconds(1)) && due(5, noon + NOT_BEFORE));
    }

    #[test]
    fn the_end_of_a_run_waits_for_what_is_just_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let kept = LastGood::new(folder.path(), "0123");
        std::thread::scope(|scope| {
            for revision in 0..8 {
                let kept = kept.clone();
                scope.spawn(move || kept.write(&site(revision), |_| Some(fixture::noon()), fixture::noon()));
            }
        });
        assert!(!kept.0.failing.load(Ordering::Relaxed));
        assert_eq!(kept.read().unwrap().len(), 1);
    }

    #[test]
    fn a_folder_that_can_not_be_written_to_is_no_reason_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let kept = LastGood::new(&file, "0123");
        kept.write(&site(4), |_| None, fixture::noon());
        assert!(kept.0.failing.load(Ordering::Relaxed));
    }
}
