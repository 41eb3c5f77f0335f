//! The key that SQLite makes for itself: one machine, one file beside another.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use crate::domain::id::random_text;

/// Why there is no file of keys beside the database's.
#[derive(Debug, thiserror::Error)]
#[error("the file of application keys {} can't be {what}", path.display())]
pub struct KeyFileError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

/// The keys in the file beside a database's, which is made with one key if it is not there.
pub fn beside(database: &Path) -> Result<String, KeyFileError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".keys");
    let path = PathBuf::from(path);
    match fs::read_to_string(&path) {
        Ok(keys) => {
            warn_if_others_can_read(&path);
            Ok(keys)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&path).map_err(|source| KeyFileError { path: path.clone(), what: "made", source })?;
            fs::read_to_string(&path).map_err(|source| KeyFileError { path, what: "read", source })
        }
        Err(source) => Err(KeyFileError { path, what: "read", source }),
    }
}

/// Writes a whole file under another name first, and gives it its own only if nobody else has been
/// quicker: two processes that start at once end up with the same key.
fn make(path: &Path) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", random_text(12)));
    let made = write(Path::new(&aside)).and_then(|()| match fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => made.and(Err(error)),
        _ => made,
    }
}

fn write(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", super::random())?;
    file.sync_all()
}

#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open = fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if open {
        tracing::warn!(path = %path.display(), "others can read the application keys: chmod 600");
    }
}

/// Elsewhere a folder says who reads what is in it.
#[cfg(not(unix))]
fn warn_if_others_can_read(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_key_is_made_once_and_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("pharos.db");
        let made: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| beside(&database).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(super::super::check(&made[0]).is_ok());
        assert!(made.iter().all(|keys| *keys == made[0]));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [folder.path().join("pharos.db.keys")]);
        assert_eq!(fs::metadata(&left[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = beside(Path::new("/nowhere/pharos.db")).unwrap_err().to_string();
        assert_eq!(error, "the file of application keys /nowhere/pharos.db.keys can't be made");
    }
}
