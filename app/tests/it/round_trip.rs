//! Every recorded document of 2019 and later is brought over, and what the API then says equals
//! what was recorded: field by field, in the same order, but for the exceptions listed here.

use pharos::transfer::statuspage::{Options, import};
use serde_json::Value;

use crate::support::{Database, Server, clock, fixture, on_both};

on_both!(recorded_documents_are_given_back, every_document_has_todays_shape);

/// A recorded document, the path that serves its like, and what may differ.
struct Recorded {
    file: &'static str,
    path: &'static str,
    /// Other documents of the same page and day, without which this one can't be told.
    with: &'static [&'static str],
    exceptions: &'static [Exception],
}

/// A way in which what is served may differ from what was recorded, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Exception {
    /// Documents before 2020 had neither `started_at` nor `components` in an incident, and another
    /// order of keys.
    ShapeOf2019,
    /// `reminder_intervals` stands on incidents since 2024.
    NoReminders,
    /// In 2016 a lone entry said that no component was affected; since then the list is null.
    NobodyAffected,
    /// `start_date` was absent from attached components in some documents of 2020.
    NoStartDate,
    /// A look-alike of Statuspage, which says less, in another order, with times to the second.
    LookAlike,
}
use Exception::{LookAlike, NoReminders, NoStartDate, NobodyAffected, ShapeOf2019};

const RECORDED: &[Recorded] = &[
    Recorded {
        file: "emma.incidents.2019-02.json",
        path: "/api/v2/incidents.json",
        with: &[],
        exceptions: &[ShapeOf2019, NoReminders, NobodyAffected],
    },
    Recorded {
        file: "github.summary.2020-05.json",
        path: "/api/v2/summary.json",
        with: &[],
        exceptions: &[NoReminders, NoStartDate],
    },
    // A status document says what it was and not why: the summary of the same day does.
    Recorded {
        file: "github.status.2020-05.json",
        path: "/api/v2/status.json",
        with: &["github.summary.2020-05.json"],
        exceptions: &[],
    },
    Recorded {
        file: "github.summary.2020-12.json",
        path: "/api/v2/summary.json",
        with: &[],
        exceptions: &[NoReminders],
    },
    Recorded {
        file: "github.status.2020-12.json",
        path: "/api/v2/status.json",
        with: &["github.summary.2020-12.json"],
        exceptions: &[],
    },
    Recorded {
        file: "payfast.incidents.2022-01.json",
        path: "/api/v2/incidents.json",
        with: &[],
        exceptions: &[NoReminders],
    },
    Recorded { file: "payfast.status.2022-01.json", path: "/api/v2/status.json", with: &[], exceptions: &[] },
    Recorded {
        file: "discord.summary.2022-02.json",
        path: "/api/v2/summary.json",
        with: &[],
        exceptions: &[],
    },
    Recorded { file: "discord.status.2022-02.json", path: "/api/v2/status.json", with: &[], exceptions: &[] },
    Recorded {
        file: "discord.components.2022-02.json",
        path: "/api/v2/components.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "discord.incidents.2022-02.json",
        path: "/api/v2/incidents.json",
        with: &[],
        exceptions: &[NoReminders],
    },
    Recorded {
        file: "discord.scheduled-maintenances.2022-02.json",
        path: "/api/v2/scheduled-maintenances.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "github.components.2024-09.json",
        path: "/api/v2/components.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "github.incidents.2024-09.json",
        path: "/api/v2/incidents.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "github.incidents.2026-07.json",
        path: "/api/v2/incidents.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "github.summary.2026-09.json",
        path: "/api/v2/summary.json",
        with: &[],
        exceptions: &[],
    },
    Recorded {
        file: "lenient.openai.summary.2026-09.json",
        path: "/api/v2/summary.json",
        with: &[],
        exceptions: &[LookAlike],
    },
];

/// Documents of other kinds, which have no place in this API.
const OTHERS: [&str; 6] = [
    "discord.metrics-display.day.2022-02.json",
    "discord.metrics-display.month.2022-02.json",
    "discord.metrics-display.week.2022-02.json",
    "streamyard.history-index.json",
    "webhook.component.2017-12.json",
    "webhook.incident.2017-12.json",
];

