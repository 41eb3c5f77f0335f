//! `pharos migrate --bootstrap` and `pharos database`: the roles of Postgres and their passwords.

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;

use super::{Usage, config::database_shown, connect};
use crate::{
    clock::Clock,
    domain::id::random_text,
    secrets::{Credentials, Keeper},
    settings::Settings,
    store::{Roles, Store},
    tls,
};

/// 5 bits each.
const PASSWORD_LENGTH: usize = 40;

/// Look after the database's roles.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Give the application another password: of its two roles that one gets it which is not in use,
    /// and --application-secret then names that one. The role in use keeps its own until the next time,
    /// so nobody is refused. --database-url is that of the schema's owner.
    Rotate,
}

pub async fn run(settings: &Settings, task: Task) -> anyhow::Result<()> {
    match task {
        Task::Rotate => rotate(settings).await,
    }
}

/// A role whose password is known now.
struct Login {
    credentials: Credentials,
    /// The secret that keeps it; without one it has to be told.
    kept: Option<String>,
}

/// Makes the roles and migrates as the schema's owner.
pub async fn bootstrap(settings: &Settings) -> anyhow::Result<()> {
    let given = &settings.roles;
    let Some(url) = &given.administrator_url else {
        return Err(needed("--administrator-url", "PHAROS_ADMINISTRATOR_URL"));
    };
    if given.owner_secret.is_some() && given.owner_secret == given.application_secret {
        return Err(Usage("--owner-secret: another secret than --application-secret".into()).into());
    }
    tls::check_database("administrator_url", url)?;
    let address = settings.secrets.resolved("administrator_url", url);
    let store = Store::open(address, Clock::system()).await.context("the database of --administrator-url")?;
    let roles = store.roles().await.context("the database of --administrator-url")?;
    let owner = login(given.owner_secret.as_deref(), &store, std::slice::from_ref(&roles.owner)).await?;
    let application = login(given.application_secret.as_deref(), &store, &roles.pair).await?;
    let logins: Vec<Login> = owner.into_iter().chain(application).collect();
    let passwords: Vec<Credentials> = logins.iter().map(|login| login.credentials.clone()).collect();
    let steps = store.bootstrap(&roles, &passwords).await.context("the roles could not be made")?;
    tell(&roles, &logins, steps);
    if store.may_make_tables(&roles).await? {
        println!("The schema public belongs to somebody else and lets everybody make tables in it.");
    }
    Ok(store.close().await?)
}

/// The password of the first of these roles or of whichever the secret names: what is kept already
/// stays, so that a second time changes nothing. None for a role whose password is known to others.
async fn login(secret: Option<&str>, store: &Store, roles: &[String]) -> anyhow::Result<Option<Login>> {
    let fresh = || Credentials { username: roles[0].clone(), password: random_text(PASSWORD_LENGTH) };
    let Some(secret) = secret else {
        let is_there = store.has_role(&roles[0]).await?;
        return Ok((!is_there).then(|| Login { credentials: fresh(), kept: None }));
    };
    let keeper = Keeper::of(secret).await;
    let credentials = match keeper.read().await? {
        Some(known) if roles.contains(&known.username) => known,
        _ => {
            // Before the database knows it: who is interrupted here finds it there the next time.
            let credentials = fresh();
            keeper.write(&credentials).await?;
            credentials
        }
    };
    Ok(Some(Login { credentials, kept: Some(keeper.secret().to_owned()) }))
}

fn tell(roles: &Roles, logins: &[Login], steps: usize) {
    println!(
        "{} owns the database; {} and {} are the application's.",
        roles.owner, roles.pair[0], roles.pair[1]
    );
    for Login { credentials, kept } in logins {
        match kept {
            Some(secret) => println!("The password of {} is in {secret}.", credentials.username),
            // Told once: it is kept nowhere.
            None => println!("The password of {} is {}", credentials.username, credentials.password),
        }
    }
    println!("The schema is up to date; {steps} steps were applied.");
}

async fn rotate(settings: &Settings) -> anyhow::Result<()> {
    let Some(secret) = &settings.roles.application_secret else {
        return Err(needed("--application-secret", "PHAROS_APPLICATION_SECRET"));
    };
    let store = connect(settings).await?;
    let database = || format!("database {}", database_shown(settings));
    let roles = store.roles().await.with_context(database)?;
    // Holds a lock and no rows, for the few seconds that this takes.
    let turn = store.turn_to_rotate().await.with_context(database)?;
    let keeper = Keeper::of(secret).await;
    let idle = match keeper.read().await? {
        Some(active) => roles.other(&active.username).map(str::to_owned),
        None => None,
    };
    let Some(username) = idle else {
        bail!("the secret {secret} names no role of the application: run `pharos migrate --bootstrap` first");
    };
    let fresh = Credentials { username, password: random_text(PASSWORD_LENGTH) };
    store.change_password(&fresh).await.with_context(database)?;
    try_out(&settings.database().current(), &fresh).await?;
    keeper.write(&fresh).await?;
    turn.commit().await?;
    println!("The application is {} from now on; its password is in {secret}.", fresh.username);
    Ok(store.close().await?)
}

/// Nobody is told of a password that does not open the door.
async fn try_out(url: &str, credentials: &Credentials) -> anyhow::Result<()> {
    let url =
        with_login(url, credentials).ok_or_else(|| anyhow!("database_url: it can take no other user"))?;
    let store = Store::connect(&url, Clock::system()).await?;
    let checked = store.check_schema().await;
    checked.with_context(|| format!("{} could not sign in with its new password", credentials.username))?;
    Ok(store.close().await?)
}

fn with_login(url: &str, credentials: &Credentials) -> Option<String> {
    let mut url = url::Url::parse(url).ok()?;
    url.set_username(&credentials.username).ok()?;
    url.set_password(Some(&credentials.password)).ok()?;
    Some(url.into())
}

fn needed(flag: &str, variable: &str) -> anyhow::Error {
    Usage(format!("{flag} or {variable} is needed")).into()
}
