//! Writing a page as a file.

use super::{
    held::{self, OnPage},
    known::Names,
    page,
};
use crate::{
    domain::Id,
    store::Store,
    wire::page_file::{ComponentPart, MetricPart, PageFile, RulePart, SCHEMA_PATH, TemplatePart},
};

/// A page as YAML. `base_url` is where the server has the schema.
pub async fn export(store: &Store, page: &Id, base_url: &str) -> anyhow::Result<String> {
    let moment = store.moment(page).await?;
    let held = OnPage::read(moment.view()).await?;
    let text = serde_saphyr::to_string(&says(&held))?;
    let base = base_url.trim_end_matches('/');
    Ok(format!(
        "# yaml-language-server: $schema={base}{SCHEMA_PATH}\n\
         # `pharos apply -f FILE` makes the page like this. What is not said stays as it is.\n{text}"
    ))
}

fn says(held: &OnPage) -> PageFile {
    let components = held.components.iter().map(|one| (one.component.id.clone(), one.component.name.clone()));
    let components = Names::new("component", components.collect());
    let groups = held.groups.iter().map(|one| (one.group.id.clone(), one.group.name.clone()));
    let groups = Names::new("group", groups.collect());
    let templates = held.templates.iter().map(|one| (one.id.clone(), one.name.clone()));
    let templates = Names::new("template", templates.collect());
    PageFile {
        page: Some(page::part(&held.page)),
        components: Some(within(held, None)),
        templates: Some(
            held.templates
                .iter()
                .map(|one| template(held::template(one, held), &groups, &components))
                .collect(),
        ),
        metrics: Some(held.metrics.iter().map(|one| metric(held::metric(one))).collect()),
        alert_rules: Some(
            held.rules.iter().map(|one| rule(held::rule(one, held), &components, &templates)).collect(),
        ),
    }
}

/// What stands in a group, or at the top. A group that stands within itself is in no file.
fn within(held: &OnPage, group: Option<&Id>) -> Vec<ComponentPart> {
    let mut parts = vec![];
    for (id, _) in held.within(group) {
        if let Some(record) = held.components.iter().find(|one| one.component.id == id) {
            parts.push(component(held::component(record)));
        } else if let Some(record) = held.groups.iter().find(|one| one.group.id == id) {
            let mut part = component(held::group(record));
            part.components = Some(within(held, Some(&id)));
            parts.push(part);
        }
    }
    parts
}

/// What is as it is of a new one is not said.
fn usual(said: &mut Option<bool>, usual: bool) {
    *said = said.filter(|said| *said != usual);
}

fn none<T>(said: &mut Option<Option<T>>) {
    if matches!(said, Some(None)) {
        *said = None;
    }
}

fn component(mut part: ComponentPart) -> ComponentPart {
    usual(&mut part.showcase, true);
    usual(&mut part.only_show_if_degraded, false);
    usual(&mut part.hidden, false);
    none(&mut part.description);
    none(&mut part.link);
    none(&mut part.start_date);
    part
}

fn named(said: &mut Option<Option<String>>, names: &Names) {
    none(said);
    if let Some(Some(text)) = said
        && let Ok(id) = text.parse()
    {
        *text = names.of(&id);
    }
}

fn template(mut part: TemplatePart, groups: &Names, components: &Names) -> TemplatePart {
    usual(&mut part.should_send_notifications, true);
    none(&mut part.title);
    none(&mut part.update_status);
    named(&mut part.group, groups);
    for text in part.components.iter_mut().flatten() {
        if let Ok(id) = text.parse() {
            *text = components.of(&id);
        }
    }
    part.components = part.components.filter(|some| !some.is_empty());
    part
}

fn metric(mut part: MetricPart) -> MetricPart {
    usual(&mut part.display, true);
    usual(&mut part.y_axis_hidden, false);
    for text in [&mut part.metric_identifier, &mut part.suffix, &mut part.tooltip_description] {
        none(text);
    }
    none(&mut part.y_axis_min);
    none(&mut part.y_axis_max);
    part.decimal_places = part.decimal_places.filter(|places| *places != 0);
    part
}

fn rule(mut part: RulePart, components: &Names, templates: &Names) -> RulePart {
    usual(&mut part.notify, true);
    usual(&mut part.disabled, false);
    named(&mut part.component, components);
    named(&mut part.template, templates);
    none(&mut part.component_status);
    for number in [&mut part.for_seconds, &mut part.hold_seconds, &mut part.flap_limit] {
        *number = number.filter(|number| *number != 0);
    }
    part
}
