//! The console: people whom the organization's provider vouches for. `app/e2e/door.test.mjs` has a real one.

use std::sync::Arc;

use pharos::{
    app::Options,
    domain::{account::Purpose, groups::Roles, letter::Letter, record::User, role::Role},
    sso::{Provider, Settings},
    store::{Actor, NewUser, Store, Vouched},
    web,
};

use serde_json::json;

use crate::support::{
    Browser, CLIENT, Database, Issuer, PASSWORD, Server, clock, free_address, invitation, noon, number,
    on_both,
};

on_both!(
    the_provider_says_who_somebody_is,
    nobody_takes_over_an_address,
    only_a_time_that_the_provider_signed_confirms,
    whom_the_provider_knows_has_no_other_way_in,
    what_a_stranger_brings_back_asks_the_provider_a_bounded_number_of_times,
);

fn vouched(subject: &str, email: &str, role: Option<Role>) -> Vouched {
    Vouched {
        issuer: "https://id.test".into(),
        subject: subject.into(),
        email: Some(email.into()),
        is_verified: Some(true),
        name: "Ada".into(),
        role,
    }
}

async fn enter(store: &Store, vouched: Vouched) -> Result<User, String> {
    store.record().vouched(vouched, "192.0.2.1").await.map_err(|error| error.to_string())
}

async fn the_provider_says_who_somebody_is(database: Database) {
    let store = database.store(&clock()).await;
    let refused = enter(&store, vouched("s1", "ada@example.com", None)).await.unwrap_err();
    assert!(refused.contains("invited"), "{refused}");
    let ada = enter(&store, vouched("s1", "ada@example.com", Some(Role::Owner))).await.unwrap();
    assert_eq!((ada.role, ada.name.as_str()), (Role::Owner, "Ada"));
    // The address changes, and they stay who they are; the role follows, but for the last owner.
    let again = enter(&store, vouched("s1", "lovelace@example.com", Some(Role::Viewer))).await.unwrap();
    assert_eq!((again.id.clone(), again.role), (ada.id.clone(), Role::Owner));
    let bob = enter(&store, vouched("s2", "bob@example.com", Some(Role::Owner))).await.unwrap();
    let demoted = enter(&store, vouched("s1", "ada@example.com", Some(Role::Viewer))).await.unwrap();
    assert_eq!((demoted.id, demoted.role), (ada.id.clone(), Role::Viewer));
    let kept = enter(&store, vouched("s1", "ada@example.com", None)).await.unwrap();
    assert_eq!(kept.role, Role::Viewer, "where groups say nothing, the role stays");
    assert_eq!(number(&database, "SELECT count(*) FROM users").await, 2);
    let roles = "SELECT count(*) FROM audit_events WHERE action = 'user.role'";
    assert_eq!(number(&database, roles).await, 1);
    assert_eq!(
        number(&database, "SELECT count(*) FROM audit_events WHERE action = 'user.identity'").await,
        2
    );
    store.record().set_disabled(&ada.id, true, &Actor::CommandLine).await.unwrap();
    let refused = enter(&store, vouched("s1", "ada@example.com", Some(Role::Owner))).await.unwrap_err();
    assert!(refused.contains("closed"), "{refused}");
    store.record().delete_user(&ada.id, &Actor::CommandLine).await.unwrap();
    let new = enter(&store, vouched("s1", "ada@example.com", Some(Role::Viewer))).await.unwrap();
    assert!(new.id != ada.id && new.id != bob.id, "who was let go comes as somebody new");
}

