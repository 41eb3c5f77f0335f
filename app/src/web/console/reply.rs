//! Answers, and what each of them tells the browser to keep to.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::BodyStream,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
            HeaderValue, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
};

use bytes::Bytes;
use futures_util::Stream;

use super::{call::Call, form::own_path};
use crate::render::console::{Frame, policy};

/// Another site that opens the console gets no hold of its window.
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

impl Call {
    /// An answer of HTML.
    pub fn html(&self, status: StatusCode, draw: impl FnOnce(&mut Frame) -> String) -> HttpResponse {
        let mut frame = self.frame();
        let text = draw(&mut frame);
        self.answer(status, text, &policy(None))
    }

    /// The same with a page's preview in it.
    pub fn previewing(&self, status: StatusCode, draw: impl FnOnce(&mut Frame) -> String) -> HttpResponse {
        let mut frame = self.frame();
        let text = draw(&mut frame);
        let snapshot = self.snapshot();
        self.answer(status, text, &policy(snapshot.as_ref().map(|snapshot| &snapshot.state)))
    }

    /// A part of a screen with a page's preview in it, for the script that puts it in its place.
    pub fn fragment(&self, text: String) -> HttpResponse {
        let snapshot = self.snapshot();
        self.answer(StatusCode::OK, text, &policy(snapshot.as_ref().map(|snapshot| &snapshot.state)))
    }

    pub fn answer(&self, status: StatusCode, text: String, policy: &str) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")));
        answer.insert_header((CONTENT_SECURITY_POLICY, policy));
        self.dress(answer).body(text)
    }

    /// A file that is kept and not shown; it may come in pieces.
    pub fn file<S, E>(&self, media_type: &'static str, name: &str, body: S) -> HttpResponse
    where
        S: Stream<Item = Result<Bytes, E>> + 'static,
        E: std::error::Error + 'static,
    {
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type)));
        answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        self.dress(answer).body(BodyStream::new(body))
    }

    /// An answer for our own script.
    pub fn json(&self, told: &serde_json::Value) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        self.dress(answer).body(told.to_string())
    }

    /// Leads elsewhere within the console.
    pub fn to(&self, path: &str) -> HttpResponse {
        let mut answer = HttpResponse::SeeOther();
        answer.insert_header((LOCATION, own_path(path).unwrap_or("/admin")));
        self.dress(answer).finish()
    }

    /// Leads to another site, which the settings name.
    pub fn away(&self, url: &str) -> HttpResponse {
        let mut answer = HttpResponse::SeeOther();
        answer.insert_header((LOCATION, url));
        self.dress(answer).finish()
    }

    fn dress(&self, mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
        answer.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        answer.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
        answer.insert_header((REFERRER_POLICY, HeaderValue::from_static("same-origin")));
        answer.insert_header((OPENER, HeaderValue::from_static("same-origin")));
        if self.held.fresh {
            answer.cookie(self.held.cookie(self.console.secure));
        }
        answer
    }
}
