//! What can be asked of a page: the names of its answers, by which they are kept as well.

use super::Aside;
use crate::{
    domain::{Id, metric::Period, past::NoWords},
    locale::Texts,
    render::{
        feeds::{Feed, Scope},
        page::ErrorPage,
    },
};

/// A page for people. Each exists in every language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    Front,
    Incident(Id),
    Component(Id),
    Metric(Id),
    /// What to do instead of a search that cannot be made.
    NoSearch(NoWords),
    Error(ErrorPage),
}

/// Whatever a snapshot can make by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// In the language of this tag.
    Screen(Screen, &'static str),
    /// A picture of the page's own, by the name of its file.
    Logo(String),
    /// An incident or a maintenance that the snapshot holds, as JSON.
    IncidentJson(Id),
    MetricsDisplay(Id, Period),
    Aside(Aside),
    Feed(Feed, Scope),
}

impl Screen {
    pub fn surface(self, texts: &'static Texts) -> Surface {
        Surface::Screen(self, texts.tag())
    }
}
