//! Every setting: a flag, a `PHAROS_*` variable, or a line of a file, in this order.

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgAction, Args, ValueEnum, builder::BoolishValueParser};
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    keys,
    secrets::{Resolved, Secrets, Template},
};

mod check;
mod command;
mod copy;
mod mail;
mod references;
mod roles;
mod sso;

use check::{address, base_url, database_url, redis_url, sibling};
pub use check::{host, name, network, web_address};
pub use command::{hidden_from_short_help, table, with_file};
pub use copy::{BucketPlace, SiteCopy};
pub use mail::MailServer;
pub use references::{references, with_values};
pub use roles::Roles;
pub use sso::SingleSignOn;

/// Under which heading `--help` lists the settings.
const HEADING: &str = "Settings of a server and its database";

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

/// What can be set. The order here is the order in the documentation.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HEADING)]
pub struct Settings {
    /// A file of settings in TOML: `listen = "0.0.0.0:8080"` is `--listen 0.0.0.0:8080`.
    #[arg(long, global = true, env = "PHAROS_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Address of the page, and of `/healthz` for load balancers.
    #[arg(
        long,
        global = true,
        env = "PHAROS_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080",
        value_parser = address
    )]
    pub listen: SocketAddr,

    /// Address of `/metrics`, `/livez`, `/readyz` and `/startupz`.
    #[arg(
        long,
        global = true,
        env = "PHAROS_METRICS_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:9464",
        value_parser = address
    )]
    pub metrics_listen: SocketAddr,

    /// Public address of the default page: http or https, without a path.
    #[arg(
        long,
        global = true,
        env = "PHAROS_BASE_URL",
        value_name = "URL",
        default_value = "http://localhost:8080",
        value_parser = base_url
    )]
    pub base_url: Url,

    /// Address of the console and the management API: http or https, without a path. Where it is set,
    /// they answer under this host alone, so that no page shares their origin.
    #[arg(long, global = true, env = "PHAROS_CONSOLE_URL", value_name = "URL", value_parser = base_url)]
    pub console_url: Option<Url>,

    /// Whether a server that nobody is signed up with yet writes a link to its log by which the first
    /// owner sets it up. Off where others read the log; `pharos user create` does it then.
    #[arg(
        long,
        global = true,
        env = "PHAROS_SETUP_LINK",
        value_name = "BOOL",
        default_value = "true",
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new()
    )]
    pub setup_link: bool,

    #[command(flatten)]
    pub mail: MailServer,

    #[command(flatten)]
    pub sso: SingleSignOn,

    /// `sqlite://FILE?mode=rwc`, or `postgres://USER:PASSWORD@HOST/DATABASE` (version 14 or later).
    #[arg(
        long,
        global = true,
        env = "PHAROS_DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite://pharos.db?mode=rwc",
        value_parser = database_url,
        hide_env_values = true
    )]
    pub database_url: String,

    /// Application keys, between commas, each 32 random bytes in base64 (`openssl rand -base64 32`):
    /// the first signs and encrypts, all verify and decrypt. Postgres asks for them; SQLite makes one
    /// beside its file.
    #[arg(
        long,
        global = true,
        env = "PHAROS_KEYS",
        value_name = "KEYS",
        value_parser = keys::check,
        hide_env_values = true
    )]
    pub keys: Option<String>,

    /// `redis://HOST:6379`, or `rediss://:TOKEN@HOST:6379` with TLS: what several processes share their
    /// state by. None: one process, or each asks the database.
    #[arg(long, global = true, env = "PHAROS_REDIS_URL", value_name = "URL", value_parser = redis_url, hide_env_values = true)]
    pub redis_url: Option<String>,

    /// A file with the certificate that Redis is to be trusted by, in PEM; none: those of the system.
    #[arg(long, global = true, env = "PHAROS_REDIS_CA", value_name = "FILE")]
    pub redis_ca: Option<PathBuf>,

    /// A folder for the last good state, from which a start without Postgres lights the page; none: the
    /// user's folder for states.
    #[arg(long, global = true, env = "PHAROS_STATE_DIR", value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,

    /// The other replicas, HOST:PORT of their metrics between commas, a name for all its addresses: a
    /// start without Postgres and Redis asks them for what they show.
    #[arg(
        long,
        global = true,
        env = "PHAROS_SIBLINGS",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        value_parser = sibling
    )]
    pub siblings: Vec<String>,

    /// Minutes, at least 1, after which what the database does not confirm is told as what was last
    /// known.
    #[arg(
        long,
        global = true,
        env = "PHAROS_STALE_AFTER",
        value_name = "MINUTES",
        default_value = "10",
        value_parser = clap::value_parser!(i64).range(1..=10_080)
    )]
    pub stale_after: i64,

    /// Whether `serve` also does what is done without anybody asking; `pharos worker` does that alone.
    #[arg(
        long,
        global = true,
        env = "PHAROS_JOBS",
        value_name = "BOOL",
        default_value = "true",
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new()
    )]
    pub jobs: bool,

    /// Proxies whose X-Forwarded-For is believed: networks in CIDR notation, between commas.
    #[arg(
        long,
        global = true,
        env = "PHAROS_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Calls of the management API that one token may make in a minute; 0 for any number. Calls without a
    /// token that is alive are counted by their address, which may make four times as many.
    #[arg(
        long,
        global = true,
        env = "PHAROS_API_CALLS_PER_MINUTE",
        value_name = "NUMBER",
        default_value = "600"
    )]
    pub api_calls_per_minute: u32,

    /// Take `?api_key=` for a token of the management API. It ends up in the logs of proxies.
    #[arg(
        long,
        global = true,
        env = "PHAROS_API_KEY_IN_QUERY",
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new()
    )]
    pub api_key_in_query: bool,

    /// Streams of news to open pages that may be open at once, each about 12 KB; 0 for none. A page
    /// that finds no place asks about once a minute instead.
    #[arg(long, global = true, env = "PHAROS_EVENT_STREAMS", value_name = "NUMBER", default_value = "10000")]
    pub event_streams: usize,

    /// Streams of news that one address may hold, of IPv6 one /64; 0 for any number.
    #[arg(
        long,
        global = true,
        env = "PHAROS_EVENT_STREAMS_PER_ADDRESS",
        value_name = "NUMBER",
        default_value = "200"
    )]
    pub event_streams_per_address: usize,

    /// Seconds, at most 600, that the server goes on after SIGTERM, not ready any more, so that load
    /// balancers notice before it takes no more connections.
    #[arg(
        long,
        global = true,
        env = "PHAROS_DRAIN_SECONDS",
        value_name = "SECONDS",
        default_value = "5",
        value_parser = clap::value_parser!(u64).range(..=600)
    )]
    pub drain_seconds: u64,

    /// Seconds, 1 to 600, that open requests and the rest of the end may take after that.
    #[arg(
        long,
        global = true,
        env = "PHAROS_GRACE_SECONDS",
        value_name = "SECONDS",
        default_value = "20",
        value_parser = clap::value_parser!(u64).range(1..=600)
    )]
    pub grace_seconds: u64,

    /// Bring the schema of Postgres up to date at start. SQLite's always is.
    #[arg(
        long,
        global = true,
        env = "PHAROS_MIGRATE",
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new()
    )]
    pub migrate: bool,

    #[command(flatten)]
    pub copy: SiteCopy,

    #[command(flatten)]
    pub roles: Roles,

    /// Fill an empty database with a believable page, for trying out.
    #[arg(
        long,
        global = true,
        env = "PHAROS_DEMO",
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new()
    )]
    pub demo: bool,

    /// Which log lines are written, as in RUST_LOG: `info`, `pharos=debug,warn`.
    #[arg(long, global = true, env = "PHAROS_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// How log lines are written; text on a terminal and json elsewhere, if nothing is said.
    #[arg(long, global = true, env = "PHAROS_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// Write a line for each request on standard output: method, route, path, status, bytes, duration and
    /// trace, and nothing of who asked. Lines that can't be written at once are dropped and counted.
    #[arg(
        long,
        global = true,
        env = "PHAROS_ACCESS_LOG",
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new()
    )]
    pub access_log: bool,

    /// What the settings above refer to.
    #[arg(skip)]
    pub secrets: Secrets,
}

