//! What a page wears of its own: colours and style sheet, logo, words around it, what is pinned to it.

use std::{borrow::Cow, fmt::Write};

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{assets, raw, view::View};
use crate::{
    domain::{branding::Branding, state::LiveState},
    markup::visible,
};

/// The style sheet of a page's own, behind the common one; none if it has none.
pub fn style(branding: &Branding) -> Option<String> {
    let mut css = String::new();
    // Writing to a string does not fail.
    if let Some(accent) = branding.accent {
        let _ = write!(css, ":root{{--a:{accent}}}");
    }
    if let Some(accent) = branding.accent_dark {
        let _ = write!(css, "@media(prefers-color-scheme:dark){{:root{{--a:{accent}}}}}");
    } else if branding.accent.is_some() {
        // A colour for light grounds is not for dark ones.
        css.push_str("@media(prefers-color-scheme:dark){:root{--a:var(--ink)}}");
    }
    let words = branding.header.is_some() || branding.footer.is_some() || branding.announcement.is_some();
    if !css.is_empty() || words || branding.logos().next().is_some() {
        css.insert_str(0, assets::dress_style());
    }
    // What documents are sent without may not be in what the policy's hash is made of.
    css.push_str(&branding.custom_css.as_ref().map_or(Cow::Borrowed(""), |own| visible(own.as_str())));
    (!css.is_empty()).then_some(css)
}

/// The Content-Security-Policy of a page's screens: the common one, and its own style sheet by its
/// hash.
pub fn policy(state: &LiveState) -> Cow<'static, str> {
    match style(&state.page.branding) {
        Some(own) => assets::csp_with(&own).into(),
        None => assets::csp().into(),
    }
}

/// Where the icon of the tab is, if the page has one of its own.
pub fn icon(state: &LiveState) -> Option<String> {
    state.page.branding.icon.as_ref().map(|icon| format!("/assets/{}", icon.file_name()))
}

/// What leads home: the logo, which says the page's name, or the name.
pub fn name(state: &LiveState) -> Markup {
    let Branding { logo, logo_dark, .. } = &state.page.branding;
    let path = |file: String| format!("/assets/{file}");
    html! {
        @match (logo, logo_dark) {
            (Some(logo), Some(dark)) => {
                picture {
                    source media="(prefers-color-scheme: dark)" srcset=(path(dark.file_name()));
                    (image(state, &path(logo.file_name())))
                }
            }
            (Some(one), None) | (None, Some(one)) => { (image(state, &path(one.file_name()))) }
            (None, None) => { (state.page.name) }
        }
    }
}

fn image(state: &LiveState, path: &str) -> Markup {
    html! { img.logo src=(path) alt=(state.page.name); }
}

/// The operators' words at the top of each page.
pub fn header(state: &LiveState) -> Markup {
    html! {
        @if let Some(text) = &state.page.branding.header { div.m dir="auto" { (raw::markdown(text.as_str())) } }
    }
}

/// The operators' words at the bottom of each page.
pub fn footer(state: &LiveState) -> Markup {
    html! {
        @if let Some(text) = &state.page.branding.footer { div.m dir="auto" { (raw::markdown(text.as_str())) } }
    }
}

/// What is pinned to the front page, until it ends.
pub fn announcement(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    html! {
        @if let Some(pinned) = view.state.page.branding.announcement_at(as_of) {
            section.pin aria-labelledby="pin" {
                h2 #pin { (view.texts.text("announcement")) }
                div.m dir="auto" { (raw::markdown(pinned.body.as_str())) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            branding::{Announcement, DARK_GROUNDS, LIGHT_GROUNDS},
            fixture,
        },
        locale,
        render::page::tone::Tone,
    };

    #[test]
    fn a_page_without_a_dress_is_as_usual() {
        let state = fixture::state();
        assert_eq!(style(&state.page.branding), None);
        assert_eq!(policy(&state), assets::csp());
        assert_eq!(name(&state).into_string(), "Example");
    }

    #[test]
    fn accents_are_held_against_every_ground_there_is() {
        for tone in Tone::ALL {
            let (light, dark) = tone.frame();
            assert!(LIGHT_GROUNDS.contains(&light) && DARK_GROUNDS.contains(&dark), "{tone:?}");
        }
        let grounds = [LIGHT_GROUNDS[0], "#fff", DARK_GROUNDS[0], DARK_GROUNDS[1]];
        for (name, ground) in ["--bg", "--card", "--bg", "--card"].into_iter().zip(grounds) {
            assert!(assets::style().contains(&format!("{name}:{ground};")), "{name} {ground}");
        }
    }

    #[test]
    fn the_policy_names_the_page_s_own_style_and_no_other() {
        let mut state = fixture::state();
        state.page.branding.accent = Some("#0a5add".parse().unwrap());
        state.page.branding.custom_css = Some(".card{border-radius:0}".parse().unwrap());
        let css = style(&state.page.branding).unwrap();
        assert!(css.contains(":root{--a:#0a5add}") && css.ends_with(".card{border-radius:0}"), "{css}");
        let policy = policy(&state);
        assert_eq!(policy.matches("'sha256-").count(), assets::csp().matches("'sha256-").count() + 1);
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn what_is_pinned_is_markdown_and_goes_in_time() {
        let mut state = fixture::state();
        let body = "We **move**. <script>alert(1)</script>".parse().unwrap();
        state.page.branding.announcement = Some(Announcement { body, until: Some(fixture::noon()) });
        let view = View::new(&state, locale::texts("en").unwrap());
        let before = announcement(view, fixture::noon() - chrono::TimeDelta::seconds(1)).into_string();
        assert!(before.contains("<strong>move</strong>") && !before.contains("<script"), "{before}");
        assert_eq!(announcement(view, fixture::noon()).into_string(), "");
    }
}
