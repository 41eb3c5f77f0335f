use std::{env, fs, io::Write, path::Path};

use chrono::TimeDelta;

use super::{ErrorPage, Script, assets, component, csp, error, front, incident, sample};
use crate::{
    domain::{
        fixture,
        incident::{Impact, IncidentStatus},
        state::LiveState,
        status::ComponentStatus,
    },
    locale::{Texts, texts},
};

fn en() -> &'static Texts {
    texts("en").unwrap()
}

fn shown(state: &LiveState) -> String {
    front(state, sample::as_of(), en())
}

/// How often a part stands in a page.
fn count(html: &str, part: &str) -> usize {
    html.matches(part).count()
}

/// The text between the first `begin` and the next `end`.
fn between<'a>(html: &'a str, begin: &str, end: &str) -> &'a str {
    html.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(inner, _)| inner).unwrap()
}

fn compressed(html: &str) -> usize {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 9, 22);
    writer.write_all(html.as_bytes()).unwrap();
    writer.into_inner().len()
}

#[test]
fn the_front_page_answers_first_and_in_words() {
    let html = shown(&sample::troubled());
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\""), "{}", &html[..60]);
    assert!(html.contains("<body class=\"status index status-minor\">"));
    assert_eq!(count(&html, "<h1"), 1);
    assert!(html.contains("Query engine is partly down and Exports is degraded"));
    assert!(html.contains("<title>Query engine is partly down and Exports is degraded – Example</title>"));
    assert!(html.contains("As of <time datetime=\"2026-11-22T14:32:00Z\" data-t=\"c\">14:32 UTC</time>"));
    assert!(html.contains("Next update by <time"));
    assert!(html.contains("us-west-2 is under maintenance."));
}

#[test]
fn every_component_says_its_status_for_people_and_scrapers() {
    let state = sample::troubled();
    let html = shown(&state);
    assert_eq!(count(&html, " data-component-id=\""), 30);
    for component in &state.components {
        let row = between(&html, &format!("data-component-id=\"{}\"", component.id), "</li>");
        assert!(row.starts_with(&format!(" data-component-status=\"{}\"", component.status.as_str())));
        assert_eq!(row.contains("data-days="), component.showcase, "{}", component.name);
        assert!(row.contains(&format!("href=\"/components/{}\"", component.id)), "{}", component.name);
    }
    assert_eq!(count(&html, "<details data-group="), 5);
    assert_eq!(count(&html, " open>"), 2, "the groups in which something is not well are open");
}

#[test]
fn what_is_unknown_or_hidden_is_never_green() {
    let mut state = sample::troubled();
    let html = shown(&state);
    let young = between(&html, "data-component-id=\"cmp000000011\"", "</li>");
    assert!(young.contains("data-days=\"0n56"), "no data before the start date: {young}");
    assert!(young.contains("class=\"n\" d=\"M0 0h56v32h-56z\""));
    state.components[0].periods.clear();
    state.components[5].only_show_if_degraded = true;
    let html = shown(&state);
    assert!(between(&html, "data-component-id=\"cmp000000000\"", "</li>").contains("No data"));
    assert!(!html.contains("data-component-id=\"cmp000000005\""));
}

#[test]
fn tooltips_and_the_component_s_table_say_the_same() {
    let state = sample::troubled();
    let html = shown(&state);
    let row = between(&html, "data-component-id=\"cmp000000007\"", "</li>");
    let today = between(row, "data-days=\"", "\"").split(' ').next_back().unwrap();
    assert!(today.starts_with("89p30i"), "{today}");
    let number: usize = today.trim_start_matches("89p30i").parse().unwrap();
    let named: Vec<&str> = between(&html, "<ul id=\"named\"", "</ul>").split("<li>").skip(1).collect();
    assert!(named[number].starts_with("<a href=\"/incidents/openincident\">Some queries time out</a>"));
    let page = component(&state, &state.components[7], sample::as_of(), en());
    let table = between(&page, "<tbody>", "</tbody>");
    let first = between(table, "<tr id=\"d2026-11-22\">", "</tr>");
    for part in ["Sun, 22 Nov 2026", "Partial outage", "30 min", "href=\"/incidents/openincident\""] {
        assert!(first.contains(part), "{part} in {first}");
    }
}

