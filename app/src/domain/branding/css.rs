//! A page's own style sheet: read token by token (CSS Syntax 3), and refused where it would load
//! from elsewhere, end early, or reach out of its place.

use std::str::FromStr;

use cssparser::{ParseError, ParseErrorKind, Parser, SourceLocation, Token};
use serde::{Deserialize, Serialize};

/// The bytes that a style sheet may have.
const LARGEST: usize = 32 * 1024;
/// How deep brackets may stand in one another.
const DEEPEST: u8 = 32;
/// Stands behind the style sheet while it is read: what swallows it was not closed.
const END: &str = "-pharos-end-";

/// What a style sheet may begin with `@`. Others load (`@import`, `@font-face`), or mean something
/// at the beginning of a file alone (`@charset`, `@namespace`).
const AT_RULES: [&str; 10] = [
    "-webkit-keyframes",
    "container",
    "keyframes",
    "layer",
    "media",
    "page",
    "property",
    "scope",
    "starting-style",
    "supports",
];

/// Functions that take an address without `url()`, or that ran scripts in browsers of old.
const FUNCTIONS: [&str; 8] =
    ["-moz-element", "-webkit-image-set", "cross-fade", "element", "expression", "image", "image-set", "src"];

/// Properties that loaded scripts in browsers of old.
const PROPERTIES: [&str; 2] = ["-moz-binding", "behavior"];

/// A style sheet that stays within the page: balanced, without imports and foreign addresses, and
/// safe to stand in a `style` element. Line ends are LF, as browsers make them before they hash it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Css(String);

/// What is wrong, and where.
struct Refusal(SourceLocation, String);

impl Css {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Css {
    type Err = String;

    fn from_str(css: &str) -> Result<Self, String> {
        if css.len() > LARGEST {
            return Err(format!("it has {} bytes; allowed are {LARGEST}", css.len()));
        }
        let css = css.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        if css.trim().is_empty() {
            return Err("it is empty; clear it instead".to_owned());
        }
        unfit_for_html(&css)
            .and_then(|()| closed(&css))
            .map_err(|Refusal(at, why)| format!("line {}, column {}: {why}", at.line + 1, at.column))?;
        Ok(Self(css))
    }
}

/// What would end the style element, or change on its way into the browser.
fn unfit_for_html(css: &str) -> Result<(), Refusal> {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let found = [
        (css.find("</"), "`</` is not allowed, not even in a comment"),
        (css.find("<!"), "`<!` is not allowed, not even in a comment"),
        (css.find(odd), "control characters are not allowed"),
    ];
    match found.into_iter().filter_map(|(at, why)| Some((at?, why))).min() {
        Some((at, why)) => Err(Refusal(location(&css[..at]), why.to_owned())),
        None => Ok(()),
    }
}

/// The place behind a text.
fn location(before: &str) -> SourceLocation {
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().map_or(0, |last| last.encode_utf16().count());
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    SourceLocation { line: number(line), column: number(column + 1) }
}

/// Reads it all, and that everything that was opened is closed.
fn closed(css: &str) -> Result<(), Refusal> {
    // The line break ends a string that was left open.
    let text = format!("{css}\n{END}");
    let mut parser = Parser::new(&text);
    parser.set_nested_block_limit(DEEPEST);
    match within(&mut parser, None) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal(location(css), "a comment or a text is not closed".to_owned())),
        Err(ParseError { kind: ParseErrorKind::Custom(refusal) }) => Err(refusal),
        Err(_) => Err(Refusal(location(""), "it cannot be read".to_owned())),
    }
}

/// Reads what stands in one bracket, or outside of all; whether the end of the whole was seen.
fn within(parser: &mut Parser<'_>, opened: Option<SourceLocation>) -> Result<bool, ParseError<Refusal>> {
    let mut before = None;
    let mut ended = false;
    loop {
        parser.skip_whitespace();
        let at = parser.current_source_location();
        let Ok(token) = parser.next().cloned() else { return Ok(ended) };
        if matches!(&token, Token::Ident(word) if **word == *END) {
            if let Some(opened) = opened {
                return Err(refusal(opened, "this bracket is not closed"));
            }
            ended = true;
        }
        if let Some(why) = wrong(&token, before.as_ref()) {
            return Err(refusal(at, why));
        }
        if let Token::Function(name) = &token
            && name.eq_ignore_ascii_case("url")
        {
            parser.parse_nested_block(|inner| address(inner, at))?;
        } else if is_opening(&token) {
            let inner = parser.parse_nested_block(|inner| within(inner, Some(at)));
            inner.map_err(|error| match error.kind {
                ParseErrorKind::Custom(_) => error,
                ParseErrorKind::Basic(_) => refusal(at, format!("brackets stand more than {DEEPEST} deep")),
            })?;
        }
        before = Some(token);
    }
}

