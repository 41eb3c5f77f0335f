//! The only place where text becomes markup without being escaped. Each function says why its
//! text is safe.

use maud::{Markup, PreEscaped};

use super::assets;
use crate::markup;

/// Markdown by an operator: `markup` sanitises it with an allow list.
pub fn markdown(text: &str) -> Markup {
    PreEscaped(markup::to_html(text))
}

/// The one inline stylesheet: an asset that is compiled in, whose hash the CSP names. CSS may not
/// be escaped as HTML is, or `>` and quotes would stop working.
pub fn style() -> Markup {
    PreEscaped(format!("<style>{}</style>", assets::style()))
}
