//! A page's own dress: set at the command line, kept, audited.

use std::process::{Command, Output};

use pharos::{
    domain::Id,
    store::{Actor, BrandingSettings, Clearable, NewPage, PageSettings, Store},
};
use serde_json::Value;

use crate::support::{Database, clock, noon, on_both};

on_both!(a_dress_is_kept_and_taken_away, the_audit_holds_no_picture);

pub const DRAWING: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9z\"/></svg>";

async fn page(store: &Store) -> Id {
    let change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    change.commit().await.unwrap().page_id
}

async fn set(store: &Store, id: &Id, settings: PageSettings) {
    let mut change = store.change(id, Actor::System).await.unwrap();
    change.set_page(settings).await.unwrap();
    change.commit().await.unwrap();
}

fn dressed() -> BrandingSettings {
    BrandingSettings {
        logo: Some(pharos::domain::branding::Logo::of(DRAWING.into()).unwrap()),
        accent: Some("#0a5add".parse().unwrap()),
        announcement: Some("We **move** on Sunday".parse().unwrap()),
        announcement_until: Some(noon() + chrono::TimeDelta::hours(1)),
        hidden_from_search: Some(true),
        ..BrandingSettings::default()
    }
}

async fn a_dress_is_kept_and_taken_away(database: Database) {
    let clock = clock();
    let store = database.store(&clock).await;
    let id = page(&store).await;
    set(&store, &id, PageSettings { branding: dressed(), ..PageSettings::default() }).await;
    let branding = store.load(&id, "").await.unwrap().page.branding;
    assert_eq!(branding.logo.as_ref().unwrap().bytes(), DRAWING.as_bytes());
    assert_eq!(branding.announcement.as_ref().unwrap().until, Some(noon() + chrono::TimeDelta::hours(1)));
    set(&store, &id, PageSettings { name: Some("Other".into()), ..PageSettings::default() }).await;
    assert_eq!(store.load(&id, "").await.unwrap().page.branding, branding, "what is not named stays");
    let new =
        |body: &str| BrandingSettings { announcement: Some(body.parse().unwrap()), ..Default::default() };
    set(&store, &id, PageSettings { branding: new("Later"), ..PageSettings::default() }).await;
    let pinned = store.load(&id, "").await.unwrap().page.branding.announcement.unwrap();
    assert_eq!((pinned.body.as_str(), pinned.until), ("Later", Some(noon() + chrono::TimeDelta::hours(1))));
    clock.advance(std::time::Duration::from_secs(7_200));
    set(&store, &id, PageSettings { branding: new("After that"), ..PageSettings::default() }).await;
    let pinned = store.load(&id, "").await.unwrap().page.branding.announcement.unwrap();
    assert_eq!((pinned.body.as_str(), pinned.until), ("After that", None), "an end that is over is none");
    let branding = store.load(&id, "").await.unwrap().page.branding;
    let clear = vec![Clearable::Logo, Clearable::AnnouncementUntil];
    set(&store, &id, PageSettings { clear, ..PageSettings::default() }).await;
    let cleared = store.load(&id, "").await.unwrap().page.branding;
    assert!(cleared.logo.is_none() && cleared.accent == branding.accent);
    assert_eq!(cleared.announcement.unwrap().until, None);
    let clear = Clearable::ALL.to_vec();
    let none = BrandingSettings { hidden_from_search: Some(false), ..BrandingSettings::default() };
    set(&store, &id, PageSettings { clear, branding: none, ..PageSettings::default() }).await;
    assert_eq!(store.load(&id, "").await.unwrap().page.branding, Default::default());
    for (until, body, why) in [(0, Some("x"), "after"), (1, None, "no announcement")] {
        let branding = BrandingSettings {
            announcement: body.map(|body| body.parse().unwrap()),
            announcement_until: Some(clock.now() + chrono::TimeDelta::hours(until)),
            ..BrandingSettings::default()
        };
        let mut change = store.change(&id, Actor::System).await.unwrap();
        let refused =
            change.set_page(PageSettings { branding, ..PageSettings::default() }).await.unwrap_err();
        assert!(refused.to_string().contains("announcement-until"), "{refused}");
        assert!(refused.to_string().contains(why), "{refused}");
    }
    store.close().await.unwrap();
}

