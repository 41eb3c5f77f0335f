//! The console: how people get in, stay in and get out.

use std::time::Duration;

use pharos::{
    domain::{account::Purpose, role::Role},
    store::Actor,
};
use totp_rs::{Builder, Secret};

use crate::{
    manage::empty,
    support::{Browser, Database, PASSWORD, Screen, Server, invitation, number, on_both},
};

on_both!(
    the_first_owner_sets_it_up_once,
    nobody_learns_who_has_an_account,
    a_link_lets_somebody_in_once,
    sessions_end,
    a_second_step_is_asked_for_and_taken_once,
    half_of_a_sign_in_ends_with_the_password_and_in_time,
    strangers_keep_nobody_who_is_in_from_anything,
);

async fn set_up_link(server: &Server) -> Option<String> {
    let made = server.app.store.record().create_link(Purpose::SetUp, None, &Actor::System).await.unwrap();
    made.map(|token| format!("/admin/links/{token}"))
}

async fn the_first_owner_sets_it_up_once(database: Database) {
    let (server, _) = empty(&database).await;
    let (link, late) = (set_up_link(&server).await.unwrap(), set_up_link(&server).await.unwrap());
    let browser = Browser::new(&server);
    let screen = browser.get(&link).await;
    assert!(screen.holds("Set up your status page"), "{}", screen.html);
    let ada = [("name", "Ada"), ("email", "Ada@example.com")];
    for weak in ["short", "password1234", "ada@example.com"] {
        let again = browser.submit(&screen, &link, &[ada[0], ada[1], ("new_password", weak)]).await;
        assert_eq!(again.status, 422, "{weak}");
        assert!(again.fields(&link).contains(&("name".into(), "Ada".into())), "what was typed stays");
        assert!(!again.html.contains(weak) || weak == "ada@example.com");
    }
    let start = browser.submit_on(&screen, &link, &[ada[0], ada[1], ("new_password", PASSWORD)]).await;
    assert!(start.holds("Welcome.") && start.holds("Your page"), "{}", start.text());
    let action = format!("/admin/pages/{}/start", server.app.site.versions()[0].0);
    let refused = browser.submit(&start, &action, &[("name", "Acme"), ("accent", "#ffff00")]).await;
    assert!(refused.status == 422 && refused.holds("contrast"), "{}", refused.text());
    let components = "Website\nPayments:\nCards\nWallets\n";
    let filled = [("name", "Acme Cloud"), ("accent", "#0a5add"), ("components", components)];
    let done = browser.submit_on(&start, &action, &filled).await;
    assert!(done.holds("Saved.") && done.holds("Nothing is open."), "{}", done.text());
    let summary = server.json("/api/v2/summary.json").await;
    assert_eq!(
        (summary["page"]["name"].as_str(), summary["components"].as_array().unwrap().len()),
        (Some("Acme Cloud"), 4)
    );
    let everything = format!("{:?}", summary);
    assert!(everything.contains("Wallets"), "the page shows it at once");

    assert_eq!(Browser::new(&server).get(&link).await.status, 404, "it was used");
    assert_eq!(Browser::new(&server).get(&late).await.status, 404, "there is an owner");
    assert!(set_up_link(&server).await.is_none());
    for column in ["token_hash", "purpose"] {
        let held = format!("SELECT count(*) FROM user_links WHERE {column} LIKE '%{}%'", &link[13..]);
        assert_eq!(number(&database, &held).await, 0, "only its hash is kept");
    }
    server.stop().await;
}

