//! What operators write: markdown, with the HTML that Statuspage's texts hold, to HTML that is
//! safe to show, and to plain text.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

const TAGS: [&str; 17] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "u",
    "ul",
];

/// The tags that end a line of text; the others stand within one.
const BLOCKS: [&str; 8] = ["blockquote", "br", "hr", "li", "ol", "p", "pre", "ul"];

/// The allow list. Nothing that could load, run, or borrow the page's looks: no images, scripts,
/// classes, styles or ids; links leave by http, https, mail or telephone.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::new();
    builder
        .tags(HashSet::from(TAGS))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener"));
    builder
});

/// The characters of a text that are shown.
const SHOWN: usize = 25_000;

/// How deep markdown may nest; deeper, only its text stays.
const DEPTH: usize = 16;

/// The raw HTML tags that one text may hold; what follows is shown as it was typed.
const RAW_TAGS: usize = 200;

/// The tags that HTML opens again in each paragraph until they are closed.
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Sanitised HTML. A newline is a line break, as operators expect of a text field.
pub fn to_html(markdown: &str) -> String {
    let shown = cut(markdown);
    let mut written = String::with_capacity(shown.len() * 3 / 2);
    html::push_html(&mut written, events(&shown).into_iter());
    // Controls can be written as entities too, so they are left out of what was made.
    visible(SANITISER.clean(&written).to_string().trim_end()).into_owned()
}

/// A text or a document without what nobody sees and what turns the text beside it around: controls
/// but the tab and the line break, what is no character at all, and the overrides, embeddings and
/// isolates of direction (UAX #9). Marks of direction stay, which turn nothing but themselves.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) { text.replace(is_hidden, "").into() } else { text.into() }
}

fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || matches!(c, '\u{fffe}' | '\u{ffff}') || c.is_control() && !matches!(c, '\t' | '\n')
}

fn cut(markdown: &str) -> Cow<'_, str> {
    match markdown.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &markdown[..end]).into(),
        None => markdown.into(),
    }
}

/// Plain text in one line.
pub fn to_text(markdown: &str) -> String {
    let html = to_html(markdown);
    let mut text = String::with_capacity(html.len());
    // The sanitiser escapes every `<` that begins no tag, so that each one left does.
    for piece in html.split('<') {
        match piece.split_once('>') {
            Some((tag, rest)) => {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                text.push_str(if BLOCKS.contains(&name) { " " } else { "" });
                text.push_str(rest);
            }
            None => text.push_str(piece),
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn events(markdown: &str) -> Vec<Event<'_>> {
    let (mut events, mut raw) = (Vec::new(), Raw::default());
    let (mut within, mut deep) = (0, 0);
    for event in TextMergeStream::new(Parser::new_ext(markdown, Options::empty())) {
        let begins = matches!(event, Event::Start(_));
        deep += usize::from(begins);
        let flat = deep > DEPTH;
        deep -= usize::from(matches!(event, Event::End(_)));
        match event {
            Event::Start(_) if flat => {}
            Event::End(_) if flat => events.push(Event::SoftBreak),
            Event::Html(html) => raw.html(&html, Event::Html, &mut events),
            Event::InlineHtml(html) => {
                let from = events.len();
                raw.html(&html, Event::InlineHtml, &mut events);
                within += events[from..].iter().map(depth).sum::<i32>();
            }
            // A text typed with both `<br />` and a newline means one break.
            Event::SoftBreak if events.last().is_some_and(is_break) => {}
            Event::SoftBreak => events.push(Event::HardBreak),
            // Headings would compete with the page's own.
            Event::Start(Tag::Heading { .. }) => {
                events.extend([Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)])
            }
            Event::End(TagEnd::Heading(_)) => {
                within = raw.close(within, &mut events);
                events.extend([Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)])
            }
            // Of an image its text stays.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Text(text) if within == 0 => link_addresses(&text, &mut events),
            other => {
                if matches!(other, Event::End(TagEnd::Paragraph | TagEnd::HtmlBlock | TagEnd::Item)) {
                    within = raw.close(within, &mut events);
                }
                within += depth(&other);
                events.push(other);
            }
        }
    }
    events
}

/// The HTML of a text, kept from growing out of hand.
#[derive(Default)]
struct Raw {
    tags: usize,
    /// The formatting that is open, outermost first.
    open: Vec<String>,
}

