//! `pharos apply`: a page made like a file.

use std::{
    fs::File as OnDisk,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;

use super::Usage;
use crate::{
    domain::Id,
    settings::Settings,
    transfer::page_file::{File, Wish, apply, schema},
};

/// The largest file: 5,000 components fit well.
const LARGEST: u64 = 8 * 1024 * 1024;

#[derive(Debug, Args)]
pub struct Apply {
    /// The file, in YAML; `-` is standard input.
    #[arg(long, short, value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// The page, if the file names none.
    #[arg(long, value_name = "ID")]
    page: Option<Id>,
    /// Remove what the file does not name, of the kinds that it names.
    #[arg(long)]
    prune: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write the schema that files are checked against, for editors.
    #[arg(long, conflicts_with_all = ["file", "page", "prune", "dry_run"])]
    schema: bool,
}

pub async fn run(settings: &Settings, options: Apply) -> anyhow::Result<()> {
    let path = match options.file {
        Some(path) if !options.schema => path,
        _ => {
            println!("{}", serde_json::to_string_pretty(&schema())?);
            return Ok(());
        }
    };
    let (name, text) = read(&path)?;
    let file = File::read(&name, &text)?;
    let store = super::open(settings).await?;
    let wish = Wish { page: options.page, prune: options.prune, dry_run: options.dry_run };
    let done = apply(&store, &file, &wish).await?;
    print!("{}", done.plan);
    match done.committed {
        Some(committed) => {
            println!("{} is at revision {} now", committed.page_id, committed.version.revision)
        }
        None if options.dry_run && !done.plan.is_empty() => println!("Nothing was done: --dry-run."),
        None => {}
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<(String, String)> {
    let (name, from): (String, Box<dyn Read>) = match path == Path::new("-") {
        true => ("standard input".to_owned(), Box::new(io::stdin())),
        false => {
            let name = path.display().to_string();
            let file = OnDisk::open(path).with_context(|| name.clone())?;
            (name, Box::new(file))
        }
    };
    let mut text = String::new();
    from.take(LARGEST + 1).read_to_string(&mut text).with_context(|| name.clone())?;
    if text.len() as u64 > LARGEST {
        return Err(Usage(format!("{name} is too large; allowed are {LARGEST} bytes")).into());
    }
    Ok((name, text))
}
