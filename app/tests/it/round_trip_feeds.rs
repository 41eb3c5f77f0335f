//! Every recorded feed is brought over, and our feed of it then holds the same entries with the
//! same names, times and words.

use std::collections::BTreeSet;

use atom_syndication::Feed;
use chrono::{DateTime, FixedOffset};
use pharos::transfer::statuspage::{Options, Report, import};
use rss::Channel;
use scraper::{Html, Selector};

use crate::support::{Database, Server, clock, fixture, on_both};

on_both!(
    recorded_feeds_are_given_back,
    a_feed_adds_to_what_documents_say,
    a_history_and_feeds_make_one_page,
    a_recorded_history_is_given_back,
);

const RECORDED: [&str; 11] = [
    "digitalocean.history.2019-10.atom",
    "digitalocean.history.2020-01.atom",
    "digitalocean.history.2020-01.rss",
    "github.history.2019-11.atom",
    "github.history.2025-05.scheduled.atom",
    "github.history.2026-08.atom",
    "metastatuspage.history.2019-11.atom",
    "moonpay.history.2025-11.rss",
    "parse.history.2014-01.rss",
    "streamyard.history.2024-06.atom",
    "streamyard.history.2024-06.rss",
];

/// What is compared of an entry. RSS has no number and no time of the last change.
#[derive(Debug, PartialEq)]
struct Entry {
    id: String,
    title: String,
    link: String,
    published: DateTime<FixedOffset>,
    offset: i32,
    updated: Option<DateTime<FixedOffset>>,
    /// A paragraph each.
    words: Vec<String>,
}

#[test]
fn no_recorded_feed_is_left_out() {
    let files = std::fs::read_dir(fixture("recorded/feeds")).unwrap();
    let files: BTreeSet<String> =
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, RECORDED.map(str::to_owned).into());
}

async fn recorded_feeds_are_given_back(kind: Database) {
    for file in RECORDED {
        let database = match kind.url.starts_with("sqlite") {
            true => Database::sqlite().await,
            false => Database::postgres().await,
        };
        let store = database.store(&clock()).await;
        let recorded = fixture("recorded/feeds").join(file);
        let report = bring(&store, &recorded).await;
        assert!(report.refused.is_empty(), "{file}: {report}");
        let server = Server::start(store.clone(), &clock()).await;
        let text = std::fs::read_to_string(&recorded).unwrap();
        if file.ends_with(".atom") {
            let (expected, found): (Feed, Feed) =
                (text.parse().unwrap(), server.text("/history.atom").await.parse().unwrap());
            assert_eq!(
                (&found.id, &found.title, &found.lang),
                (&expected.id, &expected.title, &expected.lang)
            );
            assert_eq!((found.updated, &found.authors), (expected.updated, &expected.authors), "{file}");
            let addresses = |feed: &Feed| feed.links.iter().map(|link| link.href.clone()).collect::<Vec<_>>();
            assert_eq!(addresses(&found), addresses(&expected), "{file}");
            compare(file, of_atom(expected), of_atom(found));
        } else {
            let served = server.text("/history.rss").await;
            let expected = Channel::read_from(text.as_bytes()).unwrap();
            let found = Channel::read_from(served.as_bytes()).unwrap();
            assert_eq!((&found.title, &found.pub_date), (&expected.title, &expected.pub_date), "{file}");
            compare(file, of_rss(expected), of_rss(found));
        }
        let again = bring(&store, &recorded).await;
        assert_eq!((again.incidents.made, again.incidents.updated), (0, 0), "{file}: {again}");
        server.stop().await;
    }
}

async fn bring(store: &pharos::store::Store, source: &std::path::Path) -> Report {
    let source = source.display().to_string();
    import(store, &Options { source, page: None, into: None, new_ids: false }).await.unwrap()
}

fn compare(file: &str, expected: Vec<Entry>, found: Vec<Entry>) {
    assert_eq!(expected.len(), found.len(), "{file}");
    for (expected, mut found) in expected.into_iter().zip(found) {
        if file.starts_with("parse.") {
            // In 2014 a zone had but one short name, summer and winter.
            for words in &mut found.words {
                *words = words.replacen(" PDT ¶", " PST ¶", 1);
            }
        }
        if file.starts_with("parse.") && expected.title == "Elevated error rates and latency" {
            // Its first words are a postmortem, in markdown there and in HTML here.
            let postmortem = found
                .words
                .iter()
                .position(|words| words.contains("Identified") || words.contains("Resolved -"));
            let rest = found.words.split_off(postmortem.unwrap());
            found.words = [&expected.words[..1], &rest[..]].concat();
        }
        assert_eq!(expected, found, "{file}");
    }
}

