//! What the console mails: invitations, other passwords, and promises to visitors that are late.

use std::time::Duration;

use pharos::{
    clock::Clock,
    domain::{letter::Letter, role::Role},
    store::{Actor, NewUser, Store},
};
use serde_json::Value;

use crate::support::{
    Browser, Database, Mailbox, PASSWORD, Serving, clock, invitation, link, number, on_both, pharos,
};

on_both!(
    somebody_is_invited_by_mail,
    a_password_is_reset_by_mail_and_nobody_learns_of_accounts,
    a_mail_is_tried_again_and_survives_a_restart,
    a_late_promise_is_reminded_of_once,
);

const OTHER: &str = "seven purple cobblers whistle";

async fn paged(database: &Database, clock: &Clock) -> Store {
    let store = database.store(clock).await;
    store.ensure_page("Acme").await.unwrap();
    store
}

fn subject(mail: &Value) -> &str {
    mail["headers"]["subject"].as_str().unwrap()
}

async fn somebody_is_invited_by_mail(database: Database) {
    let mailbox = Mailbox::open();
    let clock = clock();
    let server = mailbox.server(paged(&database, &clock).await, &clock).await;
    let browser = Browser::of(&server, Role::Owner).await;
    let bob = Mailbox::address("bob");
    let people = browser.get("/admin/people").await;
    let invited = browser.submit_on(&people, "/admin/people", &[("email", &bob), ("role", "editor")]).await;
    assert!(invited.holds("Invited. The mail with the link is on its way."), "{}", invited.text());
    assert!(!invited.html.contains("/admin/links/"), "the mail alone has the link");
    assert_eq!(mailbox.mails(&bob).await, Vec::<Value>::new());
    assert_eq!(number(&database, "SELECT count(*) FROM user_links WHERE used_at IS NULL").await, 0);

    let mails = mailbox.after_sending(&server.app, &bob).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (subject(mail), mail["from"].as_str()),
        ("You are invited to Acme", Some("status@example.com"))
    );
    assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
    let path = link(mail);
    assert!(mail["html"].as_str().unwrap().contains(&format!("http://status.test{path}")), "{mail}");
    assert_eq!(mailbox.after_sending(&server.app, &bob).await.len(), 1, "it is sent once");
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 0);

    let theirs = Browser::new(&server);
    let screen = theirs.get(&path).await;
    assert!(screen.holds(&bob) && theirs.get(&path).await.status == 200, "to look at it uses nothing");
    assert_eq!(theirs.submit(&screen, &path, &[("new_password", PASSWORD)]).await.status, 303);
    assert_eq!(Browser::new(&server).get(&path).await.status, 404);

    let people = browser.get("/admin/people").await;
    let user = server.app.store.credentials_of(&bob).await.unwrap().unwrap().user;
    let sent = browser.submit_on(&people, &format!("/admin/people/{}/mail", user.id), &[]).await;
    assert!(sent.holds("The mail with the link is on its way."), "{}", sent.text());
    let mails = mailbox.after_sending(&server.app, &bob).await;
    assert_eq!(subject(&mails[1]), "Another password for Acme");
    server.stop().await;
}

async fn ask(browser: &Browser<'_>, email: &str) -> (u16, String) {
    let screen = browser.get("/admin/reset").await;
    let answer = browser.submit(&screen, "/admin/reset", &[("email", email)]).await;
    assert!(!answer.html.contains("/admin/links/") && !answer.html.contains(email), "{}", answer.html);
    (answer.status.as_u16(), answer.text())
}

