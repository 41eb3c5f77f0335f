//! The management API: who may call, what every call has in common, components and groups.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{Caller, Database, Server, clock, number, on_both, read};

on_both!(
    a_component_lives_and_its_past_stays,
    groups_hold_components_in_their_order,
    who_comes_too_late_sees_what_was_done,
    a_dry_run_changes_nothing,
    a_key_makes_a_call_once,
    who_hangs_up_leaves_no_call_half_done,
    many_writers_lose_nothing,
);

/// A server over an empty page, and that page's place in the API.
pub async fn empty(database: &Database) -> (Server, String) {
    let clock = clock();
    let store = database.store(&clock).await;
    store.ensure_page("Acme").await.unwrap();
    let page = store.versions().await.unwrap().remove(0).0;
    (Server::start(store, &clock).await, format!("/v1/pages/{page}"))
}

pub fn component(name: &str) -> Value {
    json!({ "component": { "name": name } })
}

async fn a_component_lives_and_its_past_stays(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/components");
    let made = caller.expect(201, "POST", &path, component("Website")).await;
    assert_eq!(
        (&made["name"], &made["status"], &made["position"]),
        (&json!("Website"), &json!("operational"), &json!(1))
    );
    assert_eq!(
        server.json("/api/v2/components.json").await["components"][0]["id"],
        made["id"],
        "seen at once"
    );
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let body = json!({ "component": { "status": "major_outage", "description": "The shop." } });
    let changed = caller.expect(200, "PATCH", &one, body).await;
    assert_eq!((&changed["status"], &changed["description"]), (&json!("major_outage"), &json!("The shop.")));
    let cleared = caller.expect(200, "PUT", &one, json!({ "component": { "description": null } })).await;
    assert_eq!((&cleared["status"], &cleared["description"]), (&json!("major_outage"), &Value::Null));
    caller.expect(204, "DELETE", &one, Value::Null).await;
    caller.expect(404, "GET", &one, Value::Null).await;
    assert_eq!(caller.get(&path).await, json!([]));
    let gone = caller.get(&format!("{path}?include=deleted")).await;
    assert!(gone[0]["deleted_at"].is_string(), "{gone}");
    let open = "SELECT count(*) FROM component_status_periods WHERE until_at IS NULL";
    assert_eq!(number(&database, open).await, 0, "its past ends, and is kept");
    assert_eq!(number(&database, "SELECT count(*) FROM component_status_periods").await, 2);
    server.stop().await;
}

