//! What alerts do to a page: rules, waits, flapping, and what people changed meanwhile.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    archive::Archive,
    manage::{component, empty},
    support::{Caller, Database, Server, clock, number, on_both},
};

on_both!(
    an_alert_moves_a_component_and_gives_it_back,
    an_incident_is_opened_once_and_closed_by_the_last,
    waits_are_kept_by_the_clock,
    what_flaps_stays_bad_and_says_so,
    what_a_person_changed_is_left_alone,
    the_worst_rule_wins_and_hands_back,
    a_maintenance_is_no_outage,
    alerts_at_once_lose_nothing,
    an_alert_that_nobody_resolves_is_forgotten,
    a_rule_that_is_deleted_closes_what_it_opened,
    what_an_alert_opened_is_closed_after_a_restore,
);

/// A page with one component, and who may do everything on it.
pub struct Scene {
    pub server: Server,
    pub page: String,
    pub component: String,
}

impl Scene {
    pub async fn new(database: &Database) -> Self {
        let (server, page) = empty(database).await;
        let made = Caller::new(&server)
            .await
            .expect(201, "POST", &format!("{page}/components"), component("Shop"))
            .await;
        let component = made["id"].as_str().unwrap().to_owned();
        Self { server, page, component }
    }

    /// Makes a rule for alerts of this severity.
    pub async fn rule(&self, caller: &Caller<'_>, severity: &str, more: Value) -> String {
        let mut rule = json!({
            "name": severity,
            "matchers": [{ "label": "severity", "op": "=", "value": severity }],
            "component_id": self.component,
            "component_status": "partial_outage",
        });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let path = format!("{}/alert_rules", self.page);
        let made = caller.expect(201, "POST", &path, json!({ "alert_rule": rule })).await;
        made["id"].as_str().unwrap().to_owned()
    }

    pub async fn template(&self, caller: &Caller<'_>) -> String {
        let template = json!({ "template": { "name": "Trouble", "title": "{{label.host}} is slow", "body": "We see: {{summary}}" } });
        let path = format!("{}/incident_templates", self.page);
        let made = caller.expect(201, "POST", &path, template).await;
        made["id"].as_str().unwrap().to_owned()
    }

    /// Says something of an alert, and how it stands then.
    pub async fn say(&self, caller: &Caller<'_>, fingerprint: &str, status: &str, severity: &str) -> String {
        let labels = json!({ "severity": severity, "host": "db*1*" });
        let body = json!({ "fingerprint": fingerprint, "status": status, "labels": labels, "summary": "<b>slow</b> disk" });
        let taken = caller.expect(200, "POST", &format!("{}/alerts/generic", self.page), body).await;
        taken[0]["state"].as_str().unwrap_or("unknown").to_owned()
    }

    pub async fn status(&self, caller: &Caller<'_>) -> String {
        let found = caller.get(&format!("{}/components/{}", self.page, self.component)).await;
        found["status"].as_str().unwrap().to_owned()
    }

    async fn set(&self, caller: &Caller<'_>, status: &str) {
        let path = format!("{}/components/{}", self.page, self.component);
        caller.expect(200, "PATCH", &path, json!({ "component": { "status": status } })).await;
    }

    async fn incidents(&self, caller: &Caller<'_>) -> Vec<Value> {
        caller.get(&format!("{}/incidents", self.page)).await.as_array().unwrap().clone()
    }

    async fn pass(&self, seconds: u64) -> usize {
        self.server.app.clock.advance(Duration::from_secs(seconds));
        self.server.app.move_alerts().await.unwrap()
    }

    async fn audited(&self, caller: &Caller<'_>, action: &str) -> usize {
        let events = caller.get(&format!("{}/audit-events?action={action}", self.page)).await;
        let events = events.as_array().unwrap();
        assert!(events.iter().all(|event| event["actor_kind"] == "alert"), "{events:?}");
        events.len()
    }
}

