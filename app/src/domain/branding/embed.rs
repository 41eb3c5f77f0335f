//! The looks of a page's embed.

use serde::{Deserialize, Serialize};

use super::{Colour, colour::NEEDED};

/// The embed's own colours, where a page has none: what its words stand on during an incident and
/// during a maintenance, and the words.
const INCIDENT_GROUNDS: [&str; 4] = ["#855800", "#b0440a", "#b5181f", "#56636f"];
const MAINTENANCE_GROUNDS: [&str; 1] = ["#2457b5"];
const WORDS: &str = "#ffffff";

/// The looks of the page's embed, by the names of Statuspage's `status_embed_config`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Embed {
    pub position: Option<Corner>,
    pub incident_background_color: Option<Colour>,
    pub incident_text_color: Option<Colour>,
    pub maintenance_background_color: Option<Colour>,
    pub maintenance_text_color: Option<Colour>,
}

/// A corner of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

impl Corner {
    pub const ALL: [Self; 4] = [Self::TopLeft, Self::TopRight, Self::BottomLeft, Self::BottomRight];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TopLeft => "top-left",
            Self::TopRight => "top-right",
            Self::BottomLeft => "bottom-left",
            Self::BottomRight => "bottom-right",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corner| corner.as_str() == text)
    }
}

impl Embed {
    /// Whether its words can be read on what they stand on, be it set or the embed's own; the error
    /// names the pair of colours and the ratio that is needed.
    pub fn readable(&self) -> Result<(), String> {
        let incident = (self.incident_background_color, self.incident_text_color);
        let maintenance = (self.maintenance_background_color, self.maintenance_text_color);
        pair("embed-incident", incident, &INCIDENT_GROUNDS)?;
        pair("embed-maintenance", maintenance, &MAINTENANCE_GROUNDS)
    }
}

fn pair(name: &str, (ground, words): (Option<Colour>, Option<Colour>), own: &[&str]) -> Result<(), String> {
    if ground.is_none() && words.is_none() {
        return Ok(());
    }
    let own = || own.iter().filter_map(|ground| ground.parse().ok()).collect();
    let grounds: Vec<Colour> = ground.map_or_else(own, |ground| vec![ground]);
    let Some(words) = words.or_else(|| WORDS.parse().ok()) else { return Ok(()) };
    let against = grounds.into_iter().map(|ground| (words.contrast(ground), ground));
    match against.min_by(|one, two| one.0.total_cmp(&two.0)) {
        Some((ratio, ground)) if ratio < NEEDED => Err(format!(
            "{name}-background, {name}-text: the contrast of {words} on {ground} is {:.2} to 1; allowed is {NEEDED} to 1 or more",
            (ratio * 100.0).floor() / 100.0
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readable(ground: Option<&str>, words: Option<&str>) -> Result<(), String> {
        let colour = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let embed = Embed {
            incident_background_color: colour(ground),
            incident_text_color: colour(words),
            ..Embed::default()
        };
        embed.readable()
    }

    #[test]
    fn words_can_be_read() {
        assert!(Embed::default().readable().is_ok());
        assert!(readable(Some("#000000"), None).is_ok() && readable(None, Some("#ffffff")).is_ok());
        assert!(readable(Some("#ffee00"), Some("#000000")).is_ok());
        let pale = readable(Some("#ffee00"), None).unwrap_err();
        assert!(pale.contains("embed-incident-background") && pale.contains("4.5 to 1"), "{pale}");
        let dark = readable(None, Some("#000000")).unwrap_err();
        assert!(dark.contains("#000000 on #"), "{dark}");
    }
}
