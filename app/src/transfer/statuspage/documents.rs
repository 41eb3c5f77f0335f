//! Telling documents from what lies beside them, and reading them.

use std::collections::BTreeMap;

use anyhow::bail;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    check,
    feed::{self, Feed},
    history::{self, History},
    rename,
    report::Report,
    sources::Source,
};
use crate::{
    domain::{Id, page as rules},
    settings,
    wire::{
        Stamp,
        statuspage::{self as wire, Document},
    },
};

/// All that was read, of any page.
#[derive(Debug, Default)]
pub struct Read {
    pub documents: Vec<Document>,
    pub histories: Vec<History>,
    pub feeds: Vec<Feed>,
}

/// Reads what is a document and notes what is not. A broken one is refused, with its file, line
/// and field. It is `now`.
pub fn read(sources: Vec<Source>, now: DateTime<Utc>, report: &mut Report) -> anyhow::Result<Read> {
    let (mut read, mut incidents) = (Read::default(), vec![]);
    for Source { name, text } in sources {
        // Some editors begin a file with a mark that JSON does not know.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match kind(&name, text)? {
            Kind::Other(reason) => {
                report.passed_over.push((name, reason));
                continue;
            }
            Kind::Document => read.documents.push(parse(&name, text)?),
            Kind::Incident => incidents.push((name.clone(), text.to_owned())),
            Kind::History(page) => {
                let (document, history) =
                    history::read(&page).map_err(|error| anyhow::anyhow!("{name}: {error:#}"))?;
                checked(&name, &document)?;
                read.documents.push(document);
                read.histories.push(history);
            }
            Kind::Feed => {
                let feed = feed::read(text, now).map_err(|error| anyhow::anyhow!("{name}: {error:#}"))?;
                read.feeds.push(feed);
            }
        }
        report.read.push(name);
    }
    for (name, text) in incidents {
        let document = lone_incident(&name, &text, &read.documents)?;
        read.documents.extend(document);
    }
    if read.documents.is_empty() && read.feeds.is_empty() {
        bail!(
            "nothing to bring over: no file is a document of Statuspage's API v2, a history or a feed\n{report}"
        );
    }
    Ok(read)
}

/// What a file is.
enum Kind {
    Document,
    /// An incident by itself (`/incidents/{id}.json`).
    Incident,
    History(Value),
    Feed,
    /// Nothing to bring over, and why.
    Other(&'static str),
}

/// Tells what a file is by what is in it.
fn kind(name: &str, text: &str) -> anyhow::Result<Kind> {
    let begin = text.trim_start();
    if begin.starts_with('<') {
        let other = Kind::Other("an XML document that is no feed");
        return Ok(if feed::is_feed(text) { Kind::Feed } else { other });
    }
    if !begin.starts_with(['{', '[']) {
        let named = name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"));
        if named {
            bail!("{name}: line 1: not JSON");
        }
        return Ok(Kind::Other("no JSON"));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| anyhow::anyhow!("{name}: {}", located(&error)))?;
    let has = |key: &str| value.get(key).is_some();
    let lists = ["components", "incidents", "scheduled_maintenances", "status"];
    Ok(match () {
        () if has("meta") => Kind::Other("a webhook"),
        () if has("page_status") && has("months") => Kind::History(value),
        () if has("period") || has("metrics") => Kind::Other("points of a metric"),
        () if has("page") && lists.iter().any(|list| has(list)) => Kind::Document,
        () if has("incident_updates") || has("incident") => Kind::Incident,
        () => Kind::Other("no document of Statuspage's API v2"),
    })
}

fn parse(name: &str, text: &str) -> anyhow::Result<Document> {
    let mut json = serde_json::Deserializer::from_str(text);
    let document: Document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        anyhow::anyhow!("{name}: {field}: {}", located(error.inner()))
    })?;
    checked(name, &document)?;
    Ok(document)
}

/// An incident by itself, with the page that it is of: its own, or one that another document names.
fn lone_incident(name: &str, text: &str, known: &[Document]) -> anyhow::Result<Option<Document>> {
    let mut value: Value = serde_json::from_str(text)?;
    if value.get("incident").is_some() {
        let page = value["page"].take();
        value = value["incident"].take();
        if page.is_object() {
            value["page_id"] = page["id"].clone();
        }
    }
    let incident: wire::Incident = serde_path_to_error::deserialize(value)
        .map_err(|error| anyhow::anyhow!("{name}: {}: {}", error.path(), error.inner()))?;
    let pages = known.iter().map(|document| &document.page);
    let Some(page) =
        pages.filter(|page| page.id == incident.page_id).max_by_key(|page| page.updated_at.instant())
    else {
        return Ok(None);
    };
    let document = Document { incidents: Some(vec![incident]), ..Document::of(page.clone()) };
    checked(name, &document)?;
    Ok(Some(document))
}

fn checked(name: &str, document: &Document) -> anyhow::Result<()> {
    // Pages link to it.
    let url = &document.page.url;
    if !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        bail!("{name}: page.url: {url:?} is no http or https address");
    }
    check::document(document).map_err(|problem| anyhow::anyhow!("{name}: {problem}"))
}

/// `line 3: what is wrong`, without saying the place twice.
fn located(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let problem = text.split(" at line ").next().unwrap_or_default();
    format!("line {}: {problem}", error.line())
}

