//! What is compiled in: the stylesheet that stands in each page, and the script beside it.

use std::{fmt::Write, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use regex::Regex;
use sha2::{Digest, Sha256};

static STYLE: LazyLock<String> = LazyLock::new(|| squeezed_style(include_str!("../../../assets/page.css")));

static DETAIL: LazyLock<String> =
    LazyLock::new(|| squeezed_style(include_str!("../../../assets/detail.css")));

static DRESS: LazyLock<String> = LazyLock::new(|| squeezed_style(include_str!("../../../assets/dress.css")));
static CHARTS: LazyLock<String> =
    LazyLock::new(|| squeezed_style(include_str!("../../../assets/charts.css")));

static SCRIPTS: LazyLock<[(String, String); 2]> = LazyLock::new(|| {
    let sources = [
        ("page", include_str!("../../../assets/page.js")),
        ("live", include_str!("../../../assets/live.js")),
    ];
    sources.map(|(name, source)| {
        let script = squeezed_script(source);
        let path = format!("/assets/{name}-{}.js", hex(&Sha256::digest(&script)[..8]));
        (script, path)
    })
});

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The scripts of these pages, which they can be read without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Local times, remembered groups, tooltips.
    Page,
    /// Shows what changes while somebody looks at the page.
    Live,
}

impl Script {
    pub const ALL: [Self; 2] = [Self::Page, Self::Live];

    pub fn text(self) -> &'static str {
        &SCRIPTS[self as usize].0
    }

    /// Where it is served: named by its content, so that it can be cached for ever.
    pub fn path(self) -> &'static str {
        &SCRIPTS[self as usize].1
    }
}

static CSP: LazyLock<String> = LazyLock::new(|| csp_of(""));

/// The policy with the hashes of the common style sheets, and what else is given.
fn csp_of(more: &str) -> String {
    let [all, detail, charts] = [&STYLE, &DETAIL, &CHARTS].map(|style| hash(style));
    format!(
        "default-src 'none'; style-src '{all}' '{detail}' '{charts}'{more}; script-src 'self'; img-src 'self' data:; \
         manifest-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What the policy calls a style sheet or a script by: its SHA-256 (W3C CSP 3, hash-source).
pub fn hash(style: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(style.as_bytes())))
}

/// The stylesheet of all pages, as it stands in them.
pub fn style() -> &'static str {
    &STYLE
}

/// What the pages behind the front page add to it. The front page, which most visitors see alone,
/// does without.
pub fn detail_style() -> &'static str {
    &DETAIL
}

/// What pages with charts add to it.
pub fn charts_style() -> &'static str {
    &CHARTS
}

/// What pages that wear something of their own add to it.
pub fn dress_style() -> &'static str {
    &DRESS
}

/// The Content-Security-Policy for these pages: nothing but the inline stylesheets, which it
/// names by their hashes, and what comes from the same origin.
pub fn csp() -> &'static str {
    &CSP
}

/// The same for a page that has a style sheet of its own.
pub fn csp_with(style: &str) -> String {
    csp_of(&format!(" '{}'", hash(style)))
}

/// Without comments, indentation and line ends, which nobody downloads gladly.
pub fn squeezed_style(css: &str) -> String {
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

/// Without indentation, lines that are comments and spaces around signs; line ends stay where they
/// may end a statement.
pub fn squeezed_script(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let lines: String = lines.flat_map(|line| [squeezed_line(line), "\n".to_owned()]).collect();
    [";\n", "{\n", ",\n", "[\n", "(\n"].iter().fold(lines, |script, end| script.replace(end, end.trim()))
}

/// What stands in quotes stays as it is: of the parts between quotes, every second.
fn squeezed_line(line: &str) -> String {
    let parts = line.split_inclusive(['\'', '`']).enumerate().map(|(place, part)| match place % 2 {
        0 => squeezed_code(part),
        _ => part.to_owned(),
    });
    parts.collect()
}

fn squeezed_code(code: &str) -> String {
    let tight = LOOSE.iter().fold(code.to_owned(), |code, sign| code.replace(sign, &sign.replace(' ', "")));
    match ONE_ARGUMENT.as_ref() {
        Some(bracketed) => bracketed.replace_all(&tight, "$1=>").into_owned(),
        None => tight,
    }
}

/// The signs of a script that need no space.
const LOOSE: &[&str] = &[
    " => ", " === ", " !== ", " <= ", " = ", " && ", " || ", " ? ", " : ", " + ", " - ", " * ", " / ", " < ",
    ", ", "; ", ": ", "{ ", " }", ") ", "} ", "if (", "for (", "const [", "const {", "try {", "catch {",
    "return [",
];

/// A function of one argument needs no brackets around it.
static ONE_ARGUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\((\w+)\)=>").ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_hash_of_the_style() {
        assert!(csp().starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!csp().contains("unsafe"));
        // The hash of `alert('Hello, world.');` in W3C CSP 2, section 7.18.1.
        assert_eq!(hash("alert('Hello, world.');"), "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }

    #[test]
    fn the_scripts_are_small_and_named_by_their_content() {
        for (script, most) in [(Script::Page, 5_120), (Script::Live, 5_120)] {
            let text = script.text();
            assert!(text.len() <= most, "{script:?}: {} bytes", text.len());
            assert_eq!(script.path().len(), "/assets/page-0123456789abcdef.js".len());
            assert!(!text.contains("eval(") && !text.contains("innerHTML"));
        }
        assert!(Script::Page.text().contains("if(isNaN(at)"), "a time that is none stops nothing");
    }

    #[test]
    fn the_script_is_squeezed_without_harm() {
        let script =
            "  // Words.\n  const a = { b: 'c, d', e };\n  return a ? `f ; ${a}` : (g) => h && 'i = j';\n";
        let squeezed = "const a={b:'c, d',e};return a?`f ; ${a}`:g=>h&&'i = j';";
        assert_eq!(squeezed_script(script), squeezed);
    }

    #[test]
    fn the_style_is_squeezed_without_harm() {
        assert_eq!(squeezed_style("/* a */ b > c {\n  d: e, f;\n}\ng { h: i }"), "b>c{d:e,f}g{h:i}");
        assert!(style().contains("overflow-wrap:anywhere"), "no word is wider than the window");
        assert!(!style().contains("</") && !detail_style().contains("</"), "nothing ends the style element");
    }
}
