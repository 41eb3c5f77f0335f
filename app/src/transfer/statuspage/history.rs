//! Pages of the history (`/history.json?page=N`): the components, and a row for each incident of
//! three months.

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use scraper::Html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    told::{self, Told},
    when,
};
use crate::{
    domain::{Id, incident::Impact, state::Incident},
    wire::statuspage::Document,
};

/// The most rows that are read of one page, and the longest time of a row.
const MOST_ROWS: usize = 10_000;
const LONGEST_TIME: usize = 500;

/// A page of the history.
#[derive(Debug)]
pub struct History {
    pub page: Id,
    /// When its page was made, which no other document tells.
    pub created_at: Option<DateTime<Utc>>,
    first_month: Option<NaiveDate>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    incident: Listed,
    /// A day after the month that it ended in.
    month_over: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    code: Id,
    name: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    impact: Option<Impact>,
    timestamp: String,
}

#[derive(Debug, Deserialize)]
struct Month {
    name: String,
    year: i32,
    #[serde(default)]
    incidents: Vec<Listed>,
}

/// Reads a page: as a document of API v2 with what it says of the page and its components, and its
/// rows.
pub fn read(value: &Value) -> anyhow::Result<(Document, History)> {
    let page = &value["page_status"]["page"];
    let text = |key: &str| page[key].as_str().filter(|text| !text.is_empty());
    let url = match (text("url"), text("domain"), text("subdomain")) {
        (Some(url), ..) => url.to_owned(),
        (None, Some(domain), _) => format!("https://{domain}"),
        (None, None, Some(subdomain)) => format!("https://{subdomain}.statuspage.io"),
        _ => bail!("page_status.page.url: no address"),
    };
    let zone = text("time_zone").and_then(when::zone_named);
    let mut components = value["components"].clone();
    for component in components.as_array_mut().into_iter().flatten() {
        // Here a day is told with its time.
        if let Some(day) = component["start_date"].as_str().and_then(|date| date.get(..10)) {
            component["start_date"] = json!(day);
        }
    }
    let document = json!({
        "page": { "id": page["id"], "name": page["name"], "url": url, "time_zone": zone, "updated_at": page["updated_at"] },
        "components": components,
    });
    let document: Document = serde_path_to_error::deserialize(document)
        .map_err(|error| anyhow::anyhow!("{}: {}", error.path(), error.inner()))?;
    let months: Vec<Month> = serde_path_to_error::deserialize(&value["months"])
        .map_err(|error| anyhow::anyhow!("months{}: {}", error.path(), error.inner()))?;
    let (first_month, rows) = rows(months)?;
    let created_at = text("created_at").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let created_at = created_at.map(|at| at.with_timezone(&Utc));
    Ok((document.clone(), History { page: document.page.id, created_at, first_month, rows }))
}

/// The first of the months, and the rows of all.
fn rows(months: Vec<Month>) -> anyhow::Result<(Option<NaiveDate>, Vec<Row>)> {
    let (mut rows, mut first_month) = (vec![], None);
    for month in months {
        let name = format!("1 {} {}", month.name, month.year);
        let first =
            NaiveDate::parse_from_str(&name, "%d %B %Y").with_context(|| format!("months: {name:?}"))?;
        let next = first.checked_add_months(chrono::Months::new(1)).context("months: no such year")?;
        first_month = first_month.into_iter().chain([first]).min();
        let month_over = next.and_time(chrono::NaiveTime::MIN).and_utc();
        rows.extend(month.incidents.into_iter().map(|incident| Row { incident, month_over }));
    }
    if rows.len() > MOST_ROWS {
        bail!("months: {} incidents; a page has at most {MOST_ROWS}", rows.len());
    }
    Ok((first_month, rows))
}

impl History {
    /// Whether nothing happened in these months.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first of its months.
    pub fn first_month(&self) -> Option<NaiveDate> {
        self.first_month
    }

    /// The ids of its incidents.
    pub fn codes(&self) -> impl Iterator<Item = &Id> {
        self.rows.iter().map(|row| &row.incident.code)
    }

    /// Those of which a row tells when they began and not when they ended, as of one that is open.
    pub fn endless(&self) -> impl Iterator<Item = Id> {
        let rows = self.rows.iter().filter(|row| row.text().is_some_and(|text| !text.contains(" - ")));
        rows.map(|row| row.incident.code.clone())
    }

    /// What its rows tell of incidents, their times being of `zone`; of the others, their names and
    /// what is wrong with them.
    pub fn incidents(&self, zone: Tz) -> (Vec<Incident>, Vec<(String, String)>) {
        let (mut read, mut refused) = (vec![], vec![]);
        for row in &self.rows {
            match row.incident(zone) {
                Ok(incident) => read.push(incident),
                Err(problem) => refused.push((row.incident.code.to_string(), problem.to_owned())),
            }
        }
        (read, refused)
    }
}

