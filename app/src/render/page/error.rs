//! The pages for what could not be answered: each says what a visitor can do.

use maud::html;

use super::{
    front::titled,
    headline::headline,
    layout::{Document, document},
    permalink::back,
    tone::Tone,
    view::View,
};
use crate::{domain::state::LiveState, locale::Texts};

/// What went wrong, as far as it concerns a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorPage {
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    Internal,
    Unavailable,
    /// No page answers under the host that was asked for.
    Misdirected,
}

impl ErrorPage {
    pub const ALL: [Self; 6] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
        Self::Misdirected,
    ];

    /// What happened, and what can be done.
    fn words(self, texts: &Texts) -> (String, String) {
        match self {
            Self::NotFound => (texts.text("error-not-found"), texts.text("error-not-found-help")),
            Self::MethodNotAllowed => {
                (texts.text("error-method-not-allowed"), texts.text("error-method-not-allowed-help"))
            }
            Self::TooManyRequests => {
                (texts.text("error-too-many-requests"), texts.text("error-too-many-requests-help"))
            }
            Self::Internal => (texts.text("error-internal"), texts.text("error-internal-help")),
            Self::Unavailable => (texts.text("error-unavailable"), texts.text("error-unavailable-help")),
            Self::Misdirected => (texts.text("error-misdirected"), texts.text("error-misdirected-help")),
        }
    }
}

/// An error page. With a state it also says what most visitors came for.
pub fn error(state: Option<&LiveState>, error: ErrorPage, texts: &Texts) -> String {
    let (title, help) = error.words(texts);
    let now = state.map(|state| headline(View::new(state, texts)).title);
    let page = Document {
        title: state.map_or_else(|| title.clone(), |state| titled(View::new(state, texts), &title)),
        description: help.clone(),
        path: None,
        kind: "error",
        live: false,
        tone: Tone::Quiet,
        top: html! { h1 { (title) } p { (help) } },
        main: html! {
            @if let Some(now) = now { p.now { (texts.with("error-now", [("text", now.into())])) } }
            // Where no page answers, `/` would say the same again.
            @if error != ErrorPage::Misdirected { (back(state.map(|state| View::new(state, texts)), texts)) }
        },
    };
    document(state, texts, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale;

    #[test]
    fn where_no_page_answers_nothing_leads_back_to_it() {
        let texts = locale::fallback();
        let misdirected = error(None, ErrorPage::Misdirected, texts);
        assert!(misdirected.contains(&texts.text("error-misdirected-help")));
        assert!(!misdirected.contains("href=\"/\""));
        assert!(
            !misdirected.contains("<header><div class=\"in\"></div></header>"),
            "no empty band at the top"
        );
        assert!(error(None, ErrorPage::Unavailable, texts).contains("href=\"/\""));
    }
}