async fn nobody_takes_over_an_address(database: Database) {
    let store = database.store(&clock()).await;
    let new = NewUser { email: "ada@example.com".into(), name: String::new(), role: Role::Owner };
    let ada = store.record().create_user(new, &Actor::CommandLine).await.unwrap();
    for (is_verified, word) in [(None, "already"), (Some(false), "does not know yet")] {
        let eve = Vouched { is_verified, ..vouched("eve", "ada@example.com", Some(Role::Viewer)) };
        let refused = enter(&store, eve).await.unwrap_err();
        assert!(refused.contains(word), "{refused}");
    }
    let nobody = Vouched { email: None, ..vouched("x", "", Some(Role::Viewer)) };
    assert!(enter(&store, nobody).await.unwrap_err().contains("address of mail"));
    let unsaid = Vouched { is_verified: None, ..vouched("bob", "bob@example.com", Some(Role::Viewer)) };
    assert_eq!(enter(&store, unsaid).await.unwrap().email, "bob@example.com");
    let joined = enter(&store, vouched("s1", "ada@example.com", None)).await.unwrap();
    assert_eq!((joined.id, joined.role), (ada.id, Role::Owner));
    let refused = enter(&store, vouched("s9", "ada@example.com", Some(Role::Viewer))).await.unwrap_err();
    assert!(refused.contains("Somebody else"), "the address was given to somebody new: {refused}");
    assert_eq!(number(&database, "SELECT count(*) FROM identities").await, 2);
    let other = Vouched { issuer: "https://other.test".into(), ..vouched("s1", "eve@example.com", None) };
    assert!(enter(&store, other).await.is_err(), "the same word of another provider is somebody else");
}

/// A server whose people sign in with a provider that does not answer.
async fn with_provider(database: &Database, is_only: bool) -> Server {
    with_issuer(database, &format!("http://{}", free_address()), is_only, Roles::default()).await
}

async fn with_issuer(database: &Database, issuer: &str, is_only: bool, roles: Roles) -> Server {
    let clock = clock();
    let store = database.store(&clock).await;
    store.ensure_page("Acme").await.unwrap();
    let mut parts = Options::alone("http://status.test");
    parts.mailing.bound_by = Some(issuer.to_owned()).filter(|_| !roles.is_empty());
    let settings = Settings {
        issuer: issuer.to_owned(),
        client_id: CLIENT.into(),
        client_secret: None,
        groups_claim: "groups".into(),
        roles,
        is_only,
        redirect: "http://status.test/admin/sign-in/sso/back".into(),
    };
    let provider = Some(Arc::new(Provider::new(settings, clock.clone()).unwrap()));
    let api = web::ApiOptions::default();
    let console = web::ConsoleOptions { provider, ..web::ConsoleOptions::default() };
    Server::start_as(store, &clock, parts, web::Options { console, ..api.into() }).await
}

#[tokio::test]
async fn where_the_provider_is_the_only_way_there_are_no_passwords() {
    let database = Database::sqlite().await;
    let server = with_provider(&database, true).await;
    let link = invitation(&server, "ada@example.com", Role::Owner).await;
    let browser = Browser::new(&server);
    let screen = browser.get("/admin/sign-in").await;
    assert!(screen.holds("Sign in with 127.0.0.1") && !screen.html.contains("type=\"password\""));
    assert!(!screen.html.contains("/admin/reset"));
    let user = server.app.store.credentials_of("ada@example.com").await.unwrap().unwrap().user;
    let record = server.app.store.record();
    let token = record.create_link(Purpose::SignIn, Some(&user.id), &Actor::CommandLine).await.unwrap();
    let way_in = format!("/admin/links/{}", token.unwrap());
    let way_in_form = browser.get(&way_in).await;
    let csrf = browser.csrf_of(&way_in_form);
    let typed = [("csrf", csrf.as_str()), ("email", "ada@example.com"), ("password", PASSWORD)];
    for (path, status) in [("/admin/sign-in", 403), ("/admin/reset", 404)] {
        assert_eq!(browser.post(path, &typed).await.status, status, "{path}");
    }
    for path in ["/admin/reset", link.as_str()] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let away = browser.get("/admin/sign-in/sso?next=/admin/people").await;
    assert!(away.status == 503 && away.holds("pharos user login-link"), "{}", away.text());
    for query in ["", "?code=a", "?code=a&state=b", "?error=access_denied"] {
        assert_eq!(browser.get(&format!("/admin/sign-in/sso/back{query}")).await.status, 403, "{query}");
    }

    let entered = browser.submit_on(&way_in_form, &way_in, &[]).await;
    assert!(entered.holds("Incidents"), "the way in that is left: {}", entered.text());
    let account = browser.get("/admin/account").await;
    assert!(!account.html.contains("type=\"password\"") && !account.holds("Passkeys"), "{}", account.text());
    server.app.clock.advance(std::time::Duration::from_secs(16 * 60));
    let people = browser.get("/admin/people").await;
    let asked =
        browser.submit(&people, "/admin/people", &[("email", "b@example.com"), ("role", "viewer")]).await;
    assert!(asked.status == 403 && asked.html.contains("again=yes"), "{}", asked.html);
    server.stop().await;
}

