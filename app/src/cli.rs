//! The command line.

use std::{ffi::OsString, io::IsTerminal, net::TcpListener, process::ExitCode};

use anyhow::{Context, bail};
use clap::{Command, CommandFactory, Parser, Subcommand};
use tokio::runtime::Runtime;

use crate::{
    clock::Clock,
    live,
    outbound::{self, Reach},
    settings::{LogFormat, Settings},
    shutdown::{self, Patience, Signals},
    store::Store,
    telemetry::{
        self, Logging,
        traces::{self, Traces},
    },
    tls, transfer, web,
};

mod apply;
mod ask;
mod component;
mod config;
mod database;
mod export;
mod incident;
mod notification;
mod page;
mod parse;
mod publish;
mod remote;
mod start;
mod token;
mod user;

use config::database_shown;
use parse::shown;

/// What was asked for can't be understood (EX_USAGE of sysexits.h).
const USAGE: u8 = 64;
/// The most files that may be open at once, where the system allows as many.
const MOST_OPEN_FILES: u64 = 1 << 20;

/// What was asked for is understood and can't be done: the text names the option and what is
/// allowed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// A self-hosted status page that stays lit when everything else goes dark.
///
/// Without a command, `serve`.
#[derive(Debug, Parser)]
#[command(name = "pharos", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Serve the pages of the database.
    Serve,
    /// Do what is done without anybody asking, such as beginning planned maintenances, without serving
    /// pages.
    Worker,
    /// Bring the database's schema up to date.
    Migrate {
        /// Make the roles of the database first, as its administrator (--administrator-url): one that owns
        /// the schema, and two of the application that take turns. What is there stays as it is.
        #[arg(long)]
        bootstrap: bool,
    },
    /// Look after the roles of Postgres.
    #[command(subcommand)]
    Database(database::Task),
    /// Bring a page over from elsewhere.
    #[command(subcommand)]
    Import(Import),
    /// Write everything to one file, from which `pharos import archive` restores it; a page as YAML
    /// for `pharos apply`; or the public site as files.
    Export(export::Export),
    /// Make a page like a file: its settings, components, groups, templates, metrics and alert rules.
    Apply(apply::Apply),
    /// Manage the pages of this installation.
    #[command(subcommand)]
    Page(page::Task),
    /// Look after notifications that wait for an operator, since the database was restored.
    #[command(subcommand)]
    Notification(notification::Task),
    /// Manage what opens the management API.
    #[command(subcommand)]
    Token(token::Task),
    /// Look after the people who run the pages, also when nobody can sign in.
    #[command(subcommand)]
    User(user::Task),
    /// Tell of incidents, by the management API of a server.
    #[command(subcommand)]
    Incident(Box<incident::Task>),
    /// Say what works and what doesn't, by the management API of a server.
    #[command(subcommand)]
    Component(component::Task),
    /// Write what a shell needs to complete these commands: `pharos completion bash >
    /// /etc/bash_completion.d/pharos`.
    Completion {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Fill an empty database with a believable page, for trying out.
    Demo,
    /// Write the description of all that machines can read (OpenAPI 3.1).
    Openapi,
    /// Check the settings and the database, and say what is in force.
    CheckConfig,
    /// Ask the server at the listen address whether it has a page to show.
    Healthcheck,
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Recorded documents of Statuspage's API v2: a folder, a file, or the address of a page.
    Statuspage(transfer::statuspage::Options),
    /// What `pharos export` wrote, into an empty database.
    Archive(transfer::archive::ImportOptions),
}

/// The command line with all its settings, for the documentation.
pub fn command() -> Command {
    Cli::command()
}

/// Runs what the arguments ask for.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("pharos: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    let cli = match parse::parse(arguments, &runtime) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let format = cli.settings.log_format.unwrap_or(match std::io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    });
    if let Err(error) = start_telemetry(&cli, format, &runtime) {
        eprintln!("pharos: {error}");
        return ExitCode::from(USAGE);
    }
    let ended = runtime.block_on(run(cli));
    telemetry::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pharos: {error:#}");
            match error.downcast_ref::<remote::Failed>() {
                Some(failed) => ExitCode::from(failed.code),
                None if error.is::<Usage>() || error.is::<transfer::page_file::WrongFile>() => {
                    ExitCode::from(USAGE)
                }
                None => ExitCode::FAILURE,
            }
        }
    }
}

