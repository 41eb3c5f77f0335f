//! Taking everything out.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    format::{FORMAT, Footer, Header, RowLine, VERSION, hex},
    limits::{self, MOST_PACKED, MOST_UNPACKED},
    pack::{Compression, Sink, pack},
    passphrase,
};
use crate::{
    clock::Clock,
    store::{Content, Reading, Store, StoreError, TABLES},
    transfer::progress,
};

/// What is written, and where.
#[derive(Clone, Debug, Default, Args)]
pub struct ExportOptions {
    /// Where the archive is written; standard output if nothing is said, or `-`. What ends in .gz
    /// or .zst (before .age) is compressed.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Users, subscribers and what was done by whom, too.
    #[arg(long)]
    pub with_people: bool,
    /// Hashes of passwords and tokens and secrets of channels, too; the archive is encrypted then.
    #[arg(long)]
    pub with_secrets: bool,
    /// A file whose first line encrypts the archive, as `age --passphrase` does; else
    /// PHAROS_ARCHIVE_PASSPHRASE.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// How it is compressed, whatever its name says.
    #[arg(long, value_name = "HOW")]
    pub compress: Option<Compression>,
}

/// Writes an archive and says on standard error what is in it. All of it is read in one moment of
/// the database.
pub async fn export(store: &Store, options: &ExportOptions, clock: &Clock) -> anyhow::Result<()> {
    let passphrase = passphrase::find(options.passphrase_file.as_deref())?;
    if options.with_secrets && passphrase.is_none() {
        bail!("--with-secrets: name a passphrase with --passphrase-file or {}", passphrase::VARIABLE);
    }
    let file = options.output.as_deref().filter(|path| *path != Path::new("-"));
    let by_name = file.map_or(Compression::None, Compression::of);
    let compression = options.compress.unwrap_or(by_name);
    let unreadable = passphrase.is_some() || compression != Compression::None;
    if file.is_none() && unreadable && io::stdout().is_terminal() {
        bail!("this is nothing for a terminal: name a file with --output");
    }
    let content = Content { people: options.with_people, secrets: options.with_secrets };
    let reading = store.archive(content).await?;
    let target = file.map(Target::beside).transpose()?;
    let to: Box<dyn Sink> = match &target {
        Some(target) => Box::new(BufWriter::new(target.file.try_clone()?)),
        None => Box::new(io::stdout()),
    };
    let mut lines = LineWriter::new(pack(to, compression, passphrase)?);
    write(&reading, content, clock, &mut lines).await?;
    let unpacked = lines.end()?;
    let packed = target.map(Target::keep).transpose()?.unwrap_or_default();
    if unpacked > MOST_UNPACKED || packed > MOST_PACKED {
        bail!(
            "the archive is written, but import takes at most {MOST_PACKED} bytes, and {MOST_UNPACKED} unpacked: \
             this one has {packed}, and {unpacked}"
        );
    }
    Ok(())
}

async fn write(
    reading: &Reading,
    content: Content,
    clock: &Clock,
    lines: &mut LineWriter,
) -> anyhow::Result<()> {
    let tables = || TABLES.iter().filter(|table| content.has(table));
    let mut counts = BTreeMap::new();
    for table in tables() {
        counts.insert(table.name.to_owned(), reading.count(table).await?);
    }
    counts.retain(|_, count| *count > 0);
    let rows = counts.values().sum();
    lines.put(&Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        schema: reading.schema().await?,
        exported_at: clock.now(),
        with_people: content.people,
        with_secrets: content.secrets,
        pages: counts.get("pages").copied().unwrap_or(0),
        rows,
        numbers: reading.numbers().await?,
    })?;
    let bar = progress::bar(rows);
    for table in tables() {
        let written = reading.rows(table, |row| {
            bar.inc(1);
            lines.put(&RowLine(table, row)).map_err(RowError::Write)
        });
        written.await.with_context(|| format!("table {}", table.name))?;
    }
    bar.finish_and_clear();
    let sha256 = lines.digest();
    lines.put(&Footer { rows: counts, sha256 })
}

/// Why a row is not in the archive.
#[derive(Debug, thiserror::Error)]
enum RowError {
    #[error(transparent)]
    Read(#[from] StoreError),
    #[error("{0:#}")]
    Write(anyhow::Error),
}

/// Writes lines and counts them up.
struct LineWriter {
    to: Box<dyn Sink>,
    line: Vec<u8>,
    written: u64,
    digest: Sha256,
}

impl LineWriter {
    fn new(to: Box<dyn Sink>) -> Self {
        Self { to, line: vec![], written: 0, digest: Sha256::new() }
    }

    /// Writes a line; one that import would refuse is refused here.
    fn put(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        limits::line(&self.line).map_err(|error| anyhow::anyhow!("a row can't be restored: {error}"))?;
        self.line.push(b'\n');
        self.to.write_all(&self.line).context("the archive can't be written")?;
        self.digest.update(&self.line);
        self.written += self.line.len() as u64;
        Ok(())
    }

    fn digest(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// Writes what is still held back and says how long the text is.
    fn end(self) -> anyhow::Result<u64> {
        self.to.end().context("the archive can't be written")?;
        Ok(self.written)
    }
}

/// A file that takes its name when it is whole. It is for its owner's eyes only.
struct Target {
    file: File,
    part: PathBuf,
    path: PathBuf,
    kept: bool,
}

impl Target {
    fn beside(path: &Path) -> anyhow::Result<Self> {
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&part).with_context(|| part.display().to_string())?;
        Ok(Self { file, part, path: path.to_owned(), kept: false })
    }

    /// Gives it its name, in the place of what had it, and says how long it is.
    fn keep(mut self) -> anyhow::Result<u64> {
        std::fs::rename(&self.part, &self.path).with_context(|| self.path.display().to_string())?;
        self.kept = true;
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.kept {
            // What is left of an export that failed is of no use; nor is a second error.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}
