//! The console: what a page says of itself, and what it wears.

use pharos::{domain::role::Role, render::raster};

use crate::{
    manage::empty,
    support::{Browser, Database, Screen, Server, on_both},
};

on_both!(
    what_is_saved_is_seen,
    what_breaks_a_rule_is_told_with_what_was_typed,
    a_look_is_shown_before_it_is_worn,
    a_logo_is_what_it_says_it_is,
);

async fn at_work(database: &Database) -> (Server, String) {
    let (server, page) = empty(database).await;
    (server, page.replace("/v1/", "/admin/") + "/settings")
}

/// Sends one part of the settings; a field in no form has no value.
async fn save(
    browser: &Browser<'_>,
    screen: &Screen,
    path: &str,
    part: &str,
    fields: &[(&str, &str)],
) -> Screen {
    let csrf = browser.csrf().await;
    let html = &screen.html;
    let of_part = html.split(&format!("name=\"part\" value=\"{part}\"")).nth(1).unwrap();
    let stamp = of_part.split("name=\"stamp\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let all: Vec<(&str, &str)> = [("csrf", csrf.as_str()), ("part", part), ("stamp", stamp), ("do", "save")]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    let sent = browser.post(path, &all).await;
    match sent.location.clone() {
        Some(location) => browser.open(location.split('#').next().unwrap()).await,
        None => sent,
    }
}

const ABOUT: [(&str, &str); 5] = [
    ("name", "Acme & Sons"),
    ("description", "Is it up?"),
    ("support_url", "https://help.example.com/"),
    ("zone", "Europe/Berlin"),
    ("language", "de"),
];

async fn what_is_saved_is_seen(database: Database) {
    let (server, path) = at_work(&database).await;
    let editor = Browser::of(&server, Role::Editor).await;
    let first = editor.get(&path).await;
    let saved = save(&editor, &first, &path, "about", &ABOUT).await;
    assert!(saved.holds("Saved."), "{}", saved.text());
    let front = server.text("/").await;
    assert!(
        front.contains("lang=\"de\"") && front.contains("Acme &amp; Sons") && front.contains("Is it up?")
    );
    assert!(front.contains("https://help.example.com"));

    let pinned = [("announcement", "We **move**."), ("announcement_until", "2026-11-23T01:00")];
    assert!(save(&editor, &saved, &path, "announcement", &pinned).await.holds("Saved."));
    assert!(server.text("/").await.contains("We <strong>move</strong>"));
    let page = server.app.site.versions()[0].0.clone();
    let branding = server.app.site.get(&page).unwrap().state.page.branding.clone();
    let until = branding.announcement.unwrap().until.unwrap();
    assert_eq!(until.to_rfc3339(), "2026-11-23T00:00:00+00:00", "in the page's zone");
    let seen = editor.get(&path).await;
    assert!(save(&editor, &seen, &path, "announcement", &[]).await.holds("Saved."));
    assert!(!server.text("/").await.contains("We <strong>move"));

    let seen = editor.get(&path).await;
    let hidden = [("hidden_from_search", "true"), ("security_contact", "mailto:security@example.com")];
    assert!(save(&editor, &seen, &path, "search", &hidden).await.holds("Saved."));
    assert!(server.text("/.well-known/security.txt").await.contains("security@example.com"));
    assert!(server.text("/").await.contains("noindex"));
    let seen = editor.get(&path).await;
    let hosted = save(&editor, &seen, &path, "domain", &[("host", "status.example.com")]).await;
    assert!(hosted.holds("CNAME") && hosted.holds("status.test"), "{}", hosted.text());

    // Of two operators nobody overwrites, part by part.
    let late =
        save(&editor, &first, &path, "about", &[("name", "Mine"), ("zone", "UTC"), ("language", "en")]).await;
    assert!(
        late.status == 409 && late.holds("Somebody else changed this"),
        "{} {}",
        late.status,
        late.text()
    );
    assert!(late.html.contains("value=\"Mine\""), "what was typed stays");
    let again =
        save(&editor, &late, &path, "about", &[("name", "Mine"), ("zone", "UTC"), ("language", "en")]).await;
    assert!(again.holds("Saved.") && server.text("/").await.contains("Mine"));
    let audit = editor.get(&path.replace("/settings", "/audit?kind=page")).await;
    assert!(audit.holds("page update by editor@example.com"), "{}", audit.text());
    server.stop().await;
}

async fn what_breaks_a_rule_is_told_with_what_was_typed(database: Database) {
    let (server, path) = at_work(&database).await;
    let editor = Browser::of(&server, Role::Editor).await;
    let screen = editor.get(&path).await;
    let before = server.text("/").await;
    for (part, field, value, told) in [
        ("about", "name", " ", "Name: allowed are 1 to"),
        ("about", "description", "two\nlines", "Description: allowed are 1 to 500"),
        (
            "about",
            "url",
            "https://status.example.com/path",
            "Url: allowed is an http or https address without a path",
        ),
        ("about", "support_url", "javascript:alert(1)", "Support url: allowed is an http"),
        ("about", "zone", "Mars/Olympus", "Zone: allowed is the IANA name"),
        ("about", "language", "tlh", "Language: there are"),
        ("announcement", "announcement_until", "2026-11-23T01:00", "Announcement: is needed"),
        ("look", "accent", "#ffffff", "Accent: its contrast"),
        ("look", "accent_dark", "#000000", "Accent dark: its contrast"),
        ("look", "custom_css", "@import 'x';", "Custom css: line 1"),
        ("search", "security_contact", "nobody", "Security contact: allowed is"),
        ("domain", "host", "https://status.example.com", "Host: allowed is a host name"),
    ] {
        let mut fields: Vec<(&str, &str)> = if part == "about" { ABOUT.to_vec() } else { vec![] };
        fields.push((field, value));
        let refused = save(&editor, &screen, &path, part, &fields).await;
        assert!(
            refused.status == 422 && refused.holds(told),
            "{field}: {} {}",
            refused.status,
            refused.text()
        );
        let typed = html_escape(value.trim());
        assert!(refused.html.contains(&typed) || value.trim().is_empty(), "{field}: what was typed stays");
    }
    let past = [("announcement", "x"), ("announcement_until", "2026-11-21T01:00")];
    assert!(save(&editor, &screen, &path, "announcement", &past).await.holds("an instant after"));
    assert_eq!(server.text("/").await, before, "nothing of it was done");
    server.stop().await;
}

fn html_escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

async fn a_look_is_shown_before_it_is_worn(database: Database) {
    let (server, path) = at_work(&database).await;
    let editor = Browser::of(&server, Role::Editor).await;
    let screen = editor.get(&path).await;
    let policy = screen.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let look = [
        ("part", "look"),
        ("accent", "#0a5add"),
        ("accent_dark", "#9fc3ff"),
        ("header", "**Hello**"),
        ("custom_css", ".card { border-radius: 0 }"),
    ];
    let csrf = editor.csrf().await;
    let with = |more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
        [("csrf", csrf.as_str())].into_iter().chain(look).chain(more.iter().copied()).collect()
    };
    let shown = editor.post(&format!("{path}/preview"), &with(&[("do", "preview")])).await;
    assert!(shown.status == 200 && shown.html.contains("<strong>Hello</strong>"), "{}", shown.html);
    assert!(shown.html.contains("#0a5add") && !shown.html.contains("<script"));
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'self'; sandbox") && !policy.contains("unsafe"), "{policy}");
    assert!(!server.text("/").await.contains("Hello"), "a look changes nothing");
    let as_it_is = editor.get(&format!("{path}/preview")).await;
    assert!(as_it_is.status == 200 && !as_it_is.html.contains("Hello"));

    let contrast = editor.post(&path, &with(&[("do", "fragment")])).await;
    assert!(contrast.html.contains("can be read") && !contrast.html.contains("can't"), "{}", contrast.html);
    let pale = editor.post(&path, &with(&[("do", "fragment"), ("accent", "#9fc3ff")])).await;
    assert!(pale.html.contains("can't be read") && pale.html.contains("1.43 to 1"), "{}", pale.html);
    let worn = save(&editor, &screen, &path, "look", &look[1..]).await;
    assert!(worn.holds("Saved."), "{}", worn.text());
    let front = server.text("/").await;
    assert!(front.contains("<strong>Hello</strong>") && front.contains("#0a5add"));
    assert!(!front.contains("Powered by"), "it was not ticked");
    server.stop().await;
}

