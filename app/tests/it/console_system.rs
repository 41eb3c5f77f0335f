//! The console: how the whole system is.

use std::{collections::BTreeMap, time::Duration};

use pharos::domain::{
    Id,
    replica::{Run, Told},
    role::Role,
};

use crate::{
    manage::empty,
    support::{Browser, Database, noon, on_both},
};

on_both!(the_system_says_how_it_is);

async fn the_system_says_how_it_is(database: Database) {
    let (server, _) = empty(&database).await;
    let (page, revision) = server.app.site.versions().remove(0);
    let owner = Browser::of(&server, Role::Owner).await;
    assert!(pharos::jobs::step(&server.app, false).await.unwrap());
    let screen = owner.get("/admin/system").await;
    for text in
        ["All is well.", "(this one)", "shows what the database holds", "answers", "No notification waits."]
    {
        assert!(screen.holds(text), "{text} is missing in {}", screen.text());
    }
    let kind = if server.app.store.is_shared() { "PostgreSQL 1" } else { "SQLite 3." };
    assert!(screen.holds(kind) && screen.holds("maintenances done"), "{}", screen.text());
    assert!(screen.holds(env!("CARGO_PKG_VERSION")));

    // Another one, of another release, that shows an older state, and then says nothing any more.
    let other: Id = "replicaother".parse().unwrap();
    let told = Told {
        host: Some("pharos-7".into()),
        version: "0.0.9".into(),
        revisions: BTreeMap::from([(page.clone(), revision - 1)]),
        jobs: BTreeMap::from([("alerts".into(), Run { at: noon(), is_done: true })]),
        ..Told::default()
    };
    server.app.store.record().present(&other, &told).await.unwrap();
    server.app.store.record().present(&other, &told).await.unwrap();
    let screen = owner.get("/admin/system").await;
    for text in ["pharos-7", "Release 0.0.9", "1 revision behind", "Several releases are there"] {
        assert!(screen.holds(text), "{text} is missing in {}", screen.text());
    }
    server.app.clock.advance(Duration::from_secs(120));
    let screen = owner.get("/admin/system").await;
    assert!(
        screen.holds("pharos-7 is silent.") && screen.holds("Nobody does the jobs."),
        "{}",
        screen.text()
    );
    assert!(!screen.holds("Several releases"), "who is gone is no other release");
    server.app.store.record().absent(&other).await.unwrap();
    assert!(!owner.get("/admin/system").await.holds("pharos-7"));
    server.app.store.record().present(&other, &told).await.unwrap();
    server.app.clock.advance(Duration::from_secs(2 * 86_400));
    server.app.store.record().present(&server.app.replica, &told).await.unwrap();
    assert_eq!(server.app.store.replicas().await.unwrap().len(), 1, "who is gone for a day is forgotten");

    for role in [Role::Responder, Role::Editor, Role::Viewer] {
        let browser = Browser::of(&server, role).await;
        assert_eq!(browser.get("/admin/system").await.status, 403, "{role:?}");
        assert!(!browser.open("/admin").await.html.contains("/admin/system"));
    }
    server.stop().await;
}