async fn nobody_learns_who_has_an_account(database: Database) {
    let (server, _) = empty(&database).await;
    Browser::of(&server, Role::Viewer).await;
    let browser = Browser::new(&server);
    let mut told = vec![];
    for (email, password) in [
        ("viewer@example.com", "wrong wrong wrong wrong"),
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("viewer@example.com", ""),
    ] {
        let refused = browser.sign_in(email, password).await;
        assert_eq!(refused.status, 422);
        assert!(!refused.html.contains(PASSWORD), "a password is never sent back");
        told.push(refused.text().replace(email, ""));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    // From here on this address may not try this account any more, and not even with the password.
    for _ in 0..8 {
        browser.sign_in("viewer@example.com", "wrong wrong wrong wrong").await;
    }
    let held_up = browser.sign_in("viewer@example.com", PASSWORD).await;
    assert_eq!(held_up.status, 429, "{}", held_up.text());
    for _ in 0..11 {
        browser.sign_in("nobody@example.com", PASSWORD).await;
    }
    let nobody = browser.sign_in("nobody@example.com", PASSWORD).await;
    assert_eq!((nobody.status, nobody.text()), (held_up.status, held_up.text()), "nor by being held up");
    server.app.clock.advance(Duration::from_secs(900));
    // Nor is who gets in held up by having got in often.
    for _ in 0..12 {
        assert_eq!(Browser::new(&server).sign_in("viewer@example.com", PASSWORD).await.status, 303);
    }
    server.stop().await;
}

async fn a_link_lets_somebody_in_once(database: Database) {
    let (server, _) = empty(&database).await;
    let link = invitation(&server, "ada@example.com", Role::Responder).await;
    let browser = Browser::new(&server);
    for _ in 0..3 {
        assert!(browser.get(&link).await.holds("ada@example.com"), "to look at it uses nothing");
    }
    let screen = browser.get(&link).await;
    assert_eq!(browser.submit(&screen, &link, &[("new_password", PASSWORD)]).await.status, 303);
    assert!(browser.open("/admin").await.holds("Incidents"));
    assert_eq!(Browser::new(&server).get(&link).await.status, 404);
    let user = server.app.store.credentials_of("ada@example.com").await.unwrap().unwrap().user;
    let of = async |purpose| {
        let record = server.app.store.record();
        let token = record.create_link(purpose, Some(&user.id), &Actor::CommandLine).await.unwrap().unwrap();
        format!("/admin/links/{token}")
    };
    let reset = of(Purpose::Reset).await;
    let elsewhere = Browser::new(&server);
    let screen = elsewhere.get(&reset).await;
    let other = "seven purple cobblers whistle";
    assert_eq!(elsewhere.submit(&screen, &reset, &[("new_password", other)]).await.status, 303);
    assert_eq!(browser.get("/admin/account").await.status, 303, "signed out where the old one was used");
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.status, 422);
    assert_eq!(browser.sign_in("ada@example.com", other).await.status, 303);

    let (sign_in, old) = (of(Purpose::SignIn).await, of(Purpose::SignIn).await);
    let third = Browser::new(&server);
    let screen = third.get(&sign_in).await;
    assert!(third.submit_on(&screen, &sign_in, &[]).await.holds("Incidents"));
    let audited =
        "SELECT count(*) FROM audit_events WHERE action = 'user.link' AND actor_kind = 'command_line'";
    assert_eq!(number(&database, audited).await, 4);
    server.app.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(third.get(&old).await.status, 404, "too old");
    let first = of(Purpose::SignIn).await;
    server.app.clock.advance(Duration::from_secs(1));
    let second = of(Purpose::SignIn).await;
    server.app.clock.advance(Duration::from_secs(1));
    for _ in 0..19 {
        of(Purpose::Reset).await;
    }
    assert_eq!(third.get(&first).await.status, 404, "of too many the oldest goes");
    assert_eq!(third.get(&second).await.status, 200);
    server.app.store.record().set_disabled(&user.id, true, &Actor::CommandLine).await.unwrap();
    assert_eq!(third.get("/admin/account").await.status, 303, "a closed account is signed out");
    server.stop().await;
}

