//! Dates, times and numbers as a language writes them, by the data of CLDR.

use std::fmt::Display;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use icu_calendar::Gregorian;
use icu_datetime::{
    FixedCalendarDateTimeFormatter, NoCalendarFormatter,
    fieldsets::{E, MD, MDE, T, YM, YMD, YMDE, YMDET, YMDT},
    input::{Date, DateTime, Time},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::Locale;

type Written<Fields> = FixedCalendarDateTimeFormatter<Gregorian, Fields>;

/// What writes the dates and numbers of one language. What CLDR has no data for is written as ISO
/// 8601 has it, and so is a date that no calendar has; a test shows that our languages need neither.
#[derive(Debug)]
pub struct Formats {
    date: Option<Written<YMD>>,
    weekday: Option<Written<MDE>>,
    short_date: Option<Written<YMDE>>,
    month: Option<Written<YM>>,
    day_name: Option<Written<E>>,
    day_of_month: Option<Written<MD>>,
    moment: Option<Written<YMDT>>,
    begin: Option<Written<YMDET>>,
    clock: Option<NoCalendarFormatter<T>>,
    number: Option<DecimalFormatter>,
}

impl Formats {
    /// Those of a region's language, such as `en-GB`.
    pub fn of(tag: &str) -> Self {
        let locale: Locale = tag.parse().unwrap_or(Locale::UNKNOWN);
        Self {
            date: Written::try_new((&locale).into(), YMD::long()).ok(),
            weekday: Written::try_new((&locale).into(), MDE::medium()).ok(),
            short_date: Written::try_new((&locale).into(), YMDE::medium()).ok(),
            month: Written::try_new((&locale).into(), YM::long()).ok(),
            day_name: Written::try_new((&locale).into(), E::medium()).ok(),
            day_of_month: Written::try_new((&locale).into(), MD::medium()).ok(),
            moment: Written::try_new((&locale).into(), YMD::medium().with_time_hm()).ok(),
            begin: Written::try_new((&locale).into(), YMDE::medium().with_time_hm()).ok(),
            clock: NoCalendarFormatter::try_new((&locale).into(), T::hm()).ok(),
            number: DecimalFormatter::try_new((&locale).into(), Default::default()).ok(),
        }
    }

    /// `22 November 2026`
    pub fn date(&self, day: NaiveDate) -> String {
        write(self.date.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), day)
    }

    /// `Sun 22 Nov`
    pub fn weekday(&self, day: NaiveDate) -> String {
        write(self.weekday.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), day)
    }

    /// `Sun, 22 Nov 2026`
    pub fn short_date(&self, day: NaiveDate) -> String {
        write(self.short_date.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), day)
    }

    /// `November 2026`
    pub fn month(&self, day: NaiveDate) -> String {
        let iso = day.format("%Y-%m");
        write(self.month.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), iso)
    }

    /// `Sun`
    pub fn day_name(&self, day: NaiveDate) -> String {
        write(self.day_name.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), day)
    }

    /// `22 Nov`
    pub fn day_of_month(&self, day: NaiveDate) -> String {
        write(self.day_of_month.as_ref().zip(date(day)).map(|(format, day)| format.format(&day)), day)
    }

    /// `22 Nov 2026, 14:32`
    pub fn moment(&self, at: NaiveDateTime) -> String {
        write(self.moment.as_ref().zip(date_time(at)).map(|(format, at)| format.format(&at)), iso(at))
    }

    /// `Sun, 22 Nov 2026, 14:32`
    pub fn begin(&self, at: NaiveDateTime) -> String {
        write(self.begin.as_ref().zip(date_time(at)).map(|(format, at)| format.format(&at)), iso(at))
    }

    /// `14:32`
    pub fn clock(&self, at: NaiveDateTime) -> String {
        let written = self.clock.as_ref().zip(time(at)).map(|(format, at)| format.format(&at));
        write(written, at.format("%H:%M"))
    }

    /// The digits and separators of a number that is written `-1234.5`.
    pub fn number(&self, plain: &str) -> String {
        let number = self.number.as_ref().zip(plain.parse::<Decimal>().ok());
        number.map_or_else(|| plain.to_owned(), |(format, number)| format.format(&number).to_string())
    }
}

fn write(written: Option<impl Display>, otherwise: impl Display) -> String {
    written.map_or_else(|| otherwise.to_string(), |written| written.to_string())
}

fn iso(at: NaiveDateTime) -> impl Display {
    at.format("%Y-%m-%d %H:%M")
}

fn date(day: NaiveDate) -> Option<Date<Gregorian>> {
    let [month, day_of_month] = [day.month(), day.day()].map(u8::try_from);
    Date::try_new_gregorian(day.year(), month.ok()?, day_of_month.ok()?).ok()
}

fn time(at: NaiveDateTime) -> Option<Time> {
    Time::try_new(u8::try_from(at.hour()).ok()?, u8::try_from(at.minute()).ok()?, 0, 0).ok()
}

fn date_time(at: NaiveDateTime) -> Option<DateTime<Gregorian>> {
    Some(DateTime { date: date(at.date())?, time: time(at)? })
}
