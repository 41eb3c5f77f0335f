//! The composer of a maintenance, and what comes of what is typed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    compose,
    layout::Frame,
    parts::{self, Field},
};
use crate::{
    domain::{
        Id,
        incident::Kind,
        record::{Automation, ComponentRecord, GroupRecord, Template},
        status::ComponentStatus,
    },
    locale,
};

/// Groups are folded up from this many components on, unless one of them is ticked.
const FOLDED_FROM: usize = 40;

/// What is typed of a maintenance.
#[derive(Clone, Debug)]
pub struct Planned {
    pub name: String,
    pub body: String,
    /// As typed, in the page's zone.
    pub begins: String,
    pub ends: String,
    pub components: Vec<Id>,
    pub automation: Automation,
    /// Whether subscribers are told that it is planned.
    pub notify: bool,
    /// When it comes again, as in `REPEATS`; empty for never.
    pub repeats: String,
    /// The rule, where somebody writes their own.
    pub rule: String,
}

/// How often a maintenance may come again: the value of a rule, and two that a rule is made for.
pub const REPEATS: [(&str, &str); 7] = [
    ("", "never"),
    ("FREQ=DAILY", "every day"),
    ("FREQ=WEEKLY", "every week"),
    ("FREQ=WEEKLY;INTERVAL=2", "every two weeks"),
    ("FREQ=MONTHLY", "every month, on that day"),
    (NTH, "every month, on that weekday"),
    (OWN, "by a rule of your own"),
];
pub const NTH: &str = "nth";
pub const OWN: &str = "own";

/// Something that goes on at the same time with the same component.
#[derive(Debug)]
pub struct Clash {
    pub kind: Kind,
    pub id: Id,
    pub name: String,
    pub window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The components that both have.
    pub components: Vec<String>,
}

/// What would come of it.
#[derive(Debug)]
pub struct Prospect {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Whether it begins as soon as it is posted, since its time has come.
    pub at_once: bool,
    /// Its components, with their status now and while it lasts.
    pub components: Vec<(String, ComponentStatus, ComponentStatus)>,
    /// What the page says first while it lasts.
    pub headline: String,
    pub subscribers: u64,
    pub clashes: Vec<Clash>,
    /// When the next ones of a series begin.
    pub again: Vec<DateTime<Utc>>,
    /// The front page as visitors would see it before it begins.
    pub front: String,
}

#[derive(Debug)]
pub struct Planner<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub planned: &'a Planned,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    pub templates: &'a [Template],
    /// The draft that is written on, with the version that was seen.
    pub draft: Option<(&'a Id, i64)>,
    /// What would come of it, or why that can't be said yet.
    pub prospect: Result<&'a Prospect, &'a str>,
    pub wrong: Option<(&'a str, &'a str)>,
}

impl Planner<'_> {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text)
    }
}

pub fn planner(frame: &Frame, shown: &Planner<'_>) -> String {
    let planned = shown.planned;
    let base = format!("/admin/pages/{}/maintenances", shown.page);
    frame.document(html! {
        h1 { @if shown.draft.is_some() { "Draft of a maintenance" } @else { "Plan a maintenance" } }
        @if let Some((_, text)) = shown.wrong { p.note.bad role="alert" { (text) } }
        @if !shown.templates.is_empty() { (compose::templates(&base, shown.templates)) }
        form.two method="post" action={ (base) "/new" } data-preview="outcome" {
            (frame.token())
            (compose::on_return())
            @if let Some((id, version)) = shown.draft {
                input type="hidden" name="draft" value=(id);
                input type="hidden" name="version" value=(version);
            }
            div.typed {
                (Field::text("name", "What is done?", &planned.name).wrong(shown.wrong("name"))
                    .hint("Such as: Database upgrade.").shown())
                (times(shown.zone, &planned.begins, &planned.ends, [shown.wrong("begins"), shown.wrong("ends")]))
                (Field::text("body", "What do visitors notice?", &planned.body).optional().wrong(shown.wrong("body"))
                    .hint("Markdown. Left empty: “We will be undergoing scheduled maintenance during this time.”").area(4))
                (affected(shown.groups, shown.components, &planned.components))
                (repeats(&planned.repeats, &planned.rule, shown.wrong("rule")))
                (automation(planned.automation, shown.zone))
            }
            div.outcome {
                div #outcome { (prospect(shown.prospect, shown.page, shown.zone)) }
                div.send {
                    (parts::tick("notify", "Tell subscribers that it is planned", planned.notify))
                    div.acts {
                        button.main name="do" value="post" type="submit" { "Plan it" }
                        button name="do" value="preview" type="submit" formnovalidate { "Preview" }
                        button name="do" value="draft" type="submit" formnovalidate { "Keep as a draft" }
                    }
                }
            }
        }
    })
}

/// When it comes again.
fn repeats(chosen: &str, rule: &str, wrong: Option<&str>) -> Markup {
    html! {
        (parts::select("repeats", "Comes again", chosen, &REPEATS))
        details.more open[chosen == OWN] {
            summary { "A rule of your own" }
            (self::rule(rule, wrong).optional().shown())
        }
    }
}

/// A rule as it is typed.
pub fn rule<'a>(value: &'a str, wrong: Option<&'a str>) -> Field<'a> {
    Field::text("rule", "Rule", value)
        .wrong(wrong)
        .hint("As in RFC 5545, without a time of the day: FREQ=MONTHLY;BYDAY=1SU is each first Sunday, and COUNT=6 or UNTIL=20271231T235959Z ends it.")
}

