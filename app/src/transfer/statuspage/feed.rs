//! Atom and RSS feeds, as Statuspage writes them and has written them since 2014.

use anyhow::{Context, bail};
use atom_syndication::Feed as Atom;
use chrono::{DateTime, Days, FixedOffset, Utc};
use chrono_tz::Tz;
use quick_xml::{Reader, events::Event};
use rss::Channel as Rss;

use super::{
    content::{self, Content},
    told::{self, Told},
    when,
};
use crate::domain::{Id, state::Incident};

/// The most entries that are read, and how deep a feed may nest.
const MOST_ENTRIES: usize = 10_000;
const DEPTH: usize = 32;
/// The largest number that an incident is named by.
const MOST: i64 = 1_000_000_000_000;
const LONGEST_NAME: usize = 255;

/// What stands in a feed, whatever it is written in.
#[derive(Debug)]
pub struct Feed {
    pub name: String,
    pub url: String,
    pub updated_at: DateTime<Utc>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    title: String,
    /// Where the incident is: its last part is the id.
    link: String,
    number: Option<i64>,
    published: DateTime<FixedOffset>,
    updated: Option<DateTime<Utc>>,
    html: String,
}

/// Whether an XML document is a feed; none if it is no feed.
pub fn is_feed(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root)) => {
                let atom = root.name().as_ref() == b"feed"
                    && root
                        .attributes()
                        .flatten()
                        .any(|a| a.value.as_ref() == b"http://www.w3.org/2005/Atom");
                return atom || root.name().as_ref() == b"rss";
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Reads a feed at an instant. One that is broken is refused with what is wrong.
pub fn read(text: &str, now: DateTime<Utc>) -> anyhow::Result<Feed> {
    keep_shallow(text)?;
    let mut feed = match text.parse::<Atom>() {
        Ok(atom) => of_atom(atom)?,
        Err(_) => of_rss(Rss::read_from(text.as_bytes()).context("neither an Atom nor an RSS feed")?)?,
    };
    // Some say that they are as new as what they announce. Of two clocks, one may be a little ahead.
    let tomorrow = now.checked_add_days(Days::new(1)).unwrap_or(now);
    let said = std::iter::once(&mut feed.updated_at);
    for at in said.chain(feed.entries.iter_mut().filter_map(|entry| entry.updated.as_mut())) {
        *at = if *at > tomorrow { now } else { *at };
    }
    if feed.entries.len() > MOST_ENTRIES {
        bail!("{} entries; a feed has at most {MOST_ENTRIES}", feed.entries.len());
    }
    if !url::Url::parse(&feed.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    {
        bail!("link: {:?} is no http or https address", feed.url);
    }
    Ok(feed)
}

/// The libraries follow what nests as deep as it goes, so that is looked at first.
fn keep_shallow(text: &str) -> anyhow::Result<()> {
    let (mut reader, mut depth) = (Reader::from_str(text), 0usize);
    let line =
        |at: u64| text.bytes().take(usize::try_from(at).unwrap_or(0)).filter(|b| *b == b'\n').count() + 1;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth > 0 => bail!("line {}: cut off", line(reader.buffer_position())),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => bail!("line {}: {error}", line(reader.error_position())),
        }
        if depth > DEPTH {
            bail!("line {}: nests deeper than {DEPTH}", line(reader.buffer_position()));
        }
    }
}

fn of_atom(atom: Atom) -> anyhow::Result<Feed> {
    let alternate = |links: &[atom_syndication::Link]| {
        let link = links.iter().find(|link| link.rel == "alternate");
        link.map(|link| link.href.clone()).unwrap_or_default()
    };
    let entry = |entry: atom_syndication::Entry| Entry {
        number: entry.id.rsplit_once(":Incident/").and_then(|(_, number)| number.parse().ok()),
        link: alternate(&entry.links),
        title: entry.title.value,
        published: entry.published.unwrap_or(entry.updated),
        updated: Some(entry.updated.with_timezone(&Utc)),
        html: entry.content.and_then(|content| content.value).unwrap_or_default(),
    };
    let author = atom.authors.first().map(|author| author.name.clone());
    Ok(Feed {
        name: author.unwrap_or_else(|| name_in(&atom.title.value)),
        url: alternate(&atom.links),
        updated_at: atom.updated.with_timezone(&Utc),
        entries: atom.entries.into_iter().map(entry).collect(),
    })
}