async fn a_password_is_reset_by_mail_and_nobody_learns_of_accounts(database: Database) {
    let mailbox = Mailbox::open();
    let clock = clock();
    let server = mailbox.server(paged(&database, &clock).await, &clock).await;
    let (ada, nobody, gone) = (Mailbox::address("ada"), Mailbox::address("nobody"), Mailbox::address("gone"));
    let (browser, stranger) = (Browser::new(&server), Browser::new(&server));
    for email in [&ada, &gone] {
        let path = invitation(&server, email, Role::Editor).await;
        let screen = browser.get(&path).await;
        browser.submit(&screen, &path, &[("new_password", PASSWORD)]).await;
    }
    let closed = server.app.store.credentials_of(&gone).await.unwrap().unwrap().user;
    server.app.store.record().set_disabled(&closed.id, true, &Actor::CommandLine).await.unwrap();

    let answers = [ask(&stranger, &ada).await, ask(&stranger, &nobody).await, ask(&stranger, &gone).await];
    assert!(answers[0].0 == 200 && answers[0].1.contains("If there is an account"), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 3, "as much is done for all");
    assert_eq!(stranger.post("/admin/reset", &[("email", "no address")]).await.status, 403, "forged");

    let mails = mailbox.after_sending(&server.app, &ada).await;
    assert_eq!((mails.len(), subject(&mails[0])), (1, "Another password for Acme"));
    assert!(mailbox.mails(&nobody).await.is_empty() && mailbox.mails(&gone).await.is_empty());
    // From many places or one: more than three in a quarter of an hour reach nobody, and nobody is told.
    for _ in 0..5 {
        assert_eq!(ask(&stranger, &ada).await, answers[0]);
    }
    let mails = mailbox.after_sending(&server.app, &ada).await;
    assert_eq!(mails.len(), 3);
    let (one, other) = (link(&mails[0]), link(&mails[2]));
    let screen = stranger.get(&one).await;
    assert_eq!(stranger.submit(&screen, &one, &[("new_password", OTHER)]).await.status, 303);
    assert_eq!(stranger.get(&other).await.status, 404, "the other links are worth nothing any more");
    assert_eq!(Browser::new(&server).sign_in(&ada, PASSWORD).await.status, 422);
    let mails = mailbox.after_sending(&server.app, &ada).await;
    assert_eq!(subject(&mails[3]), "Your password was changed: Acme");
    server.app.clock.advance(Duration::from_secs(900));
    ask(&Browser::new(&server), &ada).await;
    assert_eq!(mailbox.after_sending(&server.app, &ada).await.len(), 5);
    server.stop().await;
}

async fn a_mail_is_tried_again_and_survives_a_restart(database: Database) {
    let mailbox = Mailbox::open();
    let clock = clock();
    let store = paged(&database, &clock).await;
    let server = mailbox.server(store.clone(), &clock).await;
    let (later, refused) = (Mailbox::address("later"), Mailbox::address("refused"));
    for email in [&later, &refused] {
        let new = NewUser { email: email.clone(), name: String::new(), role: Role::Viewer };
        let user = store.record().create_user(new, &Actor::CommandLine).await.unwrap();
        store.record().post(&Letter::Invitation { user: user.id }).await.unwrap();
    }
    assert_eq!(server.app.send_mails().await.unwrap(), 0);
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 1, "who is refused is given up");
    server.stop().await;

    let again = mailbox.server(database.connect(&clock).await, &clock).await;
    assert!(mailbox.after_sending(&again.app, &later).await.is_empty(), "not at once");
    // Whoever had the lease is gone; another one has to wait for its end.
    clock.advance(Duration::from_secs(60));
    assert_eq!(mailbox.after_sending(&again.app, &later).await.len(), 1);
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 0);
    assert!(mailbox.mails(&refused).await.is_empty());

    // What nobody could send in time is forgotten.
    store.record().post(&Letter::Reset { email: later.clone() }).await.unwrap();
    clock.advance(Duration::from_secs(3_601));
    assert_eq!(mailbox.after_sending(&again.app, &later).await.len(), 1);
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 0);
    again.stop().await;
}

async fn promise(browser: &Browser<'_>, path: &str, action: &str, minutes: &str) {
    let screen = browser.get(path).await;
    let filled = [("name", "Uploads fail"), ("do", action), ("promise", minutes)];
    let sent = browser.submit(&screen, path, &filled).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
}

async fn a_late_promise_is_reminded_of_once(database: Database) {
    let mailbox = Mailbox::open();
    let clock = clock();
    let server = mailbox.server(paged(&database, &clock).await, &clock).await;
    let ada = Mailbox::address("ada");
    let browser = Browser::new(&server);
    let path = invitation(&server, &ada, Role::Responder).await;
    let screen = browser.get(&path).await;
    browser.submit(&screen, &path, &[("new_password", PASSWORD)]).await;
    let page = server.app.site.versions()[0].0.clone();
    let list = format!("/admin/pages/{page}/incidents");
    promise(&browser, &format!("{list}/new"), "post", "30").await;
    let incident = server.json("/api/v2/incidents.json").await["incidents"][0]["id"].clone();
    let incident = format!("{list}/{}", incident.as_str().unwrap());
    let minutes = |minutes: u64| server.app.clock.advance(Duration::from_secs(60 * minutes));

    minutes(29);
    assert!(mailbox.after_sending(&server.app, &ada).await.is_empty(), "not before");
    minutes(1);
    let mails = mailbox.after_sending(&server.app, &ada).await;
    assert_eq!((mails.len(), subject(&mails[0])), (1, "An update is due: Uploads fail"));
    let text = mails[0]["text"].as_str().unwrap();
    assert!(text.contains(&format!("http://status.test{incident}")) && text.contains("12:30"), "{text}");
    minutes(30);
    assert_eq!(mailbox.after_sending(&server.app, &ada).await.len(), 1, "once for each promise");

    // A promise that another one took the place of, and one that was kept by the end, are not late.
    promise(&browser, &incident, "identified", "30").await;
    minutes(10);
    promise(&browser, &incident, "identified", "60").await;
    minutes(30);
    assert_eq!(mailbox.after_sending(&server.app, &ada).await.len(), 1);
    minutes(30);
    assert_eq!(mailbox.after_sending(&server.app, &ada).await.len(), 2);
    promise(&browser, &incident, "identified", "30").await;
    minutes(10);
    promise(&browser, &incident, "resolved", "").await;
    minutes(20);
    assert_eq!(mailbox.after_sending(&server.app, &ada).await.len(), 2);
    assert_eq!(number(&database, "SELECT count(*) FROM mails").await, 0);
    server.stop().await;
}