impl Row {
    fn incident(&self, zone: Tz) -> Result<Incident, &'static str> {
        let listed = &self.incident;
        let message = listed.message.clone().unwrap_or_default();
        if listed.name.chars().count() > 255 || listed.name.contains('\0') || message.contains('\0') {
            return Err("its name is longer than 255 characters, or a text holds U+0000");
        }
        let (from, until) = self.times(zone).ok_or("its time can't be read")?;
        let is_planned = listed.impact == Some(Impact::Maintenance);
        let told = Told {
            number: 0,
            name: listed.name.clone(),
            updates: vec![told::Update {
                at: until,
                label: if is_planned { "Completed" } else { "Resolved" }.to_owned(),
                body: message,
            }],
            planned: is_planned.then_some((from, until)),
            updated_at: None,
            impact: listed.impact,
        };
        let incident = told::incident(&listed.code, told).ok_or("its time can't be read")?;
        Ok(Incident { started_at: from, created_at: from, ..incident })
    }

    /// The time as it is shown.
    fn text(&self) -> Option<String> {
        let is_short = self.incident.timestamp.len() <= LONGEST_TIME;
        is_short.then(|| Html::parse_fragment(&self.incident.timestamp).root_element().text().collect())
    }

    /// `Sep 24, 16:51 - 20:41 UTC`, with a second day if it differs. It ended in its month.
    fn times(&self, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let text = self.text()?;
        let (begin, end) = text.split_once(" - ").unwrap_or((&text, &text));
        let mut begin = when::Told::read(begin)?;
        let end = when::Told::read(end).or_else(|| begin.later(end))?;
        begin.zone = begin.zone.or_else(|| end.zone.clone());
        let until = end.before(self.month_over, zone)?;
        // An incident begins before it ends, whatever is shown of single words.
        let from = begin.before(until, zone)?.min(until);
        Some((from, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::incident::IncidentStatus;

    fn page(timestamp: &str) -> Value {
        let text = include_str!("../../../tests/fixtures/recorded/streamyard.history-index.json");
        let mut page: Value = serde_json::from_str(text).unwrap();
        page["months"][2]["incidents"] = json!([{
            "code": "l4222m9bmd6k", "name": "Networking", "message": "It is over.", "impact": "major", "timestamp": timestamp,
        }]);
        page
    }

    #[test]
    fn a_row_is_an_incident_that_ended_in_its_month() {
        let time = "Mar <var data-var='date'>31</var>, <var data-var='time'>16:51</var> - Apr <var \
                    data-var='date'> 1</var>, <var data-var='time'>00:41</var> UTC";
        let (document, history) = read(&page(time)).unwrap();
        assert_eq!(document.page.url, "https://status.streamyard.com");
        assert_eq!(document.components.unwrap().len(), 4);
        let (incidents, refused) = history.incidents(Tz::Etc__UTC);
        assert!(refused.is_empty());
        assert_eq!(incidents[0].started_at.to_rfc3339(), "2024-03-31T16:51:00+00:00");
        assert_eq!(incidents[0].resolved_at.unwrap().to_rfc3339(), "2024-04-01T00:41:00+00:00");
        assert_eq!(
            (incidents[0].impact, incidents[0].updates[0].body.as_str()),
            (Impact::Major, "It is over.")
        );
        let (_, same_day) = read(&page("Apr 2, 10:00 - 11:30 UTC")).unwrap();
        let (incidents, _) = same_day.incidents(Tz::Etc__UTC);
        assert_eq!((incidents[0].resolved_at.unwrap() - incidents[0].started_at).num_minutes(), 90);
    }

    #[test]
    fn a_row_without_an_end_does_not_say_that_it_is_over() {
        let (_, open) =
            read(&page("Apr <var data-var='date'>2</var>, <var data-var='time'>10:00</var> UTC")).unwrap();
        let (incidents, _) = open.incidents(Tz::Etc__UTC);
        let known = Incident { status: IncidentStatus::Monitoring, updates: vec![], ..incidents[0].clone() };
        let notes = |history: &History| {
            let endless = history.endless().collect();
            told::add(&mut vec![known.clone()], history.incidents(Tz::Etc__UTC).0, &endless)
        };
        assert_eq!(notes(&open), Vec::<String>::new());
        let (_, over) = read(&page("Apr 2, 10:00 - 11:30 UTC")).unwrap();
        assert!(notes(&over)[0].contains("over in a feed and open in its document"));
    }

    #[test]
    fn what_is_broken_is_said() {
        let (_, history) = read(&page("whenever")).unwrap();
        assert_eq!(history.incidents(Tz::Etc__UTC).1[0].0, "l4222m9bmd6k");
        let mut broken = page("Apr 2, 10:00 - 11:30 UTC");
        broken["months"][0]["name"] = json!("Juno");
        assert!(read(&broken).unwrap_err().to_string().contains("Juno"));
        broken["months"] = json!([{ "year": "x" }]);
        assert!(read(&broken).unwrap_err().to_string().starts_with("months"));
    }
}