fn refusal(at: SourceLocation, why: impl Into<String>) -> ParseError<Refusal> {
    ParseError::custom(Refusal(at, why.into()))
}

fn is_opening(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock
    )
}

/// Why a token may not stand here, if it may not.
fn wrong(token: &Token<'_>, before: Option<&Token<'_>>) -> Option<String> {
    let is_in = |list: &[&str], name: &str| list.iter().any(|known| name.eq_ignore_ascii_case(known));
    match token {
        Token::AtKeyword(name) if !is_in(&AT_RULES, name) => {
            Some(format!("@{name} is not allowed; allowed are @{}", AT_RULES.join(", @")))
        }
        Token::Function(name) if is_in(&FUNCTIONS, name) => Some(format!("{name}() is not allowed")),
        Token::Colon => match before {
            Some(Token::Ident(name)) if is_in(&PROPERTIES, name) => Some(format!("{name} is not allowed")),
            _ => None,
        },
        Token::UnquotedUrl(address) if !is_own(address) => Some(foreign(address)),
        Token::BadUrl(_) => Some("this url() is broken".to_owned()),
        Token::BadString(_) => Some("this text is not closed on its line".to_owned()),
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => {
            Some("this bracket was never opened".to_owned())
        }
        Token::CDO | Token::CDC => Some("<!-- and --> are not allowed".to_owned()),
        _ => None,
    }
}

/// The inside of `url("…")`: one text, and nothing else.
fn address(inner: &mut Parser<'_>, at: SourceLocation) -> Result<(), ParseError<Refusal>> {
    let broken = || refusal(at, "this url() is broken");
    let address = inner.expect_string().cloned().map_err(|_| broken())?;
    if !is_own(&address) {
        return Err(refusal(at, foreign(&address)));
    }
    inner.expect_exhausted().map_err(|_| broken())
}

/// Whether an address is a picture within the style sheet, a file of the page's own, or something
/// within the page.
fn is_own(address: &str) -> bool {
    let address = address.trim();
    let begins = |with: &str| address.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    begins("data:image/")
        || address.starts_with('#')
        || (address.starts_with("/assets/") && !address.contains("..") && !address.contains(['\\', '%']))
}

fn foreign(address: &str) -> String {
    let shown: String = address.chars().take(60).collect();
    format!("url({shown}) is not allowed; allowed are data:image/… and /assets/…")
}

impl TryFrom<String> for Css {
    type Error = String;

    fn try_from(css: String) -> Result<Self, String> {
        css.parse()
    }
}

