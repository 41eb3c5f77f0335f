//! Machines: pollers of API v2, feed readers, badges.

use goose::prelude::*;
use reqwest::header::IF_NONE_MATCH;

use super::{Asking, Had};
use crate::ask::ask as request;

pub fn ask<'a>(user: &'a mut GooseUser, name: &'static str) -> Asking<'a> {
    Box::pin(async move {
        if name == "summary.json, unchanged" {
            return again(user, name).await;
        }
        let (path, word) = match name {
            "unresolved.json" => ("/api/v2/incidents/unresolved.json".to_owned(), "\"incidents\""),
            "history.atom" => ("/history.atom".to_owned(), "<feed"),
            "history.rss" => ("/history.rss".to_owned(), "<rss"),
            "history.ics" => ("/history.ics".to_owned(), "BEGIN:VCALENDAR"),
            "badge.svg" => ("/badge.svg".to_owned(), "<svg"),
            _ => (format!("/api/v2/{name}"), "\"page\""),
        };
        // The client reads gzip by itself, and so the answer can be read here.
        let builder = user.get_request_builder(&GooseMethod::Get, &path)?;
        request(user, name, builder, |answer| answer.says(word)).await?;
        Ok(())
    })
}

async fn again(user: &mut GooseUser, name: &str) -> TransactionResult {
    const PATH: &str = "/api/v2/summary.json";
    let had = user.get_session_data::<Had>().and_then(|had| had.0.get(PATH).cloned());
    let builder = user.get_request_builder(&GooseMethod::Get, PATH)?;
    let answer = match had {
        None => request(user, "summary.json", builder, |answer| answer.says("\"status\"")).await?,
        Some(tag) => {
            let builder = builder.header(IF_NONE_MATCH, tag);
            request(user, name, builder, |answer| answer.status == 304 || answer.says("\"status\"")).await?
        }
    };
    if let Some(tag) = answer.etag() {
        user.set_session_data(Had([(PATH.to_owned(), tag)].into()));
    }
    Ok(())
}