#[tokio::test]
async fn where_the_provider_is_one_way_the_others_stay() {
    let database = Database::sqlite().await;
    let server = with_provider(&database, false).await;
    let browser = Browser::of(&server, Role::Owner).await;
    assert!(browser.get("/admin/account").await.holds("Password"));
    let nobody = Browser::new(&server);
    let screen = nobody.get("/admin/sign-in?next=/admin/tokens").await;
    assert!(screen.html.contains("/admin/sign-in/sso?next=%2Fadmin%2Ftokens"), "{}", screen.html);
    assert_eq!(nobody.sign_in("owner@example.com", PASSWORD).await.status, 303);
    server.stop().await;
    let alone = Database::sqlite().await;
    let (server, _) = crate::manage::empty(&alone).await;
    let nobody = Browser::new(&server);
    assert_eq!(nobody.get("/admin/sign-in/sso").await.status, 404, "none is named");
    assert_eq!(nobody.get("/admin/sign-in/sso/back?code=a&state=b").await.status, 404);
    server.stop().await;
}

/// The roles that groups of the same name give.
fn by_groups() -> Roles {
    Roles::new(Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role)).collect())
}

async fn only_a_time_that_the_provider_signed_confirms(database: Database) {
    let issuer = Issuer::start().await;
    let server = with_issuer(&database, &issuer.url, false, by_groups()).await;
    let browser = Browser::new(&server);
    let ada = |auth_time: Option<i64>| {
        let mut said = json!({ "sub": "s1", "email": "ada@example.com", "groups": ["owner"] });
        auth_time.into_iter().for_each(|at| said["auth_time"] = at.into());
        said
    };
    let (begin, again) =
        ("/admin/sign-in/sso?next=/admin/people", "/admin/sign-in/sso?again=yes&next=/admin/people");
    let entered = issuer.enter(&browser, begin, ada(None)).await;
    assert_eq!(entered.location.as_deref(), Some("/admin/people"), "{}", entered.html);
    let people = browser.get("/admin/people").await;
    let invite = async || {
        browser.submit(&people, "/admin/people", &[("email", "b@example.com"), ("role", "viewer")]).await
    };
    assert_eq!(invite().await.status, 403, "a session of before at the provider confirms nothing");

    // Who travels has taken `max_age=0` off the address: there is no time, or an old one.
    let noon = noon().timestamp();
    for (at, word) in [
        (None, "does not say when"),
        (Some(noon - 3_600), "did not ask you again"),
        (Some(noon + 3_600), "did not ask"),
    ] {
        let back = issuer.enter(&browser, again, ada(at)).await;
        assert!(back.status == 403 && back.holds(word), "{at:?}: {} {}", back.status, back.text());
    }
    let asks = browser.get(again).await.location.unwrap();
    assert!(asks.contains("max_age=0") && asks.contains("auth_time"), "{asks}");
    let eve = json!({ "sub": "s2", "email": "eve@example.com", "groups": ["owner"], "auth_time": noon });
    let back = issuer.enter(&browser, again, eve).await;
    assert!(back.status == 403 && back.holds("somebody else"), "{}", back.text());
    assert!(browser.get("/admin/account").await.holds("ada@example.com"), "they stay who they are");
    assert_eq!(issuer.enter(&browser, again, ada(Some(noon))).await.status, 303);
    let people = browser.get("/admin/people").await;
    let done =
        browser.submit(&people, "/admin/people", &[("email", "b@example.com"), ("role", "viewer")]).await;
    assert!(done.status != 403, "{}", done.text());
    server.stop().await;
    issuer.stop().await;
}

