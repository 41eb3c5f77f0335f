//! Which of a page's addresses can be shown on other sites, and how (oembed.com, version 1.0).

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Query, ServiceConfig},
};
use serde::Deserialize;

use super::{asked::Asked, machine, past};
use crate::{
    live::{Aside, Form, Frame, Surface, Target},
    web::{cache_policy::CachePolicy, error},
};

/// Longer than any address that leads somewhere.
const LONGEST: usize = 2_048;

/// What is asked, as it stands in the query.
#[derive(Debug, Deserialize)]
struct Question {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<String>,
    maxheight: Option<String>,
}

pub fn routes(config: &mut ServiceConfig) {
    machine(config, "/oembed", oembed);
}

async fn oembed(asked: Asked) -> HttpResponse {
    match understood(&asked) {
        Ok((Target::Incident(id), frame, tag)) => {
            let surface = |id| Surface::Aside(Aside::OEmbed(Target::Incident(id), frame, tag));
            past::incident_of(&asked, id, surface, Form::OEmbed(frame, tag), CachePolicy::Document).await
        }
        Ok((target, frame, tag)) => {
            asked.surface(&Surface::Aside(Aside::OEmbed(target, frame, tag)), CachePolicy::Document)
        }
        Err((status, text)) => error::refused(status, &text),
    }
}

type Refused = (StatusCode, String);

fn bad(text: &str) -> Refused {
    (StatusCode::BAD_REQUEST, text.to_owned())
}

/// The answer that is meant: one of few, whatever was written.
fn understood(asked: &Asked) -> Result<(Target, Frame, &'static str), Refused> {
    let query = Query::<Question>::from_query(asked.request.query_string());
    let question =
        query.map_err(|_| bad("the query is none: each parameter may stand in it once"))?.into_inner();
    if question.format.is_some_and(|format| format != "json") {
        return Err((StatusCode::NOT_IMPLEMENTED, "format: only json is there".to_owned()));
    }
    let address = question.url.filter(|address| address.len() <= LONGEST);
    let address =
        address.ok_or_else(|| bad("url: an address of this page is needed, of at most 2048 bytes"))?;
    let (target, spoken) = Target::of(&asked.snapshot.state, &address)
        .ok_or_else(|| (StatusCode::NOT_FOUND, "url: no place of this page".to_owned()))?;
    let (width, height) = (pixels("maxwidth", question.maxwidth)?, pixels("maxheight", question.maxheight)?);
    let frame = Frame::within(width, height)
        .ok_or_else(|| bad("maxwidth, maxheight: no frame is narrower than 240 pixels or lower than 115"))?;
    Ok((target, frame, spoken.unwrap_or(asked.snapshot.texts()).tag()))
}

fn pixels(name: &str, asked: Option<String>) -> Result<Option<u32>, Refused> {
    let wrong = |_| bad(&format!("{name}: a number of pixels is allowed"));
    asked.map(|text| text.parse().map_err(wrong)).transpose()
}
