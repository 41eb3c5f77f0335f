//! The people who run the pages, at the command line: also when nobody can sign in.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::Usage;
use crate::{
    domain::{account::Purpose, address, role::Role},
    settings::Settings,
    store::{Actor, NewUser, Slice},
};

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Take somebody in. Printed is a link by which they choose a password, within seven days, once.
    Create {
        /// Their address of mail.
        #[arg(long, value_parser = address::email)]
        email: String,
        /// Their name.
        #[arg(long, default_value = "")]
        name: String,
        /// What they may do: owner, admin, responder, editor or viewer.
        #[arg(long, value_parser = role)]
        role: Role,
    },
    /// Print a link that signs somebody in, within 15 minutes, once; for when they can't otherwise. The
    /// audit tells of it.
    LoginLink {
        /// Their address of mail.
        #[arg(long, value_parser = address::email)]
        email: String,
    },
    /// List the people: id, address, name, role, state.
    List,
}

fn role(text: &str) -> Result<Role, String> {
    let allowed = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("allowed are {allowed}"))
}

/// The most that one command lists.
const LISTED: u64 = 10_000;

pub async fn run(settings: &Settings, task: Task) -> anyhow::Result<()> {
    let store = super::open(settings).await?;
    let address = |token: &str| format!("{}/admin/links/{token}", settings.console());
    let whom = match task {
        Task::Create { email, name, role } => {
            let user = store.record().create_user(NewUser { email, name, role }, &Actor::CommandLine).await?;
            (user, Purpose::Invitation)
        }
        Task::LoginLink { email } => {
            let Some(found) = store.credentials_of(&email).await? else {
                bail!(Usage(format!(
                    "--email: nobody has the address {email}; `pharos user list` lists who there is"
                )));
            };
            if found.user.disabled_at.is_some() {
                bail!("{email} is disabled");
            }
            (found.user, Purpose::SignIn)
        }
        Task::List => {
            for user in store.users(Slice { offset: 0, limit: LISTED }).await? {
                let state = if user.disabled_at.is_some() { "disabled" } else { "enabled" };
                println!("{}\t{}\t{}\t{}\t{state}", user.id, user.email, user.name, user.role.as_str());
            }
            return Ok(());
        }
    };
    let (user, purpose) = whom;
    let made = store.record().create_link(purpose, Some(&user.id), &Actor::CommandLine).await?;
    println!("{}", address(&made.context("no link could be made")?));
    Ok(())
}
