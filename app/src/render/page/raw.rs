//! The only place where text becomes markup without being escaped. Each function says why its
//! text is safe.

use maud::{Markup, PreEscaped};

use crate::markup;

/// Markdown by an operator: `markup` sanitises it with an allow list.
pub fn markdown(text: &str) -> Markup {
    PreEscaped(markup::to_html(text))
}

/// An inline stylesheet: one of the two assets that are compiled in, whose hashes the CSP names.
/// CSS may not be escaped as HTML is, or `>` and quotes would stop working.
pub fn style(css: &'static str) -> Markup {
    PreEscaped(format!("<style>{css}</style>"))
}
