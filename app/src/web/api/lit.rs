//! What is answered while the database is away: what the snapshot says, to whom was let in a short
//! while ago. It tells of public things only, carries no entity tag and says how old it is.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::HeaderValue};
use chrono::TimeDelta;
use serde::Serialize;

use super::{
    answer::Answer,
    call::Call,
    problem::{self, Problem},
    route::Verb,
};
use crate::{
    domain::{
        Id,
        record::{ComponentRecord, GroupRecord},
        state::{Component, Group, LiveState},
    },
    live::Snapshot,
    store::Slice,
    wire::manage::{self, Place},
};

/// What the snapshot says to a call; 503 where it can't know.
pub fn answer(call: &Call) -> Result<HttpResponse, Problem> {
    // What is asked for by more than its place in a list may be more than the snapshot knows.
    let is_plain = call.query.keys().all(|name| ["page", "per_page", "limit"].contains(&name.as_str()));
    if call.verb != Verb::Get || !is_plain {
        return Err(problem::unavailable());
    }
    if call.route.path == "/v1/pages" {
        return pages(call);
    }
    let snapshot = call.page_id().ok().and_then(|page| call.api.app.site.get(&page));
    let snapshot = snapshot.ok_or_else(problem::unavailable)?;
    let told = told(call, &snapshot.state)?.ok_or_else(problem::unavailable)?;
    Ok(marked(told, age(call, &snapshot)))
}

/// The pages that the token opens, if all are known that there are.
fn pages(call: &Call) -> Result<HttpResponse, Problem> {
    let site = &call.api.app.site;
    if !site.is_whole() {
        return Err(problem::unavailable());
    }
    let mut ids: Vec<Id> = site.versions().into_iter().map(|(id, _)| id).collect();
    ids.retain(|id| call.caller.opens(id).is_ok());
    ids.sort();
    let snapshots: Vec<_> = ids.iter().filter_map(|id| site.get(id)).collect();
    let page = |one: &Arc<Snapshot>| manage::Page::of(&one.state.page, Some(one.state.version.revision));
    let oldest = snapshots.iter().map(|one| age(call, one)).max().unwrap_or_default();
    Ok(marked(list(call, snapshots.iter().map(page))?, oldest))
}

/// How long ago it was confirmed what a snapshot says.
fn age(call: &Call, snapshot: &Snapshot) -> TimeDelta {
    let confirmed_at = call.api.app.refresher.confirmed_at(&snapshot.state.page.id);
    call.api.store.now() - confirmed_at.unwrap_or(snapshot.as_of)
}

fn marked(told: Answer, age: TimeDelta) -> HttpResponse {
    let mut response = told.response();
    let headers = response.headers_mut();
    headers.insert(super::STALE, HeaderValue::from(age.num_seconds().max(0)));
    // RFC 9111 dropped what RFC 7234 said of this word; clients show it all the same.
    headers.insert(super::WARNING, HeaderValue::from_static("110 pharos \"the database is away\""));
    response
}

fn told(call: &Call, state: &LiveState) -> Result<Option<Answer>, Problem> {
    let place =
        Place { page_id: state.page.id.clone(), zone: state.page.time_zone, url: state.page.url.clone() };
    let component = |one: &Component| manage::Component::of(&as_component(one), &place);
    let group = |one: &Group| manage::ComponentGroup::of(&as_group(one, state), &place);
    let answer = match call.route.path {
        "/v1/pages/{page_id}" => Answer::ok(&manage::Page::of(&state.page, Some(state.version.revision))),
        "/v1/pages/{page_id}/components" => list(call, state.components.iter().map(component)),
        "/v1/pages/{page_id}/component-groups" => list(call, state.groups.iter().map(group)),
        "/v1/pages/{page_id}/components/{component_id}" => {
            let Some(found) = state.component(&call.id("component_id")?) else { return Ok(None) };
            Answer::ok(&component(found))
        }
        "/v1/pages/{page_id}/component-groups/{group_id}" => {
            let id = call.id("group_id")?;
            let Some(found) = state.groups.iter().find(|group| group.id == id) else { return Ok(None) };
            Answer::ok(&group(found))
        }
        _ => return Ok(None),
    };
    answer.map(Some)
}

fn list<T: Serialize>(call: &Call, all: impl Iterator<Item = T>) -> Result<Answer, Problem> {
    let Slice { offset, limit } = call.slice();
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Answer::ok(&all.skip(number(offset)).take(number(limit)).collect::<Vec<_>>())
}

fn as_component(component: &Component) -> ComponentRecord {
    ComponentRecord { component: component.clone(), hidden: false, version: 0, deleted_at: None }
}

fn as_group(group: &Group, state: &LiveState) -> GroupRecord {
    let within = state.components.iter().filter(|component| component.group_id.as_ref() == Some(&group.id));
    let component_ids: Vec<Id> = within.map(|component| component.id.clone()).collect();
    GroupRecord { group: group.clone(), component_ids, version: 0, deleted_at: None }
}