/// When it begins and ends, in the page's zone.
pub fn times(zone: Tz, begins: &str, ends: &str, [no_begin, no_end]: [Option<&str>; 2]) -> Markup {
    let label = |word: &str| format!("{word} ({zone})");
    html! {
        div.row {
            (Field::text("begins", &label("Begins"), begins).kind("datetime-local", "off").wrong(no_begin).shown())
            (Field::text("ends", &label("Ends"), ends).kind("datetime-local", "off").wrong(no_end).shown())
        }
    }
}

/// Which components it is about; they are ticked.
pub fn affected(groups: &[GroupRecord], components: &[ComponentRecord], ticked: &[Id]) -> Markup {
    let within = |group: Option<&Id>| -> Vec<&ComponentRecord> {
        components.iter().filter(|one| one.component.group_id.as_ref() == group).collect()
    };
    let fold = components.len() >= FOLDED_FROM;
    let touched = |one: &&ComponentRecord| ticked.contains(&one.component.id);
    html! {
        fieldset.components {
            legend { "Which components?" }
            @if components.is_empty() { p.q { "There are no components yet." } }
            @for group in groups {
                @let members = within(Some(&group.group.id));
                @if !members.is_empty() {
                    details open[!fold || members.iter().any(touched)] {
                        summary { (group.group.name) }
                        @for one in members { (component(one, ticked)) }
                    }
                }
            }
            @for one in within(None) { (component(one, ticked)) }
        }
    }
}

fn component(one: &ComponentRecord, ticked: &[Id]) -> Markup {
    let component = &one.component;
    html! {
        label.tick {
            input type="checkbox" name="component" value=(component.id) checked[ticked.contains(&component.id)];
            span {
                (component.name)
                @if one.hidden { span.q { " (hidden)" } }
                @if component.status != ComponentStatus::Operational { " · " (parts::status(component.status)) }
            }
        }
    }
}

/// What the clock does about it.
pub fn automation(chosen: Automation, zone: Tz) -> Markup {
    html! {
        fieldset {
            legend { "By the clock" }
            (parts::tick("auto_begin", "Begins by itself", chosen.scheduled_auto_in_progress))
            (parts::tick("auto_end", "Ends by itself", chosen.scheduled_auto_completed))
            (parts::tick("auto_status", "Components are under maintenance while it lasts, and operational afterwards",
                chosen.auto_transition_to_maintenance_state))
            (parts::tick("tell_begin", "Tell subscribers when it begins by itself", chosen.auto_transition_deliver_notifications_at_start))
            (parts::tick("tell_end", "Tell subscribers when it ends by itself", chosen.auto_transition_deliver_notifications_at_end))
            p.q { "All times are those of the page, in " (zone.name()) "." }
        }
    }
}

/// What would come of what is typed; else why that can't be said yet.
pub fn prospect(found: Result<&Prospect, &str>, page: &Id, zone: Tz) -> Markup {
    let prospect = match found {
        Ok(prospect) => prospect,
        Err(text) => return html! { h2 { "What will happen" } p.q { (text) } },
    };
    html! {
        h2 { "What will happen" }
        dl.when {
            dt { "Begins" } dd { (parts::times(prospect.begins, zone)) }
            dt { "Ends" } dd { (parts::times(prospect.ends, zone)) }
            dt { "Lasts" } dd { (locale::fallback().duration(prospect.ends - prospect.begins)) }
        }
        @if !prospect.again.is_empty() {
            p { "It comes again:" }
            ul.dots { @for at in &prospect.again { li { (parts::time(*at, zone)) } } }
            p.q { "Each is planned some weeks before, at the same time of the day, whatever clocks do meanwhile." }
        }
        @if prospect.at_once { p.note.warn role="note" { "Its beginning is past: it begins as soon as it is posted." } }
        (clashes(&prospect.clashes, page, zone))
        @if !prospect.components.is_empty() {
            ul.moved {
                @for (name, before, during) in &prospect.components {
                    (parts::moved(name, *before, *during))
                }
            }
        }
        p { "While it lasts the page says first: “" (prospect.headline) "”" }
        p.told { (told(prospect.subscribers)) }
        iframe title="The page as visitors will see it" sandbox="" loading="lazy" srcdoc=(compose::without_scripts(&prospect.front)) {}
    }
}

fn told(subscribers: u64) -> String {
    match subscribers {
        0 => "Nobody is told by mail.".to_owned(),
        count => parts::counted(count, "subscriber is told.", "subscribers are told."),
    }
}

/// What goes on at the same time with the same components.
pub fn clashes(clashes: &[Clash], page: &Id, zone: Tz) -> Markup {
    html! {
        @for clash in clashes {
            p.note.warn role="note" {
                @let path = clash.path(page);
                @match clash.window {
                    Some((from, until)) => {
                        "At the same time as the maintenance " a href=(path) { (clash.name) } " ("
                        (parts::time(from, zone)) " – " (parts::time(until, zone)) ")"
                    }
                    None => { "The incident " a href=(path) { (clash.name) } " is open" }
                }
                ": " (clash.components.join(", ")) "."
            }
        }
    }
}

impl Clash {
    fn path(&self, page: &Id) -> String {
        let part = match self.kind {
            Kind::Incident => "incidents",
            Kind::Maintenance => "maintenances",
        };
        format!("/admin/pages/{page}/{part}/{}", self.id)
    }
}
