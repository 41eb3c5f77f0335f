//! The management API: incidents, maintenances, their updates, postmortems and templates.

use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, number, on_both},
};

on_both!(
    an_incident_from_open_to_its_postmortem,
    a_maintenance_moves_what_it_says,
    what_is_backfilled_tells_nobody,
    a_draft_is_seen_by_operators_alone,
    lists_are_told_apart,
);

fn incident(fields: Value) -> Value {
    json!({ "incident": fields })
}

async fn with_component(database: &Database) -> (crate::support::Server, String, String) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Website")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    (server, page, id)
}

async fn an_incident_from_open_to_its_postmortem(database: Database) {
    let (server, page, id) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let open = incident(
        json!({ "name": "Slow", "body": "We look.", "components": { &id: "partial_outage" }, "metadata": { "jira": { "issue": "X-1" } }, "next_update_at": "2026-11-22T12:30:00Z" }),
    );
    let made = caller.expect(201, "POST", &format!("{page}/incidents"), open).await;
    assert_eq!((&made["status"], &made["impact"]), (&json!("investigating"), &json!("major")));
    assert_eq!(made["incident_updates"][0]["affected_components"][0]["new_status"], "partial_outage");
    assert_eq!(server.json("/api/v2/summary.json").await["incidents"][0]["id"], made["id"]);
    let one = format!("{page}/incidents/{}", made["id"].as_str().unwrap());
    let told = caller.expect(200, "PATCH", &one, incident(json!({ "status": "monitoring" }))).await;
    assert_eq!(
        told["incident_updates"][0]["body"],
        "A fix has been implemented and we are monitoring the results."
    );
    let update = told["incident_updates"][0]["id"].as_str().unwrap();
    let body = json!({ "incident_update": { "body": "Fixed, we watch." } });
    let corrected = caller.expect(200, "PUT", &format!("{one}/incident_updates/{update}"), body).await;
    assert_eq!(corrected["body"], "Fixed, we watch.");
    assert!(server.text("/").await.contains("Fixed, we watch."));
    let over =
        incident(json!({ "status": "resolved", "body": "Over.", "components": { &id: "operational" } }));
    let over = caller.expect(200, "PATCH", &one, over).await;
    assert_eq!(
        (&over["status"], &over["impact"], over["resolved_at"].is_string()),
        (&json!("resolved"), &json!("major"), true)
    );
    let silent = caller
        .expect(200, "PATCH", &one, incident(json!({ "name": "Slower", "impact_override": "critical" })))
        .await;
    assert_eq!(
        (silent["incident_updates"].as_array().unwrap().len(), &silent["impact"]),
        (3, &json!("critical"))
    );
    let again = caller
        .expect(200, "PATCH", &one, incident(json!({ "status": "identified", "body": "Again." })))
        .await;
    assert!(again["resolved_at"].is_null(), "reopened");
    caller.expect(200, "PATCH", &one, incident(json!({ "status": "resolved" }))).await;
    let post = format!("{one}/postmortem");
    caller.expect(404, "GET", &post, Value::Null).await;
    caller.expect(422, "PUT", &format!("{post}/publish"), json!({})).await;
    caller.expect(200, "PUT", &post, json!({ "postmortem": { "body_draft": "What we learned." } })).await;
    let id_of = made["id"].as_str().unwrap();
    assert!(!server.text(&format!("/incidents/{id_of}")).await.contains("What we learned."));
    caller
        .expect(
            200,
            "PUT",
            &format!("{post}/publish"),
            json!({ "postmortem": { "notify_subscribers": false } }),
        )
        .await;
    assert!(server.text(&format!("/incidents/{id_of}")).await.contains("What we learned."));
    caller.expect(200, "PUT", &format!("{post}/revert"), json!({})).await;
    assert!(!server.text(&format!("/incidents/{id_of}")).await.contains("What we learned."));
    caller.expect(204, "DELETE", &post, Value::Null).await;
    let deleted = caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(deleted["id"], made["id"]);
    assert_eq!(server.get(&format!("/incidents/{id_of}")).await.status(), 404);
    let events = caller.get(&format!("{page}/audit-events?target_id={id_of}")).await;
    assert_eq!(events[0]["action"], "incident.delete");
    assert_eq!(events[0]["actor_kind"], "token");
    server.stop().await;
}

async fn a_maintenance_moves_what_it_says(database: Database) {
    let (server, page, id) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/incidents");
    let lacking = incident(json!({ "name": "Move", "scheduled_for": "2026-11-23T01:00:00Z" }));
    caller.expect(422, "POST", &path, lacking).await;
    let plan = incident(
        json!({ "name": "Move", "scheduled_for": "2026-11-22T13:00:00Z", "scheduled_until": "2026-11-22T14:00:00Z", "scheduled_auto_transition": true, "auto_transition_to_maintenance_state": true, "auto_transition_to_operational_state": true, "component_ids": [&id] }),
    );
    let made = caller.expect(201, "POST", &path, plan).await;
    assert_eq!((&made["status"], &made["impact"]), (&json!("scheduled"), &json!("maintenance")));
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(server.app.move_maintenances().await.unwrap(), 0, "it is not time yet");
    server.app.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 1);
    let component = format!("{page}/components/{id}");
    assert_eq!(
        (&caller.get(&one).await["status"], &caller.get(&component).await["status"]),
        (&json!("in_progress"), &json!("under_maintenance"))
    );
    assert_eq!(server.app.move_maintenances().await.unwrap(), 0, "once");
    server.app.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 1);
    assert_eq!(
        (&caller.get(&one).await["status"], &caller.get(&component).await["status"]),
        (&json!("completed"), &json!("operational"))
    );
    caller.expect(422, "PATCH", &one, incident(json!({ "status": "resolved" }))).await;
    server.stop().await;
}

