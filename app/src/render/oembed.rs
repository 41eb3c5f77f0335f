//! What a site is told that wants to show one of the page's addresses (oembed.com, version 1.0).

use maud::html;
use serde_json::json;
use url::Url;

use super::{
    page::{
        headline::{headline, name},
        view::View,
    },
    plain::plain,
};
use crate::{
    domain::{Id, state::LiveState},
    locale::{self, Texts},
};

/// What an address leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Page,
    /// An incident that the state holds.
    Incident(Id),
    Component(Id),
}

/// How large the frame is, in pixels: one of a few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    const ALL: [Self; 3] = [
        Self { width: 600, height: 115 },
        Self { width: 400, height: 115 },
        Self { width: 240, height: 140 },
    ];

    /// The largest that is not larger than asked for, if there is one.
    pub fn within(width: Option<u32>, height: Option<u32>) -> Option<Self> {
        let fits = |size: &Self| {
            width.is_none_or(|width| size.width <= width) && height.is_none_or(|height| size.height <= height)
        };
        Self::ALL.into_iter().find(fits)
    }
}

impl Target {
    /// What one of the page's addresses leads to, in any language; none for any other address.
    pub fn of(state: &LiveState, address: &str) -> Option<Self> {
        let (own, asked) = (Url::parse(&state.page.url).ok()?, Url::parse(address).ok()?);
        let is_own =
            asked.host() == own.host() && asked.port_or_known_default() == own.port_or_known_default();
        if !is_own || asked.scheme() != own.scheme() {
            return None;
        }
        let mut parts: Vec<&str> = asked.path_segments()?.filter(|part| !part.is_empty()).collect();
        if parts.first().is_some_and(|first| locale::offered(first).is_some()) {
            parts.remove(0);
        }
        match parts.as_slice() {
            [] => Some(Self::Page),
            ["incidents", id] => match state.incident(id) {
                Some(incident) => Some(Self::Incident(incident.id.clone())),
                None => state.knows_incident(id).then_some(Self::Page),
            },
            ["components", id] => Some(Self::Component(state.component(&id.parse().ok()?)?.id.clone())),
            _ => None,
        }
    }

    fn title(&self, view: View<'_>) -> String {
        let text = match self {
            Self::Page => None,
            Self::Incident(id) => view.state.incident(id.as_str()).map(|incident| incident.name.clone()),
            Self::Component(id) => view.state.component(id).map(|component| name(view, component)),
        };
        plain(&text.unwrap_or_else(|| headline(view).title), 200)
    }
}

/// The answer: a frame with the card, which says how things are.
pub fn oembed(state: &LiveState, target: &Target, size: Size, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let (page, title) = (plain(&state.page.name, 200), target.title(view));
    let frame = html! {
        iframe src={ (state.page.url) (view.href("/embed/card")) } width=(size.width) height=(size.height)
            title={ (title) " – " (page) } frameborder="0" loading="lazy"
            sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" {}
    };
    json!({
        "type": "rich",
        "version": "1.0",
        "title": title,
        "provider_name": page,
        "provider_url": state.page.url,
        "cache_age": 60,
        "html": frame.into_string(),
        "width": size.width,
        "height": size.height,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::page::sample;

    #[test]
    fn only_the_page_s_own_addresses_lead_somewhere() {
        let state = sample::troubled();
        let of = |path: &str| Target::of(&state, &format!("https://status.example.com{path}"));
        assert_eq!(of(""), Some(Target::Page));
        assert_eq!(of("/de/?x=1#y"), Some(Target::Page));
        assert!(matches!(of("/incidents/openincident"), Some(Target::Incident(_))));
        assert!(matches!(of("/de/components/cmp000000007"), Some(Target::Component(_))));
        for path in ["/incidents/nobody", "/components/nobody", "/xx/", "/incidents"] {
            assert_eq!(of(path), None, "{path}");
        }
        for other in [
            "https://example.com/",
            "http://status.example.com/",
            "javascript:alert(1)",
            "",
            "https://status.example.com:8443/",
        ] {
            assert_eq!(Target::of(&state, other), None, "{other}");
        }
    }

    #[test]
    fn a_frame_is_never_larger_than_asked_for() {
        assert_eq!(Size::within(None, None).unwrap().width, 600);
        assert_eq!(Size::within(Some(599), Some(4_000)).unwrap().width, 400);
        assert_eq!(Size::within(Some(239), None), None);
        assert_eq!(Size::within(None, Some(100)), None);
    }
}
