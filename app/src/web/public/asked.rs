//! What a visitor asks for.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web::{self, Data},
};

use crate::{
    live::{Artefact, ErrorPage, Screen, Snapshot, Surface},
    locale::Texts,
    web::{
        cache_policy::CachePolicy,
        error,
        respond::{self, Shared},
    },
};

/// What search engines may do with an answer, whatever it is.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// How many seconds ago it was last confirmed what an answer says, where that is a while ago.
pub const STALE: HeaderName = HeaderName::from_static("x-pharos-stale");

/// A request, the page that it is for, and the language that it is to be answered in.
#[derive(Debug)]
pub struct Asked {
    pub request: HttpRequest,
    pub shared: Data<Shared>,
    pub snapshot: Arc<Snapshot>,
    pub texts: &'static Texts,
}

impl Asked {
    /// The one gate before every answer.
    pub fn of(request: HttpRequest, shared: Data<Shared>) -> Result<Self, Box<HttpResponse>> {
        match shared.page(&request) {
            Ok(snapshot) => {
                let texts = snapshot.texts();
                Ok(Self { request, shared, snapshot, texts })
            }
            Err(reason) => Err(Box::new(error::no_page(&request, reason))),
        }
    }

    /// What stands in the path where an id is expected, whatever it is.
    pub fn id(&self) -> &str {
        self.request.match_info().query("id")
    }

    /// Sends an artefact with status 200, or 304 to whom holds it already.
    pub fn send(&self, artefact: &Artefact, policy: CachePolicy) -> HttpResponse {
        let mut response = respond::artefact(&self.request, artefact, policy);
        // Pictures and feeds have no head that could say so.
        if self.snapshot.state.page.branding.hidden_from_search {
            response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
        }
        if let Some(since) = self.snapshot.state.certainty.since() {
            let age = self.shared.site.archive().now() - since;
            response.headers_mut().insert(STALE, HeaderValue::from(age.num_seconds().max(0)));
        }
        response
    }

    /// Sends what the snapshot has; 404 if it has no such thing.
    pub fn surface(&self, surface: &Surface, policy: CachePolicy) -> HttpResponse {
        match self.snapshot.artefact(surface) {
            Some(artefact) => self.send(&artefact, policy),
            None => self.refuse(ErrorPage::NotFound),
        }
    }

    /// The same for what takes longer to make than a moment: others are answered meanwhile.
    pub async fn slow_surface(self, surface: Surface, policy: CachePolicy) -> HttpResponse {
        let snapshot = self.snapshot.clone();
        match web::block(move || snapshot.artefact(&surface)).await {
            Ok(Some(artefact)) => self.send(&artefact, policy),
            Ok(None) => self.refuse(ErrorPage::NotFound),
            Err(_) => self.refuse(ErrorPage::Unavailable),
        }
    }

    /// Sends a page in the language that was asked for.
    pub fn screen(&self, screen: Screen) -> HttpResponse {
        self.surface(&screen.surface(self.texts), CachePolicy::Page)
    }

    /// Says what went wrong.
    pub fn refuse(&self, error: ErrorPage) -> HttpResponse {
        error::on_page(&self.request, &self.snapshot, self.texts, error)
    }
}