/// Where a picture holds what is no pixel: a text chunk of a PNG (PNG, 11.3.4.3).
fn with_a_comment(png: &[u8]) -> Vec<u8> {
    let mut chunk = b"tEXtComment\0taken at home".to_vec();
    let mut crc = flate2::Crc::new();
    crc.update(&chunk);
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    chunk.extend(crc.sum().to_be_bytes());
    let end = png.len() - 12;
    [&png[..end], &length, &chunk, &png[end..]].concat()
}

async fn a_logo_is_what_it_says_it_is(database: Database) {
    let (server, path) = at_work(&database).await;
    let editor = Browser::of(&server, Role::Editor).await;
    let (csrf, upload) = (editor.csrf().await, format!("{path}/logo"));
    let fields = |which: &'static str, what: &'static str| {
        vec![("csrf", csrf.as_str()), ("which", which), ("do", what)]
    };
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><rect width=\"8\" height=\"8\"/></svg>";
    let png = with_a_comment(&raster::png(drawing, 16).unwrap());
    assert!(png.windows(5).any(|some| some == b"taken"));
    let used = editor.upload(&upload, &fields("logo", "upload"), &png).await;
    assert_eq!(used.status, 303, "{}", used.text());
    let front = server.text("/").await;
    let file = front.split('"').find(|part| part.starts_with("/assets/logo-")).unwrap().to_owned();
    assert!(file.ends_with(".png"), "{file}");
    let sent = server.get(&file).await;
    assert_eq!(sent.headers()["content-type"], "image/png");
    let bytes = sent.bytes().await.unwrap();
    assert!(
        bytes.starts_with(b"\x89PNG") && !bytes.windows(5).any(|some| some == b"taken"),
        "its pixels alone"
    );

    let dark = editor.upload(&upload, &fields("logo_dark", "upload"), drawing.as_bytes()).await;
    assert_eq!(dark.status, 303);
    assert!(server.text("/").await.contains("(prefers-color-scheme: dark)"));
    assert!(editor.get(&path).await.html.contains("data:image/svg+xml;base64,"));
    let icon = editor.upload(&upload, &fields("icon", "upload"), drawing.as_bytes()).await;
    assert_eq!(icon.status, 303);
    assert!(server.text("/").await.contains("<link rel=\"icon\" href=\"/assets/logo-"));
    let mut bomb = png.clone();
    // A header that promises a billion pixels.
    bomb[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
    let scripted = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_bytes();
    let large = [png.as_slice(), &[0; 70_000]].concat();
    for (bad, told) in [
        (b"GIF89a".as_slice(), "allowed is an SVG, PNG, WebP or JPEG"),
        (b"<html></html>", "allowed is an SVG"),
        (scripted, "without scripts"),
        (&bomb, "pixels"),
        (&large, "at most 64 KiB"),
        (b"", "choose a picture first"),
    ] {
        let refused = editor.upload(&upload, &fields("logo", "upload"), bad).await;
        assert!(refused.status == 422 && refused.holds(told), "{told}: {}", refused.text());
    }
    let huge = editor.upload(&upload, &fields("logo", "upload"), &vec![0; 600_000]).await;
    assert!(huge.status == 422 && huge.holds("too large"), "{}", huge.text());
    let forged = editor.upload(&upload, &[("which", "logo"), ("do", "remove")], b"x").await;
    assert_eq!(forged.status, 403);
    assert_eq!(editor.upload(&upload, &fields("logo", "remove"), b"").await.status, 303);
    assert_eq!(editor.upload(&upload, &fields("logo_dark", "remove"), b"").await.status, 303);
    assert_eq!(editor.upload(&upload, &fields("icon", "remove"), b"").await.status, 303);
    assert!(!server.text("/").await.contains("/assets/logo-"));
    server.stop().await;
}
