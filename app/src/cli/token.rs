//! Tokens of the management API, at the command line.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use ipnet::IpNet;

use crate::{
    clock::Clock,
    domain::{Id, token::Scopes},
    settings::{self, Settings},
    store::{Actor, NewToken, Secret},
};

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make a token; it is printed once, alone, and can't be seen again.
    Create {
        /// What it is for.
        #[arg(long, value_parser = settings::name)]
        name: String,
        /// What it allows: `all`, or some of read, components:write, incidents:write,
        /// maintenances:write, subscribers:read, subscribers:write, metrics:write, alerts:write,
        /// page:write, users:write and tokens:write, between commas.
        #[arg(long, value_parser = some_scopes)]
        scopes: Scopes,
        /// The one page that it opens; all of them, if none is named.
        #[arg(long, value_name = "ID")]
        page: Option<Id>,
        /// When it ends: an instant such as 2027-01-31T18:00:00Z, or days from now such as 90d; never,
        /// if nothing is said.
        #[arg(long, value_name = "WHEN", value_parser = expiry)]
        expires: Option<Expiry>,
        /// The networks that it may be used from, in CIDR notation, between commas; any, if none is named.
        #[arg(long, value_name = "NETWORKS", value_delimiter = ',', value_parser = settings::network)]
        allow_from: Vec<IpNet>,
        /// A file, which must not be there yet, that takes the token in place of standard output; only
        /// its owner may read it.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// List the tokens, newest first: id, beginning, name, scopes, last use, state, page, end of life.
    List,
    /// End a token's life at once.
    Revoke {
        /// The token's id.
        id: Id,
    },
}

/// When a token ends.
#[derive(Clone, Copy, Debug)]
pub enum Expiry {
    At(DateTime<Utc>),
    After(TimeDelta),
}

fn expiry(text: &str) -> Result<Expiry, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).filter(|days| *days > 0);
    if let Some(days) = days {
        return Ok(Expiry::After(TimeDelta::days(i64::from(days))));
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) if at > Clock::system().now() => Ok(Expiry::At(at.to_utc())),
        Ok(_) => Err("allowed is an instant to come".into()),
        Err(_) => Err("allowed is an instant such as 2027-01-31T18:00:00Z, or days such as 90d".into()),
    }
}

fn some_scopes(text: &str) -> Result<Scopes, String> {
    match text.parse::<Scopes>() {
        Ok(scopes) if scopes.is_empty() => Err("name at least one".into()),
        read => read.map_err(|error| error.to_string()),
    }
}

/// A file with a secret, which goes again unless it is to be kept.
struct Kept(Option<PathBuf>);

impl Kept {
    fn new(path: PathBuf, secret: &str) -> anyhow::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let cannot = || format!("--output {}: it can't be written", path.display());
        let mut file = options.open(&path).with_context(cannot)?;
        let kept = Self(Some(path.clone()));
        file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).with_context(cannot)?;
        Ok(kept)
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(path) = self.0.take()
            && let Err(error) = std::fs::remove_file(&path)
        {
            eprintln!("pharos: {} holds no token that works: {error}", path.display());
        }
    }
}

/// The most that one command lists.
const LISTED: u64 = 10_000;

pub async fn run(settings: &Settings, task: Task) -> anyhow::Result<()> {
    let store = super::open(settings).await?;
    match task {
        Task::Create { name, scopes, page, expires, allow_from, output } => {
            let secret = Secret::random();
            let expires_at = expires.map(|expires| match expires {
                Expiry::At(at) => at,
                Expiry::After(days) => Clock::system().now() + days,
            });
            let allowed_addresses = allow_from.iter().map(ToString::to_string).collect();
            let new = NewToken {
                name,
                prefix: secret.prefix,
                hash: secret.hash,
                scopes,
                page_id: page,
                user_id: None,
                allowed_addresses,
                expires_at,
            };
            // A token that could not be handed over would be alive all the same.
            let kept = output.map(|path| Kept::new(path, &secret.text)).transpose()?;
            store.record().create_token(new, &Actor::CommandLine).await?;
            match kept {
                Some(kept) => kept.keep(),
                None => println!("{}", secret.text),
            }
        }
        Task::List => {
            let now = Clock::system().now();
            for token in store.tokens(None, 0, LISTED).await? {
                let state = match (token.revoked_at, token.expires_at) {
                    (Some(_), _) => "revoked",
                    (None, Some(at)) if at <= now => "expired",
                    _ => "alive",
                };
                let used = token.last_used_at.map_or("never used".to_owned(), |at| at.to_rfc3339());
                let (id, prefix, name, scopes) = (&token.id, &token.prefix, &token.name, token.scopes);
                let page = token.page_id.map_or("all pages".to_owned(), |page| page.to_string());
                let until = token.expires_at.map_or("never expires".to_owned(), |at| at.to_rfc3339());
                println!("{id}\t{prefix}…\t{name}\t{scopes}\t{used}\t{state}\t{page}\t{until}");
            }
        }
        Task::Revoke { id } => {
            let token = store.record().revoke_token(&id, &Actor::CommandLine).await?;
            println!("{} {:?} is revoked; servers know within 5 seconds", token.id, token.name);
        }
    }
    Ok(())
}
