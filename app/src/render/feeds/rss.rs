//! RSS 2.0, as Statuspage writes it.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;
use rss::{Channel as Document, Guid, Item};

use super::{channel::Channel, entry::Entry};

/// What the recorded feeds declare.
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";

pub fn write(channel: &Channel, entries: Vec<Entry>) -> String {
    let item = |entry: Entry| Item {
        title: Some(entry.title),
        guid: Some(Guid { value: entry.link.clone(), permalink: true }),
        link: Some(entry.link),
        description: Some(entry.content),
        pub_date: Some(date(&entry.published)),
        ..Item::default()
    };
    let document = Document {
        title: channel.title.clone(),
        link: channel.link.clone(),
        description: "Statuspage".to_owned(),
        pub_date: Some(date(&channel.updated)),
        items: entries.into_iter().map(item).collect(),
        namespaces: BTreeMap::from([("dc".to_owned(), DUBLIN_CORE.to_owned())]),
        ..Document::default()
    };
    // Writing to memory does not fail.
    let written = document.pretty_write_to(vec![], b' ', 2).unwrap_or_default();
    String::from_utf8(written).unwrap_or_default()
}

/// RFC 822 with a year of four digits and a day of two, as recorded.
fn date(at: &DateTime<Tz>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}
