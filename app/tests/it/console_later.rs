//! The console: what is posted by the clock, and what is taken back a moment after it was posted.

use std::time::Duration;

use pharos::domain::role::Role;

use crate::{
    console_incidents::{at_work, incidents, operator, status},
    support::{Browser, Caller, Database, Screen, Server, number, on_both},
};

on_both!(
    a_draft_is_shown_by_the_clock,
    only_a_time_to_come_can_be_chosen,
    what_was_just_posted_is_told_to_nobody,
    what_was_just_posted_is_taken_back,
    what_a_program_posted_is_told_at_once_and_not_taken_back,
);

/// What the browser writes for an instant so many minutes from now, in the page's zone.
fn in_minutes(server: &Server, minutes: i64) -> String {
    let at = server.app.clock.now() + chrono::TimeDelta::minutes(minutes);
    at.format("%Y-%m-%dT%H:%M").to_string()
}

async fn count(database: &Database, state: &str) -> i64 {
    let of = "SELECT count(*) FROM notifications WHERE event = 'incident_update' AND state";
    number(database, &format!("{of} = '{state}'")).await
}

async fn indicator(server: &Server) -> String {
    server.json("/api/v2/status.json").await["status"]["indicator"].as_str().unwrap().to_owned()
}

async fn a_draft_is_shown_by_the_clock(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (new, cards, wallets) = (format!("{list}/new"), status(&ids[1]), status(&ids[2]));
    let screen = browser.get(&new).await;
    let when = in_minutes(&server, 30);
    let filled = [
        ("name", "Cards are switched off"),
        ("body", "As we said."),
        (cards.as_str(), "major_outage"),
        (wallets.as_str(), "major_outage"),
        ("promise", "60"),
        ("publish_at", when.as_str()),
        ("do", "later"),
    ];
    let kept = browser.submit_on(&screen, &new, &filled).await;
    assert!(kept.holds("The clock posts it"), "{}", kept.text());
    for field in [("publish_at", when.as_str()), ("promise", "60"), (&cards, "major_outage")] {
        assert!(kept.fields(&new).contains(&(field.0.to_owned(), field.1.to_owned())), "{field:?}");
    }
    assert!(browser.get(&list).await.holds("posted by the clock"));
    assert_eq!(server.app.publish_drafts().await.unwrap(), 0, "its time has not come");
    assert_eq!(
        (incidents(&server).await.as_array().unwrap().len(), indicator(&server).await),
        (0, "none".into())
    );
    // A component that is gone by then holds nothing up.
    let caller = crate::support::Caller::new(&server).await;
    let page = list.trim_start_matches("/admin/pages/").trim_end_matches("/incidents").to_owned();
    let gone = format!("/v1/pages/{page}/components/{}", ids[2]);
    caller.expect(204, "DELETE", &gone, serde_json::json!({})).await;

    server.app.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(server.app.publish_drafts().await.unwrap(), 1);
    let told = incidents(&server).await;
    assert_eq!(told[0]["name"], "Cards are switched off");
    assert_eq!(
        (told[0]["impact"].as_str(), told[0]["status"].as_str()),
        (Some("critical"), Some("investigating"))
    );
    let affected = told[0]["incident_updates"][0]["affected_components"].as_array().unwrap();
    assert_eq!(affected.len(), 1, "{affected:?}");
    assert_eq!(affected[0]["new_status"], "major_outage");
    assert!(told[0]["incident_updates"].as_array().unwrap().len() == 1);
    assert_eq!(count(&database, "pending").await, 1, "subscribers are told");
    let id = told[0]["id"].as_str().unwrap();
    assert!(
        browser.get(&format!("{list}/{id}")).await.holds("next update by"),
        "the promise counts from then"
    );
    assert_eq!(server.app.publish_drafts().await.unwrap(), 0, "once");
    // Whoever still has the draft open posts no second one.
    assert_eq!(browser.submit(&kept, &new, &[("do", "post")]).await.status, 409);
    assert_eq!(incidents(&server).await.as_array().unwrap().len(), 1);
    server.stop().await;
}

async fn only_a_time_to_come_can_be_chosen(database: Database) {
    let (server, list, _) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    for wrong in ["", "soon", "2020-01-01T00:00", &in_minutes(&server, 400 * 24 * 60)] {
        let filled = [("name", "Later"), ("body", "Mine"), ("publish_at", wrong), ("do", "later")];
        let refused = browser.submit(&screen, &new, &filled).await;
        assert!(
            refused.status == 422 && refused.holds("Choose a time to come"),
            "{wrong}: {}",
            refused.text()
        );
        assert!(refused.fields(&new).contains(&("body".into(), "Mine".into())), "what was typed stays");
    }
    // Kept as a draft again, it waits for somebody.
    let when = in_minutes(&server, 5);
    let later = [("name", "Later"), ("publish_at", when.as_str()), ("do", "later")];
    let kept = browser.submit_on(&screen, &new, &later).await;
    let waits = browser.submit_on(&kept, &new, &[("do", "draft")]).await;
    assert!(waits.holds("Kept as a draft") && !waits.holds("The clock posts it"), "{}", waits.text());
    server.app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(server.app.publish_drafts().await.unwrap(), 0);
    server.stop().await;
}

