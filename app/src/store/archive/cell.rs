//! A value of a row: what it is in an archive, in a query and in a statement.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{
    DbBackend, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait},
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Column, Kind};
use crate::domain::Id;

/// The values of a row, by the places of its table's columns; none where it has none.
pub type Row = Vec<Option<Cell>>;

/// One value, which is not NULL.
#[derive(Clone, Debug)]
pub enum Cell {
    Text(String),
    Json(Box<RawValue>),
    Flag(bool),
    Integer(i32),
    BigInteger(i64),
    Double(f64),
    Time(DateTime<Utc>),
    Date(NaiveDate),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
            Self::Flag(flag) => flag.serialize(serializer),
            Self::Integer(number) => number.serialize(serializer),
            Self::BigInteger(number) => number.serialize(serializer),
            Self::Double(number) => number.serialize(serializer),
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::Micros, true).serialize(serializer),
            Self::Date(date) => date.serialize(serializer),
        }
    }
}

impl Cell {
    /// Reads a value of an archive; the error says what is allowed. `null` is NULL but for JSON,
    /// where it is a value like another.
    pub fn parse(column: &Column, json: &RawValue) -> Result<Option<Self>, &'static str> {
        if json.get() == "null" && column.kind != Kind::Json {
            return Ok(None);
        }
        let cell = match column.kind {
            Kind::Id => Self::Text(parse::<Id>(json, "1 to 64 of 0-9, A-Z and a-z")?.into()),
            Kind::Text => Self::Text(text(json)?),
            Kind::Json => Self::Json(json.to_owned()),
            Kind::Flag => Self::Flag(parse(json, "true or false")?),
            Kind::Integer => Self::Integer(parse(json, "a whole number of 32 bits")?),
            Kind::BigInteger => Self::BigInteger(parse(json, "a whole number of 64 bits")?),
            Kind::Double => Self::Double(parse(json, "a number")?),
            Kind::Time => {
                let time: DateTime<Utc> = parse(json, "a time such as 2026-11-22T12:00:00.000000Z")?;
                // Postgres keeps no more, and an archive says the same of both.
                if !time.timestamp_subsec_nanos().is_multiple_of(1_000) {
                    return Err("a time in microseconds");
                }
                Self::Time(time)
            }
            Kind::Date => Self::Date(parse(json, "a day such as 2026-11-22")?),
        };
        Ok(Some(cell))
    }

    /// Reads a column of a row.
    pub(super) fn read(column: &Column, row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let name = column.name;
        Ok(match column.kind {
            Kind::Id | Kind::Text => row.try_get::<Option<String>>("", name)?.map(Self::Text),
            Kind::Json => {
                let text: Option<String> = row.try_get("", name)?;
                text.map(|text| on_one_line(text).map(Self::Json))
                    .transpose()
                    .map_err(|error| unreadable(name, &error))?
            }
            Kind::Flag => row.try_get::<Option<bool>>("", name)?.map(Self::Flag),
            Kind::Integer => row.try_get::<Option<i32>>("", name)?.map(Self::Integer),
            Kind::BigInteger => row.try_get::<Option<i64>>("", name)?.map(Self::BigInteger),
            Kind::Double => match row.try_get::<Option<f64>>("", name)? {
                Some(number) if !number.is_finite() => return Err(unreadable(name, &number)),
                number => number.map(Self::Double),
            },
            Kind::Time => row.try_get::<Option<DateTime<Utc>>>("", name)?.map(Self::Time),
            Kind::Date => row.try_get::<Option<NaiveDate>>("", name)?.map(Self::Date),
        })
    }

    /// NULL as a statement holds it: Postgres wants to know of which type.
    pub(super) fn null(kind: Kind, backend: DbBackend) -> Expr {
        match kind {
            Kind::Json if backend == DbBackend::Postgres => Expr::val(None::<String>).cast_as("json"),
            Kind::Id | Kind::Text | Kind::Json => Expr::val(None::<String>),
            Kind::Flag => Expr::val(None::<bool>),
            Kind::Integer => Expr::val(None::<i32>),
            Kind::BigInteger => Expr::val(None::<i64>),
            Kind::Double => Expr::val(None::<f64>),
            Kind::Time => Expr::val(None::<DateTime<Utc>>),
            Kind::Date => Expr::val(None::<NaiveDate>),
        }
    }

    /// The value as a statement holds it.
    pub(super) fn expression(self, backend: DbBackend) -> Expr {
        match self {
            Self::Text(text) => Expr::val(text),
            Self::Json(json) if backend == DbBackend::Postgres => Expr::val(json.get()).cast_as("json"),
            Self::Json(json) => Expr::val(json.get()),
            Self::Flag(flag) => Expr::val(flag),
            Self::Integer(number) => Expr::val(number),
            Self::BigInteger(number) => Expr::val(number),
            Self::Double(number) => Expr::val(number),
            Self::Time(time) => Expr::val(time),
            Self::Date(date) => Expr::val(date),
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(json: &RawValue, allowed: &'static str) -> Result<T, &'static str> {
    serde_json::from_str(json.get()).map_err(|_| allowed)
}

fn text(json: &RawValue) -> Result<String, &'static str> {
    let text: String = parse(json, "a text")?;
    // Postgres keeps no text with this character.
    if text.contains('\0') { Err("a text without the character U+0000") } else { Ok(text) }
}

/// JSON as it was kept; an archive has a row on a line, so line breaks between its parts go.
fn on_one_line(text: String) -> serde_json::Result<Box<RawValue>> {
    if !text.contains(['\n', '\r']) {
        return RawValue::from_string(text);
    }
    let value: serde_json::Value = serde_json::from_str(&text)?;
    RawValue::from_string(value.to_string())
}

fn unreadable(column: &str, why: &dyn std::fmt::Display) -> DbErr {
    DbErr::Type(format!("{column}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Kind) -> Column {
        Column { name: "x", kind, need: super::super::Need::Null, secret: false }
    }

    fn again(kind: Kind, json: &str) -> Option<String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let cell = Cell::parse(&column(kind), &raw).ok()?;
        Some(serde_json::to_string(&cell).unwrap())
    }

    #[test]
    fn values_are_written_as_they_were_read() {
        for (kind, json) in [
            (Kind::Id, r#""abc""#),
            (Kind::Text, r#""a\nb\u0001 \" \\ ü 𝄞""#),
            (Kind::Json, r#"{"b":1.50,"a":null,"big":123456789012345678901234567890}"#),
            (Kind::Json, "null"),
            (Kind::Flag, "true"),
            (Kind::Integer, "-2147483648"),
            (Kind::BigInteger, "9223372036854775807"),
            (Kind::Double, "0.1"),
            (Kind::Double, "-0.0"),
            (Kind::Double, "5e-324"),
            (Kind::Double, "1.7976931348623157e+308"),
            (Kind::Time, r#""2026-11-22T12:00:00.000001Z""#),
            (Kind::Time, r#""0001-01-01T00:00:00.000000Z""#),
            (Kind::Date, r#""2024-02-29""#),
        ] {
            assert_eq!(again(kind, json).as_deref(), Some(json), "{kind:?}");
        }
        assert_eq!(again(Kind::Text, "null").as_deref(), Some("null"), "which is NULL");
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        for (kind, json) in [
            (Kind::Id, r#""a b""#),
            (Kind::Id, r#""""#),
            (Kind::Text, "1"),
            (Kind::Text, r#""a\u0000b""#),
            (Kind::Flag, "1"),
            (Kind::Integer, "2147483648"),
            (Kind::Integer, "1.5"),
            (Kind::BigInteger, "9223372036854775808"),
            (Kind::Double, "1e999"),
            (Kind::Double, r#""NaN""#),
            (Kind::Time, r#""2026-11-22""#),
            (Kind::Time, r#""2026-11-22T12:00:00.0000001Z""#),
            (Kind::Date, r#""2026-02-30""#),
        ] {
            assert_eq!(again(kind, json), None, "{kind:?} {json}");
        }
    }
}