impl From<Css> for String {
    fn from(css: Css) -> Self {
        css.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(css: &str) -> String {
        match css.parse::<Css>() {
            Ok(_) => panic!("{css:?} was taken"),
            Err(why) => why,
        }
    }

    #[test]
    fn what_people_write_is_taken() {
        for good in [
            ":root { --c: #123456 } a:hover > b::before { content: \"}{\"; color: rgb(1 2 3 / 50%) }",
            "@media (width < 600px) and (prefers-color-scheme: dark) { .card { padding: calc(1rem + 2px) } }",
            "@supports (display: grid) { @layer base { a { b: c } } } @keyframes x { from { top: 0 } }",
            ".a { background: url(data:image/svg+xml,%3Csvg%3E) } .b { background: url('/assets/logo-1.svg') }",
            ".c { fill: url(#u); mask: URL( \"DATA:image/png;base64,AAAA\" ) }",
            "/* a comment with @import url(//x) and a } in it */ a { b: c }",
            ".behavior .x { behavior-x: y } a[href=\"https://example.com\"] { color: red }",
            ".h { color: var(--c, var(--d)) }\n.i { & > b { c: d } }",
        ] {
            assert!(good.parse::<Css>().is_ok(), "{good}: {}", refused(good));
        }
    }

    #[test]
    fn attacks_are_refused_and_their_place_is_told() {
        for (bad, place, why) in [
            ("@import 'https://evil.example/x.css';", "line 1, column 1", "@import"),
            ("a { b: c }\n  @IMPORT url(x);", "line 2, column 3", "@IMPORT"),
            ("@\\69mport 'x';", "line 1, column 1", "@import"),
            ("@charset \"utf-7\";", "line 1, column 1", "@charset"),
            ("@namespace url(http://x);", "line 1, column 1", "@namespace"),
            ("@font-face { src: url(/assets/x) }", "line 1, column 1", "@font-face"),
            ("a { background: url(https://evil.example/p.gif) }", "line 1, column 17", "url(https"),
            ("a {\n  background:\n    url( 'https://evil.example' ) }", "line 3, column 5", "url(https"),
            ("a { b: u\\72l(//evil.example) }", "line 1, column 8", "url(//evil"),
            ("a { b: url(\"//evil.example\") }", "line 1, column 8", "url(//evil"),
            ("a { b: url(javascript:alert(1)) }", "line 1, column 8", "url("),
            ("a { b: url('javascript:alert(1)') }", "line 1, column 8", "url(javascript"),
            ("a { b: url(data:text/html,x) }", "line 1, column 8", "url(data:text"),
            ("a { b: url(/assets/../admin) }", "line 1, column 8", "url(/assets/.."),
            ("a { b: url(/assets/%2e%2e/admin) }", "line 1, column 8", "url(/assets/%2e"),
            ("a { b: url(/logout) }", "line 1, column 8", "url(/logout"),
            ("a { b: url('#x' 'y') }", "line 1, column 8", "broken"),
            ("a { b: url(var(--x)) }", "line 1, column 8", "broken"),
            ("a { b: image-set('https://evil.example/x' 1x) }", "line 1, column 8", "image-set()"),
            ("a { b: -webkit-image-set(x) }", "line 1, column 8", "image-set()"),
            ("a { b: src('https://evil.example/x') }", "line 1, column 8", "src()"),
            ("a { b: image('x') }", "line 1, column 8", "image()"),
            ("a { width: EXPRESSION(alert(1)) }", "line 1, column 12", "EXPRESSION()"),
            ("a { -moz-binding: url(#x) }", "line 1, column 17", "-moz-binding"),
            ("a { behavior : url(#x) }", "line 1, column 14", "behavior"),
            ("a { b: c }\n</style><script>alert(1)</script>", "line 2, column 1", "`</`"),
            ("/* </style> */", "line 1, column 4", "`</`"),
            ("<!-- a { b: c } -->", "line 1, column 1", "`<!`"),
            ("a { b: c } -->", "line 1, column 12", "-->"),
            ("a { b: c", "line 1, column 3", "not closed"),
            ("a { b: rgb(1, 2 }", "line 1, column 17", "never opened"),
            ("a { b: c } }", "line 1, column 12", "never opened"),
            ("a { b: \"c }", "line 1, column 8", "not closed on its line"),
            ("a { b: \"c }\\", "line 1, column 13", "not closed"),
            ("a { b: c } /* d", "line 1, column 16", "comment"),
            ("a { b: url(/assets/x", "line 1, column 8", "broken"),
            ("a { b: \u{0} }", "line 1, column 8", "control"),
            (" \n", "it is empty", "clear"),
        ] {
            let told = refused(bad);
            assert!(told.starts_with(place) && told.contains(why), "{bad:?}: {told}");
        }
        assert!(refused(&"a{}".repeat(20_000)).contains("32768"));
        assert!(refused(&"(".repeat(30_000)).contains("32 deep"));
    }

    #[test]
    fn it_is_as_the_browser_hashes_it() {
        assert_eq!("\u{feff}a {\r\n b: c\r}".parse::<Css>().unwrap().as_str(), "a {\n b: c\n}");
    }

    proptest! {
        #[test]
        fn what_is_taken_is_balanced_and_ends_nothing(css in "[a-z@{}()\\[\\]\"'/*\\\\ :;#<!>\n-]{0,40}") {
            if let Ok(css) = css.parse::<Css>() {
                prop_assert!(!css.as_str().contains("</"));
                let behind = format!("{}\nb{{}}", css.as_str());
                prop_assert!(behind.parse::<Css>().is_ok(), "what follows is not swallowed");
                let closing = format!("{} }}", css.as_str());
                prop_assert!(closing.parse::<Css>().is_err(), "everything is closed");
            }
        }
    }
}
