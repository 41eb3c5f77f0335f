//! Putting everything back, or nothing.

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;

use super::{
    check,
    format::{Footer, Header, Line, Lines},
    limits::MOST_PACKED,
    pack::unpack,
    passphrase,
};
use crate::{
    domain::Id,
    store::{Class, Content, Restoring, Row, Store, TABLES, Table},
    transfer::progress,
};

/// How many rows, and lines of how many bytes, are held before they are written.
const MOST_ROWS: usize = 1_000;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What is read, and what of it is taken.
#[derive(Clone, Debug, Args)]
pub struct ImportOptions {
    /// The archive; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Users, subscribers, tokens and what was done by whom, too.
    #[arg(long)]
    pub with_people: bool,
    /// A file whose first line the archive was encrypted with; else PHAROS_ARCHIVE_PASSPHRASE.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What was restored.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub pages: Vec<Id>,
    /// By table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Rows that the archive has and that nobody asked for.
    pub left_out: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in &self.rows {
            writeln!(f, "{table:28} {rows} rows")?;
        }
        if self.left_out > 0 {
            writeln!(f, "left out                     {} rows about people: --with-people", self.left_out)?;
        }
        for page in &self.pages {
            writeln!(f, "page                         {page}")?;
        }
        Ok(())
    }
}

/// Restores an archive into an empty database. Whatever goes wrong, nothing is changed; nobody is
/// notified.
pub async fn import(store: &Store, options: &ImportOptions) -> anyhow::Result<Report> {
    let passphrase = || passphrase::find(options.passphrase_file.as_deref());
    let mut lines = Lines::new(unpack(open(&options.file)?, passphrase)?);
    let header = Header::parse(lines.next()?.unwrap_or_default())?;
    if options.with_people && !header.with_people {
        bail!("--with-people: the archive has no people; it was written without --with-people");
    }
    let wanted = Content { people: options.with_people, secrets: header.with_secrets };
    let mut restore = Restore {
        restoring: store.restore(wanted).await?,
        batch: Batch::default(),
        wanted,
        counts: BTreeMap::new(),
        bar: progress::bar(header.rows),
    };
    // Reading waits for nobody else: this process does nothing besides.
    let footer = restore.rows(&mut lines, &header).await?;
    restore.flush().await?;
    add_up(&footer, &restore.counts, &lines.digest())?;
    if lines.next()?.is_some() {
        bail!("line {}: there is something after the footer", lines.number);
    }
    restore.bar.finish_and_clear();
    let pages = restore.restoring.finish(&header.numbers).await.context("nothing was restored")?;
    let is_left_out = |table: &Table| table.class == Class::People && !wanted.people;
    let (left_out, rows): (Vec<_>, Vec<_>) =
        restore.counts.into_iter().partition(|(name, _)| crate::store::table(name).is_some_and(is_left_out));
    Ok(Report {
        pages,
        rows: rows.into_iter().collect(),
        left_out: left_out.iter().map(|(_, count)| count).sum(),
    })
}

fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let name = || path.display().to_string();
    let file = File::open(path).with_context(name)?;
    let size = file.metadata().with_context(name)?.len();
    if size > MOST_PACKED {
        bail!("{}: {size} bytes; an archive has at most {MOST_PACKED}", path.display());
    }
    Ok(Box::new(file))
}

fn add_up(footer: &Footer, counts: &BTreeMap<&'static str, u64>, digest: &str) -> anyhow::Result<()> {
    let counted: BTreeMap<String, u64> =
        counts.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
    if footer.rows != counted {
        bail!("the archive is damaged: its footer counts {:?} and there are {counted:?}", footer.rows);
    }
    if footer.sha256 != digest {
        bail!("the archive is damaged: its footer says sha256 {} and it is {digest}", footer.sha256);
    }
    Ok(())
}

/// Rows of one table that are to be written together.
#[derive(Debug, Default)]
struct Batch {
    table: Option<&'static Table>,
    rows: Vec<Row>,
    bytes: usize,
    /// The numbers of its first and its last line.
    lines: (u64, u64),
}

#[derive(Debug)]
struct Restore {
    restoring: Restoring,
    batch: Batch,
    wanted: Content,
    counts: BTreeMap<&'static str, u64>,
    bar: indicatif::ProgressBar,
}

impl Restore {
    /// Takes the rows up to the footer.
    async fn rows(&mut self, lines: &mut Lines, header: &Header) -> anyhow::Result<Footer> {
        let mut place = 0;
        loop {
            let Some(line) = lines.next()? else {
                bail!("line {}: the archive is cut off: it has no footer", lines.number);
            };
            let (bytes, parsed) = (line.len(), Line::parse(line, header.content()));
            let at = || {
                format!("line {} (written by release {}, {})", lines.number, header.release, header.schema)
            };
            match parsed.map_err(anyhow::Error::msg).with_context(at)? {
                Line::Footer(footer) => return Ok(footer),
                Line::Row(table, row) => {
                    let comes = TABLES.iter().position(|other| other.name == table.name).unwrap_or(place);
                    if comes < place {
                        bail!("line {}: {} comes before {}", lines.number, table.name, TABLES[place].name);
                    }
                    place = comes;
                    check::row(table, &row).map_err(anyhow::Error::msg).with_context(at)?;
                    self.take(table, row, bytes, lines.number).await?;
                }
            }
        }
    }

    async fn take(&mut self, table: &'static Table, row: Row, bytes: usize, line: u64) -> anyhow::Result<()> {
        *self.counts.entry(table.name).or_default() += 1;
        self.bar.inc(1);
        if !self.wanted.has(table) {
            return Ok(());
        }
        let is_other = self.batch.table.is_some_and(|begun| begun.name != table.name);
        if is_other || self.batch.rows.len() == MOST_ROWS || self.batch.bytes + bytes > MOST_BYTES {
            self.flush().await?;
        }
        if self.batch.rows.is_empty() {
            self.batch.lines.0 = line;
        }
        self.batch.lines.1 = line;
        self.batch.table = Some(table);
        self.batch.bytes += bytes;
        self.batch.rows.push(row);
        Ok(())
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let Some(table) = batch.table else { return Ok(()) };
        let written = self.restoring.rows(table, batch.rows).await;
        written.with_context(|| format!("lines {} to {}, {}", batch.lines.0, batch.lines.1, table.name))
    }
}
