//! What is on a page, as a file would say it: with ids for references, and everything said.

use crate::{
    domain::{
        Id,
        alert::Rule,
        record::{ComponentRecord, GroupRecord, MetricRecord, Template},
        state::Page,
    },
    store::{Include, Result, Slice, View},
    wire::page_file::{ComponentPart, MetricPart, RulePart, TemplatePart},
};

/// All of one kind; pages are bounded by far less.
const ALL: Slice = Slice { offset: 0, limit: 1_000_000 };

#[derive(Debug)]
pub struct OnPage {
    /// Its address is empty if none is set.
    pub page: Page,
    pub groups: Vec<GroupRecord>,
    pub components: Vec<ComponentRecord>,
    pub templates: Vec<Template>,
    pub metrics: Vec<MetricRecord>,
    pub rules: Vec<Rule>,
}

impl OnPage {
    pub async fn read(view: View<'_>) -> Result<Self> {
        let every = Include::default();
        Ok(Self {
            page: view.page("").await?,
            groups: view.groups(ALL, every).await?,
            components: view.components(ALL, every).await?,
            templates: view.templates(ALL, every).await?,
            metrics: view.metrics(None, ALL, every).await?,
            rules: view.alert_rules(ALL, every).await?,
        })
    }

    /// What stands in a group or at the top, as visitors see it: by position, components before
    /// groups that have the same.
    pub fn within(&self, group: Option<&Id>) -> Vec<(Id, i32)> {
        let components = self.components.iter().map(|one| &one.component);
        let components = components.filter(|one| self.parent(one.group_id.as_ref()) == group);
        let groups = self.groups.iter().map(|one| &one.group);
        let groups = groups.filter(|one| self.parent(one.parent_id.as_ref()) == group);
        let mut within: Vec<(Id, i32)> = components
            .map(|one| (one.id.clone(), one.position))
            .chain(groups.map(|one| (one.id.clone(), one.position)))
            .collect();
        within.sort_by_key(|(_, position)| *position);
        within
    }

    /// A group that is there; one that was deleted holds nothing.
    pub fn parent<'a>(&self, id: Option<&'a Id>) -> Option<&'a Id> {
        id.filter(|id| self.groups.iter().any(|group| group.group.id == **id))
    }
}

fn said<T: Clone>(value: &Option<T>) -> Option<Option<T>> {
    Some(value.clone())
}

fn text(id: &Option<Id>) -> Option<Option<String>> {
    Some(id.as_ref().map(ToString::to_string))
}

pub fn group(record: &GroupRecord) -> ComponentPart {
    ComponentPart {
        id: Some(record.group.id.to_string()),
        name: record.group.name.clone(),
        description: said(&record.group.description),
        components: Some(vec![]),
        ..Default::default()
    }
}

pub fn component(record: &ComponentRecord) -> ComponentPart {
    let component = &record.component;
    ComponentPart {
        id: Some(component.id.to_string()),
        name: component.name.clone(),
        description: said(&component.description),
        link: said(&component.link),
        showcase: Some(component.showcase),
        start_date: said(&component.start_date),
        only_show_if_degraded: Some(component.only_show_if_degraded),
        hidden: Some(record.hidden),
        components: None,
    }
}

/// Without what was deleted and is still named in it.
pub fn template(template: &Template, held: &OnPage) -> TemplatePart {
    let is_there = |id: &&Id| held.components.iter().any(|one| one.component.id == **id);
    TemplatePart {
        id: Some(template.id.to_string()),
        name: template.name.clone(),
        title: said(&template.title),
        body: Some(template.body.clone()),
        group: Some(held.parent(template.group_id.as_ref()).map(ToString::to_string)),
        update_status: said(&template.update_status),
        components: Some(template.component_ids.iter().filter(is_there).map(ToString::to_string).collect()),
        should_send_notifications: Some(template.should_send_notifications),
    }
}

pub fn metric(metric: &MetricRecord) -> MetricPart {
    MetricPart {
        id: Some(metric.id.to_string()),
        name: metric.name.clone(),
        metric_identifier: said(&metric.metric_identifier),
        suffix: said(&metric.suffix),
        tooltip_description: said(&metric.tooltip_description),
        display: Some(metric.display),
        decimal_places: Some(metric.decimal_places),
        y_axis_min: Some(metric.y_axis_min),
        y_axis_max: Some(metric.y_axis_max),
        y_axis_hidden: Some(metric.y_axis_hidden),
    }
}

/// Without what was deleted and is still named in it.
pub fn rule(rule: &Rule, held: &OnPage) -> RulePart {
    let component = rule.component_id.clone();
    let component = component.filter(|id| held.components.iter().any(|one| one.component.id == *id));
    let template = rule.template_id.clone();
    let template = template.filter(|id| held.templates.iter().any(|one| one.id == *id));
    RulePart {
        id: Some(rule.id.to_string()),
        name: rule.name.clone(),
        matchers: Some(rule.matchers.clone()),
        component: text(&component),
        component_status: said(&rule.component_status),
        template: text(&template),
        notify: Some(rule.notify),
        for_seconds: Some(rule.for_seconds),
        hold_seconds: Some(rule.hold_seconds),
        flap_limit: Some(rule.flap_limit),
        disabled: Some(rule.disabled),
    }
}