async fn whom_the_provider_knows_has_no_other_way_in(database: Database) {
    let issuer = Issuer::start().await;
    let server = with_issuer(&database, &issuer.url, false, by_groups()).await;
    let owner = Browser::of(&server, Role::Owner).await;
    let before = Browser::of(&server, Role::Viewer).await;
    assert_eq!(before.get("/admin/account").await.status, 200);
    let (email, record) = ("viewer@example.com", server.app.store.record());
    let user = server.app.store.credentials_of(email).await.unwrap().unwrap().user;
    let link = async |purpose| {
        let token = record.create_link(purpose, Some(&user.id), &Actor::CommandLine).await.unwrap().unwrap();
        format!("/admin/links/{token}")
    };
    let old = link(Purpose::Reset).await;
    let browser = Browser::new(&server);
    let sam = json!({ "sub": "s1", "email": email, "groups": ["admin"] });
    assert_eq!(issuer.enter(&browser, "/admin/sign-in/sso", sam).await.status, 303);

    assert_eq!(before.get("/admin/account").await.status, 303, "where the password was used");
    let refused = Browser::new(&server).sign_in(email, PASSWORD).await;
    assert!(refused.status == 403 && refused.holds("signs in with 127.0.0.1"), "{}", refused.text());
    assert_eq!(Browser::new(&server).sign_in(email, "wrong wrong wrong wrong").await.status, 422);
    for path in [old, link(Purpose::Reset).await, link(Purpose::Invitation).await] {
        assert_eq!(Browser::new(&server).get(&path).await.status, 404);
    }
    let links = "SELECT count(*) FROM user_links";
    let before = number(&database, links).await;
    record.post(&Letter::Reset { email: email.into() }).await.unwrap();
    record.post(&Letter::Invitation { user: user.id.clone() }).await.unwrap();
    server.app.send_mails().await.unwrap();
    assert_eq!(number(&database, links).await, before, "no link is mailed");
    let people = owner.get("/admin/people").await;
    for what in ["link", "mail"] {
        let path = format!("/admin/people/{}/{what}", user.id);
        let csrf = owner.csrf_of(&people);
        let refused = owner.post(&path, &[("csrf", &csrf)]).await;
        assert!(refused.status == 422 && refused.holds("signs in with"), "{what}: {}", refused.text());
    }

    // Signed in by the provider, or by the link of the machine, they have nothing else here.
    let way_in = link(Purpose::SignIn).await;
    let screen = browser.get(&way_in).await;
    assert_eq!(browser.submit(&screen, &way_in, &[]).await.status, 303);
    let account = browser.get("/admin/account").await;
    assert!(account.holds("admin") && !account.html.contains("type=\"password\""), "{}", account.text());
    let csrf = browser.csrf_of(&account);
    for path in ["/admin/account/password", "/admin/account/passkeys/ask", "/admin/confirm"] {
        let typed = [
            ("csrf", csrf.as_str()),
            ("password", PASSWORD),
            ("new_password", "seven purple cobblers whistle"),
        ];
        assert_eq!(browser.post(path, &typed).await.status, 403, "{path}");
    }
    server.app.clock.advance(std::time::Duration::from_secs(16 * 60));
    let people = browser.get("/admin/people").await;
    let asked =
        browser.submit(&people, "/admin/people", &[("email", "b@example.com"), ("role", "viewer")]).await;
    assert!(asked.html.contains("again=yes") && !asked.html.contains("/admin/confirm"), "{}", asked.html);
    assert_eq!(
        Browser::new(&server).sign_in("owner@example.com", PASSWORD).await.status,
        303,
        "others as before"
    );
    server.stop().await;
    issuer.stop().await;
}

