//! What can be asked of a page: the names of its answers, by which they are kept as well.

use crate::{domain::Id, locale::Texts, render::page::ErrorPage};

/// A page for people. Each exists in every language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    Front,
    Incident(Id),
    Component(Id),
    Error(ErrorPage),
}

/// Whatever a snapshot can make by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// In the language of this tag.
    Screen(Screen, &'static str),
}

impl Screen {
    pub fn surface(self, texts: &'static Texts) -> Surface {
        Surface::Screen(self, texts.tag())
    }
}
