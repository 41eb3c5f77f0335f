//! What is compiled in: the stylesheet that stands in each page, and the script beside it.

use std::{fmt::Write, sync::LazyLock};

use sha2::{Digest, Sha256};

static STYLE: LazyLock<String> = LazyLock::new(|| squeezed_style(include_str!("../../../assets/page.css")));

static DETAIL: LazyLock<String> =
    LazyLock::new(|| squeezed_style(include_str!("../../../assets/detail.css")));

static SCRIPT: LazyLock<String> = LazyLock::new(|| squeezed_script(include_str!("../../../assets/page.js")));

static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| {
    let name = Sha256::digest(SCRIPT.as_bytes())[..8].iter().fold(String::new(), |mut name, byte| {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
        name
    });
    format!("/assets/page-{name}.js")
});

static CSP: LazyLock<String> = LazyLock::new(|| {
    let [all, detail] = [&STYLE, &DETAIL].map(|style| base64(&Sha256::digest(style.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{all}' 'sha256-{detail}'; script-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// The stylesheet of all pages, as it stands in them.
pub fn style() -> &'static str {
    &STYLE
}

/// What the pages behind the front page add to it. The front page, which most visitors see alone,
/// does without.
pub fn detail_style() -> &'static str {
    &DETAIL
}

/// The Content-Security-Policy for these pages: nothing but the inline stylesheets, which it
/// names by their hashes, and what comes from the same origin.
pub fn csp() -> &'static str {
    &CSP
}

/// The script of these pages, which they can be read without.
pub fn script() -> &'static str {
    &SCRIPT
}

/// Where the script is served: named by its content, so that it can be cached for ever.
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// Without comments, indentation and line ends, which nobody downloads gladly.
fn squeezed_style(css: &str) -> String {
    let (mut squeezed, mut rest) = (String::with_capacity(css.len()), css);
    while let Some((before, comment)) = rest.split_once("/*") {
        squeezed.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    squeezed.push_str(rest);
    let one_line: String = squeezed.lines().map(str::trim).collect();
    let tight = [
        (": ", ":"),
        (" {", "{"),
        ("{ ", "{"),
        (" }", "}"),
        (";}", "}"),
        ("; ", ";"),
        (", ", ","),
        (" > ", ">"),
    ];
    tight.iter().fold(one_line, |css, (loose, tight)| css.replace(loose, tight))
}

/// Without indentation and lines that are comments; line ends stay, since they end statements.
fn squeezed_script(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Base64 with padding (RFC 4648, section 4), as the CSP writes a hash.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (word >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_hash_of_the_style() {
        assert!(csp().starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!csp().contains("unsafe"));
        // The vectors of RFC 4648, section 10.
        for (bytes, text) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_script_is_small_and_named_by_its_content() {
        assert!(script().len() <= 5_120, "{} bytes", script().len());
        assert_eq!(script_path().len(), "/assets/page-0123456789abcdef.js".len());
        assert!(script().contains("if (isNaN(at)) continue;"), "a time that is none stops nothing");
        assert!(!script().contains("eval(") && !script().contains("innerHTML"));
    }

    #[test]
    fn the_style_is_squeezed_without_harm() {
        assert_eq!(squeezed_style("/* a */ b > c {\n  d: e, f;\n}\ng { h: i }"), "b>c{d:e,f}g{h:i}");
        assert!(style().contains("overflow-wrap:anywhere"), "no word is wider than the window");
        assert!(!style().contains("</") && !detail_style().contains("</"), "nothing ends the style element");
    }
}
