//! Bringing pages over.

use std::path::Path;

use pharos::{
    clock::Clock,
    domain::{Id, incident::IncidentStatus},
    store::{Actor, NewComponent, NewIncident, NewPage, NewUpdate, Store},
    transfer::statuspage::{Options, Report, import},
};

use crate::support::{Database, Server, clock, fixture, number, on_both};

on_both!(
    githubs_documents_make_githubs_page,
    importing_twice_changes_nothing,
    a_second_page_wants_new_ids,
    a_broken_document_writes_nothing,
    nobody_is_notified,
    a_page_is_brought_over_from_its_address,
    a_whole_past_is_brought_over_from_its_address,
    the_demo_gives_way_to_a_real_page,
    a_copy_needs_no_page_to_go_into,
    what_is_open_here_and_nowhere_else_is_noted,
    a_postmortem_outlives_what_is_brought_over_it,
);

const GITHUB: &str = "kctbh9vrtdwd";

fn options(source: &Path, page: Option<&str>) -> Options {
    Options {
        source: source.display().to_string(),
        page: page.map(|id| id.parse().unwrap()),
        into: None,
        new_ids: false,
    }
}

async fn import_github(store: &Store) -> Report {
    import(store, &options(&fixture("recorded"), Some(GITHUB))).await.unwrap()
}

async fn githubs_documents_make_githubs_page(database: Database) {
    let store = database.store(&clock()).await;
    store.ensure_page("Status").await.unwrap();
    let report = import_github(&store).await;
    let feeds = |names: &[String]| names.iter().filter(|name| name.ends_with(".atom")).count();
    assert_eq!(feeds(&report.read), 7, "feeds are read, whichever page they are of");
    assert!(
        report.passed_over.iter().any(|(name, reason)| name.contains("webhook") && *reason == "a webhook")
    );
    assert_eq!(report.components.made, 12);
    assert_eq!(report.refused.len(), 4, "open in 2020, and not in the summary of 2026: {report}");
    let server = Server::start(store, &clock()).await;
    let status = server.json("/api/v2/status.json").await;
    assert_eq!(status["page"]["name"], "GitHub", "the untouched first page gave way");
    assert_eq!(status["page"]["updated_at"], "2026-09-23T02:39:08.162Z");
    assert_eq!(status["status"]["description"], "All Systems Operational");
    let page = server.text("/").await;
    assert!(page.contains("Pull Requests") && page.contains("GitHub"));
    server.stop().await;
}

async fn importing_twice_changes_nothing(database: Database) {
    let store = database.store(&clock()).await;
    import_github(&store).await;
    let before = store.load(&GITHUB.parse().unwrap(), "http://x").await.unwrap();
    let report = import_github(&store).await;
    assert_eq!((report.components.made, report.components.updated), (0, 0), "{report}");
    assert_eq!((report.incidents.made, report.incidents.updated), (0, 0), "{report}");
    assert_eq!(store.load(&GITHUB.parse().unwrap(), "http://x").await.unwrap(), before);
}

async fn a_second_page_wants_new_ids(database: Database) {
    let store = database.store(&clock()).await;
    import_github(&store).await;
    let mut change = store.change_new_page(NewPage::named("Second"), Actor::System).await.unwrap();
    change.create_component(NewComponent::named("Own")).await.unwrap();
    let second = change.commit().await.unwrap().page_id;
    let into = Options { into: Some(second.clone()), ..options(&fixture("recorded"), Some(GITHUB)) };
    let refused = import(&store, &into).await.unwrap_err().to_string();
    assert!(refused.contains("--new-ids"), "{refused}");
    assert_eq!(store.load(&second, "http://x").await.unwrap().components.len(), 1, "nothing was written");
    let copy = Options { new_ids: true, ..into };
    let report = import(&store, &copy).await.unwrap();
    assert_eq!(report.components.made, 12);
    assert_eq!(store.load(&second, "http://x").await.unwrap().components.len(), 13);
    let again = import(&store, &copy).await.unwrap();
    assert_eq!((again.components.made, again.components.updated), (0, 0), "the same new ids each time");
    let first = store.load(&GITHUB.parse::<Id>().unwrap(), "http://x").await.unwrap();
    assert_eq!(first.components.len(), 12);
}

