//! One component: what its status was, the uptime that this gives, and what others can show of it.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::{
    domain::{
        Id,
        record::ComponentRecord,
        status::ComponentStatus,
        uptime::{Percentage, SHOWN_DAYS, StatusPeriod},
    },
    locale,
};

#[derive(Debug)]
pub struct Past<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub record: &'a ComponentRecord,
    pub may_move: bool,
    /// The public address of the page.
    pub public: &'a str,
    /// The badge as it is now, as a drawing; nothing of a component that visitors don't see.
    pub badge: Option<&'a str>,
    pub uptime: Option<Percentage>,
    /// The uptime with the correction that is typed.
    pub corrected: Option<Option<Percentage>>,
    /// The newest first, as far as they are shown.
    pub periods: &'a [StatusPeriod],
    pub more: bool,
    /// A correction as it is typed.
    pub from: &'a str,
    pub until: &'a str,
    pub status: &'a str,
    pub wrong: Option<(&'a str, &'a str)>,
}

pub fn past(frame: &Frame, shown: &Past<'_>) -> String {
    let component = &shown.record.component;
    frame.document(html! {
        p { a href={ "/admin/pages/" (shown.page) "/components" } { "All components" } }
        h1 { (component.name) }
        p {
            (parts::status(component.status)) " · " (percentage(shown.uptime)) " of the last " (SHOWN_DAYS) " days"
            @if shown.record.hidden { " · hidden from visitors" }
            @else { " · " a href={ (shown.public) "/components/" (component.id) } { "As visitors see it" } }
        }
        @if let Some((_, text)) = shown.wrong { p.note.bad role="alert" { (text) } }
        section {
            h2 { "What its status was" }
            p.q { "Uptime comes from this: a partial outage counts 30 % of its time, a major one all of it; maintenance and degraded performance count nothing." }
            ul.rows { @for period in shown.periods { (row(shown, period)) } }
            @if shown.more { p.q { "What was before that is not shown here." } }
        }
        @if shown.may_move { (correction(frame, shown)) }
        @if !shown.record.hidden { (elsewhere(shown)) }
    })
}

fn percentage(found: Option<Percentage>) -> String {
    match found {
        Some(found) => format!("{} uptime", locale::fallback().percentage(found)),
        None => "nothing is known".to_owned(),
    }
}

fn row(shown: &Past<'_>, period: &StatusPeriod) -> Markup {
    html! {
        li {
            div {
                (parts::status(period.status))
                p.q {
                    (parts::time(period.from, shown.zone)) " – "
                    @match period.until {
                        Some(until) => { (parts::time(until, shown.zone)) " · " (locale::fallback().duration(until - period.from)) }
                        None => "now",
                    }
                }
            }
        }
    }
}

fn correction(frame: &Frame, shown: &Past<'_>) -> Markup {
    let names = ComponentStatus::ALL.map(|status| (status.as_str(), parts::status_name(status)));
    let options: Vec<(&str, &str)> = names.iter().map(|(value, name)| (*value, name.as_str())).collect();
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    let label = |word: &str| format!("{word} ({})", shown.zone);
    html! {
        section {
            h2 { "Correct it" }
            form.narrowed method="post" action={ "/admin/pages/" (shown.page) "/components/" (shown.record.component.id) "/past" } {
                (frame.token())
                (super::compose::on_return())
                input type="hidden" name="version" value=(shown.record.version);
                div.row {
                    (Field::text("from", &label("From"), shown.from).kind("datetime-local", "off").wrong(wrong("from")).shown())
                    (Field::text("until", &label("Until"), shown.until).kind("datetime-local", "off").wrong(wrong("until")).shown())
                    (parts::select("status", "It was", shown.status, &options))
                }
                @if let Some(corrected) = shown.corrected {
                    p.told role="status" { "With that: " (percentage(corrected)) ", and " (percentage(shown.uptime)) " without." }
                }
                p.q { "Nobody is told. What was there before stays in the audit. What the status is now is set on the list of components." }
                div.acts {
                    button.main name="do" value="save" type="submit" { "Correct it" }
                    button name="do" value="preview" type="submit" { "See the uptime it gives" }
                }
            }
        }
    }
}

/// What can be put on other pages: the texts are taken as they stand.
fn elsewhere(shown: &Past<'_>) -> Markup {
    let component = &shown.record.component;
    let place = format!("{}/components/{}", shown.public, component.id);
    let name = component.name.replace(['[', ']', '"', '<', '>'], "");
    let codes = [
        ("Badge in Markdown", format!("[![{name}]({place}/badge.svg)]({place})")),
        ("Badge in HTML", format!("<a href=\"{place}\"><img src=\"{place}/badge.svg\" alt=\"{name}\"></a>")),
        ("Badge for shields.io", format!("https://img.shields.io/endpoint?url={place}/badge.json")),
        (
            "The page's embed, which shows itself while something is wrong",
            format!("<script src=\"{}/embed/script.js\" async></script>", shown.public),
        ),
    ];
    html! {
        section {
            h2 { "On other pages" }
            @if let Some(badge) = shown.badge {
                p { img src={ "data:image/svg+xml;base64," (STANDARD.encode(badge)) } alt="The badge as it is now"; }
            }
            @for (title, code) in &codes {
                h3 { (title) }
                code.link data-copy { (code) }
            }
        }
    }
}
