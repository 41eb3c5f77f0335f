//! How somebody gets in: password, second step, links.

use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{Field, tick},
};
use crate::domain::account::{Link, Purpose};

/// Hidden fields that lead on after signing in.
fn onwards(next: &str, kept: Option<&str>) -> Markup {
    html! {
        input type="hidden" name="next" value=(next);
        @if let Some(kept) = kept { input type="hidden" name="kept" value=(kept); }
    }
}

/// The sign-in. `kept` is a form that comes back afterwards.
pub fn sign_in(frame: &Frame, email: &str, wrong: Option<&str>, next: &str, kept: Option<&str>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Sign in" }
            @if kept.is_some() {
                p.note.warn role="status" { "You were signed out meanwhile. What you typed is kept: sign in, and it comes back." }
            }
            @if let Some(wrong) = wrong { p.note.bad role="alert" { (wrong) } }
            form method="post" action="/admin/sign-in" {
                (frame.token())
                (onwards(next, kept))
                (Field::text("email", "E-mail", email).kind("email", "username").shown())
                (Field::text("password", "Password", "").kind("password", "current-password").shown())
                button.main type="submit" { "Sign in" }
            }
            p.q { "Locked out? On the machine, " code { "pharos user login-link --email YOU" } " prints a link that signs you in." }
        }
    })
}

/// The second step. `step` proves that the first was made.
pub fn second_step(frame: &Frame, step: &str, wrong: Option<&str>, next: &str, kept: Option<&str>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "The second step" }
            form method="post" action="/admin/sign-in/code" {
                (frame.token())
                (onwards(next, kept))
                input type="hidden" name="step" value=(step);
                (Field::text("code", "Code from your device", "").kind("text", "one-time-code").wrong(wrong)
                    .hint("Six digits; or one of your recovery codes.").shown())
                button.main type="submit" { "Go on" }
            }
        }
    })
}

/// Once more the password, before something dangerous.
pub fn confirm(frame: &Frame, wrong: Option<&str>, next: &str, kept: Option<&str>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Is it still you?" }
            p { "This needs your password once more." }
            form method="post" action="/admin/confirm" {
                (frame.token())
                (onwards(next, kept))
                (Field::text("password", "Password", "").kind("password", "current-password").wrong(wrong).shown())
                button.main type="submit" { "Go on" }
            }
        }
    })
}

/// What stands at the end of a link that lets somebody in once.
pub fn by_link(
    frame: &Frame,
    path: &str,
    link: &Link,
    (name, email): (&str, &str),
    wrong: Option<(&str, &str)>,
) -> String {
    let wrong_with = |field: &str| wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    let (title, button) = match link.purpose {
        Purpose::SetUp => ("Set up your status page", "Create the owner"),
        Purpose::Invitation => ("Welcome", "Set the password and sign in"),
        Purpose::Reset => ("Choose another password", "Set the password and sign in"),
        Purpose::SignIn => ("Sign in", "Sign in"),
    };
    frame.document(html! {
        div.narrow {
            h1 { (title) }
            @if let Some(user) = &link.user { p { "For " strong { (user.email) } "." } }
            form method="post" action=(path) {
                (frame.token())
                @if link.purpose == Purpose::SetUp {
                    p { "You become the first owner, who may do everything." }
                    (Field::text("name", "Your name", name).kind("text", "name").wrong(wrong_with("name")).shown())
                    (Field::text("email", "E-mail", email).kind("email", "username").wrong(wrong_with("email")).shown())
                }
                @if link.purpose != Purpose::SignIn {
                    (Field::text("new_password", "Password", "").kind("password", "new-password")
                        .wrong(wrong_with("new_password"))
                        .hint("At least 12 characters. A few words that do not belong together are good.").shown())
                }
                button.main type="submit" { (button) }
            }
        }
    })
}

/// A box that is ticked before something that can't be undone.
pub fn sure(label: &str) -> Markup {
    tick("sure", label, false)
}
