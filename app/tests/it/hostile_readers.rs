//! Reading answers as their kinds are read, and failing on whatever came out of a hostile text: an
//! element, an attribute, a property, an address.

use scraper::{Html, Node};

/// What every text of the corpus holds.
const MARK: &str = "pwned";

/// Documents of Statuspage's shape, which hand on what was typed as it was typed.
fn hands_on(place: &str) -> bool {
    place.starts_with("/api/v2/")
        || place.starts_with("/metrics-display/")
        || place == "/history.json"
        || place.starts_with("/incidents/") && place.ends_with(".json") && !place.ends_with("/feed.json")
}

/// Nothing that nobody sees, and nothing that turns the text beside it around.
fn check_visible(place: &str, text: &str) {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hidden = |c: char| turns(c) || c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if let Some(at) = text.find(hidden) {
        let around: String = text[at..].chars().take(40).collect();
        panic!("{place}: something hidden in {around:?}");
    }
}

fn check_json(place: &str, value: &serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => check_visible(place, text),
        Value::Array(items) => items.iter().for_each(|item| check_json(place, item)),
        Value::Object(fields) => fields.values().for_each(|field| check_json(place, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub fn check(place: &str, kind: &str, body: &[u8]) {
    let text = || std::str::from_utf8(body).unwrap();
    if !hands_on(place) && (!kind.starts_with("image/") || kind.starts_with("image/svg")) {
        check_visible(place, text());
    }
    match kind.split(';').next().unwrap() {
        "text/html" => check_html(place, &Html::parse_document(text())),
        "image/svg+xml" | "application/xml" | "application/atom+xml" | "application/rss+xml" => {
            check_xml(place, text());
        }
        "application/json" | "application/feed+json" | "application/manifest+json" => {
            let value: serde_json::Value = serde_json::from_str(text()).unwrap();
            if !hands_on(place) {
                check_json(place, &value);
            }
            for html in html_within(&value) {
                check_html(place, &Html::parse_fragment(html));
            }
        }
        "text/calendar" => check_calendar(place, text()),
        "text/plain" => assert!(!text().contains(MARK), "{place}: {}", text()),
        "text/javascript" => assert!(!text().contains(MARK), "{place}"),
        "image/png" | "image/vnd.microsoft.icon" => {}
        other => panic!("{place}: nobody knows how to read {other}"),
    }
}

/// The attributes that hold texts for people.
fn holds_text(attribute: &str) -> bool {
    matches!(attribute, "title" | "aria-label" | "alt" | "content" | "value" | "placeholder" | "label")
        || attribute.starts_with("data-")
}

const SCHEMES: [&str; 6] = ["http:", "https:", "mailto:", "tel:", "webcal:", "data:image/"];

fn check_html(place: &str, html: &Html) {
    for node in html.tree.nodes() {
        if let Node::Text(text) = node.value() {
            check_visible(place, text);
        }
        let Node::Element(element) = node.value() else { continue };
        let name = element.name();
        let told = || format!("{place}: {element:?}");
        assert!(!name.contains(MARK), "{}", told());
        let foreign = ["object", "embed", "applet", "base", "math", "foreignobject", "audio", "video"];
        assert!(!foreign.contains(&name), "{}", told());
        for (attribute, value) in element.attrs() {
            check_visible(place, value);
            assert!(!attribute.starts_with("on") && !attribute.contains(MARK), "{}", told());
            assert!(!attribute.starts_with("srcdoc") && attribute != "http-equiv", "{}", told());
            if ["href", "src", "action", "formaction", "xlink:href"].contains(&attribute) {
                check_address(place, value);
            } else {
                assert!(holds_text(attribute) || !value.contains(MARK), "{}", told());
            }
        }
        let within = || node.children().filter_map(|child| child.value().as_text()).map(|text| &**text);
        let content: String = within().collect();
        match name {
            "script" if element.attr("type") == Some("application/ld+json") => {
                check_json(place, &serde_json::from_str(&content).expect("data as it should be"));
            }
            "script" | "style" => assert!(!content.contains(MARK), "{}", told()),
            _ => {}
        }
    }
}

/// Where a link leads: nowhere but to where links may lead.
fn check_address(place: &str, address: &str) {
    let plain: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let plain = plain.to_ascii_lowercase();
    let is_relative = plain.starts_with('/') && !plain.starts_with("//") || plain.starts_with(['#', '?']);
    assert!(is_relative || SCHEMES.iter().any(|scheme| plain.starts_with(scheme)), "{place}: {address}");
}

fn check_xml(place: &str, text: &str) {
    use quick_xml::events::Event;
    let may_stand = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(may_stand), "{place}: a character that XML 1.0 does not allow");
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut content = String::new();
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{place}: {error}")) {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let foreign = ["script", "foreignobject", "iframe", "img", "body", "style"];
                assert!(!name.contains(MARK), "{place}: {name}");
                assert!(!foreign.contains(&name.to_ascii_lowercase().as_str()), "{place}: {name}");
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap_or_else(|error| panic!("{place}: {error}"));
                    let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    assert!(!key.starts_with("on") && !key.contains(MARK), "{place}: {key}");
                    if key.ends_with("href") || key == "src" {
                        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
                        check_address(place, &value);
                    }
                }
                content.clear();
                depth += 1;
            }
            Event::Text(text) => content.push_str(&text.decode().unwrap()),
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap().into_owned();
                assert!(!name.contains(MARK), "{place}: &{name};");
                content.push_str(&quick_xml::escape::unescape(&format!("&{name};")).unwrap());
            }
            Event::CData(text) => content.push_str(std::str::from_utf8(&text).unwrap()),
            Event::End(end) => {
                // What feeds carry as HTML is read as HTML.
                if ["content", "description", "summary", "content:encoded"]
                    .iter()
                    .any(|name| end.name().as_ref() == name.as_bytes())
                {
                    check_html(place, &Html::parse_fragment(&content));
                }
                content.clear();
            }
            Event::DocType(_) => panic!("{place}: a document type"),
            Event::PI(_) => panic!("{place}: a processing instruction"),
            Event::Comment(_) | Event::Decl(_) => {}
        }
    }
    assert!(depth > 0, "{place}: no element at all");
}

