//! The words of each language, and its dates, numbers and durations. Words stand in Fluent files,
//! one per language; a further language is one more file and one more line in `SOURCES`.

mod formats;
mod pseudo;

use std::{borrow::Cow, cell::OnceCell, fmt, sync::LazyLock};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::domain::uptime::Percentage;
use formats::Formats;

/// A language's tag, the region whose dates and numbers it writes, and its texts.
type Source = (&'static str, &'static str, &'static str);

const SOURCES: &[Source] = &[
    ("en", "en-GB", include_str!("../../locales/en.ftl")),
    ("de", "de", include_str!("../../locales/de.ftl")),
];

static TAGS: LazyLock<Vec<&'static str>> = LazyLock::new(|| SOURCES.iter().map(|(tag, ..)| *tag).collect());

static TEXTS: LazyLock<Vec<Texts>> =
    LazyLock::new(|| SOURCES.iter().zip(0..).map(|(source, place)| Texts::read(source, place)).collect());

/// A character that no text holds.
const SLOT: &str = "\u{1}";

/// The tag of a language that nobody speaks: English with marks on its letters, written from right
/// to left. A page that is set to it shows what does not come from a file, and what does not turn.
pub const PSEUDO: &str = "ar-XB";

static PSEUDO_TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let (_, region, english) = SOURCES[0];
    let mut texts = Texts::read(&(PSEUDO, region, english), 0);
    texts.bundle.set_transform(Some(pseudo::marked));
    Texts { direction: "rtl", ..texts }
});

thread_local! {
    /// The formats of each language, by its place in `SOURCES`. They can't be shared by threads, so
    /// each thread that writes dates makes its own, once.
    static FORMATS: Vec<OnceCell<Formats>> = SOURCES.iter().map(|_| OnceCell::new()).collect();
}

/// The languages that visitors are offered, as tags for `<html lang>`.
pub fn languages() -> &'static [&'static str] {
    &TAGS
}

/// The texts of a language that is there, offered or not.
pub fn texts(tag: &str) -> Option<&'static Texts> {
    offered(tag).or_else(|| (tag == PSEUDO).then(|| &*PSEUDO_TEXTS))
}

/// The texts of a language that visitors may choose.
pub fn offered(tag: &str) -> Option<&'static Texts> {
    TEXTS.iter().find(|texts| texts.tag == tag)
}

/// The languages that a page is shown in: its own, then the others that are offered.
pub fn of_page(own_tag: &str) -> impl Iterator<Item = &'static Texts> {
    let own = own(own_tag);
    std::iter::once(own).chain(TEXTS.iter().filter(move |texts| texts.tag != own.tag))
}

