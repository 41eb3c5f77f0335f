use chrono::{DateTime, TimeDelta, Utc};

use super::{Feed, Scope, feed};
use crate::domain::{
    fixture::{self, id, noon},
    incident::{Impact, IncidentStatus},
    state::{Incident, IncidentUpdate, LiveState},
    status::ComponentStatus,
};
use IncidentStatus::{Completed, InProgress, Investigating, Resolved, Scheduled};

fn at(minute: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minute)
}

fn update(name: &str, status: IncidentStatus, minute: i64, body: &str) -> IncidentUpdate {
    IncidentUpdate {
        id: id(name),
        status,
        body: body.into(),
        created_at: at(minute),
        updated_at: at(minute),
        display_at: at(minute),
        affected_components: vec![],
        deliver_notifications: false,
        custom_tweet: None,
        tweet_id: None,
    }
}

/// Newest first, as incidents hold their updates.
fn incident(name: &str, number: i64, updates: Vec<IncidentUpdate>) -> Incident {
    let status = updates[0].status;
    let ended = updates[0].display_at;
    Incident {
        id: id(name),
        number,
        kind: status.kind(),
        name: format!("The {name}"),
        status,
        impact: Impact::Minor,
        shortlink: None,
        started_at: noon(),
        created_at: noon(),
        updated_at: updates[0].updated_at,
        monitoring_at: None,
        resolved_at: status.is_over().then_some(ended),
        next_update_at: None,
        scheduled_for: None,
        scheduled_until: None,
        reminder_intervals: None,
        component_ids: vec![],
        updates,
        postmortem: None,
    }
}

fn planned(name: &str, number: i64, status: IncidentStatus) -> Incident {
    let mut planned = incident(name, number, vec![update("u9", status, 3, "Ready, steady; go\nnow.")]);
    planned.scheduled_for = Some(at(60));
    planned.scheduled_until = Some(at(60 * 26));
    planned
}

fn state() -> LiveState {
    let mut state = fixture::state();
    state.page.time_zone = chrono_tz::America::Los_Angeles;
    state.components = vec![fixture::component("api", None, ComponentStatus::Operational)];
    let mut broken = incident(
        "outage",
        7,
        vec![
            update("u3", Resolved, 30, "Fixed."),
            update("u2", Investigating, 20, "Still <b>looking</b>.<br />\nSorry."),
            update("u1", Investigating, 10, "One\n\ntwo & three"),
        ],
    );
    broken.component_ids = vec![id("api")];
    state.incidents = vec![broken];
    state.maintenances = vec![planned("move", 8, Scheduled)];
    state
}

fn of_page(format: Feed) -> String {
    feed(&state(), format, &Scope::Page).unwrap()
}

fn atom(state: &LiveState, scope: &Scope) -> atom_syndication::Feed {
    feed(state, Feed::Atom, scope).unwrap().parse().unwrap()
}

#[test]
fn updates_are_told_as_statuspage_tells_them() {
    let atom = atom(&state(), &Scope::Page);
    let outage = &atom.entries[1];
    assert_eq!(
        outage.content.as_ref().unwrap().value.as_deref().unwrap(),
        "<p><small>Nov <var data-var='date'>22</var>, <var data-var='time'>04:30</var> PST</small><br>\
         <strong>Resolved</strong> - Fixed.</p>\
         <p><small>Nov <var data-var='date'>22</var>, <var data-var='time'>04:20</var> PST</small><br>\
         <strong>Update</strong> - Still <b>looking</b>.<br />Sorry.</p>\
         <p><small>Nov <var data-var='date'>22</var>, <var data-var='time'>04:10</var> PST</small><br>\
         <strong>Investigating</strong> - One<br /><br />two &amp; three</p>"
    );
    let plan = atom.entries[0].content.as_ref().unwrap().value.clone().unwrap();
    assert!(
        plan.starts_with(
            "<p><strong>THIS IS A SCHEDULED EVENT Nov <var data-var='date'>22</var>, \
             <var data-var='time'>05:00</var> PST &nbsp;-&nbsp; Nov <var data-var='date'>23</var>, \
             <var data-var='time'>06:00</var> PST</strong></p><p><small>"
        ),
        "{plan}"
    );
    let mut early = state();
    early.incidents[0].updates[0].display_at -= TimeDelta::days(20);
    assert!(feed(&early, Feed::Rss, &Scope::Page).unwrap().contains("Nov <var data-var='date'> 2</var>"));
}

