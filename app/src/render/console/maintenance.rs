//! One maintenance: its next update, its plan, and what was said of it.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    compose::{self, Outcome, Typed},
    incident,
    layout::Frame,
    parts::{self, Field},
    plan::{self, Clash},
};
use crate::domain::{
    Id,
    incident::IncidentStatus,
    record::{ComponentRecord, GroupRecord, IncidentRecord},
};

#[derive(Debug)]
pub struct Maintenance<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    /// Where visitors see it.
    pub public: &'a str,
    pub record: &'a IncidentRecord,
    pub typed: &'a Typed,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    pub may_plan: bool,
    /// The series that it was planned by.
    pub series: Option<&'a Id>,
    pub clashes: &'a [Clash],
    /// Another plan as it is typed.
    pub name: &'a str,
    pub begins: &'a str,
    pub ends: &'a str,
    pub message: &'a str,
    /// Why it is called off, as it is typed.
    pub reason: &'a str,
    /// What came of a preview.
    pub outcome: Option<&'a Outcome>,
    pub wrong: Option<&'a str>,
    /// Whether somebody else was quicker.
    pub overtaken: bool,
}

impl Maintenance<'_> {
    fn path(&self) -> String {
        format!("/admin/pages/{}/maintenances/{}", self.page, self.record.incident.id)
    }
}

pub fn maintenance(frame: &Frame, shown: &Maintenance<'_>) -> String {
    let incident = &shown.record.incident;
    let path = shown.path();
    let may_correct = shown.may_plan.then_some(path.as_str());
    let over = incident.status.is_over();
    frame.document(html! {
        h1 { (incident.name) }
        (about(shown))
        @if shown.overtaken {
            p.note.bad role="alert" {
                "Somebody else changed this while you wrote; nothing of yours was posted. Their words are below, yours \
                 are still in the form: read, change, and post again."
            }
        }
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if let Some(series) = shown.series {
            p { "It is one of a " a href={ "/admin/pages/" (shown.page) "/maintenances/series/" (series) } { "series" }
                ". What you change here is changed here alone, and the series leaves it as it is then." }
        }
        (plan::clashes(shown.clashes, shown.page, shown.zone))
        @if shown.may_plan && !shown.record.draft { (update(frame, shown)) }
        @if shown.may_plan && !over && !shown.record.draft { (replan(frame, shown)) }
        @if shown.may_plan && incident.status == IncidentStatus::Scheduled && !shown.record.draft { (cancel(frame, shown)) }
        section {
            h2 { "What was said" }
            ol.said { @for one in &incident.updates { (incident::said(frame, one, shown.zone, may_correct)) } }
        }
        @if shown.may_plan { (incident::removal(frame, &path, shown.record)) }
    })
}

fn about(shown: &Maintenance<'_>) -> Markup {
    let (incident, automation) = (&shown.record.incident, shown.record.automation);
    let by_itself = |yes: bool| if yes { "· by itself" } else { "· when somebody says so" };
    html! {
        p {
            (parts::stage_name(incident.status))
            @if shown.record.draft { " · a draft" } @else { " · " a href=(shown.public) { "As visitors see it" } }
        }
        dl.when {
            @if let Some(begins) = incident.scheduled_for {
                dt { "Begins" } dd { (parts::times(begins, shown.zone)) " " span.q { (by_itself(automation.scheduled_auto_in_progress)) } }
            }
            @if let Some(ends) = incident.scheduled_until {
                dt { "Ends" } dd { (parts::times(ends, shown.zone)) " " span.q { (by_itself(automation.scheduled_auto_completed)) } }
            }
            @if !shown.record.components.is_empty() {
                dt { "Components" }
                dd {
                    ul { @for one in &shown.record.components { li { (one.component.name) ": " (parts::status(one.component.status)) } } }
                }
            }
        }
    }
}

/// What can be posted at a stage: the first is the next step.
fn steps(status: IncidentStatus) -> &'static [(IncidentStatus, &'static str)] {
    match status {
        IncidentStatus::Scheduled => {
            &[(IncidentStatus::InProgress, "Start now"), (IncidentStatus::Scheduled, "Post an update")]
        }
        IncidentStatus::InProgress => &[
            (IncidentStatus::InProgress, "Post an update"),
            (IncidentStatus::Verifying, "Verifying"),
            (IncidentStatus::Completed, "End now"),
        ],
        IncidentStatus::Verifying => &[
            (IncidentStatus::Verifying, "Post an update"),
            (IncidentStatus::InProgress, "In progress again"),
            (IncidentStatus::Completed, "End now"),
        ],
        _ => &[(IncidentStatus::Completed, "Post an update")],
    }
}

fn update(frame: &Frame, shown: &Maintenance<'_>) -> Markup {
    let (typed, status) = (shown.typed, shown.record.incident.status);
    html! {
        form.two method="post" action=(shown.path()) data-preview="outcome" {
            (frame.token())
            (compose::on_return())
            input type="hidden" name="version" value=(shown.record.version);
            div.typed {
                (Field::text("body", "What do you know?", &typed.body).optional()
                    .hint("Markdown. Left empty, it says what is usual at that stage.").area(4))
                details.more open[!typed.statuses.is_empty()] {
                    summary { "Components" }
                    (compose::statuses(shown.groups, shown.components, &typed.statuses))
                }
            }
            div.outcome {
                div #outcome { (shown.outcome.map(compose::outcome).unwrap_or_default()) }
                div.send {
                    (parts::tick("notify", "Tell subscribers", typed.notify))
                    div.acts role="group" aria-label="Post it" {
                        @for (at, (stage, words)) in steps(status).iter().enumerate() {
                            button.main[at == 0] name="do" value=(stage.as_str()) type="submit" { (words) }
                        }
                        button name="do" value="preview" type="submit" { "Preview" }
                    }
                }
            }
        }
    }
}

fn replan(frame: &Frame, shown: &Maintenance<'_>) -> Markup {
    let waits = shown.record.incident.status == IncidentStatus::Scheduled;
    let ticked = &shown.record.incident.component_ids;
    html! {
        details.more #plan {
            summary { "Change the plan" }
            form.narrowed method="post" action={ (shown.path()) "/plan" } {
                (frame.token())
                (compose::on_return())
                input type="hidden" name="version" value=(shown.record.version);
                (Field::text("name", "What is done?", shown.name).shown())
                @if waits {
                    (plan::times(shown.zone, shown.begins, shown.ends, [None, None]))
                    (plan::affected(shown.groups, shown.components, ticked))
                } @else {
                    (Field::text("ends", &format!("Ends ({})", shown.zone), shown.ends).kind("datetime-local", "off").shown())
                }
                (plan::automation(shown.record.automation, shown.zone))
                (Field::text("message", "What to say of it", shown.message).optional()
                    .hint("Markdown. Left empty, no update is posted.").area(3))
                (parts::tick("notify", "Tell subscribers of that update", true))
                div.acts { button.main name="do" value="save" type="submit" { "Change the plan" } }
            }
        }
    }
}

fn cancel(frame: &Frame, shown: &Maintenance<'_>) -> Markup {
    html! {
        details.more {
            summary { "Call it off" }
            form.narrowed method="post" action={ (shown.path()) "/cancel" } {
                (frame.token())
                input type="hidden" name="version" value=(shown.record.version);
                (Field::text("reason", "What visitors are told", shown.reason).optional().area(3))
                (parts::tick("notify", "Tell subscribers", true))
                (super::enter::sure("Yes, call it off: components stay as they are"))
                button.danger.small type="submit" { "Call it off" }
            }
        }
    }
}