/// The tag of a language that pages can be shown in; the error says which there are.
pub fn known(tag: &str) -> Result<String, String> {
    let there = texts(tag).map(|texts| texts.tag().to_owned());
    there.ok_or_else(|| format!("there are {}, and {PSEUDO} to try out", languages().join(", ")))
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
    direction: &'static str,
    region: &'static str,
    /// What stands around the number of a percentage, which a page says a thousand times.
    percent: (String, String),
    /// Its place in the list of formats.
    place: usize,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl Texts {
    fn read((tag, region, source): &Source, place: usize) -> Self {
        // What cannot be read of a file is left out; a test shows that nothing is.
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*source).to_owned());
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
        // Marks that isolate text directions would be copied along with every text.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        let mut texts = Self { tag, direction: "ltr", region, place, bundle, percent: Default::default() };
        let percentage = texts.with("percentage", [("number", SLOT.into())]);
        let around = percentage.split_once(SLOT).unwrap_or_default();
        texts.percent = (around.0.to_owned(), around.1.to_owned());
        if texts.text("language-direction") == "rtl" {
            texts.direction = "rtl";
        }
        texts
    }

    fn formats<T>(&self, write: impl FnOnce(&Formats) -> T) -> T {
        FORMATS.with(|formats| match formats.get(self.place) {
            Some(formats) => write(formats.get_or_init(|| Formats::of(self.region))),
            None => write(&Formats::of(self.region)),
        })
    }

    /// The language's tag, as in `<html lang>`.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// How the language is written, as in `<html dir>`: `ltr` or `rtl`.
    pub fn direction(&self) -> &'static str {
        self.direction
    }

    /// The language's own name: `English`, `Deutsch`.
    pub fn language_name(&self) -> String {
        self.text("language-name")
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
        self.formats(|formats| formats.date(day))
    }

    /// `Sun 22 Nov`
    pub fn weekday(&self, day: NaiveDate) -> String {
        self.formats(|formats| formats.weekday(day))
    }

    /// `Sun, 22 Nov 2026`
    pub fn short_date(&self, day: NaiveDate) -> String {
        self.formats(|formats| formats.short_date(day))
    }

    /// `November 2026`, of any day in it.
    pub fn month(&self, day: NaiveDate) -> String {
        self.formats(|formats| formats.month(day))
    }

    /// `Q4 2026`, of any day in it.
    pub fn quarter(&self, day: NaiveDate) -> String {
        self.with("quarter", [("quarter", day.quarter().into()), ("year", day.year().into())])
    }

    /// `14:32 UTC`
    pub fn clock(&self, at: DateTime<Utc>, zone: Tz) -> String {
        self.zoned(self.formats(|formats| formats.clock(local(at, zone))), at, zone)
    }

    /// `22 Nov 2026, 14:32 UTC`
    pub fn moment(&self, at: DateTime<Utc>, zone: Tz) -> String {
        self.zoned(self.formats(|formats| formats.moment(local(at, zone))), at, zone)
    }

    /// Both ends of a time: `Sun, 22 Nov 2026, 14:00` and `16:00 UTC`, with the second day if it differs.
    pub fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> (String, String) {
        let (begin, end) = (local(from, zone), local(until, zone));
        let end = if begin.date() == end.date() {
            self.clock(until, zone)
        } else {
            self.zoned(self.formats(|formats| formats.begin(end)), until, zone)
        };
        (self.formats(|formats| formats.begin(begin)), end)
    }

    fn zoned(&self, time: String, at: DateTime<Utc>, zone: Tz) -> String {
        time + " " + &self.with("zone-name", [("name", zone_name(at, zone).into())])
    }

    /// `Sun`
    pub fn day_name(&self, day: NaiveDate) -> String {
        self.formats(|formats| formats.day_name(day))
    }

    /// `22 Nov`
    pub fn day_of_month(&self, day: NaiveDate) -> String {
        self.formats(|formats| formats.day_of_month(day))
    }

    /// `14:32`, without its zone.
    pub fn hour(&self, at: DateTime<Utc>, zone: Tz) -> String {
        self.formats(|formats| formats.clock(local(at, zone)))
    }

    /// `1,234.50`: so many decimals, rounded to the nearest, in the language's own digits and
    /// separators.
    pub fn number(&self, value: f64, decimals: u8) -> String {
        let plain = format!("{value:.0$}", usize::from(decimals));
        // What is rounded to nothing has no sign.
        let is_nothing = !plain.contains(|c: char| matches!(c, '1'..='9') || c.is_alphabetic());
        let plain = if is_nothing { plain.trim_start_matches('-') } else { &plain };
        self.formats(|formats| formats.number(plain))
    }

    /// `99.98 %`, cut and not rounded.
    pub fn percentage(&self, Percentage(hundredths): Percentage) -> String {
        let number = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let (before, after) = &self.percent;
        self.formats(|formats| format!("{before}{}{after}", formats.number(&number)))
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

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// `UTC`, `CET`, or `UTC+05` where a zone has a number for a name.
pub fn zone_name(at: DateTime<Utc>, zone: Tz) -> String {
    let name = at.with_timezone(&zone).format("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("UTC{name}") } else { name }
}

#[cfg(test)]
mod tests;
