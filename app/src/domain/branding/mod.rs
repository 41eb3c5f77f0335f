//! A page's own dress: logo, colours, words around it, and what is pinned to it. Every value is
//! checked where it is made, so that whoever shows it need not ask again.

mod colour;
mod css;
mod embed;
mod logo;
mod svg;
mod text;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use colour::{Accent, Colour, DARK_GROUNDS, LIGHT_GROUNDS, NEEDED};
pub use css::Css;
pub use embed::{Corner, Embed};
pub use logo::{Logo, LogoType};
pub use text::{Contact, Text};

/// Markdown above or below the page's own.
pub type Around = Text<5_000>;

/// Kept as json; what a later release adds is left out here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    pub logo: Option<Logo>,
    /// In its place where the visitor likes it dark.
    pub logo_dark: Option<Logo>,
    /// The icon of its tab, in the place of one in the page's state.
    pub icon: Option<Logo>,
    pub accent: Option<Accent<false>>,
    pub accent_dark: Option<Accent<true>>,
    pub header: Option<Around>,
    pub footer: Option<Around>,
    pub custom_css: Option<Css>,
    pub announcement: Option<Announcement>,
    /// Where weaknesses are told of (RFC 9116).
    pub security_contact: Option<Contact>,
    pub hidden_from_search: bool,
    /// Whether the footer says what made the page.
    pub powered_by: bool,
    pub embed: Embed,
}

/// What is pinned to the front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Markdown.
    pub body: Text<2_000>,
    /// The instant from which on it is not shown.
    pub until: Option<DateTime<Utc>>,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            logo: None,
            logo_dark: None,
            icon: None,
            accent: None,
            accent_dark: None,
            header: None,
            footer: None,
            custom_css: None,
            announcement: None,
            security_contact: None,
            hidden_from_search: false,
            powered_by: true,
            embed: Embed::default(),
        }
    }
}

impl Branding {
    /// Reads what was kept. A value that is not allowed (any more) is left out, so that no dress
    /// keeps a page dark.
    pub fn read(kept: Value) -> Self {
        if let Ok(branding) = serde_json::from_value(kept.clone()) {
            return branding;
        }
        let Value::Object(fields) = kept else { return Self::default() };
        let alone = |field: (String, Value)| Value::Object(Map::from_iter([field]));
        let is_allowed =
            |field: &(String, Value)| serde_json::from_value::<Self>(alone(field.clone())).is_ok();
        let allowed: Map<String, Value> = fields.into_iter().filter(is_allowed).collect();
        serde_json::from_value(Value::Object(allowed)).unwrap_or_default()
    }

    /// Holds what was kept against the rules of today; the error names the field and what is
    /// allowed. What is not known is not looked at.
    pub fn check(kept: &Value) -> Result<(), String> {
        let fields = kept.as_object().ok_or("allowed is an object of settings")?;
        for (name, value) in fields {
            let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
            let read: Self = serde_json::from_value(alone).map_err(|error| format!("{name}: {error}"))?;
            read.embed.readable()?;
        }
        Ok(())
    }

    /// What is to be seen pinned to the page at an instant.
    pub fn announcement_at(&self, at: DateTime<Utc>) -> Option<&Announcement> {
        self.announcement.as_ref().filter(|pinned| pinned.until.is_none_or(|until| at < until))
    }

    /// Every picture of it.
    pub fn logos(&self) -> impl Iterator<Item = &Logo> {
        self.logo.iter().chain(&self.logo_dark).chain(&self.icon)
    }

    /// For the audit: a picture by its size and hash.
    pub fn audited(&self) -> Value {
        let mut told = serde_json::to_value(self).unwrap_or_default();
        for (name, logo) in [("logo", &self.logo), ("logo_dark", &self.logo_dark), ("icon", &self.icon)] {
            if let Some(logo) = logo {
                told[name] = logo.audited();
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::fixture::noon;

    #[test]
    fn what_was_kept_comes_back_and_nothing_is_the_default() {
        let mut branding = Branding::read(json!({}));
        assert_eq!(branding, Branding::default());
        assert!(branding.powered_by && !branding.hidden_from_search);
        branding.logo = Some(Logo::of(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()).unwrap());
        branding.accent = Some("#0A5ADD".parse().unwrap());
        branding.accent_dark = Some("#9fc3ff".parse().unwrap());
        branding.header = Some("**Hello**".parse().unwrap());
        branding.custom_css = Some("a { color: red }".parse().unwrap());
        branding.announcement = Some(Announcement { body: "x".parse().unwrap(), until: Some(noon()) });
        branding.security_contact = Some("mailto:security@example.com".parse().unwrap());
        branding.embed.position = Some(Corner::TopLeft);
        let kept = serde_json::to_value(&branding).unwrap();
        assert_eq!(kept["accent"], "#0a5add");
        assert_eq!(kept["embed"]["position"], "top-left");
        assert_eq!(Branding::read(kept), branding);
    }

    #[test]
    fn what_is_not_allowed_is_left_out_and_the_rest_stays() {
        let kept = json!({"accent": "#ffffff", "hidden_from_search": true, "custom_css": "@import 'x';", "later": 1});
        let read = Branding::read(kept);
        assert_eq!(read, Branding { hidden_from_search: true, ..Branding::default() });
        let held = |kept: Value| Branding::check(&kept).unwrap_err();
        assert!(held(json!({"accent": "#ffffff"})).starts_with("accent: its contrast"));
        assert!(held(json!({"custom_css": "@import 'x';"})).starts_with("custom_css: line 1"));
        assert!(held(json!({"embed": {"incident_background_color": "#ffffff"}})).contains("4.5 to 1"));
        assert!(held(json!([])).contains("object") && Branding::check(&json!({"later": 1})).is_ok());
        for odd in [json!(null), json!("x"), json!([1])] {
            assert_eq!(Branding::read(odd), Branding::default());
        }
    }

    #[test]
    fn an_announcement_ends_at_its_instant() {
        let mut branding = Branding::default();
        assert!(branding.announcement_at(noon()).is_none());
        let body: Text<2_000> = "x".parse().unwrap();
        branding.announcement = Some(Announcement { body: body.clone(), until: None });
        assert!(branding.announcement_at(noon()).is_some());
        branding.announcement = Some(Announcement { body, until: Some(noon()) });
        assert!(branding.announcement_at(noon() - chrono::TimeDelta::seconds(1)).is_some());
        assert!(branding.announcement_at(noon()).is_none());
    }

    #[test]
    fn the_audit_holds_no_picture() {
        let drawing = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>", " ".repeat(5_000));
        let branding =
            Branding { logo: Some(Logo::of(drawing.into_bytes()).unwrap()), ..Branding::default() };
        let told = branding.audited().to_string();
        assert!(told.contains("\"bytes\":5046") && told.contains("sha256") && told.len() < 600, "{told}");
    }
}
