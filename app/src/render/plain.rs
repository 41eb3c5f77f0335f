//! Texts as other sites can carry them: names of one line and no longer than agreed, documents without
//! invisible controls.

use std::borrow::Cow;

use maud::Markup;

use crate::{locale::undirected, markup::visible};

/// A document as it is sent: whatever names and messages brought along, nothing hidden is in it.
pub fn finished(document: Markup) -> String {
    match visible(&document.0) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => document.into_string(),
    }
}

/// The text without controls and directions, with single spaces, cut after `most` characters. What
/// is left can stand in XML 1.0, whose section 2.2 allows no other controls than white space.
pub fn plain(text: &str, most: usize) -> String {
    let visible = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    let spaced: String = undirected(text).chars().map(visible).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(most) {
        Some(_) => words.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_invisible_is_gone_and_what_is_long_is_cut() {
        assert_eq!(plain(" a\u{0}b\r\n\tc\u{202e}d\u{ffff} ", 20), "a b cd");
        assert_eq!(plain("1234567890", 10), "1234567890");
        assert_eq!(plain("12345678901", 10), "123456789…");
        assert_eq!(plain("日本語日本語", 4), "日本語…");
    }
}
