//! The console: an incident from its first word to what was learned of it.

use pharos::{
    domain::{Id, role::Role},
    store::StoreError,
};
use serde_json::Value;

use crate::{
    manage::empty,
    support::{Browser, Caller, Database, PASSWORD, Screen, Server, number, on_both},
};

on_both!(
    an_incident_from_open_to_postmortem,
    what_will_be_seen_is_shown_before,
    a_draft_is_written_on_and_posted,
    of_two_operators_nobody_overwrites,
    nothing_typed_is_lost,
    a_correction_is_in_the_audit,
);

/// A page with three components and two subscribers, somebody of this role before it, and its path.
pub async fn at_work(database: &Database, role: Role) -> (Server, String, Vec<String>) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let mut ids = vec![];
    for name in ["Website", "Cards", "Wallets"] {
        let made =
            caller.expect(201, "POST", &format!("{page}/components"), crate::manage::component(name)).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    for email in ["a@example.com", "b@example.com"] {
        let body =
            serde_json::json!({ "subscriber": { "email": email, "skip_confirmation_notification": true } });
        caller.expect(201, "POST", &format!("{page}/subscribers"), body).await;
    }
    let raw = database.raw().await;
    let confirm = "UPDATE subscribers SET confirmed_at = created_at";
    sea_orm::ConnectionTrait::execute_unprepared(&raw, confirm).await.unwrap();
    drop(Browser::of(&server, role).await);
    let page = page.trim_start_matches("/v1/pages/").to_owned();
    (server, format!("/admin/pages/{page}/incidents"), ids)
}

pub async fn operator<'a>(server: &'a Server, role: Role) -> Browser<'a> {
    let browser = Browser::new(server);
    let entered = browser.sign_in(&format!("{}@example.com", role.as_str()), PASSWORD).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    browser
}

pub async fn incidents(server: &Server) -> Value {
    server.json("/api/v2/incidents.json").await["incidents"].clone()
}

pub fn status(id: &str) -> String {
    format!("status.{id}")
}

async fn post(browser: &Browser<'_>, list: &str, name: &str, more: &[(&str, &str)]) -> (Screen, String) {
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let filled: Vec<(&str, &str)> =
        [("name", name), ("do", "post")].into_iter().chain(more.iter().copied()).collect();
    let sent = browser.submit(&screen, &new, &filled).await;
    let location = sent.location.clone().unwrap_or_else(|| panic!("{} {}", sent.status, sent.text()));
    let path = location.split('?').next().unwrap().to_owned();
    (browser.open(&location).await, path)
}

