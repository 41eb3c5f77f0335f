//! The binary as people and scripts run it.

use std::process::{Output, Stdio};

use crate::support::{Process, fixture, free_address, pharos, said, wait_for};

fn run(folder: &std::path::Path, arguments: &[&str]) -> Output {
    pharos(folder).args(arguments).output().unwrap()
}

#[test]
fn a_wrong_setting_is_refused_with_its_name_and_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("pharos.toml");
    std::fs::write(&config, "lissten = \"127.0.0.1:1\"").unwrap();
    let wrong: [(&[&str], &str, &str); 6] = [
        (&["--listen", "nonsense"], "--listen", "IP address and a port"),
        (&["--base-url", "ftp://x"], "--base-url", "http or https"),
        (&["--base-url", "https://x/path"], "--base-url", "without a path"),
        (&["--database-url", "mysql://x"], "--database-url", "sqlite://"),
        (&["--log-format", "xml"], "--log-format", "text, json"),
        (&["--config", config.to_str().unwrap()], "lissten", "listen"),
    ];
    for (arguments, name, allowed) in wrong {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(name) && said(&output).contains(allowed), "{}", said(&output));
    }
    let by_variable = pharos(folder.path()).env("PHAROS_METRICS_LISTEN", "here").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(64));
    assert!(said(&by_variable).contains("--metrics-listen"), "{}", said(&by_variable));
    assert_eq!(run(folder.path(), &["--help"]).status.code(), Some(0));
}

#[test]
fn a_file_is_outweighed_by_a_variable_and_that_by_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("p.toml"),
        "base_url = \"https://file.test\"\nlisten = \"127.0.0.1:1\"",
    )
    .unwrap();
    let mut command = pharos(folder.path());
    command.env("PHAROS_CONFIG", "p.toml").env("PHAROS_BASE_URL", "https://variable.test");
    let output = command.args(["check-config", "--listen", "127.0.0.1:2"]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("https://variable.test") && text.contains("127.0.0.1:2"), "{text}");
}

#[test]
fn a_file_holds_texts_truths_and_whole_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(folder.path(), &["check-config", "--config", "p.toml"])
    };
    let taken = check("drain_seconds = 5\nmigrate = true\nlisten = \"127.0.0.1:1\"");
    assert!(taken.status.code() != Some(64) && said(&taken).contains("127.0.0.1:1"), "{}", said(&taken));
    for wrong in ["drain_seconds = -5", "drain_seconds = 1.5", "drain_seconds = [5]"] {
        let refused = check(wrong);
        assert_eq!(refused.status.code(), Some(64), "{wrong}");
        assert!(said(&refused).contains("drain"), "{}", said(&refused));
    }
}

#[test]
fn tokens_are_listed_with_their_page_and_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let page = String::from_utf8(run(folder.path(), &["page", "create", "--name", "One"]).stdout).unwrap();
    let create =
        |more: &[&str]| run(folder.path(), &[&["token", "create", "--name", "ci"][..], more].concat());
    let wrong: [(&[&str], &str); 4] = [
        (&["--scopes", ""], "--scopes"),
        (&["--scopes", "read", "--expires", "2020-01-01T00:00:00Z"], "--expires"),
        (&["--scopes", "read", "--expires", "soon"], "--expires"),
        (&["--scopes", "shout"], "--scopes"),
    ];
    for (more, option) in wrong {
        let refused = create(more);
        assert_eq!(refused.status.code(), Some(64), "{more:?}: {}", said(&refused));
        assert!(said(&refused).contains(option), "{}", said(&refused));
    }
    assert!(create(&["--scopes", "read"]).status.success());
    let bound = ["--scopes", "read", "--page", page.trim(), "--expires", "2099-01-31T18:00:00Z"];
    assert!(create(&bound).status.success());
    let listed = said(&run(folder.path(), &["token", "list"]));
    assert!(listed.contains(&format!("\talive\t{}\t2099-01-31T18:00:00+00:00", page.trim())), "{listed}");
    assert!(listed.contains("\talive\tall pages\tnever expires"), "{listed}");
}

#[test]
fn a_password_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://pharos:verysecret@127.0.0.1:1/pharos";
    let output = run(folder.path(), &["check-config", "--database-url", url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!said(&output).contains("verysecret"), "{}", said(&output));
    let help = pharos(folder.path()).env("PHAROS_DATABASE_URL", url).arg("--help").output().unwrap();
    assert!(!said(&help).contains("verysecret"));
}

