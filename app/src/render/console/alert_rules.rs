//! Rules for alerts, and what would become of one.

use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::{
    Id,
    alert::{Matcher, Op, Rule, Source},
    record::{ComponentRecord, Template},
    status::ComponentStatus,
};

/// A rule as it is typed.
#[derive(Clone, Debug, Default)]
pub struct RuleTyped {
    pub name: String,
    /// One a line.
    pub matchers: String,
    pub component: String,
    pub status: String,
    pub template: String,
    pub notify: bool,
    pub wait: String,
    pub hold: String,
    pub flap_limit: String,
    pub position: String,
    pub disabled: bool,
}

/// What a test found.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The rule that the alert would be for.
    pub rule: Option<Id>,
}

#[derive(Debug)]
pub struct Rules<'a> {
    pub page: &'a Id,
    pub rules: &'a [Rule],
    pub components: &'a [ComponentRecord],
    pub templates: &'a [Template],
    pub may_change: bool,
    /// What is typed, and of which rule; of a new one, if of none.
    pub typed: Option<(Option<&'a Id>, &'a RuleTyped)>,
    pub wrong: Option<&'a str>,
    pub trial: Option<&'a Trial>,
    /// The labels that are to be tried, as typed.
    pub labels: &'a str,
    pub source: &'a str,
}

impl Rules<'_> {
    fn path(&self) -> String {
        format!("/admin/pages/{}/alert-rules", self.page)
    }

    fn component(&self, id: &Id) -> &str {
        let found = self.components.iter().find(|one| one.component.id == *id);
        found.map_or("a component that is gone", |one| &one.component.name)
    }

    fn template(&self, id: &Id) -> &str {
        self.templates.iter().find(|one| one.id == *id).map_or("a template that is gone", |one| &one.name)
    }
}

pub fn sign(op: Op) -> &'static str {
    match op {
        Op::Is => "=",
        Op::IsNot => "!=",
        Op::Matches => "=~",
        Op::MatchesNot => "!~",
    }
}

impl RuleTyped {
    /// A rule as it is kept.
    pub fn of(rule: &Rule) -> Self {
        let line = |one: &Matcher| format!("{} {} {}", one.label, sign(one.op), one.value);
        Self {
            name: rule.name.clone(),
            matchers: rule.matchers.iter().map(line).collect::<Vec<_>>().join("\n"),
            component: rule.component_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            status: rule.component_status.map_or("", ComponentStatus::as_str).to_owned(),
            template: rule.template_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            notify: rule.notify,
            wait: rule.for_seconds.to_string(),
            hold: rule.hold_seconds.to_string(),
            flap_limit: rule.flap_limit.to_string(),
            position: rule.position.to_string(),
            disabled: rule.disabled,
        }
    }
}

pub fn alert_rules(frame: &Frame, shown: &Rules<'_>) -> String {
    let blank = RuleTyped { notify: true, ..RuleTyped::default() };
    let new = shown.typed.filter(|(id, _)| id.is_none()).map_or(&blank, |(_, typed)| typed);
    frame.document(html! {
        p { a href={ "/admin/pages/" (shown.page) "/components" } { "All components" } }
        h1 { "Alert rules" }
        p.q { "Of an alert that monitoring sends, the first rule that fits says which component it moves, and whether it opens an incident." }
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if shown.rules.is_empty() { p { "There are no rules yet." } }
        ol.rows { @for rule in shown.rules { (row(frame, shown, rule)) } }
        (test(frame, shown))
        @if shown.may_change {
            section {
                h2 { "A new rule" }
                form.narrowed method="post" action=(shown.path()) {
                    (frame.token())
                    (fields(shown, new, "new"))
                    div.acts { button.main name="do" value="save" type="submit" { "Make it" } }
                }
            }
        }
    })
}

fn row(frame: &Frame, shown: &Rules<'_>, rule: &Rule) -> Markup {
    let typed = shown.typed.filter(|(id, _)| *id == Some(&rule.id));
    let held = RuleTyped::of(rule);
    let chosen = shown.trial.is_some_and(|trial| trial.rule.as_ref() == Some(&rule.id));
    html! {
        li {
            div {
                strong { (rule.name) } @if rule.disabled { span.q { " · off" } }
                @if chosen { " " span.s.t0 { "· this one fits" } }
                p.q {
                    @for (at, one) in rule.matchers.iter().enumerate() { @if at > 0 { " and " } code { (one.label) " " (sign(one.op)) " " (one.value) } }
                }
                (what_follows(shown, rule))
                @if shown.may_change {
                    details.more open[typed.is_some()] {
                        summary { "Change" }
                        form.narrowed method="post" action={ (shown.path()) "/" (rule.id) } {
                            (frame.token())
                            input type="hidden" name="version" value=(rule.version);
                            (fields(shown, typed.map_or(&held, |(_, typed)| typed), rule.id.as_str()))
                            div.acts { button.small.main name="do" value="save" type="submit" { "Save" } }
                            (super::enter::sure("Yes, delete it: what it has open stays open until its alerts are over"))
                            button.danger.small name="do" value="delete" type="submit" { "Delete" }
                        }
                    }
                }
            }
        }
    }
}

