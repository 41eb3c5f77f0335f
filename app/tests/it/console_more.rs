//! The console: search, a component's past, and rules for alerts.

use std::time::Duration;

use pharos::domain::role::Role;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Browser, Caller, Database, PASSWORD, Screen, Server, on_both},
};

on_both!(
    everything_is_found_that_somebody_may_see,
    a_corrected_past_gives_another_uptime,
    alert_rules_are_made_and_tried,
);

/// A page with a component, the path of its console, and the component's id.
async fn at_work(database: &Database) -> (Server, String, String) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Cards 100%")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    (server, page.replace("/v1/", "/admin/"), id)
}

async fn everything_is_found_that_somebody_may_see(database: Database) {
    let (server, page, _) = at_work(&database).await;
    let caller = Caller::new(&server).await;
    let api = page.replace("/admin/", "/v1/");
    let body = json!({ "incident": { "name": "Cards fail", "body": "A <b>zebra</b> broke it." } });
    caller.expect(201, "POST", &format!("{api}/incidents"), body).await;
    let body = json!({ "template": { "name": "Cards template", "body": "x" } });
    caller.expect(201, "POST", &format!("{api}/incident_templates"), body).await;
    let owner = Browser::of(&server, Role::Owner).await;
    let found =
        async |browser: &Browser<'_>, query: &str| browser.get(&format!("{page}/search?q={query}")).await;
    let cards = found(&owner, "cARDs").await;
    for text in ["Cards fail", "Cards 100%", "Cards template"] {
        assert!(cards.holds(text), "{text} is missing in {}", cards.text());
    }
    assert!(found(&owner, "zebra").await.holds("Cards fail"), "by what was said of it");
    assert!(found(&owner, "owner%40example").await.holds("owner@example.com"));
    let percent = found(&owner, "0%25").await;
    assert!(percent.holds("Cards 100%") && !percent.holds("Cards fail"), "nothing is a pattern");
    let hostile = found(&owner, "%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(hostile.holds("Nothing was found") && !hostile.html.contains("<script>alert"));
    assert!(found(&owner, "").await.holds("Say what you look for"));
    let viewer = Browser::of(&server, Role::Viewer).await;
    assert!(found(&viewer, "cards").await.holds("Cards fail"));
    assert!(
        !found(&viewer, "owner%40example").await.holds("owner@example.com"),
        "people are not for everybody"
    );
    server.stop().await;
}

async fn a_corrected_past_gives_another_uptime(database: Database) {
    let (server, page, id) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    // Ten hours later it fails for one, and works again.
    let board = format!("{page}/components/status");
    let set = async |browser: &Browser<'_>, status: &str| {
        let csrf = browser.csrf().await;
        let sent = browser.post(&board, &[("csrf", &csrf), ("component", &id), ("status", status)]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
    };
    server.app.clock.advance(Duration::from_secs(7 * 3600));
    set(&browser, "major_outage").await;
    server.app.clock.advance(Duration::from_secs(3600));
    set(&browser, "operational").await;
    server.app.clock.advance(Duration::from_secs(3600));
    let one = format!("{page}/components/{id}");
    let screen = browser.get(&one).await;
    assert!(screen.holds("95.83") && screen.holds("Major outage"), "an hour of a day: {}", screen.text());
    for code in ["badge.svg", "/embed/script.js", "img.shields.io"] {
        assert!(screen.html.contains(code), "{code}");
    }
    let past = format!("{one}/past");
    let never = [("from", "2026-11-22T19:00"), ("until", "2026-11-22T20:00"), ("status", "operational")];
    let with = |what: &'static str| never.into_iter().chain([("do", what)]).collect::<Vec<_>>();
    let shown = browser.submit(&screen, &past, &with("preview")).await;
    assert!(shown.holds("With that: 100") && shown.holds("95.83"), "{}", shown.text());
    assert!(browser.get(&one).await.holds("95.83"), "a look changes nothing");
    let done = browser.submit_on(&screen, &past, &with("save")).await;
    assert!(done.holds("Corrected.") && done.holds("100") && !done.holds("95.83"), "{}", done.text());
    let late = browser.submit(&screen, &past, &with("save")).await;
    assert_eq!(late.status, 409, "it was changed since: {}", late.text());
    let half = [
        ("from", "2026-11-22T14:00"),
        ("until", "2026-11-22T14:30"),
        ("status", "partial_outage"),
        ("do", "save"),
    ];
    let done = browser.submit_on(&done, &past, &half).await;
    assert!(done.holds("Partial outage") && done.holds("30 min"), "{}", done.text());
    let at_once = (0..6).map(|_| browser.submit(&done, &past, &half));
    let mut at_once: Vec<u16> =
        futures_util::future::join_all(at_once).await.iter().map(|sent| sent.status.as_u16()).collect();
    at_once.sort_unstable();
    assert_eq!(at_once, [303, 409, 409, 409, 409, 409], "of those who correct it at once, one does");
    let done = browser.get(&one).await;
    let uptime = Caller::new(&server)
        .await
        .get(&format!("{}/components/{id}/uptime", page.replace("/admin/", "/v1/")))
        .await;
    assert_eq!((&uptime["partial_outage"], &uptime["major_outage"]), (&json!(1800), &json!(0)), "{uptime}");
    for (from, until) in
        [("2026-11-22T20:00", "2026-11-22T19:00"), ("2026-11-22T20:00", "2026-11-23T19:00"), ("x", "y")]
    {
        let wrong = [("from", from), ("until", until), ("do", "save")];
        assert_eq!(browser.submit(&done, &past, &wrong).await.status, 422, "{from} {until}");
    }
    let audit = browser.get(&format!("{page}/audit?kind=component")).await;
    assert!(audit.holds("component past by responder@example.com"), "{}", audit.text());
    let viewer = Browser::of(&server, Role::Viewer).await.get(&one).await;
    assert!(viewer.holds("What its status was") && !viewer.holds("Correct it"));
    server.stop().await;
}

async fn alert_rules_are_made_and_tried(database: Database) {
    let (server, page, id) = at_work(&database).await;
    let rules = format!("{page}/alert-rules");
    drop(Browser::of(&server, Role::Editor).await);
    let editor = Browser::new(&server);
    editor.sign_in("editor@example.com", PASSWORD).await;
    let screen = editor.get(&rules).await;
    let fields = [
        ("name", "Cards are down"),
        ("matchers", "severity = critical\njob =~ cards-.*"),
        ("component", id.as_str()),
        ("status", "major_outage"),
        ("do", "save"),
    ];
    let with = |field: &'static str, value: &'static str| -> Vec<(&str, &str)> {
        fields.iter().copied().filter(|(name, _)| *name != field).chain([(field, value)]).collect()
    };
    for (field, value, told) in [
        ("name", " ", "Name: allowed"),
        ("matchers", "severity", "such as severity = critical"),
        ("matchers", "job =~ (", "no regular expression"),
        ("component", "", "at least one of them is needed"),
        ("wait", "soon", "whole number"),
    ] {
        let refused = editor.submit(&screen, &rules, &with(field, value)).await;
        assert!(
            refused.status == 422 && refused.holds(told),
            "{told}: {} {}",
            refused.status,
            refused.text()
        );
        assert!(field == "name" || refused.html.contains("Cards are down"), "what was typed stays");
    }
    let made = editor.submit_on(&screen, &rules, &fields).await;
    assert!(
        made.holds("Saved.") && made.holds("Cards are down") && made.holds("Cards 100% →"),
        "{}",
        made.text()
    );
    let test = format!("{rules}/test");
    let tried = editor
        .submit(&made, &test, &[("labels", "severity = critical\njob = cards-7"), ("do", "test")])
        .await;
    assert!(tried.holds("It would be for “Cards are down”."), "{}", tried.text());
    let other =
        editor.submit(&made, &test, &[("labels", "severity = critical\njob = web"), ("do", "test")]).await;
    assert!(other.holds("No rule fits"), "{}", other.text());
    assert_eq!(editor.submit(&made, &test, &[("labels", "a =~ b"), ("do", "test")]).await.status, 422);
    assert_eq!(server.json("/api/v2/status.json").await["status"]["indicator"], "none", "nothing moves");
    a_rule_is_changed_and_deleted(&server, &editor, &page, &made).await;
    server.stop().await;
}

async fn a_rule_is_changed_and_deleted(server: &Server, editor: &Browser<'_>, page: &str, made: &Screen) {
    let rules = format!("{page}/alert-rules");
    let of_api =
        Caller::new(server).await.get(&format!("{}/alert_rules", page.replace("/admin/", "/v1/"))).await;
    assert_eq!(
        (&of_api[0]["matchers"][1]["op"], &of_api[0]["component_status"]),
        (&json!("=~"), &json!("major_outage"))
    );
    let one = format!("{rules}/{}", of_api[0]["id"].as_str().unwrap());
    let off = editor.submit_on(made, &one, &[("disabled", "true"), ("name", "Cards"), ("do", "save")]).await;
    assert!(off.holds("· off"), "{}", off.text());
    let late = editor.submit(made, &one, &[("name", "Mine"), ("do", "save")]).await;
    assert_eq!(late.status, 409, "it was changed since: {}", late.text());
    assert_eq!(editor.submit(&off, &one, &[("do", "delete")]).await.status, 422, "it asks first");
    assert!(
        editor
            .submit_on(&off, &one, &[("do", "delete"), ("sure", "true")])
            .await
            .holds("There are no rules yet.")
    );
    let viewer = Browser::of(server, Role::Viewer).await.get(&rules).await;
    assert!(viewer.holds("Test") && !viewer.holds("A new rule"));
    assert_eq!(
        Value::Array(vec![]),
        Caller::new(server).await.get(&format!("{}/alert_rules", page.replace("/admin/", "/v1/"))).await
    );
}
