//! What was done, by whom, from where.

use std::collections::HashMap;

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{layout::Frame, parts};
use crate::domain::{Id, record::AuditEvent};

#[derive(Debug)]
pub struct Audit<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub events: &'a [AuditEvent],
    /// The people and tokens that are named in them.
    pub names: &'a HashMap<Id, String>,
    pub number: u64,
    pub more: bool,
}

pub fn audit(frame: &Frame, shown: &Audit<'_>) -> String {
    frame.document(html! {
        h1 { "Audit" }
        p.q { "What was done to this page, newest first. Nothing here can be changed." }
        ul.rows { @for event in shown.events { (row(shown, event)) } }
        (parts::pager(&format!("/admin/pages/{}/audit", shown.page), shown.number, shown.more))
    })
}

fn row(shown: &Audit<'_>, event: &AuditEvent) -> Markup {
    let known = event.actor_id.as_ref().and_then(|id| shown.names.get(id));
    let who = known.cloned().unwrap_or_else(|| event.actor_kind.replace('_', " "));
    html! {
        li {
            div {
                strong { (event.action.replace(['_', '.'], " ")) }
                " by " (who)
                p.q {
                    (parts::time(event.at, shown.zone))
                    @if let Some(address) = &event.address { " · from " (address) }
                    @if let Some(target) = &event.target_id { " · " (event.target_kind.as_deref().unwrap_or_default().replace('_', " ")) " " code { (target) } }
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