#[test]
fn entries_have_names_for_ever_and_their_times() {
    let atom = atom(&state(), &Scope::Page);
    assert_eq!(atom.id, "tag:status.example.com,2005:/history");
    assert_eq!(atom.title.value, "Example Status - Incident History");
    assert_eq!(atom.lang.as_deref(), Some("en-US"));
    assert_eq!(atom.authors[0].name, "Example");
    let links: Vec<_> = atom.links.iter().map(|link| (link.rel.as_str(), link.href.as_str())).collect();
    assert_eq!(
        links,
        [("alternate", "https://status.example.com"), ("self", "https://status.example.com/history.atom")]
    );
    let [plan, outage] = &atom.entries[..] else { panic!("two entries") };
    assert_eq!(outage.id, "tag:status.example.com,2005:Incident/7");
    assert_eq!(outage.links[0].href, "https://status.example.com/incidents/outage");
    assert_eq!(outage.published.unwrap().to_rfc3339(), "2026-11-22T04:30:00-08:00");
    assert_eq!(plan.published.unwrap(), at(60), "what is planned stands where it begins");
    assert_eq!(plan.updated, at(3));
}

#[test]
fn a_postmortem_does_not_publish_anew() {
    let mut state = state();
    state.incidents[0].updates.insert(0, update("u4", IncidentStatus::Postmortem, 3_000, "Why."));
    state.incidents[0].status = IncidentStatus::Postmortem;
    let entry = &atom(&state, &Scope::Page).entries[1];
    assert_eq!(entry.published.unwrap(), at(30));
    assert!(
        entry
            .content
            .as_ref()
            .unwrap()
            .value
            .as_ref()
            .unwrap()
            .contains("<strong>Postmortem</strong> - Why.")
    );
}

#[test]
fn a_component_has_its_own_and_an_incident_has_its_updates() {
    let state = state();
    let component = atom(&state, &Scope::Component(id("api")));
    assert_eq!(component.entries.len(), 1);
    assert_eq!(component.id, "tag:status.example.com,2005:/components/api/history");
    let updates = atom(&state, &Scope::Incident(id("outage")));
    assert_eq!(updates.entries.len(), 3);
    assert_eq!(updates.entries[1].title.value, "Update - The outage");
    assert_eq!(updates.entries[1].id, "tag:status.example.com,2005:IncidentUpdate/u2");
    assert_eq!(updates.links[1].href, "https://status.example.com/incidents/outage/history.atom");
    for scope in [Scope::Component(id("none")), Scope::Incident(id("none"))] {
        assert!(Feed::ALL.into_iter().all(|format| feed(&state, format, &scope).is_none()));
    }
    assert!(feed(&state, Feed::Calendar, &Scope::Incident(id("outage"))).is_none(), "no appointment");
    assert!(feed(&state, Feed::Calendar, &Scope::Incident(id("move"))).is_some());
}

#[test]
fn rss_and_json_say_the_same() {
    let rss = rss::Channel::read_from(of_page(Feed::Rss).as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&of_page(Feed::Json)).unwrap();
    let atom = atom(&state(), &Scope::Page);
    assert_eq!((rss.items.len(), json["items"].as_array().unwrap().len()), (2, 2));
    for (place, entry) in atom.entries.iter().enumerate() {
        let (item, object) = (&rss.items[place], &json["items"][place]);
        let content = entry.content.as_ref().unwrap().value.as_deref();
        assert_eq!(item.title.as_deref(), Some(entry.title.value.as_str()));
        assert_eq!(item.description.as_deref(), content);
        assert_eq!(item.guid.as_ref().unwrap().value, entry.links[0].href);
        let published = DateTime::parse_from_rfc2822(item.pub_date.as_deref().unwrap()).unwrap();
        assert_eq!(Some(published), entry.published);
        assert_eq!(object["id"], *entry.id);
        assert_eq!(object["content_html"].as_str(), content);
        assert_eq!(object["date_modified"], entry.updated.to_rfc3339());
    }
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(json["items"][1]["summary"], "Fixed.");
    let itself = &rss.extensions["atom"]["link"][0];
    assert_eq!(itself.attrs["href"], "https://status.example.com/history.rss");
    assert_eq!(
        (rss.namespaces["atom"].as_str(), itself.attrs["rel"].as_str()),
        ("http://www.w3.org/2005/Atom", "self")
    );
}

#[test]
fn what_is_planned_was_published_in_json_when_it_was_announced() {
    let json: serde_json::Value = serde_json::from_str(&of_page(Feed::Json)).unwrap();
    let rss = rss::Channel::read_from(of_page(Feed::Rss).as_bytes()).unwrap();
    let begins = DateTime::parse_from_rfc2822(rss.items[0].pub_date.as_deref().unwrap()).unwrap();
    assert_eq!(begins, at(60), "Statuspage's feeds have it where it begins");
    let published = json["items"][0]["date_published"].as_str().unwrap();
    assert_eq!(DateTime::parse_from_rfc3339(published).unwrap(), at(3));
}

