//! The looks of a page's embed.

use serde_json::json;

use super::{
    answer::Answer,
    call::{Call, or_none},
    pages::check,
    problem::Problem,
    route::{Route, Shape},
};
use crate::{
    domain::{
        branding::{Colour, Corner, Embed},
        token::Scope,
    },
    store::{BrandingSettings, Clearable, PageSettings, View},
    wire::manage::{EmbedAsk, EmbedBody, StatusEmbedConfig, WrongField},
};

pub const TAG: &str = "Status embed";
const PATH: &str = "/v1/pages/{page_id}/status_embed_config";

pub const ROUTES: &[Route] = &[
    Route::get(PATH, "The looks of the page's embed.", |call| Box::pin(read(call)))
        .tag(TAG)
        .answers(Shape::One("StatusEmbedConfig")),
    Route::change(PATH, "Changes the looks of the page's embed.", |call| Box::pin(change(call)))
        .tag(TAG)
        .for_scopes(&[Scope::PageWrite])
        .takes("EmbedBody")
        .answers(Shape::One("StatusEmbedConfig")),
];

async fn read(call: Call) -> Result<Answer, Problem> {
    let moment = call.api.store.moment(&call.page_id()?).await?;
    Ok(shown(&call, moment.view()).await?.0)
}

/// The looks, and what they are known by.
async fn shown(call: &Call, view: View<'_>) -> Result<(Answer, Embed), Problem> {
    let page = view.page(&call.api.own_url).await?;
    let embed = page.branding.embed;
    let body = StatusEmbedConfig::of(&embed, page.id);
    Ok((Answer::ok(&body)?.with_settings(&json!(body)), embed))
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<EmbedBody>()?.status_embed_config;
    let expected = call.if_match_text.clone();
    let page_id = call.page_id()?;
    call.change(async |change| {
        let (before, mut embed) = shown(&call, change.view()).await?;
        check(&page_id, expected, &before)?;
        apply(&asked, &mut embed)?;
        embed.readable().map_err(|text| pale(&text))?;
        change.set_page(settings(embed)).await?;
        Ok(shown(&call, change.view()).await?.0)
    })
    .await
}

fn apply(asked: &EmbedAsk, embed: &mut Embed) -> Result<(), Problem> {
    if let Some(said) = or_none(&asked.position) {
        embed.position = said.as_deref().map(corner).transpose()?;
    }
    let colours = [
        ("incident_background_color", &asked.incident_background_color, &mut embed.incident_background_color),
        ("incident_text_color", &asked.incident_text_color, &mut embed.incident_text_color),
        (
            "maintenance_background_color",
            &asked.maintenance_background_color,
            &mut embed.maintenance_background_color,
        ),
        ("maintenance_text_color", &asked.maintenance_text_color, &mut embed.maintenance_text_color),
    ];
    for (field, said, held) in colours {
        if let Some(said) = or_none(said) {
            *held = said.as_deref().map(|text| colour(field, text)).transpose()?;
        }
    }
    Ok(())
}

fn corner(text: &str) -> Result<Corner, Problem> {
    Corner::parse(text).ok_or_else(|| {
        let allowed = Corner::ALL.map(Corner::as_str).join(", ");
        Problem::field("status_embed_config.position", format!("allowed are {allowed}"))
    })
}

fn colour(field: &str, text: &str) -> Result<Colour, Problem> {
    text.parse().map_err(|wrong: String| Problem::field(&format!("status_embed_config.{field}"), wrong))
}

/// Words that can't be read, by the names that the caller knows.
fn pale(text: &str) -> Problem {
    let (names, message) = text.split_once(": ").unwrap_or(("", text));
    let of = if names.starts_with("embed-maintenance") { "maintenance" } else { "incident" };
    let wrong = |part: &str| WrongField {
        field: format!("status_embed_config.{of}_{part}_color"),
        message: message.to_owned(),
    };
    Problem::fields(vec![wrong("background"), wrong("text")])
}

/// All of it anew: what is not there any more is taken away.
fn settings(embed: Embed) -> PageSettings {
    let branding = BrandingSettings {
        embed_position: embed.position,
        embed_incident_background: embed.incident_background_color,
        embed_incident_text: embed.incident_text_color,
        embed_maintenance_background: embed.maintenance_background_color,
        embed_maintenance_text: embed.maintenance_text_color,
        ..Default::default()
    };
    PageSettings { clear: vec![Clearable::Embed], branding, ..PageSettings::default() }
}
