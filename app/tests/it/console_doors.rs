//! The console: who may open which door, and what is turned away before it.

use std::collections::BTreeSet;

use pharos::{domain::role::Role, web};
use reqwest::Method;

use crate::{
    manage::empty,
    support::{Browser, Database, PASSWORD, Server, clock, on_both},
};

on_both!(each_route_opens_for_its_roles, forms_of_others_are_turned_away);

const EVERYONE: &[Role] = &Role::ALL;
const RESPONDERS: &[Role] = &[Role::Owner, Role::Admin, Role::Responder];
const MOVERS: &[Role] = &[Role::Owner, Role::Admin, Role::Responder, Role::Editor];
const EDITORS: &[Role] = &[Role::Owner, Role::Admin, Role::Editor];
const ADMINS: &[Role] = &[Role::Owner, Role::Admin];
const OWNERS: &[Role] = &[Role::Owner];

/// Every route of people who are signed in, and the roles that it opens for.
const ROUTES: &[(&str, &str, &[Role])] = &[
    ("GET", "/admin", EVERYONE),
    ("GET", "/admin/account", EVERYONE),
    ("POST", "/admin/account/password", EVERYONE),
    ("GET", "/admin/account/second-factor", EVERYONE),
    ("POST", "/admin/account/second-factor", EVERYONE),
    ("POST", "/admin/account/second-factor/confirm", EVERYONE),
    ("POST", "/admin/account/second-factor/codes", EVERYONE),
    ("POST", "/admin/account/second-factor/off", EVERYONE),
    ("POST", "/admin/account/passkeys", EVERYONE),
    ("POST", "/admin/account/passkeys/ask", EVERYONE),
    ("POST", "/admin/account/passkeys/{passkey}/remove", EVERYONE),
    ("POST", "/admin/account/sessions/{session}/end", EVERYONE),
    ("POST", "/admin/confirm", EVERYONE),
    ("GET", "/admin/pages/{page}/incidents", EVERYONE),
    ("GET", "/admin/pages/{page}/incidents/new", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/new", RESPONDERS),
    ("GET", "/admin/pages/{page}/incidents/{incident}", EVERYONE),
    ("POST", "/admin/pages/{page}/incidents/{incident}", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/{incident}/updates/{update}", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/{incident}/postmortem", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/{incident}/untold", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/{incident}/taken-back", RESPONDERS),
    ("POST", "/admin/pages/{page}/incidents/{incident}/delete", RESPONDERS),
    ("GET", "/admin/pages/{page}/maintenances", EVERYONE),
    ("GET", "/admin/pages/{page}/maintenances/new", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/new", RESPONDERS),
    ("GET", "/admin/pages/{page}/maintenances/{incident}", EVERYONE),
    ("POST", "/admin/pages/{page}/maintenances/{incident}", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/{incident}/plan", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/{incident}/cancel", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/{incident}/updates/{update}", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/{incident}/delete", RESPONDERS),
    ("POST", "/admin/pages/{page}/maintenances/feed", EVERYONE),
    ("GET", "/admin/pages/{page}/maintenances/series/{recurrence}", EVERYONE),
    ("POST", "/admin/pages/{page}/maintenances/series/{recurrence}", RESPONDERS),
    ("GET", "/admin/pages/{page}/components", EVERYONE),
    ("GET", "/admin/pages/{page}/components/{component}", EVERYONE),
    ("POST", "/admin/pages/{page}/components/{component}/past", MOVERS),
    ("GET", "/admin/pages/{page}/alert-rules", EVERYONE),
    ("POST", "/admin/pages/{page}/alert-rules", EDITORS),
    ("POST", "/admin/pages/{page}/alert-rules/test", EVERYONE),
    ("POST", "/admin/pages/{page}/alert-rules/{rule}", EDITORS),
    ("GET", "/admin/pages/{page}/search", EVERYONE),
    ("POST", "/admin/pages/{page}/components/status", MOVERS),
    ("POST", "/admin/pages/{page}/components/more", EDITORS),
    ("POST", "/admin/pages/{page}/components/{component}", EDITORS),
    ("POST", "/admin/pages/{page}/components/groups/{group}", EDITORS),
    ("GET", "/admin/pages/{page}/audit", EVERYONE),
    ("GET", "/admin/pages/{page}/audit/download", EVERYONE),
    ("GET", "/admin/pages/{page}/settings", EDITORS),
    ("POST", "/admin/pages/{page}/settings", EDITORS),
    ("GET", "/admin/pages/{page}/settings/preview", EDITORS),
    ("POST", "/admin/pages/{page}/settings/preview", EDITORS),
    ("POST", "/admin/pages/{page}/settings/logo", EDITORS),
    ("GET", "/admin/pages/{page}/start", EDITORS),
    ("POST", "/admin/pages/{page}/start", EDITORS),
    ("GET", "/admin/system", ADMINS),
    ("GET", "/admin/people", ADMINS),
    ("POST", "/admin/people", ADMINS),
    ("POST", "/admin/people/second-step", OWNERS),
    ("POST", "/admin/people/{user}/role", ADMINS),
    ("POST", "/admin/people/{user}/link", ADMINS),
    ("POST", "/admin/people/{user}/mail", ADMINS),
    ("POST", "/admin/people/{user}/disabled", ADMINS),
    ("GET", "/admin/tokens", ADMINS),
    ("POST", "/admin/tokens", ADMINS),
    ("POST", "/admin/tokens/{token}/revoke", ADMINS),
];

/// What is open to everybody: to get in, and to get out.
const OPEN: &[&str] = &[
    "/admin/sign-in",
    "/admin/sign-in/code",
    "/admin/sign-in/passkey",
    "/admin/sign-in/passkey/ask",
    "/admin/sign-in/sso",
    "/admin/sign-in/sso/back",
    "/admin/sign-out",
    "/admin/calendars/{token}",
    "/admin/links/{token}",
    "/admin/reset",
    "/admin/assets/{asset}",
];

#[test]
fn the_table_names_every_route() {
    let there: BTreeSet<&str> =
        web::routes().iter().copied().filter(|route| route.starts_with("/admin")).collect();
    let named: BTreeSet<&str> = ROUTES.iter().map(|(_, path, _)| *path).chain(OPEN.iter().copied()).collect();
    assert_eq!(there, named);
}

/// A path with this page, and with ids of nothing.
fn filled(pattern: &str, page: &str) -> String {
    let mut path = pattern.replace("{page}", page);
    while let Some((before, rest)) = path.split_once('{') {
        path = format!("{before}nothing{}", rest.split_once('}').unwrap().1);
    }
    path
}

async fn each_route_opens_for_its_roles(database: Database) {
    let (server, _) = empty(&database).await;
    let page = server.app.site.versions()[0].0.to_string();
    for role in Role::ALL {
        let browser = Browser::of(&server, role).await;
        let csrf = browser.csrf().await;
        for (method, pattern, roles) in ROUTES {
            let path = filled(pattern, &page);
            let answer = match *method {
                "GET" => browser.get(&path).await,
                _ => browser.post(&path, &[("csrf", &csrf), ("do", "look")]).await,
            };
            let refused = answer.status == 403;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{role:?} {method} {path}: {} {}",
                answer.status,
                answer.text()
            );
            assert_ne!(answer.status, 500);
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }
    let nobody = Browser::new(&server);
    nobody.get("/admin/sign-in").await;
    for (method, pattern, _) in ROUTES {
        let path = filled(pattern, &page);
        let answer = match *method {
            "GET" => nobody.get(&path).await,
            _ => nobody.post(&path, &[("do", "look")]).await,
        };
        match *method {
            "GET" => assert!(answer.location.unwrap().starts_with("/admin/sign-in?next="), "{path}"),
            _ => assert!(answer.status == 403 && answer.holds("Sign in"), "{path}: {}", answer.text()),
        }
    }
    server.stop().await;
}

async fn forms_of_others_are_turned_away(database: Database) {
    let (server, _) = empty(&database).await;
    let page = server.app.site.versions()[0].0.clone();
    let browser = Browser::of(&server, Role::Owner).await;
    let csrf = browser.csrf().await;
    let path = format!("/admin/pages/{page}/components/more");
    let fields = [("csrf", csrf.as_str()), ("components", "Website")];
    let base = server.base.as_str();
    for headers in [
        &[][..],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
        &[("referer", "https://evil.test/admin")],
        &[("origin", base), ("sec-fetch-site", "cross-site")],
    ] {
        let answer = browser.send(Method::POST, &path, Some(&fields), headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(!answer.html.contains("Website"), "nor is it offered to be sent again");
    }
    for token in ["", "AAAA", &Browser::of(&server, Role::Viewer).await.csrf().await] {
        let answer = browser.post(&path, &[("csrf", token), ("components", "Website")]).await;
        assert_eq!(answer.status, 403, "{token:?}");
    }
    assert_eq!(server.json("/api/v2/components.json").await["components"].as_array().unwrap().len(), 0);
    assert_eq!(browser.post(&path, &fields).await.status, 303);
    assert_eq!(server.json("/api/v2/components.json").await["components"].as_array().unwrap().len(), 1);
    // A link or a picture of another site does nothing.
    for path in ["/admin/sign-out", "/admin/confirm", "/admin/account/second-factor/off"] {
        assert_eq!(browser.get(path).await.status.as_u16() / 100, 4, "{path}");
    }
    assert_eq!(browser.get("/admin/account").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let database = Database::sqlite().await;
    let (server, _) = empty(&database).await;
    Browser::of(&server, Role::Viewer).await;
    for elsewhere in [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "/admin/../v1",
        "javascript:alert(1)",
        "/admin\r\nX: y",
    ] {
        let browser = Browser::new(&server);
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("next", elsewhere).finish();
        let screen = browser.get(&format!("/admin/sign-in?{query}")).await;
        assert!(!screen.html.contains("evil") && !screen.html.contains("javascript:"));
        let filled = [("email", "viewer@example.com"), ("password", PASSWORD), ("next", elsewhere)];
        let entered = browser.submit(&screen, "/admin/sign-in", &filled).await;
        assert_eq!(entered.location.as_deref(), Some("/admin"), "{elsewhere}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_console_of_its_own_address_answers_there_alone() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    store.ensure_page("Acme").await.unwrap();
    let api = web::ApiOptions::default();
    let console =
        web::ConsoleOptions { url: Some("https://console.test".into()), ..web::ConsoleOptions::default() };
    let options = web::Options { console, ..api.into() };
    let server = Server::start_with(store, &clock(), options).await;
    let browser = Browser::new(&server);
    let at = async |path: &str, host: &str| browser.send(Method::GET, path, None, &[("host", host)]).await;
    for path in ["/admin/sign-in", "/v1/openapi.json", "/api/v1/openapi.json"] {
        assert_eq!(at(path, "console.test").await.status, 200, "{path}");
        assert_eq!(at(path, "CONSOLE.test").await.status, 200, "{path}");
        assert_eq!(at(path, "status.test").await.status, 404, "{path}");
        assert_eq!(at(path, "console.test.evil.test").await.status, 404, "{path}");
    }
    assert_eq!(at("/", "status.test").await.status, 200);
    let host = [("host", "console.test")];
    let screen = Browser::new(&server).send(Method::GET, "/admin/sign-in", None, &host).await;
    let cookie = screen.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-pharos=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!screen.holds("plain http"));
    server.stop().await;
}

#[tokio::test]
async fn a_screen_says_what_a_browser_may_do_with_it() {
    let database = Database::sqlite().await;
    let (server, _) = empty(&database).await;
    let browser = Browser::new(&server);
    let screen = browser.get("/admin/sign-in").await;
    let policy = screen.headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(screen.headers["referrer-policy"], "same-origin");
    assert_eq!(screen.headers["x-content-type-options"], "nosniff");
    assert!(screen.holds("over plain http"), "it says so: {}", screen.text());
    let cookie = screen.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("pharos=") && cookie.contains("HttpOnly") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(
        !screen.html.contains("<script>")
            && !screen.html.contains(" style=")
            && !screen.html.contains("onclick")
    );
    for asset in screen.html.split('"').filter(|part| part.starts_with("/admin/assets/")) {
        let sent = browser.get(asset).await;
        assert!(
            sent.status == 200 && sent.headers["cache-control"].to_str().unwrap().contains("immutable"),
            "{asset}"
        );
    }
    assert_eq!(browser.get("/admin/nowhere").await.status, 404);
    server.stop().await;
}