async fn reset_by(server: &Serving, email: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("http://{}", server.address);
    let screen = client.get(format!("{base}/admin/reset")).send().await.unwrap();
    let cookie = screen.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let html = screen.text().await.unwrap();
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", csrf)
        .append_pair("email", email)
        .finish();
    let sent = client.post(format!("{base}/admin/reset")).header("cookie", cookie).header("origin", &base);
    let sent = sent.header("content-type", "application/x-www-form-urlencoded").body(body);
    assert_eq!(sent.send().await.unwrap().status(), 200);
}

/// A server whose mails go to this address, and what it logs of one reset.
async fn serving(mailbox: &Mailbox, url: Option<&str>, more: &[(&str, &str)]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let email = Mailbox::address("ada");
    let made = pharos(folder.path()).args(["user", "create", "--role", "owner", "--email", &email]).output();
    assert!(made.unwrap().status.success());
    let mut command = pharos(folder.path());
    command.env("SSL_CERT_FILE", &mailbox.authority).envs(more.iter().copied());
    if let Some(url) = url {
        command.env("PHAROS_SMTP_URL", url);
    }
    let server = Serving::start(command, folder.path()).await;
    reset_by(&server, &email).await;
    let log = || std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    for _ in 0..600 {
        let told = ["a mail is tried again", "names no mail server"].iter().any(|word| log().contains(word));
        if told || !mailbox.mails(&email).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (email, log())
}

#[tokio::test]
async fn the_server_mails_by_starttls_with_a_password() {
    let mailbox = Mailbox::open();
    let (email, log) = serving(&mailbox, Some(&mailbox.url_with_tls("p%40ss%20word")), &[]).await;
    let mails = mailbox.mails(&email).await;
    assert_eq!(mails.len(), 1, "{log}");
    assert_eq!((&mails[0]["tls"], &mails[0]["authenticated"]), (&Value::Bool(true), &Value::Bool(true)));
    assert!(!log.contains("p%40ss") && !log.contains("p@ss") && !log.contains("/admin/links/"), "{log}");
}

#[tokio::test]
async fn who_is_not_trusted_or_does_not_know_us_gets_no_mail() {
    let mailbox = Mailbox::open();
    let wrong = mailbox.url_with_tls("wrong");
    let (email, log) = serving(&mailbox, Some(&wrong), &[]).await;
    assert!(log.contains("a mail is tried again later: the mail server answers 535"), "{log}");
    let right = mailbox.url_with_tls("p%40ss%20word");
    let other = mailbox.authority.with_file_name("other-ca.pem").display().to_string();
    let (stranger, log) = serving(&mailbox, Some(&right), &[("SSL_CERT_FILE", &other)]).await;
    assert!(log.contains("a mail is tried again later") && !log.contains("p%40ss"), "{log}");
    assert!(mailbox.mails(&email).await.is_empty() && mailbox.mails(&stranger).await.is_empty());
}

#[tokio::test]
async fn without_a_server_the_log_has_the_mail() {
    let mailbox = Mailbox::open();
    let (email, log) = serving(&mailbox, None, &[]).await;
    assert!(log.contains("PHAROS_SMTP_URL names no mail server") && log.contains(&email), "{log}");
    assert!(log.contains("/admin/links/"));
    let (email, log) = serving(&mailbox, None, &[("PHAROS_SETUP_LINK", "false")]).await;
    assert!(log.contains("nobody gets a mail") && !log.contains("/admin/links/"), "{log}");
    assert!(!log.contains(&email));
}
