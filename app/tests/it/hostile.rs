//! Hostile texts stay texts, in whatever is served: each text of one corpus stands in every place
//! that a name, a description or a message may stand in, by import and through the store, and each
//! answer is read as its kind is read: no element, attribute, property or address comes out of them.

use std::collections::BTreeSet;

use pharos::{
    domain::{Id, branding::Text, incident::IncidentStatus, status::ComponentStatus},
    store::{
        Actor, BrandingSettings, NewComponent, NewGroup, NewIncident, NewMetric, NewPage, NewUpdate,
        PageSettings, Schedule, Store,
    },
    transfer,
};
use scraper::{Html, Node};

use crate::support::{Database, Server, clock, fixture, noon};

/// What every text of the corpus holds.
const MARK: &str = "pwned";

fn corpus() -> Vec<String> {
    serde_json::from_str(&std::fs::read_to_string(fixture("hostile.json")).unwrap()).unwrap()
}

/// A page's own words, of all texts that they may be made of.
fn dressed(texts: &[String]) -> BrandingSettings {
    let allowed = texts.iter().filter(|text| text.parse::<Text<2_000>>().is_ok());
    let words = allowed.map(String::as_str).collect::<Vec<_>>().join("\n\n");
    let some = |count| words.chars().take(count).collect::<String>();
    let branding = BrandingSettings {
        header: some(5_000).parse().ok(),
        footer: some(5_000).parse().ok(),
        announcement: some(2_000).parse().ok(),
        ..BrandingSettings::default()
    };
    assert!(branding.header.is_some() && branding.announcement.is_some());
    branding
}

/// A page whose every text is hostile, made through the store.
pub async fn hostile_page(store: &Store) -> Id {
    let texts = corpus();
    let mut change = store.change_new_page(NewPage::named(&texts[0]), Actor::CommandLine).await.unwrap();
    change
        .set_page(PageSettings {
            description: Some(texts[1].clone()),
            branding: dressed(&texts),
            ..PageSettings::default()
        })
        .await
        .unwrap();
    for (position, text) in (1..).zip(&texts) {
        let group = change
            .create_group(NewGroup {
                name: text.clone(),
                description: Some(text.clone()),
                parent_id: None,
                position,
            })
            .await
            .unwrap();
        let component = NewComponent {
            description: Some(text.clone()),
            link: Some(text.clone()),
            group_id: Some(group),
            position,
            ..NewComponent::named(text)
        };
        let component = change.create_component(component).await.unwrap();
        let first = NewUpdate::new(IncidentStatus::Investigating, text)
            .with(&component, ComponentStatus::PartialOutage);
        let incident = NewIncident { name: text.clone(), impact_override: None, schedule: None, first };
        change.open_incident(incident).await.unwrap();
        let begins = noon() + chrono::TimeDelta::days(1);
        let schedule = Schedule { begins, ends: begins + chrono::TimeDelta::hours(1), automatic: false };
        let first =
            NewUpdate::new(IncidentStatus::Scheduled, text).with(&component, ComponentStatus::Operational);
        let planned =
            NewIncident { name: text.clone(), impact_override: None, schedule: Some(schedule), first };
        change.open_incident(planned).await.unwrap();
        let metric = NewMetric {
            name: text.clone(),
            suffix: Some(text.clone()),
            description: Some(text.clone()),
            decimal_places: 0,
            position,
        };
        let metric = change.create_metric(metric).await.unwrap();
        // A chart is only drawn of what has points.
        drop(metric);
    }
    change.commit().await.unwrap().page_id
}

/// The same texts as a recorded document of another page would bring them.
fn hostile_document() -> serde_json::Value {
    let at = "2026-11-20T10:00:00.000Z";
    let id = |kind: char, number: usize| format!("{kind}{number:011}");
    let texts = corpus();
    let components = (0..).zip(&texts).map(|(number, text)| {
        serde_json::json!({
            "id": id('c', number), "name": text, "status": "operational", "created_at": at, "updated_at": at,
            "position": number + 1, "description": text, "showcase": true, "start_date": null,
            "group_id": null, "page_id": "hostilepage1", "group": false, "only_show_if_degraded": false,
        })
    });
    let components: Vec<_> = components.collect();
    let incidents = (0..).zip(&texts).map(|(number, text)| {
        let update = serde_json::json!({
            "id": id('u', number), "status": "resolved", "body": text, "incident_id": id('i', number),
            "created_at": at, "updated_at": at, "display_at": at,
            "affected_components": [{
                "code": id('c', number), "name": text, "old_status": "major_outage", "new_status": "operational",
            }],
            "deliver_notifications": false, "custom_tweet": text, "tweet_id": text,
        });
        serde_json::json!({
            "id": id('i', number), "name": text, "status": "resolved", "created_at": at, "updated_at": at,
            "monitoring_at": null, "resolved_at": at, "impact": "major", "shortlink": text, "started_at": at,
            "page_id": "hostilepage1", "incident_updates": [update], "components": [components[number]],
            "reminder_intervals": text,
        })
    });
    let incidents: Vec<_> = incidents.collect();
    serde_json::json!({
        "page": {
            "id": "hostilepage1", "name": texts[1], "url": "https://hostile.test", "time_zone": "Etc/UTC",
            "updated_at": at,
        },
        "components": components, "incidents": incidents, "scheduled_maintenances": [],
        "status": {"indicator": "none", "description": "All Systems Operational"},
    })
}