#[test]
fn no_recorded_document_is_left_out() {
    let mut files: Vec<String> = std::fs::read_dir(fixture("recorded"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.retain(|name| !OTHERS.contains(&name.as_str()));
    let mut listed: Vec<&str> = RECORDED.iter().map(|recorded| recorded.file).collect();
    files.sort_unstable();
    listed.sort_unstable();
    assert_eq!(files, listed);
}

async fn recorded_documents_are_given_back(_kind: Database) {
    for recorded in RECORDED {
        let database = match _kind.url.starts_with("sqlite") {
            true => Database::sqlite().await,
            false => Database::postgres().await,
        };
        let server = served(&database, recorded).await;
        let text = std::fs::read_to_string(fixture("recorded").join(recorded.file)).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let answer = server.text(recorded.path).await;
        let found: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer, serde_json::to_string(&found).unwrap(), "{}: compact", recorded.file);
        let mut differences = vec![];
        compare("", &expected, &found, recorded.exceptions, &mut differences);
        assert!(differences.is_empty(), "{}:\n{}", recorded.file, differences.join("\n"));
        server.stop().await;
    }
}

async fn served(database: &Database, recorded: &Recorded) -> Server {
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    for file in recorded.with.iter().chain([&recorded.file]) {
        std::fs::copy(fixture("recorded").join(file), folder.path().join(file)).unwrap();
    }
    let source = folder.path().display().to_string();
    import(&store, &Options { source, page: None, into: None, new_ids: false }).await.unwrap();
    Server::start(store, &clock()).await
}

fn compare(
    at: &str,
    expected: &Value,
    found: &Value,
    exceptions: &[Exception],
    differences: &mut Vec<String>,
) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let any_order = exceptions.contains(&ShapeOf2019) || exceptions.contains(&LookAlike);
            let common: Vec<&String> = found.keys().filter(|key| expected.contains_key(*key)).collect();
            if !any_order && common != expected.keys().collect::<Vec<_>>() {
                differences.push(format!("{at}: {:?} are served in the order {common:?}", expected.keys()));
            }
            for (key, value) in found.iter().filter(|(key, _)| !expected.contains_key(*key)) {
                if !may_be_added(at, key, value, exceptions) {
                    differences.push(format!("{at}.{key}: served, not recorded"));
                }
            }
            for (key, expected) in expected {
                match found.get(key) {
                    Some(found) => compare(&format!("{at}.{key}"), expected, found, exceptions, differences),
                    None => differences.push(format!("{at}.{key}: recorded, not served")),
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                differences.push(format!("{at}: {} recorded, {} served", expected.len(), found.len()));
            }
            for (n, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{at}[{n}]"), expected, found, exceptions, differences);
            }
        }
        _ if expected == found || may_differ(at, expected, found, exceptions) => {}
        _ => differences.push(format!("{at}: {expected} recorded, {found} served")),
    }
}

fn may_be_added(at: &str, key: &str, value: &Value, exceptions: &[Exception]) -> bool {
    let has = |exception| exceptions.contains(&exception);
    let of_incident = at.starts_with(".incidents[") && at.ends_with(']') && !at.contains("].");
    (has(NoReminders) && of_incident && key == "reminder_intervals" && value.is_null())
        || (has(ShapeOf2019) && of_incident && (key == "started_at" || key == "components"))
        || (has(NoStartDate) && at.contains("].components[") && key == "start_date" && value.is_null())
        || has(LookAlike)
}

fn may_differ(at: &str, expected: &Value, found: &Value, exceptions: &[Exception]) -> bool {
    let nobody = serde_json::json!([{ "name": "No components were affected by this update." }]);
    let same_second = |expected: &str, found: &str| found == expected.replace('Z', ".000Z");
    (exceptions.contains(&NobodyAffected) && *expected == nobody && found.is_null())
        || (exceptions.contains(&LookAlike)
            && at.ends_with("_at")
            && expected.as_str().zip(found.as_str()).is_some_and(|(e, f)| same_second(e, f)))
}

async fn every_document_has_todays_shape(database: Database) {
    let store = database.store(&clock()).await;
    pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store.clone(), &clock()).await;
    assert_shapes(&server).await;
    let source = fixture("recorded").display().to_string();
    let page = Some("kctbh9vrtdwd".parse().unwrap());
    import(&store, &Options { source, page, into: None, new_ids: false }).await.unwrap();
    server.app.refresher.poll().await.unwrap();
    assert_eq!(server.json("/api/v2/status.json").await["page"]["name"], "GitHub");
    assert_shapes(&server).await;
    server.stop().await;
}

async fn assert_shapes(server: &Server) {
    let documents = [
        ("summary", "summary"),
        ("status", "status"),
        ("components", "components"),
        ("incidents", "incidents"),
        ("incidents/unresolved", "incidents-unresolved"),
        ("incidents/resolved", "incidents"),
        ("scheduled-maintenances", "scheduled-maintenances"),
        ("scheduled-maintenances/upcoming", "scheduled-maintenances-upcoming"),
        ("scheduled-maintenances/active", "scheduled-maintenances-active"),
    ];
    for (path, schema) in documents {
        let schema = fixture("schemas").join(format!("{schema}.current.schema.json"));
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = server.json(&format!("/api/v2/{path}.json")).await;
        let errors = validator.iter_errors(&document);
        let errors: Vec<String> = errors.map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{path}: {errors:#?}");
    }
}
