//! One incident: its next update, what was said of it, and what was learned.

use chrono::TimeDelta;
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    compose::{self, Outcome, PROMISES, STAGES, Typed},
    layout::Frame,
    parts::{self, Field},
};
use crate::{
    domain::{
        Id,
        incident::{IncidentStatus, Kind},
        record::{ComponentRecord, GroupRecord, IncidentRecord},
        state::IncidentUpdate,
        status::ComponentStatus,
    },
    render::page::raw,
};

/// What of the newest message can still be taken back.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldBack {
    /// How many subscribers are told of it, and in which time.
    pub untold: Option<(u64, TimeDelta)>,
    /// Whether nothing else was said, so that all of the incident can be.
    pub whole: bool,
}

#[derive(Debug)]
pub struct Shown<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    /// Where visitors see it.
    pub public: &'a str,
    pub record: &'a IncidentRecord,
    pub typed: &'a Typed,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    pub may_post: bool,
    pub held_back: HeldBack,
    /// What came of a preview.
    pub outcome: Option<&'a Outcome>,
    pub wrong: Option<&'a str>,
    /// The version that the operator had seen, where somebody else was quicker.
    pub overtaken: bool,
    /// The postmortem as it is typed.
    pub postmortem: &'a str,
}

impl Shown<'_> {
    fn path(&self) -> String {
        format!("/admin/pages/{}/incidents/{}", self.page, self.record.incident.id)
    }
}

pub fn incident(frame: &Frame, shown: &Shown<'_>) -> String {
    let incident = &shown.record.incident;
    let path = shown.path();
    let may_correct = shown.may_post.then_some(path.as_str());
    let over = incident.status.is_over();
    let goes_on = shown.may_post && incident.kind == Kind::Incident && !shown.record.draft;
    frame.document(html! {
        h1 { (incident.name) }
        p #state {
            (parts::stage_name(incident.status)) " · " (parts::impact(incident.impact)) " · since "
            (parts::time(incident.began_at(), shown.zone))
            @if let Some(due) = incident.next_update_at { " · next update by " (parts::time(due, shown.zone)) }
            @if !shown.record.draft { " · " a href=(shown.public) { "As visitors see it" } }
        }
        (held_back(frame, shown))
        @if shown.overtaken {
            p.note.bad role="alert" {
                "Somebody else changed this while you wrote; nothing of yours was posted. Their words are below, yours \
                 are still in the form: read, change, and post again."
            }
        }
        (others())
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if goes_on && !over { (update(frame, shown)) }
        section {
            h2 { "What was said" }
            ol.said data-live=(shown.record.version) { @for one in &incident.updates { (said(frame, one, shown.zone, may_correct)) } }
        }
        @if over && incident.kind == Kind::Incident { (postmortem(frame, shown)) }
        @if goes_on && over {
            details.more open[shown.outcome.is_some() || shown.wrong.is_some() || shown.overtaken] {
                summary { "Reopen it" }
                (update(frame, shown))
            }
        }
        @if shown.may_post { (removal(frame, &path, shown.record)) }
    })
}

/// What the script shows when somebody else changes the incident meanwhile.
fn others() -> Markup {
    html! {
        div role="status" {
            p.note.warn #others hidden {
                "Something was said of it just now: it is below, and what you typed is still here. "
                button.small type="button" { "I have read it" }
            }
        }
    }
}

/// What was posted a moment ago, and how to take it back.
fn held_back(frame: &Frame, shown: &Shown<'_>) -> Markup {
    let HeldBack { untold, whole } = shown.held_back;
    html! {
        @if untold.is_some() || whole {
            div.note.acts {
                p {
                    @match untold {
                        Some((count, rest)) => {
                            (parts::counted(count, "subscriber is told", "subscribers are told")) " in "
                            (parts::counted(rest.num_seconds().max(1).unsigned_abs(), "second", "seconds")) "."
                        }
                        None => "Nobody is told of it.",
                    }
                }
                @if untold.is_some() {
                    form method="post" action={ (shown.path()) "/untold" } {
                        (frame.token())
                        button.small type="submit" { "Tell nobody" }
                    }
                }
                @if whole {
                    form method="post" action={ (shown.path()) "/taken-back" } {
                        (frame.token())
                        input type="hidden" name="version" value=(shown.record.version);
                        button.small type="submit" { "Take it back" }
                    }
                }
            }
        }
    }
}

