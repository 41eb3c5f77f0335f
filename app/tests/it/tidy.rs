//! Rules of the house, read off the source.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// The code of a file without its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod tests").next().unwrap()
}

/// Which parts of the house each part may name. Every part may name itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("migration", &[]),
    ("wire", &["domain"]),
    ("markup", &["domain"]),
    ("locale", &["domain"]),
    ("clock", &["domain"]),
    ("aws", &[]),
    ("secrets", &["aws", "domain"]),
    ("tls", &[]),
    ("mail", &["secrets", "domain"]),
    ("passkeys", &["domain"]),
    ("sso", &["outbound", "secrets", "clock", "domain"]),
    ("keys", &["secrets", "domain"]),
    ("settings", &["secrets", "keys", "mail", "domain"]),
    ("telemetry", &["domain", "settings"]),
    // What both the database and the cache are watched with.
    ("breaker", &["clock", "domain"]),
    ("cache", &["secrets", "breaker", "clock", "telemetry", "wire", "domain"]),
    ("outbound", &["settings", "clock", "telemetry", "domain"]),
    ("bucket", &["aws", "outbound", "clock"]),
    ("render", &["domain", "wire", "markup", "locale"]),
    ("store", &["secrets", "breaker", "clock", "telemetry", "domain", "wire", "migration"]),
    (
        "live",
        &["render", "store", "cache", "keys", "outbound", "clock", "telemetry", "locale", "wire", "domain"],
    ),
    (
        "app",
        &["live", "render", "store", "cache", "keys", "mail", "telemetry", "clock", "settings", "domain"],
    ),
    ("jobs", &["app", "store", "domain"]),
    ("shutdown", &["web", "jobs", "app", "settings"]),
    (
        "transfer",
        &[
            "app", "live", "render", "store", "bucket", "outbound", "clock", "settings", "wire", "domain",
            "locale",
        ],
    ),
    // The parts of `web` that its three sides share.
    ("web", &["app", "live", "render", "cache", "telemetry", "settings", "clock", "locale", "domain"]),
    (
        "web/api",
        &[
            "app",
            "live",
            "store",
            "cache",
            "outbound",
            "wire",
            "telemetry",
            "settings",
            "clock",
            "locale",
            "domain",
        ],
    ),
    (
        "web/console",
        &[
            "app",
            "live",
            "render",
            "store",
            "cache",
            "keys",
            "passkeys",
            "sso",
            "telemetry",
            "settings",
            "clock",
            "locale",
            "domain",
        ],
    ),
    ("web/public", &["live", "domain", "locale", "telemetry"]),
    (
        "cli",
        &[
            "shutdown",
            "web",
            "jobs",
            "transfer",
            "app",
            "live",
            "store",
            "cache",
            "outbound",
            "bucket",
            "breaker",
            "keys",
            "secrets",
            "sso",
            "tls",
            "settings",
            "clock",
            "telemetry",
            "locale",
            "domain",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// The most specific part that a file belongs to.
fn part_of(file: &str) -> &'static str {
    let stem = file.trim_end_matches(".rs");
    let parts = MAY_IMPORT.iter().map(|(part, _)| *part);
    let fits = parts.filter(|part| stem == *part || stem.starts_with(&format!("{part}/")));
    fits.max_by_key(|part| part.len()).unwrap_or_else(|| panic!("{file} belongs to no part of the house"))
}

/// The parts of the crate that a text names: `crate::part…` and `use crate::{part…, …}`.
fn named(text: &str) -> Vec<String> {
    let mut found = vec![];
    for (at, _) in text.match_indices("crate::") {
        if at > 0 && text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(top_level(list)),
            None => found.extend(first_word(rest)),
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut words, mut begins) = (0, vec![], true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && depth == 0 && c.is_alphabetic() => {
                words.extend(first_word(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    words
}

#[test]
fn nobody_imports_what_is_above() {
    let mut wrong = vec![];
    for (file, text) in sources() {
        let part = part_of(&file);
        let allowed = MAY_IMPORT.iter().find(|(name, _)| *name == part).unwrap().1;
        let own = part.split('/').next().unwrap();
        for name in named(without_tests(&text)) {
            if name != own && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{file} names {name}"));
            }
        }
        let sides = ["public", "console", "api", "subscribe"];
        for side in sides.iter().filter(|side| part.starts_with("web/") && !part.ends_with(*side)) {
            if text.contains(&format!("web::{side}")) || text.contains(&format!("super::{side}")) {
                wrong.push(format!("{file} names another side of web, {side}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_reader_of_imports_can_fail() {
    let text = "use crate::{\n    store::{Store, X},\n    web,\n};\nuse crate::live;\nfn f() { crate::cli::run(); mycrate::no(); }";
    assert_eq!(named(text), ["store", "web", "live", "cli"]);
}

#[test]
fn raw_html_comes_from_one_file() {
    let with: Vec<String> =
        sources().into_iter().filter(|(_, text)| text.contains("PreEscaped")).map(|(file, _)| file).collect();
    assert_eq!(with, ["render/page/raw.rs"]);
}

#[test]
fn the_clock_is_read_in_one_place() {
    let reads = ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"];
    let with: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| reads.iter().any(|read| without_tests(text).contains(read)))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(with, ["clock.rs"]);
}

#[test]
fn randomness_comes_from_one_place() {
    let with: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| without_tests(text).contains("rand::"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(with, ["domain/id.rs"]);
}

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = vec![];
    for (file, text) in sources() {
        let code = without_tests(&text);
        let lines = code.lines().count();
        if lines > 400 && !LONG_FILES.iter().any(|(name, _)| *name == file) {
            wrong.push(format!("{file}: {lines} lines without its tests"));
        }
        wrong.extend(long_functions(code).into_iter().map(|long| format!("{file}: {long}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Functions of more than 70 lines: from a line that begins one to the brace in its column.
fn long_functions(code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    let mut long = vec![];
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let begins =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(super) async fn "];
        if !begins.iter().any(|begin| line.trim_start().starts_with(begin)) {
            continue;
        }
        let end = lines[at..].iter().position(|l| l.trim_end() == format!("{}}}", " ".repeat(indent)));
        if let Some(length) = end.filter(|length| *length >= 70) {
            long.push(format!("line {}: {} lines", at + 1, length + 1));
        }
    }
    long
}
