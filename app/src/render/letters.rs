//! The words of the mails to the people who run the pages: each once, as text and as HTML.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, html};

use super::plain::{finished, plain};
use crate::{
    domain::{account::Purpose, letter::Notice},
    locale,
};

const LONGEST_SUBJECT: usize = 150;

/// A mail without whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Who writes: what the pages are called, and where their console is.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    pub name: &'a str,
    pub console: &'a str,
}

/// What a mail says, in order: paragraphs, one thing to be done, and what is said in small print.
struct Said<'a> {
    subject: String,
    paragraphs: Vec<String>,
    button: (&'a str, String),
    small: String,
}

pub fn invitation(from: Sender<'_>, token: &str) -> Words {
    written(Said {
        subject: format!("You are invited to {}", from.name),
        paragraphs: vec![format!("You are invited to help run the status page {}.", from.name)],
        button: ("Choose a password", link(from, token)),
        small: format!(
            "The link works once, within {}. If you don't know what this is about, nothing happens if you leave it.",
            life(Purpose::Invitation)
        ),
    })
}

/// An invitation where nobody chooses a password.
pub fn welcome(from: Sender<'_>) -> Words {
    written(Said {
        subject: format!("You are invited to {}", from.name),
        paragraphs: vec![format!("You are invited to help run the status page {}.", from.name)],
        button: ("Sign in", format!("{}/admin", from.console)),
        small: "You sign in with the provider of your organization.".to_owned(),
    })
}

pub fn reset(from: Sender<'_>, token: &str) -> Words {
    written(Said {
        subject: format!("Another password for {}", from.name),
        paragraphs: vec![format!(
            "Somebody, likely you, asked for another password for the console of {}.",
            from.name
        )],
        button: ("Choose another password", link(from, token)),
        small: format!(
            "The link works once, within {}. If it was not you, leave it: your password stays as it is.",
            life(Purpose::Reset)
        ),
    })
}

/// A promise to visitors that was not kept.
pub fn reminder(
    from: Sender<'_>,
    (incident, name): (&str, &str),
    promised: DateTime<Utc>,
    zone: Tz,
) -> Words {
    let at = locale::fallback().moment(promised, zone);
    written(Said {
        subject: format!("An update is due: {name}"),
        paragraphs: vec![
            format!(
                "Visitors of {} were promised an update of “{name}” by {at}, and there is none yet.",
                from.name
            ),
            "Even “nothing new, the next update follows at …” keeps the promise.".to_owned(),
        ],
        button: ("Post an update", format!("{}{incident}", from.console)),
        small: "This comes once for each promise, to whoever made it.".to_owned(),
    })
}

/// That something was changed of how somebody signs in.
pub fn notice(from: Sender<'_>, what: Notice) -> Words {
    let (subject, done) = match what {
        Notice::Password => ("Your password was changed", "your password was changed"),
        Notice::SecondStepOn => ("The second step is on", "the second step of signing in was turned on"),
        Notice::SecondStepOff => ("The second step is off", "the second step of signing in was turned off"),
        Notice::PasskeyAdded => ("A passkey was added", "a passkey was added by which you sign in"),
        Notice::PasskeyRemoved => ("A passkey was removed", "one of your passkeys was removed"),
    };
    written(Said {
        subject: format!("{subject}: {}", from.name),
        paragraphs: vec![format!("In the console of {}, {done}.", from.name)],
        button: ("Look at your account", format!("{}/admin/account", from.console)),
        small: "If it was not you, choose another password at once, and tell those who run this.".to_owned(),
    })
}

fn link(from: Sender<'_>, token: &str) -> String {
    format!("{}/admin/links/{token}", from.console)
}

fn life(purpose: Purpose) -> String {
    match purpose.life().num_days() {
        0 => format!("{} minutes", purpose.life().num_minutes()),
        days => format!("{days} days"),
    }
}

fn written(said: Said<'_>) -> Words {
    let (label, url) = &said.button;
    let text = format!("{}\n\n{label}:\n{url}\n\n{}\n", said.paragraphs.join("\n\n"), said.small);
    Words { subject: plain(&said.subject, LONGEST_SUBJECT), text, html: finished(document(&said)) }
}

/// Programs that read mail know few styles, and most of them only where they are used.
fn document(said: &Said<'_>) -> Markup {
    let (label, url) = &said.button;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (said.subject) }
            }
            body style="margin:0;padding:24px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif" {
                main style="max-width:34em" {
                    @for paragraph in &said.paragraphs { p { (paragraph) } }
                    p style="margin:24px 0" {
                        a href=(url) style="display:inline-block;padding:10px 18px;border-radius:6px;background:#14704a;color:#ffffff;text-decoration:none" { (label) }
                    }
                    p style="font-size:14px" { "Or open this address: " a href=(url) { (url) } }
                    p style="font-size:14px" { (said.small) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    const FROM: Sender<'_> = Sender { name: "Acme <Cloud>", console: "https://status.test" };

    #[test]
    fn each_mail_says_the_same_in_both_forms() {
        let letters = [
            (invitation(FROM, "tok"), "https://status.test/admin/links/tok"),
            (reset(FROM, "tok"), "https://status.test/admin/links/tok"),
            (
                reminder(FROM, ("/admin/pages/p/incidents/i", "Down"), fixture::noon(), Tz::UTC),
                "https://status.test/admin/pages/p/incidents/i",
            ),
            (welcome(FROM), "https://status.test/admin"),
            (notice(FROM, Notice::SecondStepOff), "https://status.test/admin/account"),
        ];
        for (words, url) in letters {
            assert!(words.text.contains(url) && words.html.contains(url), "{}", words.text);
            assert!(words.text.contains("Acme <Cloud>") && words.html.contains("Acme &lt;Cloud&gt;"));
            assert!(!words.html.contains("<script") && !words.subject.contains('\n'));
        }
    }

    #[test]
    fn a_reminder_names_the_promise_in_the_zone_of_the_page() {
        let zone = "Europe/Berlin".parse().unwrap();
        let words = reminder(FROM, ("/i", "Uploads\r\nBcc: x"), fixture::noon(), zone);
        assert!(words.text.contains("13:00") || words.text.contains("1:00"), "{}", words.text);
        assert_eq!(words.subject, "An update is due: Uploads Bcc: x");
    }
}
