//! The console: maintenances that come again, and those of a page in somebody's calendar.

use std::time::Duration;

use pharos::domain::role::Role;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Browser, Caller, Database, Server, number, on_both},
};

on_both!(a_series_is_planned_ahead_and_changed, operators_have_them_in_their_calendar);

async fn at_work(database: &Database) -> (Server, String, String) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let made = caller.expect(201, "POST", &format!("{page}/components"), component("Cards")).await;
    caller.expect(200, "PATCH", &page, json!({ "page": { "time_zone": "Europe/Berlin" } })).await;
    let body = json!({ "subscriber": { "email": "a@example.com", "skip_confirmation_notification": true } });
    caller.expect(201, "POST", &format!("{page}/subscribers"), body).await;
    let list = page.replace("/v1/", "/admin/") + "/maintenances";
    (server, list, made["id"].as_str().unwrap().to_owned())
}

/// When each begins that visitors see, with its name, the first at the front.
async fn planned(server: &Server) -> Vec<(String, String)> {
    let answer = server.json("/api/v2/scheduled-maintenances/upcoming.json").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = answer["scheduled_maintenances"].as_array().unwrap().clone();
    let mut all: Vec<_> = all.iter().map(|one| (text(&one["scheduled_for"]), text(&one["name"]))).collect();
    all.sort();
    all
}

async fn a_series_is_planned_ahead_and_changed(database: Database) {
    let (server, list, id) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    // Sundays at four; it is Sunday, 22 November 2026, one in the afternoon in Berlin.
    let fields = [
        ("name", "Sunday upgrade"),
        ("begins", "2026-11-29T04:00"),
        ("ends", "2026-11-29T05:00"),
        ("component", id.as_str()),
        ("repeats", "FREQ=WEEKLY"),
    ];
    let with = |more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
        fields.iter().copied().chain(more.iter().copied()).collect()
    };
    let shown = browser.submit(&screen, &new, &with(&[("do", "preview")])).await;
    assert!(shown.holds("It comes again:") && shown.holds("6 Dec 2026, 04:00"), "{}", shown.text());
    for (more, told) in [
        (&[("repeats", "own"), ("rule", "FREQ=HOURLY"), ("do", "post")], "Comes again: allowed is a rule"),
        (&[("repeats", "FREQ=DAILY"), ("ends", "2026-12-01T05:00"), ("do", "post")], "before it is over"),
        (&[("repeats", "FREQ=WEEKLY"), ("rule", ""), ("do", "draft")], "A draft comes once"),
    ] {
        let refused = browser.submit(&screen, &new, &with(more)).await;
        assert!(
            refused.status == 422 && refused.holds(told),
            "{told}: {} {}",
            refused.status,
            refused.text()
        );
    }
    assert!(planned(&server).await.is_empty());
    // What is no draft of a maintenance is not what the series takes the place of.
    let compose = new.replace("/maintenances/", "/incidents/");
    let blank = browser.get(&compose).await;
    let slow = [("name", "Slow"), ("notify", ""), ("do", "post")];
    let posted = browser.submit(&blank, &compose, &slow).await.location.unwrap();
    let path = posted.split('?').next().unwrap();
    let version =
        browser.get(path).await.fields(path).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let draft = [("draft", path.rsplit('/').next().unwrap()), ("version", &*version), ("do", "post")];
    let typed: Vec<(&str, &str)> = fields.iter().copied().chain(draft).collect();
    assert_eq!(browser.submit(&screen, &new, &typed).await.status, 404);
    assert_eq!(server.json("/api/v2/incidents.json").await["incidents"][0]["name"], "Slow");
    assert!(planned(&server).await.is_empty());
    let series = browser.submit_on(&screen, &new, &with(&[("do", "post")])).await;
    assert!(series.holds("Planned.") && series.holds("FREQ=WEEKLY"), "{}", series.text());
    let begin: Vec<String> = planned(&server).await.into_iter().map(|(begins, _)| begins).collect();
    let sundays = ["2026-11-29", "2026-12-06", "2026-12-13", "2026-12-20", "2026-12-27"];
    assert_eq!(begin, sundays.map(|day| format!("{day}T04:00:00.000+01:00")), "five weeks ahead");
    let pending = "SELECT count(*) FROM notifications WHERE state = 'pending' AND event = 'incident_update'";
    assert_eq!(number(&database, pending).await, 1, "of the next one");
    assert_eq!(server.app.plan_series().await.unwrap(), 0, "each once");
    server.app.clock.advance(Duration::from_secs(3 * 86_400));
    assert_eq!(server.app.plan_series().await.unwrap(), 0, "the next is not near yet");

    it_is_changed(&server, &list, &database).await;
    server.stop().await;
}

