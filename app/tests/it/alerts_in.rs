//! Who tells of alerts: each in its own words, and by keys in addresses where headers can't be sent.

use std::time::Duration;

use pharos::web::ApiOptions;
use serde_json::{Value, json};

use crate::{
    alerts::Scene,
    support::{Caller, Database, Elsewhere, Server, clock, fixture, number, on_both, read},
};

on_both!(a_heartbeat_that_is_silent_fires, rules_are_checked_and_kept);

fn high() -> Value {
    json!({ "severity": "high", "host": "db1" })
}

#[tokio::test]
async fn each_source_speaks_its_own_words() {
    let database = Database::sqlite().await;
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let rules =
        json!([{ "label": "pharos_source", "op": "=~", "value": "alertmanager|grafana|pagerduty|datadog" }]);
    scene.rule(&caller, "any", json!({ "matchers": rules })).await;
    let prometheus = |version: &str, status: &str| {
        json!({ "version": version, "groupKey": "{}:{}", "status": status, "receiver": "pharos", "externalURL": "http://am.test", "truncatedAlerts": 0,
            "alerts": [{ "status": status, "labels": high(), "annotations": { "summary": "It is slow." }, "startsAt": "2026-11-22T12:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "c0ffee" }] })
    };
    let pagerduty = |status: &str| {
        json!({ "event": { "id": "E1", "event_type": format!("incident.{status}"), "resource_type": "incident", "occurred_at": "2026-11-22T12:00:00Z",
            "data": { "id": "P1", "type": "incident", "title": "It is slow.", "status": status, "urgency": "high", "service": { "id": "S1", "summary": "Shop" }, "priority": null } } })
    };
    let datadog = |transition: &str| json!({ "aggregation_key": "k1", "transition": transition, "title": "It is slow.", "tags": "env:prod,role:db", "priority": "P1" });
    for (source, fires, resolves) in [
        ("alertmanager", prometheus("4", "firing"), prometheus("4", "resolved")),
        ("grafana", prometheus("1", "firing"), prometheus("1", "resolved")),
        ("pagerduty", pagerduty("triggered"), pagerduty("resolved")),
        ("datadog", datadog("Triggered"), datadog("Recovered")),
    ] {
        let path = format!("{}/alerts/{source}", scene.page);
        let answer = caller.send("POST", &path, fires).await;
        assert_eq!((answer.status().as_u16(), answer.headers().get("warning")), (200, None), "{source}");
        let taken = read(answer).await;
        assert_eq!(
            (&taken[0]["state"], &taken[0]["source"], &taken[0]["summary"]),
            (&json!("firing"), &json!(source), &json!("It is slow."))
        );
        assert_eq!(scene.status(&caller).await, "partial_outage", "{source}");
        let taken = caller.expect(200, "POST", &path, resolves).await;
        assert_eq!(taken[0]["state"], "resolved", "{source}");
        assert_eq!(scene.status(&caller).await, "operational", "{source}");
    }
    let path = |source: &str| format!("{}/alerts/{source}", scene.page);
    for (source, body, field) in [
        ("alertmanager", prometheus("3", "firing"), "version"),
        ("alertmanager", json!({ "version": "4", "alerts": vec![json!({}); 501] }), "alerts"),
        ("datadog", datadog("Sideways"), "transition"),
        ("generic", json!({ "status": "burning" }), "status"),
        ("pagerduty", json!({ "event": 1 }), "event"),
    ] {
        let refused = caller.expect(422, "POST", &path(source), body).await;
        let fields: Vec<_> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|wrong| wrong["field"].as_str().unwrap())
            .collect();
        assert!(fields.iter().any(|named| named.starts_with(field)), "{source}: {fields:?}");
    }
    assert_eq!(
        caller
            .expect(
                200,
                "POST",
                &path("pagerduty"),
                json!({ "event": { "event_type": "pagey.ping", "data": { "message": "Hello" } } })
            )
            .await,
        json!([])
    );
    scene.server.stop().await;
}

async fn rules_are_checked_and_kept(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let path = format!("{}/alert_rules", scene.page);
    let matcher = |op: &str, value: &str| json!([{ "label": "severity", "op": op, "value": value }]);
    let good = json!({ "name": "R", "matchers": matcher("=~", "hi.*"), "component_id": scene.component, "component_status": "major_outage" });
    for (field, wrong) in [
        ("matchers", json!({ "matchers": matcher("=~", "(") })),
        ("matchers", json!({ "matchers": matcher("=~", "x{1000}{1000}") })),
        ("alert_rule.matchers", json!({ "matchers": [] })),
        ("alert_rule.matchers.0.op", json!({ "matchers": matcher("~", "x") })),
        ("component_id, component_status", json!({ "component_status": null })),
        ("alert_rule.component_status", json!({ "component_status": "operational" })),
        ("component_id, template_id", json!({ "component_id": null, "component_status": null })),
        ("alert_rule.for_seconds", json!({ "for_seconds": -1 })),
        ("alert_rule.flap_limit", json!({ "flap_limit": 101 })),
    ] {
        let mut rule = good.clone();
        rule.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let refused = caller.expect(422, "POST", &path, json!({ "alert_rule": rule })).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    // Expressions take a while to be made ready, so that a page has few of them.
    let twenty: Vec<_> = (0..20).map(|n| matcher("=~", &format!("x{n}.*"))[0].clone()).collect();
    for turn in 0..6 {
        let mut rule = good.clone();
        rule["matchers"] = json!(twenty);
        let status = if turn < 5 { 201 } else { 422 };
        let said = caller.expect(status, "POST", &path, json!({ "alert_rule": rule })).await;
        match turn {
            5 => assert!(said["message"].as_str().unwrap().contains("at most 100"), "{said}"),
            _ => {
                let one = format!("{path}/{}", said["id"].as_str().unwrap());
                let kept = json!({ "alert_rule": { "name": "kept" } });
                caller.expect(200, "PATCH", &one, kept).await;
            }
        }
    }
    for rule in caller.get(&path).await.as_array().unwrap() {
        caller.expect(204, "DELETE", &format!("{path}/{}", rule["id"].as_str().unwrap()), Value::Null).await;
    }
    for field in ["component_id", "template_id"] {
        let mut rule = good.clone();
        rule[field] = json!("nothere00000");
        caller.expect(404, "POST", &path, json!({ "alert_rule": rule })).await;
    }
    let made = caller.expect(201, "POST", &path, json!({ "alert_rule": good })).await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let changed = caller.expect(200, "PATCH", &one, json!({ "alert_rule": { "hold_seconds": 5 } })).await;
    assert_eq!((&changed["hold_seconds"], &changed["matchers"]), (&json!(5), &made["matchers"]));
    assert_eq!(caller.get(&path).await, json!([changed]));
    caller.expect(204, "DELETE", &one, Value::Null).await;
    caller.expect(404, "GET", &one, Value::Null).await;
    scene.server.stop().await;
}

async fn key(caller: &Caller<'_>, page: &str, fields: Value) -> (String, String) {
    let made =
        caller.expect(201, "POST", &format!("{page}/alert_keys"), json!({ "alert_key": fields })).await;
    (made["id"].as_str().unwrap().to_owned(), made["path"].as_str().unwrap().to_owned())
}

async fn a_heartbeat_that_is_silent_fires(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let matchers = json!([{ "label": "heartbeat", "op": "=", "value": "Backup" }]);
    scene.rule(&caller, "backup", json!({ "matchers": matchers })).await;
    let refused = json!({ "alert_key": { "kind": "heartbeat", "name": "Backup" } });
    caller.expect(422, "POST", &format!("{}/alert_keys", scene.page), refused).await;
    let (id, path) =
        key(&caller, &scene.page, json!({ "kind": "heartbeat", "name": "Backup", "period_seconds": 60 }))
            .await;
    let one = format!("{}/alert_keys/{id}", scene.page);
    let pass = async |seconds| {
        scene.server.app.clock.advance(Duration::from_secs(seconds));
        scene.server.app.move_alerts().await.unwrap()
    };
    assert_eq!(pass(3_600).await, 0, "it is still being set up");
    assert_eq!(scene.server.get(&path).await.status(), 200);
    assert_eq!(pass(60).await, 0);
    assert_eq!(scene.server.request(reqwest::Method::POST, &path).send().await.unwrap().status(), 200);
    assert_eq!((pass(60).await, scene.status(&caller).await.as_str()), (0, "operational"));
    assert_eq!((pass(1).await, scene.status(&caller).await.as_str()), (1, "partial_outage"));
    assert_eq!((pass(1).await, caller.get(&one).await["missing"].clone()), (0, json!(true)));
    let back = read(scene.server.get(&path).await).await;
    assert_eq!(
        (&back[0]["state"], scene.status(&caller).await.as_str()),
        (&json!("resolved"), "operational")
    );
    assert_eq!((pass(61).await, scene.status(&caller).await.as_str()), (1, "partial_outage"), "and again");
    // The key opens nothing else, and nothing once it is gone.
    let secret = path.rsplit('/').next().unwrap();
    assert!(caller.get(&one).await.get("key").is_none());
    let with_key = Caller { server: &scene.server, token: secret.to_owned() };
    with_key.expect(401, "GET", &format!("{}/alerts", scene.page), Value::Null).await;
    let elsewhere = path.replace("/heartbeat/", "/sns/");
    assert_eq!(scene.server.request(reqwest::Method::POST, &elsewhere).send().await.unwrap().status(), 401);
    let foreign = path.replace(scene.page.rsplit('/').next().unwrap(), "nothere00000");
    assert_eq!(scene.server.get(&foreign).await.status(), 404);
    assert_eq!(
        number(&database, &format!("SELECT count(*) FROM alert_keys WHERE key_hash = '{secret}'")).await,
        0
    );
    caller.expect(204, "DELETE", &one, Value::Null).await;
    assert_eq!(scene.server.get(&path).await.status(), 401);
    scene.server.stop().await;
}

/// Messages of a topic, signed by a certificate that stands in for that of Amazon.
#[tokio::test]
async fn amazon_is_believed_where_it_signs() {
    let certificate = std::fs::read_to_string(fixture("sns/certificate.pem")).unwrap();
    let aws = Elsewhere::start(move |path, _| match path {
        "/" => (200, "", "<ConfirmSubscriptionResponse/>".to_owned()),
        _ => (200, "", certificate.clone()),
    })
    .await;
    let signed: Value =
        serde_json::from_str(&std::fs::read_to_string(fixture("sns/messages.json")).unwrap()).unwrap();
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    store.ensure_page("Acme").await.unwrap();
    let page = format!("/v1/pages/{}", store.versions().await.unwrap().remove(0).0);
    let options = ApiOptions { instead_of_aws: Some(aws.base.clone()), ..ApiOptions::default() };
    let server = Server::start_with(store, &clock(), options).await;
    let caller = Caller::new(&server).await;
    let (id, path) = key(&caller, &page, json!({ "kind": "sns", "name": "Alarms" })).await;
    let post = async |message: &Value| {
        let request =
            server.request(reqwest::Method::POST, &path).header("content-type", "text/plain; charset=UTF-8");
        let answer = request.body(message.to_string()).send().await.unwrap();
        (answer.status().as_u16(), read(answer).await)
    };
    assert_eq!(post(&signed["alarm"]).await.0, 403, "nobody has subscribed yet");
    assert_eq!(post(&signed["subscription"]).await, (200, json!([])));
    assert_eq!(aws.asked("/"), 1, "it is confirmed");
    assert_eq!(post(&signed["other_subscription"]).await.0, 403, "the key is another topic's");
    assert_eq!(aws.asked("/"), 1);
    let (status, taken) = post(&signed["alarm"]).await;
    assert_eq!(
        (status, &taken[0]["state"], &taken[0]["summary"]),
        (200, &json!("firing"), &json!("CPU is busy."))
    );
    assert_eq!(
        (&taken[0]["labels"]["InstanceId"], &taken[0]["labels"]["alarm_name"]),
        (&json!("i-0123"), &json!("cpu-high"))
    );
    assert_eq!(post(&signed["ok"]).await.1[0]["state"], "resolved");
    let (status, taken) = post(&signed["alarm_by_sha1"]).await;
    assert_eq!((status, &taken[0]["state"]), (200, &json!("firing")), "as topics sign by themselves");
    let wrong = |field: &str, value: &str| {
        let mut message = signed["alarm"].clone();
        message[field] = json!(value);
        message
    };
    for (status, message) in [
        (403, signed["old"].clone()),
        (403, wrong("Message", "{}")),
        (403, wrong("Signature", "AAAA")),
        (403, wrong("TopicArn", "arn:aws:sns:eu-central-1:1:x")),
        (422, wrong("SigningCertURL", "https://evil.test/SimpleNotificationService-1.pem")),
        (422, wrong("SigningCertURL", "http://sns.eu-central-1.amazonaws.com/x.pem")),
        (
            403,
            wrong(
                "SigningCertURL",
                "https://sns.eu-central-1.amazonaws.com/?echo=SimpleNotificationService-1.pem",
            ),
        ),
        (403, wrong("SignatureVersion", "1")),
        (422, wrong("SignatureVersion", "3")),
        (422, json!({})),
    ] {
        assert_eq!(post(&message).await.0, status, "{message}");
    }
    assert_eq!(aws.asked("/SimpleNotificationService-0123456789abcdef.pem"), 1, "it is kept");
    let tied = caller.get(&format!("{page}/alert_keys/{id}")).await;
    assert_eq!(tied["topic_arn"], signed["subscription"]["TopicArn"]);
    server.stop().await;
}
