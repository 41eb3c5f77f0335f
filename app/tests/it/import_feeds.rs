//! What a feed tells beside documents, and of what is planned.

use pharos::{
    store::Store,
    transfer::statuspage::{Options, Report, import},
};

use crate::support::{Database, clock, fixture, on_both};

on_both!(what_is_planned_far_ahead_keeps_its_year, a_feed_repeats_nothing_that_a_document_says);

async fn bring(store: &Store, folder: &std::path::Path) -> Report {
    let source = folder.display().to_string();
    import(store, &Options { source, page: None, into: None, new_ids: false }).await.unwrap()
}

/// An update as a feed tells it.
fn told(at: &str, label: &str) -> String {
    format!(
        "&lt;p&gt;&lt;small&gt;{at} UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;{label}&lt;/strong&gt; - Words.&lt;/p&gt;"
    )
}

fn feed(page: &str, link: &str, published: &str, description: &str) -> String {
    format!(
        "<rss version='2.0'><channel><title>Acme Status - Incident History</title><link>{page}</link>\
         <description>Statuspage</description><pubDate>Sun, 22 Nov 2026 11:00:00 +0000</pubDate>\
         <item><title>New disks</title><description>{description}</description>\
         <pubDate>{published}</pubDate><link>{page}/incidents/{link}</link></item></channel></rss>"
    )
}

async fn what_is_planned_far_ahead_keeps_its_year(database: Database) {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let planned = "&lt;p&gt;&lt;strong&gt;THIS IS A SCHEDULED EVENT Feb 20, 16:30 UTC &amp;nbsp;-&amp;nbsp; \
                   20:30 UTC&lt;/strong&gt;&lt;/p&gt;";
    let description =
        format!("{planned}{}{}", told("Nov 20, 10:00", "Update"), told("Oct  3, 08:00", "Scheduled"));
    let text =
        feed("https://status.acme.example", "67vdd3b7d1zq", "Sat, 20 Feb 2027 16:30:00 +0000", &description);
    std::fs::write(folder.path().join("history.rss"), text).unwrap();
    let report = bring(&store, folder.path()).await;
    let page = store.versions().await.unwrap()[0].0.clone();
    let state = store.load(&page, "http://x").await.unwrap();
    let maintenance = state.incident("67vdd3b7d1zq").unwrap_or_else(|| panic!("{report}"));
    let said: Vec<String> = maintenance.updates.iter().map(|update| update.display_at.to_rfc3339()).collect();
    assert_eq!(said, ["2026-11-20T10:00:00+00:00", "2026-10-03T08:00:00+00:00"]);
    assert_eq!(maintenance.scheduled_for.unwrap().to_rfc3339(), "2027-02-20T16:30:00+00:00");
    assert_eq!(maintenance.scheduled_until.unwrap().to_rfc3339(), "2027-02-20T20:30:00+00:00");
    assert_eq!(state.page.updated_at.to_rfc3339(), "2026-11-22T11:00:00+00:00");
}

async fn a_feed_repeats_nothing_that_a_document_says(database: Database) {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let recorded = fixture("recorded/discord.incidents.2022-02.json");
    let documents = std::fs::read_to_string(recorded).unwrap();
    std::fs::write(folder.path().join("incidents.json"), &documents).unwrap();
    bring(&store, folder.path()).await;
    let page = store.versions().await.unwrap()[0].0.clone();
    let before = store.load(&page, "http://x").await.unwrap();
    let whole = &before.incidents[0];
    // The same words at a time that was moved, and a year that the feed does not say.
    let description = told("Mar  1, 10:00", "Resolved");
    let text = feed(&before.page.url, whole.id.as_str(), "Tue, 01 Mar 2022 10:00:00 +0000", &description);
    std::fs::write(folder.path().join("history.rss"), text).unwrap();
    let report = bring(&store, folder.path()).await;
    let after = store.load(&page, "http://x").await.unwrap();
    assert_eq!(after.incident(whole.id.as_str()).unwrap(), whole, "{report}");

    let open = documents.replacen("\"status\": \"resolved\"", "\"status\": \"monitoring\"", 1);
    let other = Database::sqlite().await;
    let elsewhere = other.store(&clock()).await;
    std::fs::write(folder.path().join("incidents.json"), open).unwrap();
    let report = bring(&elsewhere, folder.path()).await;
    let noted = report.notes.iter().any(|note| note.contains("over in a feed and open in its document"));
    assert!(noted, "{report}");
}
