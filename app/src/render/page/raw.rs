//! The only place where text becomes markup without being escaped. Each function says why its
//! text is safe.

use maud::{Markup, PreEscaped};
use serde_json::Value;

use crate::markup;

/// Markdown by an operator: `markup` sanitises it with an allow list.
pub fn markdown(text: &str) -> Markup {
    PreEscaped(markup::to_html(text))
}

/// Linked data, which no browser runs. In JSON a `<` stands within texts alone, so that written as an
/// escape it means the same and ends no element.
pub fn data(json: &Value) -> Markup {
    let json = json.to_string().replace('<', "\\u003c");
    PreEscaped(format!("<script type=\"application/ld+json\">{json}</script>"))
}

/// An inline stylesheet: one of the two assets that are compiled in, or a page's own, which
/// `domain::branding::Css` has read; the CSP names their hashes. CSS may not be escaped as HTML is,
/// or `>` and quotes would stop working.
pub fn style(css: &str) -> Markup {
    PreEscaped(format!("<style>{css}</style>"))
}

/// An inline script: an asset that is compiled in, whose hash the CSP names. It may not be escaped
/// either.
pub fn script(script: &'static str) -> Markup {
    PreEscaped(format!("<script>{script}</script>"))
}
