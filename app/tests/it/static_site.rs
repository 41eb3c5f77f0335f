//! The whole site as files, behind a web server that knows nothing of us.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use pharos::{
    store::{Actor, BrandingSettings, NewComponent, NewPage, PageSettings},
    transfer::{
        demo,
        site::{StaticOptions, copy},
    },
    web,
};
use scraper::{Html, Selector};
use url::Url;

use crate::support::{Database, Server, clock};

/// Python's web server over a folder.
struct Files {
    process: Child,
    base: Url,
}

impl Files {
    fn serve(folder: &Path) -> Self {
        let mut command = Command::new("python3");
        command.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]).arg(folder);
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3 serves files");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.split(['(', ')']).nth(1).expect("it says where it is");
        Self { base: base.parse().unwrap(), process }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn options(folder: &Path) -> StaticOptions {
    StaticOptions { folder: folder.to_owned(), page: None, precompressed: false }
}

async fn copied(server: &Server, options: &StaticOptions) -> anyhow::Result<usize> {
    let (page, _) = server.app.site.versions().remove(0);
    let snapshot = server.app.site.get(&page).unwrap();
    copy(&snapshot, &server.base, web::public_routes(), options).await
}

async fn demo_server(database: &Database) -> Server {
    let store = database.store(&clock()).await;
    demo::fill(&store, &clock()).await.unwrap();
    Server::start(store, &clock()).await
}

/// A page with one component, which is copied in no time.
async fn small_server(database: &Database) -> Server {
    let store = database.store(&clock()).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::CommandLine).await.unwrap();
    change.create_component(NewComponent::named("API")).await.unwrap();
    let branding = BrandingSettings {
        security_contact: Some("mailto:security@example.com".parse().unwrap()),
        ..BrandingSettings::default()
    };
    change.set_page(PageSettings { branding, ..PageSettings::default() }).await.unwrap();
    change.commit().await.unwrap();
    Server::start(store, &clock()).await
}

fn files(folder: &Path) -> BTreeSet<String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found
}

