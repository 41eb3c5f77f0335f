//! JSON Feed 1.1 (jsonfeed.org).

use serde::Serialize;

use super::{Feed, channel::Channel, entry::Entry};
use crate::markup;

const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    authors: [Author<'a>; 1],
    language: &'static str,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item {
    id: String,
    url: String,
    title: String,
    content_html: String,
    /// The newest words, in one line.
    #[serde(skip_serializing_if = "String::is_empty")]
    summary: String,
    date_published: String,
    date_modified: String,
}

pub fn write(channel: &Channel, entries: Vec<Entry>) -> String {
    let item = |entry: Entry| Item {
        id: entry.id,
        url: entry.link,
        title: entry.title,
        summary: summary(&entry.newest),
        content_html: entry.content,
        date_published: entry.announced.to_rfc3339(),
        date_modified: entry.updated.to_rfc3339(),
    };
    let document = Document {
        version: VERSION,
        title: &channel.title,
        home_page_url: &channel.link,
        feed_url: channel.own_address(Feed::Json),
        authors: [Author { name: &channel.author }],
        language: "en",
        items: entries.into_iter().map(item).collect(),
    };
    // Texts alone are always JSON.
    serde_json::to_string(&document).unwrap_or_default()
}

/// The characters of a summary.
const SUMMARY: usize = 300;

fn summary(body: &str) -> String {
    let text = super::channel::clean(&markup::to_text(body));
    match text.char_indices().nth(SUMMARY) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}
