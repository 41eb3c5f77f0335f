//! `pharos component`: what works and what doesn't, by the management API of a server.

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    ask::{self, Consent},
    remote::{CODES, Failed, Remote, Target, text},
};
use crate::domain::status::ComponentStatus;

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Move components to a status, all in one change.
    #[command(after_help = CODES)]
    Set {
        /// A component's id or name and its status: operational, under_maintenance,
        /// degraded_performance, partial_outage or major_outage.
        #[arg(required = true, value_name = "COMPONENT=STATUS", value_parser = moved)]
        components: Vec<Moved>,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
    },
}

/// A component as somebody names it, and its status.
#[derive(Clone, Debug)]
pub struct Moved {
    named: String,
    status: ComponentStatus,
}

/// A name may hold an equals sign, a status doesn't.
pub fn moved(text: &str) -> Result<Moved, String> {
    let words = || ComponentStatus::ALL.map(ComponentStatus::as_str).join(", ");
    let (named, status) = text
        .rsplit_once('=')
        .ok_or_else(|| format!("allowed is COMPONENT=STATUS; the statuses are {}", words()))?;
    let status = ComponentStatus::parse(status.trim())
        .ok_or_else(|| format!("{:?} is no status; allowed are {}", super::shown(status), words()))?;
    Ok(Moved { named: named.trim().to_owned(), status })
}

/// Statuses by the ids of the components that are named.
pub async fn statuses(remote: &Remote, moved: &[Moved]) -> Result<Map<String, Value>, Failed> {
    let mut statuses = Map::new();
    if moved.is_empty() {
        return Ok(statuses);
    }
    let all = remote.list("/components").await?;
    for Moved { named, status } in moved {
        let id = find(&all, named)?;
        if statuses.insert(id, json!(status)).is_some() {
            return Err(Failed::usage(format!("{:?} is named twice", super::shown(named))));
        }
    }
    Ok(statuses)
}

/// The id of the component of this id or of this name, in whatever case.
fn find(all: &[Value], named: &str) -> Result<String, Failed> {
    if let Some(found) = all.iter().find(|one| one["id"] == named) {
        return Ok(text(&found["id"]));
    }
    let is_it = |one: &&Value| text(&one["name"]).to_lowercase() == named.to_lowercase();
    let found: Vec<&Value> = all.iter().filter(is_it).collect();
    let list = |some: &[&Value]| {
        let some = some.iter().take(20);
        some.map(|one| format!("{} {:?}", text(&one["id"]), text(&one["name"])))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let shown = super::shown(named);
    match found.as_slice() {
        [one] => Ok(text(&one["id"])),
        [] => {
            let there: Vec<&Value> = all.iter().collect();
            Err(Failed::usage(format!("no component is named {shown:?}; there are {}", list(&there))))
        }
        some => {
            Err(Failed::usage(format!("several components are named {shown:?}; say which: {}", list(some))))
        }
    }
}

pub async fn run(task: Task) -> anyhow::Result<()> {
    let Task::Set { components, target, consent } = task;
    consent.check()?;
    let remote = Remote::connect(&target).await?;
    let body = json!({ "components": statuses(&remote, &components).await? });
    let path = "/components/status";
    if !consent.yes {
        let tried = remote.try_out(Method::POST, path, &body).await?;
        if !consent.ask(&ask::components(&tried["result"]), &tried, target.json)? {
            return Ok(());
        }
    }
    let moved = remote.post(path, &body, None).await?;
    if target.json {
        println!("{moved}");
        return Ok(());
    }
    for one in moved.as_array().into_iter().flatten() {
        println!("{}\t{}\t{}", text(&one["id"]), text(&one["status"]), text(&one["name"]));
    }
    Ok(())
}
