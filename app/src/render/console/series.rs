//! A series of maintenances: its plan, and what was planned of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::html;

use super::{
    compose,
    layout::Frame,
    parts::{self, Field},
    plan,
};
use crate::domain::{
    Id,
    record::{ComponentRecord, GroupRecord},
    recurrence::Recurrence,
};

#[derive(Debug)]
pub struct SeriesShown<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub recurrence: &'a Recurrence,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    pub may_plan: bool,
    /// Its plan as it is typed.
    pub name: &'a str,
    pub body: &'a str,
    pub begins: &'a str,
    pub ends: &'a str,
    pub rule: &'a str,
    /// When it comes next.
    pub next: &'a [DateTime<Utc>],
    pub wrong: Option<(&'a str, &'a str)>,
    pub overtaken: bool,
}

pub fn series(frame: &Frame, shown: &SeriesShown<'_>) -> String {
    let (recurrence, series) = (shown.recurrence, &shown.recurrence.series);
    let path = format!("/admin/pages/{}/maintenances/series/{}", shown.page, recurrence.id);
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    let ended = recurrence.deleted_at;
    frame.document(html! {
        h1 { (series.name) }
        p { "A series of " a href={ "/admin/pages/" (shown.page) "/maintenances" } { "maintenances" } " · " code { (series.rule) } }
        @if let Some(at) = ended { p.note role="note" { "It was ended " (parts::time(at, shown.zone)) "." } }
        @if shown.overtaken {
            p.note.bad role="alert" { "Somebody else changed this while you wrote; nothing of yours was saved. Yours is still in the form: look before you save again." }
        }
        @if let Some((_, text)) = shown.wrong { p.note.bad role="alert" { (text) } }
        @if ended.is_none() {
            section {
                h2 { "Comes next" }
                @if shown.next.is_empty() { p.q { "It does not come again." } }
                ul { @for at in shown.next { li { (parts::times(*at, shown.zone)) } } }
            }
        }
        @if shown.may_plan && ended.is_none() {
            section {
                h2 { "The plan" }
                form.narrowed method="post" action=(path) {
                    (frame.token())
                    (compose::on_return())
                    input type="hidden" name="version" value=(recurrence.version);
                    (Field::text("name", "What is done?", shown.name).wrong(wrong("name")).shown())
                    (plan::times(shown.zone, shown.begins, shown.ends, [wrong("begins"), wrong("ends")]))
                    p.q { "Of the first one; the others begin at the same time of the day." }
                    (plan::rule(shown.rule, wrong("rule")).shown())
                    (Field::text("body", "What do visitors notice?", shown.body).optional().wrong(wrong("body")).hint("Markdown.").area(4))
                    (plan::affected(shown.groups, shown.components, &series.component_ids))
                    (plan::automation(series.automation, shown.zone))
                    (parts::tick("notify", "Tell subscribers of each one that is planned", series.notify))
                    p.q { "What was planned of it, is to come and was changed by nobody is planned anew. What somebody changed stays as it is." }
                    div.acts { button.main name="do" value="save" type="submit" { "Change the series" } }
                }
                details.more {
                    summary { "End it" }
                    form method="post" action=(path) {
                        (frame.token())
                        input type="hidden" name="version" value=(recurrence.version);
                        (parts::tick("planned", "Also delete what is planned of it, is to come and was changed by nobody", true))
                        (super::enter::sure("Yes, end the series"))
                        button.danger.small name="do" value="end" type="submit" { "End it" }
                    }
                }
            }
        }
    })
}
