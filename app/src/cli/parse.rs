//! From arguments, variables and a file to settings and a task.

use std::{collections::BTreeMap, ffi::OsString, process::ExitCode};

use clap::{
    ArgMatches, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use tokio::runtime::Runtime;

use super::{Cli, Task, USAGE};
use crate::{
    keys,
    secrets::{Secrets, Template},
    settings,
};

/// The characters of a wrong value that an error shows.
const LONGEST_SHOWN: usize = 80;

/// Reads the arguments: once for the name of the settings file, and again with what it says. Where
/// settings refer to secrets and the task needs those, they are asked for in between.
pub fn parse(arguments: Vec<OsString>, runtime: &Runtime) -> Result<Cli, ExitCode> {
    let command = with_file(&arguments)?;
    let templates = settings::references(&command, &arguments).map_err(|error| usage(&error))?;
    if templates.is_empty() {
        return read(command, arguments, &templates);
    }
    let unsaid = templates.keys().map(|name| (name.clone(), default(name))).collect();
    let (lenient, others) = settings::with_values(command.clone(), arguments.clone(), &unsaid);
    let cli = read(lenient, others, &BTreeMap::new())?;
    let needed: BTreeMap<String, Template> =
        templates.into_iter().filter(|(name, _)| needs(cli.command.as_ref(), name)).collect();
    if needed.is_empty() {
        return Ok(cli);
    }
    let reading = async {
        match cli.command {
            None | Some(Task::Serve | Task::Worker) => Secrets::read_or_begin(needed.clone(), stand_in).await,
            _ => Secrets::read(needed.clone()).await,
        }
    };
    let secrets = runtime.block_on(reading).map_err(|error| {
        eprintln!("pharos: {error}");
        ExitCode::FAILURE
    })?;
    let mut values = unsaid;
    for name in needed.keys() {
        values.insert(name.clone(), secrets.value(name).map(|value| value.to_string()));
    }
    let (command, arguments) = settings::with_values(command, arguments, &values);
    let mut cli = read(command, arguments, &needed)?;
    cli.settings.secrets = secrets;
    Ok(cli)
}

/// What has the shape of a setting that a server can begin without.
fn stand_in(setting: &str) -> Option<String> {
    match setting {
        "database_url" => Some("postgres://1:1@1/1".to_owned()),
        "redis_url" => Some("redis://1".to_owned()),
        // Port 1 of this machine: nobody is there.
        "smtp_url" => Some("smtp://127.0.0.1:1".to_owned()),
        "oidc_client_secret" => Some("1".to_owned()),
        // What it signs is worth nothing to anybody.
        "keys" => Some(keys::random()),
        _ => None,
    }
}

/// Secrets that only who serves or works asks for.
const OF_A_SERVER: [&str; 4] = ["keys", "redis_url", "smtp_url", "oidc_client_secret"];

/// Whether a task uses a setting. What speaks to a server by its API, or only writes out what is
/// compiled in, asks for no secrets.
fn needs(task: Option<&Task>, setting: &str) -> bool {
    match task {
        Some(Task::Incident(_) | Task::Component(_) | Task::Completion { .. } | Task::Openapi) => false,
        Some(Task::Healthcheck) => setting == "listen",
        // What works before the application has any secret, or with none of its own.
        Some(Task::Migrate { bootstrap: true }) => {
            setting != "database_url" && !OF_A_SERVER.contains(&setting)
        }
        Some(Task::Migrate { .. } | Task::Database(_)) => {
            setting != "administrator_url" && !OF_A_SERVER.contains(&setting)
        }
        _ => setting != "administrator_url",
    }
}

fn with_file(arguments: &[OsString]) -> Result<Command, ExitCode> {
    let command = || settings::hidden_from_short_help(Cli::command());
    let first = command().ignore_errors(true).get_matches_from(arguments);
    let Some(file) = first.get_one::<std::path::PathBuf>("config") else { return Ok(command()) };
    let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
    let with_file = read.and_then(|text| settings::with_file(command(), &text));
    with_file.map_err(|error| usage(&format!("{}: {error}", file.display())))
}

/// What a setting is when nothing is said.
fn default(name: &str) -> Option<String> {
    let command = Cli::command();
    let setting = command.get_arguments().find(|arg| arg.get_id() == name)?;
    setting.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
}

fn read(
    command: Command,
    arguments: Vec<OsString>,
    templates: &BTreeMap<String, Template>,
) -> Result<Cli, ExitCode> {
    let matches: Result<ArgMatches, _> = command.try_get_matches_from(arguments);
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|mut error| {
        let setting = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(argument)) => named(argument),
            _ => None,
        };
        if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
            let template = setting.as_ref().and_then(|name| templates.get(name));
            let shown = match (template, setting) {
                (Some(template), _) => template.shown(),
                (None, Some(name)) if is_secret(&name) => "…".to_owned(),
                _ => shown(value),
            };
            error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
        }
        // What can still be done about a stream that is closed is nothing.
        let _ = error.print();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
            _ => ExitCode::from(USAGE),
        }
    })
}

/// The setting that an error is about: `--listen <ADDRESS:PORT>`.
fn named(argument: &str) -> Option<String> {
    Some(argument.strip_prefix("--")?.split([' ', '=']).next()?.replace('-', "_"))
}

/// Whether a setting may hold a password.
fn is_secret(name: &str) -> bool {
    Cli::command().get_arguments().any(|arg| arg.get_id() == name && arg.is_hide_env_values_set())
}

/// A value as an error shows it: not all of a long one, and nothing that a terminal obeys.
pub fn shown(value: &str) -> String {
    let mut shown: String = value.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect();
    if value.chars().nth(LONGEST_SHOWN).is_some() {
        shown += &format!("… ({} characters)", value.chars().count());
    }
    shown
}

fn usage(text: &str) -> ExitCode {
    eprintln!("pharos: {text}");
    ExitCode::from(USAGE)
}
