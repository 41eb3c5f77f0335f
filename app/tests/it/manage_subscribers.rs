//! The management API: who is told of news.

use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, Server, number, on_both},
};

on_both!(
    somebody_subscribes_and_is_asked,
    what_can_t_be_told_is_refused,
    lists_are_sorted_and_counted,
    several_are_handled_at_once,
    one_incident_has_subscribers_of_its_own,
    nothing_of_them_makes_a_revision,
);

fn subscriber(fields: Value) -> Value {
    json!({ "subscriber": fields })
}

fn silent(email: &str) -> Value {
    subscriber(json!({ "email": email, "skip_confirmation_notification": true }))
}

async fn asked(database: &Database) -> i64 {
    let sql =
        "SELECT count(*) FROM notifications WHERE event = 'subscriber_confirmation' AND state = 'pending'";
    number(database, sql).await
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

/// What a list holds, by its addresses.
fn addresses(list: &Value) -> Vec<&str> {
    let address = |one: &'_ Value| one["endpoint"].as_str().is_some();
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| if address(one) { &one["endpoint"] } else { &one["email"] })
        .map(|one| one.as_str().unwrap())
        .collect()
}

async fn somebody_subscribes_and_is_asked(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/subscribers");
    let shop = caller.expect(201, "POST", &format!("{page}/components"), component("Shop")).await;
    let new = subscriber(json!({ "email": "Ada@Example.com", "component_ids": [id(&shop)] }));
    let dry = caller.expect(200, "POST", &format!("{path}?dry_run=true"), new.clone()).await;
    assert_eq!(
        (&dry["result"]["email"], &dry["notifies"]["subscribers"]),
        (&json!("ada@example.com"), &json!(1))
    );
    assert_eq!(number(&database, "SELECT count(*) FROM subscribers").await, 0);
    let made = caller.expect(201, "POST", &path, new.clone()).await;
    assert_eq!(
        (&made["email"], &made["mode"], &made["state"], &made["components"]),
        (&json!("ada@example.com"), &json!("email"), &json!("unconfirmed"), &json!([shop["id"]]))
    );
    assert_eq!(asked(&database).await, 1, "a mail waits to be delivered");
    let again = caller.expect(422, "POST", &path, new).await;
    assert_eq!(again["errors"][0]["field"], "subscriber.email", "{again}");
    let one = format!("{path}/{}", id(&made));
    caller.expect(201, "POST", &format!("{one}/resend_confirmation"), Value::Null).await;
    assert_eq!(asked(&database).await, 2);
    let all = caller.expect(200, "PATCH", &one, json!({})).await;
    assert_eq!(all["components"], json!([]), "all of them");
    caller.expect(404, "PATCH", &one, json!({ "component_ids": ["nothere00000"] })).await;
    caller.expect(422, "PATCH", &one, json!({ "component_ids": [] })).await;
    let chosen = caller.expect(200, "PATCH", &one, json!({ "component_ids": [id(&shop), id(&shop)] })).await;
    assert_eq!(chosen["components"], json!([shop["id"]]));
    assert_eq!(caller.get(&one).await, chosen);
    let gone = caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(gone["id"], made["id"]);
    for (method, path) in
        [("GET", one.clone()), ("DELETE", one.clone()), ("POST", format!("{one}/resend_confirmation"))]
    {
        caller.expect(404, method, &path, Value::Null).await;
    }
    let left = caller.get(&format!("{path}/unsubscribed")).await;
    assert_eq!((&left[0]["id"], left[0]["unsubscribed_at"].is_string()), (&made["id"], true));
    let back = caller.expect(201, "POST", &path, silent("ada@example.com")).await;
    assert_eq!(
        (&back["id"], &back["state"], &back["components"], &back["skip_confirmation_notification"]),
        (&made["id"], &json!("active"), &json!([]), &json!(true))
    );
    assert_eq!(asked(&database).await, 2, "who is not asked gets no mail");
    caller.expect(422, "POST", &format!("{one}/resend_confirmation"), Value::Null).await;
    server.stop().await;
}

