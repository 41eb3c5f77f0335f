//! What visitors will read, shown before it is said, and the question whether to say it.

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;
use serde_json::Value;

use super::remote::{Failed, text};

/// Whether somebody is asked first.
#[derive(Clone, Copy, Debug, Args)]
pub struct Consent {
    /// Do it without a question. Where nobody can be asked, it is needed.
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// Show what would be said and to how many, and do nothing.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

impl Consent {
    /// Refuses where nobody can be asked and nobody said yes.
    pub fn check(self) -> Result<(), Failed> {
        if self.yes || self.dry_run || std::io::stdin().is_terminal() {
            return Ok(());
        }
        Err(Failed::usage("--yes: is needed where nobody can be asked; --dry-run shows what would be said"))
    }

    /// Shows what would happen and asks; false, if it was only to be shown, which is what the server
    /// answered where JSON is wanted.
    pub fn ask(self, preview: &str, tried: &Value, json: bool) -> Result<bool, Failed> {
        if self.dry_run && json {
            println!("{tried}");
            return Ok(false);
        }
        let told = match tried["notifies"]["subscribers"].as_u64().unwrap_or_default() {
            0 => "No subscriber is told.".to_owned(),
            1 => "1 subscriber is told.".to_owned(),
            some => format!("{some} subscribers are told."),
        };
        let shown = format!("Visitors will read:\n\n{preview}\n{told}\n");
        if self.dry_run {
            print!("{shown}");
            return Ok(false);
        }
        eprint!("{shown}Do it? [y/N] ");
        // A terminal that is gone answers nothing, which is no.
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        let _ = std::io::stdin().lock().read_line(&mut answer);
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            _ => Err(Failed::declined()),
        }
    }
}

/// An incident as it would stand there: its newest update.
pub fn incident(incident: &Value) -> String {
    let mut shown = format!(
        "  {} ({}, impact {})\n",
        text(&incident["name"]),
        text(&incident["status"]),
        text(&incident["impact"])
    );
    let newest = &incident["incident_updates"][0];
    for line in text(&newest["body"]).lines() {
        shown += &format!("  | {line}\n");
    }
    for affected in newest["affected_components"].as_array().into_iter().flatten() {
        let (before, after) = (text(&affected["old_status"]), text(&affected["new_status"]));
        let name = text(&affected["name"]);
        shown += &match before == after {
            true => format!("  - {name}: {after}\n"),
            false => format!("  - {name}: {before} -> {after}\n"),
        };
    }
    shown
}

/// Components as they would stand there.
pub fn components(components: &Value) -> String {
    let all = components.as_array().into_iter().flatten();
    all.map(|one| format!("  {}: {}\n", text(&one["name"]), text(&one["status"]))).collect()
}