#[test]
fn the_last_fifteen_days_each_say_something() {
    let mut state = sample::troubled();
    let html = shown(&state);
    let past = html.split_once("id=\"past\"").unwrap().1;
    assert_eq!(count(past, "<div class=\"day\">"), 15);
    assert!(past.find("2026-11-22").unwrap() < past.find("2026-11-21").unwrap(), "newest first");
    assert!(past.contains("Some queries time out – not over yet"));
    assert!(past.contains("Minor impact, lasted 1 h 35 min"));
    assert!(
        past.contains("The fix holds") && past.contains("looking for the cause"),
        "all updates are there"
    );
    let empty = count(past, "<p class=\"q\">No incidents</p>");
    assert!(empty > 0);
    state.page.hide_empty_days = true;
    let html = shown(&state);
    assert_eq!(count(&html, "<div class=\"day\">"), 15 - empty);
}

#[test]
fn maintenances_stand_where_they_belong() {
    let html = shown(&sample::troubled());
    let (running, planned) = (html.find("id=\"running\"").unwrap(), html.find("id=\"planned\"").unwrap());
    let components = html.find("id=\"components\"").unwrap();
    assert!(running < components && components < planned);
    assert!(
        html[planned..].contains("Tue, 24 Nov 2026, 02:00</time> – <time"),
        "{}",
        &html[planned..planned + 600]
    );
}

#[test]
fn a_maintenance_whose_time_has_passed_is_not_announced() {
    let mut state = sample::troubled();
    assert!(!shown(&state).contains("Was planned for"));
    state.maintenances[0].scheduled_for = Some(fixture::noon() - chrono::TimeDelta::days(2));
    state.maintenances[0].scheduled_until = Some(fixture::noon() - chrono::TimeDelta::days(1));
    let html = shown(&state);
    assert!(html.contains("Was planned for <time datetime=") && html.contains("Database upgrade"));
}

#[test]
fn an_end_before_the_beginning_has_no_length() {
    let mut state = sample::troubled();
    let over = &mut state.incidents[1];
    over.started_at = over.resolved_at.unwrap() + chrono::TimeDelta::hours(1);
    let html = incident(&state, &state.incidents[1], sample::as_of(), en());
    assert!(html.contains("Ended") && !html.contains("Lasted"));
}

#[test]
fn what_is_resolved_is_over_even_without_an_end() {
    let mut state = sample::troubled();
    let id = state.incidents[1].id.clone();
    state.incidents[1].resolved_at = None;
    state.spans.iter_mut().filter(|span| span.id == id).for_each(|span| span.until = None);
    let html = shown(&state);
    assert_eq!(count(&html, "not over yet"), 1, "the open one alone");
    state.incidents[1].updates.clear();
    let html = shown(&state);
    assert_eq!(count(&html, "not over yet"), 1);
    assert!(html.contains(&format!("<p><a href=\"/incidents/{id}\">{}</a></p>", state.incidents[1].name)));
}

#[test]
fn the_scale_stands_under_the_last_bar_and_before_a_group_within() {
    let mut state = sample::well(2);
    state.groups[1].parent_id = Some(state.groups[0].id.clone());
    state.groups[1].position = 100;
    let html = shown(&state);
    let (last, inner) = (html.find("cmp000000005").unwrap(), html.find("data-group=\"data\"").unwrap());
    assert_eq!(count(&html[last..inner], "<p class=\"x\">"), 1);
    assert_eq!(count(&html, "<p class=\"x\">"), 2);
}

#[test]
fn a_page_without_components_is_kind_and_claims_nothing() {
    let html = shown(&fixture::state());
    assert!(html.contains("<body class=\"status index empty status-none\">"));
    assert!(html.contains("Nothing to report yet") && html.contains("No components have been added"));
    assert!(!html.contains("operational"), "{html}");
}

