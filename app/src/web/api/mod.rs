//! The management API: what Statuspage's clients speak, below `/v1` and `/api/v1`.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue},
    },
    web::{self, Data, ServiceConfig},
};
use futures_util::StreamExt;
use ipnet::IpNet;
use tokio::sync::Semaphore;
use tracing::Instrument;

mod admit;
mod alert_keys;
mod alert_rules;
mod alerts;
mod answer;
mod audit;
mod body;
mod call;
mod caller;
mod check;
mod components;
mod documents;
mod embed;
mod followers;
mod groups;
mod incidents;
mod limit;
mod lit;
mod metrics;
mod once;
mod openapi;
mod page_access;
mod pages;
mod postmortems;
mod precondition;
mod problem;
mod providers;
mod refine;
mod route;
mod schemas;
mod several;
mod sns;
mod subscribers;
mod templates;
mod tokens;
mod uptime;
mod users;

use admit::{admit, admit_key};
use call::Call;
use caller::Tokens;
use limit::{Left, Limits};
use problem::Problem;
use route::{Route, Verb, table};
use sns::Certificates;

use super::{respond, routes};
use crate::{app::App, store::Store};

/// How long an answer may take before the caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a call goes on that nobody waits for any more: less than its key is taken for.
const LONGEST: Duration = Duration::from_secs(45);
const STRANGERS: usize = 2;

const WARNING: HeaderName = HeaderName::from_static("warning");
/// How many seconds ago it was last confirmed what an answer says.
const STALE: HeaderName = HeaderName::from_static("x-pharos-stale");
const WARNED: usize = 20;

/// All routes by what they are about.
static SECTIONS: &[&[Route]] = &[
    pages::ROUTES,
    embed::ROUTES,
    components::ROUTES,
    groups::ROUTES,
    uptime::ROUTES,
    incidents::ROUTES,
    postmortems::ROUTES,
    templates::ROUTES,
    subscribers::ROUTES,
    followers::ROUTES,
    metrics::ROUTES,
    providers::ROUTES,
    page_access::ROUTES,
    tokens::ROUTES,
    users::ROUTES,
    alert_rules::ROUTES,
    alert_keys::ROUTES,
    alerts::ROUTES,
    audit::ROUTES,
];

/// What the settings say of the API.
#[derive(Clone, Debug)]
pub struct Options {
    /// Calls a minute that one token may make; 0 for any number.
    pub calls_per_minute: u32,
    /// Whether `?api_key=` is taken for a token.
    pub key_in_query: bool,
    /// The proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// An address that is asked in the place of Amazon SNS, for trying out.
    pub instead_of_aws: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { calls_per_minute: 600, key_in_query: false, trusted_proxies: vec![], instead_of_aws: None }
    }
}

/// What the handlers have.
#[derive(Debug)]
pub struct Api {
    app: App,
    store: Store,
    own_url: String,
    tokens: Tokens,
    limits: Limits,
    /// Who is looked up at once of those who come from an address that asks too much.
    strangers: Semaphore,
    certificates: Certificates,
    options: Options,
}

impl Api {
    pub fn new(app: &App, options: Options) -> Self {
        Self {
            store: app.store.clone(),
            own_url: app.own_url.clone(),
            tokens: Tokens::new(app),
            strangers: Semaphore::new(STRANGERS),
            limits: Limits::new(options.calls_per_minute, app.clock.clone(), app.cache.clone()),
            certificates: Certificates::new(options.instead_of_aws.clone()),
            app: app.clone(),
            options,
        }
    }
}

/// The labels of the routes, as they are counted.
pub fn labels() -> Vec<&'static str> {
    let mut labels: Vec<&'static str> = table().iter().map(|route| route.path).collect();
    labels.extend(documents::PATHS);
    labels.dedup();
    labels
}

/// All routes; with a host, for requests that name it alone.
pub fn configure(config: &mut ServiceConfig, host: Option<Arc<str>>) {
    for prefix in ["/v1", "/api/v1"] {
        let mut scope = web::scope(prefix);
        if let Some(host) = host.clone() {
            scope = scope.guard(guard::fn_guard(move |context| super::names(context.head(), &host)));
        }
        let within = |path: &'static str| path.trim_start_matches("/v1");
        for path in documents::PATHS {
            scope = scope.service(documents::resource(path, within(path)));
        }
        for routes in table().chunk_by(|one, other| one.path == other.path) {
            let path = within(routes.first().map_or("", |route| route.path));
            let ends_in_id = path.ends_with('}');
            let spellings = if ends_in_id {
                vec![path.to_owned()]
            } else {
                vec![path.to_owned(), format!("{path}.json")]
            };
            for spelling in spellings {
                scope = scope.service(resource(&spelling, routes));
            }
        }
        config.service(scope.default_service(web::route().to(nothing_here)));
    }
}

