//! RSS 2.0, as Statuspage writes it.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;
use rss::{Channel as Document, Guid, Item, extension::Extension};

use super::{Feed, channel::Channel, entry::Entry};

/// What a feed says where it is in.
const ATOM: &str = "http://www.w3.org/2005/Atom";
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
        namespaces: [("atom", ATOM), ("dc", DUBLIN_CORE)].map(owned).into(),
        extensions: BTreeMap::from([(
            "atom".to_owned(),
            BTreeMap::from([("link".to_owned(), vec![itself(channel)])]),
        )]),
        ..Document::default()
    };
    // Writing to memory does not fail.
    let written = document.pretty_write_to(vec![], b' ', 2).unwrap_or_default();
    String::from_utf8(written).unwrap_or_default()
}

/// Where the feed is (RSS Advisory Board, best practices: `atom:link`).
fn itself(channel: &Channel) -> Extension {
    let address = channel.own_address(Feed::Rss);
    let attributes = [("href", address.as_str()), ("rel", "self"), ("type", "application/rss+xml")];
    Extension { name: "atom:link".to_owned(), attrs: attributes.map(owned).into(), ..Extension::default() }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// RFC 822 with a year of four digits and a day of two, as recorded.
fn date(at: &DateTime<Tz>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}