async fn sessions_end(database: Database) {
    let (server, _) = empty(&database).await;
    let browser = Browser::of(&server, Role::Owner).await;
    let before = browser.cookie.borrow().clone().unwrap();
    let phone = Browser::new(&server);
    let screen = phone.get("/admin/sign-in?next=/admin/account").await;
    let held = phone.cookie.borrow().clone().unwrap();
    let filled = [("email", "owner@example.com"), ("password", PASSWORD)];
    let account = phone.submit_on(&screen, "/admin/sign-in", &filled).await;
    assert_ne!(
        phone.cookie.borrow().clone().unwrap(),
        held,
        "signing in gives the browser something else to hold"
    );
    assert!(account.holds("Where you are signed in") && account.html.matches("/end\"").count() == 2);
    let secret = before.split('=').nth(1).unwrap();
    let kept = format!("SELECT count(*) FROM sessions WHERE token_hash = '{secret}'");
    assert_eq!(number(&database, &kept).await, 0, "only its hash is kept");

    // Signed out on the other one.
    let listed = browser.get("/admin/account").await;
    let other =
        listed.html.split("<li>").find(|row| row.contains("/end\"") && !row.contains("this one")).unwrap();
    let action = other.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    let ended = browser.submit_on(&listed, action, &[]).await;
    assert!(ended.holds("Signed out there."), "{}", ended.text());
    assert_eq!(phone.get("/admin/account").await.status, 303);
    let left = &browser;

    let account = left.get("/admin/account").await;
    let out = left.submit_on(&account, "/admin/sign-out", &[]).await;
    assert!(out.holds("You are signed out."));
    assert_eq!(number(&database, "SELECT count(*) FROM sessions").await, 0);
    assert_eq!(left.get("/admin/account").await.location.unwrap(), "/admin/sign-in?next=%2Fadmin%2Faccount");

    assert_eq!(left.sign_in("owner@example.com", PASSWORD).await.status, 303);
    server.app.clock.advance(Duration::from_secs(8 * 3_600 - 60));
    assert_eq!(left.get("/admin/account").await.status, 200);
    server.app.clock.advance(Duration::from_secs(8 * 3_600));
    assert_eq!(left.get("/admin/account").await.status, 303, "nobody was there for eight hours");
    assert_eq!(left.sign_in("owner@example.com", PASSWORD).await.status, 303);
    for _ in 0..28 {
        server.app.clock.advance(Duration::from_secs(6 * 3_600));
        left.get("/admin/account").await;
    }
    assert_eq!(left.get("/admin/account").await.status, 303, "after a week in any case");
    assert!(server.app.store.record().forget_sessions().await.unwrap() > 0);
    server.stop().await;
}

/// The secret that a screen shows, as the device holds it.
pub fn device(screen: &Screen) -> totp_rs::Totp {
    let text = screen.text();
    let shown = text.split("Or type ").nth(1).unwrap().split(" The code").next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(shown).unwrap();
    Builder::new().with_secret(secret).with_account_name("test").build().unwrap()
}

fn recovery_codes(text: &str) -> Vec<String> {
    let is_code = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
    text.split(' ').filter(is_code).map(str::to_owned).collect()
}