async fn what_is_backfilled_tells_nobody(database: Database) {
    let (server, page, id) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/incidents");
    let moved = incident(
        json!({ "name": "Old", "backfilled": true, "backfill_date": "2026-10-01", "components": { &id: "major_outage" } }),
    );
    caller.expect(422, "POST", &path, moved).await;
    let told = incident(
        json!({ "name": "Old", "backfilled": true, "backfill_date": "2026-10-01", "body": "It was this.", "component_ids": [&id] }),
    );
    let made = caller.expect(201, "POST", &path, told).await;
    assert_eq!(
        (&made["status"], &made["backfilled"], &made["created_at"]),
        (&json!("resolved"), &json!(true), &json!("2026-10-01T00:00:00.000Z"))
    );
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 0);
    assert_eq!(caller.get(&format!("{page}/components/{id}")).await["status"], "operational");
    server.stop().await;
}

async fn a_draft_is_seen_by_operators_alone(database: Database) {
    let (server, page, _) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/incidents");
    let made = caller
        .expect(201, "POST", &path, incident(json!({ "name": "Secret", "draft": true, "body": "Not yet." })))
        .await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(caller.get(&path).await, json!([]));
    assert_eq!(caller.get(&format!("{path}?include=drafts")).await.as_array().unwrap().len(), 1);
    assert!(!server.text("/").await.contains("Secret"));
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 0);
    caller.expect(200, "PATCH", &one, incident(json!({ "draft": false }))).await;
    assert!(server.text("/").await.contains("Secret"));
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 1);
    server.stop().await;
}

async fn lists_are_told_apart(database: Database) {
    let (server, page, _) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/incidents");
    caller.expect(201, "POST", &path, incident(json!({ "name": "Open 100%", "body": "x" }))).await;
    caller
        .expect(
            201,
            "POST",
            &path,
            incident(json!({ "name": "Over", "status": "resolved", "body": "A WORD" })),
        )
        .await;
    let planned = |status: &str| {
        incident(
            json!({ "name": status, "status": status, "scheduled_for": "2026-11-23T13:00:00Z", "scheduled_until": "2026-11-23T14:00:00Z" }),
        )
    };
    for status in ["scheduled", "in_progress", "completed"] {
        caller.expect(201, "POST", &path, planned(status)).await;
    }
    let names = async |query: &str| -> Vec<String> {
        let found = caller.get(&format!("{path}{query}")).await;
        found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await.len(), 5);
    assert_eq!(names("/unresolved").await, ["Open 100%"]);
    assert_eq!(names("/upcoming").await, ["scheduled"]);
    assert_eq!(names("/active_maintenance").await, ["in_progress"]);
    assert_eq!(names("/scheduled").await.len(), 2);
    assert_eq!(names("?q=a%20word").await, ["Over"]);
    assert_eq!(names("?q=%25").await, ["Open 100%"], "a sign is a sign, not a pattern");
    assert_eq!(names("?limit=2&page=2").await.len(), 2);
    let template = json!({ "template": { "name": "Slow", "title": "The shop is slow", "body": "We look.", "update_status": "identified" } });
    let made = caller.expect(201, "POST", &format!("{page}/incident_templates"), template).await;
    let opened = caller.expect(201, "POST", &path, incident(json!({ "template_id": made["id"] }))).await;
    assert_eq!((&opened["name"], &opened["status"]), (&json!("The shop is slow"), &json!("identified")));
    server.stop().await;
}

/// A form holds nothing but texts: those of an incident become what they stand for.
#[tokio::test]
async fn an_incident_is_opened_by_a_form() {
    let database = Database::sqlite().await;
    let (server, page, _) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let request = caller.request("POST", &format!("{page}/incidents"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let form = "incident[name]=Slow&incident[body]=We+look.&incident[deliver_notifications]=false";
    let answer = request.body(form).send().await.unwrap();
    let status = answer.status().as_u16();
    let made = crate::support::read(answer).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["incident_updates"][0]["deliver_notifications"], json!(false));
    server.stop().await;
}

/// A component that nobody knows is not attached, moved or not.
#[tokio::test]
async fn an_unknown_component_is_named() {
    let database = Database::sqlite().await;
    let (server, page, _) = with_component(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/incidents");
    for fields in [
        json!({ "name": "A", "components": { "nothere00000": "major_outage" } }),
        json!({ "name": "A", "components": { "nothere00000": "" }, "status": "resolved" }),
        json!({ "name": "A", "component_ids": ["nothere00000"] }),
    ] {
        let refused = caller.expect(404, "POST", &path, incident(fields)).await;
        assert!(refused["message"].as_str().unwrap().contains("nothere00000"), "{refused}");
    }
    assert_eq!(caller.get(&path).await, json!([]));
    server.stop().await;
}