async fn groups_hold_components_in_their_order(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let mut ids = vec![];
    for name in ["One", "Two", "Three"] {
        let made = caller.expect(201, "POST", &format!("{page}/components"), component(name)).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let path = format!("{page}/component-groups");
    let body = json!({ "description": "All of it.", "component_group": { "name": "Shop", "components": [ids[2], ids[0]] } });
    let made = caller.expect(201, "POST", &path, body).await;
    assert_eq!((&made["components"], &made["description"]), (&json!([ids[2], ids[0]]), &json!("All of it.")));
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let body = json!({ "component_group": { "components": [ids[1]] } });
    assert_eq!(caller.expect(200, "PATCH", &one, body).await["components"], json!([ids[1]]));
    let body = json!({ "component_group": { "components": ["nothere00000"] } });
    caller.expect(404, "PATCH", &one, body).await;
    let deleted = caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(deleted["name"], "Shop");
    let left = caller.get(&format!("{page}/components")).await;
    assert!(left.as_array().unwrap().iter().all(|one| one["group_id"].is_null()), "{left}");
    server.stop().await;
}

async fn who_comes_too_late_sees_what_was_done(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Website")).await;
    let one = format!("{page}/components/{}", made["id"].as_str().unwrap());
    let seen = caller.request("GET", &one).send().await.unwrap();
    let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let rename = |name: &str| {
        caller
            .request("PATCH", &one)
            .header("if-match", &tag)
            .header("content-type", "application/json")
            .body(component(name).to_string())
    };
    assert_eq!(rename("Shop").send().await.unwrap().status(), 200);
    let late = rename("Store").send().await.unwrap();
    assert_eq!(
        (late.status().as_u16(), late.headers()["content-type"].to_str().unwrap()),
        (412, "application/problem+json")
    );
    let late = read(late).await;
    assert_eq!(
        (&late["current"]["name"], &late["changes"][0]["action"]),
        (&json!("Shop"), &json!("component.update"))
    );
    assert_eq!(late["changes"][0]["after"]["name"], "Shop");
    let page_tag =
        caller.request("GET", &page).send().await.unwrap().headers()["etag"].to_str().unwrap().to_owned();
    let name = |text: &str| json!({ "page": { "name": text } }).to_string();
    for (status, text) in [(200, "Acme Status"), (412, "Another")] {
        let request = caller.request("PATCH", &page).header("if-match", &page_tag);
        let answer =
            request.header("content-type", "application/json").body(name(text)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{text}");
    }
    assert_eq!(caller.get(&page).await["name"], "Acme Status");
    server.stop().await;
}

async fn a_dry_run_changes_nothing(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/components?dry_run=true");
    let told = caller.expect(200, "POST", &path, component("Website")).await;
    assert_eq!(
        (&told["dry_run"], &told["result"]["name"], &told["notifies"]["subscribers"]),
        (&json!(true), &json!("Website"), &json!(0))
    );
    assert_eq!(caller.get(&format!("{page}/components")).await, json!([]));
    let id = page.rsplit('/').next().unwrap();
    let add = |name: &str, confirmed: &str| {
        format!(
            "INSERT INTO subscribers (id, page_id, channel, address, confirmed_at, created_at, updated_at) VALUES ('{name}', '{id}', 'email', '{name}@example.test', {confirmed}, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')"
        )
    };
    let raw = database.raw().await;
    for sql in [add("ada", "'2026-01-01T00:00:00+00:00'"), add("bob", "NULL")] {
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &sql).await.unwrap();
    }
    let body = json!({ "incident": { "name": "Slow", "body": "We look." } });
    let told = caller.expect(200, "POST", &format!("{page}/incidents?dry_run=true"), body.clone()).await;
    assert_eq!(told["notifies"]["subscribers"], 1, "only who is confirmed");
    let mut silent = body;
    silent["incident"]["deliver_notifications"] = json!(false);
    let told = caller.expect(200, "POST", &format!("{page}/incidents?dry_run=true"), silent).await;
    assert_eq!(told["notifies"]["subscribers"], 0);
    assert_eq!(number(&database, "SELECT count(*) FROM incidents").await, 0);
    server.stop().await;
}

async fn a_key_makes_a_call_once(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let post = |key: &'static str, name: &str| {
        let request = caller.request("POST", &format!("{page}/components")).header("idempotency-key", key);
        request.header("content-type", "application/json").body(component(name).to_string()).send()
    };
    let first = post("k-1", "Website").await.unwrap();
    assert_eq!(first.status(), 201);
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let first = read(first).await;
    let again = post("k-1", "Website").await.unwrap();
    assert_eq!(
        (again.status().as_u16(), again.headers()["idempotent-replayed"].to_str().unwrap()),
        (201, "true")
    );
    assert_eq!(read(again).await, first);
    assert_eq!(post("k-1", "Shop").await.unwrap().status(), 422, "another body");
    assert_eq!(caller.get(&format!("{page}/components")).await.as_array().unwrap().len(), 1);
    // At once, only one of them does it.
    let all = futures_util::future::join_all((0..8).map(|_| post("k-2", "Shop"))).await;
    let statuses: Vec<u16> =
        all.into_iter().map(|answer: Result<Response, _>| answer.unwrap().status().as_u16()).collect();
    assert!(
        statuses.iter().all(|status| [201, 409].contains(status)) && statuses.contains(&201),
        "{statuses:?}"
    );
    assert_eq!(caller.get(&format!("{page}/components")).await.as_array().unwrap().len(), 2);
    let raw = database.raw().await;
    let run_out = "UPDATE idempotency_keys SET status = NULL, answer = NULL";
    sea_orm::ConnectionTrait::execute_unprepared(&raw, run_out).await.unwrap();
    let leased = "UPDATE idempotency_keys SET leased_until = '2126-01-01T00:00:00+00:00'";
    sea_orm::ConnectionTrait::execute_unprepared(&raw, leased).await.unwrap();
    let running = post("k-1", "Website").await.unwrap();
    assert_eq!((running.status().as_u16(), running.headers().contains_key("retry-after")), (409, true));
    server.stop().await;
}

async fn who_hangs_up_leaves_no_call_half_done(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let post = |key: &str, patience: Duration| {
        let request = caller.request("POST", &format!("{page}/components")).header("idempotency-key", key);
        let request = request.header("content-type", "application/json").timeout(patience);
        request.body(component(key).to_string()).send()
    };
    // Each hangs up a little later than the last one, before, within and after the commit.
    for number in 1..=30 {
        let key = format!("hung up {number}");
        let _ = post(&key, Duration::from_millis(number)).await;
        let done = async {
            loop {
                match post(&key, Duration::from_secs(30)).await.unwrap().status().as_u16() {
                    409 => tokio::time::sleep(Duration::from_millis(20)).await,
                    status => break status,
                }
            }
        };
        let status = tokio::time::timeout(Duration::from_secs(30), done).await;
        assert_eq!(status.expect("its first call comes to an end"), 201, "{key}");
    }
    let made = caller.get(&format!("{page}/components")).await;
    assert_eq!(made.as_array().unwrap().len(), 30, "each once");
    server.stop().await;
}

