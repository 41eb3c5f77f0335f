//! What a setting says: text, and references to secrets within it.

use std::{collections::BTreeSet, fmt};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const BEGIN: &str = "{aws:";
/// What may stand in any part of a URL as it is (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `{aws:SECRET#key}`, or `{aws:SECRET}` for the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The secret's name or ARN.
    pub secret: String,
    /// The key of a secret that is a JSON object.
    pub key: Option<String>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{BEGIN}{}#{key}}}", self.secret),
            None => write!(f, "{BEGIN}{}}}", self.secret),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference(Reference),
}

/// A setting with references in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads what a setting says; none if it refers to nothing. The error says what is wrong, and
    /// never repeats the text.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let (mut parts, mut rest) = (vec![], text);
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let (inside, after) = after
                .split_once('}')
                .ok_or("a reference to a secret has no end; allowed is {aws:SECRET#key} or {aws:SECRET}")?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Reference(reference(inside)?));
            rest = after;
        }
        if parts.is_empty() {
            return Ok(None);
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Some(Self { parts }))
    }

    /// The secrets that it refers to, each once.
    pub fn secrets(&self) -> BTreeSet<&str> {
        self.references().map(|reference| reference.secret.as_str()).collect()
    }

    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Reference(reference) => Some(reference),
            Part::Text(_) => None,
        })
    }

    /// The text with a value for each reference: percent-encoded inside a URL, as it is elsewhere.
    pub fn fill<E>(&self, value: impl Fn(&Reference) -> Result<String, E>) -> Result<String, E> {
        let within_url = self.is_url();
        self.parts.iter().try_fold(String::new(), |mut filled, part| {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Reference(reference) if within_url => {
                    filled.extend(utf8_percent_encode(&value(reference)?, RESERVED));
                }
                Part::Reference(reference) => filled.push_str(&value(reference)?),
            }
            Ok(filled)
        })
    }

    /// A text of the same shape while its secrets are not known: a URL with something in their places,
    /// else `whole`.
    pub fn shaped(&self, whole: &str) -> String {
        let shaped = self.fill(|_| Ok::<_, std::convert::Infallible>("1".to_owned()));
        match self.is_url() {
            true => shaped.unwrap_or_default(),
            false => whole.to_owned(),
        }
    }

    /// Where it leads to, as it is written: without the user before the host, and what is asked for
    /// behind the path. None if that holds no reference.
    pub fn place(&self) -> Option<String> {
        let whole = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Reference(reference) => reference.to_string(),
        };
        let text: String = self.parts.iter().map(whole).collect();
        let behind = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        let mut parts = Self::parse(behind).ok()??.parts;
        let user = |part: &Part| matches!(part, Part::Text(text) if text.contains('@'));
        if let Some(at) = parts.iter().position(user) {
            parts.drain(..at);
            if let Some(Part::Text(text)) = parts.first_mut() {
                *text = text.split_once('@').map_or_else(String::new, |(_, place)| place.to_owned());
            }
        }
        let asked = |part: &Part| matches!(part, Part::Text(text) if text.contains('?'));
        if let Some(at) = parts.iter().position(asked) {
            parts.truncate(at + 1);
            if let Some(Part::Text(text)) = parts.last_mut() {
                text.truncate(text.find('?').unwrap_or(text.len()));
            }
        }
        let refers = parts.iter().any(|part| matches!(part, Part::Reference(_)));
        refers.then(|| parts.iter().map(whole).collect())
    }

    fn is_url(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Text(text)) if begins_url(text))
    }

    /// As it may be shown: references as they stand, and nothing that could be a password beside
    /// them.
    pub fn shown(&self) -> String {
        let whole: String = self.references().map(Reference::to_string).collect::<Vec<_>>().join(" ");
        let stand_ins: Vec<(String, &Reference)> = self
            .references()
            .enumerate()
            .map(|(at, reference)| (format!("reference{at}x"), reference))
            .collect();
        let stand_in = |reference: &Reference| {
            let found = stand_ins.iter().find(|(_, other)| *other == reference);
            found.map(|(name, _)| name.clone()).ok_or(())
        };
        let Ok(filled) = self.fill(stand_in) else { return whole };
        let Ok(mut url) = url::Url::parse(&filled) else { return whole };
        let refers = |password: &str| stand_ins.iter().any(|(name, _)| name == password);
        if url.password().is_some_and(|password| !refers(password)) && url.set_password(Some("…")).is_err()
        {
            return whole;
        }
        stand_ins
            .iter()
            .fold(url.to_string(), |text, (name, reference)| text.replace(name, &reference.to_string()))
    }
}

