//! The management API: what is refused because it can't be true or can't be kept to, and what is said
//! of it.

use reqwest::Response;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, on_both, read},
};

on_both!(
    nothing_is_told_of_times_that_can_not_be,
    what_must_not_be_empty_is_not_emptied,
    one_of_several_tags_is_enough,
    changes_are_those_of_the_object,
);

fn incident(fields: Value) -> Value {
    json!({ "incident": fields })
}

/// What must be refused with this field, and a text that says what is allowed.
async fn refused(caller: &Caller<'_>, method: &str, path: &str, body: Value, field: &str, allowed: &str) {
    let refused = caller.expect(422, method, path, body).await;
    assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    assert!(refused["message"].as_str().unwrap().contains(allowed), "{refused}");
}

async fn opened(caller: &Caller<'_>, page: &str) -> String {
    let made =
        caller.expect(201, "POST", &format!("{page}/incidents"), incident(json!({ "name": "Slow" }))).await;
    format!("{page}/incidents/{}", made["id"].as_str().unwrap())
}

async fn nothing_is_told_of_times_that_can_not_be(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let all = format!("{page}/incidents");
    let backfilled =
        |date: &str| incident(json!({ "name": "Old", "backfilled": true, "backfill_date": date }));
    for (date, allowed) in [
        ("2099-01-01", "from 1970 until now"),
        ("2026-11-22T12:05:01Z", "from 1970 until now"),
        ("0001-01-01", "1970"),
        ("1969-12-31T23:59:59Z", "1970"),
    ] {
        refused(&caller, "POST", &all, backfilled(date), "incident.backfill_date", allowed).await;
    }
    for date in ["1970-01-01", "2026-11-22", "2026-11-22T12:05:00Z"] {
        caller.expect(201, "POST", &all, backfilled(date)).await;
    }
    let one = opened(&caller, &page).await;
    let promised = |at: Value| incident(json!({ "name": "Slow", "next_update_at": at }));
    for at in ["2026-11-22T12:00:00Z", "2020-01-01T00:00:00Z"] {
        for (method, path) in [("POST", &all), ("PATCH", &one)] {
            refused(&caller, method, path, promised(json!(at)), "incident.next_update_at", "to come").await;
        }
    }
    let kept = caller.expect(200, "PATCH", &one, promised(json!("2026-11-22T12:01:00Z"))).await;
    server.app.clock.advance(std::time::Duration::from_secs(600));
    let same = caller.expect(200, "PUT", &one, promised(kept["next_update_at"].clone())).await;
    assert_eq!(same["next_update_at"], kept["next_update_at"], "who sends it back promises nothing");
    caller.expect(200, "PATCH", &one, promised(Value::Null)).await;
    let update = format!("{one}/incident_updates/{}", kept["incident_updates"][0]["id"].as_str().unwrap());
    let said_at = |at: &str| json!({ "incident_update": { "display_at": at } });
    for at in ["2090-01-01T00:00:00Z", "1969-01-01T00:00:00Z"] {
        refused(&caller, "PATCH", &update, said_at(at), "incident_update.display_at", "1970").await;
    }
    caller.expect(200, "PATCH", &update, said_at("2026-11-22T11:00:00Z")).await;
    let planned = incident(json!({ "name": "Slow", "impact_override": "maintenance" }));
    for (method, path) in [("POST", &all), ("PATCH", &one)] {
        refused(&caller, method, path, planned.clone(), "incident.impact_override", "none, minor, major")
            .await;
    }
    let disks = json!({ "name": "Disks", "impact_override": "maintenance", "scheduled_for": "2027-01-01T00:00:00Z", "scheduled_until": "2027-01-01T01:00:00Z" });
    caller.expect(201, "POST", &all, incident(disks)).await;
    server.stop().await;
}

