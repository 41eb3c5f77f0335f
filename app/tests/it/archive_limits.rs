//! Archives that are not as they should be, and how one is packed.

use std::{fs, process::Command};

use pharos::{store::TABLES, transfer::archive::ExportOptions};
use sha2::{Digest, Sha256};

use crate::{
    archive::{Archive, full},
    support::{Database, clock, number, on_both},
};

on_both!(what_is_wrong_is_named_and_changes_nothing);

/// The lines with a footer that fits them.
fn signed(mut lines: Vec<String>) -> String {
    lines.pop();
    let mut rows = std::collections::BTreeMap::new();
    for line in &lines[1..] {
        if let Ok(serde_json::Value::Object(line)) = serde_json::from_str(line) {
            *rows.entry(line["table"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
    }
    let text = lines.join("\n") + "\n";
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{}\n", serde_json::json!({ "rows": rows, "sha256": digest }))
}

/// What is done to the lines of a whole archive.
type Damage = Box<dyn Fn(Vec<String>) -> String>;

/// A damage with its name, and what is then said.
type Damages = Vec<(&'static str, Damage, &'static str)>;

/// The first row of a table is changed.
fn at(table: &'static str, change: fn(&str) -> String) -> Damage {
    Box::new(move |mut lines| {
        let begin = format!("{{\"table\":\"{table}\"");
        let line = lines.iter_mut().find(|line| line.starts_with(&begin)).unwrap();
        *line = change(line);
        signed(lines)
    })
}

/// The header is changed.
fn first(change: fn(&str) -> String) -> Damage {
    Box::new(move |mut lines| {
        lines[0] = change(&lines[0]);
        signed(lines)
    })
}

/// A file that is no whole archive.
fn broken_files() -> Damages {
    vec![
        ("nothing", Box::new(|_| String::new()), "no archive of Pharos"),
        ("another file", Box::new(|_| "{\"page\":{}}\n".into()), "no archive of Pharos"),
        (
            "a later version",
            first(|line| line.replacen("\"version\":1", "\"version\":2", 1)),
            "reads version 1",
        ),
        ("cut off", Box::new(|lines| lines[..lines.len() - 1].join("\n") + "\n"), "cut off"),
        ("cut within a line", Box::new(|lines| lines.join("\n")[..90_000].to_owned()), "line "),
        (
            "a line gone",
            Box::new(|mut lines| {
                lines.remove(lines.len() - 2);
                lines.join("\n")
            }),
            "its footer counts",
        ),
        (
            "a letter changed",
            Box::new(|lines| lines.join("\n").replacen("\"name\":\"", "\"name\":\"x", 1)),
            "sha256",
        ),
        ("something after", Box::new(|lines| signed(lines) + "{}\n"), "after the footer"),
    ]
}

/// A row that is none.
fn broken_rows() -> Damages {
    vec![
        (
            "a table unknown",
            at("components", |line| line.replacen("components", "of_the_future", 1)),
            "component_groups, components",
        ),
        ("an unasked table", at("pages", |line| line.replacen("pages", "users", 1)), "by its header"),
        (
            "a table of the outbox",
            at("pages", |line| line.replacen("pages", "deliveries", 1)),
            "by its header",
        ),
        (
            "a column unknown",
            at("components", |line| line.replacen("\"name\"", "\"nom\"", 1)),
            "column \"nom\" is not known here; there are id, page_id",
        ),
        (
            "a column missing",
            at("pages", |line| line.replacen("\"commit\"", "\"host\"", 1)),
            "pages.commit: is missing",
        ),
        (
            "another type",
            at("components", |line| line.replacen("\"position\":", "\"position\":0.", 1)),
            "components.position: allowed is a whole number",
        ),
        (
            "a column twice",
            at("components", |line| line.replacen("\"name\":\"", "\"position\":7,\"name\":\"", 1)),
            "\"position\" stands twice",
        ),
        ("no JSON", at("components", |line| line.replacen(':', "=", 1)), "line "),
        (
            "too deep",
            at("pages", |line| {
                line.replacen(
                    "\"name\":",
                    &format!("\"branding\":{}{},\"name\":", "[".repeat(70), "]".repeat(70)),
                    1,
                )
            }),
            "allowed are 64",
        ),
        (
            "too long",
            at("pages", |line| {
                line.replacen("\"name\":\"", &format!("\"name\":\"{}", "x".repeat(1_100_000)), 1)
            }),
            "1 MiB a line",
        ),
    ]
}

/// Rows that say what can't be.
fn broken_values() -> Damages {
    vec![
        (
            "a status unknown",
            at("components", |line| line.replacen("\"status\":\"", "\"status\":\"un", 1)),
            "does not understand",
        ),
        (
            "a time zone unknown",
            at("pages", |line| line.replacen("\"time_zone\":\"", "\"time_zone\":\"Un", 1)),
            "time_zone",
        ),
        (
            "an update unknown",
            at("incident_updates", |line| line.replacen("\"status\":\"", "\"status\":\"un", 1)),
            "does not understand",
        ),
        (
            "a reference to nothing",
            at("components", |line| line.replacen("\"page_id\":\"", "\"page_id\":\"0", 1)),
            "components",
        ),
        (
            "out of order",
            Box::new(|mut lines| {
                let attached = |line: &String| line.starts_with("{\"table\":\"incident_components\"");
                let early = lines.remove(lines.iter().position(attached).unwrap());
                let end = lines.len() - 1;
                lines.insert(end, early);
                signed(lines)
            }),
            "comes before",
        ),
    ]
}

/// A page that no other door would make.
fn unfit_pages() -> Damages {
    let page = |change: fn(&str) -> String| at("pages", change);
    vec![
        (
            "a script as the address",
            page(|line| said(line, "url", "javascript:alert(1)")),
            "pages.url: allowed is an http",
        ),
        ("no name", page(|line| said(line, "name", " ")), "pages.name: allowed are 1 to 255"),
        ("a long name", page(|line| said(line, "name", &"x".repeat(256))), "(written by release"),
        (
            "a host with a port",
            page(|line| said(line, "host", "a.example:80")),
            "pages.host: allowed is a host",
        ),
        ("a language", page(|line| said(line, "language", "tlh")), "pages.language: allowed are en"),
        (
            "help from a file",
            page(|line| said(line, "support_url", "file:///etc/passwd")),
            "pages.support_url: allowed",
        ),
        ("lines", page(|line| said(line, "description", "a\nb")), "pages.description: allowed are 1 to 500"),
        (
            "a pale accent",
            page(|line| dressed(line, "accent", "#ffffff".into())),
            "branding: accent: its contrast",
        ),
        (
            "a style sheet",
            page(|line| dressed(line, "custom_css", "@import 'x';".into())),
            "custom_css: line 1, column 1",
        ),
        (
            "a header",
            page(|line| dressed(line, "header", "x".repeat(5_001).into())),
            "header: allowed are 1 to 5000",
        ),
        (
            "a contact",
            page(|line| dressed(line, "security_contact", "me".into())),
            "security_contact: allowed",
        ),
        (
            "colours",
            page(|line| dressed(line, "embed", serde_json::json!({"incident_text_color": "#000000"}))),
            "embed-incident-text: the contrast",
        ),
        (
            "a component",
            at("components", |line| said(line, "name", &"x".repeat(256))),
            "components.name: 256 characters; allowed are 255",
        ),
        (
            "an update",
            at("incident_updates", |line| said(line, "body", &"x".repeat(25_001))),
            "incident_updates.body: 25001",
        ),
    ]
}

/// A line whose row says something else in a column.
fn said(line: &str, column: &str, value: &str) -> String {
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["row"][column] = value.into();
    line.to_string()
}

/// A page in another dress.
fn dressed(line: &str, setting: &str, value: serde_json::Value) -> String {
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["row"]["branding"] = serde_json::json!({ setting: value });
    line.to_string()
}

async fn what_is_wrong_is_named_and_changes_nothing(database: Database) {
    let source = Database::sqlite().await;
    let archive = Archive::with(&full(&source).await, false, false).await;
    let whole = archive.lines();
    let target = database.store(&clock()).await;
    target.ensure_page("Status").await.unwrap();
    let before = target.versions().await.unwrap();
    let damages = broken_files().into_iter().chain(broken_rows()).chain(broken_values());
    for (what, damage, said) in damages.chain(unfit_pages()) {
        fs::write(&archive.path, damage(whole.clone())).unwrap();
        let error = archive.restore(&target, false).await.expect_err(what);
        assert!(format!("{error:#}").contains(said), "{what}: {error:#}");
        assert_eq!(target.versions().await.unwrap(), before, "{what}: the page that was there is there");
        for table in TABLES.iter().filter(|table| table.name != "pages") {
            assert_eq!(number(&database, &format!("SELECT count(*) FROM {}", table.name)).await, 0, "{what}");
        }
    }
    fs::write(&archive.path, signed(whole)).unwrap();
    archive.restore(&target, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_packed_is_unpacked_by_its_first_bytes() {
    let source = Database::sqlite().await;
    let store = full(&source).await;
    let plain = Archive::with(&store, false, false).await.lines();
    for (name, secret, magic) in [
        ("a.jsonl", false, &b"{\"format\":\"pharos-archive\",\"version\":1"[..]),
        ("a.jsonl.gz", false, &[0x1f, 0x8b]),
        ("a.jsonl.zst", false, &[0x28, 0xb5, 0x2f, 0xfd]),
        ("a.jsonl.zst.age", true, b"age-encryption.org/v1\n-> scrypt "),
    ] {
        let options = ExportOptions { with_secrets: secret, ..Default::default() };
        let archive = Archive::of(&store, name, options).await.unwrap();
        let packed = fs::read(&archive.path).unwrap();
        assert!(packed.starts_with(magic), "{name}");
        let moved = archive.folder.path().join("another-name");
        fs::rename(&archive.path, &moved).unwrap();
        let archive = Archive { path: moved, ..archive };
        let database = Database::sqlite().await;
        let target = database.store(&clock()).await;
        archive.restore(&target, false).await.unwrap();
        let again = Archive::with(&target, false, false).await.lines();
        assert_eq!(again[1..], plain[1..], "{name}");
        let half = &packed[..packed.len() / 2];
        fs::write(&archive.path, half).unwrap();
        let none = Database::sqlite().await;
        let empty = none.store(&clock()).await;
        archive.restore(&empty, false).await.expect_err(name);
        assert!(empty.versions().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_too_large_is_not_read() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let archive = Archive::with(&store, false, false).await;
    fs::File::options().write(true).open(&archive.path).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let error = archive.restore(&store, false).await.unwrap_err();
    assert!(format!("{error:#}").contains("at most 67108864"), "{error:#}");
}

#[test]
fn the_command_line_exports_and_imports() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], passphrase: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
        command.current_dir(folder.path()).env_clear().env("PHAROS_LOG_FORMAT", "text").args(arguments);
        command.envs(passphrase.map(|passphrase| ("PHAROS_ARCHIVE_PASSPHRASE", passphrase)));
        let output = command.output().unwrap();
        (output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(run(&["demo"], None).0);
    let (done, archive, _) = run(&["export"], None);
    assert!(done && archive.starts_with(b"{\"format\":\"pharos-archive\""), "to standard output");
    let (done, said, error) = run(&["export", "--output", "all.jsonl.zst"], None);
    assert!(done && said.is_empty(), "{error}");
    let into = ["--database-url", "sqlite://other.db?mode=rwc"];
    let (done, report, error) = run(&[&["import", "archive", "all.jsonl.zst"][..], &into].concat(), None);
    assert!(done && String::from_utf8_lossy(&report).contains("incidents"), "{error}");
    let (_, again, _) = run(&[&["export"][..], &into].concat(), None);
    let body = |bytes: &[u8]| bytes.iter().position(|byte| *byte == b'\n').map(|at| bytes[at..].to_vec());
    let rows = |bytes: &[u8]| body(bytes).map(|body| body[..body.len() - 80].to_vec());
    assert_eq!(rows(&archive), rows(&again));
    let (done, _, error) = run(&["export", "--with-secrets", "--output", "secret.age"], None);
    assert!(!done && error.contains("PHAROS_ARCHIVE_PASSPHRASE"), "{error}");
    let secret = ["export", "--with-people", "--with-secrets", "--output", "secret.zst.age"];
    assert!(run(&secret, Some("correct horse")).0);
    let into = [
        "import",
        "archive",
        "secret.zst.age",
        "--with-people",
        "--database-url",
        "sqlite://third.db?mode=rwc",
    ];
    let (done, _, error) = run(&into, None);
    assert!(!done && error.contains("--passphrase-file"), "{error}");
    let (done, _, error) = run(&into, Some("wrong horse"));
    assert!(!done && error.contains("passphrase"), "{error}");
    assert!(run(&into, Some("correct horse")).0);
    let mut files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.retain(|name| name.to_string_lossy().contains(".part"));
    assert!(files.is_empty(), "{files:?}");
    #[cfg(unix)]
    {
        let mode = fs::metadata(folder.path().join("all.jsonl.zst")).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    }
}
