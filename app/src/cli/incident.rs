//! `pharos incident`: telling of trouble at night, by the management API of a server.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    ask::{self, Consent},
    component::{Moved, moved, statuses},
    remote::{CODES, Failed, Remote, Target, text},
};
use crate::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
    },
    settings,
};

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Open an incident; its id is printed first.
    #[command(after_help = CODES)]
    Open {
        /// What visitors call it; a template's title, if there is one.
        #[arg(long, value_parser = settings::name, required_unless_present = "template")]
        name: Option<String>,
        /// A template's id, which says what is not said here.
        #[arg(long, value_name = "ID")]
        template: Option<Id>,
        /// How much it hurts; what its components say, if nothing is said.
        #[arg(long, value_parser = impact())]
        impact: Option<Impact>,
        /// A key of one's own: a call that comes again with it opens nothing new. Each call has one
        /// anyhow, which its own retries share.
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
        #[command(flatten)]
        said: Said,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
    },
    /// Post an update of an incident.
    #[command(after_help = CODES)]
    Update {
        /// The incident's id; the only open one, if none is named.
        id: Option<Id>,
        #[command(flatten)]
        said: Said,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
    },
    /// Say that an incident is over, or that a maintenance is.
    #[command(after_help = CODES)]
    Resolve {
        /// The incident's id; the only open one, if none is named.
        id: Option<Id>,
        /// Make all its components operational.
        #[arg(long)]
        operational: bool,
        #[command(flatten)]
        words: Words,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        consent: Consent,
    },
    /// List the incidents that are open: id, status, impact, name.
    #[command(after_help = CODES)]
    List {
        /// The latest 100, open or not, and maintenances.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        target: Target,
    },
}

/// What is said and who hears it.
#[derive(Clone, Debug, Args)]
pub struct Words {
    /// What visitors read, in markdown; a sentence that fits the status, if nothing is said.
    #[arg(long, short = 'm', value_name = "TEXT")]
    body: Option<String>,
    /// Tell no subscriber.
    #[arg(long)]
    silent: bool,
    /// A component's id or name and the status that it is moved to; can be given several times.
    #[arg(long = "component", short = 'c', value_name = "COMPONENT=STATUS", value_parser = moved)]
    components: Vec<Moved>,
}

#[derive(Clone, Debug, Args)]
pub struct Said {
    /// Where it stands.
    #[arg(long, value_parser = status())]
    status: Option<IncidentStatus>,
    #[command(flatten)]
    words: Words,
}

fn status() -> impl TypedValueParser<Value = IncidentStatus> {
    let open = [IncidentStatus::Investigating, IncidentStatus::Identified, IncidentStatus::Monitoring];
    PossibleValuesParser::new(open.map(IncidentStatus::as_str))
        .try_map(|word| IncidentStatus::parse(&word).ok_or("no such status"))
}

fn impact() -> impl TypedValueParser<Value = Impact> {
    let some = [Impact::None, Impact::Minor, Impact::Major, Impact::Critical];
    PossibleValuesParser::new(some.map(Impact::as_str))
        .try_map(|word| Impact::parse(&word).ok_or("no such impact"))
}

impl Words {
    async fn fields(
        &self,
        remote: &Remote,
        status: Option<IncidentStatus>,
    ) -> Result<Map<String, Value>, Failed> {
        let mut fields = Map::new();
        if let Some(status) = status {
            fields.insert("status".into(), json!(status));
        }
        if let Some(body) = &self.body {
            fields.insert("body".into(), json!(body));
        }
        if self.silent {
            fields.insert("deliver_notifications".into(), json!(false));
        }
        let statuses = statuses(remote, &self.components).await?;
        if !statuses.is_empty() {
            fields.insert("components".into(), Value::Object(statuses));
        }
        Ok(fields)
    }
}

