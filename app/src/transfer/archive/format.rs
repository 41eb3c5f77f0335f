//! The lines of an archive: a header, the rows, a footer. docs/archive.md describes them.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{BufRead, Read},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::limits::{self, LONGEST_LINE};
use crate::store::{Cell, Content, Need, Row, TABLES, Table, table};

pub const FORMAT: &str = "pharos-archive";
/// Rises when an older release could not restore all of an archive that it understands.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub format: String,
    pub version: u32,
    /// What wrote it.
    pub release: String,
    /// The last step of the schema that it was written from.
    pub schema: String,
    pub exported_at: DateTime<Utc>,
    pub with_people: bool,
    pub with_secrets: bool,
    /// How many pages, and how many rows of all tables.
    pub pages: u64,
    pub rows: u64,
    /// The last number that was given in each table that counts.
    pub numbers: BTreeMap<String, i64>,
}

impl Header {
    pub fn parse(line: &[u8]) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let kind: Option<Kind> = serde_json::from_slice(line).ok();
        let Some(kind) = kind.filter(|kind| kind.format == FORMAT) else {
            bail!("line 1: this is no archive of Pharos; it begins with {{\"format\":\"{FORMAT}\",…}}");
        };
        if kind.version != VERSION {
            bail!("line 1: version {}; this release reads version {VERSION}", kind.version);
        }
        serde_json::from_slice(line).context("line 1: the header is not as it should be")
    }

    /// What of a database it holds.
    pub fn content(&self) -> Content {
        Content { people: self.with_people, secrets: self.with_secrets }
    }
}

/// The last line: what came before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// By table; those without a row are not among them.
    pub rows: BTreeMap<String, u64>,
    /// Of all lines before it with their ends, in hexadecimal digits.
    pub sha256: String,
}

/// A row as it is written.
#[derive(Debug)]
pub struct RowLine<'a>(pub &'static Table, pub &'a Row);

impl Serialize for RowLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Cells<'a>(&'static Table, &'a Row);
        impl Serialize for Cells<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let cells = self.0.columns.iter().zip(self.1);
                serializer.collect_map(cells.filter_map(|(column, cell)| Some((column.name, cell.as_ref()?))))
            }
        }
        let mut line = serializer.serialize_map(Some(2))?;
        line.serialize_entry("table", self.0.name)?;
        line.serialize_entry("row", &Cells(self.0, self.1))?;
        line.end()
    }
}

/// A line after the first.
#[derive(Debug)]
pub enum Line {
    Row(&'static Table, Row),
    Footer(Footer),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyLine<'a> {
    #[serde(borrow)]
    table: Option<Cow<'a, str>>,
    #[serde(borrow)]
    row: Option<Cells<'a>>,
    rows: Option<BTreeMap<String, u64>>,
    sha256: Option<String>,
}

/// The values of a row by column, each of which stands once.
struct Cells<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Cells<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of columns")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut cells = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if cells.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format_args!("column {name:?} stands twice")));
                    }
                }
                Ok(cells)
            }
        }
        Ok(Self(deserializer.deserialize_map(Once)?))
    }
}

impl Line {
    /// Reads a line of an archive that holds `content`; the error names what is allowed.
    pub fn parse(line: &[u8], content: Content) -> Result<Self, String> {
        let line: AnyLine<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        match line {
            AnyLine { table: Some(name), row: Some(Cells(cells)), rows: None, sha256: None } => {
                let known = table(&name).filter(|table| content.has(table));
                let table = known.ok_or_else(|| unknown_table(&name, content))?;
                Ok(Self::Row(table, row(table, &cells, content)?))
            }
            AnyLine { table: None, row: None, rows: Some(rows), sha256: Some(sha256) } => {
                Ok(Self::Footer(Footer { rows, sha256 }))
            }
            _ => Err(
                "allowed are a row, {\"table\":…,\"row\":{…}}, and the footer, {\"rows\":{…},\"sha256\":…}"
                    .into(),
            ),
        }
    }
}

fn unknown_table(name: &str, content: Content) -> String {
    let known: Vec<_> = TABLES.iter().filter(|table| content.has(table)).map(|table| table.name).collect();
    format!("table {name:?} is not known here; by its header, this archive has {}", known.join(", "))
}

fn row(table: &'static Table, cells: &BTreeMap<String, &RawValue>, content: Content) -> Result<Row, String> {
    let known: Vec<_> = content.columns(table).map(|column| column.name).collect();
    if let Some(unknown) = cells.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!(
            "{}: column {unknown:?} is not known here; there are {}",
            table.name,
            known.join(", ")
        ));
    }
    let cell = |column: &'static crate::store::Column| {
        let given = cells.get(column.name).map(|json| Cell::parse(column, json)).transpose();
        match given
            .map_err(|allowed| format!("{}.{}: allowed is {allowed}", table.name, column.name))?
            .flatten()
        {
            None if column.need == Need::Given => Err(format!("{}.{}: is missing", table.name, column.name)),
            cell => Ok(cell),
        }
    };
    table.columns.iter().map(cell).collect()
}

/// The lines of an archive, one at a time, within the limits.
pub struct Lines {
    input: Box<dyn BufRead>,
    /// The number of the last line that was read.
    pub number: u64,
    line: Vec<u8>,
    before: Sha256,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Lines {
    pub fn new(input: Box<dyn BufRead>) -> Self {
        Self { input, number: 0, line: vec![], before: Sha256::new() }
    }

    /// The next line without its end; none at the end.
    pub fn next(&mut self) -> anyhow::Result<Option<&[u8]>> {
        self.before.update(&self.line);
        self.line.clear();
        self.number += 1;
        let number = self.number;
        // One byte for its end, and one to see that there are too many.
        let mut most = (&mut self.input).take(LONGEST_LINE + 2);
        let read = most.read_until(b'\n', &mut self.line).with_context(|| format!("line {number}"))?;
        if read == 0 {
            return Ok(None);
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        limits::line(line).map_err(|error| anyhow::anyhow!("line {number}: {error}"))?;
        Ok(Some(line))
    }

    /// Of all lines before the last that was read.
    pub fn digest(&self) -> String {
        hex(&self.before.clone().finalize())
    }
}

pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
