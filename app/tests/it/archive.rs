//! Everything out of a database and into another, row by row.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use pharos::{
    domain::{Id, incident::IncidentStatus},
    store::{Actor, Kind, NEVER, Need, NewIncident, NewUpdate, Store, TABLES, Table, table},
    transfer::{
        archive::{ExportOptions, ImportOptions, Report, export, import},
        demo,
    },
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    hostile::hostile_page,
    support::{Database, clock, number, on_both},
};

on_both!(every_column_has_a_class, new_rows_go_on_where_the_numbers_were, only_an_empty_database_is_filled);

async fn rows(database: &Database, sql: &str) -> Vec<BTreeMap<String, Option<String>>> {
    let raw = database.raw().await;
    let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap();
    let cells = |row: &sea_orm::QueryResult| {
        let names = row.column_names();
        names.into_iter().map(|name| (name.clone(), row.try_get("", &name).unwrap())).collect()
    };
    rows.iter().map(cells).collect()
}

/// The columns of a database: table, name, whether it may be NULL, default, type.
async fn schema(database: &Database) -> Vec<[String; 5]> {
    let sql = match database.url.starts_with("sqlite") {
        true => {
            "SELECT m.name AS a, p.name AS b, CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN 'no' ELSE 'yes' END AS c, \
             coalesce(p.dflt_value, '') AS d, '' AS e FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
        false => {
            "SELECT table_name::text AS a, column_name::text AS b, lower(is_nullable::text) AS c, \
             coalesce(column_default, '')::text AS d, data_type::text AS e FROM information_schema.columns \
             WHERE table_schema = 'public'"
        }
    };
    let text = |row: &BTreeMap<String, Option<String>>, name: &str| row[name].clone().unwrap();
    rows(database, sql)
        .await
        .iter()
        .map(|row| ["a", "b", "c", "d", "e"].map(|name| text(row, name)))
        .collect()
}

async fn every_column_has_a_class(database: Database) {
    database.store(&clock()).await.close().await.unwrap();
    let mut seen = BTreeSet::new();
    for [table_name, column_name, null, default, data_type] in schema(&database).await {
        if NEVER.iter().any(|(never, _)| *never == table_name) {
            continue;
        }
        let table = table(&table_name);
        let table =
            table.unwrap_or_else(|| panic!("{table_name}: say in store/archive/tables.rs whom it is about"));
        let column = table.column(&column_name);
        let column = column
            .unwrap_or_else(|| panic!("{table_name}.{column_name}: add it in store/archive/columns.rs"));
        let counts = table.number == Some(column.name);
        let need = match (null.as_str(), default.as_str()) {
            ("yes", "") => Need::Null,
            ("no", "") => Need::Given,
            ("no", _) if counts => Need::Given,
            ("no", _) => Need::Default,
            _ => panic!("{table_name}.{column_name}: a column that may be NULL has no default"),
        };
        assert_eq!(column.need, need, "{table_name}.{column_name}");
        let kinds: &[Kind] = match data_type.as_str() {
            "" => &[column.kind],
            "text" => &[Kind::Text, Kind::Id],
            "json" => &[Kind::Json],
            "boolean" => &[Kind::Flag],
            "integer" => &[Kind::Integer],
            "bigint" => &[Kind::BigInteger],
            "double precision" => &[Kind::Double],
            "timestamp with time zone" => &[Kind::Time],
            "date" => &[Kind::Date],
            other => panic!("{table_name}.{column_name}: archives have no {other} yet"),
        };
        assert!(kinds.contains(&column.kind), "{table_name}.{column_name} is of {data_type}");
        seen.insert((table.name, column.name));
    }
    let all: BTreeSet<_> = TABLES
        .iter()
        .flat_map(|table| table.columns.iter().map(|column| (table.name, column.name)))
        .collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "these are gone");
}