async fn the_audit_holds_no_picture(database: Database) {
    let store = database.store(&clock()).await;
    let id = page(&store).await;
    set(&store, &id, PageSettings { branding: dressed(), ..PageSettings::default() }).await;
    let raw = database.raw().await;
    use sea_orm::ConnectionTrait;
    let sql = "SELECT after FROM audit_events WHERE action = 'page.update'";
    let statement = sea_orm::Statement::from_string(raw.get_database_backend(), sql);
    let after: Value = raw.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    let logo = &after["branding"]["logo"];
    assert_eq!(logo["bytes"], DRAWING.len());
    assert_eq!(logo["sha256"].as_str().unwrap().len(), 64);
    assert!(logo.get("data").is_none(), "{logo}");
    store.close().await.unwrap();
}

fn run(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
    command.current_dir(folder).env_clear().env("PHAROS_LOG_FORMAT", "text");
    command.args(arguments).output().unwrap()
}

#[test]
fn bad_input_names_the_option_and_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let id = String::from_utf8(run(folder.path(), &["page", "create", "--name", "One"]).stdout).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("no.gif", "GIF89a");
    write("bad.css", "a { b: c }\n@import 'https://evil.example';");
    write("long.md", &"x".repeat(5_001));
    write("logo.svg", DRAWING);
    write("script.svg", &DRAWING.replace("<path", "<script>x</script><path"));
    write("good.css", ".card { border-radius: 0 }");
    let set = |wrong: &str| run(folder.path(), &["page", "set", id.trim(), wrong]);
    for (wrong, allowed) in [
        ("--logo=no.gif", "SVG, PNG, WebP or JPEG"),
        ("--logo=missing.svg", "can't be read"),
        ("--accent=#ffff00", "4.5 to 1"),
        ("--accent=yellow", "#rrggbb"),
        ("--accent-dark=#101010", "dark scheme"),
        ("--header=@long.md", "1 to 5000"),
        ("--custom-css=bad.css", "line 2, column 1: @import is not allowed"),
        ("--announcement-until=tomorrow", "2027-01-31T18:00:00Z"),
        ("--security-contact=javascript:x", "mailto:"),
        ("--hide-from-search=maybe", "true"),
        ("--embed-position=middle", "bottom-right"),
        ("--clear=name", "support-url"),
        ("--description=a\nb", "1 to 500"),
        ("--url=https://status.example.com/status", "without a path"),
        ("--security-contact=mailto:a@b.example\r\nContact: x", "control characters"),
        ("--support-url=https://a.exam\nple", "http or https"),
        ("--time-zone=Berlin", "Europe/Berlin"),
        ("--logo=script.svg", "<script>"),
        ("--announcement-until=2020-01-01T00:00:00Z", "after"),
        ("--embed-incident-background=#ffee00", "4.5 to 1"),
    ] {
        let refused = set(wrong);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(64), "{wrong}: {said}");
        let option = wrong.split('=').next().unwrap();
        assert!(said.contains(option) && said.contains(allowed), "{wrong}: {said}");
    }
    let long = String::from_utf8(set(&format!("--accent=\u{1b}{}", "x".repeat(9_000))).stderr).unwrap();
    assert!(long.len() < 400 && long.contains("9001 characters") && !long.contains('\u{1b}'), "{long}");
    let both = run(folder.path(), &["page", "set", id.trim(), "--clear=url", "--url=https://a.example"]);
    let said = String::from_utf8_lossy(&both.stderr).into_owned();
    assert!(both.status.code() == Some(64) && said.contains("--clear url"), "{said}");
    let good = run(
        folder.path(),
        &[
            "page",
            "set",
            id.trim(),
            "--logo=logo.svg",
            "--custom-css=good.css",
            "--accent=#0A5ADD",
            "--footer=Made with *care*",
            "--powered-by=false",
            "--clear=description",
            "--clear=header",
            "--embed-incident-background=#000000",
            "--security-contact=mailto:s@example.com",
        ],
    );
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
}
