//! The start: the page's name and colour, and its first components.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Entry, Failure, get, list, permission::ConfiguresPage, post};
use crate::{
    domain::{branding::Accent, page::is_control},
    locale,
    render::console::{self, Start},
    store::{BrandingSettings, Clearable, PageSettings},
};

const PATH: &str = "/admin/pages/{page}/start";

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, save)]
}

async fn show(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None)
}

/// What was typed, else what is set.
fn draw(
    asked: &Asked<ConfiguresPage>,
    status: StatusCode,
    wrong: Option<(&str, &str)>,
) -> Result<HttpResponse, Failure> {
    let (id, snapshot) = asked.page()?;
    let page = &snapshot.state.page;
    let accent = page.branding.accent.map(|accent| accent.to_string()).unwrap_or_default();
    let form = &asked.form;
    let typed = |field: &str, held: &str| {
        if form.has(field) { form.raw(field).to_owned() } else { held.to_owned() }
    };
    let (name, accent) = (typed("name", &page.name), typed("accent", &accent));
    let (zone, language) = (typed("zone", page.time_zone.name()), typed("language", &page.language));
    let components = typed("components", "");
    Ok(asked.html(status, |frame| {
        frame.title = "Your page".into();
        let (name, accent, zone) = (name.as_str(), accent.as_str(), zone.as_str());
        let (components, language) = (components.as_str(), language.as_str());
        console::start(frame, &Start { page: &id, name, accent, zone, components, language, wrong })
    }))
}

fn settings(asked: &Asked<ConfiguresPage>) -> Result<PageSettings, (&'static str, String)> {
    let form = &asked.form;
    let name = form.text("name");
    if name.is_empty() || name.chars().count() > 255 || name.contains(is_control) {
        return Err(("name", "Allowed are 1 to 255 characters, without line breaks.".into()));
    }
    let zone = form.text("zone").parse();
    let zone = zone.map_err(|_| ("zone", "Allowed is a name such as UTC or Europe/Berlin.".to_owned()))?;
    let accent = form.text("accent");
    let accent: Option<Accent<false>> = match accent {
        "" => None,
        text => Some(text.parse().map_err(|why| ("accent", why))?),
    };
    let language = locale::offered(form.text("language")).map(|texts| texts.tag().to_owned());
    Ok(PageSettings {
        clear: if accent.is_none() { vec![Clearable::Accent] } else { vec![] },
        name: Some(name.to_owned()),
        time_zone: Some(zone),
        language,
        branding: BrandingSettings { accent, ..BrandingSettings::default() },
        ..PageSettings::default()
    })
}

async fn save(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    if asked.form.text("do") == "edit" {
        return draw(&asked, StatusCode::OK, None);
    }
    let settings = match settings(&asked) {
        Ok(settings) => settings,
        Err((field, text)) => return draw(&asked, refused, Some((field, &text))),
    };
    let lines = match list::parse(asked.form.raw("components")) {
        Ok(lines) => lines,
        Err(text) => return draw(&asked, refused, Some(("components", &text))),
    };
    let (page, _) = asked.page()?;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    change.set_page(settings).await?;
    list::make(&mut change, lines).await?;
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{page}/incidents?said=saved")))
}
