//! Speaking to a server by its management API: for who has a token, and no way to its database.

use std::{fmt, str::FromStr, time::Duration};

use clap::Args;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;
use url::Url;

use crate::{
    domain::{
        Id,
        id::random_text,
        page::{is_control, turns},
    },
    outbound::{self, Reach},
};

/// The server refused it, and says why (EX_DATAERR of sysexits.h).
const REFUSED: u8 = 65;
/// The server is away or busy (EX_UNAVAILABLE).
const AWAY: u8 = 69;
/// The token is unknown or may not do this (EX_NOPERM).
const DENIED: u8 = 77;

/// How the commands that speak to a server end, for `--help`.
pub const CODES: &str = "It ends with 0 when it is done, 1 when somebody said no, 64 when what was asked for can't be \
    understood, 65 when the server refused it (the fields are named), 69 when the server is away or busy, and 77 when \
    the token is unknown or lacks a scope.";

/// Longer than a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a request is made at most, and how long it is waited in between.
const ATTEMPTS: usize = 3;
const PAUSE: Duration = Duration::from_secs(1);
/// The largest answer that is read.
const LARGEST: usize = 32 * 1024 * 1024;
/// A list comes in parts of 100, and a page has at most 5,000 components.
const MOST_PARTS: usize = 50;
const PART: usize = 100;

/// Why something was not done, and what the program ends with.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failed {
    pub code: u8,
    text: String,
}

impl Failed {
    fn new(code: u8, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    pub fn usage(text: impl Into<String>) -> Self {
        Self::new(super::USAGE, text)
    }

    /// Somebody was asked and said no.
    pub fn declined() -> Self {
        Self::new(1, "nothing was changed")
    }

    fn away(text: impl Into<String>) -> Self {
        Self::new(AWAY, text)
    }
}

/// A token, which nothing shows.
#[derive(Clone)]
pub struct Secret(HeaderValue);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Whatever can be sent; one that can't is noticed later, so that no error shows it.
impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = HeaderValue::from_str(&format!("Bearer {}", text.trim()));
        let mut value = value.unwrap_or(HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

/// Which server, with what, and which of its pages.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// The server: an http or https address.
    #[arg(long, env = "PHAROS_SERVER_URL", value_name = "URL", value_parser = server)]
    server: Url,
    /// A token of its management API, which needs the scope `read` and that of what is done. Better
    /// in the variable than among the arguments, which others on this machine can see.
    #[arg(long, env = "PHAROS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Secret,
    /// The page's id; the only one that the token opens, if none is named.
    #[arg(long, env = "PHAROS_PAGE", value_name = "ID")]
    page: Option<Id>,
    /// Print what the server answers, as JSON.
    #[arg(long)]
    pub json: bool,
}

fn server(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Ok(url),
        _ => Err("allowed is an http or https address, such as https://status.example.com".into()),
    }
}

/// A server, and one page of it.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    base: String,
    token: Secret,
    page: String,
}

impl Remote {
    pub async fn connect(target: &Target) -> anyhow::Result<Self> {
        let client = outbound::client(Reach::Anywhere)?;
        let base = target.server.as_str().trim_end_matches('/').to_owned();
        let mut remote = Self { client, base, token: target.token.clone(), page: String::new() };
        let page = match &target.page {
            Some(page) => page.to_string(),
            None => remote.only_page().await?,
        };
        remote.page = format!("/v1/pages/{page}");
        Ok(remote)
    }

    /// The one page that the token opens.
    async fn only_page(&self) -> Result<String, Failed> {
        let token = self.send(Method::GET, "/v1/tokens/current", None, None).await?;
        if let Some(page) = token["page_id"].as_str() {
            return Ok(page.to_owned());
        }
        let pages = self.send(Method::GET, "/v1/pages", None, None).await?;
        match pages.as_array().map(Vec::as_slice).unwrap_or_default() {
            [only] => Ok(text(&only["id"])),
            [] => Err(Failed::usage("--page: the server has no page")),
            some => {
                let names =
                    some.iter().map(|page| format!("{} {:?}", text(&page["id"]), text(&page["name"])));
                let names = names.take(20).collect::<Vec<_>>().join(", ");
                Err(Failed::usage(format!("--page: name one of {names}")))
            }
        }
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failed> {
        self.send(Method::GET, &format!("{}{path}", self.page), None, None).await
    }

    /// A whole list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, Failed> {
        let mut all = vec![];
        for part in 1..=MOST_PARTS {
            let found = self.get(&format!("{path}?page={part}&per_page={PART}")).await?;
            let Value::Array(found) = found else { break };
            let last = found.len() < PART;
            all.extend(found);
            if last {
                break;
            }
        }
        Ok(all)
    }