async fn a_second_step_is_asked_for_and_taken_once(database: Database) {
    let (server, _) = empty(&database).await;
    let browser = Browser::of(&server, Role::Owner).await;
    let now = || u64::try_from(server.app.clock.now().timestamp()).unwrap();
    let account = browser.get("/admin/account").await;
    let shown = browser.submit(&account, "/admin/account/second-factor", &[]).await;
    let device = device(&shown);
    let confirm = "/admin/account/second-factor/confirm";
    assert_eq!(browser.submit(&shown, confirm, &[("code", "000000")]).await.status, 422);
    let other = Browser::new(&server);
    assert_eq!(other.sign_in("owner@example.com", PASSWORD).await.status, 303, "it is not on yet");
    let account = browser.get("/admin/account").await;
    let shown = browser.submit(&account, "/admin/account/second-factor", &[]).await;
    let device = if shown.status == 200 { self::device(&shown) } else { device };
    let code = device.generate(now()).to_string();
    let on = browser.submit(&shown, confirm, &[("code", &code)]).await;
    assert_eq!(on.status, 200, "{}", on.text());
    assert_eq!(other.get("/admin/account").await.status, 303, "whoever came in without it is out");
    assert_eq!(browser.get("/admin/account").await.status, 200);
    let recovery = recovery_codes(&on.text());
    assert_eq!(recovery.len(), 10, "{}", on.text());
    let sealed =
        format!("SELECT count(*) FROM users WHERE totp_secret LIKE '%{}%'", device.secret().to_base32());
    assert_eq!(number(&database, &sealed).await, 0, "it is sealed");

    let phone = Browser::new(&server);
    let path = "/admin/sign-in/code";
    let asked = phone.sign_in("owner@example.com", PASSWORD).await;
    assert!(asked.status == 200 && asked.holds("Code from your device"), "{}", asked.text());
    assert_eq!(phone.get("/admin/account").await.status, 303, "half of it opens nothing");
    let again = phone.submit(&asked, path, &[("code", &code)]).await;
    assert_eq!(again.status, 422, "the code that turned it on was used: {}", again.text());
    server.app.clock.advance(Duration::from_secs(60));
    let code = device.generate(now()).to_string();
    let elsewhere = Browser::new(&server);
    let (stolen, mine) =
        (again.fields(path), elsewhere.sign_in("owner@example.com", "wrong").await.fields("/admin/sign-in"));
    let step = stolen.iter().find(|(name, _)| name == "step").unwrap().1.clone();
    let csrf = mine.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let other = elsewhere.post(path, &[("csrf", &csrf), ("step", &step), ("code", &code)]).await;
    assert_eq!(other.status, 422, "the first step counts in its own browser");
    assert_eq!(phone.submit(&again, path, &[("code", &code)]).await.status, 303);
    let replayed = elsewhere.sign_in("owner@example.com", PASSWORD).await;
    assert_eq!(
        elsewhere.submit(&replayed, path, &[("code", &code)]).await.status,
        422,
        "each code is taken once"
    );
    assert_eq!(elsewhere.submit(&replayed, path, &[("code", &recovery[0])]).await.status, 303);
    let third = Browser::new(&server);
    let asked = third.sign_in("owner@example.com", PASSWORD).await;
    assert_eq!(
        third.submit(&asked, path, &[("code", &recovery[0])]).await.status,
        422,
        "so is each recovery code"
    );
    assert!(phone.get("/admin/account").await.holds("9 recovery codes are left."));

    it_is_taken_off_by_both_steps(&server, &phone, &device, &recovery[0]).await;
    server.stop().await;
}

/// `used` is a recovery code that was taken before.
async fn it_is_taken_off_by_both_steps(
    server: &Server,
    phone: &Browser<'_>,
    device: &totp_rs::Totp,
    used: &str,
) {
    server.app.clock.advance(Duration::from_secs(16 * 60));
    let account = phone.get("/admin/account").await;
    let off = "/admin/account/second-factor/off";
    let asked = phone.submit(&account, off, &[]).await;
    assert!(asked.status == 403 && asked.holds("Is it still you?"), "{}", asked.text());
    let path = "/admin/confirm";
    let second = u64::try_from(server.app.clock.now().timestamp()).unwrap();
    let code = device.generate(second).to_string();
    for (password, code) in [("wrong", code.as_str()), (PASSWORD, ""), (PASSWORD, used)] {
        let refused = phone.submit(&asked, path, &[("password", password), ("code", code)]).await;
        assert!(refused.status == 422 && refused.holds("or the code is wrong"), "{}", refused.text());
    }
    // Nor does another password stand for the code.
    let other = "seven purple cobblers whistle";
    let changed = [("password", PASSWORD), ("new_password", other)];
    assert_eq!(phone.submit(&account, "/admin/account/password", &changed).await.status, 303);
    assert_eq!(phone.submit(&account, off, &[]).await.status, 403);
    assert_eq!(Browser::new(server).sign_in("owner@example.com", other).await.status, 200);
    let confirmed = phone.submit(&asked, path, &[("password", other), ("code", &code)]).await;
    let done = phone.submit_on(&confirmed, off, &[]).await;
    assert!(done.holds("The second step is off."), "{}", done.text());
    assert_eq!(Browser::new(server).sign_in("owner@example.com", other).await.status, 303);
}

