//! Colours, and whether they can be read on the page (WCAG 2.2, contrast ratio).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What text needs to be read (WCAG 2.2, 1.4.3).
pub const NEEDED: f64 = 4.5;

/// What words stand on in the light scheme: the page, a card, and the band at the top in each state.
pub const LIGHT_GROUNDS: [&str; 8] =
    ["#f7f8f7", "#ffffff", "#e4efe9", "#e3ebf6", "#f4ecda", "#f8e7da", "#f8e1e0", "#e9ecec"];

/// The same in the dark one.
pub const DARK_GROUNDS: [&str; 8] =
    ["#0d151d", "#141e28", "#0e2320", "#111f33", "#262112", "#2a1c12", "#2d171a", "#141d26"];

/// A colour in sRGB, written as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

/// A colour for words, that can be read on every ground of the light scheme or of the `DARK` one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Accent<const DARK: bool>(Colour);

impl Colour {
    /// How far two colours stand apart, from 1 to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The ground on which it can be read worst, and how far it stands apart from it.
    pub fn weakest(self, grounds: [&'static str; 8]) -> Option<(f64, &'static str)> {
        let against = |ground: &'static str| Some((self.contrast(ground.parse().ok()?), ground));
        grounds.into_iter().filter_map(against).min_by(|one, two| one.0.total_cmp(&two.0))
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "allowed is a colour as #rrggbb, such as #0a5add".to_owned();
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(wrong)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).map_err(|_| wrong())?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl<const DARK: bool> FromStr for Accent<DARK> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let colour: Colour = text.parse()?;
        let (grounds, scheme) = if DARK { (DARK_GROUNDS, "dark") } else { (LIGHT_GROUNDS, "light") };
        match colour.weakest(grounds) {
            // Cut, so that 4.499 is never told as 4.5.
            Some((ratio, ground)) if ratio < NEEDED => Err(format!(
                "its contrast on {ground}, a background of the {scheme} scheme, is {:.2} to 1; allowed is {NEEDED} to 1 or more",
                (ratio * 100.0).floor() / 100.0
            )),
            _ => Ok(Self(colour)),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl<const DARK: bool> fmt::Display for Accent<DARK> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl<const DARK: bool> TryFrom<String> for Accent<DARK> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl<const DARK: bool> From<Accent<DARK>> for String {
    fn from(accent: Accent<DARK>) -> Self {
        accent.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(one: &str, two: &str) -> f64 {
        one.parse::<Colour>().unwrap().contrast(two.parse().unwrap())
    }

    #[test]
    fn contrast_is_as_wcag_says() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 0.001, "the grey that just fails");
        assert!((contrast("#767676", "#ffffff") - 4.542).abs() < 0.001, "the grey that just holds");
        assert!((contrast("#123456", "#123456") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn colours_have_one_form() {
        assert_eq!("#AbCdEf".parse::<Colour>().unwrap().to_string(), "#abcdef");
        for bad in ["red", "#fff", "#12345g", "123456", "#+12345", "#1234567", "#é2345", "", "#000000;}"] {
            assert!(bad.parse::<Colour>().unwrap_err().contains("#rrggbb"), "{bad}");
        }
    }

    #[test]
    fn an_accent_that_cannot_be_read_is_refused_with_its_ratio() {
        assert!("#0a5add".parse::<Accent<false>>().is_ok());
        assert!("#9fc3ff".parse::<Accent<true>>().is_ok());
        let pale = "#9fc3ff".parse::<Accent<false>>().unwrap_err();
        assert!(pale.contains("1.43 to 1") && pale.contains("4.5 to 1") && pale.contains("light"), "{pale}");
        let dim = "#0a5add".parse::<Accent<true>>().unwrap_err();
        assert!(dim.contains("dark scheme") && dim.contains("#262112"), "{dim}");
    }
}