/// What was read of one page. There is at least one document then, if only of what a feed says of
/// its page.
pub fn of_one_page(read: Read, wanted: Option<&Id>) -> anyhow::Result<Read> {
    let mut by_page: BTreeMap<Id, Read> = BTreeMap::new();
    for mut document in read.documents {
        fit(&mut document.page);
        by_page.entry(document.page.id.clone()).or_default().documents.push(document);
    }
    for history in read.histories {
        by_page.entry(history.page.clone()).or_default().histories.push(history);
    }
    for feed in read.feeds {
        by_page.entry(page_of(&feed, &by_page)).or_default().feeds.push(feed);
    }
    for (id, of_page) in &mut by_page {
        if of_page.documents.is_empty() {
            of_page.documents.extend(page_told(id, &of_page.feeds));
        }
    }
    let pages = |by_page: &BTreeMap<Id, Read>| {
        let named =
            by_page.iter().filter_map(|(id, of)| Some(format!("{id} ({})", of.documents.first()?.page.name)));
        named.collect::<Vec<_>>().join(", ")
    };
    match wanted {
        Some(id) => match by_page.remove(id) {
            Some(of_page) => Ok(of_page),
            None => bail!("--page {id}: no document is of this page; there are {}", pages(&by_page)),
        },
        None if by_page.len() == 1 => Ok(by_page.into_values().next().unwrap_or_default()),
        None => bail!("the documents are of several pages: say --page with one of {}", pages(&by_page)),
    }
}

/// A feed does not name its page's id: it is that of the page under the same host, else one made of
/// the host.
fn page_of(feed: &Feed, by_page: &BTreeMap<Id, Read>) -> Id {
    let host = host(&feed.url);
    let same = |read: &&Read| read.documents.iter().any(|document| self::host(&document.page.url) == host);
    let known = by_page.values().find(same).and_then(|read| read.documents.first());
    known.map_or_else(|| rename::made_of(&format!("page/{host}")), |document| document.page.id.clone())
}

fn host(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// What the newest feed says of its page.
fn page_told(id: &Id, feeds: &[Feed]) -> Option<Document> {
    let feed = feeds.iter().max_by_key(|feed| feed.updated_at)?;
    let zone = feed.zone();
    let mut page = wire::Page {
        id: id.clone(),
        name: feed.name.chars().take(check::LONGEST_NAME).collect(),
        url: feed.url.clone(),
        time_zone: Some(zone),
        updated_at: Stamp::new(feed.updated_at, zone),
    };
    fit(&mut page);
    Some(Document::of(page))
}

/// What a page says of itself, as it may stand here: a page that was brought over could not be
/// restored from its archive otherwise.
fn fit(page: &mut wire::Page) {
    let name: String = page.name.chars().filter(|c| !rules::is_control(*c)).collect();
    page.name = settings::name(&name).unwrap_or_else(|_| host(&page.url));
    let allowed = rules::url(&page.url).is_ok();
    if let Some(url) = url::Url::parse(&page.url).ok().filter(|_| !allowed) {
        page.url = url.origin().ascii_serialization();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let sources = vec![Source { name: "a.json".into(), text: text.into() }];
        format!("{:#}", read(sources, DateTime::UNIX_EPOCH, &mut Report::default()).unwrap_err())
    }

    #[test]
    fn a_broken_document_is_named_with_line_and_field() {
        let page =
            r#""page": {"id": "p1", "name": "P", "url": "https://p", "updated_at": "2026-01-01T00:00:00Z"}"#;
        let component =
            r#"{"id": "c1", "name": "C", "status": "great", "created_at": "2026-01-01T00:00:00Z"}"#;
        let error = refused(&format!("{{{page},\n\"components\": [\n{component}]}}"));
        assert!(
            error.starts_with("a.json: components[0].status: line 3: unknown variant `great`"),
            "{error}"
        );
        let link = page.replace("https://p", "javascript:alert(1)");
        assert!(refused(&format!("{{{link}, \"components\": []}}")).contains("page.url"));
        assert!(refused("{\n\"page\": ").starts_with("a.json: line 2: EOF"), "cut off");
        assert!(refused("nonsense").contains("a.json: line 1: not JSON"));
    }

    #[test]
    fn a_page_is_as_one_that_is_made_here() {
        let page = |name: &str, url: &str| {
            let text = serde_json::json!({"components": [], "page": {
                "id": "p1", "name": name, "url": url, "updated_at": "2026-01-01T00:00:00Z"}});
            let sources = vec![Source { name: "a.json".into(), text: text.to_string() }];
            let read = read(sources, DateTime::UNIX_EPOCH, &mut Report::default()).unwrap();
            let page = of_one_page(read, None).unwrap().documents.remove(0).page;
            (page.name, page.url)
        };
        let made = |name: &str, url: &str| (name.to_owned(), url.to_owned());
        assert_eq!(page("Acme", "https://acme.example"), made("Acme", "https://acme.example"));
        assert_eq!(page(" A\ncme", "https://a.example/status/?x"), made("Acme", "https://a.example"));
        assert_eq!(
            page("\t", "https://me:secret@a.example:8443/"),
            made("a.example", "https://a.example:8443")
        );
    }

    #[test]
    fn what_lies_beside_is_named() {
        let sources =
            [("a.atom", "<feed/>"), ("w.json", "{\"meta\":{}}"), ("INDEX.md", "# Index"), ("m.json", "[1]")];
        let sources = sources.map(|(name, text)| Source { name: name.into(), text: text.into() });
        let mut report = Report::default();
        assert!(
            read(sources.into(), DateTime::UNIX_EPOCH, &mut report).is_err(),
            "there is nothing to bring over"
        );
        assert_eq!(report.passed_over.len(), 4);
    }
}