/// Sets the second step up for who is signed in; gives the device and the recovery codes.
async fn set_device_up(browser: &Browser<'_>, server: &Server) -> (totp_rs::Totp, Vec<String>) {
    let account = browser.get("/admin/account").await;
    let shown = browser.submit(&account, "/admin/account/second-factor", &[]).await;
    let device = device(&shown);
    let code = device.generate(u64::try_from(server.app.clock.now().timestamp()).unwrap()).to_string();
    let on = browser.submit(&shown, "/admin/account/second-factor/confirm", &[("code", &code)]).await;
    assert_eq!(on.status, 200, "{}", on.text());
    (device, recovery_codes(&on.text()))
}

async fn half_of_a_sign_in_ends_with_the_password_and_in_time(database: Database) {
    let (server, _) = empty(&database).await;
    let browser = Browser::of(&server, Role::Owner).await;
    let (device, recovery) = set_device_up(&browser, &server).await;
    let (path, begin) = ("/admin/sign-in/code", "Begin once more.");
    let thief = Browser::new(&server);
    let asked = thief.sign_in("owner@example.com", PASSWORD).await;
    let account = browser.get("/admin/account").await;
    let other = "seven purple cobblers whistle";
    let changed = [("password", PASSWORD), ("new_password", other)];
    assert_eq!(browser.submit(&account, "/admin/account/password", &changed).await.status, 303);
    let refused = thief.submit(&asked, path, &[("code", &recovery[0])]).await;
    assert!(refused.status == 422 && refused.holds(begin), "the password is another: {}", refused.text());

    let asked = thief.sign_in("owner@example.com", other).await;
    server.app.clock.advance(Duration::from_secs(6 * 60));
    let again = thief.submit(&asked, path, &[("code", "000000")]).await;
    assert!(again.status == 422 && !again.holds(begin), "{}", again.text());
    server.app.clock.advance(Duration::from_secs(4 * 60));
    let code = device.generate(u64::try_from(server.app.clock.now().timestamp()).unwrap()).to_string();
    let late = thief.submit(&again, path, &[("code", &code)]).await;
    assert!(late.status == 422 && late.holds(begin), "a wrong code gives no new time: {}", late.text());
    let asked = thief.sign_in("owner@example.com", other).await;
    assert_eq!(thief.submit(&asked, path, &[("code", &code)]).await.status, 303);
    server.stop().await;
}

async fn strangers_keep_nobody_who_is_in_from_anything(database: Database) {
    let (server, _) = empty(&database).await;
    let browser = Browser::of(&server, Role::Owner).await;
    for _ in 0..11 {
        Browser::new(&server).sign_in("owner@example.com", "wrong wrong wrong wrong").await;
    }
    assert_eq!(Browser::new(&server).sign_in("owner@example.com", PASSWORD).await.status, 429);
    let account = browser.get("/admin/account").await;
    let csrf = browser.csrf_of(&account);
    let shown = [("csrf", csrf.as_str()), ("password", PASSWORD), ("next", "/admin/account")];
    assert_eq!(browser.post("/admin/confirm", &shown).await.status, 303);
    let changed = [("password", PASSWORD), ("new_password", "seven purple cobblers whistle")];
    assert_eq!(browser.submit(&account, "/admin/account/password", &changed).await.status, 303);
    server.stop().await;
}
