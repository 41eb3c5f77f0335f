//! The folder that the copy stands in: each file takes its place whole, and what the copy before
//! had and this one has not goes at the end.

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// What says that the folder is ours, and which files in it.
const MARKER: &str = ".pharos-static.json";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Marker {
    files: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    before: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl Folder {
    /// A folder that is empty, or not there yet, or holds an earlier copy.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let name = || root.display().to_string();
        fs::create_dir_all(root).with_context(name)?;
        let before = match fs::read(root.join(MARKER)) {
            Ok(marker) => {
                serde_json::from_slice::<Marker>(&marker)
                    .with_context(|| root.join(MARKER).display().to_string())?
                    .files
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if fs::read_dir(root).with_context(name)?.next().is_some() {
                    bail!("{}: the folder is not empty and no copy of a page: name another", root.display());
                }
                BTreeSet::new()
            }
            Err(error) => return Err(error).with_context(name),
        };
        let folder = Self { root: root.to_owned(), before, written: BTreeSet::new() };
        folder.mark(&folder.before)?;
        Ok(folder)
    }

    /// Writes a file, over the one that had its name.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.root.join(name);
        self.keep_inside(name)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        replace(&path, bytes)?;
        self.written.insert(name.to_owned());
        Ok(())
    }

    /// Takes away what only the copy before had, and says how many files there are.
    pub fn finish(self) -> anyhow::Result<usize> {
        for gone in self.before.difference(&self.written).filter(|name| is_inside(name)) {
            let path = self.root.join(gone);
            self.keep_inside(gone)?;
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| path.display().to_string());
                }
                _ => self.remove_empty(path.parent()),
            }
        }
        self.mark(&self.written)?;
        Ok(self.written.len())
    }

    /// A folder may be elsewhere behind a symbolic link: nothing is written or removed there.
    fn keep_inside(&self, name: &str) -> anyhow::Result<()> {
        let root = self.root.canonicalize().with_context(|| self.root.display().to_string())?;
        let mut path = self.root.clone();
        for part in Path::new(name).parent().into_iter().flat_map(Path::components) {
            path.push(part);
            if path.is_symlink() && !path.canonicalize().is_ok_and(|to| to.starts_with(&root)) {
                bail!(
                    "{}: a symbolic link that leads out of {}: take it away",
                    path.display(),
                    self.root.display()
                );
            }
        }
        Ok(())
    }

    /// Folders that nothing is left in; one that holds something stays.
    fn remove_empty(&self, mut folder: Option<&Path>) {
        while let Some(empty) = folder.filter(|folder| *folder != self.root) {
            if fs::remove_dir(empty).is_err() {
                return;
            }
            folder = empty.parent();
        }
    }

    fn mark(&self, files: &BTreeSet<String>) -> anyhow::Result<()> {
        let marker = Marker { files: files.clone() };
        replace(&self.root.join(MARKER), &serde_json::to_vec_pretty(&marker)?)
    }
}

/// A marker that somebody changed makes nobody remove what is elsewhere.
fn is_inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // What is written into a link is written where it leads. The file itself takes a link's place.
    if part.is_symlink() {
        bail!("{}: a symbolic link where a file is written: take it away", part.display());
    }
    let written = fs::File::create(&part).and_then(|mut file| file.write_all(bytes));
    written.with_context(|| part.display().to_string())?;
    fs::rename(&part, path).with_context(|| path.display().to_string())
}