pub async fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Open { name, template, impact, idempotency_key, said, target, consent } => {
            consent.check()?;
            let remote = Remote::connect(&target).await?;
            let mut fields = said.words.fields(&remote, said.status).await?;
            let more = [
                ("name", name.map(Value::from)),
                ("template_id", template.map(|id| json!(id))),
                ("impact_override", impact.map(|impact| json!(impact))),
            ];
            fields.extend(more.into_iter().filter_map(|(name, said)| Some((name.to_owned(), said?))));
            let call = Call { method: Method::POST, path: "/incidents".into(), key: idempotency_key, fields };
            call.make(&remote, &target, consent).await
        }
        Task::Update { id, said, target, consent } => {
            if said.status.is_none() && said.words.body.is_none() && said.words.components.is_empty() {
                let text = "--body: is needed, if neither --status nor --component is said";
                return Err(Failed::usage(text).into());
            }
            consent.check()?;
            let remote = Remote::connect(&target).await?;
            let id = which(&remote, id).await?;
            let fields = said.words.fields(&remote, said.status).await?;
            Call::changing(&id, fields).make(&remote, &target, consent).await
        }
        Task::Resolve { id, operational, words, target, consent } => {
            consent.check()?;
            let remote = Remote::connect(&target).await?;
            let id = which(&remote, id).await?;
            let incident = remote.get(&format!("/incidents/{id}")).await?;
            // A maintenance is over when it is completed.
            let over = match incident["scheduled_for"].is_null() {
                true => IncidentStatus::Resolved,
                false => IncidentStatus::Completed,
            };
            let mut fields = words.fields(&remote, Some(over)).await?;
            if operational {
                let attached = incident["components"].as_array().into_iter().flatten();
                let mut all: Map<String, Value> =
                    attached.map(|one| (text(&one["id"]), json!("operational"))).collect();
                // What is said of one component outweighs what is said of all.
                let named = fields.get("components").and_then(Value::as_object);
                all.extend(named.cloned().unwrap_or_default());
                fields.insert("components".into(), Value::Object(all));
            }
            Call::changing(&id, fields).make(&remote, &target, consent).await
        }
        Task::List { all, target } => list(&target, all).await,
    }
}

/// The incident that is meant.
async fn which(remote: &Remote, named: Option<Id>) -> Result<String, Failed> {
    if let Some(id) = named {
        return Ok(id.to_string());
    }
    let open = remote.get("/incidents/unresolved").await?;
    match open.as_array().map(Vec::as_slice).unwrap_or_default() {
        [only] => Ok(text(&only["id"])),
        [] => Err(Failed::usage("no incident is open; name one by its id")),
        some => {
            let names =
                some.iter().take(20).map(|one| format!("{} {:?}", text(&one["id"]), text(&one["name"])));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(Failed::usage(format!("several incidents are open; say which: {names}")))
        }
    }
}

/// What is to be said of an incident.
struct Call {
    method: Method,
    path: String,
    key: Option<String>,
    fields: Map<String, Value>,
}

impl Call {
    fn changing(id: &str, fields: Map<String, Value>) -> Self {
        Self { method: Method::PATCH, path: format!("/incidents/{id}"), key: None, fields }
    }

    async fn make(self, remote: &Remote, target: &Target, consent: Consent) -> anyhow::Result<()> {
        let body = json!({ "incident": self.fields });
        if !consent.yes {
            let tried = remote.try_out(self.method.clone(), &self.path, &body).await?;
            if !consent.ask(&ask::incident(&tried["result"]), &tried, target.json)? {
                return Ok(());
            }
        }
        let incident = match self.method {
            Method::POST => remote.post(&self.path, &body, self.key.as_deref()).await?,
            _ => remote.patch(&self.path, &body).await?,
        };
        match target.json {
            true => println!("{incident}"),
            false => println!("{}\t{}", row(&incident), text(&incident["shortlink"])),
        }
        Ok(())
    }
}

async fn list(target: &Target, all: bool) -> anyhow::Result<()> {
    let remote = Remote::connect(target).await?;
    let found = match all {
        true => remote.get("/incidents").await?,
        false => json!(remote.list("/incidents/unresolved").await?),
    };
    if target.json {
        println!("{found}");
        return Ok(());
    }
    for incident in found.as_array().into_iter().flatten() {
        println!("{}", row(incident));
    }
    Ok(())
}

fn row(incident: &Value) -> String {
    let cells = ["id", "status", "impact", "name"].map(|name| text(&incident[name]).replace('\n', " "));
    cells.join("\t")
}
