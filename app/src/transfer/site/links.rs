//! The links of a page, and how they are put in the static copy.

use std::{collections::BTreeSet, sync::LazyLock};

use scraper::{Html, Selector};

use super::address::Address;
use crate::live::Script;

/// Attributes that name an address, wherever they stand.
static LINKS: LazyLock<Option<Selector>> = LazyLock::new(|| {
    Selector::parse("[href], [src], [srcset], meta[property='og:image'], meta[property='og:url']").ok()
});

/// Every address that a page's HTML names, as it is written.
pub fn of_html(html: &str) -> BTreeSet<String> {
    let document = Html::parse_document(html);
    let elements = LINKS.iter().flat_map(|links| document.select(links));
    let named = elements.flat_map(|element| {
        // Of our own pages a `srcset` names one address.
        ["href", "src", "srcset", "content"].into_iter().filter_map(move |name| element.value().attr(name))
    });
    named.map(str::to_owned).collect()
}

/// A page without the script that hears of changes: a copy has none.
pub fn still(html: &str) -> String {
    let begin = format!("<script src=\"{}\"", Script::Live.path());
    match html.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once("</script>")?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => html.to_owned(),
    }
}

/// The addresses of a sitemap (sitemaps.org).
pub fn of_sitemap(xml: &str) -> BTreeSet<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut found, mut inside) = (BTreeSet::new(), false);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(tag)) => inside = tag.local_name().as_ref() == b"loc",
            Ok(quick_xml::events::Event::Text(text)) if inside => {
                found.extend(text.decode().ok().map(|text| text.trim().to_owned()));
            }
            Ok(quick_xml::events::Event::End(_)) => inside = false,
            Ok(quick_xml::events::Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// A page whose links with a query lead to the paths that stand for them.
pub fn without_queries(html: &str, from: &Address, own: &str) -> String {
    let mut copy = html.to_owned();
    for link in of_html(html) {
        let Some(to) = Address::of(&link, from, own).filter(|to| to.query.is_some()) else { continue };
        let Some(path) = to.as_path() else { continue };
        let fragment = link.split_once('#').map(|(_, fragment)| format!("#{fragment}")).unwrap_or_default();
        let written = |link: &str| format!("href=\"{}\"", link.replace('&', "&amp;"));
        copy = copy.replace(&written(&link), &written(&format!("{path}{fragment}")));
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_with_a_query_become_paths() {
        let html = r##"<a href="/history?a=1&amp;b=2#x">x</a><a href="/og.png?v=2">y</a><a href="https://else.test/?q=1">z</a>"##;
        let copy = without_queries(html, &Address::path("/"), "https://status.example.com");
        assert_eq!(
            copy,
            r##"<a href="/history/a-1/b-2#x">x</a><a href="/og.png?v=2">y</a><a href="https://else.test/?q=1">z</a>"##
        );
    }

    #[test]
    fn a_copy_hears_of_nothing() {
        let live = format!("<script src=\"{}\" defer data-v=\"1.c\"></script>", Script::Live.path());
        assert_eq!(still(&format!("<head>a{live}b</head>{{}}")), "<head>ab</head>{}");
        assert_eq!(still("<head><script src=\"/x.js\"></script>"), "<head><script src=\"/x.js\"></script>");
    }

    #[test]
    fn a_sitemap_names_its_places() {
        let xml = r#"<urlset><url><loc>https://a.test/</loc><lastmod>2026</lastmod></url><url><loc> https://a.test/b </loc></url></urlset>"#;
        let found: Vec<_> = of_sitemap(xml).into_iter().collect();
        assert_eq!(found, ["https://a.test/", "https://a.test/b"]);
    }
}
