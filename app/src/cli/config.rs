//! What the settings say, put together and shown.

use std::fmt::Display;

use anyhow::{Context, anyhow, bail};

use super::{Usage, connect};
use crate::{
    keys::{self, Keys},
    secrets::Resolved,
    settings::Settings,
    store::{Store, StoreError},
};

/// The application keys of a server: those that are set, else those beside SQLite's file.
pub fn keys(settings: &Settings, store: &Store) -> anyhow::Result<Keys> {
    let beside = match (&settings.keys, store.path()) {
        (Some(_), _) => return listed(settings),
        (None, Some(path)) => keys::beside(path)?,
        (None, None) if settings.is_sqlite() => return Ok(Keys::random()),
        (None, None) => bail!(Usage(
            "PHAROS_KEYS: with Postgres the application keys must be set, the same for all replicas: 32 random \
             bytes in base64, made by `openssl rand -base64 32`"
                .to_owned()
        )),
    };
    Keys::new(Resolved::plain(&beside)).map_err(|error| anyhow!("the file of application keys: {error}"))
}

/// The keys that are set, which may be rotated.
fn listed(settings: &Settings) -> anyhow::Result<Keys> {
    let given = settings.keys.as_deref().unwrap_or_default();
    Keys::new(settings.secrets.resolved("keys", given)).map_err(|error| anyhow!("keys: {error}"))
}

/// The database's address without what is secret in it.
pub fn database_shown(settings: &Settings) -> String {
    let refers = settings.secrets.settings().find(|(name, _)| *name == "database_url");
    refers.map_or_else(|| without_password(&settings.database_url), |(_, template)| template.shown())
}

fn without_password(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else { return "of this address".to_owned() };
    if url.password().is_some() && url.set_password(Some("…")).is_err() {
        return "of this address".to_owned();
    }
    url.to_string()
}

/// Says what is in force, and never what is secret in it.
pub async fn check(settings: &Settings) -> anyhow::Result<()> {
    show(settings, "listen", settings.listen);
    show(settings, "metrics_listen", settings.metrics_listen);
    show(settings, "base_url", &settings.base_url);
    show(settings, "database_url", without_password(&settings.database_url));
    match &settings.keys {
        Some(_) => println!("keys            {}", listed(settings)?.count()),
        None if settings.is_sqlite() => println!("keys            in a file beside the database's"),
        None => println!("keys            none, which a server on Postgres asks for"),
    }
    for (name, template) in settings.secrets.settings() {
        for reference in template.references() {
            println!("secret          {reference} in {name} was read from AWS Secrets Manager");
        }
    }
    let store = connect(settings).await?;
    match store.check_schema().await {
        Ok(()) => println!("database        answers, its schema is up to date"),
        Err(StoreError::SchemaBehind(_)) if settings.migrates() => {
            println!("database        answers, its schema is brought up to date at start")
        }
        Err(error) => return Err(error).with_context(|| format!("database {}", database_shown(settings))),
    }
    Ok(())
}

fn show(settings: &Settings, name: &str, value: impl Display) {
    let refers = settings.secrets.settings().find(|(other, _)| *other == name);
    let shown = refers.map_or_else(|| value.to_string(), |(_, template)| template.shown());
    println!("{name:<15} {shown}");
}