fn of_atom(feed: Feed) -> Vec<Entry> {
    let entry = |entry: atom_syndication::Entry| Entry {
        id: entry.id,
        title: entry.title.value,
        link: entry.links[0].href.clone(),
        published: entry.published.unwrap(),
        offset: entry.published.unwrap().offset().local_minus_utc(),
        updated: Some(entry.updated),
        words: words(&entry.content.unwrap().value.unwrap()),
    };
    feed.entries.into_iter().map(entry).collect()
}

fn of_rss(channel: Channel) -> Vec<Entry> {
    let entry = |item: rss::Item| {
        let published = DateTime::parse_from_rfc2822(&item.pub_date.unwrap()).unwrap();
        Entry {
            id: item.guid.unwrap().value,
            title: item.title.unwrap(),
            link: item.link.unwrap(),
            published,
            offset: published.offset().local_minus_utc(),
            updated: None,
            words: words(&item.description.unwrap()),
        }
    };
    channel.items.into_iter().map(entry).collect()
}

/// The words of each paragraph; a break between lines is told apart from a space.
fn words(html: &str) -> Vec<String> {
    let html = Html::parse_fragment(&html.replace("<br />", " ¶ ").replace("<br>", " ¶ "));
    let paragraphs =
        html.select(&Selector::parse("p").unwrap()).map(|p| p.text().collect::<String>()).collect::<Vec<_>>();
    paragraphs.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

async fn a_feed_adds_to_what_documents_say(database: Database) {
    let store = database.store(&clock()).await;
    bring(&store, &fixture("recorded/github.incidents.2026-07.json")).await;
    let before = store.load(&"kctbh9vrtdwd".parse().unwrap(), "http://x").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for file in ["github.incidents.2026-07.json", "feeds/github.history.2026-08.atom"] {
        std::fs::copy(fixture("recorded").join(file), folder.path().join(file.replace('/', "."))).unwrap();
    }
    let report = bring(&store, folder.path()).await;
    let after = store.load(&"kctbh9vrtdwd".parse().unwrap(), "http://x").await.unwrap();
    assert_eq!(after.incidents.len(), before.incidents.len() + report.incidents.made, "{report}");
    for incident in &before.incidents {
        let kept = after.incident(incident.id.as_str()).unwrap();
        assert_eq!(
            (&kept.updates, kept.number),
            (&incident.updates, incident.number),
            "what was whole stays whole"
        );
    }
    let told = after.incident("bhbcjn4n3jzp").unwrap();
    assert_eq!(told.number, 31_233_568, "the feed's own number");
    let mut change = store.change(&after.page.id, pharos::store::Actor::System).await.unwrap();
    let next = change
        .open_incident(pharos::store::NewIncident {
            name: "New".into(),
            impact_override: None,
            schedule: None,
            first: pharos::store::NewUpdate::new(
                pharos::domain::incident::IncidentStatus::Investigating,
                "We look into it.",
            ),
        })
        .await
        .unwrap();
    change.commit().await.unwrap();
    let state = store.load(&after.page.id, "http://x").await.unwrap();
    assert!(state.incident(next.as_str()).unwrap().number > 31_233_568, "numbers go on from there");
}

async fn a_history_and_feeds_make_one_page(database: Database) {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture("recorded/streamyard.history-index.json")).unwrap();
    let mut history: serde_json::Value = serde_json::from_str(&text).unwrap();
    let row = |code: &str, impact: &str| {
        serde_json::json!({
            "code": code, "name": "From the history", "message": "It is over.", "impact": impact,
            "timestamp": "Apr <var data-var='date'> 2</var>, <var data-var='time'>10:00</var> - \
                          <var data-var='time'>11:30</var> UTC",
        })
    };
    history["months"][2]["incidents"] = serde_json::json!([
        row("l4222m9bmd6k", "major"),
        row("000000000001", "critical"),
        row("000000000002", "maintenance")
    ]);
    std::fs::write(folder.path().join("history.json"), history.to_string()).unwrap();
    for ending in ["atom", "rss"] {
        let feed = fixture("recorded/feeds").join(format!("streamyard.history.2024-06.{ending}"));
        std::fs::copy(feed, folder.path().join(format!("feed.{ending}"))).unwrap();
    }
    let report = bring(&store, folder.path()).await;
    assert_eq!((report.read.len(), report.components.made, report.incidents.made), (3, 4, 19), "{report}");
    let state = store.load(&"24h6bqf610d5".parse().unwrap(), "http://x").await.unwrap();
    let of_both = state.incident("l4222m9bmd6k").unwrap();
    assert_eq!(
        (of_both.name.as_str(), of_both.updates.len()),
        ("Networking issues", 3),
        "the feed says more"
    );
    assert_eq!((of_both.impact.as_str(), of_both.number), ("major", 19_937_356), "each says what it knows");
    let row = state.incident("000000000001").unwrap();
    assert_eq!(row.resolved_at.unwrap().to_rfc3339(), "2024-04-02T11:30:00+00:00");
    assert_eq!(row.started_at.to_rfc3339(), "2024-04-02T10:00:00+00:00");
    let planned = state.incident("000000000002").unwrap();
    assert_eq!(planned.scheduled_until, row.resolved_at);
    assert!(store.load(&state.page.id, "http://x").await.unwrap().maintenances.contains(planned));
    let again = bring(&store, folder.path()).await;
    assert_eq!((again.incidents.made, again.incidents.updated), (0, 0), "{again}");
}