/// The HTML that a JSON Feed or an oEmbed answer carries.
fn html_within(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| match field.as_str() {
                Some(text) if name == "content_html" || name == "html" => vec![text],
                _ => html_within(field),
            })
            .collect(),
        serde_json::Value::Array(list) => list.iter().flat_map(html_within).collect(),
        _ => vec![],
    }
}

fn check_calendar(place: &str, text: &str) {
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "");
    let known = [
        "BEGIN",
        "END",
        "VERSION",
        "PRODID",
        "CALSCALE",
        "METHOD",
        "NAME",
        "X-WR-CALNAME",
        "X-WR-CALDESC",
        "X-WR-TIMEZONE",
        "REFRESH-INTERVAL",
        "X-PUBLISHED-TTL",
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "DESCRIPTION",
        "URL",
        "STATUS",
        "SEQUENCE",
        "LAST-MODIFIED",
        "CREATED",
        "TRANSP",
        "CATEGORIES",
        "LOCATION",
        "SOURCE",
        "COLOR",
        "CLASS",
    ];
    for line in unfolded.lines().filter(|line| !line.is_empty()) {
        let name = line.split([':', ';']).next().unwrap();
        assert!(known.contains(&name), "{place}: {line}");
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{place}: {line:?}");
        if name == "BEGIN" || name == "END" {
            assert!(["VCALENDAR", "VEVENT"].contains(&line.split(':').nth(1).unwrap()), "{place}: {line}");
        }
    }
    assert_eq!(unfolded.matches("\r\n\r\n").count(), 0, "{place}: an empty line");
}

#[test]
fn the_readers_can_fail() {
    let fails = |kind: &'static str, body: &'static str| {
        std::panic::catch_unwind(|| check("/", kind, body.as_bytes())).is_err()
    };
    assert!(!fails("text/html", "<p title=pwned>pwned <a href=/x>pwned</a>"));
    assert!(fails("text/html", "<p><img src=x onerror=pwned()>"));
    assert!(fails("text/html", "<a href=javascript:pwned()>x</a>"));
    assert!(fails("text/html", "<script>pwned</script>"));
    assert!(!fails("application/xml", "<a><b>&lt;script&gt;pwned</b></a>"));
    assert!(fails("application/xml", "<a><b>pwned</a>"));
    assert!(fails("image/svg+xml", "<svg><script>pwned</script></svg>"));
    assert!(fails("application/atom+xml", "<content>&lt;svg onload=pwned()&gt;</content>"));
    assert!(fails("application/feed+json", "{\"content_html\": \"<p onclick=pwned>\"}"));
    assert!(fails("text/calendar", "BEGIN:VCALENDAR\r\npwned:1\r\n"));
    assert!(fails("application/octet-stream", "x"));
}
