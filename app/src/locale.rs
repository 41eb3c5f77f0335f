//! The words of each language, and its dates, numbers and durations. Words stand in Fluent files,
//! one per language; a further language is one more file and one more line in `SOURCES`.

use std::{borrow::Cow, fmt, sync::LazyLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::domain::uptime::Percentage;

const SOURCES: &[(&str, &str)] = &[("en", include_str!("../locales/en.ftl"))];

static TAGS: LazyLock<Vec<&'static str>> = LazyLock::new(|| SOURCES.iter().map(|(tag, _)| *tag).collect());

static TEXTS: LazyLock<Vec<Texts>> =
    LazyLock::new(|| SOURCES.iter().map(|(tag, source)| Texts::read(tag, source)).collect());

/// The languages that pages can be shown in, as tags for `<html lang>`.
pub fn languages() -> &'static [&'static str] {
    &TAGS
}

/// The texts of a language that is there.
pub fn texts(tag: &str) -> Option<&'static Texts> {
    TEXTS.iter().find(|texts| texts.tag == tag)
}

/// The texts of a language that visitors may choose.
pub fn offered(tag: &str) -> Option<&'static Texts> {
    texts(tag).filter(|texts| languages().contains(&texts.tag))
}

/// The texts of a page's own language; if it is not there, of the first.
pub fn own(tag: &str) -> &'static Texts {
    texts(tag).unwrap_or_else(fallback)
}

/// The first language, for a page whose own is not there.
pub fn fallback() -> &'static Texts {
    &TEXTS[0]
}

/// Everything that one language says.
pub struct Texts {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl Texts {
    fn read(tag: &'static str, source: &str) -> Self {
        // What cannot be read of a file is left out; a test shows that nothing is.
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(source.to_owned());
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
        // Marks that isolate text directions would be copied along with every text.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { tag, bundle }
    }

    /// The language's tag, as in `<html lang>`.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// A text without arguments.
    pub fn text(&self, key: &str) -> String {
        self.with(key, [])
    }

    /// A text with its arguments: strings, or numbers that decide between singular and plural. A
    /// key that is not there gives itself, which a test keeps from happening.
    pub fn with<'a, const N: usize>(
        &'a self,
        key: &str,
        arguments: [(&'a str, FluentValue<'a>); N],
    ) -> String {
        let arguments: FluentArgs<'_> =
            arguments.into_iter().map(|(name, value)| (name, undirected_value(value))).collect();
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| self.bundle.format_pattern(pattern, Some(&arguments), &mut vec![]).into_owned(),
        )
    }

    /// `A`, `A and B`, `A, B and C`.
    pub fn list(&self, names: &[&str]) -> String {
        match names {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => {
                self.with("list-end", [("first", first.join(", ").into()), ("last", (*last).into())])
            }
        }
    }

    /// `22 November 2026`
    pub fn date(&self, day: NaiveDate) -> String {
        day.format("%-d %B %Y").to_string()
    }

    /// `Sun, 22 November`
    pub fn weekday(&self, day: NaiveDate) -> String {
        day.format("%a, %-d %B").to_string()
    }

    /// `Sun, 22 Nov 2026`
    pub fn short_date(&self, day: NaiveDate) -> String {
        day.format("%a, %-d %b %Y").to_string()
    }

    /// `14:32 UTC`
    pub fn clock(&self, at: DateTime<Utc>, zone: Tz) -> String {
        format!("{} {}", at.with_timezone(&zone).format("%H:%M"), zone_name(at, zone))
    }

    /// `22 Nov 2026, 14:32 UTC`
    pub fn moment(&self, at: DateTime<Utc>, zone: Tz) -> String {
        format!("{}, {}", at.with_timezone(&zone).format("%-d %b %Y"), self.clock(at, zone))
    }

    /// Both ends of a time: `22 Nov 2026, 14:00` and `16:00 UTC`, with the second day if it differs.
    pub fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> (String, String) {
        let (begin, end) = (from.with_timezone(&zone), until.with_timezone(&zone));
        if begin.date_naive() == end.date_naive() {
            (begin.format("%a, %-d %b %Y, %H:%M").to_string(), self.clock(until, zone))
        } else {
            let full = "%a, %-d %b %Y, %H:%M";
            (begin.format(full).to_string(), format!("{} {}", end.format(full), zone_name(until, zone)))
        }
    }

    /// `99.98 %`, cut and not rounded.
    pub fn percentage(&self, Percentage(hundredths): Percentage) -> String {
        format!("{}.{:02} %", hundredths / 100, hundredths % 100)
    }

    /// `2 h 5 min`, in the two largest units; never less than a minute.
    pub fn duration(&self, span: TimeDelta) -> String {
        let day = |count: i64| self.with("duration-days", [("count", count.into())]);
        let hour = |count: i64| self.with("duration-hours", [("count", count.into())]);
        let minute = |count: i64| self.with("duration-minutes", [("count", count.into())]);
        let and = |large: String, rest, unit: &dyn Fn(i64) -> String| {
            if rest == 0 { large } else { format!("{large} {}", unit(rest)) }
        };
        match whole_minutes(span.num_seconds()) {
            minutes @ ..60 => minute(minutes),
            minutes @ 60..2_880 => and(hour(minutes / 60), minutes % 60, &minute),
            minutes => and(day(minutes / 1_440), minutes / 60 % 24, &hour),
        }
    }
}

/// A text without the invisible controls of its direction, which would turn around what is written
/// beside it.
pub fn undirected(text: &str) -> Cow<'_, str> {
    if text.contains(is_direction) { text.replace(is_direction, "").into() } else { text.into() }
}

fn undirected_value(value: FluentValue<'_>) -> FluentValue<'_> {
    match value {
        FluentValue::String(text) if text.contains(is_direction) => undirected(&text).into_owned().into(),
        other => other,
    }
}

fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Seconds as minutes that can be told: the nearest, but something is never told as nothing.
pub fn whole_minutes(seconds: i64) -> i64 {
    ((seconds + 30) / 60).max(1)
}

/// `UTC`, `CET`, or `UTC+05` where a zone has a number for a name.
pub fn zone_name(at: DateTime<Utc>, zone: Tz) -> String {
    let name = at.with_timezone(&zone).format("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("UTC{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

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
                let source: String =
                    source.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
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
        for (tag, source) in SOURCES {
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

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn only_languages_with_a_file_are_there() {
        assert_eq!(languages(), ["en"]);
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
}