async fn an_incident_from_open_to_postmortem(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (cards, wallets) = (status(&ids[1]), status(&ids[2]));
    let moved = [(cards.as_str(), "major_outage"), (wallets.as_str(), "partial_outage"), ("promise", "30")];
    let (screen, path) = post(&browser, &list, "Payments fail", &moved).await;
    assert!(
        screen.holds("Posted. Visitors see it now.") && screen.holds("next update by"),
        "{}",
        screen.text()
    );
    let told = incidents(&server).await;
    assert_eq!(
        (told[0]["name"].as_str(), told[0]["impact"].as_str()),
        (Some("Payments fail"), Some("critical"))
    );
    assert_eq!(told[0]["incident_updates"][0]["body"], "We are currently investigating this issue.");
    let pending = "SELECT count(*) FROM notifications WHERE state = 'pending' AND event = 'incident_update'";
    assert_eq!(number(&database, pending).await, 1);

    // An update by one field and one of four buttons, told to nobody.
    let quiet: Vec<(String, String)> =
        screen.fields(&path).into_iter().filter(|(name, _)| name != "notify").collect();
    let mut quiet: Vec<(&str, &str)> =
        quiet.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    quiet.extend([("body", "A **switch** broke.\r\nWe replace it."), ("do", "identified")]);
    assert_eq!(browser.post(&path, &quiet).await.status, 303);
    let told = incidents(&server).await;
    assert_eq!(told[0]["status"], "identified");
    assert_eq!(told[0]["incident_updates"][0]["body"], "A **switch** broke.\nWe replace it.");
    assert_eq!(number(&database, pending).await, 1, "without a word to anybody");

    // Resolving asks whether the components work again.
    let screen = browser.get(&path).await;
    assert!(screen.html.contains("<strong>switch</strong>"));
    let asked = browser.submit(&screen, &path, &[("body", "All good."), ("do", "resolved")]).await;
    assert!(
        asked.status == 200 && asked.holds("Are they well again?") && asked.holds("2 components are"),
        "{}",
        asked.text()
    );
    assert_eq!(incidents(&server).await[0]["status"], "identified", "nothing is done yet");
    let done = browser.submit_on(&asked, &path, &[("restore", "yes")]).await;
    assert!(done.holds("Posted."), "{}", done.text());
    let summary = server.json("/api/v2/summary.json").await;
    assert_eq!(summary["status"]["indicator"], "none", "{summary}");
    assert_eq!(incidents(&server).await[0]["incident_updates"][0]["body"], "All good.");

    let postmortem = format!("{path}/postmortem");
    let draft = [("postmortem", "We learned *much*."), ("do", "draft")];
    assert!(browser.submit_on(&done, &postmortem, &draft).await.holds("Saved."));
    let screen = browser.get(&path).await;
    assert!(!server.text("/history").await.contains("We learned"));
    let told = browser.submit_on(&screen, &postmortem, &[("do", "publish")]).await;
    assert!(told.holds("The postmortem is published."), "{}", told.text());
    let public = server.text(&path[path.find("/incidents/").unwrap()..]).await;
    assert!(public.contains("We learned <em>much</em>"));

    let again = browser.submit_on(&told, &path, &[("do", "investigating"), ("body", "It is back.")]).await;
    assert!(again.holds("Posted.") && incidents(&server).await[0]["status"] == "investigating");
    let delete = format!("{path}/delete");
    assert_eq!(browser.submit(&again, &delete, &[]).await.status, 422, "it asks whether that is meant");
    let gone = browser.submit_on(&again, &delete, &[("sure", "true")]).await;
    assert!(gone.holds("Deleted.") && incidents(&server).await.as_array().unwrap().is_empty());
    let actors = "SELECT count(*) FROM audit_events WHERE actor_kind = 'user' AND action LIKE 'incident%'";
    assert!(number(&database, actors).await >= 2);
    server.stop().await;
}

async fn what_will_be_seen_is_shown_before(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let new = format!("{list}/new");
    let screen = browser.get(&new).await;
    let cards = status(&ids[1]);
    let name = "<img src=x onerror=alert(1)>";
    let filled = [("name", name), ("body", "[x](javascript:alert(2))"), (cards.as_str(), "major_outage")];
    for how in ["preview", "fragment"] {
        let filled: Vec<(&str, &str)> = filled.iter().copied().chain([("do", how)]).collect();
        let shown = browser.submit(&screen, &new, &filled).await;
        assert_eq!(shown.status, 200);
        let html = &shown.html;
        for text in ["Cards is down", "Critical impact", "2 subscribers are told.", "Major outage"] {
            assert!(html.contains(text), "{how}: {text} is missing in {}", shown.text());
        }
        assert!(!html.contains("<img src=x") && !html.contains("href=\"javascript"), "{how}");
        assert!(html.contains("sandbox=\"\""), "what a preview holds can do nothing");
        let policy = shown.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("style-src 'self' 'sha256-") && !policy.contains("unsafe"), "{policy}");
        if how == "preview" {
            assert!(
                shown.fields(&new).contains(&(cards.clone(), "major_outage".into())),
                "what was chosen stays chosen"
            );
        }
    }
    let quiet: Vec<(String, String)> =
        screen.fields(&new).into_iter().filter(|(name, _)| name != "notify").collect();
    let mut quiet: Vec<(&str, &str)> =
        quiet.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    quiet.extend([("name", "Slow"), ("do", "preview")]);
    assert!(browser.post(&new, &quiet).await.holds("Nobody is told by mail."));
    assert!(incidents(&server).await.as_array().unwrap().is_empty(), "a look changes nothing");
    assert_eq!(server.json("/api/v2/status.json").await["status"]["indicator"], "none");
    let unnamed = browser.submit(&screen, &new, &[("name", " "), ("do", "post"), ("body", "kept")]).await;
    assert!(unnamed.status == 422 && unnamed.fields(&new).contains(&("body".into(), "kept".into())));
    server.stop().await;
}

