//! What a page wears, as browsers get it: the policy, the style sheet, the logo, what is pinned.

use std::time::Duration;

use pharos::{
    domain::branding::Logo,
    store::{Actor, BrandingSettings, NewPage, PageSettings, Store},
};
use reqwest::{Response, StatusCode, header::HOST};
use sha2::{Digest, Sha256};

use crate::{
    branding::DRAWING,
    support::{Database, Server, clock, noon},
};

async fn page(store: &Store, name: &str, host: &str, branding: BrandingSettings) {
    let page = NewPage { host: Some(host.into()), ..NewPage::named(name) };
    let mut change = store.change_new_page(page, Actor::System).await.unwrap();
    change.set_page(PageSettings { branding, ..PageSettings::default() }).await.unwrap();
    change.commit().await.unwrap();
}

async fn at(server: &Server, host: &str, path: &str) -> Response {
    server.get_with(path, [(HOST, host.parse().unwrap())].into_iter().collect()).await
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

/// The hashes of the style elements of a page, as its policy should name them.
fn hashes(html: &str) -> Vec<String> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let styles = html.split("<style>").skip(1).map(|rest| rest.split("</style>").next().unwrap());
    styles.map(|style| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)))).collect()
}

#[tokio::test]
async fn a_page_s_style_is_named_by_its_own_policy_and_by_no_other() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let css = "/* ours */ .card { border-radius: 0 }\r\n.a > b::before { content: \"&<\" }";
    let dressed = BrandingSettings {
        custom_css: Some(css.parse().unwrap()),
        accent: Some("#0a5add".parse().unwrap()),
        ..BrandingSettings::default()
    };
    page(&store, "One", "one.test", dressed).await;
    page(&store, "Two", "two.test", BrandingSettings::default()).await;
    let server = Server::start(store, &clock()).await;
    for path in ["/", "/de/", "/nowhere", "/incidents/nobody"] {
        let mut policies = vec![];
        for (host, own) in [("one.test", true), ("two.test", false)] {
            let answer = at(&server, host, path).await;
            let policy = header(&answer, "content-security-policy");
            let html = answer.text().await.unwrap();
            assert_eq!(html.contains("/* ours */"), own, "{host}{path}");
            assert_eq!(html.contains("--a:#0a5add"), own, "{host}{path}");
            let hashes = hashes(&html);
            for hash in &hashes {
                assert!(policy.contains(hash), "{host}{path}: {hash} in {policy}");
            }
            assert!(!policy.contains("unsafe"), "{policy}");
            policies.push(policy);
        }
        // The common sheets, and one more where there is one.
        let [own, other] = [&policies[0], &policies[1]].map(|policy| policy.matches("'sha256-").count());
        assert_eq!(own, other + 1, "{path}: {policies:?}");
    }
    let nobody = at(&server, "three.test", "/").await;
    assert_eq!(nobody.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(!nobody.text().await.unwrap().contains("/* ours */"));
    server.stop().await;
}

#[tokio::test]
async fn a_logo_is_served_by_its_content_and_can_do_nothing() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let hostile = DRAWING.replace("<path", "<title>alert(1)</title><path");
    let logo = Logo::of(hostile.clone().into_bytes()).unwrap();
    let png = Logo::of(b"\x89PNG\r\n\x1a\nnot much of a picture".to_vec()).unwrap();
    let (light, dark) = (format!("/assets/{}", logo.file_name()), format!("/assets/{}", png.file_name()));
    let dressed = BrandingSettings { logo: Some(logo), logo_dark: Some(png), ..BrandingSettings::default() };
    page(&store, "One <b>", "one.test", dressed).await;
    page(&store, "Two", "two.test", BrandingSettings::default()).await;
    let server = Server::start(store, &clock()).await;
    let html = at(&server, "one.test", "/").await.text().await.unwrap();
    assert!(html.contains(&format!("<img class=\"logo\" src=\"{light}\" alt=\"One &lt;b&gt;\"")), "{html}");
    assert!(html.contains(&format!("srcset=\"{dark}\"")), "{html}");
    let answer = at(&server, "one.test", &light).await;
    assert_eq!(header(&answer, "content-type"), "image/svg+xml; charset=utf-8");
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    let policy = header(&answer, "content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("allow-scripts"), "{policy}");
    assert_eq!(answer.text().await.unwrap(), hostile, "byte for byte");
    let answer = at(&server, "one.test", &dark).await;
    assert_eq!(header(&answer, "content-type"), "image/png");
    for (host, path) in [("two.test", light.as_str()), ("one.test", "/assets/logo-0000000000000000.svg")] {
        let answer = at(&server, host, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{host}{path}");
        assert!(!header(&answer, "cache-control").contains("immutable"));
    }
    server.stop().await;
}

#[tokio::test]
async fn an_announcement_goes_at_its_instant_without_a_change() {
    let database = Database::sqlite().await;
    let clock = clock();
    let store = database.store(&clock).await;
    let end = noon() + chrono::TimeDelta::minutes(90);
    let dressed = BrandingSettings {
        announcement: Some("We **move** <script>alert(1)</script>".parse().unwrap()),
        announcement_until: Some(end),
        header: Some("Top [link](javascript:alert(1))".parse().unwrap()),
        footer: Some("*Bottom*".parse().unwrap()),
        powered_by: Some(false),
        hidden_from_search: Some(true),
        ..BrandingSettings::default()
    };
    page(&store, "One", "one.test", dressed).await;
    let server = Server::start(store, &clock).await;
    let html = server.text("/").await;
    assert!(html.contains("We <strong>move</strong>") && html.contains("<em>Bottom</em>"), "{html}");
    assert!(!html.contains("alert(1)</script>") && !html.contains("javascript:"), "{html}");
    assert!(!html.contains("Lit by") && html.contains("content=\"noindex\""), "{html}");
    clock.advance(Duration::from_secs(90 * 60 - 1));
    server.app.refresher.poll().await.unwrap();
    assert!(server.text("/").await.contains("<strong>move</strong>"));
    clock.advance(Duration::from_secs(1));
    server.app.refresher.poll().await.unwrap();
    assert!(!server.text("/").await.contains("<strong>move</strong>"));
    server.stop().await;
}