async fn an_alert_moves_a_component_and_gives_it_back(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let robot = Caller::with(&scene.server, "alerts:write").await;
    assert_eq!(scene.say(&robot, "a", "resolved", "high").await, "unknown", "it was never heard of");
    assert_eq!(scene.say(&robot, "a", "firing", "high").await, "firing", "no rule is for it");
    assert_eq!(scene.status(&caller).await, "operational");
    let rule = scene.rule(&caller, "high", json!({})).await;
    let revision = number(&database, "SELECT revision FROM pages").await;
    assert_eq!(scene.say(&robot, "b", "firing", "low").await, "firing");
    assert_eq!(
        number(&database, "SELECT revision FROM pages").await,
        revision,
        "nothing is to be seen of it"
    );
    assert_eq!(scene.say(&robot, "a", "firing", "high").await, "firing", "now there is a rule");
    assert_eq!(scene.status(&caller).await, "partial_outage");
    let shown = scene.server.json("/api/v2/components.json").await;
    assert_eq!(shown["components"][0]["status"], "partial_outage", "seen at once");
    assert_eq!(scene.say(&robot, "a", "firing", "high").await, "firing");
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision + 1, "it is one alert");
    let known = caller.get(&format!("{}/alerts?state=firing,pending", scene.page)).await;
    assert_eq!(known.as_array().unwrap().len(), 2);
    let found = known.as_array().unwrap().iter().find(|alert| alert["fingerprint"] == "a").unwrap();
    assert_eq!((&found["rule_id"], &found["source"]), (&json!(rule), &json!("generic")));
    assert_eq!(scene.say(&robot, "a", "resolved", "high").await, "resolved");
    assert_eq!(scene.status(&caller).await, "operational");
    assert_eq!(
        (scene.audited(&caller, "alert.fire").await, scene.audited(&caller, "alert.resolve").await),
        (1, 1)
    );
    robot.expect(403, "GET", &format!("{}/alert_rules", scene.page), Value::Null).await;
    scene.server.app.clock.advance(Duration::from_secs(8 * 24 * 3600));
    assert_eq!(scene.server.app.store.record().forget_alerts().await.unwrap(), 2);
    scene.server.stop().await;
}

async fn an_incident_is_opened_once_and_closed_by_the_last(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let template = scene.template(&caller).await;
    scene.rule(&caller, "high", json!({ "template_id": template })).await;
    for fingerprint in ["a", "b"] {
        assert_eq!(scene.say(&caller, fingerprint, "firing", "high").await, "firing");
    }
    let open = scene.incidents(&caller).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["name"], &open[0]["impact"]), (&json!("db*1* is slow"), &json!("major")));
    let page = scene.server.text("/").await;
    assert!(page.contains("We see: &lt;b&gt;slow&lt;/b&gt; disk"), "what labels say is text");
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "resolved");
    assert_eq!(scene.status(&caller).await, "partial_outage", "another fires still");
    assert_eq!(scene.say(&caller, "b", "resolved", "high").await, "resolved");
    let over = scene.incidents(&caller).await;
    assert_eq!((&over[0]["status"], over.len()), (&json!("resolved"), 1));
    assert_eq!(scene.status(&caller).await, "operational");
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 2);
    let quiet = scene.rule(&caller, "low", json!({ "template_id": template, "notify": false })).await;
    scene.say(&caller, "c", "firing", "low").await;
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 2);
    caller.expect(204, "DELETE", &format!("{}/alert_rules/{quiet}", scene.page), Value::Null).await;
    scene.say(&caller, "c", "resolved", "low").await;
    assert_eq!(scene.incidents(&caller).await[0]["status"], "resolved", "by the rule that is deleted");
    scene.server.stop().await;
}

async fn a_rule_that_is_deleted_closes_what_it_opened(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let rule = scene
        .rule(&caller, "high", json!({ "hold_seconds": 60, "template_id": scene.template(&caller).await }))
        .await;
    let slow = scene.rule(&caller, "slow", json!({ "for_seconds": 60 })).await;
    scene.say(&caller, "a", "firing", "high").await;
    assert_eq!(scene.say(&caller, "s", "firing", "slow").await, "pending");
    for rule in [&rule, &slow] {
        caller.expect(204, "DELETE", &format!("{}/alert_rules/{rule}", scene.page), Value::Null).await;
    }
    assert_eq!(scene.pass(600).await, 0, "what waited for a rule waits no more");
    assert_eq!(scene.say(&caller, "b", "firing", "high").await, "firing");
    let known = caller.get(&format!("{}/alerts", scene.page)).await;
    let of = |name: &str| {
        let known = known.as_array().unwrap();
        known.iter().find(|alert| alert["fingerprint"] == name).unwrap()["rule_id"].clone()
    };
    assert_eq!((of("a"), of("b"), of("s")), (json!(rule), Value::Null, Value::Null), "it is for nothing new");
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "recovering");
    assert_eq!(scene.status(&caller).await, "partial_outage");
    assert_eq!((scene.pass(60).await, scene.status(&caller).await.as_str()), (1, "operational"));
    assert_eq!(scene.incidents(&caller).await[0]["status"], "resolved");
    assert_eq!(number(&database, "SELECT count(*) FROM alert_effects").await, 0);
    scene.server.stop().await;
}

