//! Values as clients send them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, Type},
};

use crate::{domain::status::ComponentStatus, wire::Stamp};

/// A component's status, or an empty text, which leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenStatus(pub Option<ComponentStatus>);

impl<'de> Deserialize<'de> for GivenStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word.is_empty() {
            return Ok(Self(None));
        }
        let status = ComponentStatus::parse(&word);
        status.map(|status| Self(Some(status))).ok_or_else(|| D::Error::custom("no status of a component"))
    }
}

impl utoipa::PartialSchema for GivenStatus {
    fn schema() -> RefOr<Schema> {
        let words = ComponentStatus::ALL.map(ComponentStatus::as_str).into_iter().chain([""]);
        let about = "An empty text leaves it as it is.";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words))
            .description(Some(about))
            .into()
    }
}

impl utoipa::ToSchema for GivenStatus {}

/// A day, which stands for its first instant in UTC, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Self(day.and_time(chrono::NaiveTime::MIN).and_utc()));
        }
        let stamp = serde_json::from_value::<Stamp>(text.into()).map_err(D::Error::custom)?;
        Ok(Self(stamp.instant()))
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        let about = "A day such as 2026-07-30, or an instant such as 2026-07-30T10:12:15Z.";
        let pattern = r"^\d{4}-\d{2}-\d{2}([Tt ].+)?$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).description(Some(about)).into()
    }
}

impl utoipa::ToSchema for Instant {}

/// Tells a field that is null from one that is not there.
pub fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