async fn what_must_not_be_empty_is_not_emptied(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Website")).await;
    let shop = format!("{page}/components/{}", made["id"].as_str().unwrap());
    let one = opened(&caller, &page).await;
    let first = caller.get(&one).await["incident_updates"][0]["id"].as_str().unwrap().to_owned();
    let update = format!("{one}/incident_updates/{first}");
    for empty in ["", " ", "\u{202e}"] {
        for (path, kind) in [(&page, "page"), (&shop, "component"), (&one, "incident")] {
            let body = json!({ kind: { "name": empty } });
            let refused = caller.expect(422, "PATCH", path, body).await;
            assert_eq!(refused["errors"][0]["field"], format!("{kind}.name"), "{refused}");
        }
    }
    for empty in ["", " "] {
        let body = json!({ "incident_update": { "body": empty } });
        refused(&caller, "PATCH", &update, body, "incident_update.body", "must not be empty").await;
    }
    let form = caller.request("PATCH", &shop).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.body("component[name]=&component[description]=X").send().await.unwrap().status(), 422);
    // Forms send what was left empty along with a status.
    let form = caller.request("PATCH", &one).header("content-type", "application/x-www-form-urlencoded");
    let body = "incident[status]=identified&incident[body]=&incident[reminder_intervals]=";
    let told = read(form.body(body).send().await.unwrap()).await;
    let said = &told["incident_updates"][0]["body"];
    assert_eq!(said, "The issue has been identified and a fix is being implemented.", "{told}");
    refused(
        &caller,
        "PATCH",
        &page,
        json!({ "page": { "url": "http://h/path" } }),
        "page.url",
        "without a path",
    )
    .await;
    let moved = json!({ "page": { "url": "https://status.example.com/" } });
    assert_eq!(caller.expect(200, "PATCH", &page, moved).await["url"], "https://status.example.com");
    server.stop().await;
}

/// A change with entity tags.
async fn seen(caller: &Caller<'_>, method: &str, path: &str, tags: &str, body: Value) -> Response {
    let request = caller.request(method, path).header("if-match", tags);
    request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap()
}

