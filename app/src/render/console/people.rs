//! The people who run the pages.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::{Id, account::Purpose, record::User, role::Role};

#[derive(Debug)]
pub struct People<'a> {
    pub users: &'a [User],
    pub me: &'a Id,
    /// The roles that who looks may give and take.
    pub roles: &'a [Role],
    /// The roles that need a second step, and whether who looks may say so.
    pub second_step: &'a [Role],
    pub is_owner: bool,
    /// A link that was just made, for whom and for what: shown once.
    pub link: Option<(&'a str, &'a str, Purpose)>,
    /// Whether mail reaches anybody.
    pub mails: bool,
    pub wrong: Option<&'a str>,
    /// What was typed of somebody to be invited.
    pub email: &'a str,
    pub name: &'a str,
    pub number: u64,
    pub more: bool,
}

pub fn people(frame: &Frame, shown: &People<'_>) -> String {
    frame.document(html! {
        h1 { "People" }
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if let Some((address, whom, purpose)) = shown.link { (link(address, whom, purpose)) }
        ul.rows { @for user in shown.users { (row(frame, shown, user)) } }
        (parts::pager("/admin/people", shown.number, shown.more))
        section {
            h2 { "Invite somebody" }
            @if !shown.mails { p.q { "No mail server is set (PHAROS_SMTP_URL): you are shown the link, to pass it on yourself." } }
            form.narrowed method="post" action="/admin/people" {
                (frame.token())
                (Field::text("email", "E-mail", shown.email).kind("email", "off").shown())
                (Field::text("name", "Name", shown.name).optional().shown())
                (role(shown, "role", Role::Responder))
                button.main type="submit" { "Invite" }
            }
        }
        (second_step(frame, shown))
    })
}

/// Who needs a second step; an owner says so.
fn second_step(frame: &Frame, shown: &People<'_>) -> Markup {
    html! {
        section {
            h2 { "Second step" }
            p { "Who has one of these roles, everywhere or on one page, sets up a second step before anything else. Tokens are not touched." }
            @if shown.is_owner {
                form method="post" action="/admin/people/second-step" {
                    (frame.token())
                    fieldset.ticks {
                        legend { "Needed by" }
                        @for role in Role::ALL {
                            (parts::tick(&format!("role.{}", role.as_str()), role.as_str(), shown.second_step.contains(&role)))
                        }
                    }
                    button type="submit" { "Save" }
                }
            } @else {
                @let needed: Vec<&str> = shown.second_step.iter().map(|role| role.as_str()).collect();
                p.q { "Needed by: " (if needed.is_empty() { "nobody".to_owned() } else { needed.join(", ") }) ". Only an owner can change that." }
            }
        }
    }
}

fn link(address: &str, whom: &str, purpose: Purpose) -> Markup {
    let days = purpose.life().num_days();
    let until = if days > 0 {
        parts::counted(days.unsigned_abs(), "day", "days")
    } else {
        format!("{} minutes", purpose.life().num_minutes())
    };
    html! {
        div.note.warn role="status" {
            p { "Give this link to " strong { (whom) } ". It works once, within " (until) ", and is not shown again:" }
            p { code.link { (address) } }
        }
    }
}

fn role(shown: &People<'_>, id: &str, chosen: Role) -> Markup {
    html! {
        div.f {
            label for=(id) { "Role" }
            select id=(id) name="role" {
                @for role in shown.roles {
                    option value=(role.as_str()) selected[*role == chosen] { (role.as_str()) ": " (abilities(*role)) }
                }
            }
        }
    }
}

fn abilities(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything; there is always one",
        Role::Admin => "everything",
        Role::Responder => "incidents and the statuses of components",
        Role::Editor => "the page and its components",
        Role::Viewer => "reads",
    }
}

fn row(frame: &Frame, shown: &People<'_>, user: &User) -> Markup {
    let may = shown.roles.contains(&user.role);
    let path = |rest: &str| format!("/admin/people/{}/{rest}", user.id);
    html! {
        li {
            div {
                strong { (if user.name.is_empty() { &user.email } else { &user.name }) }
                p.q {
                    (user.email) " · " (user.role.as_str())
                    @if let Some(at) = user.disabled_at { " · disabled since " (parts::time(at, Tz::UTC)) }
                    @if user.id == *shown.me { " · you" }
                }
                @if may && user.id != *shown.me {
                    details.more {
                        summary { "Change " span.hidden { (user.email) } }
                        form.row method="post" action=(path("role")) {
                            (frame.token())
                            (role(shown, &format!("role-{}", user.id), user.role))
                            button.small type="submit" { "Set the role" }
                        }
                        @if shown.mails {
                            form.row method="post" action=(path("mail")) {
                                (frame.token())
                                button.small type="submit" { "Mail a link for another password" }
                            }
                        }
                        form.row method="post" action=(path("link")) {
                            (frame.token())
                            button.small type="submit" { "Make a link for another password" }
                        }
                        form.row method="post" action=(path("disabled")) {
                            (frame.token())
                            @if user.disabled_at.is_some() {
                                button.small name="disabled" value="no" type="submit" { "Let them in again" }
                            } @else {
                                button.small.danger name="disabled" value="yes" type="submit" { "Disable: signed out at once, tokens dead" }
                            }
                        }
                    }
                }
            }
        }
    }
}