fn state(to: &str) -> String {
    let to = url::Url::parse(to).unwrap();
    to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

async fn what_a_stranger_brings_back_asks_the_provider_a_bounded_number_of_times(database: Database) {
    let issuer = Issuer::start().await;
    let server = with_issuer(&database, &issuer.url, false, by_groups()).await;
    let browser = Browser::new(&server);
    browser.get("/admin/sign-in").await;
    let state = state(&browser.get("/admin/sign-in/sso").await.location.unwrap());
    for tries in 0..99 {
        let refused = issuer.back(&browser, "AAAA", &state).await;
        assert!(refused.status == 403 && refused.holds("did not let you in"), "{tries}: {}", refused.text());
    }
    for path in ["/admin/sign-in/sso", &format!("/admin/sign-in/sso/back?code=A&state={state}")] {
        assert_eq!(browser.get(path).await.status, 429, "{path}");
    }
    assert_eq!(issuer.asked.load(std::sync::atomic::Ordering::Relaxed), 99);
    server.app.clock.advance(std::time::Duration::from_secs(900));
    let state = self::state(&browser.get("/admin/sign-in/sso").await.location.unwrap());
    let back = format!("/admin/sign-in/sso/back?code=A&state={state}");
    issuer.stop().await;
    assert_eq!(browser.get(&back).await.status, 503, "one that does not answer is no stranger's doing");
    server.stop().await;
}

#[tokio::test]
async fn what_began_by_password_ends_where_there_are_none_any_more() {
    let database = Database::sqlite().await;
    let before = with_provider(&database, false).await;
    let browser = Browser::of(&before, Role::Owner).await;
    let cookie = browser.cookie.borrow().clone();
    assert_eq!(browser.get("/admin/account").await.status, 200);
    let by_link = Browser::new(&before);
    let user = before.app.store.credentials_of("owner@example.com").await.unwrap().unwrap().user;
    let record = before.app.store.record();
    let token = record.create_link(Purpose::SignIn, Some(&user.id), &Actor::CommandLine).await.unwrap();
    let link = format!("/admin/links/{}", token.unwrap());
    let screen = by_link.get(&link).await;
    assert_eq!(by_link.submit(&screen, &link, &[]).await.status, 303);
    let held = by_link.cookie.borrow().clone();
    before.stop().await;

    let server = with_provider(&database, true).await;
    let browser = Browser::new(&server);
    *browser.cookie.borrow_mut() = cookie;
    assert_eq!(browser.get("/admin/account").await.status, 303);
    *browser.cookie.borrow_mut() = held;
    let account = browser.get("/admin/account").await;
    assert_eq!(account.status, 200, "the link of the machine stands for the provider");
    let csrf = account.fields("/admin/sign-out")[0].1.clone();
    let shown = [("csrf", csrf.as_str()), ("password", PASSWORD)];
    assert_eq!(browser.post("/admin/confirm", &shown).await.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_provider_signs_what_it_says() {
    let (issuer, database) = (Issuer::start().await, Database::sqlite().await);
    let server = with_issuer(&database, &issuer.url, false, by_groups()).await;
    for (alg, status) in [("RS256", 303), ("PS256", 303), ("none", 403), ("HS256", 403)] {
        let ada = json!({ "sub": "s1", "email": "ada@example.com", "groups": ["owner"], "alg": alg });
        let back = issuer.enter(&Browser::new(&server), "/admin/sign-in/sso", ada).await;
        assert_eq!(back.status, status, "{alg}: {}", back.html);
    }
    server.stop().await;
    issuer.stop().await;
}

#[tokio::test]
async fn who_waits_for_a_provider_that_is_away_does_not_ask_it_anew() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = asked.clone();
    let closing = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    let database = Database::sqlite().await;
    let server = with_issuer(&database, &issuer, false, Roles::default()).await;
    let browsers = [(); 5].map(|()| Browser::new(&server));
    let all = browsers.iter().map(|browser| browser.get("/admin/sign-in/sso"));
    for away in futures_util::future::join_all(all).await {
        assert_eq!(away.status, 503);
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
    closing.abort();
    server.stop().await;
}
