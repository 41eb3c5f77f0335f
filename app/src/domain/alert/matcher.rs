//! What an alert's labels must be like, as Prometheus writes it: `=`, `!=`, `=~`, `!~`.

use std::sync::LazyLock;

use moka::sync::Cache;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// The most bytes that a regular expression may take when it is ready for use.
const REGEX_SIZE: usize = 128 * 1024;

/// Those that were made ready lately: making one takes a thousand times what trying it does.
static READY: LazyLock<Cache<String, Option<Regex>>> = LazyLock::new(|| Cache::new(256));

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Op {
    #[serde(rename = "=")]
    Is,
    #[serde(rename = "!=")]
    IsNot,
    #[serde(rename = "=~")]
    Matches,
    #[serde(rename = "!~")]
    MatchesNot,
}

/// What one label must be like. A label that an alert does not have is an empty text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Matcher {
    #[schema(min_length = 1, max_length = 100)]
    pub label: String,
    pub op: Op,
    /// A text; for `=~` and `!~` a regular expression that fits the whole value.
    #[schema(max_length = 500)]
    pub value: String,
}

/// Why a matcher can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no regular expression that can be used: {0}")]
pub struct NoMatcher(String);

impl Matcher {
    /// Whether it is an expression, which takes a while to be made ready.
    pub fn is_expression(&self) -> bool {
        matches!(self.op, Op::Matches | Op::MatchesNot)
    }

    /// Refuses an expression that is none, or takes too much to try.
    pub fn check(&self) -> Result<(), NoMatcher> {
        match self.op {
            Op::Is | Op::IsNot => Ok(()),
            Op::Matches | Op::MatchesNot => self.expression().map(drop),
        }
    }

    fn expression(&self) -> Result<regex::Regex, NoMatcher> {
        let build =
            |text: &str| RegexBuilder::new(text).size_limit(REGEX_SIZE).dfa_size_limit(REGEX_SIZE).build();
        // It stands by itself, so that it can't close the group that it is put into.
        let built = build(&self.value).and_then(|_| build(&format!("^(?s:{})$", self.value)));
        built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => NoMatcher("it is too large".into()),
            // The last line says what is wrong; those before it draw where.
            error => NoMatcher(error.to_string().lines().last().unwrap_or_default().trim().to_owned()),
        })
    }

    /// Whether a value is like that. An expression that can't be used fits nothing.
    pub fn fits(&self, value: &str) -> bool {
        let ready = || READY.get_with_by_ref(&self.value, || self.expression().ok());
        match self.op {
            Op::Is => self.value == value,
            Op::IsNot => self.value != value,
            Op::Matches => ready().is_some_and(|expression| expression.is_match(value)),
            Op::MatchesNot => ready().is_some_and(|expression| !expression.is_match(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(op: Op, value: &str) -> Matcher {
        Matcher { label: "severity".into(), op, value: value.into() }
    }

    #[test]
    fn the_four_signs_of_prometheus() {
        assert!(matcher(Op::Is, "high").fits("high") && !matcher(Op::Is, "high").fits("higher"));
        assert!(matcher(Op::IsNot, "high").fits("low") && !matcher(Op::IsNot, "high").fits("high"));
        assert!(matcher(Op::Matches, "hi.*|lo").fits("high") && matcher(Op::Matches, "hi.*|lo").fits("lo"));
        assert!(!matcher(Op::Matches, "hi").fits("high"), "the whole value");
        assert!(matcher(Op::MatchesNot, "hi").fits("high") && !matcher(Op::MatchesNot, "hi").fits("hi"));
        assert!(matcher(Op::Matches, "").fits(""));
    }

    #[test]
    fn what_takes_too_much_is_refused() {
        for wrong in ["(", "x{1000}{1000}", "[z-a]", "a)(b"] {
            let wrong = matcher(Op::Matches, wrong);
            assert!(wrong.check().is_err() && !wrong.fits("x"), "{wrong:?}");
        }
        assert!(matcher(Op::MatchesNot, "(").check().is_err() && !matcher(Op::MatchesNot, "(").fits("x"));
        assert!(matcher(Op::Is, "(").check().is_ok());
    }
}
