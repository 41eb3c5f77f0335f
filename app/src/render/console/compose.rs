//! The composer of an incident, and what comes of what is typed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::{
    Id,
    incident::{Impact, IncidentStatus},
    record::{ComponentRecord, GroupRecord, Template},
    status::ComponentStatus,
};

/// The stages in which an incident may begin and go on.
pub const STAGES: [IncidentStatus; 4] = [
    IncidentStatus::Investigating,
    IncidentStatus::Identified,
    IncidentStatus::Monitoring,
    IncidentStatus::Resolved,
];
/// In how many minutes the next update may be promised.
pub const PROMISES: [(&str, &str); 6] = [
    ("", "no promise"),
    ("15", "in 15 minutes"),
    ("30", "in 30 minutes"),
    ("60", "in an hour"),
    ("120", "in two hours"),
    ("240", "in four hours"),
];
/// Groups are folded up from this many components on, unless something in them is not well.
const FOLDED_FROM: usize = 40;

/// What is typed of an incident or of an update.
#[derive(Clone, Debug)]
pub struct Typed {
    pub name: String,
    pub body: String,
    pub status: IncidentStatus,
    /// What the operator says in the place of what is reckoned.
    pub impact: Option<Impact>,
    /// The components that are moved, and to which status.
    pub statuses: BTreeMap<Id, ComponentStatus>,
    pub notify: bool,
    /// Minutes until the next update is promised, as in `PROMISES`.
    pub promise: String,
    /// When it is to be published, as a browser writes it, in the page's zone.
    pub publish_at: String,
}

/// A draft that is written on.
#[derive(Clone, Debug)]
pub struct Draft {
    pub id: Id,
    /// The version that was seen.
    pub version: i64,
    /// When the clock shows it.
    pub publish_at: Option<DateTime<Utc>>,
}

/// What would come of it.
#[derive(Debug)]
pub struct Outcome {
    /// What the page would say first.
    pub headline: String,
    pub impact: Impact,
    /// How many confirmed subscribers would be told.
    pub subscribers: u64,
    /// Components with their status before and after.
    pub moved: Vec<(String, ComponentStatus, ComponentStatus)>,
    /// The front page as visitors would see it.
    pub front: String,
}

#[derive(Debug)]
pub struct Composer<'a> {
    pub page: &'a Id,
    pub typed: &'a Typed,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    pub templates: &'a [Template],
    pub draft: Option<&'a Draft>,
    /// The page's zone.
    pub zone: Tz,
    pub outcome: Option<&'a Outcome>,
    pub wrong: Option<(&'a str, &'a str)>,
}

pub fn composer(frame: &Frame, shown: &Composer<'_>) -> String {
    let typed = shown.typed;
    let base = format!("/admin/pages/{}/incidents", shown.page);
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    frame.document(html! {
        h1 { @if shown.draft.is_some() { "Draft of an incident" } @else { "New incident" } }
        @if let Some((_, text)) = shown.wrong { p.note.bad role="alert" { (text) } }
        @if let Some(at) = shown.draft.and_then(|draft| draft.publish_at) {
            p.note { "The clock posts it: " (parts::time(at, shown.zone)) ". Kept as a draft, it waits for you instead." }
        }
        @if !shown.templates.is_empty() { (templates(&base, shown.templates)) }
        form.two method="post" action={ (base) "/new" } data-preview="outcome" {
            (frame.token())
            (on_return())
            @if let Some(draft) = shown.draft {
                input type="hidden" name="draft" value=(draft.id);
                input type="hidden" name="version" value=(draft.version);
            }
            div.typed {
                (Field::text("name", "What do people notice?", &typed.name).wrong(wrong("name"))
                    .hint("A symptom, such as: Payments by card fail.").shown())
                (stages(typed.status))
                (body(&typed.body, typed.status, wrong("body")))
                (statuses(shown.groups, shown.components, &typed.statuses))
                details.more open[typed.impact.is_some() || !typed.promise.is_empty()] {
                    summary { "Impact, next update" }
                    (impact(typed.impact))
                    (parts::select("promise", "Next update", &typed.promise, &PROMISES))
                }
                details.more open[!typed.publish_at.is_empty() || wrong("publish_at").is_some()] {
                    summary { "Publish it later" }
                    (Field::text("publish_at", "When", &typed.publish_at).kind("datetime-local", "off").optional()
                        .wrong(wrong("publish_at"))
                        .hint(&format!("In the zone of the page, {}.", shown.zone)).shown())
                    button.small name="do" value="later" type="submit" { "Publish it then" }
                }
            }
            div.outcome {
                div #outcome { (shown.outcome.map(outcome).unwrap_or_default()) }
                div.send {
                    (parts::tick("notify", "Tell subscribers", typed.notify))
                    div.acts {
                        button.main name="do" value="post" type="submit" { "Post" }
                        button name="do" value="preview" type="submit" formnovalidate { "Preview" }
                        button name="do" value="draft" type="submit" formnovalidate { "Keep as a draft" }
                    }
                }
            }
        }
    })
}

/// What the return key does in a field: it posts nothing, it shows what would be posted.
pub fn on_return() -> Markup {
    html! { button.hidden name="do" value="preview" type="submit" tabindex="-1" aria-hidden="true" formnovalidate {} }
}

