//! The management API: what a token opens, what it may grant, and how often it may be used.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pharos::{
    domain::token::Scopes,
    store::{Actor, NewToken, Secret, Store},
};
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, Server, clock, noon, number, on_both, read, token},
};

on_both!(
    tokens_grant_only_what_they_hold,
    tokens_stay_where_they_may_be_used_from,
    tokens_end_with_their_maker
);

async fn tokens_grant_only_what_they_hold(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::with(&server, "read,tokens:write").await;
    let make = |scopes: Value| json!({ "token": { "name": "Robot", "scopes": scopes } });
    let refused = caller.expect(422, "POST", "/v1/tokens", make(json!(["read", "page:write"]))).await;
    assert!(refused["error"][0].as_str().unwrap().contains("page:write"), "{refused}");
    let made = caller.expect(201, "POST", "/v1/tokens", make(json!(["read"]))).await;
    let secret = made["token"].as_str().unwrap().to_owned();
    assert!(secret.starts_with(made["prefix"].as_str().unwrap()) && secret.len() == 48, "{secret}");
    let kept = database.raw().await;
    let sql = format!("SELECT count(*) FROM api_tokens WHERE token_hash LIKE '%{}%'", &secret[20..]);
    drop(kept);
    assert_eq!(number(&database, &sql).await, 0, "only its hash is kept");
    let robot = Caller { token: secret, ..caller.clone() };
    robot.get(&format!("{page}/components")).await;
    let more = Caller::with(&server, "read,page:write").await;
    let more = more.get("/v1/tokens/current").await;
    let refused = caller
        .expect(403, "DELETE", &format!("/v1/tokens/{}", more["id"].as_str().unwrap()), Value::Null)
        .await;
    assert!(refused["message"].as_str().unwrap().contains("page:write"), "nor takes it away: {refused}");
    let denied = robot.expect(403, "POST", &format!("{page}/components"), component("X")).await;
    assert!(denied["message"].as_str().unwrap().contains("components:write"), "{denied}");
    caller.expect(200, "DELETE", &format!("/v1/tokens/{}", made["id"].as_str().unwrap()), Value::Null).await;
    robot.expect(401, "GET", &format!("{page}/components"), Value::Null).await;
    let again = caller
        .request("POST", "/v1/tokens")
        .header("idempotency-key", "t")
        .header("content-type", "application/json");
    let again = again.body(make(json!(["read"])).to_string());
    let first = read(again.try_clone().unwrap().send().await.unwrap()).await;
    let second = read(again.send().await.unwrap()).await;
    assert_eq!((&second["id"], second.get("token")), (&first["id"], None), "it is seen once");
    server.stop().await;
}

/// A token for these networks, or for any.
async fn token_from(store: &Store, allowed: &[&str], expires_at: Option<DateTime<Utc>>) -> String {
    let secret = Secret::random();
    let new = NewToken {
        name: "Robot".into(),
        prefix: secret.prefix,
        hash: secret.hash,
        scopes: Scopes::all(),
        page_id: None,
        user_id: None,
        allowed_addresses: allowed.iter().map(ToString::to_string).collect(),
        expires_at,
    };
    store.record().create_token(new, &Actor::CommandLine).await.unwrap();
    secret.text
}