impl Raw {
    /// Takes a piece of HTML up to the last tag that is allowed; the rest is text.
    fn html<'a>(&mut self, html: &str, event: fn(CowStr<'a>) -> Event<'a>, events: &mut Vec<Event<'a>>) {
        let begins = html.match_indices('<').map(|(at, _)| at);
        let end = begins.clone().nth(RAW_TAGS - self.tags).unwrap_or(html.len());
        let (taken, rest) = html.split_at(end);
        for piece in taken.split('<').skip(1) {
            self.tags += 1;
            let name = |text: &str| {
                let name: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
                name.to_ascii_lowercase()
            };
            if let Some(closing) = piece.strip_prefix('/') {
                let closing = name(closing);
                if let Some(place) = self.open.iter().rposition(|open| *open == closing) {
                    self.open.remove(place);
                }
            } else if FORMATTING.contains(&name(piece).as_str()) {
                self.open.push(name(piece));
            }
        }
        for (text, event) in [(taken, event), (rest, Event::Text as fn(CowStr<'a>) -> Event<'a>)] {
            if !text.is_empty() {
                events.push(event(text.to_owned().into()));
            }
        }
    }

    /// Closes the formatting that a block leaves open, and with it the links in `within`.
    fn close(&mut self, within: i32, events: &mut Vec<Event<'_>>) -> i32 {
        let links = self.open.iter().filter(|name| *name == "a").count();
        events.extend(self.open.drain(..).rev().map(|name| Event::InlineHtml(format!("</{name}>").into())));
        if links > 0 { 0 } else { within }
    }
}

/// How an event moves in and out of what addresses are not linked in.
fn depth(event: &Event<'_>) -> i32 {
    match event {
        Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => 1,
        Event::End(TagEnd::Link | TagEnd::CodeBlock) => -1,
        Event::InlineHtml(tag) if tag.starts_with("<a ") || tag.starts_with("<A ") => 1,
        Event::InlineHtml(tag) if tag.eq_ignore_ascii_case("</a>") => -1,
        _ => 0,
    }
}

fn is_break(event: &Event<'_>) -> bool {
    matches!(event, Event::InlineHtml(tag) if tag.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("<br")))
}

