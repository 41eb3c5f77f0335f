//! How the page of a description looks: one style sheet of its own, and nothing else.

use std::sync::LazyLock;

use crate::render::page::assets::{hash, squeezed_style};

static STYLE: LazyLock<String> =
    LazyLock::new(|| squeezed_style(include_str!("../../../assets/reference.css")));

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash(&STYLE)
    )
});

pub fn style() -> &'static str {
    &STYLE
}

/// The Content-Security-Policy of the page: its style sheet and the icon.
pub fn policy() -> &'static str {
    &POLICY
}