/// What a page names that is of the same site.
fn links(html: &str, at: &Url) -> BTreeSet<Url> {
    let document = Html::parse_document(html);
    let named = Selector::parse("[href], [src]").unwrap();
    let links = document.select(&named).filter_map(|element| {
        let link = element.value().attr("href").or(element.value().attr("src"))?;
        let mut url = at.join(link).ok().filter(|url| url.origin() == at.origin())?;
        url.set_fragment(None);
        Some(url)
    });
    links.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_link_of_the_copy_leads_to_a_file() {
    let database = Database::sqlite().await;
    let server = demo_server(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let count = copied(&server, &options(folder.path())).await.unwrap();
    let all = files(folder.path());
    assert_eq!(all.len(), count + 1, "and the marker");
    let state = server.app.site.get(&server.app.site.versions()[0].0).unwrap().state.clone();
    let mut expected: Vec<String> =
        ["index.html", "de/index.html", "404.html", "api/v2/summary.json"].map(str::to_owned).to_vec();
    expected.extend(state.incident_ids.iter().map(|id| format!("incidents/{id}/index.html")));
    expected.extend(
        state.components.iter().map(|component| format!("de/components/{}/index.html", component.id)),
    );
    for file in expected {
        assert!(all.contains(&file), "{file} is missing");
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("api/v2/summary.json")).unwrap(),
        server.text("/api/v2/summary.json").await
    );
    assert!(!all.contains("en/404.html"), "the page's own language stands at the root alone");
    for (file, asked) in [("history.json", "/history.json"), ("history/page-2.json", "/history.json?page=2")]
    {
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), server.text(asked).await, "{file}");
    }
    let first = state.first_quarter(crate::support::noon());
    let back = pharos::domain::past::Quarter::at(crate::support::noon(), state.page.time_zone).since(first);
    let last = format!("history/page-{}.json", back.unwrap() + 1);
    assert!(all.contains(&last), "{last}: back to the first incident");
    let served = Files::serve(folder.path());
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let mut asked = BTreeSet::new();
    for file in all.iter().filter(|file| file.ends_with(".html")) {
        let html = fs::read_to_string(folder.path().join(file)).unwrap();
        let at = served.base.join(file.trim_end_matches("index.html")).unwrap();
        for link in links(&html, &at) {
            let is_file = link.path().rsplit('/').next().unwrap().contains('.');
            assert!(is_file || link.query().is_none(), "{file}: {link}: a folder answers no query");
            if asked.insert(link.clone()) {
                let status = client.get(link.clone()).send().await.unwrap().status();
                assert_eq!(status, 200, "{file} links to {link}");
            }
        }
    }
    assert!(asked.len() > 20, "{asked:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_brought_up_to_date_and_nothing_else_is_touched() {
    let database = Database::sqlite().await;
    let server = small_server(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("site");
    copied(&server, &options(&target)).await.unwrap();
    let security = server.text("/.well-known/security.txt").await;
    for file in ["security.txt", ".well-known/security.txt"] {
        assert_eq!(fs::read_to_string(target.join(file)).unwrap(), security, "{file}");
    }
    fs::write(target.join("CNAME"), "status.example.com").unwrap();
    let (page, _) = server.app.site.versions().remove(0);
    let gone = server.app.site.get(&page).unwrap().state.components[0].id.clone();
    let raw = format!("components/{gone}/index.html");
    assert!(target.join(&raw).exists());
    let change = server.app.store.change(&page, Actor::CommandLine).await.unwrap();
    let committed = change.commit().await.unwrap();
    // What an earlier copy had and the page has no more.
    let marker = target.join(".pharos-static.json");
    let listed = fs::read_to_string(&marker).unwrap().replacen(
        "\"404.html\"",
        "\"404.html\",\"old/page.html\",\"../keep\"",
        1,
    );
    fs::write(&marker, listed).unwrap();
    fs::create_dir(target.join("old")).unwrap();
    fs::write(target.join("old/page.html"), "old").unwrap();
    fs::write(folder.path().join("keep"), "keep").unwrap();
    server.app.announce(&committed).await.unwrap();
    let with_more = StaticOptions { precompressed: true, ..options(&target) };
    copied(&server, &with_more).await.unwrap();
    assert!(!target.join("old").exists(), "with the folder that it was alone in");
    assert!(
        target.join("CNAME").exists() && folder.path().join("keep").exists() && target.join(raw).exists()
    );
    let plain = fs::read(target.join("index.html")).unwrap();
    let mut unpacked = vec![];
    brotli::Decompressor::new(&fs::read(target.join("index.html.br")).unwrap()[..], 4096)
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain);
    assert_eq!(zstd::decode_all(&fs::read(target.join("index.html.zst")).unwrap()[..]).unwrap(), plain);
    let foreign = folder.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("letter.txt"), "mine").unwrap();
    let refused = copied(&server, &options(&foreign)).await.unwrap_err();
    assert!(refused.to_string().contains("not empty"), "{refused:#}");
    assert_eq!(files(&foreign).len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_through_a_link_that_leads_out() {
    use std::os::unix::fs::symlink;
    let database = Database::sqlite().await;
    let server = small_server(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let (target, outside) = (folder.path().join("site"), folder.path().join("outside"));
    copied(&server, &options(&target)).await.unwrap();
    fs::create_dir(&outside).unwrap();
    fs::rename(target.join("api"), folder.path().join("api")).unwrap();
    symlink(&outside, target.join("api")).unwrap();
    let refused = format!("{:#}", copied(&server, &options(&target)).await.unwrap_err());
    assert!(refused.contains("site/api: a symbolic link that leads out"), "{refused}");
    assert!(files(&outside).is_empty());
    fs::remove_file(target.join("api")).unwrap();
    symlink(outside.join("letter"), target.join("index.html.part")).unwrap();
    let refused = format!("{:#}", copied(&server, &options(&target)).await.unwrap_err());
    assert!(refused.contains("index.html.part: a symbolic link"), "{refused}");
    assert!(files(&outside).is_empty());
    fs::remove_file(target.join("index.html.part")).unwrap();
    symlink("incidents", target.join("api")).unwrap();
    fs::create_dir_all(target.join("incidents")).unwrap();
    copied(&server, &options(&target)).await.unwrap();
    server.stop().await;
}

#[test]
fn the_command_line_copies_the_only_page() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
        command
            .current_dir(folder.path())
            .env_clear()
            .env("PHAROS_LOG_FORMAT", "text")
            .args(arguments)
            .output()
            .unwrap()
    };
    assert!(run(&["demo"]).status.success());
    let copied = run(&["export", "static", "site"]);
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    assert!(folder.path().join("site/index.html").exists());
    let both = run(&["export", "--output", "x", "static", "site"]);
    assert!(!both.status.success() && !folder.path().join("x").exists());
    assert!(run(&["page", "create", "--name", "Two", "--host", "two.test"]).status.success());
    assert!(run(&["page", "create", "--name", "Three", "--host", "three.test"]).status.success());
    let which = run(&["export", "static", "site"]);
    assert!(!which.status.success() && String::from_utf8_lossy(&which.stderr).contains("--page"));
}
