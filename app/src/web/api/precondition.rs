//! `If-Match`: what the caller has seen of an object, and what is said when it is another by now.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::IF_MATCH},
};

use super::{
    audit,
    call::Call,
    problem::Problem,
    route::{Route, Verb, table},
};
use crate::{domain::Id, store::AuditFilter};

/// The entity tags that are sent; none for `*`, or where nothing is.
pub fn seen(route: &Route, verb: Verb, request: &HttpRequest) -> Result<Vec<String>, Problem> {
    let mut tags = vec![];
    for header in request.headers().get_all(IF_MATCH).filter(|_| verb != Verb::Get) {
        if !route.tagged {
            let text = "If-Match: is not possible here, where nothing has an entity tag; nothing was done";
            return Err(Problem::new(StatusCode::BAD_REQUEST, text));
        }
        let text = header.to_str().map_err(|_| unusable())?.trim();
        if text == "*" {
            return Ok(vec![]);
        }
        tags.extend(list(text).ok_or_else(unusable)?);
    }
    Ok(tags)
}

/// Entity tags between commas (RFC 9110, section 13.1.1); a tag may hold a comma.
fn list(text: &str) -> Option<Vec<String>> {
    let (mut tags, mut rest) = (vec![], text);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (!tags.is_empty()).then_some(tags);
        }
        let (tag, after) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        tags.push(tag.to_owned());
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

fn unusable() -> Problem {
    let text = "If-Match: allowed are entity tags as they were given, such as \"3\", between commas";
    Problem::new(StatusCode::BAD_REQUEST, text)
}

/// Has the call be made only if its object has one of these tags. Of several, the one that it has now
/// is looked for; whether it still has it then is seen when it is changed.
pub async fn set(call: &mut Call, tags: Vec<String>) {
    let tag = match tags.as_slice() {
        [] | [_] => tags.into_iter().next(),
        several => match current(call).await {
            Some(answer) if answer.etag.as_ref().is_some_and(|tag| several.contains(tag)) => answer.etag,
            _ => tags.into_iter().next(),
        },
    };
    // A tag that was never given matches nothing: no object is at version 0.
    call.if_match = tag.as_deref().map(|tag| tag.parse().unwrap_or(0));
    call.if_match_text = tag;
}

/// The object as it is now.
async fn current(call: &Call) -> Option<super::answer::Answer> {
    let route = table()
        .iter()
        .find(|route| read_path(call.route.path) == route.path && route.verbs.contains(&Verb::Get))?;
    (route.handler)(call.reading(route)).await.ok()
}

/// Where it is read what is changed at a path.
fn read_path(path: &str) -> &str {
    ["/publish", "/revert", "/data"].iter().find_map(|verb| path.strip_suffix(verb)).unwrap_or(path)
}

/// Who comes too late is shown what somebody else made of it.
pub async fn explain(call: &Call, mut problem: Problem) -> Problem {
    if problem.status != StatusCode::PRECONDITION_FAILED || problem.current.is_some() {
        return problem;
    }
    let Some(body) = current(call).await.and_then(|answer| answer.body) else { return problem };
    let changes = match target(call, body["id"].as_str()) {
        Some(target) => audit::of(call, target).await.unwrap_or_default(),
        None => vec![],
    };
    problem.current = Some(Box::new((body, changes)));
    problem
}

/// Of what the changes are told: the object itself, or what it is a part of.
fn target(call: &Call, id: Option<&str>) -> Option<AuditFilter> {
    let of = |id: Option<Id>, actions: &[&str]| {
        id.map(|id| AuditFilter {
            target_id: Some(id),
            actions: actions.iter().map(ToString::to_string).collect(),
            ..AuditFilter::default()
        })
    };
    if call.route.tag == super::postmortems::TAG {
        return of(call.id("incident_id").ok(), super::postmortems::ACTIONS);
    }
    if call.route.tag == super::embed::TAG {
        return of(call.page_id().ok(), &["page.update"]);
    }
    of(id.and_then(|id| id.parse().ok()), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_between_commas() {
        let some = |tags: &[&str]| Some(tags.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(list(r#""3""#), some(&["3"]));
        assert_eq!(list(r#"W/"3""#), some(&["3"]));
        assert_eq!(list(r#""a", "11" ,W/"b,c","#), some(&["a", "11", "b,c"]));
        for wrong in ["", ",", "3", r#""3"#, r#""3" "4""#, r#""3", x"#] {
            assert_eq!(list(wrong), None, "{wrong}");
        }
    }
}