fn update(frame: &Frame, shown: &Shown<'_>) -> Markup {
    let (typed, over) = (shown.typed, shown.record.incident.status.is_over());
    html! {
        form.two method="post" action=(shown.path()) data-preview="outcome" {
            (frame.token())
            (compose::on_return())
            input type="hidden" name="version" value=(shown.record.version);
            div.typed {
                (compose::body(&typed.body, typed.status, None))
                details.more open[!typed.statuses.is_empty()] {
                    summary { "Components, next update" }
                    (compose::statuses(shown.groups, shown.components, &typed.statuses))
                    (parts::select("promise", "Next update", &typed.promise, &PROMISES))
                }
            }
            div.outcome {
                div #outcome { (shown.outcome.map(compose::outcome).unwrap_or_default()) }
                div.send {
                    (parts::tick("notify", "Tell subscribers", typed.notify))
                    div.acts role="group" aria-label=(if over { "Reopen it as" } else { "Post it as" }) {
                        @for stage in STAGES.into_iter().filter(|stage| !over || !stage.is_over()) {
                            @let current = !over && stage == typed.status;
                            button.main[current] name="do" value=(stage.as_str()) type="submit" {
                                @if over { "Reopen: " } (parts::stage_name(stage))
                            }
                        }
                        button name="do" value="preview" type="submit" { "Preview" }
                    }
                }
            }
        }
    }
}

/// One message; who may correct it does so below this path.
pub fn said(frame: &Frame, update: &IncidentUpdate, zone: Tz, may_correct: Option<&str>) -> Markup {
    html! {
        li {
            p { strong { (parts::stage_name(update.status)) } " " span.q { (parts::time(update.display_at, zone)) } }
            div.m { (raw::markdown(&update.body)) }
            @if !update.affected_components.is_empty() {
                ul.moved {
                    @for one in &update.affected_components {
                        (parts::moved(&one.name, one.old_status, one.new_status))
                    }
                }
            }
            @if let Some(path) = may_correct {
                details.more {
                    summary { "Correct" }
                    form method="post" action={ (path) "/updates/" (update.id) } {
                        (frame.token())
                        div.f {
                            label for={ "body-" (update.id) } { "What it says" }
                            textarea id={ "body-" (update.id) } name="body" rows="4" required { "\n" (update.body) }
                        }
                        input type="hidden" name="was" value=(update.body);
                        button.small type="submit" { "Correct it" }
                        p.q { "Nobody is told. What it said before stays in the audit." }
                    }
                }
            }
        }
    }
}

fn postmortem(frame: &Frame, shown: &Shown<'_>) -> Markup {
    let published = shown.record.written.published_at;
    html! {
        section {
            h2 { "Postmortem" }
            @if let Some(at) = published { p.q { "Published " (parts::time(at, shown.zone)) } }
            @if shown.may_post {
                form method="post" action={ (shown.path()) "/postmortem" } {
                    (frame.token())
                    input type="hidden" name="version" value=(shown.record.version);
                    (Field::text("postmortem", "What happened, and what you learned", shown.postmortem).hint("Markdown.").area(10))
                    (parts::tick("notify", "Tell subscribers when it is published", false))
                    div.acts {
                        button.main name="do" value="publish" type="submit" { "Publish" }
                        button name="do" value="draft" type="submit" { "Keep as a draft" }
                    }
                }
            }
        }
    }
}

/// The way to delete it.
pub fn removal(frame: &Frame, path: &str, record: &IncidentRecord) -> Markup {
    html! {
        details.more {
            summary { "Delete" }
            form.narrowed method="post" action={ (path) "/delete" } {
                (frame.token())
                input type="hidden" name="version" value=(record.version);
                p { "Visitors will not find it any more, nor its "
                    (parts::counted(record.incident.updates.len() as u64, "update", "updates"))
                    ". Components keep their status." }
                (super::enter::sure("Yes, delete it"))
                button.danger.small type="submit" { "Delete" }
            }
        }
    }
}

/// Asks, when an incident is resolved, whether its components work again.
pub fn ask_to_restore(
    frame: &Frame,
    shown: &Shown<'_>,
    hurt: &[(String, ComponentStatus)],
    fields: &[(String, String)],
) -> String {
    frame.document(html! {
        div.narrow {
            h1 { "Are they well again?" }
            p { "You resolve “" (shown.record.incident.name) "”, and " (parts::counted(hurt.len() as u64, "component is", "components are")) " not operational:" }
            ul.moved { @for (name, status) in hurt { li { (name) ": " (parts::status(*status)) } } }
            form method="post" action=(shown.path()) {
                (frame.token())
                @for (name, value) in fields.iter().filter(|(name, _)| name != "do" && name != "csrf") {
                    input type="hidden" name=(name) value=(value);
                }
                input type="hidden" name="do" value=(IncidentStatus::Resolved.as_str());
                div.acts {
                    button.main name="restore" value="yes" type="submit" { "Resolve, and all operational" }
                    button name="restore" value="no" type="submit" { "Resolve, leave them as they are" }
                }
            }
            p { a href=(shown.path()) { "Back" } }
        }
    })
}
