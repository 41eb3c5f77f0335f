//! The command line.

use std::{ffi::OsString, io::IsTerminal, net::TcpListener, process::ExitCode};

use anyhow::{Context, bail};
use clap::{Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::{
    app::App,
    clock::Clock,
    domain::Id,
    outbound::{self, Reach},
    settings::{self, LogFormat, Settings},
    store::{Actor, NewPage, PageSettings, Store},
    telemetry::{self, Metrics},
    transfer, web,
};

/// What was asked for can't be understood (EX_USAGE of sysexits.h).
const USAGE: u8 = 64;

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
    /// Bring the database's schema up to date.
    Migrate,
    /// Bring a page over from elsewhere.
    #[command(subcommand)]
    Import(Import),
    /// Manage the pages of this installation.
    #[command(subcommand)]
    Page(PageTask),
    /// Fill an empty database with a believable page, for trying out.
    Demo,
    /// Check the settings and the database, and say what is in force.
    CheckConfig,
    /// Ask the server at the listen address whether it has a page to show.
    Healthcheck,
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Recorded documents of Statuspage's API v2: a folder, a file, or the address of a page.
    Statuspage(transfer::statuspage::Options),
}

#[derive(Debug, Subcommand)]
enum PageTask {
    /// Make a page; its id is printed.
    Create {
        /// What it is called.
        #[arg(long, value_parser = settings::name)]
        name: String,
        #[command(flatten)]
        more: PageOptions,
    },
    /// Change what a page says of itself; what is not named stays as it is.
    Set {
        /// The page's id.
        id: Id,
        /// What it is called.
        #[arg(long, value_parser = settings::name)]
        name: Option<String>,
        #[command(flatten)]
        more: PageOptions,
    },
    /// List the pages with their revision.
    List,
}

/// What can be said of a page besides its name.
#[derive(Debug, Args)]
struct PageOptions {
    /// One sentence about what the page is about.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The host that it answers under when there are several pages.
    #[arg(long, value_name = "NAME", value_parser = settings::host)]
    host: Option<String>,
    /// Its public address; https:// and the host for a new page, if nothing else is said.
    #[arg(long, value_parser = settings::web_address)]
    url: Option<String>,
    /// Where visitors get help.
    #[arg(long, value_name = "URL", value_parser = settings::web_address)]
    support_url: Option<String>,
    /// The zone of its days: an IANA name such as Europe/Berlin; Etc/UTC for a new page.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<chrono_tz::Tz>,
    /// Leave days without an incident out of the list of past days.
    #[arg(long, value_name = "true|false")]
    hide_empty_days: Option<bool>,
}

impl PageOptions {
    fn settings(self, name: Option<String>) -> PageSettings {
        PageSettings {
            name,
            description: self.description,
            host: self.host,
            url: self.url,
            support_url: self.support_url,
            time_zone: self.time_zone,
            hide_empty_days: self.hide_empty_days,
        }
    }
}

/// The command line with all its settings, for the documentation.
pub fn command() -> Command {
    Cli::command()
}

/// Runs what the arguments ask for.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let format = cli.settings.log_format.unwrap_or(match std::io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    });
    if let Err(error) = telemetry::start_log(&cli.settings.log, format) {
        eprintln!("pharos: --log {:?}: {error}", cli.settings.log);
        return ExitCode::from(USAGE);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("pharos: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pharos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the arguments twice: once for the name of the settings file, and again with what it says.
fn parse(arguments: Vec<OsString>) -> Result<Cli, ExitCode> {
    let first = Cli::command().ignore_errors(true).get_matches_from(&arguments);
    let file = first.get_one::<std::path::PathBuf>("config");
    let command = match file {
        None => Cli::command(),
        Some(file) => {
            let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
            let with_file = read.and_then(|text| settings::with_file(Cli::command(), &text));
            with_file.map_err(|error| usage(&format!("{}: {error}", file.display())))?
        }
    };
    let matches = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    matches.map_err(|error| {
        // What can still be done about a stream that is closed is nothing.
        let _ = error.print();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
            _ => ExitCode::from(USAGE),
        }
    })
}

fn usage(text: &str) -> ExitCode {
    eprintln!("pharos: {text}");
    ExitCode::from(USAGE)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = cli.settings;
    match cli.command.unwrap_or(Task::Serve) {
        Task::Serve => serve(&settings).await,
        Task::Migrate => migrate(&settings).await,
        Task::Import(Import::Statuspage(options)) => {
            let store = open(&settings).await?;
            let report = transfer::statuspage::import(&store, &options).await?;
            println!("{report}");
            Ok(())
        }
        Task::Page(task) => page(&settings, task).await,
        Task::Demo => {
            let store = open(&settings).await?;
            let page = transfer::demo::fill(&store, &Clock::system()).await?;
            println!("{page}");
            Ok(())
        }
        Task::CheckConfig => check_config(&settings).await,
        Task::Healthcheck => healthcheck(settings.listen).await,
    }
}

/// Connects, and sees to it that the schema is in order.
async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let store = connect(settings).await?;
    if settings.migrates() {
        store.migrate().await.context("the schema could not be brought up to date")?;
    } else {
        store.check_schema().await?;
    }
    Ok(store)
}