impl Settings {
    /// Whether the schema is brought up to date at start.
    pub fn migrates(&self) -> bool {
        self.migrate || self.is_sqlite()
    }

    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// What this installation is called where several could meet: made of where its database is, and
    /// not of who opens it, since passwords change.
    pub fn namespace(&self) -> String {
        // What a secret says of the place need not be known yet.
        let of_secrets = self.secrets.template("database_url").and_then(Template::place);
        namespace(of_secrets.as_deref().unwrap_or(&self.database_url))
    }

    /// Where the last good state is kept; none where no folder is set and there is no user's.
    pub fn state_folder(&self) -> Option<PathBuf> {
        let of_user = || {
            let states = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            states.or_else(|| Some(std::env::home_dir()?.join(".local/state")))
        };
        self.state_dir.clone().or_else(|| Some(of_user()?.join("pharos")))
    }

    /// The address of the console, without a slash at its end.
    pub fn console(&self) -> String {
        let url = self.console_url.as_ref().unwrap_or(&self.base_url);
        url.as_str().trim_end_matches('/').to_owned()
    }

    /// The database's address, whose password may be rotated while the process runs. It is of no use
    /// as long as anything else is unread: what is written there may need a key.
    pub fn database(&self) -> Resolved {
        self.secrets.resolved("database_url", &self.database_url).after(&self.secrets)
    }
}

fn namespace(database_url: &str) -> String {
    let place = match Url::parse(database_url) {
        Ok(url) if url.scheme() != "sqlite" => {
            let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
            format!("{host}:{}{}", url.port().unwrap_or(5432), url.path())
        }
        _ => database_url.to_owned(),
    };
    Sha256::digest(place).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_keeps_its_name_when_its_password_changes() {
        let name = namespace("postgres://pharos:old@db.internal/status?sslmode=require");
        assert_eq!(name, namespace("postgres://other:new@DB.internal:5432/status"));
        assert_ne!(name, namespace("postgres://pharos:old@db.internal/other"));
        assert_ne!(name, namespace("postgres://pharos:old@db2.internal/status"));
        assert_ne!(namespace("sqlite://a.db"), namespace("sqlite://b.db"));
        assert_eq!(name.len(), 16);
    }
}
