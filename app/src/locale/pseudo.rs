//! English that can be told from English: each letter wears a mark and stays readable.

use std::borrow::Cow;

const PLAIN: &str = "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpRrSsTtUuVvWwXxYyZz";
const MARKED: &str = "ÂâƁƀĆćĎďÊêƑƒĜĝĤĥÎîĴĵĶķĹĺṀṁŃńÔôṔṕŔŕŚśŢţÛûṼṽŴŵẊẋŶŷŹź";

/// A text with all its letters marked.
pub fn marked(text: &str) -> Cow<'_, str> {
    text.chars().map(mark).collect::<String>().into()
}

fn mark(letter: char) -> char {
    let place = PLAIN.chars().position(|plain| plain == letter);
    place.and_then(|place| MARKED.chars().nth(place)).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_marked_and_nothing_else() {
        assert_eq!(PLAIN.chars().count(), MARKED.chars().count());
        assert!(MARKED.chars().all(|letter| letter.is_alphabetic() && !PLAIN.contains(letter)));
        assert_eq!(marked("Is it up? 30 %"), "Îś îţ ûṕ? 30 %");
    }
}
