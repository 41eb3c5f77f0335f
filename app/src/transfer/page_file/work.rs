//! Doing what a file wants, one thing after the other: groups before what stands in them, and what
//! goes last.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    apply::refused,
    differences::{Difference, between},
    held::{self, OnPage},
    known::{Known, Names},
    plan::{Plan, Sign, Step},
    read::File,
    resolve::{Entry, Resolved},
};
use crate::{
    domain::Id,
    store::{
        Change, ComponentChanges, GroupChanges, MetricChanges, NewComponent, NewGroup, RuleChanges,
        TemplateChanges,
    },
    wire::page_file::{ComponentPart, MetricPart, RulePart, TemplatePart},
};

type Done = anyhow::Result<()>;

pub struct Work<'a> {
    pub file: &'a File,
    pub held: &'a OnPage,
    pub resolved: &'a Resolved,
    pub change: &'a mut Change,
    pub plan: &'a mut Plan,
}

/// What is looked at apart from the fields of an entry.
const APART: &[&str] = &["id", "components"];

impl Work<'_> {
    pub async fn run(&mut self, prune: bool) -> Done {
        let resolved = self.resolved;
        for entry in &resolved.groups {
            self.group(entry).await.map_err(|error| self.at(&entry.pointer, error))?;
        }
        for entry in &resolved.components {
            self.component(entry).await.map_err(|error| self.at(&entry.pointer, error))?;
        }
        self.others_move().await?;
        for entry in &resolved.templates {
            self.template(entry).await.map_err(|error| self.at(&entry.pointer, error))?;
        }
        for entry in &resolved.metrics {
            self.metric(entry).await.map_err(|error| self.at(&entry.pointer, error))?;
        }
        for entry in &resolved.rules {
            self.rule(entry).await.map_err(|error| self.at(&entry.pointer, error))?;
        }
        if prune { self.remove().await } else { self.tell_others() }
    }

    fn at(&self, pointer: &str, error: anyhow::Error) -> anyhow::Error {
        match error.downcast() {
            Ok(error) => refused(self.file, pointer, error),
            Err(other) => other,
        }
    }

    fn step(&mut self, sign: Sign, what: String, differences: Vec<Difference>) {
        self.plan.steps.push(Step { sign, what, differences });
    }

    /// What is to be otherwise: what the entry says, where it stands, and among what.
    fn differences<P: Serialize>(
        &self,
        entry: &Entry<P>,
        held: Option<(&P, Option<&Id>, i32)>,
    ) -> Vec<Difference> {
        let mut found = match held {
            Some((held, ..)) => between(held, &entry.part, APART),
            None => between(&json!({}), &entry.part, &["id", "components", "name"]),
        };
        let groups = &self.resolved.names.groups;
        let group = |id: Option<&Id>| id.map_or(Value::Null, |id| json!(groups.of(id)));
        let within = held.and_then(|(_, within, _)| within);
        if within != entry.within.as_ref() {
            found.push(Difference::new("group", group(within), group(entry.within.as_ref())));
        }
        if let (Some((.., position)), Some(place)) = (held, self.resolved.places.get(entry.found.id())) {
            found.push(Difference::new("position", json!(position), json!(place)));
        }
        found
    }

    async fn group(&mut self, entry: &Entry<ComponentPart>) -> Done {
        let (id, part) = (entry.found.id(), &entry.part);
        let record = self.held.groups.iter().find(|one| one.group.id == *id);
        let what = format!("group {:?}", part.name);
        let position = self.resolved.places.get(id).copied();
        let Some(record) = record else {
            let new = NewGroup {
                name: part.name.clone(),
                description: part.description.clone().flatten(),
                parent_id: entry.within.clone(),
                position: position.unwrap_or(1),
            };
            self.change.create_group_as(id.clone(), new).await?;
            self.step(Sign::Make, what, self.differences(entry, None));
            return Ok(());
        };
        let (before, group) = (held::group(record), &record.group);
        let parent = self.held.parent(group.parent_id.as_ref());
        let differences = self.differences(entry, Some((&before, parent, group.position)));
        if differences.is_empty() {
            return Ok(());
        }
        let changes = GroupChanges {
            name: Some(part.name.clone()),
            description: part.description.clone(),
            position,
            parent_id: (parent != entry.within.as_ref()).then(|| entry.within.clone()),
            component_ids: None,
        };
        self.change.update_group(id, None, changes).await?;
        self.step(Sign::Change, what, differences);
        Ok(())
    }

    async fn component(&mut self, entry: &Entry<ComponentPart>) -> Done {
        let (id, part) = (entry.found.id(), &entry.part);
        let record = self.held.components.iter().find(|one| one.component.id == *id);
        let what = format!("component {:?}", part.name);
        let position = self.resolved.places.get(id).copied();
        let Some(record) = record else {
            let named = NewComponent::named(&part.name);
            let new = NewComponent {
                description: part.description.clone().flatten(),
                link: part.link.clone().flatten(),
                group_id: entry.within.clone(),
                position: position.unwrap_or(1),
                showcase: part.showcase.unwrap_or(named.showcase),
                only_show_if_degraded: part.only_show_if_degraded.unwrap_or_default(),
                hidden: part.hidden.unwrap_or_default(),
                start_date: part.start_date.flatten(),
                ..named
            };
            self.change.create_component_as(id.clone(), new).await?;
            self.step(Sign::Make, what, self.differences(entry, None));
            return Ok(());
        };
        let (before, component) = (held::component(record), &record.component);
        let group = self.held.parent(component.group_id.as_ref());
        let differences = self.differences(entry, Some((&before, group, component.position)));
        if differences.is_empty() {
            return Ok(());
        }
        let changes = ComponentChanges {
            name: Some(part.name.clone()),
            description: part.description.clone(),
            link: part.link.clone(),
            group_id: (group != entry.within.as_ref()).then(|| entry.within.clone()),
            status: None,
            position,
            showcase: part.showcase,
            only_show_if_degraded: part.only_show_if_degraded,
            hidden: part.hidden,
            start_date: part.start_date,
        };
        self.change.update_component(id, None, changes).await?;
        self.step(Sign::Change, what, differences);
        Ok(())
    }

    /// What the file does not name makes room for what it names.
    async fn others_move(&mut self) -> Done {
        let resolved = self.resolved;
        for known in &resolved.others.groups {
            let Some(place) = resolved.places.get(&known.id) else { continue };
            let changes = GroupChanges { position: Some(*place), ..Default::default() };
            self.change.update_group(&known.id, None, changes).await?;
            self.moved("group", known, *place);
        }
        for known in &resolved.others.components {
            let Some(place) = resolved.places.get(&known.id) else { continue };
            let changes = ComponentChanges { position: Some(*place), ..Default::default() };
            self.change.update_component(&known.id, None, changes).await?;
            self.moved("component", known, *place);
        }
        for known in &resolved.others.metrics {
            let Some(place) = resolved.places.get(&known.id) else { continue };
            let changes = MetricChanges { position: Some(*place), ..Default::default() };
            self.change.update_metric(&known.id, None, changes).await?;
            self.moved("metric", known, *place);
        }
        for known in &resolved.others.rules {
            let Some(place) = resolved.places.get(&known.id) else { continue };
            let changes = RuleChanges { position: Some(*place), ..Default::default() };
            self.change.update_alert_rule(&known.id, None, changes).await?;
            self.moved("alert rule", known, *place);
        }
        Ok(())
    }

    fn moved(&mut self, kind: &str, known: &Known, place: i32) {
        let held = self.held;
        let positions = (held.groups.iter().map(|one| (&one.group.id, one.group.position)))
            .chain(held.components.iter().map(|one| (&one.component.id, one.component.position)))
            .chain(held.metrics.iter().map(|one| (&one.id, one.position)))
            .chain(held.rules.iter().map(|one| (&one.id, one.position)));
        let before = positions.into_iter().find(|(id, _)| **id == known.id).map(|(_, position)| position);
        let difference = Difference::new("position", json!(before), json!(place));
        self.step(Sign::Change, format!("{kind} {:?}", known.name), vec![difference]);
    }

    async fn template(&mut self, entry: &Entry<TemplatePart>) -> Done {
        let (id, part) = (entry.found.id(), &entry.part);
        let what = format!("template {:?}", part.name);
        let changes = || TemplateChanges {
            group_id: ids(&part.group),
            name: Some(part.name.clone()),
            title: part.title.clone(),
            body: part.body.clone(),
            update_status: part.update_status,
            component_ids: part.components.as_ref().map(|ids| parsed(ids)),
            should_tweet: None,
            should_send_notifications: part.should_send_notifications,
        };
        let record = self.held.templates.iter().find(|one| one.id == *id);
        let before = record.map(|one| held::template(one, self.held));
        let mut differences = self.differences(entry, before.as_ref().map(|part| (part, None, 0)));
        let names = &self.resolved.names;
        told(&mut differences, "group", &names.groups);
        let components = |part: &TemplatePart| part.components.clone().unwrap_or_default();
        let attached = before.as_ref().map(components).unwrap_or_default();
        if part.components.as_ref().is_some_and(|wanted| *wanted != attached) {
            let told = |ids: &[String]| {
                json!(parsed(ids).iter().map(|id| names.components.of(id)).collect::<Vec<_>>())
            };
            differences.push(Difference::new("components", told(&attached), told(&components(part))));
        }
        if before.is_none() {
            if part.body.is_none() {
                return Err(needed("body"));
            }
            self.change.create_template_as(id.clone(), changes()).await?;
            self.step(Sign::Make, what, differences);
        } else if !differences.is_empty() {
            self.change.update_template(id, None, changes()).await?;
            self.step(Sign::Change, what, differences);
        }
        Ok(())
    }

    async fn metric(&mut self, entry: &Entry<MetricPart>) -> Done {
        let (id, part) = (entry.found.id(), &entry.part);
        let what = format!("metric {:?}", part.name);
        let changes = MetricChanges {
            name: Some(part.name.clone()),
            metric_identifier: part.metric_identifier.clone(),
            suffix: part.suffix.clone(),
            tooltip_description: part.tooltip_description.clone(),
            display: part.display,
            position: self.resolved.places.get(id).copied(),
            decimal_places: part.decimal_places,
            y_axis_min: part.y_axis_min,
            y_axis_max: part.y_axis_max,
            y_axis_hidden: part.y_axis_hidden,
        };
        let record = self.held.metrics.iter().find(|one| one.id == *id);
        let before = record.map(held::metric);
        let position = record.map_or(0, |one| one.position);
        let differences = self.differences(entry, before.as_ref().map(|part| (part, None, position)));
        if before.is_none() {
            self.change.create_metric_as(id.clone(), changes).await?;
            self.step(Sign::Make, what, differences);
        } else if !differences.is_empty() {
            self.change.update_metric(id, None, changes).await?;
            self.step(Sign::Change, what, differences);
        }
        Ok(())
    }

    async fn rule(&mut self, entry: &Entry<RulePart>) -> Done {
        let (id, part) = (entry.found.id(), &entry.part);
        let what = format!("alert rule {:?}", part.name);
        let changes = RuleChanges {
            name: Some(part.name.clone()),
            position: self.resolved.places.get(id).copied(),
            matchers: part.matchers.clone(),
            component_id: ids(&part.component),
            component_status: part.component_status,
            template_id: ids(&part.template),
            notify: part.notify,
            for_seconds: part.for_seconds,
            hold_seconds: part.hold_seconds,
            flap_limit: part.flap_limit,
            disabled: part.disabled,
        };
        let record = self.held.rules.iter().find(|one| one.id == *id);
        let before = record.map(|one| held::rule(one, self.held));
        let position = record.map_or(0, |one| one.position);
        let mut differences = self.differences(entry, before.as_ref().map(|part| (part, None, position)));
        told(&mut differences, "component", &self.resolved.names.components);
        told(&mut differences, "template", &self.resolved.names.templates);
        if before.is_none() {
            if part.matchers.is_none() {
                return Err(needed("matchers"));
            }
            self.change.create_alert_rule_as(id.clone(), changes).await?;
            self.step(Sign::Make, what, differences);
        } else if !differences.is_empty() {
            self.change.update_alert_rule(id, None, changes).await?;
            self.step(Sign::Change, what, differences);
        }
        Ok(())
    }

    /// What uses others goes before these.
    async fn remove(&mut self) -> Done {
        let others = &self.resolved.others;
        for known in &others.rules {
            self.change.delete_alert_rule(&known.id, None).await?;
            self.step(Sign::Remove, format!("alert rule {:?}", known.name), vec![]);
        }
        for known in &others.templates {
            self.change.delete_template(&known.id, None).await?;
            self.step(Sign::Remove, format!("template {:?}", known.name), vec![]);
        }
        for known in &others.metrics {
            self.change.delete_metric(&known.id, None).await?;
            self.step(Sign::Remove, format!("metric {:?}", known.name), vec![]);
        }
        for known in &others.components {
            self.change.delete_component(&known.id, None).await?;
            self.step(Sign::Remove, format!("component {:?}", known.name), vec![]);
        }
        for known in &others.groups {
            self.change.delete_group(&known.id, None).await?;
            self.step(Sign::Remove, format!("group {:?}", known.name), vec![]);
        }
        Ok(())
    }

    fn tell_others(&mut self) -> Done {
        let others = &self.resolved.others;
        let kinds = [
            ("group", &others.groups),
            ("component", &others.components),
            ("template", &others.templates),
            ("metric", &others.metrics),
            ("alert rule", &others.rules),
        ];
        for (kind, some) in kinds {
            self.plan.others.extend(some.iter().map(|known| format!("{kind} {:?}", known.name)));
        }
        Ok(())
    }
}

fn needed(field: &str) -> anyhow::Error {
    crate::store::StoreError::Refused(format!("{field}: is needed for a new one")).into()
}

/// An id that a name was resolved to.
fn ids(said: &Option<Option<String>>) -> Option<Option<Id>> {
    said.as_ref().map(|text| text.as_ref().and_then(|text| text.parse().ok()))
}

fn parsed(texts: &[String]) -> Vec<Id> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// A plan tells names.
fn told(differences: &mut [Difference], field: &str, names: &Names) {
    let name = |value: &Value| match value.as_str().and_then(|text| text.parse().ok()) {
        Some(id) => json!(names.of(&id)),
        None => value.clone(),
    };
    for difference in differences.iter_mut().filter(|one| one.field == field) {
        (difference.before, difference.after) = (name(&difference.before), name(&difference.after));
    }
}
