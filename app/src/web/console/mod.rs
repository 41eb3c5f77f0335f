//! The console: where the people who run the pages sign in, below `/admin`. It writes through the
//! same commands of the store as the management API.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Route, guard,
    http::{
        Method,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    web::{self, Data, Payload, ServiceConfig},
};
use ipnet::IpNet;

mod account;
mod again;
mod alert_rules;
mod audit;
mod call;
mod clash;
mod component;
mod components;
mod compose;
mod cookie;
mod download;
mod enter;
mod failure;
mod form;
mod incident;
mod incidents;
mod links;
mod list;
mod maintenance;
mod maintenances;
mod origin;
mod passkeys;
mod passwords;
mod people;
mod permission;
mod plan;
mod reply;
mod reset;
mod said;
mod search;
mod second;
mod series;
mod settings;
mod sso;
mod start;
mod system;
mod throttle;
mod tokens;
mod totp;

use call::{Asked, Call, PATIENCE};
use failure::Failure;
use permission::Permission;
use throttle::Throttle;

use super::{cache_policy::CachePolicy, respond::counted, routes};
use crate::{
    app::App,
    passkeys::Party,
    render::console::{Asset, PageName},
    sso::Provider,
    store::{Change, Store},
};

/// What the settings say of the console.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Its own address, without a slash at the end; that of the page, if it has none.
    pub url: Option<String>,
    /// The proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The provider that people may sign in with.
    pub provider: Option<Arc<Provider>>,
}

/// What the handlers have.
#[derive(Debug)]
pub struct Console {
    app: App,
    store: Store,
    /// The address that links lead to.
    own_url: String,
    /// Whether browsers reach it by TLS.
    secure: bool,
    trusted: Vec<IpNet>,
    throttle: Throttle,
    provider: Option<Arc<Provider>>,
    provider_host: Option<String>,
    /// What devices know it by, where they offer passkeys.
    party: Option<Party>,
}

impl Console {
    pub fn new(app: &App, options: Options) -> Self {
        let own_url = options.url.unwrap_or_else(|| app.own_url.clone());
        Self {
            store: app.store.clone(),
            secure: own_url.starts_with("https:"),
            throttle: Throttle::new(app.clock.clone(), app.cache.clone()),
            trusted: options.trusted_proxies,
            provider_host: options.provider.as_ref().map(|provider| provider.host()),
            provider: options.provider,
            party: Party::at(&own_url),
            app: app.clone(),
            own_url,
        }
    }

    /// Makes a change so, and shows it before the answer goes out.
    async fn commit(&self, mut change: Change) -> Result<(), Failure> {
        change.hold_back();
        let committed = change.commit().await?;
        if let Err(error) = self.app.announce(&committed).await {
            // It is written; who polls finds it.
            tracing::warn!(error = &error as &dyn std::error::Error, "a change is shown later");
        }
        Ok(())
    }

    /// Whether people sign in with the organization's provider alone.
    fn is_sso_only(&self) -> bool {
        self.provider.as_ref().is_some_and(|provider| provider.is_only())
    }

    /// Why a way is closed to who signs in with the provider.
    fn by_provider(&self) -> String {
        format!("This account signs in with {}.", self.provider_host.as_deref().unwrap_or("the provider"))
    }

    /// What devices know it by; none where nobody signs in with a passkey.
    fn party(&self) -> Option<&Party> {
        self.party.as_ref().filter(|_| !self.is_sso_only())
    }

    /// All pages, by name.
    fn pages(&self) -> Vec<PageName> {
        let site = &self.app.site;
        let snapshots = site.versions().into_iter().filter_map(|(id, _)| site.get(&id));
        let mut pages: Vec<PageName> = snapshots
            .map(|snapshot| PageName {
                id: snapshot.state.page.id.clone(),
                name: snapshot.state.page.name.clone(),
            })
            .collect();
        pages.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        pages
    }
}

/// All routes by what they are about. Each handler says by the type of what it is asked with who may
/// call it.
fn table() -> Vec<Entry> {
    let parts = [
        enter::routes(),
        sso::routes(),
        passkeys::routes(),
        links::routes(),
        reset::routes(),
        account::routes(),
        second::routes(),
        start::routes(),
        incidents::routes(),
        compose::routes(),
        incident::routes(),
        plan::routes(),
        maintenance::routes(),
        maintenances::routes(),
        series::routes(),
        components::routes(),
        component::routes(),
        search::routes(),
        alert_rules::routes(),
        audit::routes(),
        settings::routes(),
        system::routes(),
        people::routes(),
        tokens::routes(),
    ];
    parts.into_iter().flatten().collect()
}