/// The eleventh quarter from the end of 2026 is the second of 2024.
async fn a_recorded_history_is_given_back(database: Database) {
    let store = database.store(&clock()).await;
    let recorded = fixture("recorded/streamyard.history-index.json");
    bring(&store, &recorded).await;
    let server = Server::start(store, &clock()).await;
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(recorded).unwrap()).unwrap();
    let found = server.json("/history.json?page=11").await;
    for key in ["components", "months", "show_uptime_calendar", "component_filter", "start_time", "end_time"]
    {
        assert_eq!(found[key], expected[key], "{key}");
    }
    // Of Statuspage's settings, those that there are here; it told the address as a host alone.
    let (expected, found) = (&expected["page_status"]["page"], &found["page_status"]["page"]);
    for (key, value) in found.as_object().unwrap().iter().filter(|(key, _)| *key != "url") {
        assert_eq!(*value, expected[key], "{key}");
    }
    assert_eq!(found["url"], "https://status.streamyard.com");
    server.stop().await;
}

#[tokio::test]
async fn a_hostile_feed_is_refused_or_stays_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.atom");
    let head = "<feed xmlns='http://www.w3.org/2005/Atom'><title>X</title>";
    for (text, said) in [
        (format!("{head}<a:b>") + &"<a:b>".repeat(100_000), "line 1: nests deeper"),
        (format!("{head}\n<entry>"), "line 2: cut off"),
        (
            format!("{head}<updated>2026-01-01T00:00:00Z</updated><link href='javascript:x'/></feed>"),
            "link: ",
        ),
        ("<rss version='2.0'><channel><title>X</title></channel></rss>".to_owned(), "channel.pubDate"),
    ] {
        std::fs::write(&file, text).unwrap();
        let options = Options { source: file.display().to_string(), page: None, into: None, new_ids: false };
        let error = format!("{:#}", import(&store, &options).await.unwrap_err());
        assert!(error.contains(said), "{error}");
    }
    assert!(store.versions().await.unwrap().is_empty());
    let good = std::fs::read_to_string(fixture("recorded/feeds/streamyard.history.2024-06.atom")).unwrap();
    let hostile = good
        .replacen(
            "This incident has been resolved.",
            "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;&lt;img src=x onerror=y&gt;",
            1,
        )
        .replacen("<title>Networking issues", &format!("<title>{}", "x".repeat(300)), 1)
        .replacen("/incidents/hf2t8jywhv8f", "/elsewhere", 1);
    std::fs::write(&file, hostile).unwrap();
    let report = bring(&store, &file).await;
    assert_eq!(report.refused.len(), 2, "{report}");
    let server = Server::start(store, &clock()).await;
    for path in ["/history.atom", "/history.rss", "/feed.json", "/"] {
        let text = server.text(path).await;
        assert!(!text.contains("<script>alert") && !text.contains("onerror"), "{path}");
    }
    server.stop().await;
}