#[test]
fn a_calendar_is_told_of_another_time_that_came_without_a_word() {
    let sequence = |maintenance: &Incident| {
        let mut state = state();
        state.maintenances = vec![maintenance.clone()];
        let text = feed(&state, Feed::Calendar, &Scope::Page).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).unwrap();
        line.parse::<u32>().unwrap()
    };
    let mut moved = planned("move", 8, Scheduled);
    let first = sequence(&moved);
    moved.scheduled_for = Some(at(90));
    moved.updated_at = at(4);
    let second = sequence(&moved);
    moved.updates.insert(0, update("u10", Scheduled, 5, "And again."));
    moved.updated_at = at(5);
    assert!(first < second && second < sequence(&moved));
}

#[test]
fn a_calendar_holds_maintenances_and_keeps_its_lines_short() {
    let mut state = state();
    state.maintenances[0].name = "Größe, \\ und; ".to_owned() + &"lang ".repeat(40);
    state.maintenances.push(planned("off", 9, Completed));
    state.maintenances.push(planned("now", 10, InProgress));
    let text = feed(&state, Feed::Calendar, &Scope::Page).unwrap();
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
    }
    let unfolded = text.replace("\r\n ", "");
    for line in [
        "X-WR-CALNAME;VALUE=TEXT:Example Status - Scheduled Maintenance",
        "REFRESH-INTERVAL;VALUE=DURATION:PT3600S",
        "UID:move@status.example.com",
        "DTSTAMP:20261122T120300Z",
        "DTSTART:20261122T130000Z",
        "DTEND:20261123T140000Z",
        "DESCRIPTION:Ready\\, steady\\; go now.",
        "URL:https://status.example.com/incidents/move",
        "TRANSP:TRANSPARENT",
    ] {
        assert!(unfolded.contains(&format!("{line}\r\n")), "{line} in {unfolded}");
    }
    assert!(unfolded.contains("SUMMARY:Example - Größe\\, \\\\ und\\; lang lang"), "{unfolded}");
    assert_eq!(unfolded.matches("STATUS:CONFIRMED").count(), 2);
    assert_eq!(unfolded.matches("STATUS:CANCELLED").count(), 1, "it was over before it could begin");
    assert!(!unfolded.contains("outage"));
}

#[test]
fn untrusted_text_stays_text() {
    let hostile = "</title><script>alert(1)</script>]]>\u{1}\u{b}\u{fffe}\u{202e}\r\nBEGIN:VEVENT";
    let mut state = state();
    state.page.name = hostile.into();
    state.components[0].name = hostile.into();
    for incident in state.incidents.iter_mut().chain(&mut state.maintenances) {
        incident.name = hostile.into();
        incident.component_ids = vec![id("api")];
        for update in &mut incident.updates {
            update.body = format!("{hostile} <img src=x onerror=alert(1)> [a](javascript:alert(1)) &#1;");
        }
    }
    let scopes = [Scope::Page, Scope::Component(id("api")), Scope::Incident(id("move"))];
    for scope in scopes {
        let of = |format| feed(&state, format, &scope).unwrap();
        let atom = atom(&state, &scope);
        let rss = rss::Channel::read_from(of(Feed::Rss).as_bytes()).unwrap();
        assert!(atom.title.value.contains("</title><script>alert(1)</script>]]>"));
        let contents = atom.entries.iter().map(|entry| entry.content.clone().unwrap().value.unwrap());
        for html in contents.chain(rss.items.into_iter().map(|item| item.description.unwrap())) {
            for part in ["<script", "<img", "href=\"javascript", "\u{1}"] {
                assert!(!html.contains(part), "{part} in {html}");
            }
        }
        for format in Feed::ALL {
            assert!(!of(format).contains(['\u{1}', '\u{b}', '\u{fffe}']), "{format:?}");
        }
        let calendar = of(Feed::Calendar);
        let events = calendar.lines().filter(|line| *line == "BEGIN:VEVENT").count();
        assert_eq!(events, 1, "{calendar}");
    }
}

#[test]
fn a_feed_has_an_end() {
    let mut state = state();
    let many = (0..60).map(|number| {
        incident(&format!("i{number}"), 100 + number, vec![update("u", Resolved, number, "Done.")])
    });
    state.incidents = many.collect();
    let atom = atom(&state, &Scope::Page);
    assert_eq!(atom.entries.len(), 25);
    assert!(atom.entries.is_sorted_by_key(|entry| std::cmp::Reverse(entry.published)));
}
