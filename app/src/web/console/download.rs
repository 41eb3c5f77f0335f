//! The audit as a file: written as it is read, piece by piece.

use std::collections::HashMap;

use actix_web::{HttpResponse, web::Bytes};
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream;
use serde::Serialize;

use super::{Call, Failure, PATIENCE, audit};
use crate::{
    domain::{Id, record::AuditEvent},
    store::{AuditFilter, Store},
};

/// The most events of one file, and of one piece of it.
pub const MOST: u64 = 50_000;
const PIECE: u64 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180.
    Csv,
    Json,
}

impl Format {
    /// The one that is named; rows and columns, where none is.
    pub fn parse(word: &str) -> Self {
        if word == "json" { Self::Json } else { Self::Csv }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// How far a file has come.
enum Place {
    Begin,
    After(DateTime<Utc>, i64, u64),
    End,
}

/// It broke off. The rest of the file does not come, and whoever takes it is told so by the
/// connection.
#[derive(Debug, thiserror::Error)]
#[error("the audit could not be read to its end")]
struct BrokeOff;

/// An event with the name of whoever did it.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(flatten)]
    event: &'a AuditEvent,
    actor_name: Option<&'a str>,
}

pub fn answer(call: &Call, page: &Id, filter: AuditFilter, format: Format) -> HttpResponse {
    let (store, of) = (call.console.store.clone(), page.clone());
    let day = call.console.store.now().date_naive();
    let body = stream::try_unfold(Place::Begin, move |place| {
        let (store, page, filter) = (store.clone(), of.clone(), filter.clone());
        async move {
            let piece = tokio::time::timeout(PATIENCE, piece(&store, &page, &filter, format, place)).await;
            match piece {
                Ok(Ok(piece)) => Ok(piece),
                Ok(Err(_)) | Err(_) => Err(BrokeOff),
            }
        }
    });
    call.file(format.media_type(), &format!("audit-{page}-{day}.{}", format.ending()), body)
}

/// The next piece of a file, and how far it has come with it; nothing at its end.
async fn piece(
    store: &Store,
    page: &Id,
    filter: &AuditFilter,
    format: Format,
    place: Place,
) -> Result<Option<(Bytes, Place)>, Failure> {
    let (last, before) = match place {
        Place::Begin => (None, 0),
        Place::After(at, number, before) => (Some((at, number)), before),
        Place::End => return Ok(None),
    };
    let moment = store.moment(page).await?;
    let events = moment.view().audit_events_after(filter, last, PIECE.min(MOST - before)).await?;
    let names = audit::named(moment.view(), &events).await?;
    drop(moment);
    let sent = before + events.len() as u64;
    let next = match events.last() {
        Some(event) if events.len() as u64 == PIECE && sent < MOST => {
            Place::After(event.at, event.number, sent)
        }
        _ => Place::End,
    };
    let is_last = matches!(next, Place::End);
    let text = match format {
        Format::Csv => rows(&events, &names, before == 0).map_err(|_| Failure::TooSlow)?,
        Format::Json => values(&events, &names, before == 0, is_last).map_err(|_| Failure::TooSlow)?,
    };
    Ok(Some((Bytes::from(text), next)))
}

fn values(
    events: &[AuditEvent],
    names: &HashMap<Id, String>,
    is_first: bool,
    is_last: bool,
) -> serde_json::Result<Vec<u8>> {
    let mut text = if is_first { b"[".to_vec() } else { vec![] };
    for (at, event) in events.iter().enumerate() {
        text.extend_from_slice(if is_first && at == 0 { b"\n" } else { b",\n" });
        let actor_name = event.actor_id.as_ref().and_then(|id| names.get(id)).map(String::as_str);
        serde_json::to_writer(&mut text, &Named { event, actor_name })?;
    }
    if is_last {
        text.extend_from_slice(b"\n]\n");
    }
    Ok(text)
}

const COLUMNS: [&str; 11] = [
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "address",
    "request_id",
    "action",
    "target_kind",
    "target_id",
    "before",
    "after",
];

fn rows(events: &[AuditEvent], names: &HashMap<Id, String>, is_first: bool) -> csv::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    if is_first {
        writer.write_record(COLUMNS)?;
    }
    let json =
        |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    for event in events {
        let id = |id: &Option<Id>| id.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = event.actor_id.as_ref().and_then(|id| names.get(id)).cloned().unwrap_or_default();
        let cells = [
            event.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            event.actor_kind.clone(),
            id(&event.actor_id),
            name,
            event.address.clone().unwrap_or_default(),
            event.request_id.clone().unwrap_or_default(),
            event.action.clone(),
            event.target_kind.clone().unwrap_or_default(),
            id(&event.target_id),
            json(&event.before),
            json(&event.after),
        ];
        writer.write_record(cells.map(harmless))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// What begins a formula, also as East Asian keyboards write it.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What a spreadsheet would take for a formula begins with an apostrophe, and is a text to it.
fn harmless(cell: String) -> String {
    if cell.starts_with(FORMULAS) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::fixture;

    fn event(number: i64, action: &str) -> AuditEvent {
        AuditEvent {
            number,
            page_id: Some(fixture::id("page")),
            at: fixture::noon(),
            actor_kind: "user".into(),
            actor_id: Some(fixture::id("ada")),
            address: None,
            request_id: None,
            action: action.into(),
            target_kind: Some("incident".into()),
            target_id: None,
            before: None,
            after: Some(json!({"name": "a, \"b\""})),
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        let names = HashMap::from([(fixture::id("ada"), "=HYPERLINK(1)".to_owned())]);
        let text = String::from_utf8(rows(&[event(1, "incident.create")], &names, true).unwrap()).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0].split(',').count(), COLUMNS.len());
        assert_eq!(
            lines[1],
            "2026-11-22T12:00:00.000000Z,user,ada,'=HYPERLINK(1),,,incident.create,incident,,,\"{\"\"name\"\":\"\"a, \\\"\"b\\\"\"\"\"}\""
        );
        for bad in ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1", "＠x"] {
            assert_eq!(harmless(bad.to_owned()), format!("'{bad}"));
        }
        assert_eq!(harmless("1-2=3".into()), "1-2=3");
    }

    #[test]
    fn pieces_make_one_list() {
        let names = HashMap::from([(fixture::id("ada"), "Ada".to_owned())]);
        let mut text = values(&[event(3, "a"), event(2, "b")], &names, true, false).unwrap();
        text.extend(values(&[event(1, "c")], &names, false, true).unwrap());
        let read: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
        assert_eq!((read.len(), &read[2]["action"], &read[0]["actor_name"]), (3, &json!("c"), &json!("Ada")));
        let none: Vec<serde_json::Value> =
            serde_json::from_slice(&values(&[], &names, true, true).unwrap()).unwrap();
        assert!(none.is_empty());
    }
}