/// A template to begin from.
pub fn templates(base: &str, templates: &[Template]) -> Markup {
    html! {
        form.row.templates action={ (base) "/new" } {
            label for="template" { "Template" }
            select id="template" name="template" {
                option value="" { "Blank" }
                @for template in templates { option value=(template.id) { (template.name) } }
            }
            button.small type="submit" { "Use it" }
        }
    }
}

fn stages(chosen: IncidentStatus) -> Markup {
    html! {
        fieldset.pills {
            legend { "Where does it stand?" }
            @for stage in STAGES {
                label {
                    input type="radio" name="stage" value=(stage.as_str()) checked[stage == chosen];
                    span { (parts::stage_name(stage)) }
                }
            }
        }
    }
}

/// The message. Left empty, it says what is usual.
pub fn body(text: &str, status: IncidentStatus, wrong: Option<&str>) -> Markup {
    let usual = format!("Markdown. Left empty: “{}”", usual(status));
    Field::text("body", "What do you know?", text).optional().wrong(wrong).hint(&usual).area(5)
}

/// What an update says of itself when nobody writes anything.
fn usual(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Identified => "The issue has been identified and a fix is being implemented.",
        IncidentStatus::Monitoring => "A fix has been implemented and we are monitoring the results.",
        IncidentStatus::Resolved => "This incident has been resolved.",
        _ => "We are currently investigating this issue.",
    }
}

fn impact(chosen: Option<Impact>) -> Markup {
    let names: Vec<(&str, String)> = [Impact::None, Impact::Minor, Impact::Major, Impact::Critical]
        .into_iter()
        .map(|impact| (impact.as_str(), parts::impact_name(impact)))
        .collect();
    let mut options = vec![("", "as the components say")];
    options.extend(names.iter().map(|(value, name)| (*value, name.as_str())));
    parts::select("impact", "Impact", chosen.map_or("", Impact::as_str), &options)
}

/// Every component with its status now, beside it what it is to be.
pub fn statuses(
    groups: &[GroupRecord],
    components: &[ComponentRecord],
    chosen: &BTreeMap<Id, ComponentStatus>,
) -> Markup {
    let within = |group: Option<&Id>| -> Vec<&ComponentRecord> {
        components.iter().filter(|one| one.component.group_id.as_ref() == group).collect()
    };
    let fold = components.len() >= FOLDED_FROM;
    let touched = |one: &&ComponentRecord| {
        chosen.contains_key(&one.component.id) || one.component.status != ComponentStatus::Operational
    };
    html! {
        div.components {
            h2 { "Which components, and how are they?" }
            @if components.is_empty() { p.q { "There are no components yet." } }
            @for group in groups {
                @let members = within(Some(&group.group.id));
                @if !members.is_empty() {
                    details open[!fold || members.iter().any(touched)] {
                        summary { (group.group.name) }
                        @for one in members { (choice(one, chosen)) }
                    }
                }
            }
            @for one in within(None) { (choice(one, chosen)) }
        }
    }
}

fn choice(one: &ComponentRecord, chosen: &BTreeMap<Id, ComponentStatus>) -> Markup {
    let component = &one.component;
    let wanted = chosen.get(&component.id).copied();
    let name = format!("status.{}", component.id);
    html! {
        fieldset.pills.of {
            legend {
                (component.name)
                @if one.hidden { span.q { " (hidden)" } }
            }
            label {
                input type="radio" name=(name) value="" checked[wanted.is_none()];
                span { "Stays: " (parts::status(component.status)) }
            }
            @for status in ComponentStatus::ALL.into_iter().filter(|status| *status != component.status) {
                label {
                    input type="radio" name=(name) value=(status.as_str()) checked[wanted == Some(status)];
                    span { (parts::status(status)) }
                }
            }
        }
    }
}

/// What would come of what is typed: the page's sentence, who is told, and the page itself.
pub fn outcome(outcome: &Outcome) -> Markup {
    html! {
        h2 { "What visitors will see" }
        p.banner { "“" (outcome.headline) "”" }
        p { (parts::impact(outcome.impact)) }
        @if !outcome.moved.is_empty() {
            ul.moved {
                @for (name, before, after) in &outcome.moved {
                    (parts::moved(name, *before, *after))
                }
            }
        }
        p.told {
            @match outcome.subscribers {
                0 => "Nobody is told by mail.",
                count => { (parts::counted(count, "subscriber is told.", "subscribers are told.")) }
            }
        }
        iframe title="The page as visitors will see it" sandbox="" loading="lazy" srcdoc=(without_scripts(&outcome.front)) {}
    }
}

/// A document without its scripts, which a sandbox would only complain of.
pub fn without_scripts(document: &str) -> String {
    let mut parts = document.split("<script");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole.push_str(part.split_once("</script>").map_or("", |(_, after)| after));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::without_scripts;

    #[test]
    fn a_preview_brings_no_scripts() {
        let document = "<head><script src=\"a\" defer></script><p>b</p><script>c</script></head>";
        assert_eq!(without_scripts(document), "<head><p>b</p></head>");
    }
}
