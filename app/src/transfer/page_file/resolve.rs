//! Which thing on the page each entry of a file stands for, where it comes to stand, and what the
//! names in it mean.

use std::collections::HashMap;

use super::{
    WrongFile,
    held::OnPage,
    known::{Found, Held, Known, Names},
    order::places,
    part::Part,
    read::File,
};
use crate::{
    domain::{Id, page::link},
    settings,
    wire::page_file::{ComponentPart, MetricPart, RulePart, TemplatePart},
};

/// An entry of the file: its names are ids.
#[derive(Debug)]
pub struct Entry<P> {
    pub pointer: String,
    pub found: Found,
    pub part: P,
    /// The group that it is to stand in.
    pub within: Option<Id>,
}

/// All that a file says of what stands on a page.
#[derive(Debug)]
pub struct Resolved {
    /// Those above come before those within.
    pub groups: Vec<Entry<ComponentPart>>,
    pub components: Vec<Entry<ComponentPart>>,
    pub templates: Vec<Entry<TemplatePart>>,
    pub metrics: Vec<Entry<MetricPart>>,
    pub rules: Vec<Entry<RulePart>>,
    /// What the file does not name, of the kinds that it names.
    pub others: Others,
    /// New positions, of what is not in the file too.
    pub places: HashMap<Id, i32>,
    pub names: AllNames,
}

#[derive(Debug, Default)]
pub struct Others {
    pub groups: Vec<Known>,
    pub components: Vec<Known>,
    pub templates: Vec<Known>,
    pub metrics: Vec<Known>,
    pub rules: Vec<Known>,
}

/// What things are called once all is done.
#[derive(Debug, Default)]
pub struct AllNames {
    pub groups: Names,
    pub components: Names,
    pub templates: Names,
}

/// Reads a file against what is there. `prune` is whether what it does not name goes.
pub fn resolve(file: &File, held: &OnPage, prune: bool) -> Result<Resolved, WrongFile> {
    let mut work = Work { file, wrong: vec![] };
    let says = &file.says;
    let (mut groups, mut components) = (held_groups(held), held_components(held));
    let tree = says.components.as_deref().unwrap_or_default();
    work.claim_tree(tree, &mut groups, &mut components);
    let mut walk = Walk { counts: counts(tree), groups: vec![], components: vec![], orders: vec![] };
    work.walk(tree, "/components", None, (&mut groups, &mut components), &mut walk);
    let mut templates = Held::new("template", known(&held.templates, |one| (&one.id, &one.name)));
    let mut metrics = Held::new("metric", known(&held.metrics, |one| (&one.id, &one.name)));
    let mut rules = Held::new("alert rule", known(&held.rules, |one| (&one.id, &one.name)));
    let mut resolved = Resolved {
        groups: walk.groups,
        components: walk.components,
        templates: work.list("/templates", says.templates.as_deref(), &mut templates),
        metrics: work.list("/metrics", says.metrics.as_deref(), &mut metrics),
        rules: work.list("/alert_rules", says.alert_rules.as_deref(), &mut rules),
        others: Others::default(),
        places: HashMap::new(),
        names: AllNames::default(),
    };
    let others = |listed: bool, held: &Held| if listed { held.others().cloned().collect() } else { vec![] };
    resolved.others = Others {
        groups: others(says.components.is_some(), &groups),
        components: others(says.components.is_some(), &components),
        templates: others(says.templates.is_some(), &templates),
        metrics: others(says.metrics.is_some(), &metrics),
        rules: others(says.alert_rules.is_some(), &rules),
    };
    resolved.names = AllNames {
        groups: names("group", &resolved.groups, &groups, prune && says.components.is_some()),
        components: names("component", &resolved.components, &components, prune && says.components.is_some()),
        templates: names("template", &resolved.templates, &templates, prune && says.templates.is_some()),
    };
    resolved.places = all_places(held, &resolved, walk.orders, prune);
    work.references(&mut resolved);
    if work.wrong.is_empty() { Ok(resolved) } else { Err(WrongFile(work.wrong)) }
}

fn held_groups(held: &OnPage) -> Held {
    let known = held.groups.iter().map(|one| Known {
        id: one.group.id.clone(),
        name: one.group.name.clone(),
        within: held.parent(one.group.parent_id.as_ref()).cloned(),
    });
    Held::new("group", known.collect())
}

fn held_components(held: &OnPage) -> Held {
    let known = held.components.iter().map(|one| Known {
        id: one.component.id.clone(),
        name: one.component.name.clone(),
        within: held.parent(one.component.group_id.as_ref()).cloned(),
    });
    Held::new("component", known.collect())
}

