//! Visitors: the front page as browsers ask for it, again and again, and what they follow from there.

use goose::prelude::*;
use reqwest::header::{ACCEPT_ENCODING, COOKIE, IF_NONE_MATCH};
use serde_json::Value;

use super::{Asking, Had, draw, of_weighted};
use crate::{ask::ask as request, model::Model};

pub fn ask<'a>(user: &'a mut GooseUser, name: &'static str) -> Asking<'a> {
    Box::pin(async move {
        // English is the language of the page, and stands at the root.
        let language = if of_weighted(Model::get().languages()) == "de" { "/de" } else { "" };
        match name {
            "front, unchanged" => again(user, name, &format!("{language}/")).await,
            "permalink" => of_those(user, name, language, "incidents").await,
            "component" => of_those(user, name, language, "components").await,
            "unknown incident" => nothing(user, name).await,
            "search" => page(user, name, &format!("{language}/history?q=api")).await,
            "history" | "uptime" => page(user, name, &format!("{language}/{name}")).await,
            _ => page(user, name, &format!("{language}/")).await,
        }
    })
}

/// A browser takes brotli mostly; text is read whole, to see that it is right.
async fn page(user: &mut GooseUser, name: &str, path: &str) -> TransactionResult {
    let coding = of_weighted(Model::get().encodings());
    let builder = get(user, path)?.header(ACCEPT_ENCODING, coding);
    request(user, name, builder, |answer| answer.is_page()).await?;
    Ok(())
}

/// What is had already is not sent twice.
async fn again(user: &mut GooseUser, name: &str, path: &str) -> TransactionResult {
    let had = user.get_session_data::<Had>().and_then(|had| had.0.get(path).cloned());
    let builder = get(user, path)?.header(ACCEPT_ENCODING, "br");
    let answer = match &had {
        None => request(user, "front", builder, |answer| answer.is_page()).await?,
        Some(tag) => {
            let builder = builder.header(IF_NONE_MATCH, tag);
            request(user, name, builder, |answer| answer.status == 304 || answer.is_page()).await?
        }
    };
    if let Some(tag) = answer.etag() {
        let mut all =
            Had(user.get_session_data_mut::<Had>().map(|had| std::mem::take(&mut had.0)).unwrap_or_default());
        all.0.insert(path.to_owned(), tag);
        user.set_session_data(all);
    }
    Ok(())
}

/// One of the incidents or components that machines are told of.
async fn of_those(user: &mut GooseUser, name: &str, language: &str, kind: &str) -> TransactionResult {
    let list = get(user, &format!("/api/v2/{kind}.json"))?.header(ACCEPT_ENCODING, "identity");
    let answer = request(user, &format!("{kind}.json"), list, |answer| answer.says(kind)).await?;
    let list: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    let ids: Vec<&str> = list[kind]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["group"] != true)
        .filter_map(|one| one["id"].as_str())
        .collect();
    match ids.get(draw(ids.len())) {
        None => Ok(()),
        Some(id) => page(user, name, &format!("{language}/{kind}/{id}")).await,
    }
}

async fn nothing(user: &mut GooseUser, name: &str) -> TransactionResult {
    let path = format!("/incidents/{:012x}", draw(usize::MAX) & 0xffff_ffff_ffff);
    let builder = get(user, &path)?;
    request(user, name, builder, |answer| answer.status == 404).await?;
    Ok(())
}

/// Who has chosen a language is not sent to another one.
fn get(user: &GooseUser, path: &str) -> Result<reqwest::RequestBuilder, Box<TransactionError>> {
    let language = if path.starts_with("/de/") { "lang=de" } else { "lang=en" };
    Ok(user.get_request_builder(&GooseMethod::Get, path)?.header(COOKIE, language))
}