async fn a_broken_document_writes_nothing(database: Database) {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(fixture("recorded/github.summary.2026-09.json")).unwrap();
    std::fs::write(folder.path().join("a.json"), &good).unwrap();
    let broken = good.replacen("\"operational\"", "\"splendid\"", 1);
    std::fs::write(folder.path().join("b.json"), broken).unwrap();
    let error = import(&store, &options(folder.path(), None)).await.unwrap_err().to_string();
    assert!(error.contains("b.json: components[0].status: line 13: unknown variant `splendid`"), "{error}");
    assert!(store.versions().await.unwrap().is_empty());
    let several = import(&store, &options(&fixture("recorded"), None)).await.unwrap_err().to_string();
    assert!(several.contains("--page") && several.contains("srhpyqt94yxb (Discord)"), "{several}");
}

async fn nobody_is_notified(database: Database) {
    let store = database.store(&clock()).await;
    import_github(&store).await;
    assert_eq!(number(&database, "SELECT count(*) FROM notifications").await, 0);
    let moved_by_clock = "SELECT count(*) FROM incidents WHERE scheduled_auto_in_progress OR scheduled_auto_completed \
                          OR auto_transition_to_maintenance_state OR auto_transition_to_operational_state";
    assert_eq!(number(&database, moved_by_clock).await, 0);
    assert!(number(&database, "SELECT count(*) FROM incidents").await > 5);
}

async fn a_page_is_brought_over_from_its_address(database: Database) {
    let elsewhere = Database::sqlite().await;
    let original = elsewhere.store(&clock()).await;
    import_github(&original).await;
    let server = Server::start(original, &clock()).await;
    let store = database.store(&clock()).await;
    let from = Options { source: server.base.clone(), page: None, into: None, new_ids: false };
    let report = import(&store, &from).await.unwrap();
    assert_eq!(report.components.made, 12);
    let here = Server::start(store, &clock()).await;
    for path in ["/api/v2/summary.json", "/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json"] {
        assert_eq!(here.text(path).await, server.text(path).await, "{path}");
    }
    server.stop().await;
    here.stop().await;
}

async fn a_whole_past_is_brought_over_from_its_address(database: Database) {
    const MANY: i64 = 70;
    let elsewhere = Database::sqlite().await;
    let clock = Clock::standing(crate::support::noon() - chrono::TimeDelta::days(MANY));
    let original = elsewhere.store(&clock).await;
    let mut change = original.change_new_page(NewPage::named("Old"), Actor::System).await.unwrap();
    change.create_component(NewComponent::named("API")).await.unwrap();
    let page = change.commit().await.unwrap().page_id;
    let mut oldest = None;
    for day in 0..MANY {
        clock.advance(std::time::Duration::from_secs(86_400));
        let mut change = original.change(&page, Actor::System).await.unwrap();
        let first = NewUpdate::new(IncidentStatus::Investigating, "We look into it.");
        let name = format!("Failure {day}");
        let new = NewIncident { name, impact_override: None, schedule: None, first };
        let id = change.open_incident(new).await.unwrap();
        change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "It is over.")).await.unwrap();
        change.commit().await.unwrap();
        oldest.get_or_insert(id);
    }
    let server = Server::start(original, &clock).await;
    let store = database.store(&clock).await;
    let from = Options { source: server.base.clone(), page: None, into: None, new_ids: false };
    let report = import(&store, &from).await.unwrap();
    assert_eq!(report.incidents.made as i64, MANY, "API v2 lists 50 of them: {report}");
    let here = Server::start(store, &clock).await;
    let oldest = format!("/incidents/{}.json", oldest.unwrap());
    for path in ["/history.json?page=2", "/api/v2/incidents.json", "/history.rss", "/feed.json", &oldest] {
        assert_eq!(here.text(path).await, server.text(path).await, "{path}");
    }
    server.stop().await;
    here.stop().await;
}

async fn the_demo_gives_way_to_a_real_page(database: Database) {
    let store = database.store(&clock()).await;
    pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store.clone(), &clock()).await;
    assert!(server.text("/api/v2/status.json").await.contains("Tarnwick"));
    import_github(&store).await;
    server.app.refresher.poll().await.unwrap();
    assert_eq!(store.versions().await.unwrap().len(), 1);
    assert!(server.text("/api/v2/status.json").await.contains("GitHub"));
    server.stop().await;
}