#[test]
fn an_incident_has_a_page_with_what_it_changed() {
    let state = sample::troubled();
    let html = incident(&state, &state.incidents[0], sample::as_of(), en());
    assert_eq!(count(&html, "<h1"), 1);
    assert!(
        html.contains("<link rel=\"canonical\" href=\"https://status.example.com/incidents/openincident\">")
    );
    assert!(html.contains("<span class=\"n\">Data – Exports</span><span class=\"q\">Operational → </span>"));
    assert!(html.contains("href=\"#openincidentu1\""), "each update has an address");
    assert!(html.contains("<a href=\"/\">"));
    let over = incident(&state, &state.incidents[1], sample::as_of(), en());
    assert!(over.contains("1 h 35 min") && over.contains("Ended"));
}

#[test]
fn every_error_says_what_can_be_done_and_leads_back() {
    let state = sample::well(2);
    for kind in ErrorPage::ALL {
        for state in [None, Some(&state)] {
            let html = error(state, kind, en());
            // The navigation of a page leads there too.
            assert_eq!(html.contains("<a href=\"/\">"), kind != ErrorPage::Misdirected || state.is_some());
            assert_eq!(count(&html, "<h1"), 1);
            assert_eq!(state.is_some(), html.contains("Status now: All systems operational"));
            assert!(html.contains("name=\"robots\" content=\"noindex\""));
        }
    }
}

/// Every page that there is, by the name of its file.
fn pages() -> Vec<(&'static str, String)> {
    let troubled = sample::troubled();
    let mut down = sample::well(3);
    for component in &mut down.components[..4] {
        component.status = ComponentStatus::MajorOutage;
    }
    down.incidents.insert(
        0,
        sample::incident("i1", "The API cannot be reached", IncidentStatus::Investigating, Impact::Critical),
    );
    let mut hostile = sample::well(1);
    hostile.page.name = "<script>alert(1)</script>\"'".into();
    hostile.components[0].name = "<img src=x onerror=alert(1)>\"'".into();
    hostile.components[0].link = Some("javascript:alert(1)".into());
    hostile.incidents[0].name = "</title><script>alert(1)</script>".into();
    hostile.incidents[0].updates[0].body = "<script>alert(1)</script><b onclick=x()>b</b>".into();
    vec![
        ("front.html", shown(&troubled)),
        ("well.html", shown(&sample::well(5))),
        ("down.html", shown(&down)),
        ("empty.html", shown(&fixture::state())),
        ("twenty.html", shown(&sample::twenty())),
        ("thousand.html", shown(&sample::thousand())),
        ("hostile.html", shown(&hostile)),
        ("incident.html", incident(&troubled, &troubled.incidents[0], sample::as_of(), en())),
        ("resolved.html", incident(&troubled, &troubled.incidents[3], sample::as_of(), en())),
        ("maintenance.html", incident(&troubled, &troubled.maintenances[0], sample::as_of(), en())),
        ("component.html", component(&troubled, &troubled.components[7], sample::as_of(), en())),
        ("young.html", component(&troubled, &troubled.components[11], sample::as_of(), en())),
        ("not-found.html", error(Some(&troubled), ErrorPage::NotFound, en())),
        ("internal.html", error(None, ErrorPage::Internal, en())),
        ("misdirected.html", error(None, ErrorPage::Misdirected, en())),
    ]
}

#[test]
fn no_page_breaks_its_own_policy_or_lets_text_become_markup() {
    for (name, html) in pages() {
        assert!(!html.contains(" style=\""), "{name} has an inline style");
        let data = count(&html, "<script type=\"application/ld+json\">");
        assert!(data <= 1, "{name}");
        let live = format!("<script src=\"{}\" defer data-v=\"1.c0\"></script>", Script::Live.path());
        let live = count(&html, &live);
        let still = ["not-found.html", "internal.html", "misdirected.html"].contains(&name);
        assert_eq!(live, usize::from(!still), "{name} tells its version if it is kept up to date");
        assert_eq!(count(&html, "<script"), 1 + live + data, "{name} has its own scripts and no other");
        assert!(html.contains(&format!("<script src=\"{}\" defer></script>", Script::Page.path())), "{name}");
        assert_eq!(
            between(&html, "<style>", "</style>"),
            assets::style(),
            "{name}: the style that is hashed"
        );
        for bad in ["onclick", "onerror=alert(1)>\"", "href=\"javascript", "<img", "{$"] {
            assert!(!html.contains(bad), "{name} holds {bad}");
        }
    }
    assert!(csp().contains("script-src 'self'"));
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    assert_eq!(shown(&sample::troubled()), shown(&sample::troubled()));
}

