//! `pharos export`: everything as one file, a page as YAML, or the public site as many files.

use std::{net::TcpListener, path::Path};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::Usage;
use crate::{
    app::{App, Options},
    clock::Clock,
    domain::Id,
    settings::Settings,
    store::Store,
    telemetry::Metrics,
    transfer::{
        archive::{self, ExportOptions},
        page_file,
        site::{self, StaticOptions},
    },
    web,
};

/// Without a subcommand, the archive.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Export {
    #[command(flatten)]
    archive: ExportOptions,
    /// `archive` is everything, for `pharos import archive`; `yaml` is what `pharos apply` reads of one
    /// page.
    #[arg(long, value_enum, default_value_t = Format::Archive)]
    format: Format,
    /// The page that is written as YAML, if there are several.
    #[arg(long, value_name = "ID")]
    page: Option<Id>,
    #[command(subcommand)]
    instead: Option<Instead>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Archive,
    Yaml,
}

#[derive(Debug, Subcommand)]
enum Instead {
    /// Write the whole public site as files that any web server can serve.
    Static(StaticOptions),
}

pub async fn run(settings: &Settings, store: Store, export: Export) -> anyhow::Result<()> {
    match export.instead {
        None if export.format == Format::Yaml => yaml(settings, &store, &export).await,
        None if export.page.is_some() => {
            Err(Usage("--page: is for --format yaml; an archive holds every page".into()).into())
        }
        None => archive::export(&store, &export.archive, &Clock::system()).await,
        Some(Instead::Static(options)) => copy(settings, store, &options).await,
    }
}

async fn yaml(settings: &Settings, store: &Store, export: &Export) -> anyhow::Result<()> {
    let options = &export.archive;
    let others = [
        ("with-people", options.with_people),
        ("with-secrets", options.with_secrets),
        ("passphrase-file", options.passphrase_file.is_some()),
        ("compress", options.compress.is_some()),
    ];
    if let Some((name, _)) = others.iter().find(|(_, said)| *said) {
        return Err(Usage(format!("--{name}: is for --format archive")).into());
    }
    let pages: Vec<Id> = store.versions().await?.into_iter().map(|(id, _)| id).collect();
    let page = one_page(export.page.as_ref(), &pages)?;
    let text = page_file::export(store, page, settings.base_url.as_str()).await?;
    match options.output.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => std::fs::write(path, text).with_context(|| path.display().to_string()),
        None => Ok(std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?),
    }
}

/// The page that is named, or the only one there is.
fn one_page<'a>(named: Option<&'a Id>, pages: &'a [Id]) -> anyhow::Result<&'a Id> {
    match (named, pages) {
        (Some(page), _) => Ok(page),
        (None, [only]) => Ok(only),
        (None, []) => bail!("there is no page"),
        (None, _) => {
            bail!("there are {} pages: name one with --page; `pharos page list` lists them", pages.len())
        }
    }
}

/// Serves the page to nobody but ourselves and copies it.
async fn copy(settings: &Settings, store: Store, options: &StaticOptions) -> anyhow::Result<()> {
    let app = App::new(
        store,
        Clock::system(),
        Metrics::new(web::named_routes())?,
        Options::alone(settings.base_url.as_str()),
    );
    app.refresher.poll().await.context("the pages could not be read")?;
    let pages: Vec<Id> = app.site.versions().into_iter().map(|(id, _)| id).collect();
    let page = one_page(options.page.as_ref(), &pages)?;
    let snapshot = app.site.get(page).with_context(|| format!("page {page} does not exist"))?;
    let listener = TcpListener::bind("127.0.0.1:0").context("nothing can be listened on")?;
    let base = format!("http://{}", listener.local_addr()?);
    let server = web::visitors(&app, listener, web::ApiOptions::default()).await?;
    let copied = site::copy(&snapshot, &base, web::public_routes(), options).await;
    server.stop().await;
    println!("{} files", copied?);
    Ok(())
}
