//! What a feed says of itself.

use std::borrow::Cow;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;

use super::Feed;
use crate::{
    domain::state::{Component, Incident, LiveState, Page},
    locale::undirected,
};

/// The head of a feed, whatever it is written in.
#[derive(Debug)]
pub struct Channel {
    pub title: String,
    /// Who speaks: the page's name.
    pub author: String,
    /// The address of the page for people that it belongs to.
    pub link: String,
    pub updated: DateTime<Tz>,
    page_url: String,
    /// The path of what the feed is of: empty for the page.
    path: String,
}

impl Channel {
    pub fn of_page(state: &LiveState) -> Self {
        let title = format!("{} Status - Incident History", state.page.name);
        Self::new(&state.page, &title, "", state.page.updated_at)
    }

    pub fn of_component(state: &LiveState, component: &Component) -> Self {
        let title = format!("{} Status - {} - Incident History", state.page.name, component.name);
        Self::new(&state.page, &title, &format!("/components/{}", component.id), state.page.updated_at)
    }

    pub fn of_incident(state: &LiveState, incident: &Incident) -> Self {
        let title = format!("{} Status - {}", state.page.name, incident.name);
        Self::new(&state.page, &title, &format!("/incidents/{}", incident.id), incident.updated_at)
    }

    fn new(page: &Page, title: &str, path: &str, updated: DateTime<Utc>) -> Self {
        Self {
            title: clean(title),
            author: clean(&page.name),
            link: format!("{}{path}", page.url),
            updated: second(updated, page.time_zone),
            page_url: page.url.clone(),
            path: path.to_owned(),
        }
    }

    /// The feed's name for ever (RFC 4151).
    pub fn id(&self) -> String {
        format!("tag:{},2005:{}/history", host(&self.page_url), self.path)
    }

    /// Where the feed itself is.
    pub fn own_address(&self, feed: Feed) -> String {
        format!("{}{}{}", self.page_url, self.path, feed.file())
    }
}

/// The host of a page's address, which its tags are named after.
pub fn host(page_url: &str) -> String {
    let url = url::Url::parse(page_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

/// A time as feeds tell it: to the second, in the page's zone.
pub fn second(at: DateTime<Utc>, zone: Tz) -> DateTime<Tz> {
    at.trunc_subsecs(0).with_timezone(&zone)
}

/// A text without what no XML 1.0 document and no calendar may hold (controls, the characters that
/// are none), and without what would turn around the text beside it.
pub fn clean(text: &str) -> String {
    undirected(text).replace(|c: char| is_forbidden(c) || c == '\r', "")
}

/// HTML without what no XML may hold. Its text keeps its direction.
pub fn clean_html(html: &str) -> Cow<'_, str> {
    if html.contains(is_forbidden) { html.replace(is_forbidden, "").into() } else { html.into() }
}

fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}
