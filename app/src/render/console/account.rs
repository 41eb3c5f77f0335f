//! One's own account: password, second factor, where one is signed in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
    qr,
};
use crate::domain::{Id, account::Session, record::User};

#[derive(Debug)]
pub struct Account<'a> {
    pub user: &'a User,
    pub sessions: &'a [Session],
    /// The one that this screen is seen in.
    pub current: &'a Id,
    pub has_second_factor: bool,
    pub codes_left: u64,
    /// Whether people sign in with passwords here.
    pub passwords: bool,
    /// The address at which devices offer passkeys, and those that there are.
    pub passkeys: Option<(&'a str, Vec<HeldKey>)>,
    /// What is wrong with the password that was typed, and in which field.
    pub wrong: Option<(&'a str, &'a str)>,
}

/// A passkey of somebody's.
#[derive(Clone, Debug)]
pub struct HeldKey {
    pub id: Id,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

pub fn account(frame: &Frame, shown: &Account<'_>) -> String {
    frame.document(html! {
        h1 { "Your account" }
        p { (shown.user.name) @if !shown.user.name.is_empty() { ", " } (shown.user.email) " · " (shown.user.role.as_str()) }
        @if shown.passwords {
            (password(frame, shown))
            (factor(frame, shown))
        }
        @if let Some((at, keys)) = &shown.passkeys { (passkeys(frame, at, keys)) }
        (sessions(frame, shown))
    })
}

fn password(frame: &Frame, shown: &Account<'_>) -> Markup {
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    html! {
        section {
            h2 { "Password" }
            form.narrowed method="post" action="/admin/account/password" {
                (frame.token())
                // Password managers want to know whose it is.
                input type="hidden" name="username" value=(shown.user.email) autocomplete="username";
                (Field::text("password", "Password now", "").kind("password", "current-password").wrong(wrong("password")).shown())
                (Field::text("new_password", "New password", "").kind("password", "new-password").wrong(wrong("new_password"))
                    .hint("At least 12 characters. You are signed out everywhere else.").shown())
                button type="submit" { "Change the password" }
            }
        }
    }
}

fn factor(frame: &Frame, shown: &Account<'_>) -> Markup {
    html! {
        section {
            h2 { "Second step" }
            @if shown.has_second_factor {
                p { "Signing in asks for a code of your device. "
                    (parts::counted(shown.codes_left, "recovery code is left.", "recovery codes are left.")) }
                form.row method="post" action="/admin/account/second-factor/codes" {
                    (frame.token())
                    button type="submit" { "New recovery codes" }
                }
                form.row method="post" action="/admin/account/second-factor/off" {
                    (frame.token())
                    button.danger type="submit" { "Take the second step off" }
                }
            } @else {
                p { "With a code of your phone besides the password, a password alone opens nothing." }
                form method="post" action="/admin/account/second-factor" {
                    (frame.token())
                    button type="submit" { "Set up the second step" }
                }
            }
        }
    }
}

fn passkeys(frame: &Frame, at: &str, keys: &[HeldKey]) -> Markup {
    html! {
        section {
            h2 { "Passkeys" }
            p { "A device that recognises you signs you in: no password, no code. It works at this address alone." }
            ul.rows {
                @for key in keys {
                    li {
                        div {
                            strong { (key.name) }
                            p.q {
                                "Added " (parts::time(key.created_at, Tz::UTC))
                                @if let Some(at) = key.last_used_at { ", last used " (parts::time(at, Tz::UTC)) } @else { ", never used" }
                            }
                        }
                        form method="post" action={ "/admin/account/passkeys/" (key.id) "/remove" } {
                            (frame.token())
                            button.small type="submit" aria-label={ "Remove " (key.name) } { "Remove" }
                        }
                    }
                }
            }
            (new_passkey(frame, at))
        }
    }
}

/// A script shows it where the browser has passkeys.
fn new_passkey(frame: &Frame, at: &str) -> Markup {
    html! {
        form.narrowed method="post" action="/admin/account/passkeys" data-passkey="create" data-ask="/admin/account/passkeys/ask" data-at=(at) hidden {
            (frame.token())
            input type="hidden" name="state";
            input type="hidden" name="credential";
            (Field::text("name", "What you call the device", "").optional().hint("Such as “my phone”.").shown())
            p.wrong role="alert" hidden {}
            button type="submit" { "Add a passkey" }
        }
        noscript { p.q { "To add a passkey, the browser needs its script." } }
    }
}

fn sessions(frame: &Frame, shown: &Account<'_>) -> Markup {
    html! {
        section {
            h2 { "Where you are signed in" }
            ul.rows {
                @for session in shown.sessions {
                    li {
                        div {
                            strong { (browser(session.user_agent.as_deref())) }
                            @if session.id == *shown.current { " · this one" }
                            p.q { (session.address.as_deref().unwrap_or("unknown address")) ", last used "
                                (parts::time(session.last_used_at, Tz::UTC)) }
                        }
                        form method="post" action={ "/admin/account/sessions/" (session.id) "/end" } {
                            (frame.token())
                            button.small type="submit" aria-label={ "Sign out " (browser(session.user_agent.as_deref())) } { "Sign out" }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a browser and of its system, as far as it says so.
fn browser(agent: Option<&str>) -> String {
    let agent = agent.unwrap_or_default();
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser =
        first(&[("Firefox/", "Firefox"), ("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

/// For whoever may do nothing before they set it up. `typed` is a form that they sent.
/// `by_passkey` where one of theirs stands for it.
pub fn second_step_needed(frame: &Frame, by_passkey: bool, typed: Option<&Markup>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Your role needs a second step" }
            @if by_passkey {
                p { "An owner asks it of everybody with your role. Your passkey stands for both steps: sign out, and in again with it." }
                p.q { "Is the device lost? On the machine, " code { "pharos user login-link --email YOU" } " prints a link that signs you in." }
            } @else {
                p { "An owner asks it of everybody with your role: besides the password, a code of your phone. Nothing else is open before." }
                form method="post" action="/admin/account/second-factor" {
                    (frame.token())
                    button.main type="submit" { "Set up the second step" }
                }
            }
        }
        @if let Some(typed) = typed {
            section {
                h2 { "What you sent was not done" }
                p { "Set the second step up in another tab, then send it again:" }
                (typed)
            }
        }
    })
}

/// A secret that a device is to hold.
#[derive(Debug)]
pub struct NewFactor<'a> {
    pub address: &'a str,
    pub secret: &'a str,
    pub wrong: Option<&'a str>,
}

pub fn second_factor(frame: &Frame, new: &NewFactor<'_>) -> String {
    let spaced: Vec<String> =
        new.secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    frame.document(html! {
        div.narrow {
            h1 { "Set up the second step" }
            ol.steps {
                li { "Scan this with an authenticator app." (qr::drawn(new.address).unwrap_or_default())
                    p.q { "Or type " code { (spaced.join(" ")) } }
                }
                li {
                    form method="post" action="/admin/account/second-factor/confirm" {
                        (frame.token())
                        (Field::text("code", "The code that it shows", "").kind("text", "one-time-code").wrong(new.wrong).shown())
                        button.main type="submit" { "Turn it on" }
                    }
                }
            }
        }
    })
}

/// Codes that are shown once.
pub fn recovery_codes(frame: &Frame, codes: &[String]) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Your recovery codes" }
            p.note.warn { "They are shown this once. Each stands for your device one time; keep them where your phone is not." }
            ul.codes { @for code in codes { li { code { (code) } } } }
            p { a.button href="/admin/account" { "I have kept them" } }
        }
    })
}