async fn what_can_t_be_told_is_refused(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/subscribers");
    for (fields, field, says) in [
        (json!({}), "subscriber.email", "is needed"),
        (json!({ "email": "ada" }), "subscriber.email", "ada@example.com"),
        (json!({ "email": "a@b.example\r\nBcc: c@d.example" }), "subscriber.email", "ada@example.com"),
        (json!({ "endpoint": "gopher://example.com" }), "subscriber.endpoint", "http or https"),
        (json!({ "endpoint": "https://hooks.slack.com/services/T/B/x" }), "subscriber.endpoint", "Slack"),
        (json!({ "endpoint": "https://example.com/", "email": "?" }), "subscriber.email", "ada@example.com"),
        (
            json!({ "phone_number": "555-0100", "phone_country": "US" }),
            "subscriber.phone_number",
            "not offered",
        ),
        (
            json!({ "email": "a@b.example", "page_access_user": "x" }),
            "subscriber.page_access_user",
            "no page access",
        ),
        (json!({ "email": "a@b.example", "component_ids": [] }), "subscriber.component_ids", "at least 1"),
        (
            json!({ "email": "a@b.example", "component_ids": ["-"] }),
            "subscriber.component_ids.0",
            "an id has",
        ),
    ] {
        let refused = caller.expect(422, "POST", &path, subscriber(fields)).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains(says), "{refused}");
    }
    let foreign = json!({ "email": "a@b.example", "component_ids": ["nothere00000"] });
    caller.expect(404, "POST", &path, subscriber(foreign)).await;
    assert_eq!(number(&database, "SELECT count(*) FROM subscribers").await, 0);
    assert_eq!(asked(&database).await, 0);
    server.stop().await;
}

async fn crowd(caller: &Caller<'_>, server: &Server, database: &Database, path: &str) {
    for email in ["carol@example.com", "ada@example.com", "bob@other.example"] {
        server.app.clock.advance(std::time::Duration::from_secs(60));
        caller.expect(201, "POST", path, silent(email)).await;
    }
    caller.expect(201, "POST", path, subscriber(json!({ "email": "dan@example.com" }))).await;
    let hook = json!({ "endpoint": "https://example.com/Hook", "email": "ops@example.com" });
    let hook = caller.expect(201, "POST", path, subscriber(hook)).await;
    assert_eq!((&hook["state"], &hook["email"]), (&json!("active"), &json!("ops@example.com")));
    let lost = "UPDATE subscribers SET quarantined_at = '2026-11-22T12:00:00+00:00' WHERE address = 'bob@other.example'";
    sea_orm::ConnectionTrait::execute_unprepared(&database.raw().await, lost).await.unwrap();
}

async fn lists_are_sorted_and_counted(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/subscribers");
    crowd(&caller, &server, &database, &path).await;
    let (ada, bob, carol, dan, hook) = (
        "ada@example.com",
        "bob@other.example",
        "carol@example.com",
        "dan@example.com",
        "https://example.com/Hook",
    );
    for (query, wanted) in [
        ("", vec![ada, carol, hook]),
        ("?state=all", vec![ada, bob, carol, dan, hook]),
        ("?state=unconfirmed", vec![dan]),
        ("?state=quarantined", vec![bob]),
        ("?type=webhook", vec![hook]),
        ("?type=sms&state=all", vec![]),
        ("?q=EXAMPLE.COM%2Fhook", vec![hook]),
        ("?q=%25", vec![]),
        ("?state=all&limit=2&page=1", vec![carol, dan]),
        ("?state=all&limit=2&page=0", vec![ada, bob]),
        ("?sort_direction=desc", vec![hook, carol, ada]),
        ("?type=email&sort_field=created_at", vec![carol, ada]),
        ("?state=all&sort_field=quarantined_at&limit=1", vec![bob]),
        ("?state=all&q=c&sort_field=relevance&limit=1", vec![carol]),
    ] {
        let list = caller.get(&format!("{path}{query}")).await;
        assert_eq!(addresses(&list), wanted, "{query}");
    }
    for query in
        ["?sort_field=relevance", "?limit=101", "?state=gone", "?type=email,sms", "?sort_direction=up"]
    {
        let refused = caller.expect(400, "GET", &format!("{path}{query}"), Value::Null).await;
        assert!(refused["message"].as_str().unwrap().contains("allowed"), "{query}: {refused}");
    }
    let counts = caller.get(&format!("{path}/count")).await;
    assert_eq!(
        counts,
        json!({ "email": 2, "sms": 0, "webhook": 1, "integration_partner": 0, "slack": 0, "teams": 0 })
    );
    let only = caller.get(&format!("{path}/count?type=email&state=all")).await;
    assert_eq!((&only["email"], &only["webhook"]), (&json!(4), &json!(0)));
    let histogram = caller.get(&format!("{path}/histogram_by_state")).await;
    assert_eq!(histogram["email"], json!({ "active": 2, "unconfirmed": 1, "quarantined": 1, "total": 4 }));
    assert_eq!(histogram["slack"]["total"], 0);
    server.stop().await;
}