fn reference(inside: &str) -> Result<Reference, String> {
    let (secret, key) = match inside.split_once('#') {
        Some((secret, key)) => (secret, Some(key)),
        None => (inside, None),
    };
    if secret.is_empty() || key == Some("") {
        return Err("a reference to a secret lacks its name or its key; allowed is {aws:SECRET#key} or \
                    {aws:SECRET}, SECRET being a name or an ARN"
            .into());
    }
    Ok(Reference { secret: secret.to_owned(), key: key.map(str::to_owned) })
}

/// Whether a URL begins here: a scheme and two slashes.
fn begins_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, value: &str) -> String {
        let template = Template::parse(text).unwrap().unwrap();
        template.fill(|_| Ok::<_, ()>(value.to_owned())).unwrap()
    }

    #[test]
    fn values_are_encoded_inside_urls_only() {
        let url = filled("postgres://pharos:{aws:db#password}@host/db", "#?%@:/ é");
        assert_eq!(url, "postgres://pharos:%23%3F%25%40%3A%2F%20%C3%A9@host/db");
        assert_eq!(filled("smtp://{aws:a#host}/", "db-1.example_x.com~"), "smtp://db-1.example_x.com~/");
        assert_eq!(filled("{aws:db#url}", "postgres://a:b@c/d"), "postgres://a:b@c/d");
        assert_eq!(filled("one,{aws:keys}", "a+/="), "one,a+/=");
    }

    #[test]
    fn references_are_read_whole() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-AbCdEf";
        let text = format!("postgres://{{aws:{arn}#username}}:{{aws:{arn}#password}}@h/db?x={{aws:b}}");
        let template = Template::parse(&text).unwrap().unwrap();
        assert_eq!(template.secrets().into_iter().collect::<Vec<_>>(), [arn, "b"]);
        let keys: Vec<_> = template.references().map(|reference| reference.key.as_deref()).collect();
        assert_eq!(keys, [Some("username"), Some("password"), None]);
        assert_eq!(template.shown(), text);
        assert_eq!(Template::parse("postgres://u:p@h/{db}").unwrap(), None);
    }

    #[test]
    fn what_is_not_read_yet_has_its_shape() {
        let shaped = |text: &str| Template::parse(text).unwrap().unwrap().shaped("whole");
        assert_eq!(shaped("postgres://{aws:a#u}:{aws:a#p}@{aws:e#host}/db"), "postgres://1:1@1/db");
        assert_eq!(shaped("{aws:a}"), "whole");
    }

    #[test]
    fn a_place_is_what_leads_there() {
        let place = |text: &str| Template::parse(text).unwrap().unwrap().place();
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a@b-AbCdEf";
        let url =
            format!("postgres://{{aws:{arn}#u}}:{{aws:{arn}#p}}@{{aws:{arn}#h}}:5432/db?sslmode={{aws:x}}");
        assert_eq!(place(&url), Some(format!("{{aws:{arn}#h}}:5432/db")));
        assert_eq!(place("postgres://{aws:a#u}:{aws:a#p}@host/db?x={aws:a#q}"), None);
        assert_eq!(place("postgres://user@host/{aws:a#db}").as_deref(), Some("host/{aws:a#db}"));
        assert_eq!(place("{aws:a#url}").as_deref(), Some("{aws:a#url}"));
    }

    #[test]
    fn wrong_ones_are_refused_without_being_repeated() {
        for wrong in ["a{aws:x", "{aws:}", "{aws:#key}", "{aws:x#}"] {
            let error = Template::parse(&format!("hidden{wrong}")).unwrap_err();
            assert!(error.contains("{aws:SECRET#key}") && !error.contains("hidden"), "{error}");
        }
    }

    #[test]
    fn a_password_beside_a_reference_is_not_shown() {
        let shown = |text: &str| Template::parse(text).unwrap().unwrap().shown();
        assert_eq!(shown("postgres://u:hidden@{aws:a#host}/db"), "postgres://u:%E2%80%A6@{aws:a#host}/db");
        assert_eq!(shown("hidden,{aws:keys}"), "{aws:keys}");
    }
}
