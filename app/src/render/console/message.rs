//! What is said instead of a screen, and a form that could not be acted on.

use maud::{Markup, html};

use super::layout::Frame;

/// A short text below a headline.
pub fn message(frame: &Frame, text: &str, more: Markup) -> String {
    frame.document(html! {
        h1 { (frame.title) }
        p { (text) }
        (more)
        @if frame.who.is_some() { p { a href="/admin" { "To the incidents" } } }
    })
}

/// A form that was sent and not acted on, with everything that was typed, to be sent again.
pub fn kept<'a>(
    frame: &Frame,
    path: &str,
    fields: impl Iterator<Item = &'a (String, String)> + Clone,
    button: &str,
) -> Markup {
    // A person looks for their own words, not for ids and flags.
    let typed = fields.clone().filter(|(name, value)| {
        ["name", "body", "postmortem", "description"].contains(&name.as_str()) && !value.trim().is_empty()
    });
    html! {
        form.kept method="post" action=(path) {
            (frame.token())
            @for (name, value) in fields.filter(|(name, _)| name != "do") {
                input type="hidden" name=(name) value=(value);
            }
            input type="hidden" name="do" value="edit";
            @for (_, value) in typed { blockquote { (value) } }
            button.main type="submit" { (button) }
        }
    }
}
