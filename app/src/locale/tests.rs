//! What each language says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;

fn keys(source: &str) -> BTreeSet<&str> {
    let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    source.lines().filter(starts).filter_map(|line| Some(line.split_once(" =")?.0)).collect()
}

/// The keys that stand in calls such as `texts.text("..")`, wherever they are in the source.
fn used(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            used(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let source: String = source
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace("( \"", "(\"")
                .replace("s_with(", "s(");
            for call in ["text(\"", "with(\"", "filled(view, \""] {
                let after = source.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(after.map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_language_has_every_text_and_none_too_many() {
    let mut found = BTreeSet::new();
    used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    for (tag, _, source) in SOURCES {
        assert!(FluentResource::try_new((*source).to_owned()).is_ok(), "{tag}.ftl can be read");
        let there = keys(source);
        // Calls of other functions named alike, such as `starts_with`, give words that are no keys.
        let looks =
            |key: &&String| key.contains('-') && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let missing: Vec<_> =
            found.iter().filter(looks).filter(|key| !there.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "{tag}.ftl lacks {missing:?}");
        let unused: Vec<_> = there.iter().filter(|key| !found.contains(**key)).collect();
        assert!(unused.is_empty(), "{tag}.ftl has {unused:?}, which nothing says");
    }
}

/// The arguments of each text.
fn arguments(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((begun, _)) = line.split_once(" =").filter(|_| line.starts_with(char::is_alphabetic)) {
            key = begun.to_owned();
        }
        let names = line.split("{ $").skip(1).filter_map(|rest| rest.split([' ', '}']).next());
        found.entry(key.clone()).or_default().extend(names.map(str::to_owned));
    }
    found
}

#[test]
fn every_language_is_told_the_same() {
    let english = arguments(SOURCES[0].2);
    assert!(english["headline-one"].contains("name") && english["headline-one"].contains("status"));
    for (tag, _, source) in SOURCES {
        for (key, names) in arguments(source) {
            assert_eq!(names, english[&key], "{tag}: {key}");
        }
    }
}

#[test]
fn german_counts_as_germans_do() {
    let de = texts("de").unwrap();
    let said = |key, count: i64| de.with(key, [("count", count.into()), ("names", "API".into())]);
    assert_eq!(said("group-count", 1), "eine Komponente");
    assert_eq!(said("group-count", 21), "21 Komponenten");
    assert_eq!(said("earlier-updates", 1), "Eine frühere Meldung");
    assert_eq!(said("earlier-updates", 2), "2 frühere Meldungen");
    assert_eq!(said("more-maintenance", 1), "API wird gewartet.");
    assert_eq!(said("more-maintenance", 2), "API werden gewartet.");
    assert_eq!(de.duration(TimeDelta::hours(50)), "2 Tage 2 Std.");
    assert_eq!(de.duration(TimeDelta::minutes(61)), "1 Std. 1 Min.");
    assert_eq!(de.list(&["A", "B", "C"]), "A, B und C");
}

#[test]
fn the_language_that_nobody_speaks_is_there_and_not_offered() {
    let pseudo = texts(PSEUDO).unwrap();
    assert_eq!((pseudo.tag(), pseudo.direction()), (PSEUDO, "rtl"));
    assert!(offered(PSEUDO).is_none() && !languages().contains(&PSEUDO));
    assert_eq!(pseudo.with("days-ago", [("count", 90.into())]), "90 ďâŷś âĝô");
    assert_eq!(pseudo.clock(at("2026-11-22T12:05:00Z"), Tz::UTC), "12:05 UTC");
    let [en, de] = ["en", "de"].map(|tag| texts(tag).unwrap());
    assert_eq!((en.direction(), de.direction()), ("ltr", "ltr"));
    assert_eq!((en.language_name().as_str(), de.language_name().as_str()), ("English", "Deutsch"));
    let tags: Vec<_> = of_page("de").map(Texts::tag).collect();
    assert_eq!(tags, ["de", "en"], "a page's own first, and each once");
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn only_languages_with_a_file_are_there() {
    assert_eq!(languages(), ["en", "de"]);
    assert_eq!(texts("en").unwrap().tag(), "en");
    assert!(texts("xx").is_none());
}

#[test]
fn times_name_their_zone() {
    let en = texts("en").unwrap();
    let noon = at("2026-11-22T12:05:00Z");
    assert_eq!(en.clock(noon, Tz::UTC), "12:05 UTC");
    assert_eq!(en.moment(noon, chrono_tz::Europe::Berlin), "22 Nov 2026, 13:05 CET");
    assert_eq!(en.clock(noon, chrono_tz::America::Sao_Paulo), "09:05 UTC-03");
    let (from, until) = en.window(noon, at("2026-11-22T14:00:00Z"), Tz::UTC);
    assert_eq!((from.as_str(), until.as_str()), ("Sun, 22 Nov 2026, 12:05", "14:00 UTC"));
    let (_, until) = en.window(noon, at("2026-11-23T01:00:00Z"), Tz::UTC);
    assert_eq!(until, "Mon, 23 Nov 2026, 01:00 UTC");
}

#[test]
fn each_language_writes_dates_as_its_readers_do() {
    let [en, de] = ["en", "de"].map(|tag| texts(tag).unwrap());
    let day = NaiveDate::from_ymd_opt(2026, 9, 6).unwrap();
    let said = |texts: &Texts| {
        let months = [texts.month(day), texts.quarter(day)].join(" | ");
        [texts.date(day), texts.weekday(day), texts.short_date(day), months].join(" | ")
    };
    assert_eq!(said(en), "6 September 2026 | Sun 6 Sept | Sun, 6 Sept 2026 | September 2026 | Q3 2026");
    assert_eq!(
        said(de),
        "6. September 2026 | So., 6. Sept. | So., 06.09.2026 | September 2026 | 3. Quartal 2026"
    );
    let noon = at("2026-11-22T12:05:00Z");
    let berlin = chrono_tz::Europe::Berlin;
    assert_eq!(de.clock(noon, berlin), "13:05 MEZ");
    assert_eq!(de.moment(noon, berlin), "22.11.2026, 13:05 MEZ");
    let (from, until) = de.window(noon, at("2026-11-23T01:00:00Z"), Tz::UTC);
    assert_eq!((from.as_str(), until.as_str()), ("So., 22.11.2026, 12:05", "Mo., 23.11.2026, 01:00 UTC"));
}

#[test]
fn each_language_writes_numbers_as_its_readers_do() {
    let [en, de] = ["en", "de"].map(|tag| texts(tag).unwrap());
    let table = [
        (1_234_567.891, 2, "1,234,567.89", "1.234.567,89"),
        (0.5, 1, "0.5", "0,5"),
        (-3.0, 0, "-3", "-3"),
        (-0.04, 1, "0.0", "0,0"),
        (0.0, 2, "0.00", "0,00"),
        (1e21, 0, "1,000,000,000,000,000,000,000", "1.000.000.000.000.000.000.000"),
    ];
    for (value, decimals, english, german) in table {
        assert_eq!(en.number(value, decimals), english);
        assert_eq!(de.number(value, decimals), german);
    }
    assert_eq!(en.number(f64::INFINITY, 1), "inf");
    assert_eq!(de.percentage(Percentage(9_998)), "99,98 %");
    assert_eq!(de.percentage(Percentage(10_000)), "100,00 %");
}

#[test]
fn durations_and_percentages() {
    let en = texts("en").unwrap();
    let said = |seconds| en.duration(TimeDelta::seconds(seconds));
    assert_eq!(said(0), "1 min");
    assert_eq!(said(59 * 60), "59 min");
    assert_eq!(said(2 * 3600), "2 h");
    assert_eq!(said(86_400 + 12 * 60), "24 h 12 min");
    assert_eq!(said(3 * 86_400 + 4 * 3600 + 60), "3 d 4 h");
    assert_eq!(en.percentage(Percentage(9_998)), "99.98 %");
    assert_eq!(en.percentage(Percentage(10_000)), "100.00 %");
    assert_eq!(en.percentage(Percentage(7)), "0.07 %");
}

#[test]
fn a_name_does_not_turn_its_sentence_around() {
    let en = texts("en").unwrap();
    let said = en.with("still-open", [("name", "\u{202e}IPA\u{2067} שלום\u{200f}".into())]);
    assert_eq!(said, "IPA שלום – not over yet");
    assert_eq!(undirected("\u{202d}a\u{2069}b\u{200e}"), "ab");
}

#[test]
fn names_in_a_sentence() {
    let en = texts("en").unwrap();
    assert_eq!(en.list(&["A"]), "A");
    assert_eq!(en.list(&["A", "B"]), "A and B");
    assert_eq!(en.list(&["A", "B", "C"]), "A, B and C");
}