async fn a_draft_is_written_on_and_posted(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (new, cards) = (format!("{list}/new"), status(&ids[1]));
    let screen = browser.get(&new).await;
    let filled =
        [("name", "Perhaps"), ("body", "Let me see"), (cards.as_str(), "partial_outage"), ("do", "draft")];
    let kept = browser.submit_on(&screen, &new, &filled).await;
    assert!(kept.holds("Kept as a draft"), "{}", kept.text());
    let fields = kept.fields(&new);
    for field in [("name", "Perhaps"), ("body", "Let me see"), (&cards, "partial_outage")] {
        assert!(fields.contains(&(field.0.to_owned(), field.1.to_owned())), "{field:?} in {fields:?}");
    }
    assert!(incidents(&server).await.as_array().unwrap().is_empty());
    assert_eq!(server.json("/api/v2/status.json").await["status"]["indicator"], "none");
    assert!(browser.get(&list).await.holds("Drafts Perhaps"));
    let posted = browser.submit_on(&kept, &new, &[("name", "Certainly"), ("do", "post")]).await;
    assert!(posted.holds("Posted."), "{}", posted.text());
    let told = incidents(&server).await;
    assert_eq!((told.as_array().unwrap().len(), told[0]["name"].as_str()), (1, Some("Certainly")));
    assert_eq!(told[0]["impact"], "major");
    assert!(!browser.get(&list).await.holds("Drafts"));
    // The draft was posted already; whoever still has it open posts no second one.
    let late = browser.submit(&kept, &new, &[("do", "post")]).await;
    assert!(late.status == 409 && late.html.contains("Let me see"), "{} {}", late.status, late.text());
    assert_eq!(incidents(&server).await.as_array().unwrap().len(), 1);
    server.stop().await;
}

async fn of_two_operators_nobody_overwrites(database: Database) {
    let (server, list, _) = at_work(&database, Role::Responder).await;
    let (ada, bob) = (operator(&server, Role::Responder).await, operator(&server, Role::Responder).await);
    let (_, path) = post(&ada, &list, "Slow", &[]).await;
    let (of_ada, of_bob) = (ada.get(&path).await, bob.get(&path).await);
    let first = [("body", "Ada found it"), ("do", "identified")];
    assert_eq!(ada.submit(&of_ada, &path, &first).await.status, 303);
    let late = bob.submit(&of_bob, &path, &[("body", "Bob still looks"), ("do", "monitoring")]).await;
    assert_eq!(late.status, 409);
    assert!(late.holds("Somebody else changed this") && late.holds("Ada found it"), "{}", late.text());
    assert!(
        late.fields(&path).contains(&("body".into(), "Bob still looks".into())),
        "his words are in the form"
    );
    assert_eq!(incidents(&server).await[0]["incident_updates"].as_array().unwrap().len(), 2);
    let again = bob.submit(&late, &path, &[("do", "monitoring")]).await;
    assert_eq!(again.status, 303, "once he has read hers: {}", again.text());
    assert_eq!(incidents(&server).await[0]["incident_updates"][0]["body"], "Bob still looks");
    server.stop().await;
}

