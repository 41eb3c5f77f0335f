//! Atom (RFC 4287), as Statuspage writes it.

use atom_syndication::{Content, Entry as Element, Feed as Document, Link, Person, Text, WriteConfig};

use super::{Feed, channel::Channel, entry::Entry};

pub fn write(channel: &Channel, entries: Vec<Entry>) -> String {
    let link = |rel: &str, kind: &str, href: String| Link {
        rel: rel.to_owned(),
        mime_type: Some(kind.to_owned()),
        href,
        ..Link::default()
    };
    let element = |entry: Entry| Element {
        id: entry.id,
        published: Some(entry.published.fixed_offset()),
        updated: entry.updated.fixed_offset(),
        links: vec![link("alternate", "text/html", entry.link)],
        title: Text::plain(entry.title),
        content: Some(Content {
            content_type: Some("html".to_owned()),
            value: Some(entry.content),
            ..Content::default()
        }),
        ..Element::default()
    };
    let document = Document {
        lang: Some("en-US".to_owned()),
        id: channel.id(),
        title: Text::plain(channel.title.clone()),
        updated: channel.updated.fixed_offset(),
        authors: vec![Person { name: channel.author.clone(), ..Person::default() }],
        links: vec![
            link("alternate", "text/html", channel.link.clone()),
            link("self", Feed::Atom.media_type(), channel.own_address(Feed::Atom)),
        ],
        entries: entries.into_iter().map(element).collect(),
        ..Document::default()
    };
    let config = WriteConfig { indent_size: Some(2), ..WriteConfig::default() };
    // Writing to memory does not fail.
    let written = document.write_with_config(vec![], config).unwrap_or_default();
    String::from_utf8(written).unwrap_or_default()
}
