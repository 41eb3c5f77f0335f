//! The console: what was done, looked through and taken away.

use pharos::domain::role::Role;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Browser, Caller, Database, on_both},
};

on_both!(
    what_was_done_is_found_and_taken_away,
    a_long_audit_comes_in_pieces,
    who_looks_after_people_sees_what_was_done_to_them,
);

async fn what_was_done_is_found_and_taken_away(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/components");
    let made = caller.expect(201, "POST", &path, component("=cmd()")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    caller.expect(201, "POST", &path, component("Website")).await;
    let editor = Browser::of(&server, Role::Editor).await;
    let board = format!("/admin/pages/{}/components", page.trim_start_matches("/v1/pages/"));
    let screen = editor.get(&board).await;
    let added = editor.submit_on(&screen, &format!("{board}/more"), &[("components", "Mail")]).await;
    assert!(added.holds("Added."));

    let audit = board.replace("/components", "/audit");
    let all = editor.get(&audit).await;
    assert!(
        all.holds("component create by editor@example.com") && all.holds("token test all"),
        "{}",
        all.text()
    );
    let rows = |screen: &crate::support::Screen| screen.html.matches("<summary>Before and after").count();
    let found = async |query: &str| rows(&editor.get(&format!("{audit}?{query}")).await);
    let user = server.app.store.credentials_of("editor@example.com").await.unwrap().unwrap().user.id;
    assert_eq!(found(&format!("object={id}")).await, 1);
    assert_eq!(found(&format!("who=user:{user}&kind=component")).await, 1);
    assert_eq!(found("kind=incident").await, 0);
    assert_eq!(
        (found("from=2026-11-22&until=2026-11-22").await, found("from=2026-11-23").await),
        (rows(&all), 0)
    );
    assert_eq!(found("until=2026-11-21").await, 0);
    for (query, said) in [("from=yesterday", "From"), ("object=%3Cscript%3E", "Object")] {
        let refused = editor.get(&format!("{audit}?{query}")).await;
        assert!(refused.status == 422 && refused.holds(&format!("{said}: allowed is")), "{}", refused.text());
        assert_eq!(editor.get(&format!("{audit}/download?{query}")).await.status, 422);
    }

    let taken = editor.get(&format!("{audit}/download?format=csv&kind=component")).await;
    assert_eq!(taken.headers["content-type"], "text/csv; charset=utf-8");
    let name = taken.headers["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"audit-") && name.ends_with(".csv\""), "{name}");
    assert_eq!(taken.headers["cache-control"], "no-store");
    let mut reader = csv::Reader::from_reader(taken.html.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 3);
    assert!(records.iter().any(|record| record.iter().any(|cell| cell.contains("=cmd()"))));
    let formulas = records.iter().flatten().filter(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
    assert_eq!(formulas.count(), 0);
    let taken = editor.get(&format!("{audit}/download?format=json")).await;
    assert_eq!(taken.headers["content-type"], "application/json");
    let events: Vec<Value> = serde_json::from_str(&taken.html).unwrap();
    assert!(events.iter().any(|event| event["actor_name"] == "editor@example.com"));
    assert!(events.iter().any(|event| event["after"]["name"] == json!("=cmd()")), "{events:?}");
    assert_eq!(
        Browser::new(&server).get(&format!("{audit}/download")).await.status,
        303,
        "not for everybody"
    );
    server.stop().await;
}

async fn a_long_audit_comes_in_pieces(database: Database) {
    let (server, page) = empty(&database).await;
    let page = page.trim_start_matches("/v1/pages/").to_owned();
    let raw = database.raw().await;
    let insert = |from: u32, until: u32| {
        let rows: Vec<String> = (from..until)
            .map(|number| {
                format!("('{page}', '2026-11-20T10:00:00+00:00', 'system', 'test.{number}', 'component')")
            })
            .collect();
        format!(
            "INSERT INTO audit_events (page_id, at, actor_kind, action, target_kind) VALUES {}",
            rows.join(",")
        )
    };
    for from in [0, 600] {
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &insert(from, from + 600)).await.unwrap();
    }
    let viewer = Browser::of(&server, Role::Viewer).await;
    let audit = format!("/admin/pages/{page}/audit");
    let taken = viewer.get(&format!("{audit}/download?format=json&kind=component")).await;
    let events: Vec<Value> = serde_json::from_str(&taken.html).unwrap();
    let actions: Vec<&str> = events.iter().filter_map(|event| event["action"].as_str()).collect();
    let expected: Vec<String> = (0..1_200).rev().map(|number| format!("test.{number}")).collect();
    assert_eq!(actions, expected, "each once, the newest first, though all are of one instant");
    let taken = viewer.get(&format!("{audit}/download?kind=component")).await;
    assert_eq!(csv::Reader::from_reader(taken.html.as_bytes()).records().count(), 1_200);
    let second = viewer.get(&format!("{audit}?kind=component&number=2")).await;
    assert!(second.holds("test 1149") && !second.holds("test 1150") && second.html.contains("number=3"));
    server.stop().await;
}

async fn who_looks_after_people_sees_what_was_done_to_them(database: Database) {
    let (server, page) = empty(&database).await;
    let (admin, editor) = (Browser::of(&server, Role::Admin).await, Browser::of(&server, Role::Editor).await);
    let audit = page.replace("/v1/", "/admin/") + "/audit";
    let (of_page, all) = (admin.get(&audit).await, format!("{audit}?of=installation"));
    assert!(of_page.html.contains("of=installation") && !of_page.holds("session begin"));
    let shown = admin.get(&all).await;
    assert!(
        shown.holds("session begin by editor@example.com") && shown.holds("user create"),
        "{}",
        shown.text()
    );
    let user = server.app.store.credentials_of("editor@example.com").await.unwrap().unwrap().user.id;
    let found = admin.get(&format!("{all}&kind=user&object={user}")).await;
    assert!(found.holds("user create") && !found.holds("by admin@example.com"), "{}", found.text());
    let fields = found.fields(&audit);
    assert!(fields.contains(&("of".into(), "installation".into())), "looking on stays there: {fields:?}");
    let path = format!("{audit}/download?of=installation&format=json");
    let events: Vec<Value> = serde_json::from_str(&admin.get(&path).await.html).unwrap();
    assert!(events.iter().any(|event| event["action"] == "session.begin"), "{events:?}");
    assert!(!editor.get(&audit).await.html.contains("of=installation"));
    for path in [&all, &path] {
        assert_eq!(editor.get(path).await.status, 403, "{path}");
    }
    server.stop().await;
}
