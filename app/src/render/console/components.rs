//! The components of a page: how they are, their order, and how they come and go.

use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::{
    Id,
    record::{ComponentRecord, GroupRecord},
    status::ComponentStatus,
};

#[derive(Debug)]
pub struct Board<'a> {
    pub page: &'a Id,
    pub groups: &'a [GroupRecord],
    pub components: &'a [ComponentRecord],
    /// Whether statuses may be set.
    pub may_move: bool,
    /// Whether components may come, go and be renamed.
    pub may_change: bool,
    pub wrong: Option<&'a str>,
}

impl Board<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/admin/pages/{}/components{rest}", self.page)
    }
}

pub fn board(frame: &Frame, shown: &Board<'_>) -> String {
    let loose = || shown.components.iter().filter(|one| one.component.group_id.is_none());
    let of = |group: &Id| -> Vec<&ComponentRecord> {
        shown.components.iter().filter(|one| one.component.group_id.as_ref() == Some(group)).collect()
    };
    frame.document(html! {
        div.head {
            h1 { "Components" }
            a.button.small href={ "/admin/pages/" (shown.page) "/alert-rules" } { "Alert rules" }
        }
        @if let Some(wrong) = shown.wrong { p.note.bad role="alert" { (wrong) } }
        @if shown.may_move && !shown.components.is_empty() { (bulk(frame, shown)) }
        @for group in shown.groups {
            section {
                h2 { (group.group.name) }
                ul.rows { @for one in of(&group.group.id) { (row(frame, shown, one)) } }
                @if shown.may_change { (change_group(frame, shown, group)) }
            }
        }
        @if loose().next().is_some() {
            section {
                @if !shown.groups.is_empty() { h2 { "Without a group" } }
                ul.rows { @for one in loose() { (row(frame, shown, one)) } }
            }
        }
        @if shown.may_change { (more(frame, shown)) }
    })
}

/// Several at once: the boxes stand in the rows.
fn bulk(frame: &Frame, shown: &Board<'_>) -> Markup {
    html! {
        form.row.narrowed #bulk method="post" action=(shown.path("/status")) {
            (frame.token())
            (select_status("status", "The ticked ones are now"))
            button type="submit" { "Set" }
        }
    }
}

fn select_status(name: &str, label: &str) -> Markup {
    let names: Vec<(&str, String)> = ComponentStatus::ALL
        .into_iter()
        .map(|status| (status.as_str(), parts::status_name(status)))
        .collect();
    let options: Vec<(&str, &str)> = names.iter().map(|(value, name)| (*value, name.as_str())).collect();
    parts::select(name, label, "operational", &options)
}

fn row(frame: &Frame, shown: &Board<'_>, one: &ComponentRecord) -> Markup {
    let component = &one.component;
    html! {
        li {
            @if shown.may_move {
                input type="checkbox" form="bulk" name="component" value=(component.id) aria-label={ "Tick " (component.name) };
            }
            div {
                a.name href=(shown.path(&format!("/{}", component.id))) { (component.name) }
                @if one.hidden { span.q { " · hidden" } }
                p { (parts::status(component.status)) }
                @if shown.may_change { (change(frame, shown, one)) }
            }
        }
    }
}

fn change(frame: &Frame, shown: &Board<'_>, one: &ComponentRecord) -> Markup {
    let component = &one.component;
    let path = shown.path(&format!("/{}", component.id));
    let group = component.group_id.as_ref().map_or("", Id::as_str);
    let mut groups = vec![("", "none")];
    groups.extend(shown.groups.iter().map(|group| (group.group.id.as_str(), group.group.name.as_str())));
    let id = |field: &str| format!("{field}-{}", component.id);
    html! {
        details.more {
            summary { "Change" }
            form.narrowed method="post" action=(path) {
                (frame.token())
                input type="hidden" name="version" value=(one.version);
                div.f { label for=(id("name")) { "Name" } input id=(id("name")) name="name" value=(component.name) required; }
                div.f { label for=(id("description")) { "Description" }
                    input id=(id("description")) name="description" value=(component.description.as_deref().unwrap_or_default()); }
                div.f { label for=(id("group")) { "Group" }
                    select id=(id("group")) name="group" {
                        @for (value, name) in &groups { option value=(value) selected[*value == group] { (name) } }
                    }
                }
                (parts::tick("hidden", "Hidden from visitors", one.hidden))
                div.acts {
                    button.small.main name="do" value="save" type="submit" { "Save" }
                    button.small name="do" value="up" type="submit" aria-label={ "Move up: " (component.name) } { "Move up" }
                    button.small name="do" value="down" type="submit" aria-label={ "Move down: " (component.name) } { "Move down" }
                }
                (super::enter::sure("Yes, delete it: its past is kept, visitors don't see it any more"))
                button.danger.small name="do" value="delete" type="submit" { "Delete" }
            }
        }
    }
}

fn change_group(frame: &Frame, shown: &Board<'_>, group: &GroupRecord) -> Markup {
    let id = format!("group-name-{}", group.group.id);
    html! {
        details.more {
            summary { "Change the group" }
            form.narrowed method="post" action=(shown.path(&format!("/groups/{}", group.group.id))) {
                (frame.token())
                input type="hidden" name="version" value=(group.version);
                div.f { label for=(id) { "Name of the group" } input id=(id) name="name" value=(group.group.name) required; }
                (super::enter::sure("Yes, delete the group: what is in it stays, without a group"))
                div.acts {
                    button.small.main name="do" value="save" type="submit" { "Save" }
                    button.small.danger name="do" value="delete" type="submit" { "Delete" }
                }
            }
        }
    }
}

fn more(frame: &Frame, shown: &Board<'_>) -> Markup {
    html! {
        section {
            h2 { "More components" }
            form.narrowed method="post" action=(shown.path("/more")) {
                (frame.token())
                (Field::text("components", "One a line", "")
                    .hint("A line that ends in a colon begins a group; an empty line ends it. Those that are there already are left alone.").area(5))
                button type="submit" { "Add" }
            }
        }
    }
}