async fn many_writers_lose_nothing(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Website")).await;
    let one = format!("{page}/components/{}", made["id"].as_str().unwrap());
    let before = number(&database, "SELECT revision FROM pages").await;
    let posts = (0..50).map(|n| {
        let body = json!({ "incident": { "name": format!("Incident {n}"), "body": "Looking." } });
        let (caller, page) = (caller.clone(), page.clone());
        async move { caller.expect(201, "POST", &format!("{page}/incidents"), body).await }
    });
    futures_util::future::join_all(posts).await;
    assert_eq!(number(&database, "SELECT revision FROM pages").await, before + 50, "no gap");
    assert_eq!(number(&database, "SELECT count(*) FROM incidents").await, 50);
    let tag =
        caller.request("GET", &one).send().await.unwrap().headers()["etag"].to_str().unwrap().to_owned();
    let renames = (0..10).map(|n| {
        let request = caller.request("PATCH", &one).header("if-match", &tag);
        request
            .header("content-type", "application/json")
            .body(component(&format!("Name {n}")).to_string())
            .send()
    });
    let statuses: Vec<u16> = futures_util::future::join_all(renames)
        .await
        .into_iter()
        .map(|answer| answer.unwrap().status().as_u16())
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 9, "{statuses:?}");
    let shown = server.app.site.get(&page.rsplit('/').next().unwrap().parse().unwrap()).unwrap();
    assert_eq!(shown.state.version.revision, before + 51, "the last one is shown");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_is_allowed() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/components");
    let body = json!({ "component": { "name": "x".repeat(256), "status": "broken", "showcase": "perhaps", "position": 0 } });
    let refused = caller.expect(422, "POST", &path, body).await;
    let fields: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap()).collect();
    for field in ["component.name", "component.status", "component.showcase", "component.position"] {
        assert!(fields.contains(&field), "{field} in {refused}");
    }
    let text = refused.to_string();
    assert!(
        text.contains("at most 255 characters") && text.contains("major_outage") && !text.contains("xxxx"),
        "{text}"
    );
    assert_eq!((&refused["status"], &refused["title"]), (&json!(422), &json!("Unprocessable Entity")));
    assert!(refused["error"].is_array() && refused["message"].is_string());
    for (status, body) in [
        (422, json!({})),
        (422, json!({ "component": {} })),
        (422, json!({ "component": 5 })),
        (422, json!({ "component": { "name": " " } })),
        (422, json!({ "component": { "name": "a\nb" } })),
    ] {
        caller.expect(status, "POST", &path, body).await;
    }
    for (status, kind, body) in
        [(400, "application/json", "{"), (400, "application/json", "[]"), (415, "text/xml", "<a/>")]
    {
        let answer =
            caller.request("POST", &path).header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
    }
    let large =
        caller.request("POST", &path).header("content-type", "application/json").body("x".repeat(1_100_000));
    assert_eq!(large.send().await.unwrap().status(), 413);
    for query in ["per_page=101", "per_page=x", "page=0", "include=all"] {
        let refused = caller.expect(400, "GET", &format!("{path}?{query}"), Value::Null).await;
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains("allowed"), "{refused}");
    }
    let answer = caller
        .send("POST", &path, json!({ "component": { "name": "Shop", "colour": "red" }, "more": 1 }))
        .await;
    assert_eq!(answer.status(), 201);
    let warning = answer.headers()["warning"].to_str().unwrap().to_owned();
    assert!(warning.contains("component.colour") && warning.contains("more"), "{warning}");
    assert_eq!(caller.request("TRACE", &path).send().await.unwrap().status(), 405);
    caller.expect(404, "GET", "/v1/nothing", Value::Null).await;
    server.stop().await;
}

#[tokio::test]
async fn forms_are_read_like_json() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let post = |path: &str, body: &'static str| {
        let request =
            caller.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send()
    };
    let made = post(
        &format!("/api{page}/components.json"),
        "component[name]=My+Shop&component[showcase]=false&component%5Bposition%5D=7",
    )
    .await
    .unwrap();
    assert_eq!(made.status(), 201);
    let made = read(made).await;
    assert_eq!(
        (&made["name"], &made["showcase"], &made["position"]),
        (&json!("My Shop"), &json!(false), &json!(7))
    );
    let id = made["id"].as_str().unwrap();
    let group = format!("component_group[name]=All&component_group[components][]={id}");
    let answer = caller
        .request("POST", &format!("{page}/component-groups"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(group)
        .send()
        .await
        .unwrap();
    assert_eq!(read(answer).await["components"], json!([id]));
    let incident = format!(
        "incident[name]=Slow&incident[status]=identified&incident[body]=Found+it.&incident[components][{id}]=partial_outage&incident[metadata][jira][issue_id]=7"
    );
    let answer = caller
        .request("POST", &format!("{page}/incidents"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(incident)
        .send()
        .await
        .unwrap();
    let opened = read(answer).await;
    assert_eq!(
        (&opened["impact"], &opened["metadata"]["jira"]["issue_id"]),
        (&json!("major"), &json!("7")),
        "{opened}"
    );
    let listed = caller.get(&format!("/api{page}/components/{id}.json")).await;
    assert_eq!(listed["status"], "partial_outage");
    server.stop().await;
}
