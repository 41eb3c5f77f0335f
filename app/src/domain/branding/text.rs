//! Words and addresses that operators give, within bounds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::page::is_control;

/// Markdown of at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.is_empty() || text.chars().count() > MAX || text.contains(odd) {
            return Err(format!("allowed are 1 to {MAX} characters of markdown, without control characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// An address that somebody can be reached at: mail, web or telephone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Contact(String);

/// More than any address that works.
const LONGEST_CONTACT: usize = 2_048;

impl FromStr for Contact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Addresses are read without the line breaks in them, which would hide what else was typed.
        let one_line = Some(text.trim()).filter(|text| !text.contains(is_control));
        let url = one_line.and_then(|text| url::Url::parse(text).ok());
        let reaches = |url: &url::Url| match url.scheme() {
            "https" => url.has_host(),
            "mailto" => {
                url.path().split_once('@').is_some_and(|(who, host)| !who.is_empty() && !host.is_empty())
            }
            "tel" => url.path().contains(|c: char| c.is_ascii_digit()),
            _ => false,
        };
        match url.filter(reaches) {
            Some(url) if url.as_str().len() <= LONGEST_CONTACT => Ok(Self(url.into())),
            _ => {
                Err("allowed is an https:, mailto: or tel: address in one line, without control characters, \
                     such as mailto:security@example.com"
                    .into())
            }
        }
    }
}

impl<const MAX: usize> Text<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Contact {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Contact {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl From<Contact> for String {
    fn from(contact: Contact) -> Self {
        contact.0
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_an_end() {
        let longest = "é".repeat(10);
        assert_eq!(longest.parse::<Text<10>>().unwrap().as_str(), longest);
        assert_eq!(" a\nb ".parse::<Text<10>>().unwrap().as_str(), "a\nb");
        for bad in ["", " \n", "12345678901", "a\u{0}b", "a\u{1b}[31m"] {
            let refused = bad.parse::<Text<10>>().unwrap_err();
            assert!(refused.contains("1 to 10 characters"), "{bad:?}: {refused}");
        }
    }

    #[test]
    fn a_contact_can_be_reached() {
        for good in ["mailto:security@example.com", "https://example.com/security", "tel:+49-30-1234"] {
            assert_eq!(good.parse::<Contact>().unwrap().as_str(), good);
        }
        for bad in [
            "security@example.com",
            "javascript:alert(1)",
            "http://example.com",
            "mailto:",
            "mailto:@",
            "tel:",
            "",
        ] {
            assert!(bad.parse::<Contact>().is_err(), "{bad}");
        }
        let injected = "mailto:a@b.example\nContact: mailto:evil@c.example".parse::<Contact>().unwrap_err();
        assert!(injected.contains("control characters"), "{injected}");
        assert!(format!("https://a.example/{}", "x".repeat(3_000)).parse::<Contact>().is_err());
    }
}