/// Every place of a page: each route with each id that may stand in it, in each language.
fn places(server: &Server, page: &Id) -> Vec<String> {
    let state = &server.app.site.get(page).unwrap().state;
    let ids: BTreeSet<String> = (state.components.iter().map(|component| component.id.to_string()))
        .chain(state.incident_ids.iter().map(Id::to_string))
        .collect();
    let mut places = vec![];
    for route in pharos::web::routes().iter().filter(|route| route.starts_with('/')) {
        if route.contains("{id}") {
            places.extend(ids.iter().map(|id| route.replace("{id}", id)));
        } else if !route.contains('{') {
            places.push((*route).to_owned());
        }
    }
    let translated: Vec<String> = places.iter().map(|place| format!("/de{place}")).collect();
    places.extend(translated);
    places
}

async fn check_all(server: &Server, page: &Id) {
    let mut kinds = BTreeSet::new();
    for place in places(server, page) {
        let answer = server.get(&place).await;
        assert!(answer.status().as_u16() < 500, "{place}: {}", answer.status());
        let header_names: Vec<_> = answer.headers().keys().map(|name| name.as_str().to_owned()).collect();
        assert!(!header_names.iter().any(|name| name == "set-cookie"), "{place}: {header_names:?}");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let body = answer.bytes().await.unwrap();
        check(&place, &kind, &body);
        kinds.insert(kind);
    }
    assert!(kinds.iter().any(|kind| kind.contains("html")), "{kinds:?}");
}

fn check(place: &str, kind: &str, body: &[u8]) {
    let text = || std::str::from_utf8(body).unwrap();
    match kind.split(';').next().unwrap() {
        "text/html" => check_html(place, &Html::parse_document(text())),
        "image/svg+xml" | "application/xml" | "application/atom+xml" | "application/rss+xml" => {
            check_xml(place, text());
        }
        "application/json" | "application/feed+json" | "application/manifest+json" => {
            let value: serde_json::Value = serde_json::from_str(text()).unwrap();
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
        let Node::Element(element) = node.value() else { continue };
        let name = element.name();
        let told = || format!("{place}: {element:?}");
        assert!(!name.contains(MARK), "{}", told());
        let foreign = ["object", "embed", "applet", "base", "math", "foreignobject", "audio", "video"];
        assert!(!foreign.contains(&name), "{}", told());
        for (attribute, value) in element.attrs() {
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
                let _: serde_json::Value = serde_json::from_str(&content).expect("data as it should be");
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

#[tokio::test]
async fn what_operators_type_stays_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let page = hostile_page(&store).await;
    let server = Server::start(store, &clock()).await;
    check_all(&server, &page).await;
    // It stays text, and it stays: what can be read of each name can still be read.
    let html = Html::parse_document(&server.text("/").await);
    let shown: String = html.root_element().text().collect();
    for text in corpus() {
        assert!(readable(&shown).contains(&readable(&text)), "{text:?} is gone");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_brought_over_stays_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("summary.json");
    std::fs::write(&file, hostile_document().to_string()).unwrap();
    let options = transfer::statuspage::Options {
        source: file.display().to_string(),
        page: None,
        into: None,
        new_ids: false,
    };
    transfer::statuspage::import(&store, &options).await.unwrap();
    let server = Server::start(store, &clock()).await;
    check_all(&server, &"hostilepage1".parse().unwrap()).await;
    server.stop().await;
}

/// A text without what has no shape: spaces, controls, directions.
fn readable(text: &str) -> String {
    let shapeless = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{fffd}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(|c| !shapeless(c)).collect()
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