async fn nothing_typed_is_lost(database: Database) {
    let (server, list, ids) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (new, cards) = (format!("{list}/new"), status(&ids[1]));
    let screen = browser.get(&new).await;
    let filled = [
        ("name", "Cards are declined"),
        ("body", "Since \"noon\" <now>"),
        (cards.as_str(), "major_outage"),
        ("do", "post"),
    ];
    let keeps = |screen: &Screen, action: &str| {
        let fields = screen.fields(action);
        filled[..3].iter().all(|(name, value)| fields.contains(&((*name).to_owned(), (*value).to_owned())))
    };

    // The database is away: what was typed comes back with the answer.
    server.app.store.watched::<()>(&Err(StoreError::TimedOut));
    server.app.store.watched::<()>(&Err(StoreError::TimedOut));
    let away = browser.submit(&screen, &new, &filled).await;
    assert_eq!(
        (away.status.as_u16(), away.headers["retry-after"].to_str().unwrap()),
        (503, "5"),
        "{}",
        away.text()
    );
    assert!(keeps(&away, &new), "{}", away.html);
    server.app.store.watched(&Ok(()));
    let back = browser.submit(&away, &new, &[]).await;
    assert!(back.status == 200 && keeps(&back, &new), "{}", back.text());
    assert!(
        incidents(&server).await.as_array().unwrap().is_empty(),
        "it is posted by a press of its own button"
    );

    // The session is over: the same after signing in.
    let sql = "DELETE FROM sessions";
    sea_orm::ConnectionTrait::execute_unprepared(&database.raw().await, sql).await.unwrap();
    let out = browser.submit(&back, &new, &filled).await;
    assert!(out.status == 403 && out.holds("What you typed is kept"), "{}", out.text());
    let wrong = [("email", "responder@example.com"), ("password", "wrong")];
    let refused = browser.submit(&out, "/admin/sign-in", &wrong).await;
    let right = [("email", "responder@example.com"), ("password", PASSWORD)];
    let again = browser.submit(&refused, "/admin/sign-in", &right).await;
    assert!(again.status == 200 && keeps(&again, &new), "{} {}", again.status, again.html);
    let back = browser.submit(&again, &new, &[]).await;
    assert!(keeps(&back, &new), "{}", back.text());
    let posted = browser.submit_on(&back, &new, &[("do", "post")]).await;
    assert!(posted.holds("Posted."), "{}", posted.text());
    assert_eq!(incidents(&server).await[0]["name"], "Cards are declined");
    server.stop().await;
}

async fn a_correction_is_in_the_audit(database: Database) {
    let (server, list, _) = at_work(&database, Role::Responder).await;
    let browser = operator(&server, Role::Responder).await;
    let (screen, path) = post(&browser, &list, "Slow", &[("body", "It is the swtich")]).await;
    let action = screen
        .html
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|action| action.contains("/updates/"))
        .unwrap()
        .to_owned();
    let typed: Vec<String> = (0..6).map(|number| format!("It is switch {number}")).collect();
    let typed: Vec<[(&str, &str); 1]> = typed.iter().map(|text| [("body", text.as_str())]).collect();
    let at_once = typed.iter().map(|text| browser.submit(&screen, &action, text));
    let at_once = futures_util::future::join_all(at_once).await;
    let done = at_once.iter().filter(|sent| sent.status == 303).count();
    let late = at_once.iter().filter(|sent| sent.status == 409).count();
    assert_eq!((done, late), (1, 5), "of those who correct it at once, one does");
    let screen = browser.get(&path).await;
    let done = browser.submit_on(&screen, &action, &[("body", "It is the switch")]).await;
    assert!(done.holds("Corrected.") && done.holds("It is the switch"));
    assert_eq!(incidents(&server).await[0]["incident_updates"][0]["body"], "It is the switch");
    let late = browser.submit(&screen, &action, &[("body", "It is the router")]).await;
    assert_eq!(late.status, 409, "who had seen the first text is told: {}", late.text());
    assert_eq!(incidents(&server).await[0]["incident_updates"][0]["body"], "It is the switch");
    let audit = browser.get(&list.replace("/incidents", "/audit")).await;
    assert!(audit.holds("incident update correct by responder@example.com"), "{}", audit.text());
    assert!(audit.html.contains("swtich") && audit.html.contains("127.0.0.1"));
    let id: Result<Id, _> = path.rsplit('/').next().unwrap().parse();
    assert!(id.is_ok() && audit.html.contains(id.unwrap().as_str()));
    server.stop().await;
}
