//! The page's icon in its state, for tabs, home screens and the web manifest.

use maud::{Markup, html};
use serde_json::json;

use super::{badges::page_tone, page::tone::Tone, plain::plain};
use crate::{domain::state::LiveState, locale::Texts};

/// The icons in the manifest, in pixels a side.
pub const SIDES: [u32; 2] = [192, 512];
/// That of Apple's home screens, which show no transparency.
pub const APPLE_SIDE: u32 = 180;
/// That in `/favicon.ico`.
pub const ICO_SIDE: u8 = 32;

/// The characters that fit below an icon.
const SHORT: usize = 12;

/// The tab's icon.
pub fn favicon(state: &LiveState) -> String {
    page_tone(state).drawing().into_string()
}

/// The icon with room around it, on the ground that the page has at its top.
pub fn tile(state: &LiveState) -> String {
    let tone = page_tone(state);
    on_ground(tone).into_string()
}

fn on_ground(tone: Tone) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" {
            path fill=(tone.frame().0) d="M0 0h24v24H0z" {}
            g transform="translate(4 4)" { (tone.paths()) }
        }
    }
}

/// The web app manifest (W3C Manifest): what a page is called and looks like as an application.
pub fn manifest(state: &LiveState, texts: &Texts) -> String {
    let (light, _) = page_tone(state).frame();
    let icon = |side: u32| json!({ "src": format!("/icon-{side}.png"), "sizes": format!("{side}x{side}"), "type": "image/png" });
    let mut icons = vec![json!({ "src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml" })];
    icons.extend(SIDES.map(icon));
    json!({
        "name": plain(&state.page.name, 100),
        "short_name": short(&state.page.name),
        "lang": texts.tag(),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": light,
        "background_color": light,
        "icons": icons,
    })
    .to_string()
}

/// The first words that fit, or the first word: where there is less room, devices cut it themselves.
fn short(name: &str) -> String {
    let name = plain(name, 100);
    let ends = name.match_indices(' ').map(|(end, _)| end).chain([name.len()]);
    let fitting = ends.clone().rfind(|end| name[..*end].chars().count() <= SHORT);
    let end = fitting.or(ends.min()).unwrap_or(name.len());
    // What joins a name to the words behind it is no end.
    name[..end].trim_end_matches(|c: char| c.is_whitespace() || "-–—&,:|/".contains(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::fixture, locale, render::raster};

    #[test]
    fn every_state_has_an_icon_of_its_own() {
        let mut drawn = std::collections::HashSet::new();
        for tone in Tone::ALL {
            let png = raster::png(&on_ground(tone).into_string(), 64).unwrap();
            assert!(drawn.insert(png), "{tone:?}");
        }
    }

    #[test]
    fn a_short_name_is_made_of_whole_words() {
        let table = [
            ("Example", "Example"),
            ("Example Cloud", "Example"),
            ("Example Co. Ltd", "Example Co."),
            ("Acme – Status page", "Acme"),
            ("Donaudampfschifffahrt AG", "Donaudampfschifffahrt"),
            ("", ""),
        ];
        for (name, expected) in table {
            assert_eq!(short(name), expected);
        }
    }

    #[test]
    fn the_manifest_names_the_page() {
        let mut state = fixture::state();
        state.page.name = "The \"status\" of everything\u{202e}".into();
        let manifest = manifest(&state, locale::fallback());
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["name"], "The \"status\" of everything");
        assert_eq!(manifest["short_name"], "The \"status\"");
        assert_eq!(manifest["icons"].as_array().unwrap().len(), 3);
    }
}