async fn a_copy_needs_no_page_to_go_into(database: Database) {
    let store = database.store(&clock()).await;
    import_github(&store).await;
    let copy = Options { new_ids: true, ..options(&fixture("recorded"), Some(GITHUB)) };
    let report = import(&store, &copy).await.unwrap();
    assert_eq!(report.components.made, 12);
    assert!(report.notes.iter().any(|note| note.contains("--host")), "its host is taken: {report}");
    assert_eq!(store.versions().await.unwrap().len(), 2);
    let again = import(&store, &copy).await.unwrap();
    assert_eq!((again.components.made, again.incidents.made), (0, 0));
}

async fn what_is_open_here_and_nowhere_else_is_noted(database: Database) {
    let store = database.store(&clock()).await;
    let old = fixture("recorded/github.summary.2020-05.json");
    import(&store, &options(&old, None)).await.unwrap();
    let new = fixture("recorded/github.summary.2026-09.json");
    let report = import(&store, &options(&new, None)).await.unwrap();
    assert_eq!(report.notes.len(), 3, "an incident and two maintenances of 2020: {report}");
}

async fn a_postmortem_outlives_what_is_brought_over_it(database: Database) {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("incidents.json");
    let recorded = std::fs::read_to_string(fixture("recorded/github.incidents.2026-07.json")).unwrap();
    std::fs::write(&file, &recorded).unwrap();
    import(&store, &options(&file, None)).await.unwrap();
    let page: Id = GITHUB.parse().unwrap();
    let state = store.load(&page, "http://x").await.unwrap();
    let (published, draft) = (state.incidents[0].id.clone(), state.incidents[1].id.clone());
    let raw = database.raw().await;
    for sql in [
        format!(
            "UPDATE incidents SET postmortem_body = 'Why', postmortem_published_at = '2026-01-01 00:00:00+00:00' WHERE id = '{published}'"
        ),
        format!(
            "UPDATE incidents SET postmortem_body = 'A draft', metadata = '{{\"a\":{{}}}}' WHERE id = '{draft}'"
        ),
    ] {
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &sql).await.unwrap();
    }
    // All that it tells of is newer by a year.
    std::fs::write(&file, recorded.replace("\"updated_at\": \"2026", "\"updated_at\": \"2027")).unwrap();
    let report = import(&store, &options(&file, None)).await.unwrap();
    assert!(report.incidents.updated >= 2, "{report}");
    let state = store.load(&page, "http://x").await.unwrap();
    let postmortem = &state.incident(published.as_str()).unwrap().postmortem;
    assert_eq!(postmortem.as_ref().map(|postmortem| postmortem.body.as_str()), Some("Why"));
    let kept = format!(
        "SELECT count(*) FROM incidents WHERE id = '{draft}' AND postmortem_body = 'A draft' \
         AND postmortem_published_at IS NULL AND metadata IS NOT NULL"
    );
    assert_eq!(number(&database, &kept).await, 1);
}

#[tokio::test]
async fn a_document_keeps_to_its_limits() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let good = std::fs::read_to_string(fixture("recorded/discord.incidents.2022-02.json")).unwrap();
    let long = "x".repeat(25_001);
    let wrong = [
        (
            good.replacen("This incident has been resolved.", &long, 1),
            "incidents[0].incident_updates[0].body: 25001",
        ),
        (good.replacen("Messaging issues", "a\\u0000b", 1), "incidents[0].name: holds the character U+0000"),
        (
            good.replace("2shj4d01hc9g", "g93t2s4f10jh"),
            "incidents[0].incident_updates[1].id: g93t2s4f10jh stands twice",
        ),
        (
            good.replace("2022-02-15T13:14:17.744-08:00", "9999-12-31T23:59:59-12:00"),
            "incidents[0].created_at: line",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (text, said) in wrong {
        let file = folder.path().join("a.json");
        std::fs::write(&file, text).unwrap();
        let error = import(&store, &options(&file, None)).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(store.versions().await.unwrap().is_empty());
    let marked = folder.path().join("marked.json");
    let unended =
        good.replacen("\"resolved_at\": \"2022-02-15T13:37:37.388-08:00\"", "\"resolved_at\": null", 1);
    std::fs::write(&marked, format!("\u{feff}{unended}")).unwrap();
    import(&store, &options(&marked, None)).await.unwrap();
    let state = store.load(&"srhpyqt94yxb".parse().unwrap(), "http://x").await.unwrap();
    let end = state.incidents[0].updates[0].display_at;
    assert_eq!(state.incidents[0].resolved_at, Some(end), "it ended with its last update");
}