fn of_rss(rss: Rss) -> anyhow::Result<Feed> {
    let date = |text: Option<&str>| DateTime::parse_from_rfc2822(text.unwrap_or_default());
    let mut entries = vec![];
    for (place, item) in rss.items.into_iter().enumerate() {
        entries.push(Entry {
            published: date(item.pub_date.as_deref()).with_context(|| format!("item[{place}].pubDate"))?,
            title: item.title.unwrap_or_default(),
            link: item.link.unwrap_or_default(),
            number: None,
            updated: None,
            html: item.description.unwrap_or_default(),
        });
    }
    let newest = || entries.iter().map(|entry| entry.published).max();
    let updated = date(rss.pub_date.as_deref()).ok().or_else(newest).context("channel.pubDate: no time")?;
    // Feeds of pages that were moved to https still name the page by its old address.
    let secure = rss.link.replacen("http://", "https://", 1);
    let is_secure = entries.first().is_some_and(|entry| entry.link.starts_with(&secure));
    Ok(Feed {
        name: name_in(&rss.title),
        url: if is_secure { secure } else { rss.link },
        updated_at: updated.with_timezone(&Utc),
        entries,
    })
}

/// `GitHub` of `GitHub Status - Incident History`.
fn name_in(title: &str) -> String {
    title.strip_suffix(" Status - Incident History").unwrap_or(title).to_owned()
}

impl Feed {
    /// The zone that its times speak for.
    pub fn zone(&self) -> Tz {
        let read = |entry: &Entry| {
            let content = content::read(&entry.html)?;
            Some(when::zone_of(
                content.updates.first()?.at.zone.as_deref(),
                when::offset_of(&entry.published),
            ))
        };
        self.entries.iter().find_map(read).unwrap_or(Tz::Etc__UTC)
    }

    /// What its entries tell of incidents, their times being of `zone`; of the others, their titles
    /// and what is wrong with them.
    pub fn incidents(&self, zone: Tz) -> (Vec<Incident>, Vec<(String, String)>) {
        let (mut read, mut refused) = (vec![], vec![]);
        for entry in &self.entries {
            match entry.incident(self.updated_at, zone) {
                Ok(incident) => read.push(incident),
                Err(problem) => refused.push((entry.title.chars().take(80).collect(), problem.to_owned())),
            }
        }
        (read, refused)
    }
}

impl Entry {
    fn incident(&self, written: DateTime<Utc>, zone: Tz) -> Result<Incident, &'static str> {
        let id = self.link.split(['?', '#']).next().unwrap_or_default();
        let id = id.rsplit_once("/incidents/").and_then(|(_, id)| id.parse::<Id>().ok());
        let id = id.ok_or("its link names no incident")?;
        if self.title.chars().count() > LONGEST_NAME || self.title.contains('\0') {
            return Err("its title is longer than 255 characters, or holds U+0000");
        }
        let content = content::read(&self.html).ok_or("its text is longer than an incident's can be")?;
        let published = self.published.with_timezone(&Utc);
        let planned = planned(&content, published, zone);
        let told = Told {
            number: self.number.filter(|number| (1..=MOST).contains(number)).unwrap_or(0),
            name: self.title.clone(),
            updates: updates(&content, published, self.updated, written, zone),
            planned,
            updated_at: self.updated,
            impact: None,
        };
        told::incident(&id, told).ok_or("no update can be read in it")
    }
}

/// The begin of what is planned is told to the second, since that is when it is published.
fn planned(content: &Content, published: DateTime<Utc>, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (_, end) = content.planned.as_ref()?;
    let year_ahead = published.checked_add_days(chrono::Days::new(350))?;
    let end = end.as_ref().and_then(|end| end.before(year_ahead, zone));
    Some((published, end.unwrap_or(published).max(published)))
}