async fn connect(settings: &Settings) -> anyhow::Result<Store> {
    let connected = Store::connect(&settings.database_url, Clock::system()).await;
    connected.with_context(|| format!("database {}", without_password(&settings.database_url)))
}

fn without_password(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else { return "of this address".to_owned() };
    if url.password().is_some() && url.set_password(Some("…")).is_err() {
        return "of this address".to_owned();
    }
    url.to_string()
}

async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let store = open(settings).await?;
    if settings.demo {
        transfer::demo::fill_if_empty(&store, &Clock::system()).await?;
    }
    store.ensure_page("Status").await?;
    let app = App::new(store, Clock::system(), settings.base_url.as_str(), Metrics::new(web::routes())?);
    if let Err(error) = app.refresher.poll().await {
        // One page that can't be read does not keep the others dark.
        if !app.site.is_lit() {
            return Err(error).context("the pages could not be read");
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a page could not be read");
    }
    let bind = |name: &str, address| {
        TcpListener::bind(address).with_context(|| format!("{name} {address} can't be listened on"))
    };
    let mut visitors = web::visitors(&app, bind("--listen", settings.listen)?).await?;
    let probes = web::probes(&app, bind("--metrics-listen", settings.metrics_listen)?).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the page is at http://{}", settings.listen);
    tokio::select! {
        ended = visitors.ended() => ended?,
        () = app.refresher.run() => {}
    }
    probes.stop().await;
    app.store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let store = connect(settings).await?;
    match store.migrate().await? {
        0 => println!("The schema is up to date."),
        steps => println!("The schema is up to date now: {steps} steps applied."),
    }
    Ok(())
}

async fn page(settings: &Settings, task: PageTask) -> anyhow::Result<()> {
    let store = open(settings).await?;
    match task {
        PageTask::Create { name, mut more } => {
            more.url = more.url.or_else(|| more.host.as_ref().map(|host| format!("https://{host}")));
            let page = NewPage { host: more.host.clone(), ..NewPage::named(&name) };
            let mut change = store.change_new_page(page, Actor::CommandLine).await?;
            change.set_page(more.settings(Some(name))).await?;
            println!("{}", change.commit().await?.page_id);
        }
        PageTask::Set { id, name, more } => {
            let mut change = store.change(&id, Actor::CommandLine).await?;
            change.set_page(more.settings(name)).await?;
            println!("{} is at revision {} now", id, change.commit().await?.version.revision);
        }
        PageTask::List => {
            for (id, version) in store.versions().await? {
                let page = store.load(&id, settings.base_url.as_str()).await?.page;
                let host = page.host.unwrap_or_else(|| "-".to_owned());
                println!("{id}\trevision {}\t{host}\t{}", version.revision, page.name);
            }
        }
    }
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

async fn check_config(settings: &Settings) -> anyhow::Result<()> {
    println!("listen          {}", settings.listen);
    println!("metrics_listen  {}", settings.metrics_listen);
    println!("base_url        {}", settings.base_url);
    println!("database_url    {}", without_password(&settings.database_url));
    let store = connect(settings).await?;
    match store.check_schema().await {
        Ok(()) => println!("database        answers, its schema is up to date"),
        Err(_) if settings.migrates() => {
            println!("database        answers, its schema is brought up to date at start")
        }
        Err(error) => bail!("{error}"),
    }
    Ok(())
}
