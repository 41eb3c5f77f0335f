//! The console: maintenances, from the plan to the end.

use std::time::Duration;

use pharos::domain::role::Role;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Browser, Caller, Database, Screen, Server, number, on_both},
};

on_both!(
    a_maintenance_begins_and_ends_by_the_clock,
    what_will_happen_is_shown_before,
    a_draft_of_a_maintenance_is_planned,
    a_maintenance_is_run_and_replanned_by_hand,
    what_is_called_off_moves_nothing,
);

/// A page with two components and a subscriber, and the path of its maintenances. It is noon on 22
/// November 2026, and the page's zone is UTC.
async fn at_work(database: &Database) -> (Server, String, Vec<String>) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let mut ids = vec![];
    for name in ["Website", "Cards"] {
        let made = caller.expect(201, "POST", &format!("{page}/components"), component(name)).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let body = json!({ "subscriber": { "email": "a@example.com", "skip_confirmation_notification": true } });
    caller.expect(201, "POST", &format!("{page}/subscribers"), body).await;
    let confirm = "UPDATE subscribers SET confirmed_at = created_at";
    sea_orm::ConnectionTrait::execute_unprepared(&database.raw().await, confirm).await.unwrap();
    let page = page.trim_start_matches("/v1/pages/").to_owned();
    (server, format!("/admin/pages/{page}/maintenances"), ids)
}

async fn plan(browser: &Browser<'_>, list: &str, fields: &[(&str, &str)]) -> (Screen, String) {
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let filled: Vec<(&str, &str)> = [("do", "post")].into_iter().chain(fields.iter().copied()).collect();
    let sent = browser.submit(&screen, &new, &filled).await;
    let location = sent.location.clone().unwrap_or_else(|| panic!("{} {}", sent.status, sent.text()));
    (browser.open(&location).await, location.split('?').next().unwrap().to_owned())
}

async fn maintenances(server: &Server) -> Value {
    server.json("/api/v2/scheduled-maintenances.json").await["scheduled_maintenances"].clone()
}

async fn status_of(server: &Server, name: &str) -> String {
    let components = server.json("/api/v2/components.json").await["components"].clone();
    let found = components.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    found["status"].as_str().unwrap().to_owned()
}

const TIMES: [(&str, &str); 2] = [("begins", "2026-11-22T13:00"), ("ends", "2026-11-22T14:30")];

async fn a_maintenance_begins_and_ends_by_the_clock(database: Database) {
    let (server, list, ids) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let fields = [("name", "Database upgrade"), TIMES[0], TIMES[1], ("component", ids[1].as_str())];
    let (screen, path) = plan(&browser, &list, &fields).await;
    assert!(screen.holds("Planned. Visitors see it now.") && screen.holds("by itself"), "{}", screen.text());
    let told = maintenances(&server).await;
    assert_eq!(
        (&told[0]["name"], &told[0]["status"], &told[0]["scheduled_until"]),
        (&json!("Database upgrade"), &json!("scheduled"), &json!("2026-11-22T14:30:00.000Z"))
    );
    assert_eq!(status_of(&server, "Cards").await, "operational", "nothing moves before");
    assert_eq!(server.app.move_maintenances().await.unwrap(), 0);
    server.app.clock.advance(Duration::from_secs(60 * 60));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 1);
    assert_eq!(maintenances(&server).await[0]["status"], "in_progress");
    assert_eq!(status_of(&server, "Cards").await, "under_maintenance");
    assert!(browser.get(&list).await.holds("Under way Database upgrade"));
    server.app.clock.advance(Duration::from_secs(90 * 60));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 1);
    assert_eq!(maintenances(&server).await[0]["status"], "completed");
    assert_eq!(status_of(&server, "Cards").await, "operational");
    let pending = "SELECT count(*) FROM notifications WHERE state = 'pending' AND event = 'incident_update'";
    assert_eq!(number(&database, pending).await, 3, "planned, begun and ended");
    assert!(browser.get(&list).await.holds("Past Database upgrade"));
    let month = browser.get(&format!("{list}?month=2026-11")).await;
    assert!(month.holds("November 2026") && month.html.contains(&path), "{}", month.text());
    assert!(!browser.get(&format!("{list}?month=2027-03")).await.html.contains(&path));
    // Its own place, whichever path named it.
    let elsewhere = browser.get(&path.replace("/maintenances/", "/incidents/")).await;
    assert_eq!(elsewhere.location.as_deref(), Some(path.as_str()));
    server.stop().await;
}