/// The updates with their instants, newest first. The newest is told to the second elsewhere in the
/// entry. A postmortem comes after what is published, and what is planned was announced before the
/// feed was written, however far ahead it is published.
fn updates(
    content: &Content,
    published: DateTime<Utc>,
    updated: Option<DateTime<Utc>>,
    written: DateTime<Utc>,
    zone: Tz,
) -> Vec<told::Update> {
    let is_planned = content.planned.is_some();
    let not_before = |at: DateTime<Utc>| if is_planned { at } else { at.max(published) };
    let (latest, bound) =
        (not_before(updated.unwrap_or(written)), not_before(written.max(updated.unwrap_or(written))));
    let mut anchor = if is_planned { latest } else { published };
    let (mut found, mut story_begun): (Vec<told::Update>, bool) = (vec![], false);
    for update in &content.updates {
        let is_postmortem = update.label.eq_ignore_ascii_case("postmortem");
        let near = if is_postmortem { latest } else { anchor };
        let Some(told) = update.at.before_within(near, bound, zone) else {
            continue;
        };
        let exact = [updated.filter(|_| found.is_empty()), Some(published).filter(|_| !story_begun)];
        let same = |exact: &DateTime<Utc>| when::same_minute(*exact, told);
        let at = exact.into_iter().rev().flatten().find(same).unwrap_or(told);
        found.push(told::Update { at, label: update.label.clone(), body: update.body.clone() });
        if !is_postmortem {
            (anchor, story_begun) = (told, true);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANNED: &str = "<p><strong>THIS IS A SCHEDULED EVENT Feb 20, 16:30 UTC</strong></p>";

    fn told(published: &str, written: &str, head: &str, told: &[(&str, &str)]) -> Vec<String> {
        let html = told.iter().map(|(at, label)| {
            format!("<p><small>{at} UTC</small><br><strong>{label}</strong> - Words.</p>")
        });
        let content = content::read(&format!("{head}{}", html.collect::<String>())).unwrap();
        let (published, written) = (published.parse().unwrap(), written.parse().unwrap());
        let found = updates(&content, published, None, written, Tz::Etc__UTC);
        found.iter().map(|update| update.at.to_rfc3339()).collect()
    }

    #[test]
    fn times_go_back_from_what_is_published() {
        let story =
            [("Mar 2, 10:00", "Postmortem"), ("Jan 1, 00:10", "Resolved"), ("Dec 31, 23:50", "Update")];
        assert_eq!(
            told("2026-01-01T00:10:42Z", "2026-03-04T00:00:00Z", "", &story),
            ["2026-03-02T10:00:00+00:00", "2026-01-01T00:10:42+00:00", "2025-12-31T23:50:00+00:00"]
        );
        assert_eq!(
            told("2026-01-01T00:10:42Z", "2026-01-02T00:00:00Z", "", &[("Jan 5, 10:00", "Postmortem")]),
            ["2025-01-05T10:00:00+00:00"],
            "nothing was said after the feed was written"
        );
    }

    #[test]
    fn what_is_planned_was_announced_before_the_feed_was_written() {
        let story = [("Jan 3, 10:00", "Update"), ("Dec 20, 08:00", "Scheduled")];
        assert_eq!(
            told("2027-02-20T16:30:00Z", "2027-01-04T09:00:00Z", PLANNED, &story),
            ["2027-01-03T10:00:00+00:00", "2026-12-20T08:00:00+00:00"]
        );
        assert_eq!(
            told("2027-02-20T16:30:00Z", "2027-01-02T09:00:00Z", PLANNED, &story[..1]),
            ["2026-01-03T10:00:00+00:00"],
            "a day after it was written is a year ago"
        );
    }

    #[test]
    fn a_feed_is_not_written_in_the_future() {
        let feed = |date: &str| {
            let text = format!(
                "<rss version='2.0'><channel><title>X</title><link>https://x.example</link>\
                 <description/>{date}<item><pubDate>Sat, 20 Feb 2027 16:30:00 +0000</pubDate></item>\
                 </channel></rss>"
            );
            read(&text, "2026-11-22T12:00:00Z".parse().unwrap()).unwrap().updated_at.to_rfc3339()
        };
        assert_eq!(feed(""), "2026-11-22T12:00:00+00:00");
        assert_eq!(feed("<pubDate>Sat, 20 Feb 2027 16:30:00 +0000</pubDate>"), "2026-11-22T12:00:00+00:00");
        assert_eq!(feed("<pubDate>Sun, 22 Nov 2026 12:05:00 +0000</pubDate>"), "2026-11-22T12:05:00+00:00");
    }

    #[test]
    fn what_is_no_feed_is_told() {
        assert!(is_feed("<?xml version='1.0'?><!-- x --><feed xmlns='http://www.w3.org/2005/Atom'></feed>"));
        for other in ["<feed/>", "<html><rss></rss></html>", "<", "", "<svg>"] {
            assert!(!is_feed(other), "{other}");
        }
    }
}