#[test]
fn pages_stay_within_their_budgets() {
    let (twenty, thousand) = (compressed(&shown(&sample::twenty())), compressed(&shown(&sample::thousand())));
    println!(
        "20 components: {twenty} bytes, 1,000 components: {thousand} bytes, script {}",
        Script::Page.text().len()
    );
    // A whole answer has at most 9,000 bytes, and its headers take less than 800 of them.
    assert!(twenty <= 8_200, "{twenty} bytes with 20 components");
    assert!(thousand <= 45_000, "{thousand} bytes with 1,000 components");
}

/// With PHAROS_WRITE_PAGES set to a folder, writes every page there, to be looked at.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = env::var_os("PHAROS_WRITE_PAGES") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets")).unwrap();
    for (name, html) in pages() {
        fs::write(folder.join(name), html).unwrap();
    }
    for script in Script::ALL {
        fs::write(folder.join(script.path().trim_start_matches('/')), script.text()).unwrap();
    }
    fs::write(folder.join("csp.txt"), csp()).unwrap();
}

#[test]
fn what_operators_wrote_runs_in_its_own_direction() {
    let mut state = sample::troubled();
    state.page.description = Some("שלום.".into());
    state.components[0].description = Some("שלום.".into());
    let html = shown(&state);
    assert_eq!(count(&html, "<p class=\"about\" dir=\"auto\">"), 1);
    assert_eq!(count(&html, "<div class=\"m\" "), count(&html, "<div class=\"m\" dir=\"auto\">"));
    assert!(count(&html, "<div class=\"m\" ") > 0 && html.contains("<p class=\"d\" dir=\"auto\">שלום.</p>"));
    let page = incident(&state, &state.incidents[0], sample::as_of(), en());
    assert!(page.contains(&format!("<h1><bdi>{}</bdi></h1>", state.incidents[0].name)), "{page}");
}

#[test]
fn on_paper_an_address_is_whole() {
    let state = sample::troubled();
    let html = shown(&state);
    let address = "https://status.example.com/incidents/openincident";
    assert!(html.contains(&format!("</a><span class=\"url\"> ({address})</span>")));
    let page = incident(&state, &state.incidents[0], sample::as_of(), texts("de").unwrap());
    let german = "https://status.example.com/de/incidents/openincident";
    assert!(page.contains(&format!("<span class=\"url\">{german}</span>")), "{page}");
}

#[test]
fn a_name_leads_to_the_days_of_its_component_or_to_its_own_place() {
    let mut state = sample::troubled();
    let shown_with_bar: Vec<usize> =
        (0..state.components.len()).filter(|n| state.components[*n].showcase).collect();
    let (plain, elsewhere) = (shown_with_bar[0], shown_with_bar[1]);
    state.components[plain].link = None;
    state.components[elsewhere].link = Some("https://docs.example.com/api".to_owned());
    let html = shown(&state);
    let own = |number: usize| format!("href=\"/components/{}\"", state.components[number].id);
    assert!(html.contains(&format!("<a class=\"n\" {}>", own(plain))), "{html}");
    assert!(
        html.contains("<a class=\"n\" href=\"https://docs.example.com/api\" rel=\"noopener\">"),
        "{html}"
    );
    assert!(html.contains(&format!("<a class=\"q\" {}>", own(elsewhere))), "{html}");
    assert!(!html.contains(&format!("<a class=\"q\" {}>", own(plain))), "one way is enough");
}

#[test]
fn a_promise_for_another_day_names_the_day() {
    let promised = |at| {
        let mut state = sample::troubled();
        let open = state.incidents.iter_mut().find(|incident| !incident.status.is_over()).unwrap();
        open.next_update_at = Some(at);
        shown(&state)
    };
    assert!(promised(sample::as_of() + TimeDelta::hours(2)).contains(">16:32 UTC</time>"));
    assert!(promised(sample::as_of() + TimeDelta::days(2)).contains(">24 Nov 2026, 14:32 UTC</time>"));
}
