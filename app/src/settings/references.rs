//! Settings that refer to secrets, found before they are read: a value that is checked must be
//! there first.

use std::{collections::BTreeMap, ffi::OsString};

use clap::{Arg, Command, builder::Resettable};

use crate::secrets::Template;

/// The settings that hold references, by name. Only what outweighs the others is looked at: a flag
/// before a variable, and that before the file.
pub fn references(command: &Command, arguments: &[OsString]) -> Result<BTreeMap<String, Template>, String> {
    let mut found = BTreeMap::new();
    for setting in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
        let Some(text) = given(setting, arguments) else { continue };
        let name = setting.get_id().as_str();
        let template = Template::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        if let Some(template) = template {
            found.insert(name.to_owned(), template);
        }
    }
    Ok(found)
}

fn given(setting: &Arg, arguments: &[OsString]) -> Option<String> {
    let flag = places(setting, arguments).last().map(|place| place.value.clone());
    let variable = || setting.get_env().and_then(std::env::var_os);
    let file = || setting.get_default_values().first().map(|value| OsString::from(value.as_os_str()));
    flag.or_else(variable).or_else(file)?.into_string().ok()
}

/// A flag with its value: which arguments they are, and the value.
struct Place {
    begin: usize,
    end: usize,
    value: OsString,
}

/// Where a setting's flag stands among the arguments.
fn places(setting: &Arg, arguments: &[OsString]) -> Vec<Place> {
    let Some(long) = setting.get_long().filter(|_| setting.get_action().takes_values()) else {
        return vec![];
    };
    let (alone, joined) = (format!("--{long}"), format!("--{long}="));
    let ours = arguments.iter().take_while(|argument| *argument != "--");
    ours.enumerate()
        .filter_map(|(at, argument)| {
            if *argument == *alone {
                return Some(Place { begin: at, end: at + 2, value: arguments.get(at + 1)?.clone() });
            }
            let value = argument.to_str()?.strip_prefix(&joined)?;
            Some(Place { begin: at, end: at + 1, value: value.into() })
        })
        .collect()
}

/// The command line with other values for some settings: those given, else what holds when nothing
/// is said.
pub fn with_values(
    mut command: Command,
    mut arguments: Vec<OsString>,
    values: &BTreeMap<String, Option<String>>,
) -> (Command, Vec<OsString>) {
    for (name, value) in values {
        let Some(setting) = command.get_arguments().find(|arg| arg.get_id() == name.as_str()) else {
            continue;
        };
        for place in places(setting, &arguments).into_iter().rev() {
            arguments.drain(place.begin..place.end);
        }
        command = command.mut_arg(name, |arg| match value {
            Some(value) => arg.env(nothing()).default_value(value).hide_default_value(true),
            None => arg.env(nothing()),
        });
    }
    (command, arguments)
}

fn nothing() -> Resettable<clap::builder::OsStr> {
    Resettable::Reset
}