fn known<T>(all: &[T], told: impl Fn(&T) -> (&Id, &String)) -> Vec<Known> {
    let known = |one| {
        let (id, name) = told(one);
        Known { id: id.clone(), name: name.clone(), within: None }
    };
    all.iter().map(known).collect()
}

/// How often each name stands at an entry without an id, of groups and of components.
fn counts(tree: &[ComponentPart]) -> HashMap<(bool, String), usize> {
    let mut counts = HashMap::new();
    for part in tree {
        if part.id.is_none() {
            *counts.entry((part.components.is_some(), part.name.trim().to_owned())).or_default() += 1;
        }
        for (name, count) in counts_within(part) {
            *counts.entry(name).or_default() += count;
        }
    }
    counts
}

fn counts_within(part: &ComponentPart) -> HashMap<(bool, String), usize> {
    counts(part.components.as_deref().unwrap_or_default())
}

fn names<P: Part>(kind: &'static str, entries: &[Entry<P>], held: &Held, pruned: bool) -> Names {
    let listed = entries.iter().map(|entry| (entry.found.id().clone(), entry.part.clone().name().clone()));
    let others = held.others().filter(|_| !pruned).map(|other| (other.id.clone(), other.name.clone()));
    Names::new(kind, listed.chain(others).collect())
}

struct Work<'a> {
    file: &'a File,
    wrong: Vec<String>,
}

/// What comes of the tree of groups and components.
struct Walk {
    counts: HashMap<(bool, String), usize>,
    groups: Vec<Entry<ComponentPart>>,
    components: Vec<Entry<ComponentPart>>,
    /// What is to stand in each group, and at the top, in order.
    orders: Vec<(Option<Id>, Vec<Id>)>,
}

impl Work<'_> {
    fn refuse(&mut self, pointer: &str, message: &str) {
        self.wrong.push(self.file.wrong(pointer, message));
    }

    fn claim_tree(&mut self, tree: &[ComponentPart], groups: &mut Held, components: &mut Held) {
        let mut below = vec![("/components".to_owned(), tree)];
        while let Some((pointer, parts)) = below.pop() {
            for (at, part) in parts.iter().enumerate() {
                let pointer = format!("{pointer}/{at}");
                let (own, other) = match part.components {
                    Some(_) => (&mut *groups, &*components),
                    None => (&mut *components, &*groups),
                };
                if let Some(id) = &part.id {
                    let is_other = other.known.iter().any(|known| known.id.as_str() == id);
                    let claimed = match is_other {
                        true => Err(format!("is the id of a {}, and this is a {}", other.kind, own.kind)),
                        false => own.claim(id),
                    };
                    if let Err(wrong) = claimed {
                        self.refuse(&format!("{pointer}/id"), &wrong);
                    }
                }
                if let Some(within) = &part.components {
                    below.push((format!("{pointer}/components"), within));
                }
            }
        }
    }

    fn walk(
        &mut self,
        tree: &[ComponentPart],
        pointer: &str,
        within: Option<&Id>,
        (groups, components): (&mut Held, &mut Held),
        walk: &mut Walk,
    ) {
        let mut order = vec![];
        for (at, part) in tree.iter().enumerate() {
            let pointer = format!("{pointer}/{at}");
            let mut part = part.clone();
            self.name(&pointer, &mut part);
            self.component(&pointer, &mut part);
            let below = part.components.take();
            let held = if below.is_some() { &mut *groups } else { &mut *components };
            let alone = walk.counts.get(&(below.is_some(), part.name.clone())) == Some(&1);
            let found = match held.find(part.id.as_deref(), &part.name, within, alone) {
                Ok(found) => found,
                Err(wrong) => {
                    self.refuse(&format!("{pointer}/name"), &wrong);
                    continue;
                }
            };
            order.push(found.id().clone());
            let id = found.id().clone();
            let entry = Entry { pointer: pointer.clone(), found, part, within: within.cloned() };
            match below {
                None => walk.components.push(entry),
                Some(below) => {
                    walk.groups.push(entry);
                    let pointer = format!("{pointer}/components");
                    self.walk(&below, &pointer, Some(&id), (&mut *groups, &mut *components), walk);
                }
            }
        }
        walk.orders.push((within.cloned(), order));
    }

    /// The entries of a list, and what they stand for.
    fn list<P: Part>(&mut self, section: &str, parts: Option<&[P]>, held: &mut Held) -> Vec<Entry<P>> {
        let mut entries = vec![];
        let numbered = || parts.unwrap_or_default().iter().enumerate();
        for (at, part) in numbered() {
            if let Some(Err(wrong)) = part.id().map(|id| held.claim(id)) {
                self.refuse(&format!("{section}/{at}/id"), &wrong);
            }
        }
        for (at, part) in numbered() {
            let pointer = format!("{section}/{at}");
            let mut part = part.clone();
            self.name(&pointer, &mut part);
            let name = part.name().clone();
            match held.find(part.id(), &name, None, true) {
                Ok(found) => entries.push(Entry { pointer, found, part, within: None }),
                Err(wrong) => self.refuse(&format!("{pointer}/name"), &wrong),
            }
        }
        entries
    }

    fn name(&mut self, pointer: &str, part: &mut impl Part) {
        match settings::name(part.name()) {
            Ok(name) => *part.name() = name,
            Err(wrong) => self.refuse(&format!("{pointer}/name"), &wrong),
        }
    }

    /// What of a component is checked beside its schema. An empty text and null are the same to people.
    fn component(&mut self, pointer: &str, part: &mut ComponentPart) {
        for text in [&mut part.description, &mut part.link] {
            *text = text.take().map(|text| text.filter(|text| !text.is_empty()));
        }
        if let Some(Some(address)) = &mut part.link {
            match link(address) {
                Ok(written) => *address = written,
                Err(wrong) => self.refuse(&format!("{pointer}/link"), &wrong),
            }
        }
    }

    /// Names become ids.
    fn references(&mut self, resolved: &mut Resolved) {
        let names = std::mem::take(&mut resolved.names);
        for entry in &mut resolved.templates {
            let (pointer, part) = (&entry.pointer, &mut entry.part);
            part.title = part.title.take().map(|text| text.filter(|text| !text.is_empty()));
            self.reference(&format!("{pointer}/group"), &mut part.group, &names.groups);
            for (at, text) in part.components.iter_mut().flatten().enumerate() {
                self.one(&format!("{pointer}/components/{at}"), text, &names.components);
            }
        }
        for entry in &mut resolved.metrics {
            let part = &mut entry.part;
            for text in [&mut part.metric_identifier, &mut part.suffix, &mut part.tooltip_description] {
                *text = text.take().map(|text| text.filter(|text| !text.trim().is_empty()));
            }
        }
        for entry in &mut resolved.rules {
            let (pointer, part) = (&entry.pointer, &mut entry.part);
            self.reference(&format!("{pointer}/component"), &mut part.component, &names.components);
            self.reference(&format!("{pointer}/template"), &mut part.template, &names.templates);
        }
        resolved.names = names;
    }

    fn reference(&mut self, pointer: &str, said: &mut Option<Option<String>>, names: &Names) {
        *said = said.take().map(|text| text.filter(|text| !text.is_empty()));
        if let Some(Some(text)) = said {
            self.one(pointer, text, names);
        }
    }

    fn one(&mut self, pointer: &str, text: &mut String, names: &Names) {
        match names.find(text) {
            Ok(id) => *text = id.to_string(),
            Err(wrong) => self.refuse(pointer, &wrong),
        }
    }
}

