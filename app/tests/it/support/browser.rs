//! Somebody with a browser: it keeps its cookie, says where forms stood, and sends what is in them.

use std::cell::RefCell;

use pharos::{
    domain::{account::Purpose, role::Role},
    store::{Actor, NewUser},
};
use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};

use super::Server;

/// What all people of the tests sign in with.
pub const PASSWORD: &str = "correct horse battery staple";

/// A screen as it was answered.
#[derive(Debug)]
pub struct Screen {
    pub status: StatusCode,
    pub location: Option<String>,
    pub headers: HeaderMap,
    pub html: String,
}

pub struct Browser<'a> {
    base: &'a str,
    client: Client,
    pub cookie: RefCell<Option<String>>,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self::at(&server.base)
    }

    /// Somebody who goes to a server by its address.
    pub fn at(base: &'a str) -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base, client, cookie: RefCell::default() }
    }

    /// Somebody of this role, who is signed in.
    pub async fn of(server: &'a Server, role: Role) -> Self {
        let email = format!("{}@example.com", role.as_str());
        let browser = Self::new(server);
        let path = invitation(server, &email, role).await;
        let screen = browser.get(&path).await;
        let entered = browser.submit(&screen, &path, &[("new_password", PASSWORD)]).await;
        assert_eq!(entered.status, 303, "{}", entered.html);
        browser
    }

    pub async fn get(&self, path: &str) -> Screen {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Follows where it is led to.
    pub async fn open(&self, path: &str) -> Screen {
        let mut screen = self.get(path).await;
        for _ in 0..5 {
            let Some(location) = screen.location.clone() else { break };
            screen = self.get(&location).await;
        }
        screen
    }

    /// The form with this action, with some fields filled in, and where that leads to.
    pub async fn submit(&self, screen: &Screen, action: &str, filled: &[(&str, &str)]) -> Screen {
        let fields = screen.fields(action);
        assert!(!fields.is_empty(), "no form leads to {action} on {}", screen.html);
        let kept = fields.iter().filter(|(name, _)| !filled.iter().any(|(other, _)| other == name));
        let all: Vec<(&str, &str)> =
            kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(filled.iter().copied()).collect();
        self.post(action, &all).await
    }

    /// The same, with what comes after.
    pub async fn submit_on(&self, screen: &Screen, action: &str, filled: &[(&str, &str)]) -> Screen {
        let sent = self.submit(screen, action, filled).await;
        match sent.location.clone() {
            Some(location) => self.open(&location).await,
            None => panic!("{action} answers {}: {}", sent.status, sent.html),
        }
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Screen {
        self.send(Method::POST, path, Some(fields), &[("origin", self.base)]).await
    }

    /// Sends a file with a form.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Screen {
        let mut body = vec![];
        for (name, value) in fields {
            let part =
                format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let part = "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";
        body.extend([part.as_bytes(), file, b"\r\n--b0undary--\r\n"].concat());
        let mut request = self.client.post(format!("{}{path}", self.base));
        if let Some(cookie) = self.cookie.borrow().as_ref() {
            request = request.header("cookie", cookie);
        }
        request = request.header("content-type", "multipart/form-data; boundary=b0undary");
        Self::read(request.header("origin", self.base).body(body).send().await.unwrap()).await
    }

    async fn read(answer: reqwest::Response) -> Screen {
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let (status, headers) = (answer.status(), answer.headers().clone());
        Screen { status, location, headers, html: answer.text().await.unwrap() }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Screen {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = self.cookie.borrow().as_ref() {
            request = request.header("cookie", cookie);
        }
        if let Some(fields) = fields {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        if let Some(set) = answer.headers().get("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.borrow_mut() = Some(pair);
        }
        Self::read(answer).await
    }

    /// Signs in with the password that all have, and gives the answer.
    pub async fn sign_in(&self, email: &str, password: &str) -> Screen {
        let screen = self.get("/admin/sign-in").await;
        self.submit(&screen, "/admin/sign-in", &[("email", email), ("password", password)]).await
    }

    /// What the forms of a screen carry.
    pub fn csrf_of(&self, screen: &Screen) -> String {
        let begin = screen.html.split("name=\"csrf\" value=\"").nth(1).unwrap();
        begin.split('"').next().unwrap().to_owned()
    }

    /// What every form of this browser carries.
    pub async fn csrf(&self) -> String {
        let screen = self.open("/admin/account").await;
        let (_, token) =
            screen.fields("/admin/sign-out").into_iter().find(|(name, _)| name == "csrf").unwrap();
        token
    }
}

/// The path by which somebody new chooses a password.
pub async fn invitation(server: &Server, email: &str, role: Role) -> String {
    let record = server.app.store.record();
    let new = NewUser { email: email.to_owned(), name: String::new(), role };
    let user = record.create_user(new, &Actor::CommandLine).await.unwrap();
    let token = record.create_link(Purpose::Invitation, Some(&user.id), &Actor::CommandLine).await.unwrap();
    format!("/admin/links/{}", token.unwrap())
}

impl Screen {
    /// What a browser would send of the form with this action, but for its buttons.
    pub fn fields(&self, action: &str) -> Vec<(String, String)> {
        let html = Html::parse_document(&self.html);
        let form = Selector::parse("form").unwrap();
        let Some(form) = html.select(&form).find(|form| form.attr("action") == Some(action)) else {
            return vec![];
        };
        let mut fields = vec![];
        for element in form.select(&Selector::parse("input, textarea, select").unwrap()) {
            let Some(name) = element.attr("name") else { continue };
            fields.extend(value(element).map(|value| (name.to_owned(), value)));
        }
        fields
    }

    /// All that can be read on it.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.html);
        let main = Selector::parse("main").unwrap();
        let words: Vec<&str> = html.select(&main).flat_map(|main| main.text()).collect();
        words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn holds(&self, text: &str) -> bool {
        self.text().contains(text)
    }
}

fn value(element: ElementRef<'_>) -> Option<String> {
    match element.value().name() {
        // A line break after the tag is no part of it.
        "textarea" => {
            let text: String = element.text().collect();
            Some(text.strip_prefix('\n').unwrap_or(&text).to_owned())
        }
        "select" => {
            let chosen = element.select(&Selector::parse("option[selected]").unwrap()).next();
            let first = element.select(&Selector::parse("option").unwrap()).next();
            chosen.or(first).and_then(|option| option.attr("value")).map(str::to_owned)
        }
        _ => match element.attr("type") {
            Some("checkbox" | "radio") if element.attr("checked").is_none() => None,
            _ => Some(element.attr("value").unwrap_or_default().to_owned()),
        },
    }
}