/// A database with the demo, a page of hostile texts, and what neither has: people, drafts, what is
/// deleted, references to later rows, odd numbers and odd JSON.
pub async fn full(database: &Database) -> Store {
    let store = database.store(&clock()).await;
    let page = demo::fill(&store, &clock()).await.unwrap();
    // It is no demo any more.
    store.change(&page, Actor::CommandLine).await.unwrap().commit().await.unwrap();
    hostile_page(&store).await;
    let raw = database.raw().await;
    let (json, at) = match database.url.starts_with("sqlite") {
        true => ("", "'2024-02-29T23:59:59.999999+00:00'"),
        false => ("::json", "'2024-02-29T23:59:59.999999+00:00'::timestamptz"),
    };
    let odd = format!(r#"'{{"z":1.50,"a":[null,123456789012345678901234567890],"é":"\u0000 \n"}}'{json}"#);
    for sql in [
        format!("UPDATE pages SET branding = {odd}, metrics_bumped_at = {at}, metrics_pending = TRUE WHERE id = '{page}'"),
        "UPDATE component_groups SET parent_id = (SELECT max(id) FROM component_groups), deleted_at = created_at".into(),
        "UPDATE incidents SET draft = (number % 2 = 0), deleted_at = created_at WHERE number % 5 = 0".into(),
        format!("UPDATE incidents SET metadata = {odd}, parent_id = (SELECT max(id) FROM incidents) WHERE number % 3 = 0"),
        format!("UPDATE incident_updates SET tweet_id = 'null'{json} WHERE number % 7 = 0"),
        "UPDATE components SET visibility = 'hidden', start_date = '2020-02-29' WHERE id = (SELECT min(id) FROM components)".into(),
        "DELETE FROM incidents WHERE number = (SELECT max(number) FROM incidents)".into(),
        format!("INSERT INTO templates (id, page_id, name, body, component_ids, created_at, updated_at) VALUES ('t1', '{page}', 'Name', 'Body', '[]'{json}, {at}, {at})"),
        format!("INSERT INTO recurrences (id, page_id, series, created_at, updated_at) VALUES ('r1', '{page}', {odd}, {at}, {at})"),
        format!("INSERT INTO recurrence_occurrences (recurrence_id, begins_at, page_id, incident_id, incident_version) VALUES ('r1', {at}, '{page}', 'i1', 9007199254740993)"),
        format!("INSERT INTO metrics (id, page_id, name, y_axis_min, y_axis_max, created_at, updated_at) VALUES ('m1', '{page}', 'Odd', -0.1, 1.7976931348623157e308, {at}, {at})"),
        format!("INSERT INTO metric_points (metric_id, measured_at, page_id, value) VALUES ('m1', {at}, '{page}', 0.30000000000000004), ('m1', '1970-01-01T00:00:00+00:00', '{page}', 5e-324)"),
        format!("INSERT INTO users (id, email, name, role, password_hash, created_at, updated_at) VALUES ('u1', 'ada@example.test', 'Ada', 'owner', '$argon2id$hush', {at}, {at})"),
        format!("INSERT INTO sessions (token_hash, user_id, last_used_at, expires_at, created_at) VALUES ('session-hush', 'u1', {at}, {at}, {at})"),
        format!("INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, scopes, created_at) VALUES ('k1', 'u1', 'ci', 'ph_', 'token-hush', 'all', {at})"),
        format!("INSERT INTO subscribers (id, page_id, channel, address, settings, created_at, updated_at) VALUES ('s1', '{page}', 'webhook', 'https://hook.example.test/', '{{\"secret\":\"whsec-hush\"}}'{json}, {at}, {at})"),
        format!("INSERT INTO subscriber_components (subscriber_id, component_id, page_id) SELECT 's1', id, page_id FROM components WHERE page_id = '{page}'"),
        format!("INSERT INTO metrics_providers (id, page_id, type, created_at, updated_at) VALUES ('mp1', '{page}', 'Self', {at}, {at})"),
        format!("INSERT INTO alert_rules (id, page_id, name, matchers, component_id, component_status, template_id, created_at, updated_at) SELECT 'ar1', page_id, 'Odd', '[{{\"label\":\"a\",\"op\":\"=~\",\"value\":\".*\"}}]'{json}, id, 'major_outage', 't1', {at}, {at} FROM components WHERE id = (SELECT min(id) FROM components WHERE page_id = '{page}')"),
        format!("INSERT INTO alert_keys (id, page_id, kind, name, prefix, key_hash, period_seconds, last_seen_at, created_at, updated_at) VALUES ('ak1', '{page}', 'heartbeat', 'Backup', 'pharos_x', 'key-hush', 3600, {at}, {at}, {at})"),
        format!("INSERT INTO alerts (id, page_id, source, fingerprint, rule_id, state, since, last_seen_at, due_at, labels, summary, changes, flapping, created_at) VALUES ('al1', '{page}', 'generic', 'odd', 'ar1', 'firing', {at}, {at}, {at}, '{{\"a\":\"b\"}}'{json}, 'Odd', '[]'{json}, TRUE, {at})"),
        format!("INSERT INTO alert_effects (rule_id, page_id, component_id, wanted_status, base_status, moved_at, incident_version, created_at) SELECT 'ar1', '{page}', id, 'major_outage', 'operational', {at}, 9007199254740993, {at} FROM components WHERE id = (SELECT min(id) FROM components WHERE page_id = '{page}')"),
        format!("INSERT INTO incident_subscribers (incident_id, subscriber_id, page_id, created_at) SELECT id, 's1', page_id, {at} FROM incidents WHERE page_id = '{page}'"),
        format!("INSERT INTO page_roles (user_id, page_id, role, created_at) SELECT id, '{page}', 'responder', {at} FROM users"),
    ] {
        raw.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    store
}

/// A folder of its own, and an archive in it.
pub struct Archive {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
}

impl Archive {
    pub async fn of(store: &Store, name: &str, options: ExportOptions) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let passphrase_file = options.with_secrets.then(|| passphrase(folder.path()));
        let options = ExportOptions { output: Some(path.clone()), passphrase_file, ..options };
        export(store, &options, &clock()).await?;
        Ok(Self { folder, path })
    }

    /// All that can be exported, in the clear where there are no secrets.
    pub async fn with(store: &Store, with_people: bool, with_secrets: bool) -> Self {
        Self::of(store, "all.jsonl", ExportOptions { with_people, with_secrets, ..Default::default() })
            .await
            .unwrap()
    }

    pub async fn restore(&self, store: &Store, with_people: bool) -> anyhow::Result<Report> {
        let passphrase_file = Some(passphrase(self.folder.path()));
        import(store, &ImportOptions { file: self.path.clone(), with_people, passphrase_file }).await
    }

    /// The lines, opened by the library that made them as another program would.
    pub fn lines(&self) -> Vec<String> {
        let mut bytes = std::fs::read(&self.path).unwrap();
        if bytes.starts_with(b"age-encryption.org/v1\n") {
            let identity =
                age::scrypt::Identity::new(age::secrecy::SecretString::from("correct horse".to_owned()));
            bytes = age::decrypt(&identity, &bytes).unwrap();
        }
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

pub fn passphrase(folder: &Path) -> PathBuf {
    let file = folder.join("passphrase");
    std::fs::write(&file, "correct horse\nnot this line\n").unwrap();
    file
}

/// Every row of every table that archives have, with the types of SQLite, and the last numbers.
async fn dump(database: &Database) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for Table { name, columns, .. } in TABLES {
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{}\")", column.name)).collect();
        let sql = format!("SELECT {} AS cells FROM \"{name}\"", quoted.join(" || '|' || "));
        let mut cells: Vec<_> =
            rows(database, &sql).await.into_iter().map(|row| row["cells"].clone().unwrap()).collect();
        cells.sort();
        found.insert((*name).to_owned(), cells);
    }
    let counted =
        rows(database, "SELECT name || ' ' || seq AS last FROM sqlite_sequence ORDER BY name").await;
    let counted = counted.into_iter().map(|row| row["last"].clone().unwrap());
    let archived = counted.filter(|last| TABLES.iter().any(|table| last.starts_with(table.name)));
    found.insert("last numbers".to_owned(), archived.collect());
    found
}

