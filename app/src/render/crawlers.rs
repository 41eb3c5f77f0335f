//! What search engines and those who look for holes read first: robots.txt (RFC 9309), the sitemap
//! (sitemaps.org, with languages as Google reads them) and security.txt (RFC 9116).

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::page::view::{href, machine};
use crate::{
    domain::{
        branding::Contact,
        state::{Incident, LiveState},
    },
    locale::{self, Texts},
};

/// The most addresses that a sitemap may hold; what is older than fits is left out.
const MOST_PLACES: usize = 50_000;

/// The pages that every installation has.
const PLACES: [&str; 2] = ["/", "/history"];

/// Who may read what: everybody everything. Of a page that is hidden from search too: whoever may not
/// read it never learns that it asks not to be listed, and lists its address all the same.
pub fn robots(state: &LiveState) -> String {
    if state.page.branding.hidden_from_search {
        return "User-agent: *\nAllow: /\n".to_owned();
    }
    format!("User-agent: *\nAllow: /\n\nSitemap: {}/sitemap.xml\n", state.page.url)
}

/// A place in the sitemap, without a language.
struct Place {
    path: String,
    changed: Option<DateTime<Utc>>,
}

/// All places that a search engine should know of, in each language; none of a page that is hidden
/// from search. Of older incidents only the address is known, and each page names its own translations.
pub fn sitemap(state: &LiveState) -> Option<String> {
    if state.page.branding.hidden_from_search {
        return None;
    }
    let languages = languages(state);
    let held = held(state);
    let is_held = |id: &str| state.incident(id).is_some();
    let older = state.incident_ids.iter().rev().filter(|id| !is_held(id.as_str()));
    let rest = MOST_PLACES.saturating_sub(held.len() * languages.len());
    Some(document(|writer| {
        for place in &held {
            for texts in &languages {
                in_language(writer, state, place, texts, &languages)?;
            }
        }
        for id in older.take(rest / languages.len().max(1)) {
            for texts in &languages {
                let place = href(state, texts, &format!("/incidents/{id}"));
                let address = format!("{}{place}", state.page.url);
                writer.create_element("url").write_inner_content(|writer| text(writer, "loc", &address))?;
            }
        }
        Ok(())
    }))
}

type Written = std::io::Result<()>;

fn document(places: impl FnOnce(&mut Writer<Vec<u8>>) -> Written) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let set = writer.create_element("urlset").with_attributes([
        ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9"),
        ("xmlns:xhtml", "http://www.w3.org/1999/xhtml"),
    ]);
    let _ = set.write_inner_content(places);
    String::from_utf8_lossy(&writer.into_inner()).into_owned()
}

/// The front page, the components, and the incidents that the state holds, newest first.
fn held(state: &LiveState) -> Vec<Place> {
    let changed = Some(state.committed_at);
    let places = PLACES.iter().map(|path| Place { path: (*path).to_owned(), changed });
    let components = state.components.iter().map(|component| Place {
        path: format!("/components/{}", component.id),
        changed: Some(component.updated_at),
    });
    let groups =
        state.groups.iter().map(|group| Place { path: format!("/components/{}", group.id), changed });
    let uptime = state.components.iter().any(|component| component.showcase);
    let uptime = uptime.then(|| Place { path: "/uptime".to_owned(), changed });
    let metrics = state.metrics.iter().map(|metric| Place {
        path: format!("/metrics/{}", metric.id),
        changed: metric.most_recent_data_at.or(changed),
    });
    let mut incidents: Vec<&Incident> = state.incidents.iter().chain(&state.maintenances).collect();
    incidents.sort_by_key(|incident| std::cmp::Reverse(incident.created_at));
    let incidents = incidents.into_iter().map(|incident| Place {
        path: format!("/incidents/{}", incident.id),
        changed: Some(incident.updated_at),
    });
    places.chain(uptime).chain(metrics).chain(groups).chain(components).chain(incidents).collect()
}

/// The languages that the page is shown in, its own first.
fn languages(state: &LiveState) -> Vec<&'static Texts> {
    let own = locale::own(&state.page.language);
    let others =
        locale::languages().iter().filter(|tag| **tag != own.tag()).filter_map(|tag| locale::offered(tag));
    std::iter::once(own).chain(others).collect()
}

