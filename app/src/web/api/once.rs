//! `Idempotency-Key`: a call that comes again is not done again, and gets the answer of the first.

use std::{cell::Cell, rc::Rc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, IF_MATCH},
    },
};

use super::{
    answer::{Answer, guarded},
    call::Call,
    problem::{self, Problem},
    route::Verb,
};
use crate::store::{Attempt, Kept, Record, Secret, Taken};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The pauses before it is tried again to keep an answer: a database that moves is back by then.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// The key of a call that is made once, and whether a change has kept the answer along with itself.
#[derive(Clone, Debug)]
pub struct Once {
    pub taken: Taken,
    pub is_kept: Rc<Cell<bool>>,
}

/// Makes a call, once if it has a key.
pub async fn run(call: &Call, request: &HttpRequest, bytes: &[u8]) -> Result<HttpResponse, Problem> {
    let Some(key) =
        key(request)?.filter(|_| call.verb == Verb::Post && !call.is_dry_run() && !call.route.keyed)
    else {
        return Ok(make(call).await?.response());
    };
    let (record, token) = (call.api.store.record(), &call.caller.token.id);
    let mut told =
        format!("{} {}?{}\n", call.verb.as_str(), request.path(), request.query_string()).into_bytes();
    // What was asked of another version is another call.
    if let Some(tags) = request.headers().get(IF_MATCH) {
        told.extend([tags.as_bytes(), b"\n"].concat());
    }
    told.extend_from_slice(bytes);
    let hash = Secret::hash_of(&told);
    let taken = match record.begin_attempt(token, &key, &hash).await? {
        Attempt::First(taken) => taken,
        Attempt::Done(kept) => return Ok(replay(&kept)),
        Attempt::Running => {
            let text = "Idempotency-Key: the first call with it is still running";
            return Err(Problem::new(StatusCode::CONFLICT, text).retry_after(Duration::from_secs(1)));
        }
        Attempt::Other => {
            return Err(Problem::field("Idempotency-Key", "was used for another call; choose a new one"));
        }
    };
    let once = Once { taken, is_kept: Rc::default() };
    let answered = make(&Call { once: Some(once.clone()), ..call.clone() }).await;
    if once.is_kept.get() {
        return Ok(answered?.response());
    }
    let kept = match &answered {
        Ok(answer) => Some(without_secrets(answer)),
        // What failed here may go well another time.
        Err(problem) if problem.status.is_server_error() => None,
        Err(problem) => Some(Kept { status: problem.status.as_u16(), body: format!("\n{}", problem.body()) }),
    };
    settle(record, &once.taken, kept).await;
    Ok(answered?.response())
}

/// Keeps the answer of what was no change of a page, or frees the key. What fails is tried again, or the key
/// would stay taken for a minute.
async fn settle(record: Record<'_>, taken: &Taken, kept: Option<Kept>) {
    for pause in PAUSES {
        match record.end_attempt(taken, kept.as_ref()).await {
            Ok(()) => return,
            Err(error) => problem::told(&error, "the answer of a call with a key could not be kept"),
        }
        tokio::time::sleep(pause).await;
    }
}

async fn make(call: &Call) -> Result<Answer, Problem> {
    (call.route.handler)(call.clone()).await
}

fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(header) = request.headers().get(KEY) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default();
    if (1..=255).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "Idempotency-Key: allowed are 1 to 255 visible characters of ASCII",
    ))
}

/// An answer as it may be kept: a new token and a new key are seen once and never again.
pub fn without_secrets(answer: &Answer) -> Kept {
    let mut body = answer.body.clone().unwrap_or_default();
    if let Some(fields) = body.as_object_mut() {
        for secret in ["token", "key", "path"] {
            fields.remove(secret);
        }
    }
    let etag = answer.etag.clone().map(|etag| format!("{etag}\n")).unwrap_or_else(|| "\n".to_owned());
    let text = answer.body.as_ref().map(|_| body.to_string()).unwrap_or_default();
    Kept { status: answer.status.as_u16(), body: etag + &text }
}

fn replay(kept: &Kept) -> HttpResponse {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let (etag, body) = kept.body.split_once('\n').unwrap_or(("", &kept.body));
    let mut response = guarded(status);
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    if !etag.is_empty() {
        response.insert_header(("etag", format!("\"{etag}\"")));
    }
    if status.is_success() && body.is_empty() {
        return response.finish();
    }
    let kind =
        if status.is_success() { "application/json; charset=utf-8" } else { "application/problem+json" };
    response.insert_header(("content-type", kind));
    response.body(body.to_owned())
}
