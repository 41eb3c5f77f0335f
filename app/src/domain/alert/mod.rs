//! Alerts: what monitoring says, which rule it is for, and when a rule acts.

mod matcher;
mod step;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Id, status::ComponentStatus};

pub use matcher::{Matcher, NoMatcher, Op};
pub use step::{Effect, State, Step, Timing};

/// The most labels that are kept of an alert, and the most characters of a name and of a value.
const MOST_LABELS: usize = 64;
const LONGEST_LABEL: usize = 100;
pub const LONGEST_VALUE: usize = 200;
const LONGEST_FINGERPRINT: usize = 200;
/// The label that says who told of it, whatever its sender says.
pub const SOURCE_LABEL: &str = "pharos_source";

/// Who tells of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Alertmanager,
    Grafana,
    Generic,
    Pagerduty,
    Datadog,
    Sns,
    Heartbeat,
}

impl Source {
    pub const ALL: [Self; 7] = [
        Self::Alertmanager,
        Self::Grafana,
        Self::Generic,
        Self::Pagerduty,
        Self::Datadog,
        Self::Sns,
        Self::Heartbeat,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Grafana => "grafana",
            Self::Generic => "generic",
            Self::Pagerduty => "pagerduty",
            Self::Datadog => "datadog",
            Self::Sns => "sns",
            Self::Heartbeat => "heartbeat",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// What was said of one alert, within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What tells it apart from others of its source.
    pub fingerprint: String,
    pub firing: bool,
    pub labels: BTreeMap<String, String>,
    pub summary: String,
}

impl Heard {
    /// Cuts what is too long and drops control characters. Without a fingerprint, its labels are it.
    pub fn new(
        fingerprint: Option<&str>,
        firing: bool,
        labels: impl IntoIterator<Item = (String, String)>,
        summary: &str,
    ) -> Self {
        let labels: BTreeMap<String, String> = labels
            .into_iter()
            .map(|(name, value)| (cut(&name, LONGEST_LABEL), cut(&value, LONGEST_VALUE)))
            .filter(|(name, _)| !name.is_empty())
            .take(MOST_LABELS)
            .collect();
        let of_labels = || labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let fingerprint = match fingerprint.map(|text| cut(text, LONGEST_FINGERPRINT)) {
            Some(given) if !given.is_empty() => given,
            _ => hash(&of_labels().join("\n")),
        };
        Self { fingerprint, firing, labels, summary: cut(summary, LONGEST_VALUE) }
    }
}

/// A text of at most so many characters in one line.
fn cut(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(most).collect()
}

/// Two different sets of labels shall be two alerts, nothing more is asked of it.
fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What is done about alerts of some kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    pub id: Id,
    pub name: String,
    /// The first rule that fits is the one for an alert.
    pub position: i32,
    /// All of them fit.
    pub matchers: Vec<Matcher>,
    /// What it moves, and to what.
    pub component_id: Option<Id>,
    pub component_status: Option<ComponentStatus>,
    /// What it opens an incident from.
    pub template_id: Option<Id>,
    /// Whether subscribers are told.
    pub notify: bool,
    pub for_seconds: i32,
    pub hold_seconds: i32,
    /// Changes an hour, above which it stays at the worse state; 0 for any number.
    pub flap_limit: i32,
    pub disabled: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Rule {
    /// Whether it is for an alert of these labels.
    pub fn fits(&self, source: Source, labels: &BTreeMap<String, String>) -> bool {
        let value = |name: &str| match name {
            SOURCE_LABEL => source.as_str(),
            name => labels.get(name).map(String::as_str).unwrap_or_default(),
        };
        !self.disabled && self.matchers.iter().all(|matcher| matcher.fits(value(&matcher.label)))
    }

    pub fn timing(&self) -> Timing {
        let seconds = |seconds: i32| TimeDelta::seconds(i64::from(seconds.max(0)));
        Timing {
            wait: seconds(self.for_seconds),
            hold: seconds(self.hold_seconds),
            flap_limit: usize::try_from(self.flap_limit).unwrap_or(0),
        }
    }
}

/// An alert as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    pub id: Id,
    pub source: Source,
    pub fingerprint: String,
    /// The rule that it is for, if there is one.
    pub rule_id: Option<Id>,
    pub state: State,
    /// Since when it is in this state.
    pub since: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub labels: BTreeMap<String, String>,
    pub summary: String,
    /// Whether it changes too often to be believed.
    pub flapping: bool,
    pub created_at: DateTime<Utc>,
}

/// What an address with a key in it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Something that has to call again and again.
    Heartbeat,
    /// A topic of Amazon SNS.
    Sns,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::Sns => "sns",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Heartbeat, Self::Sns].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A key that stands in an address, for what can send no headers. It opens nothing else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertKey {
    pub id: Id,
    pub page_id: Id,
    pub kind: KeyKind,
    pub name: String,
    /// How it begins, so that it is recognised.
    pub prefix: String,
    /// How long a heartbeat may be silent.
    pub period_seconds: Option<i32>,
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether a heartbeat is silent for too long.
    pub missing: bool,
    /// The one topic that is heard; the first that subscribes, if none is named.
    pub topic_arn: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Puts what is known of an alert into a template: `{{summary}}`, `{{label.NAME}}`. Values are plain
/// text: `literal` sees to it that they mean nothing else where they stand.
pub fn fill(template: &str, heard: &Heard, literal: fn(&str) -> String) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        match name.trim() {
            "summary" => filled.push_str(&literal(&heard.summary)),
            name => match name.strip_prefix("label.") {
                Some(label) => {
                    filled.push_str(&literal(heard.labels.get(label).map(String::as_str).unwrap_or_default()))
                }
                None => filled.push_str(&format!("{{{{{name}}}}}")),
            },
        }
        rest = behind;
    }
    filled + rest
}

/// A text of which markdown takes nothing for a sign.
pub fn markdown_literal(text: &str) -> String {
    let escaped = text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c]));
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(labels: &[(&str, &str)]) -> Heard {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Heard::new(None, true, labels, "It\nis <b>slow</b>")
    }

    #[test]
    fn what_is_heard_is_cut_and_in_one_line() {
        let long = heard(&[("a", &"x".repeat(500)), ("", "y"), ("b\u{1b}", "z\n")]);
        assert_eq!(long.labels["a"].len(), LONGEST_VALUE);
        assert_eq!((long.labels.len(), long.labels["b"].as_str()), (2, "z"));
        assert_eq!(long.summary, "It is <b>slow</b>");
        let many = Heard::new(None, true, (0..500).map(|n| (format!("l{n}"), String::new())), "");
        assert_eq!(many.labels.len(), MOST_LABELS);
    }

    #[test]
    fn without_a_fingerprint_the_labels_are_it() {
        let one = heard(&[("a", "1"), ("b", "2")]);
        assert_eq!(one.fingerprint, heard(&[("b", "2"), ("a", "1")]).fingerprint);
        assert_ne!(one.fingerprint, heard(&[("a", "1")]).fingerprint);
        assert_eq!(Heard::new(Some("f"), true, [], "").fingerprint, "f");
    }

    #[test]
    fn values_in_a_template_stay_values() {
        let heard = heard(&[("host", "[x](http://evil)")]);
        let filled = fill("On {{label.host}}: {{ summary }} {{other}} {{", &heard, markdown_literal);
        let literal = r"On \[x\]\(http\:\/\/evil\): It is \<b\>slow\<\/b\> {{other}} {{";
        assert_eq!(filled, literal);
        assert_eq!(fill("{{label.none}}.", &heard, str::to_owned), ".");
    }
}
