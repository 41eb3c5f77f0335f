//! Telling documents from what lies beside them, and reading them.

use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::Value;

use super::{check, report::Report, sources::Source};
use crate::{domain::Id, wire::statuspage::Document};

/// Reads what is a document and notes what is not. A broken one is refused, with its file, line
/// and field.
pub fn read(sources: Vec<Source>, report: &mut Report) -> anyhow::Result<Vec<Document>> {
    let mut documents = vec![];
    for Source { name, text } in sources {
        // Some editors begin a file with a mark that JSON does not know.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match passed_over(&name, text)? {
            Some(reason) => report.passed_over.push((name, reason)),
            None => {
                documents.push(parse(&name, text)?);
                report.read.push(name);
            }
        }
    }
    if documents.is_empty() {
        bail!("nothing to bring over: no file is a document of Statuspage's API v2\n{report}");
    }
    Ok(documents)
}

/// Why a file is no document, by what is in it.
fn passed_over(name: &str, text: &str) -> anyhow::Result<Option<&'static str>> {
    let begin = text.trim_start();
    if begin.starts_with('<') {
        return Ok(Some("a feed or another XML document"));
    }
    if !begin.starts_with(['{', '[']) {
        let named = name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"));
        if named {
            bail!("{name}: line 1: not JSON");
        }
        return Ok(Some("no JSON"));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| anyhow::anyhow!("{name}: {}", located(&error)))?;
    let has = |key: &str| value.get(key).is_some();
    let lists = ["components", "incidents", "scheduled_maintenances", "status"];
    Ok(match () {
        () if has("meta") => Some("a webhook"),
        () if has("page_status") => Some("a page of the history"),
        () if has("period") || has("metrics") => Some("points of a metric"),
        () if has("page") && lists.iter().any(|list| has(list)) => None,
        () => Some("no document of Statuspage's API v2"),
    })
}

fn parse(name: &str, text: &str) -> anyhow::Result<Document> {
    let mut json = serde_json::Deserializer::from_str(text);
    let document: Document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        anyhow::anyhow!("{name}: {field}: {}", located(error.inner()))
    })?;
    // Pages link to it.
    let url = &document.page.url;
    if !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        bail!("{name}: page.url: {url:?} is no http or https address");
    }
    check::document(&document).map_err(|problem| anyhow::anyhow!("{name}: {problem}"))?;
    Ok(document)
}

/// `line 3: what is wrong`, without saying the place twice.
fn located(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let problem = text.split(" at line ").next().unwrap_or_default();
    format!("line {}: {problem}", error.line())
}

/// The documents of one page.
pub fn of_one_page(documents: Vec<Document>, wanted: Option<&Id>) -> anyhow::Result<Vec<Document>> {
    let mut by_page: BTreeMap<Id, Vec<Document>> = BTreeMap::new();
    for document in documents {
        by_page.entry(document.page.id.clone()).or_default().push(document);
    }
    let pages = |by_page: &BTreeMap<Id, Vec<Document>>| {
        let named = by_page.iter().filter_map(|(id, of)| Some(format!("{id} ({})", of.first()?.page.name)));
        named.collect::<Vec<_>>().join(", ")
    };
    match wanted {
        Some(id) => match by_page.remove(id) {
            Some(documents) => Ok(documents),
            None => bail!("--page {id}: no document is of this page; there are {}", pages(&by_page)),
        },
        None if by_page.len() == 1 => Ok(by_page.into_values().flatten().collect()),
        None => bail!("the documents are of several pages: say --page with one of {}", pages(&by_page)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let sources = vec![Source { name: "a.json".into(), text: text.into() }];
        format!("{:#}", read(sources, &mut Report::default()).unwrap_err())
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
    fn what_lies_beside_is_named() {
        let sources =
            [("a.atom", "<feed/>"), ("w.json", "{\"meta\":{}}"), ("INDEX.md", "# Index"), ("m.json", "[1]")];
        let sources = sources.map(|(name, text)| Source { name: name.into(), text: text.into() });
        let mut report = Report::default();
        assert!(read(sources.into(), &mut report).is_err(), "there is nothing to bring over");
        assert_eq!(report.passed_over.len(), 4);
    }
}