/// Posts an incident that moves the first component, and gives the screen after it and its path.
async fn just_posted(browser: &Browser<'_>, server: &Server, list: &str, id: &str) -> (Screen, String) {
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let filled = [("name", "Slow"), (&*status(id), "partial_outage"), ("notify", "true"), ("do", "post")];
    let posted = browser.submit_on(&screen, &new, &filled).await;
    assert!(posted.holds("2 subscribers are told in"), "{}", posted.text());
    assert_ne!(indicator(server).await, "none");
    let told = incidents(server).await;
    (posted, format!("{list}/{}", told[0]["id"].as_str().unwrap()))
}

async fn what_was_just_posted_is_told_to_nobody(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (posted, path) = just_posted(&browser, &server, &list, &ids[0]).await;
    let untold = format!("{path}/untold");
    assert_eq!(count(&database, "pending").await, 1);
    let quiet = browser.submit_on(&posted, &untold, &[]).await;
    assert!(quiet.holds("Nobody is told of it.") && !quiet.holds("are told in"), "{}", quiet.text());
    assert_eq!((count(&database, "pending").await, count(&database, "suppressed").await), (0, 1));
    assert_eq!(incidents(&server).await.as_array().unwrap().len(), 1, "visitors see it");
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'notification.suppress'";
    assert_eq!(number(&database, audited).await, 1);
    // What is told by now can't be taken back.
    let screen = browser.get(&path).await;
    let update = [("body", "More"), ("notify", "true"), ("do", "identified")];
    let updated = browser.submit_on(&screen, &path, &update).await;
    assert!(updated.holds("are told in") && updated.fields(&format!("{path}/taken-back")).is_empty());
    server.app.clock.advance(Duration::from_secs(21));
    let late = browser.submit(&updated, &untold, &[]).await;
    assert!(late.status == 422 && late.holds("told of it by now"), "{} {}", late.status, late.text());
    assert_eq!(count(&database, "pending").await, 1);
    assert!(!browser.get(&path).await.holds("are told in"));
    server.stop().await;
}

async fn what_was_just_posted_is_taken_back(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (posted, path) = just_posted(&browser, &server, &list, &ids[0]).await;
    let back = browser.submit_on(&posted, &format!("{path}/taken-back"), &[]).await;
    assert!(back.holds("Taken back"), "{}", back.text());
    assert_eq!(
        (incidents(&server).await.as_array().unwrap().len(), indicator(&server).await),
        (0, "none".into())
    );
    assert_eq!((count(&database, "pending").await, count(&database, "suppressed").await), (0, 1));
    let (posted, path) = just_posted(&browser, &server, &list, &ids[0]).await;
    server.app.clock.advance(Duration::from_secs(21));
    let late = browser.submit(&posted, &format!("{path}/taken-back"), &[]).await;
    assert!(late.status == 422 && late.holds("told of it by now"), "{} {}", late.status, late.text());
    assert_eq!(incidents(&server).await.as_array().unwrap().len(), 1);
    server.stop().await;
}

async fn what_a_program_posted_is_told_at_once_and_not_taken_back(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (posted, before) = just_posted(&browser, &server, &list, &ids[0]).await;
    assert!(!posted.fields(&format!("{before}/taken-back")).is_empty());
    let body = serde_json::json!({ "incident": { "name": "By a program", "status": "investigating" } });
    let api = list.replace("/admin/", "/v1/");
    let made = Caller::new(&server).await.expect(201, "POST", &api, body).await;
    let path = format!("{list}/{}", made["id"].as_str().unwrap());
    let screen = browser.get(&path).await;
    assert!(screen.holds("By a program") && !screen.holds("Take it back"), "{}", screen.text());
    let csrf = browser.csrf_of(&screen);
    let version = screen.fields(&path).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let refused =
        browser.post(&format!("{path}/taken-back"), &[("csrf", &csrf), ("version", &version)]).await;
    assert!(refused.status == 422 && refused.holds("told of it by now"), "{}", refused.text());
    assert_eq!(incidents(&server).await.as_array().unwrap().len(), 2, "it stays");
    server.stop().await;
}