/// One of them is moved, and stays so when the series is changed and when it ends.
async fn it_is_changed(server: &Server, list: &str, database: &Database) {
    let browser = Browser::new(server);
    browser.sign_in("responder@example.com", crate::support::PASSWORD).await;
    let listed = browser.get(list).await;
    let path_of = |html: &str, what: &str| {
        let mut paths = html.split("href=\"").filter_map(|part| part.split('"').next());
        paths
            .find(|path| path.starts_with(&format!("{list}/{what}")) && !path.ends_with("/new"))
            .unwrap()
            .to_owned()
    };
    let series = path_of(&listed.html, "series/");
    let one = listed
        .html
        .split("href=\"")
        .filter_map(|part| part.split('"').next())
        .find(|path| {
            path.starts_with(&format!("{list}/")) && !path.contains("series") && !path.ends_with("/new")
        })
        .unwrap()
        .to_owned();
    let screen = browser.get(&one).await;
    assert!(screen.holds("It is one of a series"), "{}", screen.text());
    let moved = [("begins", "2026-11-29T06:00"), ("ends", "2026-11-29T07:00"), ("do", "save")];
    assert!(browser.submit_on(&screen, &format!("{one}/plan"), &moved).await.holds("The plan is changed."));
    let screen = browser.get(&series).await;
    let later = [
        ("name", "Night work"),
        ("begins", "2026-11-30T02:00"),
        ("ends", "2026-11-30T02:30"),
        ("rule", "FREQ=WEEKLY;COUNT=3"),
        ("do", "save"),
    ];
    let changed = browser.submit_on(&screen, &series, &later).await;
    assert!(changed.holds("The series is changed."), "{}", changed.text());
    let expected = [
        ("2026-11-29T06:00:00.000+01:00", "Sunday upgrade"),
        ("2026-11-30T02:00:00.000+01:00", "Night work"),
        ("2026-12-07T02:00:00.000+01:00", "Night work"),
        ("2026-12-14T02:00:00.000+01:00", "Night work"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(at, name)| ((*at).into(), (*name).into())).collect();
    assert_eq!(planned(server).await, expected);
    let late = browser.submit(&screen, &series, &later).await;
    assert!(
        late.status == 409 && late.holds("Somebody else changed this"),
        "{} {}",
        late.status,
        late.text()
    );

    it_ends(&browser, &series).await;
    assert_eq!(planned(server).await, expected[..1], "what somebody changed stays");
    assert!(browser.get(&series).await.holds("It was ended"));
    assert!(!browser.get(list).await.holds("Series"));
    let events = "SELECT count(*) FROM audit_events WHERE action LIKE 'recurrence.%'";
    assert_eq!(number(database, events).await, 3);
}

async fn it_ends(browser: &Browser<'_>, series: &str) {
    let screen = browser.get(series).await;
    let csrf = browser.csrf().await;
    let version = screen.fields(series).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let end = |sure: &'static str| {
        vec![
            ("csrf", csrf.clone()),
            ("version", version.clone()),
            ("do", "end".into()),
            ("planned", "true".into()),
            ("sure", sure.into()),
        ]
    };
    for (sure, status) in [("", 422), ("true", 303)] {
        let fields = end(sure);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post(series, &fields).await.status, status);
    }
}

async fn operators_have_them_in_their_calendar(database: Database) {
    let (server, list, _) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    for (name, what) in [("Planned", "post"), ("Perhaps", "draft")] {
        let fields =
            [("name", name), ("begins", "2026-11-29T04:00"), ("ends", "2026-11-29T05:00"), ("do", what)];
        assert_eq!(browser.submit(&screen, &new, &fields).await.status, 303);
    }
    let feed = format!("{list}/feed");
    let address = async |browser: &Browser<'_>| {
        let made = browser.submit(&browser.get(&list).await, &feed, &[("do", "make")]).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let text = made.text();
        text.split("http://status.test").nth(1).unwrap().split(' ').next().unwrap().to_owned()
    };
    let first = address(&browser).await;
    assert!(!browser.get(&list).await.html.contains(&first), "it is shown once");
    let kept = "SELECT count(*) FROM calendar_feeds WHERE length(token_hash) = 64";
    assert_eq!(number(&database, kept).await, 1, "its hash alone is kept");
    let calendar = server.get(&first).await;
    assert_eq!(calendar.headers()["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(calendar.headers()["cache-control"], "no-store");
    let text = calendar.text().await.unwrap();
    for part in
        ["BEGIN:VCALENDAR", "Planned", "Perhaps (draft)", "STATUS:TENTATIVE", "DTSTART:20261129T030000Z"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let second = address(&browser).await;
    assert_eq!(server.get(&first).await.status(), 404, "a new one takes its place");
    assert_eq!(server.get(&second).await.status(), 200);
    let viewer = Browser::of(&server, Role::Viewer).await;
    let of_viewer = address(&viewer).await;
    let text = server.get(&of_viewer).await.text().await.unwrap();
    assert!(text.contains("Planned") && !text.contains("Perhaps"), "no more than they may see: {text}");
    let id = server.app.store.credentials_of("viewer@example.com").await.unwrap().unwrap().user.id;
    server.app.store.record().set_disabled(&id, true, &pharos::store::Actor::CommandLine).await.unwrap();
    assert_eq!(server.get(&of_viewer).await.status(), 404, "nor any longer than they may sign in");
    let revoked = browser.submit_on(&browser.get(&list).await, &feed, &[("do", "revoke")]).await;
    assert!(revoked.holds("leads nowhere any more"), "{}", revoked.text());
    assert_eq!(server.get(&second).await.status(), 404);
    assert_eq!(server.get("/admin/calendars/nothing").await.status(), 404);
    server.stop().await;
}