/// Starts the log and, for what lasts, that of requests and traces.
fn start_telemetry(cli: &Cli, format: LogFormat, runtime: &Runtime) -> Result<(), String> {
    let lasts = matches!(cli.command, None | Some(Task::Serve | Task::Worker));
    let traces = (lasts && traces::are_wanted()).then(|| {
        // What sends them lives in the runtime.
        let _within = runtime.enter();
        let client = outbound::Exports::new().map_err(|error| error.to_string())?;
        Traces::from_variables(client)
    });
    let access = lasts && cli.settings.access_log;
    let logging = Logging { filter: &cli.settings.log, format, access };
    telemetry::start(&logging, traces.transpose()?)
        .map_err(|error| format!("--log {:?}: {error}", cli.settings.log))
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = cli.settings;
    match cli.command.unwrap_or(Task::Serve) {
        Task::Serve => serve(&settings).await,
        Task::Worker => worker(&settings).await,
        Task::Migrate { bootstrap: true } => database::bootstrap(&settings).await,
        Task::Migrate { bootstrap: false } => migrate(&settings).await,
        Task::Database(task) => database::run(&settings, task).await,
        Task::Import(Import::Statuspage(options)) => {
            let store = open(&settings).await?;
            let report = transfer::statuspage::import(&store, &options).await?;
            println!("{report}");
            if !report.missing.is_empty() {
                bail!(
                    "{} could not be read and is not brought over; the rest is. Run this again later",
                    report.missing.join("; ")
                );
            }
            Ok(())
        }
        Task::Import(Import::Archive(options)) => {
            let report = transfer::archive::import(&open(&settings).await?, &options).await?;
            print!("{report}");
            Ok(())
        }
        Task::Export(options) => export::run(&settings, open(&settings).await?, options).await,
        Task::Apply(options) => apply::run(&settings, options).await,
        Task::Page(task) => page::run(&settings, task).await,
        Task::Notification(task) => notification::run(&settings, task).await,
        Task::Token(task) => token::run(&settings, task).await,
        Task::User(task) => user::run(&settings, task).await,
        Task::Incident(task) => incident::run(*task).await,
        Task::Component(task) => component::run(task).await,
        Task::Completion { shell } => {
            let mut script = vec![];
            clap_complete::generate(shell, &mut Cli::command(), "pharos", &mut script);
            Ok(std::io::Write::write_all(&mut std::io::stdout(), &script)?)
        }
        Task::Demo => {
            let store = open(&settings).await?;
            let page = transfer::demo::fill(&store, &Clock::system()).await?;
            println!("{page}");
            Ok(())
        }
        Task::Openapi => {
            println!("{}", live::openapi());
            Ok(())
        }
        Task::CheckConfig => config::check(&settings).await,
        Task::Healthcheck => healthcheck(settings.listen).await,
    }
}

/// Connects, and sees to it that the schema is in order.
async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let store = connect(settings).await?;
    if settings.migrates() {
        store.migrate().await.context("the schema could not be brought up to date")?;
    } else {
        let checked = store.check_schema().await;
        checked.with_context(|| format!("database {}", database_shown(settings)))?;
    }
    Ok(store)
}

async fn connect(settings: &Settings) -> anyhow::Result<Store> {
    tls::check_database("database_url", &settings.database_url)?;
    let connected = Store::open(settings.database(), Clock::system()).await;
    connected.with_context(|| format!("database {}", database_shown(settings)))
}

fn web_options(settings: &Settings) -> anyhow::Result<web::Options> {
    let api = web::ApiOptions {
        calls_per_minute: settings.api_calls_per_minute,
        key_in_query: settings.api_key_in_query,
        trusted_proxies: settings.trusted_proxies.clone(),
        instead_of_aws: None,
    };
    let events = web::EventOptions {
        most: settings.event_streams,
        most_per_address: settings.event_streams_per_address,
        ..web::EventOptions::default()
    };
    let console = web::ConsoleOptions {
        url: settings.console_url.as_ref().map(|_| settings.console()),
        trusted_proxies: settings.trusted_proxies.clone(),
        provider: start::provider(settings)?,
    };
    let grace = Patience::of(settings).for_requests();
    Ok(web::Options { api, console, events, grace, access_log: settings.access_log })
}

async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let signals = Signals::take()?;
    allow_connections();
    let app = start::app(settings).await?;
    let bind = |name: &str, address| {
        TcpListener::bind(address).with_context(|| format!("{name} {address} can't be listened on"))
    };
    let visitors = web::visitors(&app, bind("--listen", settings.listen)?, web_options(settings)?).await?;
    let probes = web::probes(&app, bind("--metrics-listen", settings.metrics_listen)?).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the page is at http://{}", settings.listen);
    let works = start::background(&app, settings);
    shutdown::run(&app, visitors, probes, Patience::of(settings), works, signals.first()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Each visitor who watches the page holds a connection, which is an open file; most systems begin
/// with fewer than they allow.
fn allow_connections() {
    match rlimit::increase_nofile_limit(MOST_OPEN_FILES) {
        Ok(files) => tracing::debug!(files, "as many files may be open"),
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the limit to open files could not be raised; few visitors can watch the page at once"
        ),
    }
}

async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let store = connect(settings).await?;
    match store.migrate().await? {
        0 => println!("The schema is up to date."),
        steps => println!("The schema is up to date now: {steps} steps applied."),
    }
    Ok(())
}

/// What is done without anybody asking, and no page: for an installation that serves with
/// PHAROS_JOBS=0.
async fn worker(settings: &Settings) -> anyhow::Result<()> {
    let signals = Signals::take()?;
    let app = start::app(settings).await?;
    let address = settings.metrics_listen;
    let listener = TcpListener::bind(address);
    let listener = listener.with_context(|| format!("--metrics-listen {address} can't be listened on"))?;
    let mut probes = web::probes(&app, listener).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "working");
    let works = Settings { jobs: true, ..settings.clone() };
    tokio::select! {
        ended = probes.ended() => ended?,
        ended = start::background(&app, &works) => ended?,
        _ = signals.first() => tracing::info!("told to stop"),
    }
    app.say_goodbye().await;
    app.store.close().await?;
    Ok(())
}

/// For containers: fails unless the server has a page to show.
async fn healthcheck(listen: std::net::SocketAddr) -> anyhow::Result<()> {
    let url = format!("http://{listen}/healthz");
    let answer = outbound::client(Reach::Anywhere)?.get(&url).send().await.with_context(|| url.clone())?;
    if !answer.status().is_success() {
        bail!("{url} answers {}", answer.status());
    }
    Ok(())
}
