//! What the HTML of a feed's entry tells: the updates of an incident, newest first, and for what is
//! planned when it will be.

use scraper::{ElementRef, Html, Node};

use super::when::Told;

/// The HTML that one entry may have.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_TAGS: usize = 20_000;
/// How deep the HTML of a body is looked into.
const DEPTH: usize = 24;
/// The tags that a body keeps; of any other its text stays.
const KEPT: [&str; 14] =
    ["b", "blockquote", "code", "del", "em", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul"];

/// One update.
#[derive(Debug, PartialEq, Eq)]
pub struct Update {
    pub at: Told,
    pub label: String,
    /// As it might have been typed: text, with the HTML that Statuspage's bodies hold.
    pub body: String,
}

/// All that an entry tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub updates: Vec<Update>,
    /// When it begins, and when it ends.
    pub planned: Option<(Told, Option<Told>)>,
}

/// Reads the HTML of an entry; none if there is more than an incident can have.
pub fn read(html: &str) -> Option<Content> {
    if html.len() > MOST_BYTES || html.matches('<').count() > MOST_TAGS {
        return None;
    }
    let html = Html::parse_fragment(html);
    let mut content = Content::default();
    for block in html.root_element().child_elements() {
        if let Some(update) = begun(block) {
            content.updates.push(update);
        } else if let Some(planned) = planned(block) {
            content.planned = Some(planned);
        } else if let Some(update) = content.updates.last_mut() {
            // What a paragraph can't hold follows it.
            update.body += "\n\n";
            write(block, 0, &mut update.body);
        }
    }
    for update in &mut content.updates {
        update.body = update.body.trim().to_owned();
    }
    Some(content)
}

/// `<p><small>time</small><br><strong>label</strong> - body</p>`
fn begun(block: ElementRef<'_>) -> Option<Update> {
    let mut parts = block.child_elements();
    let small = parts.next().filter(|part| part.value().name() == "small")?;
    let at = Told::read(&text(small))?;
    let strong = parts.find(|part| part.value().name() == "strong")?;
    let mut body = String::new();
    write_children(block, Some(strong), 0, &mut body);
    let body = body.trim_start();
    let body = body.strip_prefix('-').map_or(body, str::trim_start).to_owned();
    Some(Update { at, label: text(strong).trim().to_owned(), body })
}

/// `THIS IS A SCHEDULED EVENT May 28, 16:30 UTC - May 29, 16:30 UTC`
fn planned(block: ElementRef<'_>) -> Option<(Told, Option<Told>)> {
    let text = text(block);
    let (begin, end) = match text.trim().strip_prefix("THIS IS A SCHEDULED EVENT")?.split_once('-') {
        Some((begin, end)) => (begin.to_owned(), Some(end.to_owned())),
        None => (text.trim().strip_prefix("THIS IS A SCHEDULED EVENT")?.to_owned(), None),
    };
    let begin = Told::read(&begin)?;
    // On the same day, the end has no date of its own.
    let on_the_day = |end: &str| Told::read(end).or_else(|| begin.later(end));
    Some((begin.clone(), end.as_deref().and_then(on_the_day)))
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn write(element: ElementRef<'_>, depth: usize, out: &mut String) {
    let name = element.value().name();
    if depth > DEPTH || ["script", "style", "template"].contains(&name) {
        return;
    }
    if name == "br" || name == "hr" {
        *out += if name == "br" { "<br />" } else { "<hr />" };
        return;
    }
    let opening = match element.attr("href").filter(|_| name == "a") {
        Some(href) => Some(format!("<a href=\"{}\">", href.replace('"', "%22").replace('<', "%3C"))),
        None => KEPT.contains(&name).then(|| format!("<{name}>")),
    };
    *out += opening.as_deref().unwrap_or_default();
    write_children(element, None, depth, out);
    if opening.is_some() {
        *out += &format!("</{name}>");
    }
}

/// What stands in an element, or what follows one of its children in it.
fn write_children(element: ElementRef<'_>, after: Option<ElementRef<'_>>, depth: usize, out: &mut String) {
    let mut children = element.children();
    if let Some(after) = after {
        children.by_ref().find(|child| child.id() == after.id());
    }
    for child in children {
        if let Node::Text(typed) = child.value() {
            *out += &escaped(typed);
        } else if let Some(element) = ElementRef::wrap(child) {
            write(element, depth + 1, out);
        }
    }
}

/// A text as it is typed into markdown: nothing in it is a tag, and `&` alone stands for itself.
fn escaped(text: &str) -> String {
    // The end of a line is but a space in HTML.
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let escaped = lines.join(" ");
    let mut typed = String::with_capacity(escaped.len());
    for (place, c) in escaped.char_indices() {
        match c {
            '<' => typed += "&lt;",
            '&' if is_entity(&escaped[place + 1..]) => typed += "&amp;",
            '\0' => {}
            c => typed.push(c),
        }
    }
    typed
}

/// Whether what follows an `&` would make it another character.
fn is_entity(rest: &str) -> bool {
    let name = rest.split(';').next().unwrap_or_default();
    name.len() < rest.len()
        && (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(html: &str) -> Vec<String> {
        read(html).unwrap().updates.into_iter().map(|update| update.body).collect()
    }

    const BEGIN: &str = "<p><small>Jan  1, 09:09 PST</small><br><strong>Update</strong> - ";

    #[test]
    fn bodies_are_as_they_were_typed() {
        let typed = |html: &str| bodies(&format!("{BEGIN}{html}</p>")).remove(0);
        assert_eq!(typed("Q&A<br /><br>now &amp; then "), "Q&A<br /><br />now & then");
        assert_eq!(typed("&lt;b&gt; &amp;lt; &amp;x"), "&lt;b> &amp;lt; &x");
        assert_eq!(
            typed("<a href='https://a.example/?b=\"' onclick=x>a</a> <b class=c>b</b><script>x</script>"),
            "<a href=\"https://a.example/?b=%22\">a</a> <b>b</b>"
        );
        assert_eq!(
            typed("one</p><ul>\n<li>two</li></ul><p>three"),
            "one\n\n<ul> <li>two</li></ul>\n\n<p>three</p>"
        );
    }

    #[test]
    fn hostile_html_is_no_danger() {
        assert_eq!(read("").unwrap(), Content::default());
        assert!(read(&"<b>".repeat(MOST_TAGS + 1)).is_none());
        assert!(read(&"x".repeat(MOST_BYTES + 1)).is_none());
        let deep = format!("{BEGIN}{}x", "<div>".repeat(5_000));
        assert!(bodies(&deep).iter().all(|body| body.len() < 100));
        assert!(bodies("<p><small>no time</small><strong>Update</strong> - x</p>").is_empty());
    }
}