/// The labels of the routes, as they are counted.
pub fn labels() -> Vec<&'static str> {
    let mut labels: Vec<&'static str> = table().iter().map(|entry| entry.path).collect();
    labels.push(ASSET);
    labels.sort_unstable();
    labels.dedup();
    labels
}

const ASSET: &str = "/admin/assets/{asset}";

/// One route.
struct Entry {
    path: &'static str,
    route: Route,
}

fn get<P, H, F>(path: &'static str, handler: H) -> Entry
where
    P: Permission,
    H: Fn(Asked<P>) -> F + Copy + 'static,
    F: Future<Output = Result<HttpResponse, Failure>> + 'static,
{
    let reads = guard::fn_guard(|context| matches!(context.head().method, Method::GET | Method::HEAD));
    Entry { path, route: answered(web::route().guard(reads), path, handler) }
}

fn post<P, H, F>(path: &'static str, handler: H) -> Entry
where
    P: Permission,
    H: Fn(Asked<P>) -> F + Copy + 'static,
    F: Future<Output = Result<HttpResponse, Failure>> + 'static,
{
    Entry { path, route: answered(web::post(), path, handler) }
}

fn answered<P, H, F>(route: Route, path: &'static str, handler: H) -> Route
where
    P: Permission,
    H: Fn(Asked<P>) -> F + Copy + 'static,
    F: Future<Output = Result<HttpResponse, Failure>> + 'static,
{
    route.to(move |request: HttpRequest, payload: Payload, console: Data<Console>| async move {
        let answer = async {
            match tokio::time::timeout(PATIENCE, Call::read(&console, request.clone(), payload)).await {
                Ok(Ok(call)) => run(Rc::new(call), handler).await,
                Ok(Err(refused)) => refused.1.answer(&refused.0),
                // Who sends so slowly has no form to get back.
                Err(_) => HttpResponse::RequestTimeout().finish(),
            }
        };
        // The list of routes is made from this table, so that it can't be asked before.
        counted(&request, routes::route(path), answer).await
    })
}

async fn run<P, H, F>(call: Rc<Call>, handler: H) -> HttpResponse
where
    P: Permission,
    H: Fn(Asked<P>) -> F,
    F: Future<Output = Result<HttpResponse, Failure>>,
{
    let answered = match Asked::admit(call.clone()) {
        Ok(asked) => tokio::time::timeout(PATIENCE, handler(asked)).await,
        Err(failure) => Ok(Err(failure)),
    };
    match answered {
        Ok(Ok(answer)) => answer,
        Ok(Err(failure)) => failure.answer(&call),
        Err(_) => Failure::TooSlow.answer(&call),
    }
}

/// All routes; with a host, for requests that name it alone.
pub fn configure(config: &mut ServiceConfig, host: Option<Arc<str>>) {
    let mut scope = web::scope("/admin");
    if let Some(host) = host {
        scope = scope.guard(guard::fn_guard(move |context| super::names(context.head(), &host)));
    }
    for asset in Asset::ALL {
        let within = asset.path().trim_start_matches("/admin");
        scope = scope.route(
            within,
            web::get().to(move |request: HttpRequest| async move { sent(asset, &request).await }),
        );
    }
    let mut entries = table();
    entries.sort_by_key(|entry| entry.path);
    let mut resources: Vec<(&'static str, actix_web::Resource)> = vec![];
    for Entry { path, route } in entries {
        let within = path.trim_start_matches("/admin");
        match resources.pop() {
            Some((last, resource)) if last == path => resources.push((path, resource.route(route))),
            before => {
                resources.extend(before);
                resources.push((path, web::resource(within).route(route)));
            }
        }
    }
    // What is spelled out comes before what fits a pattern.
    resources.sort_by_key(|(path, _)| (path.matches('{').count(), *path));
    for (_, resource) in resources {
        scope = scope.service(resource);
    }
    config.service(scope);
}

async fn sent(asset: Asset, request: &HttpRequest) -> HttpResponse {
    let answer = async {
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static(asset.media_type())));
        answer.insert_header((CACHE_CONTROL, CachePolicy::Immutable.header()));
        answer.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
        answer.body(asset.text())
    };
    counted(request, routes::route(ASSET), answer).await
}
