//! One's own account: password, second factor, where one is signed in.

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
    /// What is wrong with the password that was typed, and in which field.
    pub wrong: Option<(&'a str, &'a str)>,
}

pub fn account(frame: &Frame, shown: &Account<'_>) -> String {
    frame.document(html! {
        h1 { "Your account" }
        p { (shown.user.name) @if !shown.user.name.is_empty() { ", " } (shown.user.email) " · " (shown.user.role.as_str()) }
        (password(frame, shown))
        (factor(frame, shown))
        (sessions(frame, shown))
    })
}

fn password(frame: &Frame, shown: &Account<'_>) -> Markup {
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    html! {
        section {
            h2 { "Password" }
            form method="post" action="/admin/account/password" {
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
