//! What was done, by whom, from where.

use std::collections::HashMap;

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::{Id, record::AuditEvent};

/// What is looked for, as typed; empty for all.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Whether in what was done to the installation, and not to the page.
    pub of_installation: bool,
    /// A kind of actor, and behind a colon which one.
    pub who: String,
    pub kind: String,
    pub object: String,
    pub from: String,
    pub until: String,
}

impl Sought {
    /// As an address carries it, with more behind it.
    fn query(&self, more: &[(&str, &str)]) -> String {
        let fields = [
            ("of", if self.of_installation { "installation" } else { "" }),
            ("who", &*self.who),
            ("kind", &*self.kind),
            ("object", &*self.object),
            ("from", &*self.from),
            ("until", &*self.until),
        ];
        let said = fields.iter().chain(more).filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish()
    }

    fn is_empty(&self) -> bool {
        self.query(&[]) == self.all().query(&[])
    }

    /// Nothing in particular, in the same place.
    fn all(&self) -> Self {
        Self { of_installation: self.of_installation, ..Self::default() }
    }
}

#[derive(Debug)]
pub struct Audit<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub events: &'a [AuditEvent],
    /// The people and tokens that are named in them.
    pub names: &'a HashMap<Id, String>,
    pub sought: &'a Sought,
    /// Who can be looked for, and what kinds of things.
    pub actors: &'a [(String, Option<Id>)],
    pub kinds: &'a [String],
    pub wrong: Option<&'a str>,
    pub number: u64,
    pub more: bool,
}

impl Audit<'_> {
    fn path(&self) -> String {
        format!("/admin/pages/{}/audit", self.page)
    }

    /// What somebody is called; who is gone is known by their id.
    fn name(&self, kind: &str, id: Option<&Id>) -> String {
        let known = id.and_then(|id| self.names.get(id)).cloned();
        let kind = kind.replace('_', " ");
        known.unwrap_or_else(|| id.map_or_else(|| kind.clone(), |id| format!("{kind} {id}")))
    }
}

pub fn audit(frame: &Frame, shown: &Audit<'_>) -> String {
    frame.document(html! {
        h1 { "Audit" }
        (whose(frame, shown))
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        (search(shown))
        @if shown.events.is_empty() { p.q { @if shown.sought.is_empty() { "Nothing was done yet." } @else { "Nothing was found; widen what you look for, or show all." } } }
        ul.rows { @for event in shown.events { (row(shown, event)) } }
        (parts::pager(&format!("{}?{}", shown.path(), shown.sought.query(&[])), shown.number, shown.more))
    })
}

/// What is shown, and the way to the other.
fn whose(frame: &Frame, shown: &Audit<'_>) -> Markup {
    let manages = frame.who.as_ref().is_some_and(|who| who.manages_people);
    let other = Sought { of_installation: !shown.sought.of_installation, ..Sought::default() };
    let other = format!("{}?{}", shown.path(), other.query(&[]));
    html! {
        p.q {
            @if shown.sought.of_installation {
                "What was done to people, tokens and sessions, newest first. Nothing here can be changed. "
                a href=(other) { "What was done to this page" }
            } @else {
                "What was done to this page, newest first. Nothing here can be changed. "
                @if manages { a href=(other) { "What was done to people, tokens and sessions" } }
            }
        }
    }
}

fn search(shown: &Audit<'_>) -> Markup {
    let actors: Vec<(String, String)> = shown
        .actors
        .iter()
        .map(|(kind, id)| {
            let value = id.as_ref().map_or_else(|| kind.clone(), |id| format!("{kind}:{id}"));
            (value, shown.name(kind, id.as_ref()))
        })
        .collect();
    let kinds: Vec<(&str, String)> =
        shown.kinds.iter().map(|kind| (&**kind, kind.replace('_', " "))).collect();
    let everybody = [("", "everybody")].into_iter();
    let people: Vec<(&str, &str)> =
        everybody.chain(actors.iter().map(|(value, name)| (&**value, &**name))).collect();
    let everything = [("", "everything")].into_iter();
    let things: Vec<(&str, &str)> =
        everything.chain(kinds.iter().map(|(value, name)| (*value, &**name))).collect();
    let sought = shown.sought;
    let file = |format: &str| format!("{}/download?{}", shown.path(), sought.query(&[("format", format)]));
    html! {
        form.filter role="search" action=(shown.path()) {
            @if sought.of_installation { input type="hidden" name="of" value="installation"; }
            div.row {
                (parts::select("who", "By", &sought.who, &people))
                (parts::select("kind", "To", &sought.kind, &things))
                (Field::text("object", "Object", &sought.object).optional().shown())
                (Field::text("from", "From", &sought.from).kind("date", "off").optional().shown())
                (Field::text("until", "Until", &sought.until).kind("date", "off").optional().shown())
            }
            div.acts {
                button.small.main type="submit" { "Show" }
                @if !sought.is_empty() { a.button.small href={ (shown.path()) "?" (sought.all().query(&[])) } { "Show all" } }
                a.button.small href=(file("csv")) { "Download as CSV" }
                a.button.small href=(file("json")) { "Download as JSON" }
            }
        }
    }
}

fn row(shown: &Audit<'_>, event: &AuditEvent) -> Markup {
    let who = shown.name(&event.actor_kind, event.actor_id.as_ref());
    let only = |id: &Id| Sought { object: id.to_string(), ..shown.sought.all() }.query(&[]);
    html! {
        li {
            div {
                strong { (event.action.replace(['_', '.'], " ")) }
                " by " (who)
                p.q {
                    (parts::time(event.at, shown.zone))
                    @if let Some(address) = &event.address { " · from " (address) }
                    @if let Some(target) = &event.target_id {
                        " · " (event.target_kind.as_deref().unwrap_or_default().replace('_', " ")) " "
                        a href={ (shown.path()) "?" (only(target)) } title="All that was done to it" { code { (target) } }
                    }
                }
                @if event.before.is_some() || event.after.is_some() {
                    details.more {
                        summary { "Before and after" }
                        @for (title, value) in [("Before", &event.before), ("After", &event.after)] {
                            @if let Some(value) = value {
                                p { strong { (title) } }
                                pre tabindex="0" { (serde_json::to_string_pretty(value).unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}