#[test]
fn pages_are_made_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["page", "create", "--name", "One", "--host", "one.test"]);
    let id = String::from_utf8(made.stdout).unwrap();
    assert_eq!(id.trim().len(), 12, "the id alone");
    let again = run(folder.path(), &["page", "create", "--name", "Two", "--host", "one.test"]);
    assert!(!again.status.success() && said(&again).contains("host"), "{}", said(&again));
    for (wrong, allowed) in
        [("--host=a b", "host name"), ("--host=a.test:80", "host name"), ("--url=ftp://x", "https")]
    {
        let refused = run(folder.path(), &["page", "set", id.trim(), wrong]);
        assert_eq!(refused.status.code(), Some(64), "{wrong}");
        assert!(said(&refused).contains(allowed), "{}", said(&refused));
    }
    let set = run(
        folder.path(),
        &["page", "set", id.trim(), "--hide-empty-days", "true", "--time-zone", "Europe/Berlin"],
    );
    assert!(set.status.success() && said(&set).contains("revision 2"), "{}", said(&set));
    let foreign = run(folder.path(), &["page", "set", id.trim(), "--language", "xx"]);
    assert_eq!(foreign.status.code(), Some(64));
    assert!(said(&foreign).contains("--language") && said(&foreign).contains("en, de"), "{}", said(&foreign));
    assert!(run(folder.path(), &["page", "set", id.trim(), "--language", "de"]).status.success());
    let unknown = run(folder.path(), &["page", "set", "nobody", "--name", "X"]);
    assert!(!unknown.status.success() && said(&unknown).contains("page nobody"), "{}", said(&unknown));
    let listed = run(folder.path(), &["page", "list"]);
    assert!(said(&listed).contains(id.trim()));
}

#[test]
fn the_demo_refuses_a_database_that_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["demo"]).status.success());
    let again = run(folder.path(), &["demo"]);
    assert!(!again.status.success() && said(&again).contains("empty"), "{}", said(&again));
}

#[test]
fn serve_shows_what_another_process_brings_over_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let (listen, metrics) = (free_address(), free_address());
    let mut command = pharos(folder.path());
    command
        .env("PHAROS_LISTEN", &listen)
        .env("PHAROS_METRICS_LISTEN", &metrics)
        .env("PHAROS_DRAIN_SECONDS", "0");
    command.stderr(Stdio::null());
    let mut server = Process(command.spawn().unwrap());
    let healthy = || {
        let mut check = pharos(folder.path());
        check
            .env("PHAROS_LISTEN", &listen)
            .arg("healthcheck")
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    wait_for(healthy);
    let source = fixture("recorded/github.summary.2026-09.json");
    let imported = run(folder.path(), &["import", "statuspage", source.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", said(&imported));
    assert!(said(&imported).contains("12 made"), "{}", said(&imported));
    let get = |address: &str, path: &str| -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    wait_for(|| get(&listen, "/api/v2/status.json").contains("\"GitHub\""));
    let counted = get(&metrics, "/metrics");
    assert!(
        counted.contains("pharos_http_requests_total{route=\"/api/v2/status.json\",status=\"200\"}"),
        "{counted}"
    );
    assert!(get(&metrics, "/livez").starts_with("HTTP/1.1 200"));
    server.signal("TERM");
    assert!(server.0.wait().unwrap().success(), "it stops in order");
}

#[cfg(unix)]
#[test]
fn a_token_is_written_into_a_file_of_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let create = ["token", "create", "--name", "tests", "--scopes", "read", "--output", "token"];
    let made = run(folder.path(), &create);
    assert!(made.status.success() && made.stdout.is_empty(), "{}", said(&made));
    let file = folder.path().join("token");
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let alive = || {
        let listed = run(folder.path(), &["token", "list"]);
        String::from_utf8(listed.stdout).unwrap()
    };
    let prefix = alive().split('\t').nth(1).unwrap().trim_end_matches('…').to_owned();
    assert!(token.starts_with(&prefix) && token.trim() == token, "{prefix} begins {token}");
    let again = run(folder.path(), &create);
    assert!(!again.status.success() && said(&again).contains("--output token"), "{}", said(&again));
    assert_eq!(alive().lines().count(), 1, "no token that nobody has");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), token);
}