async fn tokens_stay_where_they_may_be_used_from(database: Database) {
    let (server, page) = empty(&database).await;
    let store = &server.app.store;
    let elsewhere = Caller { server: &server, token: token_from(store, &["192.0.2.0/24"], None).await };
    let refused = elsewhere.expect(403, "GET", &page, Value::Null).await;
    assert!(refused["message"].as_str().unwrap().contains("127.0.0.1"), "{refused}");
    let own = ["127.0.0.0/8", "2001:db8::/32"];
    let here = Caller { server: &server, token: token_from(store, &own, None).await };
    here.get(&page).await;
    let make = |addresses: Value| json!({ "token": { "name": "Child", "scopes": ["read"], "allowed_addresses": addresses } });
    for all in [json!(null), json!([])] {
        let child = here.expect(201, "POST", "/v1/tokens", make(all)).await;
        assert_eq!(child["allowed_addresses"], json!(own), "its maker's");
    }
    for within in [json!(["127.0.0.1"]), json!(["2001:db8:1::/48", "127.0.0.0/8"])] {
        here.expect(201, "POST", "/v1/tokens", make(within)).await;
    }
    for beyond in [json!(["0.0.0.0/0"]), json!(["127.0.0.1", "192.0.2.1"]), json!(["::/0"])] {
        let refused = here.expect(422, "POST", "/v1/tokens", make(beyond)).await;
        assert_eq!(refused["errors"][0]["field"], "token.allowed_addresses", "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("2001:db8::/32"), "{refused}");
    }
    let anywhere = Caller::new(&server).await;
    let free = anywhere.expect(201, "POST", "/v1/tokens", make(json!(["192.0.2.7"]))).await;
    assert_eq!(free["allowed_addresses"], json!(["192.0.2.7/32"]));
    server.stop().await;
}

async fn tokens_end_with_their_maker(database: Database) {
    let (server, page) = empty(&database).await;
    let end = noon() + TimeDelta::hours(1);
    let maker = Caller { server: &server, token: token_from(&server.app.store, &[], Some(end)).await };
    let make = |end: Value| json!({ "token": { "name": "Child", "scopes": ["read"], "expires_at": end } });
    let refused = maker.expect(422, "POST", "/v1/tokens", make(json!("2099-01-01T00:00:00Z"))).await;
    assert_eq!(refused["errors"][0]["field"], "token.expires_at", "{refused}");
    let child = maker.expect(201, "POST", "/v1/tokens", make(Value::Null)).await;
    assert_eq!(child["expires_at"], "2026-11-22T13:00:00.000Z");
    let child = Caller { server: &server, token: child["token"].as_str().unwrap().to_owned() };
    server.app.clock.advance(Duration::from_secs(3_599));
    child.get(&page).await;
    server.app.clock.advance(Duration::from_secs(1));
    // What was looked up is believed for a few seconds, unless there are news of tokens.
    server.app.announce_tokens().await;
    for ended in [&maker, &child] {
        ended.expect(401, "GET", &page, Value::Null).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn who_is_refused_hears_which_scope_is_needed() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let nobody = Caller { server: &server, token: "x".into() };
    for (method, path, needed) in [
        ("GET", page.clone(), "needs the scope read"),
        ("POST", format!("{page}/components"), "needs the scope components:write"),
        ("POST", format!("{page}/incidents"), "needs the scope incidents:write or maintenances:write"),
        ("GET", "/v1/tokens/current".to_owned(), "needs no scope"),
    ] {
        let refused = nobody.expect(401, method, &path, Value::Null).await;
        assert!(refused["message"].as_str().unwrap().contains(needed), "{refused}");
        let without = server.request(method.parse().unwrap(), &path).send().await.unwrap();
        assert!(read(without).await["error"].as_str().unwrap().contains(needed));
    }
    server.stop().await;
}

#[tokio::test]
async fn who_guesses_shuts_nobody_out() {
    let database = Database::sqlite().await;
    let clock = clock();
    let store = database.store(&clock).await;
    store.ensure_page("Acme").await.unwrap();
    let options = pharos::web::ApiOptions { calls_per_minute: 5, ..Default::default() };
    let server = Server::start_with(store, &clock, options).await;
    let caller = Caller::with(&server, "read").await;
    let nobody = Caller { server: &server, token: "x".into() };
    for _ in 0..20 {
        nobody.expect(401, "GET", "/v1/pages", Value::Null).await;
    }
    let answer = nobody.request("GET", "/v1/pages").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["ratelimit-limit"].to_str().unwrap()),
        (429, "20")
    );
    for _ in 0..5 {
        caller.get("/v1/pages").await;
    }
    caller.expect(429, "GET", "/v1/pages", Value::Null).await;
    clock.advance(Duration::from_secs(60));
    nobody.expect(401, "GET", "/v1/pages", Value::Null).await;
    server.stop().await;
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let make = || {
        let request = caller.request("POST", &format!("{page}/components"));
        let request = request.header("idempotency-key", "k").header("content-type", "application/json");
        async move { read(request.body(component("Website").to_string()).send().await.unwrap()).await }
    };
    let first = make().await;
    server.app.clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(make().await["id"], first["id"]);
    server.app.clock.advance(Duration::from_secs(1));
    assert_ne!(make().await["id"], first["id"]);
    server.stop().await;
}