async fn several_are_handled_at_once(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/subscribers");
    crowd(&caller, &server, &database, &path).await;
    let post = async |status: u16, what: &str, body: Value| {
        caller.expect(status, "POST", &format!("{path}/{what}"), body).await["subscribers"].clone()
    };
    let all = caller.get(&format!("{path}?state=all")).await;
    let ids: Vec<&str> = all.as_array().unwrap().iter().map(id).collect();
    post(404, "unsubscribe", json!({ "subscribers": ["nothere00000"] })).await;
    post(422, "unsubscribe", json!({ "subscribers": vec![ids[0]; 101] })).await;
    post(422, "unsubscribe", json!({ "subscribers": "all", "type": "pigeon" })).await;
    post(422, "unsubscribe", json!({})).await;
    assert_eq!(post(201, "resend_confirmation", json!({ "subscribers": "all" })).await, 1, "only dan");
    assert_eq!(asked(&database).await, 2);
    assert_eq!(post(201, "reactivate", json!({ "subscribers": ids })).await, 1, "only bob");
    assert_eq!(addresses(&caller.get(&path).await).len(), 4);
    let one = json!({ "subscribers": [ids[0]], "state": "unconfirmed" });
    assert_eq!(post(201, "unsubscribe", one).await, 0, "ada is confirmed");
    assert_eq!(post(201, "unsubscribe", json!({ "subscribers": ids[0] })).await, 1);
    assert_eq!(post(201, "unsubscribe", json!({ "subscribers": "all", "type": "webhook" })).await, 1);
    assert_eq!(addresses(&caller.get(&format!("{path}?state=all")).await).len(), 3);
    assert_eq!(post(201, "unsubscribe", json!({ "subscribers": "all", "state": "all" })).await, 3);
    assert_eq!(caller.get(&format!("{path}/unsubscribed")).await.as_array().unwrap().len(), 5);
    let page = page.rsplit('/').next().unwrap();
    let many: Vec<String> = (0..101)
        .map(|n| format!("('s{n}', '{page}', 'email', '{n}@example.com', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')"))
        .collect();
    let sql = format!(
        "INSERT INTO subscribers (id, page_id, channel, address, confirmed_at, created_at, updated_at) VALUES {}",
        many.join(", ")
    );
    sea_orm::ConnectionTrait::execute_unprepared(&database.raw().await, &sql).await.unwrap();
    post(422, "unsubscribe", json!({ "subscribers": "all" })).await;
    assert_eq!(caller.get(&format!("{path}/count")).await["email"], 101, "all or nothing");
    server.stop().await;
}