async fn what_an_alert_opened_is_closed_after_a_restore(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let template = scene.template(&caller).await;
    scene.rule(&caller, "high", json!({ "template_id": template })).await;
    scene.say(&caller, "a", "firing", "high").await;
    let archive = Archive::with(&scene.server.app.store, false, false).await;
    scene.server.stop().await;
    let other = if database.url.starts_with("sqlite") {
        Database::sqlite().await
    } else {
        Database::postgres().await
    };
    let clock = clock();
    let store = other.store(&clock).await;
    archive.restore(&store, false).await.unwrap();
    let server = Server::start(store, &clock).await;
    let scene = Scene { server, page: scene.page, component: scene.component };
    let caller = Caller::new(&scene.server).await;
    assert_eq!(scene.status(&caller).await, "partial_outage");
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "resolved");
    assert_eq!(scene.status(&caller).await, "operational");
    assert_eq!(scene.incidents(&caller).await[0]["status"], "resolved");
    scene.server.stop().await;
}

async fn waits_are_kept_by_the_clock(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    scene.rule(&caller, "high", json!({ "for_seconds": 60, "hold_seconds": 120 })).await;
    assert_eq!(scene.say(&caller, "a", "firing", "high").await, "pending");
    assert_eq!((scene.pass(59).await, scene.status(&caller).await.as_str()), (0, "operational"));
    assert_eq!((scene.pass(1).await, scene.status(&caller).await.as_str()), (1, "partial_outage"));
    assert_eq!(scene.pass(0).await, 0, "once");
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "recovering");
    assert_eq!((scene.pass(119).await, scene.status(&caller).await.as_str()), (0, "partial_outage"));
    assert_eq!(scene.say(&caller, "a", "firing", "high").await, "firing");
    assert_eq!(scene.pass(10_000).await, 0, "it fires again");
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "recovering");
    assert_eq!((scene.pass(120).await, scene.status(&caller).await.as_str()), (1, "operational"));
    assert_eq!(scene.say(&caller, "b", "firing", "high").await, "pending");
    assert_eq!(scene.say(&caller, "b", "resolved", "high").await, "resolved");
    assert_eq!((scene.pass(100).await, scene.status(&caller).await.as_str()), (0, "operational"));
    scene.server.stop().await;
}

async fn what_flaps_stays_bad_and_says_so(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    scene.rule(&caller, "high", json!({ "flap_limit": 3 })).await;
    for state in ["firing", "resolved", "firing"] {
        assert_eq!(scene.say(&caller, "a", state, "high").await, state);
        scene.pass(60).await;
    }
    assert_eq!(scene.audited(&caller, "alert.flapping").await, 0);
    assert_eq!(scene.say(&caller, "a", "resolved", "high").await, "recovering");
    assert_eq!((scene.pass(600).await, scene.status(&caller).await.as_str()), (0, "partial_outage"));
    assert_eq!(scene.audited(&caller, "alert.flapping").await, 1);
    assert_eq!((scene.pass(3_600).await, scene.status(&caller).await.as_str()), (1, "operational"));
    scene.server.stop().await;
}

async fn what_a_person_changed_is_left_alone(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let template = scene.template(&caller).await;
    scene.rule(&caller, "high", json!({ "template_id": template })).await;
    scene.say(&caller, "a", "firing", "high").await;
    scene.set(&caller, "major_outage").await;
    scene.say(&caller, "a", "resolved", "high").await;
    assert_eq!(scene.status(&caller).await, "major_outage", "somebody knows better");
    assert_eq!(scene.incidents(&caller).await[0]["status"], "resolved", "which nobody touched");
    assert_eq!(scene.audited(&caller, "alert.left_alone").await, 1);
    scene.set(&caller, "operational").await;
    scene.server.app.clock.advance(Duration::from_secs(1));
    scene.say(&caller, "a", "firing", "high").await;
    let incident = scene.incidents(&caller).await[0]["id"].as_str().unwrap().to_owned();
    let body = json!({ "incident": { "body": "I am on it." } });
    caller.expect(200, "PATCH", &format!("{}/incidents/{incident}", scene.page), body).await;
    // There and back is a change too.
    scene.server.app.clock.advance(Duration::from_secs(1));
    scene.set(&caller, "operational").await;
    scene.set(&caller, "partial_outage").await;
    scene.say(&caller, "a", "resolved", "high").await;
    assert_eq!(scene.incidents(&caller).await[0]["status"], "investigating");
    assert_eq!(scene.status(&caller).await, "partial_outage");
    assert_eq!(scene.audited(&caller, "alert.left_alone").await, 3);
    scene.say(&caller, "b", "firing", "high").await;
    scene.say(&caller, "b", "resolved", "high").await;
    assert_eq!(scene.status(&caller).await, "partial_outage", "it never was the alert's");
    scene.server.stop().await;
}

