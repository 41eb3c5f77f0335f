//! The settings as a command line has them, with a file beneath it, and as they are documented.

use clap::Command;

use super::HEADING;

/// Takes what a settings file says as the defaults of a command line.
pub fn with_file(command: Command, text: &str) -> Result<Command, String> {
    let file: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let known: Vec<String> = names(&command);
    file.into_iter().try_fold(command, |command, (name, value)| {
        if !known.contains(&name) || name == "config" {
            return Err(format!("{name}: no such setting; there are {}", known.join(", ")));
        }
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Boolean(flag) => flag.to_string(),
            toml::Value::Integer(number) => number.to_string(),
            other => {
                let allowed = "a text, a whole number, or true or false";
                return Err(format!("{name}: allowed is {allowed}, not {}", other.type_str()));
            }
        };
        Ok(command.mut_arg(&name, |arg| {
            let hidden = arg.is_hide_env_values_set();
            arg.default_value(value).hide_default_value(hidden)
        }))
    })
}

/// Leaves the settings to `--help`: there are many, and `-h` is for what is a command's own.
pub fn hidden_from_short_help(command: Command) -> Command {
    command.mut_args(|arg| {
        let is_setting = arg.get_help_heading() == Some(HEADING);
        arg.hide_short_help(is_setting)
    })
}

fn names(command: &Command) -> Vec<String> {
    command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some())
        .map(|arg| arg.get_id().to_string())
        .collect()
}

/// The settings as a table in markdown, for the documentation.
pub fn table(command: &Command) -> String {
    let mut table =
        String::from("| variable | flag | in a file | default | meaning |\n|---|---|---|---|---|\n");
    for arg in command.get_arguments() {
        let Some(variable) = arg.get_env() else { continue };
        let name = arg.get_id().as_str();
        let flag = name.replace('_', "-");
        let default =
            arg.get_default_values().first().map_or("none".to_owned(), |d| format!("`{}`", d.display()));
        let help =
            arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let file = if name == "config" { "–".to_owned() } else { format!("`{name}`") };
        table.push_str(&format!("| `{}` | `--{flag}` | {file} | {default} | {help} |\n", variable.display()));
    }
    table
}
