//! A code for cameras, drawn as one path.

use std::fmt::Write;

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// Light around a code, in modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// The drawing; none where a text is too long for a code.
pub fn drawn(text: &str) -> Option<Markup> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            // Writing to a string does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        }
    }
    let side = width + 2 * QUIET;
    Some(html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="Code for your authenticator app" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" shape-rendering="crispEdges" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn a_code_is_drawn_with_light_around_it() {
        let svg = drawn("otpauth://totp/a?secret=ABC").unwrap().into_string();
        assert!(svg.contains("M4 4h1v1h-1z") && svg.contains("viewBox=\"0 0 "), "the corner of the finder");
        assert!(drawn(&"x".repeat(5_000)).is_none());
    }
}
