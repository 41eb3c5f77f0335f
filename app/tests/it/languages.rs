//! The languages of a page: where each stands, and who is sent where.

use pharos::{
    locale,
    store::{Actor, PageSettings},
};
use reqwest::{
    Client, Response, StatusCode,
    header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, IF_NONE_MATCH},
    redirect::Policy,
};

use crate::support::{Database, Server, clock, on_both};

on_both!(a_page_speaks_the_language_that_it_is_set_to);

/// A server with the demo, and a client that goes nowhere by itself.
struct Demo {
    _database: Database,
    server: Server,
    client: Client,
}

impl Demo {
    async fn start(database: Database, language: &str) -> Self {
        let store = database.store(&clock()).await;
        let page = pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
        let mut change = store.change(&page, Actor::CommandLine).await.unwrap();
        let settings = PageSettings { language: Some(language.to_owned()), ..PageSettings::default() };
        change.set_page(settings).await.unwrap();
        change.commit().await.unwrap();
        let server = Server::start(store, &clock()).await;
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { _database: database, server, client }
    }

    async fn english() -> Self {
        Self::start(Database::sqlite().await, "en").await
    }

    async fn get(&self, path: &str, headers: HeaderMap) -> Response {
        self.client.get(format!("{}{path}", self.server.base)).headers(headers).send().await.unwrap()
    }

    async fn text(&self, path: &str) -> String {
        self.server.get(path).await.text().await.unwrap()
    }

    /// Where a request is sent on to, and with which status.
    async fn leads(&self, path: &str, headers: HeaderMap) -> (u16, Option<String>) {
        let answer = self.get(path, headers).await;
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to)
    }
}

/// What a browser says that opens a page from `site`.
fn browser(site: &str, accept_language: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("sec-fetch-mode", "navigate".parse().unwrap());
    headers.insert("sec-fetch-dest", "document".parse().unwrap());
    headers.insert("sec-fetch-site", site.parse().unwrap());
    headers.insert(ACCEPT_LANGUAGE, accept_language.parse().unwrap());
    headers
}

fn to(place: &str) -> (u16, Option<String>) {
    (302, Some(place.to_owned()))
}