async fn what_will_happen_is_shown_before(database: Database) {
    let (server, list, ids) = at_work(&database).await;
    let caller = Caller::new(&server).await;
    let page = list.trim_start_matches("/admin/pages/").trim_end_matches("/maintenances");
    caller
        .expect(
            200,
            "PATCH",
            &format!("/v1/pages/{page}"),
            json!({ "page": { "time_zone": "Europe/Berlin" } }),
        )
        .await;
    let browser = Browser::of(&server, Role::Responder).await;
    let fields = [("name", "First"), TIMES[0], TIMES[1], ("component", ids[1].as_str())];
    let (_, first) = plan(&browser, &list, &fields).await;
    let new = list.trim_end_matches("/maintenances").to_owned() + "/incidents/new";
    let status = format!("status.{}", ids[1]);
    let open = [("name", "Cards fail"), ("do", "post"), (status.as_str(), "partial_outage")];
    assert_eq!(browser.submit(&browser.get(&new).await, &new, &open).await.status, 303);

    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let filled = [("name", "<b>Second</b>"), ("begins", "2026-11-22T14:00"), ("ends", "2026-11-22T16:00")];
    let with = |more: &[(&'static str, &str)]| -> Vec<(String, String)> {
        filled.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    for how in ["preview", "fragment"] {
        let fields = with(&[("component", &ids[1]), ("do", how)]);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let shown = browser.submit(&screen, &new, &fields).await;
        for text in
            ["14:00 CET", "13:00 UTC", "2 h", "1 subscriber is told.", "Cards: ", "is open", "Cards fail"]
        {
            assert!(shown.html.contains(text), "{how}: {text} is missing in {}", shown.html);
        }
        assert!(
            shown.html.contains("At the same time as the maintenance") && shown.html.contains(&first),
            "{how}"
        );
        assert!(!shown.html.contains("<b>Second") && shown.html.contains("sandbox=\"\""));
        let policy = shown.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("style-src 'self' 'sha256-") && !policy.contains("unsafe"), "{policy}");
    }
    // Another component, or another time, is in nobody's way.
    let later = [("begins", "2026-11-22T14:30"), ("component", ids[1].as_str()), ("do", "preview")];
    for other in [with(&[("component", &ids[0]), ("do", "preview")]), with(&later)] {
        let other: Vec<(&str, &str)> =
            other.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let shown = browser.submit(&screen, &new, &other).await;
        assert!(!shown.holds("At the same time"), "{}", shown.text());
    }
    what_can_not_be_is_refused(&browser, &screen, &new, &filled).await;
    assert_eq!(maintenances(&server).await.as_array().unwrap().len(), 1, "a look plans nothing");
    server.stop().await;
}

async fn what_can_not_be_is_refused(
    browser: &Browser<'_>,
    screen: &Screen,
    new: &str,
    filled: &[(&str, &str)],
) {
    for (field, value, said) in [
        ("begins", "2027-03-28T02:30", "jump over"),
        ("ends", "2026-11-22T14:00", "after it begins"),
        ("ends", "2027-11-22T14:00", "90 days"),
        ("begins", "soon", "such as 2026-07-30"),
        ("name", " ", "1 to"),
    ] {
        let filled: Vec<(&str, &str)> =
            filled.iter().copied().chain([(field, value), ("do", "post")]).collect();
        let refused = browser.submit(screen, new, &filled).await;
        assert!(refused.status == 422 && refused.holds(said), "{field}: {}", refused.text());
    }
    let past =
        [("name", "Late"), ("begins", "2026-11-22T09:00"), ("ends", "2026-11-22T10:00"), ("do", "post")];
    assert!(browser.submit(screen, new, &past).await.holds("that time is past"));
}

async fn a_draft_of_a_maintenance_is_planned(database: Database) {
    let (server, list, ids) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let filled = [("name", "Perhaps"), TIMES[0], TIMES[1], ("component", ids[0].as_str()), ("do", "draft")];
    let kept = browser.submit_on(&screen, &new, &filled).await;
    assert!(kept.holds("Kept as a draft"), "{}", kept.text());
    let fields = kept.fields(&new);
    for (name, value) in &filled[..4] {
        assert!(fields.contains(&((*name).to_owned(), (*value).to_owned())), "{name} in {fields:?}");
    }
    assert!(maintenances(&server).await.as_array().unwrap().is_empty());
    assert!(browser.get(&list).await.holds("Drafts Perhaps"));
    assert!(!Browser::of(&server, Role::Viewer).await.get(&list).await.holds("Perhaps"));
    // No form for incidents writes on it.
    let draft = kept.fields(&new).into_iter().find(|(name, _)| name == "draft").unwrap().1;
    let compose = new.replace("/maintenances/", "/incidents/");
    assert_eq!(browser.get(&format!("{compose}?draft={draft}")).await.status, 404);
    let blank = browser.get(&compose).await;
    let version = kept.fields(&new).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let typed = [("name", "Posted"), ("draft", &*draft), ("version", &*version), ("do", "post")];
    assert_eq!(browser.submit(&blank, &compose, &typed).await.status, 404);
    let posted = browser.submit_on(&kept, &new, &[("name", "Certainly"), ("do", "post")]).await;
    assert!(posted.holds("Planned."), "{}", posted.text());
    assert_eq!(maintenances(&server).await[0]["name"], "Certainly");
    assert!(!browser.get(&list).await.holds("Drafts"));
    let late = browser.submit(&kept, &new, &[("do", "post")]).await;
    assert_eq!(late.status, 409, "it was planned already");
    server.stop().await;
}

async fn a_maintenance_is_run_and_replanned_by_hand(database: Database) {
    let (server, list, ids) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let fields = [("name", "Move"), TIMES[0], TIMES[1], ("component", ids[1].as_str())];
    let (first, path) = plan(&browser, &list, &fields).await;
    let to_plan = format!("{path}/plan");
    let other = [
        ("name", "Move of the house"),
        ("ends", "2026-11-22T15:00"),
        ("component", ids[0].as_str()),
        ("message", "We take *longer*."),
        ("do", "save"),
    ];
    let changed = browser.submit_on(&first, &to_plan, &other).await;
    assert!(
        changed.holds("The plan is changed.") && changed.html.contains("<em>longer</em>"),
        "{}",
        changed.text()
    );
    let told = maintenances(&server).await[0].clone();
    assert_eq!(
        (&told["name"], &told["scheduled_until"]),
        (&json!("Move of the house"), &json!("2026-11-22T15:00:00.000Z"))
    );
    let names: Vec<&str> =
        told["components"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Website"], "it is about another one now");
    let late = browser.submit(&first, &to_plan, &[("name", "Mine"), ("do", "save")]).await;
    assert!(
        late.status == 409 && late.holds("Somebody else changed this"),
        "{} {}",
        late.status,
        late.text()
    );
    assert!(late.fields(&to_plan).contains(&("name".into(), "Mine".into())), "what was typed is there");
    let wrong = browser.submit(&late, &to_plan, &[("ends", "2026-11-22T12:00"), ("do", "save")]).await;
    assert!(wrong.status == 422 && wrong.holds("after it begins"), "{}", wrong.text());

    let shown = browser.submit(&changed, &path, &[("do", "preview"), ("body", "Soon.")]).await;
    assert!(shown.status == 200 && shown.holds("What visitors will see"), "{}", shown.text());
    let begun = browser.submit_on(&changed, &path, &[("do", "in_progress")]).await;
    assert!(begun.holds("It has begun."), "{}", begun.text());
    assert_eq!(status_of(&server, "Website").await, "under_maintenance");
    assert!(!begun.html.contains("name=\"begins\""), "when it began is past");
    let checked = browser.submit_on(&begun, &path, &[("do", "verifying"), ("body", "We look.")]).await;
    assert_eq!(maintenances(&server).await[0]["incident_updates"][0]["body"], "We look.");
    let done = browser.submit_on(&checked, &path, &[("do", "completed")]).await;
    assert!(done.holds("It is over."), "{}", done.text());
    assert_eq!(status_of(&server, "Website").await, "operational");
    server.app.clock.advance(Duration::from_secs(6 * 60 * 60));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 0, "the clock has nothing left to do");
    let correction = done
        .html
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|action| action.contains("/updates/"))
        .unwrap()
        .to_owned();
    assert!(browser.submit_on(&done, &correction, &[("body", "Done.")]).await.holds("Corrected."));
    let gone =
        browser.submit_on(&browser.get(&path).await, &format!("{path}/delete"), &[("sure", "true")]).await;
    assert!(gone.holds("Deleted.") && maintenances(&server).await.as_array().unwrap().is_empty());
    server.stop().await;
}