fn body(lines: &[String]) -> &[String] {
    &lines[1..]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_through_postgres_and_comes_back_the_same() {
    let (first, between, last) =
        (Database::sqlite().await, Database::postgres().await, Database::sqlite().await);
    let store = full(&first).await;
    let before = Archive::with(&store, true, true).await;
    let there = between.store(&clock()).await;
    there.ensure_page("Status").await.unwrap();
    let report = before.restore(&there, true).await.unwrap();
    assert_eq!((report.pages.len(), report.left_out), (2, 0), "{report}");
    let halfway = Archive::with(&there, true, true).await;
    let back = last.store(&clock()).await;
    demo::fill(&back, &clock()).await.unwrap();
    halfway.restore(&back, true).await.unwrap();
    assert_eq!(before.lines()[0], halfway.lines()[0], "the header, down to the last numbers");
    assert_eq!(body(&before.lines()), body(&halfway.lines()));
    let (was, is) = (dump(&first).await, dump(&last).await);
    for table in TABLES {
        assert!(!was[table.name].is_empty(), "{} is tried with a row at least", table.name);
        for (was, is) in was[table.name].iter().zip(&is[table.name]) {
            assert_eq!(was, is, "{}", table.name);
        }
    }
    assert_eq!(was, is);
    for (page, version) in store.versions().await.unwrap() {
        let (was, is) =
            (store.load(&page, "http://x").await.unwrap(), back.load(&page, "http://x").await.unwrap());
        assert_eq!((was.version.clone(), was), (version, is));
    }
    for never in ["sessions", "notifications", "deliveries", "idempotency_keys"] {
        assert_eq!(number(&last, &format!("SELECT count(*) FROM {never}")).await, 0, "{never}");
    }
}

async fn new_rows_go_on_where_the_numbers_were(database: Database) {
    let source = Database::sqlite().await;
    let store = full(&source).await;
    let given = number(&source, "SELECT seq FROM sqlite_sequence WHERE name = 'incidents'").await;
    assert!(given > number(&source, "SELECT max(number) FROM incidents").await, "the last one is gone");
    let target = database.store(&clock()).await;
    Archive::with(&store, false, false).await.restore(&target, false).await.unwrap();
    let (page, _) = target.versions().await.unwrap().remove(0);
    let mut change = target.change(&page, Actor::CommandLine).await.unwrap();
    let first = NewUpdate::new(IncidentStatus::Investigating, "We are looking.");
    let new = NewIncident { name: "New".into(), impact_override: None, schedule: None, first };
    let id: Id = change.open_incident(new).await.unwrap();
    change.commit().await.unwrap();
    let incident = target.incident(&page, &id).await.unwrap().unwrap();
    assert_eq!(incident.number, given + 1, "a number is never given twice");
}

async fn only_an_empty_database_is_filled(database: Database) {
    let source = Database::sqlite().await;
    let archive = Archive::with(&full(&source).await, true, false).await;
    let target = database.store(&clock()).await;
    archive.restore(&target, false).await.unwrap();
    let before = target.versions().await.unwrap();
    let again = archive.restore(&target, false).await.unwrap_err();
    assert!(format!("{again:#}").contains("not empty, pages has rows"), "{again:#}");
    assert_eq!(target.versions().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_secrets_are_there_only_when_asked_for() {
    let source = Database::sqlite().await;
    let store = full(&source).await;
    let people = [
        "users",
        "subscribers",
        "subscriber_components",
        "incident_subscribers",
        "page_roles",
        "audit_events",
    ];
    for (with_people, with_secrets) in [(false, false), (true, false), (false, true), (true, true)] {
        let archive = Archive::with(&store, with_people, with_secrets).await;
        let packed = std::fs::read(&archive.path).unwrap();
        assert_eq!(packed.starts_with(b"age-encryption.org/v1\n"), with_secrets);
        let lines = archive.lines();
        let header: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(header["with_people"], with_people);
        assert_eq!(header["with_secrets"], with_secrets);
        let text = lines.join("\n");
        let has = |table: &str| text.contains(&format!("{{\"table\":\"{table}\""));
        for table in people {
            assert_eq!(has(table), with_people, "{table}");
        }
        assert_eq!(has("api_tokens"), with_people && with_secrets, "a token is its hash");
        assert_eq!(text.contains("ada@example.test"), with_people);
        for secret in ["$argon2id$hush", "token-hush", "whsec-hush"] {
            assert_eq!(text.contains(secret), with_people && with_secrets, "{secret}");
        }
        assert!(!text.contains("session-hush"));
        assert!(has("incidents") && has("pages"));
        let target = Database::sqlite().await;
        let there = target.store(&clock()).await;
        let report = archive.restore(&there, false).await.unwrap();
        assert_eq!(report.left_out > 0, with_people, "{report}");
        for table in people.into_iter().chain(["api_tokens"]) {
            assert_eq!(number(&target, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }
    let without = Archive::with(&store, false, false).await;
    let none = Database::sqlite().await;
    let empty = none.store(&clock()).await;
    let refused = without.restore(&empty, true).await.unwrap_err();
    assert!(format!("{refused:#}").contains("has no people"), "{refused:#}");
    assert!(empty.versions().await.unwrap().is_empty());
}
