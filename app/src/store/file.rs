//! The file of SQLite. Who replaces or removes it while it is in use leaves this process with one
//! that no path leads to any more, so that whatever is written is lost.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

use super::{Result, StoreError};

/// A file that was opened, and what it was.
#[derive(Clone, Debug)]
pub struct Opened {
    path: PathBuf,
    identity: Identity,
}

/// What makes it the same file, whatever its name: its device and its number there.
type Identity = (u64, u64);

impl Opened {
    /// The file of a database that was just opened; none if it is in memory.
    pub fn of(url: &str) -> Option<Self> {
        let path = SqliteConnectOptions::from_str(url).ok()?.get_filename().to_owned();
        let identity = identity(&path)?;
        Some(Self { path, identity })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its path still leads to it; the error says what happened, and what to do. It is not
    /// opened anew here: beside it there may be a journal of the one that was there before.
    pub fn check(&self) -> Result<()> {
        let found = identity(&self.path);
        if found == Some(self.identity) {
            return Ok(());
        }
        let what = if found.is_some() { "replaced" } else { "removed" };
        let path = self.path.display();
        Err(StoreError::Lost(format!(
            "the database file {path} was {what} while it was in use: nothing is written any more; stop the \
             server, put the file in its place without {path}-wal and {path}-shm of another, and start again"
        )))
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Elsewhere a file that is in use can't be replaced.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<Identity> {
    None
}
