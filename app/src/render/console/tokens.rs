//! Tokens of the management API.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::token::{Scope, Token};

#[derive(Debug)]
pub struct Tokens<'a> {
    pub tokens: &'a [Token],
    pub now: DateTime<Utc>,
    /// What who looks may give.
    pub scopes: &'a [Scope],
    /// A token that was just made, shown once.
    pub made: Option<&'a str>,
    pub name: &'a str,
    pub wrong: Option<&'a str>,
    pub number: u64,
    pub more: bool,
}

pub fn tokens(frame: &Frame, shown: &Tokens<'_>) -> String {
    frame.document(html! {
        h1 { "Tokens" }
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if let Some(made) = shown.made {
            div.note.warn role="status" {
                p { "This is the token. It is not shown again:" }
                p { code.link { (made) } }
            }
        }
        ul.rows { @for token in shown.tokens { (row(frame, shown, token)) } }
        @if shown.tokens.is_empty() { p.q { "There are no tokens yet." } }
        (parts::pager("/admin/tokens", shown.number, shown.more))
        section {
            h2 { "Make a token" }
            form.narrowed method="post" action="/admin/tokens" {
                (frame.token())
                (Field::text("name", "What is it for?", shown.name).shown())
                fieldset.ticks {
                    legend { "What it allows" }
                    @for scope in shown.scopes {
                        label.tick { input type="checkbox" name="scope" value=(scope.as_str()) checked[*scope == Scope::Read]; " " (scope.as_str()) }
                    }
                }
                (parts::select("days", "It ends", "90", &[("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("", "never")]))
                button.main type="submit" { "Make it" }
            }
        }
    })
}

fn row(frame: &Frame, shown: &Tokens<'_>, token: &Token) -> Markup {
    let over = token.expires_at.is_some_and(|at| at <= shown.now);
    html! {
        li {
            div {
                strong { (token.name) } " " code { (token.prefix) "…" }
                p.q {
                    (token.scopes)
                    " · " @match token.last_used_at { Some(at) => { "last used " (parts::time(at, Tz::UTC)) } None => "never used" }
                    @if let Some(at) = token.expires_at { @if over { " · expired" } @else { " · ends " (parts::time(at, Tz::UTC)) } }
                    @if token.revoked_at.is_some() { " · revoked" }
                }
            }
            @if token.revoked_at.is_none() {
                form method="post" action={ "/admin/tokens/" (token.id) "/revoke" } {
                    (frame.token())
                    button.small.danger type="submit" aria-label={ "Revoke " (token.name) } { "Revoke" }
                }
            }
        }
    }
}