/// What a rule does.
fn what_follows(shown: &Rules<'_>, rule: &Rule) -> Markup {
    html! {
        p {
            @if let Some((component, status)) = rule.component_id.as_ref().zip(rule.component_status) {
                (shown.component(component)) " → " (parts::status(status)) ". "
            }
            @if let Some(template) = &rule.template_id { "Opens an incident from “" (shown.template(template)) "”. " }
            @if rule.for_seconds > 0 { "After " (rule.for_seconds) " s. " }
            @if !rule.notify { "Nobody is told. " }
        }
    }
}

/// A value and its label.
type Choice<'a> = (&'a str, &'a str);

fn fields(shown: &Rules<'_>, typed: &RuleTyped, of: &str) -> Markup {
    let id = |name: &str| format!("{name}-{of}");
    let components =
        shown.components.iter().map(|one| (one.component.id.as_str(), one.component.name.as_str()));
    let templates = shown.templates.iter().map(|one| (one.id.as_str(), one.name.as_str()));
    let worse = ComponentStatus::ALL.into_iter().filter(|status| *status != ComponentStatus::Operational);
    let names: Vec<(&str, String)> =
        worse.map(|status| (status.as_str(), parts::status_name(status))).collect();
    let none = || [("", "none")].into_iter();
    let choices: [(&str, &str, &str, Vec<Choice<'_>>); 3] = [
        ("component", "Moves the component", &typed.component, none().chain(components).collect()),
        (
            "status",
            "to",
            &typed.status,
            none().chain(names.iter().map(|(value, name)| (*value, name.as_str()))).collect(),
        ),
        (
            "template",
            "Opens an incident from the template",
            &typed.template,
            none().chain(templates).collect(),
        ),
    ];
    let lines = [
        ("position", "Place among the rules", &typed.position),
        ("wait", "Acts after so many seconds", &typed.wait),
        ("hold", "Goes back after so many seconds", &typed.hold),
        ("flap_limit", "Changes an hour that are too many (0: any)", &typed.flap_limit),
    ];
    html! {
        div.f { label for=(id("name")) { "Name" } input id=(id("name")) name="name" value=(typed.name) required; }
        div.f {
            label for=(id("matchers")) { "Fits labels" }
            textarea id=(id("matchers")) name="matchers" rows="3" required aria-describedby=(id("matchers-hint")) { "\n" (typed.matchers) }
            p.q id=(id("matchers-hint")) { "One a line, all of them: severity = critical, job =~ api-.*, team != web. pharos_source says who sent it." }
        }
        @for (name, label, chosen, options) in &choices {
            div.f {
                label for=(id(name)) { (label) }
                select id=(id(name)) name=(name) { @for (value, label) in options { option value=(value) selected[value == chosen] { (label) } } }
            }
        }
        details.more {
            summary { "When, and how often" }
            @for (name, label, value) in lines {
                div.f { label for=(id(name)) { (label) } input id=(id(name)) name=(name) value=(value) inputmode="numeric"; }
            }
        }
        (parts::tick("notify", "Tell subscribers", typed.notify))
        (parts::tick("disabled", "Off", typed.disabled))
    }
}

/// Which rule an alert would be for, without sending one.
fn test(frame: &Frame, shown: &Rules<'_>) -> Markup {
    let sources = Source::ALL.map(Source::as_str);
    let sources: Vec<(&str, &str)> = sources.iter().map(|word| (*word, *word)).collect();
    html! {
        section #test {
            h2 { "Test" }
            @if let Some(trial) = shown.trial {
                @match trial.rule.as_ref().and_then(|id| shown.rules.iter().find(|rule| rule.id == *id)) {
                    Some(rule) => { div.note.done role="status" { p { "It would be for “" (rule.name) "”." } (what_follows(shown, rule)) } }
                    None => { p.note.warn role="status" { "No rule fits: nothing would follow." } }
                }
            }
            form.narrowed method="post" action={ (shown.path()) "/test" } {
                (frame.token())
                (parts::select("source", "Sent by", shown.source, &sources))
                (Field::text("labels", "Labels of the alert", shown.labels).optional().hint("One a line: severity = critical. Nothing is sent, and nothing moves.").area(3))
                div.acts { button name="do" value="test" type="submit" { "Test" } }
            }
        }
    }
}