fn in_language(
    writer: &mut Writer<Vec<u8>>,
    state: &LiveState,
    place: &Place,
    texts: &Texts,
    languages: &[&'static Texts],
) -> Written {
    let address = |texts: &Texts| format!("{}{}", state.page.url, href(state, texts, &place.path));
    writer.create_element("url").write_inner_content(|writer| {
        text(writer, "loc", &address(texts))?;
        if let Some(at) = place.changed {
            text(writer, "lastmod", &machine(at))?;
        }
        if languages.len() > 1 {
            for other in languages {
                alternate(writer, other.tag(), &address(other))?;
            }
            // Who speaks none of them begins where the page's own language is.
            alternate(writer, "x-default", &format!("{}{}", state.page.url, place.path))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn alternate(writer: &mut Writer<Vec<u8>>, language: &str, address: &str) -> Written {
    let attributes = [("rel", "alternate"), ("hreflang", language), ("href", address)];
    writer.create_element("xhtml:link").with_attributes(attributes).write_empty()?;
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> Written {
    writer.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

/// Whom to tell of a hole. It ends a little less than a year after the day that the state speaks
/// of, so that all replicas say the same.
pub fn security(state: &LiveState, contact: &Contact, as_of: DateTime<Utc>) -> String {
    let today = as_of.duration_trunc(TimeDelta::days(1)).unwrap_or(as_of);
    let tags: Vec<&str> = languages(state).iter().map(|texts| texts.tag()).collect();
    format!(
        "Contact: {}\nExpires: {}\nPreferred-Languages: {}\nCanonical: {}/.well-known/security.txt\n",
        contact.as_str(),
        machine(today + TimeDelta::days(364)),
        tags.join(", "),
        state.page.url
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Id, fixture},
        render::page::sample,
    };

    #[test]
    fn the_sitemap_names_every_place_once_in_each_language() {
        let mut state = sample::troubled();
        let mut ids: Vec<Id> = state.incident_ids.to_vec();
        ids.push(fixture::id("oldincident"));
        ids.sort();
        state.incident_ids = ids.into();
        let xml = sitemap(&state).unwrap();
        let tree = resvg::usvg::roxmltree::Document::parse(&xml).unwrap();
        let named = |name: &str| -> Vec<String> {
            let found = tree.descendants().filter(|node| node.tag_name().name() == name);
            found.filter_map(|node| node.text().map(str::to_owned)).collect()
        };
        let places = named("loc");
        let unique: std::collections::HashSet<_> = places.iter().collect();
        assert_eq!(unique.len(), places.len());
        for path in ["/", "/components/cmp000000007", "/incidents/openincident", "/incidents/oldincident"] {
            assert!(places.contains(&format!("https://status.example.com/de{path}")), "/de{path}");
            assert!(places.contains(&format!("https://status.example.com{path}")), "{path}");
        }
        let begins =
            |node: &resvg::usvg::roxmltree::Node<'_, '_>| node.attribute("hreflang") == Some("x-default");
        let begin = tree.descendants().find(begins).and_then(|node| node.attribute("href"));
        assert_eq!(begin, Some("https://status.example.com/"));
        assert!(named("lastmod").contains(&"2026-11-22T12:32:00Z".to_owned()), "{:?}", named("lastmod"));
    }

    #[test]
    fn a_page_that_is_hidden_may_be_read_but_is_not_listed() {
        let mut state = sample::well(1);
        assert!(robots(&state).ends_with("Allow: /\n\nSitemap: https://status.example.com/sitemap.xml\n"));
        state.page.branding.hidden_from_search = true;
        assert_eq!(robots(&state), "User-agent: *\nAllow: /\n");
        assert_eq!(sitemap(&state), None);
    }

    #[test]
    fn a_sitemap_has_its_limit() {
        let mut state = sample::well(1);
        state.incident_ids = (0..60_000).map(|number| fixture::id(&format!("i{number:09}"))).collect();
        let xml = sitemap(&state).unwrap();
        assert_eq!(xml.matches("<loc>").count(), MOST_PLACES);
        assert!(xml.len() < 10_000_000, "{}", xml.len());
    }

    #[test]
    fn all_replicas_say_the_same_until_midnight() {
        let state = fixture::state();
        let at = |hour| fixture::noon() + TimeDelta::hours(hour);
        let contact: Contact = "mailto:security@example.com".parse().unwrap();
        let text = security(&state, &contact, at(0));
        assert_eq!(text, security(&state, &contact, at(11)));
        assert!(text.contains("Expires: 2027-11-21T00:00:00Z\n"), "{text}");
        assert!(text.contains("Canonical: https://status.example.com/.well-known/security.txt\n"));
    }
}