/// Where things come to stand, if that is somewhere else.
fn all_places(
    held: &OnPage,
    resolved: &Resolved,
    orders: Vec<(Option<Id>, Vec<Id>)>,
    prune: bool,
) -> HashMap<Id, i32> {
    let entries = resolved.groups.iter().chain(&resolved.components);
    let within: HashMap<&Id, Option<&Id>> =
        entries.map(|entry| (entry.found.id(), entry.within.as_ref())).collect();
    let others = &resolved.others;
    let goes = |id: &Id, others: &[&[Known]]| {
        prune && others.iter().any(|some| some.iter().any(|other| other.id == *id))
    };
    let mut all = HashMap::new();
    for (group, wanted) in orders {
        let mut there = held.within(group.as_ref());
        there.retain(|(id, _)| within.get(id).is_none_or(|to| *to == group.as_ref()));
        there.retain(|(id, _)| !goes(id, &[&others.groups, &others.components]));
        all.extend(places(&there, &wanted));
    }
    let ids = |entries: Vec<&Found>| entries.into_iter().map(|found| found.id().clone()).collect::<Vec<_>>();
    let mut metrics: Vec<_> = held.metrics.iter().map(|one| (one.id.clone(), one.position)).collect();
    metrics.retain(|(id, _)| !goes(id, &[&others.metrics]));
    all.extend(places(&metrics, &ids(resolved.metrics.iter().map(|entry| &entry.found).collect())));
    let mut rules: Vec<_> = held.rules.iter().map(|one| (one.id.clone(), one.position)).collect();
    rules.retain(|(id, _)| !goes(id, &[&others.rules]));
    all.extend(places(&rules, &ids(resolved.rules.iter().map(|entry| &entry.found).collect())));
    all
}