    /// What a call would do.
    pub async fn try_out(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failed> {
        self.send(method, &format!("{}{path}?dry_run=true", self.page), Some(body), None).await
    }

    /// Makes something, once, however often it has to be tried.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Value, Failed> {
        let key = key.map_or_else(|| random_text(24), str::to_owned);
        self.send(Method::POST, &format!("{}{path}", self.page), Some(body), Some(&key)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        self.send(Method::PATCH, &format!("{}{path}", self.page), Some(body), None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Value, Failed> {
        let mut attempt = 1;
        loop {
            let answered = self.once(method.clone(), path, body, key).await;
            let again = match &answered {
                // Nothing arrived, or it may arrive twice.
                Err(error) => error.is_connect() || key.is_some() || method == Method::GET,
                Ok(answer) => match answer.status() {
                    StatusCode::SERVICE_UNAVAILABLE => true,
                    // The first try is still being worked on.
                    StatusCode::CONFLICT => key.is_some() && answer.headers().contains_key("retry-after"),
                    _ => false,
                },
            };
            if again && attempt < ATTEMPTS {
                attempt += 1;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let answer = answered.map_err(|error| {
                Failed::away(format!("{} can't be reached: {}", self.base, causes(&error.without_url())))
            })?;
            return self.read(answer).await;
        }
    }

    async fn once(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> reqwest::Result<Response> {
        let request = self.client.request(method, format!("{}{path}", self.base)).timeout(PATIENCE);
        let mut request = request.header(AUTHORIZATION, self.token.0.clone());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        request.send().await
    }

    async fn read(&self, mut answer: Response) -> Result<Value, Failed> {
        let (status, mut bytes) = (answer.status(), vec![]);
        let broke_off = || Failed::away(format!("{} broke off its answer", self.base));
        while let Some(chunk) = answer.chunk().await.map_err(|_| broke_off())? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(Failed::away(format!("{} answers more than {LARGEST} bytes", self.base)));
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = serde_json::from_slice::<Value>(&bytes).ok();
        match (status, body) {
            (status, Some(body)) if status.is_success() => Ok(body),
            (status, None) if status.is_success() && bytes.is_empty() => Ok(Value::Null),
            (status, None) => Err(Failed::away(format!(
                "{} answers {status} without JSON: is it a server of Pharos?",
                self.base
            ))),
            (status, Some(problem)) => Err(refusal(status, &problem)),
        }
    }
}

/// What the server says of why it did nothing.
fn refusal(status: StatusCode, problem: &Value) -> Failed {
    let said = [&problem["detail"], &problem["message"], &problem["error"]];
    let said = said.iter().find_map(|said| said.as_str()).unwrap_or("it says nothing more");
    let fields: Vec<String> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|wrong| format!("{}: {}", text(&wrong["field"]), text(&wrong["message"])))
        .collect();
    let said = if fields.is_empty() { plain(said) } else { fields.join("\n") };
    let code = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => DENIED,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => AWAY,
        status if status.is_server_error() => AWAY,
        _ => REFUSED,
    };
    Failed::new(code, format!("the server answers {}: {said}", status.as_u16()))
}

/// An error with what lies behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// A text of an answer as a terminal may show it.
pub fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or_default())
}

/// A text without what a terminal obeys, nor what turns the order of its characters; line breaks stay.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !(is_control(*c) || turns(*c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_plain_text() {
        assert_eq!(plain("a\u{1b}[2J\u{9b}b\u{202e}c\n\u{2066}d\u{2028}e"), "a[2Jbc\nde");
    }
}