#[tokio::test]
async fn each_place_stands_below_the_tag_of_each_other_language() {
    let demo = Demo::english().await;
    let incidents = demo.server.json("/api/v2/incidents.json").await;
    let id = incidents["incidents"][0]["id"].as_str().unwrap().to_owned();
    for path in ["/".to_owned(), format!("/incidents/{id}")] {
        let (english, german) = (demo.text(&path).await, demo.text(&format!("/de{path}")).await);
        assert!(english.contains("<html lang=\"en\"") && german.contains("<html lang=\"de\""));
        for html in [&english, &german] {
            for (tag, below) in [("en", ""), ("de", "/de"), ("x-default", "")] {
                let link = format!("hreflang=\"{tag}\" href=\"http://status.test{below}{path}\"");
                assert!(html.contains(&link), "{path} names {link}");
            }
        }
        assert!(english.contains(&format!("href=\"/de{path}\">Deutsch</a>")));
        assert!(german.contains(&format!("href=\"{path}\">English</a>")));
        assert!(german.contains(&format!("rel=\"canonical\" href=\"http://status.test/de{path}\"")));
    }
    let german = demo.text("/de/").await;
    assert!(german.contains(&format!("href=\"/de/incidents/{id}\"")), "links keep to the language");
    demo.server.stop().await;
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_place_without() {
    let demo = Demo::english().await;
    let none = HeaderMap::new;
    let summary = demo.server.json("/api/v2/summary.json").await;
    let id = |list: &str| summary[list][0]["id"].as_str().unwrap().to_owned();
    let places = [
        "/history".to_owned(),
        "/uptime".to_owned(),
        "/de/history".to_owned(),
        format!("/incidents/{}", id("incidents")),
        format!("/de/components/{}", id("components")),
    ];
    for place in places {
        assert_eq!(demo.leads(&format!("{place}/"), none()).await, (308, Some(place.clone())));
        let asked = format!("{place}?page=2&x=%2F");
        assert_eq!(demo.leads(&format!("{place}/?page=2&x=%2F"), none()).await, (308, Some(asked)));
        assert_eq!(demo.leads(&format!("{place}//"), none()).await, (404, None), "{place}");
        let head = demo.client.head(format!("{}{place}/", demo.server.base)).send().await.unwrap();
        assert_eq!(head.status(), 308, "{place}");
        let post = demo.client.post(format!("{}{place}/", demo.server.base)).send().await.unwrap();
        assert_eq!(post.status(), 405, "{place}");
    }
    let nowhere =
        ["/incidents/zzzzzzzzzzzz/", "/components/zzzzzzzzzzzz/", "/metrics/zzzzzzzzzzzz/", "/nowhere/"];
    for nowhere in nowhere {
        assert_eq!(demo.leads(nowhere, none()).await, (404, None), "{nowhere}");
    }
    demo.server.stop().await;
}

#[tokio::test]
async fn one_place_has_one_address() {
    let demo = Demo::english().await;
    let none = HeaderMap::new;
    let table = [
        ("/en/", "/"),
        ("/en/?a=b", "/?a=b"),
        ("/en/incidents/x", "/incidents/x"),
        ("/en", "/en/"),
        ("/de", "/de/"),
    ];
    for (from, place) in table {
        assert_eq!(demo.leads(from, none()).await, (301, Some(place.to_owned())), "{from}");
    }
    for path in ["/en//elsewhere.example", "/en//elsewhere.example/incidents/x", "/xx/", "/ar-XB/", "/DE/"] {
        assert_eq!(demo.leads(path, none()).await, (404, None), "{path}");
    }
    demo.server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_there_in_the_language_of_its_path() {
    let demo = Demo::english().await;
    let [en, de] = ["en", "de"].map(|tag| locale::texts(tag).unwrap().text("error-not-found"));
    for (path, title) in [
        ("/nowhere", &en),
        ("/en/nowhere", &en),
        ("/xx/nowhere", &en),
        ("/de/nowhere", &de),
        ("/de/incidents/nothing", &de),
        ("/de/components/nothing", &de),
    ] {
        let answer = demo.get(path, HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text().await.unwrap().contains(&format!("<h1>{title}</h1>")), "{path}");
    }
    let refused = demo.client.post(format!("{}/de/", demo.server.base)).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    let title = locale::texts("de").unwrap().text("error-method-not-allowed");
    assert!(refused.text().await.unwrap().contains(&title));
    demo.server.stop().await;
}

#[tokio::test]
async fn each_language_has_a_tag_of_its_own_that_stays() {
    let demo = Demo::english().await;
    let tag = async |path| demo.get(path, HeaderMap::new()).await.headers()["etag"].clone();
    assert_eq!(tag("/de/").await, tag("/de/").await);
    assert_ne!(tag("/").await, tag("/de/").await);
    let held = HeaderMap::from_iter([(IF_NONE_MATCH, tag("/de/").await)]);
    assert_eq!(demo.get("/de/", held.clone()).await.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(demo.get("/", held).await.status(), StatusCode::OK, "German is not English");
    demo.server.stop().await;
}

#[tokio::test]
async fn only_who_is_led_to_the_front_page_is_sent_on_and_nobody_may_keep_that() {
    let demo = Demo::english().await;
    for site in ["none", "cross-site", "same-site"] {
        assert_eq!(demo.leads("/", browser(site, "de-AT,de;q=0.9,en;q=0.8")).await, to("/de/"), "{site}");
    }
    assert_eq!(demo.leads("/?from=mail", browser("none", "de")).await, to("/de/?from=mail"));
    let answer = demo.get("/", browser("none", "de")).await;
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    assert!(answer.headers()["vary"].to_str().unwrap().contains("Accept-Language"));
    assert!(answer.headers().get("etag").is_none());

    let within = browser("same-origin", "de");
    let mut fetched = browser("none", "de");
    fetched.insert("sec-fetch-dest", "empty".parse().unwrap());
    let mut framed = browser("cross-site", "de");
    framed.insert("sec-fetch-dest", "iframe".parse().unwrap());
    let mut script = browser("none", "de");
    script.insert("sec-fetch-mode", "cors".parse().unwrap());
    let machine = HeaderMap::from_iter([(ACCEPT_LANGUAGE, "de".parse().unwrap())]);
    let english = [browser("none", "en-US,en;q=0.9,de;q=0.5"), browser("none", "fr"), browser("none", "")];
    let page = demo.text("/").await;
    for headers in [within, fetched, framed, script, machine].into_iter().chain(english) {
        let answer = demo.get("/", headers.clone()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{headers:?}");
        assert_eq!(answer.headers()["vary"], "Accept-Encoding", "the page is the same for everybody");
        assert!(answer.headers()["cache-control"].to_str().unwrap().starts_with("public"));
        assert!(answer.headers().get("set-cookie").is_none());
        assert_eq!(answer.text().await.unwrap(), page);
    }
    for path in ["/de/", "/nowhere", "/components/nothing", "/api/v2/status.json"] {
        let answer = demo.get(path, browser("none", "de")).await;
        assert!(answer.headers().get("location").is_none(), "{path} is asked for by itself");
    }
    assert_eq!(demo.leads("/de/", browser("none", "en")).await.0, 200, "who asks for German gets German");
    demo.server.stop().await;
}

#[tokio::test]
async fn what_was_chosen_goes_before_what_the_browser_likes() {
    let demo = Demo::english().await;
    let chose = |cookie: &str, accept: &str| {
        let mut headers = browser("none", accept);
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers
    };
    assert_eq!(demo.leads("/", chose("lang=en", "de")).await, (200, None));
    assert_eq!(demo.leads("/", chose("a=b; lang=de", "en")).await, to("/de/"));
    for nonsense in ["lang=xx", "lang=ar-XB", "lang=//elsewhere.example", "lang=", "language=en", "lang"] {
        assert_eq!(demo.leads("/", chose(nonsense, "de")).await, to("/de/"), "{nonsense}");
        assert_eq!(demo.leads("/", chose(nonsense, "en")).await, (200, None), "{nonsense}");
    }
    demo.server.stop().await;
}

async fn a_page_speaks_the_language_that_it_is_set_to(database: Database) {
    let demo = Demo::start(database, "de").await;
    assert!(demo.text("/").await.contains("<html lang=\"de\""));
    assert!(demo.text("/en/").await.contains("<html lang=\"en\""));
    assert_eq!(demo.leads("/de/", HeaderMap::new()).await, (301, Some("/".to_owned())));
    assert_eq!(demo.leads("/", browser("none", "en")).await, to("/en/"));
    assert_eq!(demo.leads("/", browser("none", "de, en;q=0.5")).await, (200, None));
    demo.server.stop().await;
}

#[tokio::test]
async fn a_page_that_is_set_to_it_is_written_from_right_to_left() {
    let demo = Demo::start(Database::sqlite().await, locale::PSEUDO).await;
    let page = demo.text("/").await;
    assert!(page.contains("<html lang=\"ar-XB\" dir=\"rtl\""));
    assert!(page.contains("<h2 id=\"components\">Ćôṁṕôńêńţś</h2>"));
    assert!(page.contains("href=\"/de/\">Deutsch</a>") && page.contains("href=\"/en/\">English</a>"));
    assert!(demo.text("/en/").await.contains("<html lang=\"en\" data-zone"));
    assert_eq!(demo.leads("/ar-XB/", HeaderMap::new()).await, (404, None), "it has no place of its own");
    demo.server.stop().await;
}