async fn what_is_called_off_moves_nothing(database: Database) {
    let (server, list, ids) = at_work(&database).await;
    let browser = Browser::of(&server, Role::Responder).await;
    let fields = [("name", "Move"), TIMES[0], TIMES[1], ("component", ids[1].as_str())];
    let (screen, path) = plan(&browser, &list, &fields).await;
    let (_, running) =
        plan(&browser, &list, &[("name", "Now"), TIMES[0], TIMES[1], ("component", ids[1].as_str())]).await;
    let cancel = format!("{path}/cancel");
    assert_eq!(browser.submit(&screen, &cancel, &[]).await.status, 422, "it asks whether that is meant");
    let other = browser.get(&running).await;
    browser.submit_on(&other, &running, &[("do", "in_progress")]).await;
    assert_eq!(status_of(&server, "Cards").await, "under_maintenance");
    let off =
        browser.submit_on(&screen, &cancel, &[("sure", "true"), ("reason", "We need more time.")]).await;
    assert!(off.holds("It is called off.") && off.holds("We need more time."), "{}", off.text());
    assert_eq!(status_of(&server, "Cards").await, "under_maintenance", "by the other one");
    assert!(server.text("/history.ics").await.contains("STATUS:CANCELLED"));
    server.app.clock.advance(Duration::from_secs(3 * 60 * 60));
    assert_eq!(server.app.move_maintenances().await.unwrap(), 1, "the other one's end");
    let again = browser.post(&cancel, &[("csrf", &browser.csrf().await), ("sure", "true")]).await;
    assert!(again.status == 422 && again.holds("called off"), "{}", again.text());
    server.stop().await;
}
