//! Why something was not done, and how that is told: with what was typed, so that nothing is lost.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
};
use maud::{Markup, html};

use super::{call::Call, passwords::Busy};
use crate::{render::console, store::StoreError};

#[derive(Debug)]
pub enum Failure {
    /// The database does not answer just now.
    Away,
    /// It took too long; whether it was done is not known.
    TooSlow,
    /// Somebody tried too often.
    TooOften(Duration),
    NotFound,
    Forbidden(String),
    /// It can't be done so; the text says why.
    Refused(String),
    /// The form was not sent by this console's own screens, or by one that is too old.
    Forged,
    /// Somebody else changed it since it was read.
    Overtaken,
    /// An answer that is made already.
    Told(Box<HttpResponse>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::NotFound,
            StoreError::Refused(text) | StoreError::Conflict(text) => Self::Refused(text),
            StoreError::Stale { .. } => Self::Overtaken,
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the console could not answer");
                Self::Away
            }
        }
    }
}

impl From<Busy> for Failure {
    fn from(_: Busy) -> Self {
        Self::Away
    }
}

impl From<HttpResponse> for Failure {
    fn from(answer: HttpResponse) -> Self {
        Self::Told(Box::new(answer))
    }
}

impl Failure {
    pub fn answer(self, call: &Call) -> HttpResponse {
        let (status, title, text, button) = match self {
            Self::Told(answer) => return *answer,
            Self::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not just now",
                "The database does not answer just now, and nothing was changed. Visitors still see the page as it was \
                 last known."
                    .to_owned(),
                "Try again",
            ),
            Self::TooSlow => (
                StatusCode::SERVICE_UNAVAILABLE,
                "That took too long",
                "There was no answer in time. Look whether it was done before you send it again.".to_owned(),
                "Try again",
            ),
            Self::TooOften(wait) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                format!("Wait {} minutes, and try again.", wait.as_secs().div_ceil(60)),
                "Try again",
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "Not found", "It does not exist, or not any more.".to_owned(), "Try again")
            }
            Self::Forbidden(text) => (StatusCode::FORBIDDEN, "You may not do this", text, ""),
            Self::Refused(text) => (StatusCode::UNPROCESSABLE_ENTITY, "That can't be", text, "Back to the form"),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "This form is not fresh",
                "It was not sent from a current screen of this console, and nothing was done.".to_owned(),
                "",
            ),
            Self::Overtaken => (
                StatusCode::CONFLICT,
                "Somebody was quicker",
                "Somebody else changed this since you opened it, and nothing of yours was done. Look at it again."
                    .to_owned(),
                "Look at it again",
            ),
        };
        let mut answer = call.html(status, |frame| {
            frame.title = title.to_owned();
            let more = match button {
                "" if frame.who.is_none() => html! { p { a href="/admin" { "Start again" } } },
                "" => Markup::default(),
                button => call.typed_again(frame, button),
            };
            console::message(frame, &text, more)
        });
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        answer
    }
}
