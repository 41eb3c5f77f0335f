//! What a site is told that wants to show one of the page's addresses (oembed.com, version 1.0).

use maud::html;
use serde_json::json;
use url::Url;

use super::{
    groups,
    page::{
        headline::{headline, name},
        view::View,
    },
    plain::plain,
};
use crate::{
    domain::{
        Id,
        state::{Component, Group, Incident, LiveState},
    },
    locale::{self, Texts},
};

/// What an address leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Page,
    Incident(Id),
    /// A component or a group.
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

/// What is shown of a page, at hand.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    Page,
    Incident(&'a Incident),
    Component(&'a Component),
    Group(&'a Group),
}

impl Target {
    /// What one of the page's addresses leads to, and in which language, where it names one; none
    /// for any other address.
    pub fn of(state: &LiveState, address: &str) -> Option<(Self, Option<&'static Texts>)> {
        let (own, asked) = (Url::parse(&state.page.url).ok()?, Url::parse(address).ok()?);
        let is_own =
            asked.host() == own.host() && asked.port_or_known_default() == own.port_or_known_default();
        if !is_own || asked.scheme() != own.scheme() {
            return None;
        }
        let mut parts: Vec<&str> = asked.path_segments()?.filter(|part| !part.is_empty()).collect();
        let spoken = parts.first().and_then(|first| locale::offered(first));
        if spoken.is_some() {
            parts.remove(0);
        }
        let target = match parts.as_slice() {
            [] => Self::Page,
            ["incidents", id] if state.knows_incident(id) => Self::Incident(id.parse().ok()?),
            ["components", id] => {
                let target = Self::Component(id.parse().ok()?);
                target.shown(state).map(|_| target)?
            }
            _ => return None,
        };
        Some((target, spoken))
    }

    /// The thing itself; none of an incident that only the archive holds.
    pub fn shown<'a>(&self, state: &'a LiveState) -> Option<Shown<'a>> {
        Some(match self {
            Self::Page => Shown::Page,
            Self::Incident(id) => Shown::Incident(state.incident(id.as_str())?),
            Self::Component(id) => match state.component(id) {
                Some(component) => Shown::Component(component),
                None => Shown::Group(groups::find(state, id)?),
            },
        })
    }
}

impl Shown<'_> {
    fn title(&self, view: View<'_>) -> String {
        let text = match self {
            Self::Page => headline(view).title,
            Self::Incident(incident) => incident.name.clone(),
            Self::Component(component) => name(view, component),
            Self::Group(group) => group.name.clone(),
        };
        plain(&text, 200)
    }

    /// Where its card is, without a language.
    fn card(&self) -> String {
        match self {
            Self::Page => "/embed/card".to_owned(),
            Self::Incident(incident) => format!("/incidents/{}/card", incident.id),
            Self::Component(component) => format!("/components/{}/card", component.id),
            Self::Group(group) => format!("/components/{}/card", group.id),
        }
    }
}

/// The answer: a frame with the card, which says how things are.
pub fn oembed(state: &LiveState, shown: Shown<'_>, size: Size, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let (page, title) = (plain(&state.page.name, 200), shown.title(view));
    let frame = html! {
        iframe src={ (state.page.url) (view.href(&shown.card())) } width=(size.width) height=(size.height)
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
        let of = |path: &str| Some(Target::of(&state, &format!("https://status.example.com{path}"))?.0);
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
            assert!(Target::of(&state, other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_card_speaks_the_language_of_the_address() {
        let state = sample::troubled();
        let (target, spoken) =
            Target::of(&state, "https://status.example.com/de/incidents/openincident").unwrap();
        let said = oembed(&state, target.shown(&state).unwrap(), Size::ALL[0], spoken.unwrap());
        assert!(said.contains("https://status.example.com/de/incidents/openincident/card"), "{said}");
    }

    #[test]
    fn a_frame_is_never_larger_than_asked_for() {
        assert_eq!(Size::within(None, None).unwrap().width, 600);
        assert_eq!(Size::within(Some(599), Some(4_000)).unwrap().width, 400);
        assert_eq!(Size::within(Some(239), None), None);
        assert_eq!(Size::within(None, Some(100)), None);
    }
}
