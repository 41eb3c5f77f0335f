//! The same place in the page's other languages: for search engines and for people.

use maud::{Markup, html};

use super::view::href;
use crate::{
    domain::state::LiveState,
    locale::{self, Texts},
};

/// Where a place stands in each language, and where somebody begins whose language is not there.
pub fn alternates(state: &LiveState, path: &str) -> Markup {
    let url = &state.page.url;
    html! {
        @for texts in locale::of_page(&state.page.language) {
            link rel="alternate" hreflang=(texts.tag()) href={ (url) (href(state, texts, path)) };
        }
        link rel="alternate" hreflang="x-default" href={ (url) (path) };
    }
}

/// The ways to the other languages. The script remembers which one was taken.
pub fn switch(state: &LiveState, spoken: &Texts, path: &str) -> Markup {
    html! {
        @for texts in locale::of_page(&state.page.language).filter(|texts| texts.tag() != spoken.tag()) {
            a lang=(texts.tag()) hreflang=(texts.tag()) href=(href(state, texts, path)) { (texts.language_name()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn each_language_is_named_where_it_stands() {
        let mut state = fixture::state();
        let url = state.page.url.clone();
        let links = alternates(&state, "/incidents/a").into_string();
        for (tag, place) in [("en", ""), ("de", "/de"), ("x-default", "")] {
            let link = format!("hreflang=\"{tag}\" href=\"{url}{place}/incidents/a\"");
            assert!(links.contains(&link), "{link} in {links}");
        }
        state.page.language = "de".into();
        let [en, de] = ["en", "de"].map(|tag| locale::texts(tag).unwrap());
        let to_german = "<a lang=\"de\" hreflang=\"de\" href=\"/\">Deutsch</a>";
        assert_eq!(switch(&state, en, "/").into_string(), to_german);
        let to_english = "<a lang=\"en\" hreflang=\"en\" href=\"/en/\">English</a>";
        assert_eq!(switch(&state, de, "/").into_string(), to_english);
    }

    #[test]
    fn nobody_is_offered_the_language_that_nobody_speaks() {
        let mut state = fixture::state();
        assert!(!alternates(&state, "/").into_string().contains(locale::PSEUDO));
        state.page.language = locale::PSEUDO.into();
        let pseudo = locale::texts(locale::PSEUDO).unwrap();
        assert!(switch(&state, pseudo, "/").into_string().contains("href=\"/de/\""));
    }
}