fn resource(spelling: &str, routes: &'static [Route]) -> actix_web::Resource {
    let counted_as = routes::route(routes.first().map_or("", |route| route.path));
    let mut resource = web::resource(spelling.to_owned());
    let mut allowed = vec![];
    for route in routes {
        for verb in route.verbs {
            let verb = *verb;
            allowed.push(verb.as_str());
            let handler = move |request: HttpRequest, payload: web::Payload, api: Data<Api>| async move {
                let answer = handle(route, verb, &request, payload, api);
                respond::counted(&request, counted_as, answer).await
            };
            let with = guard::fn_guard(move |context| context.head().method.as_str() == verb.as_str());
            resource = resource.route(web::route().guard(with).to(handler));
        }
    }
    let allowed = allowed.join(", ");
    resource.default_service(web::route().to(move |request: HttpRequest| {
        let answer = not_allowed(&allowed);
        async move { respond::counted(&request, counted_as, async { answer }).await }
    }))
}

/// For methods that a path does not have.
fn not_allowed(allowed: &str) -> HttpResponse {
    let text = format!("allowed are {allowed}");
    let allowed = HeaderValue::from_str(allowed).unwrap_or(HeaderValue::from_static("GET"));
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, text).with(ALLOW, allowed).response()
}

async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let answer =
        Problem::new(StatusCode::NOT_FOUND, "nothing is at this path; /v1/openapi.json lists what is");
    respond::counted(&request, routes::NONE, async { answer.response() }).await
}

/// One request, from its headers to its answer.
async fn handle(
    route: &'static Route,
    verb: Verb,
    request: &HttpRequest,
    payload: web::Payload,
    api: Data<Api>,
) -> HttpResponse {
    let api = api.into_inner();
    let mut left = None;
    let work = answer(route, verb, request, payload, &api, &mut left);
    let answered = match tokio::time::timeout(PATIENCE, work).await {
        Ok(answered) => answered,
        Err(_) => Err(problem::too_slow()),
    };
    let mut response = match answered {
        Ok(response) => response,
        Err(problem) => problem.response(),
    };
    if let Some(left) = left {
        // Who is refused is told so by what refused it.
        for (name, value) in left.headers() {
            if !response.headers().contains_key(&name) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

async fn answer(
    route: &'static Route,
    verb: Verb,
    request: &HttpRequest,
    payload: web::Payload,
    api: &Arc<Api>,
    left: &mut Option<Left>,
) -> Result<HttpResponse, Problem> {
    let mut path = std::collections::HashMap::new();
    for (name, value) in request.match_info().iter() {
        path.insert(name.to_owned(), value.strip_suffix(".json").unwrap_or(value).to_owned());
    }
    let caller = match path.remove("key").filter(|_| route.keyed) {
        Some(key) => admit_key(request, api, &key, left).await?,
        None => admit(route, request, api, left).await?,
    };
    caller.require(route.scopes)?;
    let (query, mut unknown) = call::query(route, request.query_string())?;
    let bytes = read_body(payload).await?;
    // What calls with a key in the path can't choose its headers: Amazon SNS says text/plain.
    let media_type = request.headers().get(CONTENT_TYPE).filter(|_| !route.keyed);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let body = if route.body.is_some() { body::parse(media_type, &bytes)? } else { serde_json::json!({}) };
    let tags = precondition::seen(route, verb, request)?;
    let mut call = Call {
        api: api.clone(),
        caller,
        route,
        verb,
        path,
        query,
        body,
        if_match: None,
        if_match_text: None,
        unknown: Default::default(),
        once: None,
    };
    if let Ok(page) = call.page_id() {
        call.caller.opens(&page)?;
    }
    if !api.store.is_up() {
        return lit::answer(&call);
    }
    precondition::set(&mut call, tags).await;
    let (call, answered) = see_through(call, request.clone(), bytes).await?;
    unknown.extend(call.unknown.take());
    let mut response = match answered {
        Ok(answer) => answer,
        Err(problem) => precondition::explain(&call, problem).await.response(),
    };
    if let Some(warning) = warning(&unknown) {
        response.headers_mut().insert(WARNING, warning);
    }
    Ok(response)
}

/// Makes a call to its end, also where nobody waits for it any more: a client that hangs up, or the time that is over,
/// leaves no change without the answer that is kept under its key.
async fn see_through(
    call: Call,
    request: HttpRequest,
    bytes: Vec<u8>,
) -> Result<(Call, Result<HttpResponse, Problem>), Problem> {
    let work = async move {
        let answered = match tokio::time::timeout(LONGEST, once::run(&call, &request, &bytes)).await {
            Ok(answered) => answered,
            Err(_) => Err(problem::too_slow()),
        };
        (call, answered)
    };
    actix_web::rt::spawn(work.in_current_span()).await.map_err(|_| problem::too_slow())
}

async fn read_body(mut payload: web::Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![];
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
        if bytes.len() + chunk.len() > body::LARGEST {
            let text = format!("the body is too large; allowed are {} bytes", body::LARGEST);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Names what was sent and nobody knows.
fn warning(unknown: &[String]) -> Option<HeaderValue> {
    if unknown.is_empty() {
        return None;
    }
    let plain = |name: &String| -> String {
        name.chars()
            .take(80)
            .map(|c| if c.is_ascii_graphic() && !['"', '\\'].contains(&c) { c } else { '?' })
            .collect()
    };
    let mut names = unknown.iter().take(WARNED).map(plain).collect::<Vec<_>>().join(", ");
    if unknown.len() > WARNED {
        names += &format!(" and {} more", unknown.len() - WARNED);
    }
    HeaderValue::from_str(&format!("299 pharos \"not known and ignored: {names}\"")).ok()
}