/// Links the addresses that stand bare in a text, as operators paste them.
fn link_addresses<'a>(text: &str, events: &mut Vec<Event<'a>>) {
    for word in text.split_inclusive(char::is_whitespace) {
        let begin = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min();
        let (before, rest) = word.split_at(begin.unwrap_or(word.len()));
        let end = rest.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?)]}'\"".contains(c)).len();
        let (address, after) = rest.split_at(end);
        events.push(Event::Text(CowStr::from(before.to_owned())));
        if !address.is_empty() {
            events.push(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: address.to_owned().into(),
                title: "".into(),
                id: "".into(),
            }));
            events.push(Event::Text(address.to_owned().into()));
            events.push(Event::End(TagEnd::Link));
        }
        events.push(Event::Text(after.to_owned().into()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_and_the_html_of_statuspage() {
        assert_eq!(to_html("One\ntwo"), "<p>One<br>\ntwo</p>");
        assert_eq!(to_html("One<br />\r\ntwo"), "<p>One<br>two</p>");
        assert_eq!(to_html("**Fix** is *out*"), "<p><strong>Fix</strong> is <em>out</em></p>");
        assert_eq!(to_html("<p>Old <b>text</b></p>"), "<p>Old <b>text</b></p>");
        assert_eq!(to_html("# Big"), "<p><strong>Big</strong></p>");
        assert_eq!(to_html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    }

    #[test]
    fn links_leave_only_by_known_schemes() {
        let rel = "rel=\"nofollow noopener\"";
        assert_eq!(
            to_html("[a](https://example.com)"),
            format!("<p><a href=\"https://example.com\" {rel}>a</a></p>")
        );
        assert_eq!(
            to_html("see https://example.com/a?b=1."),
            format!("<p>see <a href=\"https://example.com/a?b=1\" {rel}>https://example.com/a?b=1</a>.</p>")
        );
        for bad in ["[a](javascript:alert(1))", "[a](data:text/html,x)", "[a](//evil.example)", "[a](/b)"] {
            assert!(!to_html(bad).contains("href"), "{bad}");
        }
        assert_eq!(to_html("<a href=\"https://a.example\">https://a.example</a>").matches("<a ").count(), 1);
    }

    #[test]
    fn nothing_runs_loads_or_dresses_up() {
        for bad in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![pixel](https://evil.example/p.gif)",
            "<b style=\"position:fixed\" class=\"card\" id=\"main\" onclick=\"x()\">b</b>",
            "<iframe src=https://evil.example></iframe>",
        ] {
            let html = to_html(bad);
            for part in ["script", "<img", "onerror", "onclick", "style", "class", "id=", "iframe"] {
                assert!(!html.contains(part), "{bad} gives {html}");
            }
        }
        assert_eq!(to_html("![the graph](https://example.com/g.png)"), "<p>the graph</p>");
    }

    #[test]
    fn nothing_hidden_comes_out_however_it_is_written() {
        assert_eq!(visible("a\u{202e}b\u{2067}c\u{7}d\u{85}\te\r\n\u{200f}f"), "abcd\te\n\u{200f}f");
        assert_eq!(to_html("a\u{202e}b&#x202e;c&#8294;d"), "<p>abcd</p>");
        assert_eq!(to_html("[a](https://example.com/\u{202e}b)").matches('\u{202e}').count(), 0);
        assert!(matches!(visible("as it is"), Cow::Borrowed(_)));
    }

    #[test]
    fn plain_text_is_one_line() {
        assert_eq!(to_text("**A** & B<br/>c\n\n- one\n- two"), "A & B c one two");
        assert_eq!(to_text("1 < 2 &lt;b&gt; `x > y`"), "1 < 2 <b> x > y");
        assert_eq!(to_text(""), "");
    }

    /// How deep the tags of an HTML text nest.
    fn nesting(html: &str) -> usize {
        let (mut deep, mut deepest) = (0usize, 0);
        for piece in html.split('<').skip(1).filter(|piece| !piece.starts_with("br")) {
            deep = if piece.starts_with('/') { deep.saturating_sub(1) } else { deep + 1 };
            deepest = deepest.max(deep);
        }
        deepest
    }

    #[test]
    fn what_nests_without_end_is_flattened() {
        for hostile in
            ["> ".repeat(50_000), "* ".repeat(50_000), "*a **b ".repeat(15_000) + &"** *".repeat(9_000)]
        {
            let html = to_html(&hostile);
            assert!(nesting(&html) <= DEPTH + 1, "{} deep", nesting(&html));
        }
        assert!(to_html(&format!("{}deep", "> ".repeat(100))).contains("deep"));
        assert_eq!(to_html("> > a"), "<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n</blockquote>");
    }

    #[test]
    fn html_without_end_is_shown_as_text() {
        let html = to_html(&"<ul><li>".repeat(12_500));
        assert!(nesting(&html) <= RAW_TAGS, "{} deep", nesting(&html));
        assert!(html.contains("&lt;ul&gt;&lt;li&gt;"), "the rest as it was typed");
        let few = to_html(&"<b>x</b>".repeat(RAW_TAGS / 2));
        assert!(!few.contains("&lt;") && few.ends_with("x</b></p>"), "{few}");
    }

    #[test]
    fn formatting_left_open_ends_with_its_paragraph() {
        assert_eq!(to_html("<b>a\n\nb"), "<p><b>a</b></p>\n<p>b</p>");
        let open: String = (0..100).map(|number| format!("<b a={number}>")).collect();
        for begin in [format!("x {open}"), open] {
            let html = to_html(&(begin + &"\n\na".repeat(30_000)));
            assert!(html.matches("<b>").count() <= 2 * 100, "{}", html.matches("<b>").count());
        }
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let html = to_html(&"é".repeat(100_000));
        assert!(html.ends_with("é…</p>") && html.chars().count() == SHOWN + "<p>…</p>".chars().count());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_only_known_tags_come_out(text in "[<>a-z/\"'=&;:() \n!\\[\\]*_`#-]{0,60}") {
            let html = to_html(&text);
            for piece in html.split('<').skip(1) {
                let name = piece.trim_start_matches('/').split([' ', '>', '/']).next().unwrap();
                prop_assert!(TAGS.contains(&name), "{} in {}", name, html);
            }
            prop_assert!(!to_text(&text).contains('\n'));
        }
    }
}