#[tokio::test]
async fn a_token_comes_in_three_ways_and_in_no_other() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let key = token(&server.app.store, "read", None).await;
    for header in [format!("OAuth {key}"), format!("Bearer {key}"), format!("bearer  {key}")] {
        let answer = server
            .request(reqwest::Method::GET, &page)
            .header("authorization", &header)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{header}");
    }
    let wrong = key.replace(&key[20..21], if &key[20..21] == "a" { "b" } else { "a" });
    for header in [
        format!("Basic {key}"),
        key.clone(),
        format!("Bearer {wrong}"),
        "Bearer x".to_owned(),
        "Bearer é".to_owned(),
    ] {
        let answer = server
            .request(reqwest::Method::GET, &page)
            .header("authorization", &header)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers().contains_key("www-authenticate")),
            (401, true),
            "{header}"
        );
    }
    let in_query = server.get(&format!("{page}?api_key={key}")).await;
    assert_eq!(in_query.status(), 401, "only where a setting allows it");
    server.stop().await;
}

#[tokio::test]
async fn a_token_of_one_page_finds_no_other() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let mut pages = vec![];
    for name in ["One", "Two"] {
        let page = pharos::store::NewPage {
            host: Some(format!("{name}.test").to_lowercase()),
            ..pharos::store::NewPage::named(name)
        };
        pages.push(page.id.clone());
        store.change_new_page(page, pharos::store::Actor::System).await.unwrap().commit().await.unwrap();
    }
    let key = token(&store, "all", Some(&pages[0])).await;
    let server = Server::start(store, &clock()).await;
    let caller = Caller { server: &server, token: key };
    let listed = caller.get("/v1/pages").await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let (own, other) = (format!("/v1/pages/{}", pages[0]), format!("/v1/pages/{}", pages[1]));
    caller.get(&own).await;
    caller.expect(404, "GET", &other, Value::Null).await;
    let all = Caller::new(&server).await;
    let foreign = all.expect(201, "POST", &format!("{other}/components"), component("Theirs")).await;
    let foreign = foreign["id"].as_str().unwrap();
    caller.expect(404, "GET", &format!("{own}/components/{foreign}"), Value::Null).await;
    let bodies = [
        (
            "POST",
            format!("{own}/incidents"),
            json!({ "incident": { "name": "X", "component_ids": [foreign] } }),
        ),
        (
            "POST",
            format!("{own}/incidents"),
            json!({ "incident": { "name": "X", "components": { foreign: "major_outage" } } }),
        ),
        (
            "POST",
            format!("{own}/component-groups"),
            json!({ "component_group": { "name": "X", "components": [foreign] } }),
        ),
        ("POST", format!("{own}/components/status"), json!({ "components": { foreign: "major_outage" } })),
        (
            "POST",
            format!("{own}/incident_templates"),
            json!({ "template": { "name": "X", "body": "Y", "component_ids": [foreign] } }),
        ),
    ];
    for (method, path, body) in bodies {
        all.expect(404, method, &path, body).await;
    }
    let token_of_other = json!({ "token": { "name": "X", "scopes": ["read"], "page_id": pages[1] } });
    caller.expect(404, "POST", "/v1/tokens", token_of_other).await;
    server.stop().await;
}

#[tokio::test]
async fn a_runaway_script_is_told_to_wait() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::with(&server, "read").await;
    let mut last = caller.request("GET", &page).send().await.unwrap();
    assert_eq!(
        (
            last.headers()["ratelimit-limit"].to_str().unwrap(),
            last.headers()["ratelimit-remaining"].to_str().unwrap()
        ),
        ("600", "599")
    );
    for _ in 0..600 {
        last = caller.request("GET", &page).send().await.unwrap();
    }
    assert_eq!((last.status().as_u16(), last.headers().contains_key("retry-after")), (429, true));
    assert_eq!(last.headers()["ratelimit-remaining"], "0");
    let other = Caller::with(&server, "read").await;
    other.get(&page).await;
    server.app.clock.advance(std::time::Duration::from_secs(60));
    caller.get(&page).await;
    server.stop().await;
}