async fn one_incident_has_subscribers_of_its_own(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let incident = json!({ "incident": { "name": "Slow", "body": "We look." } });
    let incident = caller.expect(201, "POST", &format!("{page}/incidents"), incident).await;
    let path = format!("{page}/incidents/{}/subscribers", id(&incident));
    let made = caller.expect(201, "POST", &path, subscriber(json!({ "email": "ada@example.com" }))).await;
    assert_eq!((&made["state"], asked(&database).await), (&json!("unconfirmed"), 1));
    caller.expect(422, "POST", &path, silent("ada@example.com")).await;
    caller.expect(201, "POST", &path, silent("bob@example.com")).await;
    assert_eq!(addresses(&caller.get(&path).await), ["ada@example.com", "bob@example.com"]);
    assert_eq!(caller.get(&format!("{page}/subscribers?state=all")).await, json!([]), "not of the page");
    let one = format!("{path}/{}", id(&made));
    caller.expect(201, "POST", &format!("{one}/resend_confirmation"), Value::Null).await;
    assert_eq!((asked(&database).await, &caller.get(&one).await["id"]), (2, &made["id"]));
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({})), ("DELETE", Value::Null)] {
        caller.expect(404, method, &format!("{page}/subscribers/{}", id(&made)), body).await;
    }
    let update = json!({ "incident": { "body": "Still looking." } });
    let patch = format!("{page}/incidents/{}?dry_run=true", id(&incident));
    let told = caller.expect(200, "PATCH", &patch, update).await;
    assert_eq!(told["notifies"]["subscribers"], 1, "only who is confirmed");
    let of_page = caller.expect(201, "POST", &format!("{page}/subscribers"), silent("ada@example.com")).await;
    assert_eq!((&of_page["id"], &of_page["state"]), (&made["id"], &json!("active")));
    caller.expect(200, "DELETE", &one, Value::Null).await;
    caller.expect(404, "GET", &one, Value::Null).await;
    assert_eq!(
        addresses(&caller.get(&format!("{page}/subscribers")).await),
        ["ada@example.com"],
        "stays there"
    );
    let bob = caller.get(&path).await[0].clone();
    caller.expect(200, "DELETE", &format!("{path}/{}", id(&bob)), Value::Null).await;
    let left = caller.get(&format!("{page}/subscribers/unsubscribed")).await;
    assert_eq!(addresses(&left), ["bob@example.com"], "wanted nothing else");
    // What somebody chose of the page once is forgotten when they come back for an incident alone.
    let shop = caller.expect(201, "POST", &format!("{page}/components"), component("Shop")).await;
    let chose = json!({ "email": "dan@example.com", "skip_confirmation_notification": true, "component_ids": [id(&shop)] });
    let dan = caller.expect(201, "POST", &format!("{page}/subscribers"), subscriber(chose)).await;
    caller.expect(200, "DELETE", &format!("{page}/subscribers/{}", id(&dan)), Value::Null).await;
    let back = caller.expect(201, "POST", &path, silent("dan@example.com")).await;
    assert_eq!((&back["id"], &back["components"]), (&dan["id"], &json!([])));
    let down = json!({ "component": { "status": "major_outage" } });
    let status = format!("{page}/components/{}?dry_run=true", id(&shop));
    let told = caller.expect(200, "PATCH", &status, down).await;
    assert_eq!(told["notifies"]["subscribers"], 1, "ada alone, who wants all of the page");
    let component = json!({ "email": "c@example.com", "component_ids": ["nothere00000"] });
    caller.expect(422, "POST", &path, subscriber(component)).await;
    let nowhere = format!("{page}/incidents/nothere00000/subscribers");
    caller.expect(404, "POST", &nowhere, silent("ada@example.com")).await;
    caller.expect(404, "GET", &nowhere, Value::Null).await;
    server.stop().await;
}

async fn nothing_of_them_makes_a_revision(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/subscribers");
    let revision = number(&database, "SELECT revision FROM pages").await;
    let made = caller.expect(201, "POST", &path, silent("ada.lovelace@example.com")).await;
    let one = format!("{path}/{}", id(&made));
    let late = caller.request("DELETE", &one).header("if-match", "\"7\"").send().await.unwrap();
    assert_eq!(late.status(), 412);
    caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision);
    let provisional = "SELECT count(*) FROM pages WHERE provisional";
    assert_eq!(number(&database, provisional).await, 0, "a page with subscribers gives way to no other");
    let events = caller.get(&format!("{page}/audit-events?target_kind=subscriber")).await;
    let actions: Vec<&str> =
        events.as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["subscriber.delete", "subscriber.create"]);
    let text = events.to_string();
    assert!(text.contains("a…@example.com") && !text.contains("lovelace"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn who_may_not_read_them_learns_no_address() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let all = Caller::new(&server).await;
    let made = all.expect(201, "POST", &format!("{page}/subscribers"), silent("ada@example.com")).await;
    let reader = Caller::with(&server, "read,incidents:write,page:write").await;
    for path in ["", "/count", "/histogram_by_state", "/unsubscribed", &format!("/{}", id(&made))] {
        let denied = reader.expect(403, "GET", &format!("{page}/subscribers{path}"), Value::Null).await;
        assert!(denied["message"].as_str().unwrap().contains("subscribers:read"), "{denied}");
    }
    let other =
        pharos::store::NewPage { host: Some("two.test".into()), ..pharos::store::NewPage::named("Two") };
    let elsewhere = format!("/v1/pages/{}/subscribers/{}", other.id, id(&made));
    server
        .app
        .store
        .change_new_page(other, pharos::store::Actor::System)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    all.expect(404, "GET", &elsewhere, Value::Null).await;
    all.expect(404, "DELETE", &elsewhere, Value::Null).await;
    all.expect(404, "PATCH", &elsewhere, json!({})).await;
    server.stop().await;
}
