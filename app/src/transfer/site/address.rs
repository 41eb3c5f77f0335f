//! From an address of the page to the file that any web server answers it with.

use url::{Url, form_urlencoded};

/// What links are resolved against; only paths below it are of the page.
pub const BASE: &str = "http://page.invalid/";

/// A place of the page: a path, with a query that lists are asked by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub path: String,
    pub query: Option<String>,
}

impl Address {
    /// The address that a link names on the page at `from`; none if it leads elsewhere. `own` is
    /// the public address of the page.
    pub fn of(link: &str, from: &Self, own: &str) -> Option<Self> {
        let link = match link.strip_prefix(own) {
            Some("") => "/",
            Some(rest) if rest.starts_with(['/', '?', '#']) => rest,
            _ => link,
        };
        let base = Url::parse(BASE).ok()?;
        let url = base.join(&from.path).ok()?.join(link).ok()?;
        if url.origin() != base.origin() {
            return None;
        }
        // A file is the same whatever is asked of it: what stands there is a version, for caches.
        let is_file = url.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
        let query = url.query().filter(|query| !query.is_empty() && !is_file).map(str::to_owned);
        Some(Self { path: url.path().to_owned(), query })
    }

    pub fn path(path: &str) -> Self {
        Self { path: path.to_owned(), query: None }
    }

    /// As it is asked for.
    pub fn asked(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The path that stands for it among files, which have no queries: `/history?page=2` is
    /// `/history/page-2`. None if that could be no file's name on some system.
    pub fn as_path(&self) -> Option<String> {
        let mut path = self.path.clone();
        for (name, value) in form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes()) {
            let slash = if path.ends_with('/') { "" } else { "/" };
            path = format!("{path}{slash}{name}-{value}");
        }
        let inside = path.strip_prefix('/')?;
        let whole = inside.trim_end_matches('/');
        (whole.is_empty() || whole.split('/').all(is_plain)).then_some(path)
    }

    /// The file, below the folder of all. A page for people stands in a folder of its own, which
    /// every server answers with.
    pub fn file(&self, is_page: bool) -> Option<String> {
        let path = self.as_path()?;
        let inside = path.trim_matches('/');
        Some(match (is_page, inside) {
            (true, "") => "index.html".to_owned(),
            (true, inside) => format!("{inside}/index.html"),
            (false, "") => return None,
            (false, inside) => inside.to_owned(),
        })
    }
}

/// Whether this is a name that means the same to every file system and every server.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~');
    let hidden = name.starts_with('.') && name != ".well-known";
    !name.is_empty() && name.len() <= 200 && !hidden && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(link: &str) -> Option<String> {
        let from = Address::path("/incidents/abc");
        Address::of(link, &from, "https://status.example.com").map(|address| address.asked())
    }

    #[test]
    fn links_are_resolved_as_browsers_do() {
        for (link, asked) in [
            ("/", Some("/")),
            ("/history?page=2#top", Some("/history?page=2")),
            ("/og.png?v=2", Some("/og.png")),
            ("def", Some("/incidents/def")),
            ("#here", Some("/incidents/abc")),
            ("https://status.example.com", Some("/")),
            ("https://status.example.com/og.png", Some("/og.png")),
            ("https://status.example.com.evil.test/", None),
            ("//evil.test/", None),
            ("mailto:a@example.com", None),
            ("javascript:void(0)", None),
        ] {
            assert_eq!(resolved(link).as_deref(), asked, "{link}");
        }
    }

    #[test]
    fn every_address_has_a_file_that_any_server_finds() {
        let address = |asked: &str| Address::of(asked, &Address::path("/"), "").unwrap();
        for (asked, is_page, file) in [
            ("/", true, Some("index.html")),
            ("/de/", true, Some("de/index.html")),
            ("/incidents/abc", true, Some("incidents/abc/index.html")),
            ("/incidents/abc.json", false, Some("incidents/abc.json")),
            (
                "/history?quarter=2026-3&component=abc",
                true,
                Some("history/quarter-2026-3/component-abc/index.html"),
            ),
            ("/.well-known/security.txt", false, Some(".well-known/security.txt")),
            ("/.htaccess", false, None),
            ("/a/%2e%2e%2fb", false, None),
            ("/history?q=../../etc", true, None),
            ("/a//b", false, None),
        ] {
            assert_eq!(address(asked).file(is_page).as_deref(), file, "{asked}");
        }
        let up = address("/a/../../b");
        assert_eq!(up.asked(), "/b", "there is nothing above the page");
    }
}
