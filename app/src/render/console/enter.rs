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

/// By what people may sign in.
#[derive(Clone, Copy, Debug)]
pub struct Ways<'a> {
    pub passwords: bool,
    /// Whether a code is asked for besides the password.
    pub code: bool,
    /// The host of the organization's provider.
    pub provider: Option<&'a str>,
    /// The address at which devices offer passkeys, if any do.
    pub passkeys: Option<&'a str>,
}

/// The sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    pub email: &'a str,
    pub wrong: Option<&'a str>,
    pub next: &'a str,
    /// A form that comes back afterwards.
    pub kept: Option<&'a str>,
    pub ways: Ways<'a>,
}

pub fn sign_in(frame: &Frame, asked: &SignIn<'_>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Sign in" }
            @if asked.kept.is_some() {
                p.note.warn role="status" { "You were signed out meanwhile. What you typed is kept: sign in, and it comes back." }
            }
            @if let Some(wrong) = asked.wrong { p.note.bad role="alert" { (wrong) } }
            @if let Some(host) = asked.ways.provider { (provider(host, asked.next, false, !asked.ways.passwords)) }
            @if let Some(at) = asked.ways.passkeys { (passkey(frame, asked, at)) }
            @if asked.ways.passwords {
                form method="post" action="/admin/sign-in" {
                    (frame.token())
                    (onwards(asked.next, asked.kept))
                    (Field::text("email", "E-mail", asked.email).kind("email", "username").shown())
                    (Field::text("password", "Password", "").kind("password", "current-password").shown())
                    button.main type="submit" { "Sign in" }
                }
                p { a href="/admin/reset" { "Forgot your password?" } }
            }
            p.q { "Locked out? On the machine, " code { "pharos user login-link --email YOU" } " prints a link that signs you in." }
        }
    })
}

/// The way in by a passkey; a script shows it where the browser has them.
fn passkey(frame: &Frame, asked: &SignIn<'_>, at: &str) -> Markup {
    html! {
        form method="post" action="/admin/sign-in/passkey" data-passkey="get" data-ask="/admin/sign-in/passkey/ask" data-at=(at) hidden {
            (frame.token())
            (onwards(asked.next, asked.kept))
            input type="hidden" name="state";
            input type="hidden" name="credential";
            p.wrong role="alert" hidden {}
            p.acts { button type="submit" { "Sign in with a passkey" } }
        }
    }
}

/// The way to the organization's provider; `again` has it ask who it is even if it knows.
fn provider(host: &str, next: &str, again: bool, main: bool) -> Markup {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    if again {
        query.append_pair("again", "yes");
    }
    let class = if main { "button main" } else { "button" };
    html! {
        p.acts { a class=(class) href={ "/admin/sign-in/sso?" (query.finish()) } { "Sign in with " (host) } }
    }
}

/// Why the organization's provider signed nobody in.
pub fn not_signed_in(frame: &Frame, text: &str) -> String {
    frame.document(html! {
        div.narrow {
            h1 { (frame.title) }
            p.note.bad role="alert" { (text) }
            p { a.button href="/admin/sign-in" { "Back to signing in" } }
            p.q { "If the provider is down: on the machine, " code { "pharos user login-link --email YOU" } " prints a link that signs you in." }
        }
    })
}

/// For whoever forgot their password.
pub fn forgotten(frame: &Frame, email: &str, wrong: Option<&str>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Forgot your password?" }
            p { "A link to choose another one comes by mail." }
            form method="post" action="/admin/reset" {
                (frame.token())
                (Field::text("email", "E-mail", email).kind("email", "username").wrong(wrong).shown())
                button.main type="submit" { "Send the link" }
            }
            p { a href="/admin/sign-in" { "Back to signing in" } }
        }
    })
}

/// The same for everybody, whether they have an account or not.
pub fn mail_is_coming(frame: &Frame) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Look into your mail" }
            p.note.done role="status" {
                "If there is an account with this address, a mail with a link is on its way. The link works once, within 60 minutes."
            }
            p { "No mail? It may take some minutes, or the account has another address." }
            p.q { "Without a mail server the link is in the server's log, and " code { "pharos user login-link" } " prints one." }
            p { a href="/admin/sign-in" { "Back to signing in" } }
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

/// Once more who it is, before something dangerous: by password, or by the provider.
pub fn confirm(frame: &Frame, asked: &SignIn<'_>) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Is it still you?" }
            @if let Some(at) = asked.ways.passkeys { (passkey(frame, asked, at)) }
            @if let Some(host) = asked.ways.provider {
                p { "This needs you to sign in once more; then do it again." }
                (provider(host, asked.next, true, !asked.ways.passwords))
            }
            @if asked.ways.passwords {
                p { "This needs your password" @if asked.ways.code { ", and a code of your device," } " once more." }
                form method="post" action="/admin/confirm" {
                    (frame.token())
                    (onwards(asked.next, asked.kept))
                    (Field::text("password", "Password", "").kind("password", "current-password").wrong(asked.wrong).shown())
                    @if asked.ways.code {
                        (Field::text("code", "Code from your device", "").kind("text", "one-time-code")
                            .hint("Six digits; or one of your recovery codes.").shown())
                    }
                    button.main type="submit" { "Go on" }
                }
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