async fn the_worst_rule_wins_and_hands_back(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    scene.rule(&caller, "low", json!({ "component_status": "degraded_performance" })).await;
    scene.rule(&caller, "high", json!({ "component_status": "major_outage" })).await;
    for (name, what, severity, status) in [
        ("a", "firing", "low", "degraded_performance"),
        ("b", "firing", "high", "major_outage"),
        ("b", "resolved", "high", "degraded_performance"),
        ("b", "firing", "high", "major_outage"),
        ("a", "resolved", "low", "major_outage"),
        ("a", "firing", "low", "major_outage"),
        ("b", "resolved", "high", "degraded_performance"),
        ("a", "resolved", "low", "operational"),
    ] {
        scene.server.app.clock.advance(Duration::from_secs(1));
        assert_eq!(scene.say(&caller, name, what, severity).await, what);
        assert_eq!(scene.status(&caller).await, status, "{name} {what}");
    }
    assert_eq!(number(&database, "SELECT count(*) FROM alert_effects").await, 0);
    assert_eq!(scene.audited(&caller, "alert.left_alone").await, 0);
    scene.server.stop().await;
}

async fn a_maintenance_is_no_outage(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    scene.rule(&caller, "high", json!({})).await;
    scene.set(&caller, "under_maintenance").await;
    assert_eq!(scene.say(&caller, "a", "firing", "high").await, "pending");
    assert_eq!((scene.pass(600).await, scene.status(&caller).await.as_str()), (0, "under_maintenance"));
    scene.set(&caller, "operational").await;
    assert_eq!((scene.pass(60).await, scene.status(&caller).await.as_str()), (1, "partial_outage"));
    scene.server.stop().await;
}

async fn an_alert_that_nobody_resolves_is_forgotten(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let template = scene.template(&caller).await;
    scene.rule(&caller, "high", json!({ "template_id": template })).await;
    for fingerprint in ["a", "b"] {
        scene.say(&caller, fingerprint, "firing", "high").await;
    }
    let known = caller.get(&format!("{}/alerts", scene.page)).await;
    let paths: Vec<String> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| format!("{}/alerts/{}", scene.page, alert["id"].as_str().unwrap()))
        .collect();
    for (path, status) in paths.iter().zip(["partial_outage", "operational"]) {
        assert_eq!(caller.get(path).await["state"], "firing");
        caller.expect(204, "DELETE", path, Value::Null).await;
        caller.expect(404, "GET", path, Value::Null).await;
        assert_eq!(scene.status(&caller).await, status);
    }
    assert_eq!(scene.incidents(&caller).await[0]["status"], "resolved");
    scene.server.stop().await;
}

async fn alerts_at_once_lose_nothing(database: Database) {
    let scene = Scene::new(&database).await;
    let caller = Caller::new(&scene.server).await;
    let template = scene.template(&caller).await;
    scene.rule(&caller, "high", json!({ "template_id": template })).await;
    for what in ["firing", "resolved"] {
        let all = (0..20).map(|n| {
            let (scene, caller, name) = (&scene, &caller, format!("a{}", n % 10));
            async move { scene.say(caller, &name, what, "high").await }
        });
        let states = futures_util::future::join_all(all).await;
        assert!(states.iter().all(|state| state == what), "{states:?}");
    }
    let all = scene.incidents(&caller).await;
    assert_eq!((all.len(), &all[0]["status"]), (1, &json!("resolved")));
    assert_eq!(number(&database, "SELECT count(*) FROM alerts WHERE state = 'resolved'").await, 10);
    assert_eq!(scene.status(&caller).await, "operational");
    scene.server.stop().await;
}
