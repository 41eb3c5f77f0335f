//! `pharos export`: everything as one file, or the public site as many.

use std::net::TcpListener;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use crate::{
    app::{App, Options},
    clock::Clock,
    settings::Settings,
    store::Store,
    telemetry::Metrics,
    transfer::{
        archive::{self, ExportOptions},
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
    #[command(subcommand)]
    instead: Option<Instead>,
}

#[derive(Debug, Subcommand)]
enum Instead {
    /// Write the whole public site as files that any web server can serve.
    Static(StaticOptions),
}

pub async fn run(settings: &Settings, store: Store, export: Export) -> anyhow::Result<()> {
    match export.instead {
        None => archive::export(&store, &export.archive, &Clock::system()).await,
        Some(Instead::Static(options)) => copy(settings, store, &options).await,
    }
}

/// Serves the page to nobody but ourselves and copies it.
async fn copy(settings: &Settings, store: Store, options: &StaticOptions) -> anyhow::Result<()> {
    let app = App::new(
        store,
        Clock::system(),
        Metrics::new(web::routes())?,
        Options::alone(settings.base_url.as_str()),
    );
    app.refresher.poll().await.context("the pages could not be read")?;
    let pages = app.site.versions();
    let page = match (&options.page, pages.as_slice()) {
        (Some(page), _) => page,
        (None, [(only, _)]) => only,
        (None, []) => bail!("there is no page"),
        (None, _) => {
            bail!("there are {} pages: name one with --page; `pharos page list` lists them", pages.len())
        }
    };
    let snapshot = app.site.get(page).with_context(|| format!("page {page} does not exist"))?;
    let listener = TcpListener::bind("127.0.0.1:0").context("nothing can be listened on")?;
    let base = format!("http://{}", listener.local_addr()?);
    let server = web::visitors(&app, listener, web::ApiOptions::default()).await?;
    let copied = site::copy(&snapshot, &base, web::public_routes(), options).await;
    server.stop().await;
    println!("{} files", copied?);
    Ok(())
}