fn tag(answer: &Response) -> String {
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

async fn one_of_several_tags_is_enough(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let made = caller.send("POST", &format!("{page}/components"), component("Website")).await;
    let (own, made) = (tag(&made), read(made).await);
    let id = made["id"].as_str().unwrap();
    let one = format!("{page}/components/{id}");
    for (tags, status) in [
        ("\"a\", \"7\"".to_owned(), 412),
        (format!("\"a\", {own}"), 200),
        (format!("\"a\", {own}"), 412),
        ("*".to_owned(), 200),
        ("\"a\" \"b\"".to_owned(), 400),
        ("a".to_owned(), 400),
    ] {
        assert_eq!(seen(&caller, "PATCH", &one, &tags, component("Shop")).await.status(), status, "{tags}");
    }
    let of_page = tag(&caller.request("GET", &page).send().await.unwrap());
    let body = json!({ "page": { "name": "Acme Status" } });
    assert_eq!(seen(&caller, "PATCH", &page, &format!("\"x\",{of_page}"), body).await.status(), 200);
    // Nothing is written unseen where there is nothing that could be seen.
    let moves = json!({ "components": { id: "major_outage" } });
    let token = caller.get("/v1/tokens/current").await["id"].as_str().unwrap().to_owned();
    for (method, path) in
        [("POST", format!("{page}/components/status")), ("DELETE", format!("/v1/tokens/{token}"))]
    {
        let answer = read(seen(&caller, method, &path, "\"1\"", moves.clone()).await).await;
        assert_eq!(answer["status"], 400, "{answer}");
        assert!(answer["message"].as_str().unwrap().contains("If-Match"), "{answer}");
    }
    assert_eq!(caller.get(&one).await["status"], "operational");
    server.stop().await;
}

async fn changes_are_those_of_the_object(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let embed = format!("{page}/status_embed_config");
    let one = opened(&caller, &page).await;
    let postmortem = format!("{one}/postmortem");
    caller.expect(200, "PATCH", &one, incident(json!({ "status": "resolved" }))).await;
    let draft = |text: &str| json!({ "postmortem": { "body_draft": text } });
    caller.expect(200, "PUT", &postmortem, draft("We fell.")).await;
    let corner = |corner: &str| json!({ "status_embed_config": { "position": corner } });
    caller.expect(200, "PATCH", &embed, corner("top-right")).await;
    for name in ["One", "Two"] {
        caller.expect(201, "POST", &format!("{page}/components"), component(name)).await;
    }
    for (path, method, body, action) in [
        (&embed, "PATCH", corner("top-left"), "page.update"),
        (&postmortem, "PUT", draft("We fell again."), "postmortem.draft"),
    ] {
        let late = seen(&caller, method, path, "\"0\"", body).await;
        assert_eq!(late.status(), 412, "{path}");
        let late = read(late).await;
        let actions: Vec<&Value> =
            late["changes"].as_array().unwrap().iter().map(|change| &change["action"]).collect();
        assert_eq!(actions, [action], "{late}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let all = format!("{page}/incidents");
    for (field, value, allowed) in [
        ("reminder_intervals", "often", "a number of hours such as \"4\""),
        ("backfill_date", "yesterday", "a day such as 2026-07-30"),
    ] {
        let body = incident(json!({ "name": "X", field: value }));
        let refused = caller.expect(422, "POST", &all, body).await;
        let text = refused["message"].as_str().unwrap();
        assert!(text.contains(allowed) && !text.contains('\\') && !text.contains('^'), "{refused}");
    }
    let many: serde_json::Map<String, Value> = (0..25).map(|n| (format!("odd{n}"), json!(n))).collect();
    let mut body = component("Shop");
    body["component"].as_object_mut().unwrap().extend(many);
    let answer = caller.send("POST", &format!("{page}/components"), body).await;
    let warning = answer.headers()["warning"].to_str().unwrap();
    assert!(warning.contains("component.odd0") && warning.ends_with("and 5 more\""), "{warning}");
    server.stop().await;
}

#[tokio::test]
async fn a_page_has_every_field_that_statuspage_gives() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let shown = Caller::new(&server).await.get(&page).await;
    let contract = std::fs::read_to_string(crate::support::fixture("recorded/streamyard.history-index.json"));
    let recorded: Value = serde_json::from_str(&contract.unwrap()).unwrap();
    let recorded = recorded["page_status"]["page"].as_object().unwrap();
    for field in ["activity_score", "city", "state", "country", "css_no_data", "css_greens", "css_link_color"]
    {
        assert_eq!(shown.get(field), Some(&Value::Null), "{field}");
    }
    for picture in ["favicon_logo", "transactional_logo", "hero_cover", "email_logo", "twitter_logo"] {
        assert_eq!(shown[picture], recorded[picture], "{picture}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_form_holds_lists_of_objects() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let provider = json!({ "metrics_provider": { "type": "Self" } });
    let provider = caller.expect(201, "POST", &format!("{page}/metrics_providers"), provider).await;
    let path = format!("{page}/metrics_providers/{}/metrics", provider["id"].as_str().unwrap());
    let mut ids = vec![];
    for name in ["One", "Two"] {
        let made = caller.expect(201, "POST", &path, json!({ "metric": { "name": name } })).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let body = format!(
        "data[{0}][][timestamp]=1795348800&data[{0}][][value]=1&data[{0}][][timestamp]=1795348740&data[{0}][][value]=2.5&data[{1}][][value]=3&data[{1}][][timestamp]=1795348800",
        ids[0], ids[1]
    );
    let kept = caller
        .request("POST", &format!("{page}/metrics/data"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(kept.status(), 202);
    let kept = read(kept).await;
    let point = |timestamp: i64, value: f64| json!({ "timestamp": timestamp, "value": value });
    assert_eq!(kept[&ids[0]], json!([point(1_795_348_800, 1.0), point(1_795_348_740, 2.5)]), "{kept}");
    assert_eq!(kept[&ids[1]], json!([point(1_795_348_800, 3.0)]), "{kept}");
    server.stop().await;
}

#[tokio::test]
async fn a_page_has_at_most_5000_components() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let id = page.rsplit('/').next().unwrap();
    let many = format!(
        "INSERT INTO components (id, page_id, name, visibility, created_at, updated_at) \
         WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 4999) \
         SELECT 'c' || n, '{id}', 'C' || n, 'hidden', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM count"
    );
    database.raw().await.execute_unprepared(&many).await.unwrap();
    let path = format!("{page}/components");
    caller.expect(201, "POST", &path, component("The last")).await;
    let refused = caller.expect(422, "POST", &path, component("One more")).await;
    assert!(refused["message"].as_str().unwrap().contains("at most 5000"), "{refused}");
    server.stop().await;
}
