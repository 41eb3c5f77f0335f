//! Pages.

use serde_json::json;

use super::{
    answer::Answer,
    call::{Call, name},
    problem::Problem,
    route::{PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, page::url, token::Scope},
    settings,
    store::{BrandingSettings, Clearable, PageSettings, StoreError},
    wire::manage::{Page, PageAsk, PageBody},
};

const TAG: &str = "Pages";

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages", "The pages that the token opens.", |call| Box::pin(list(call)))
        .tag(TAG)
        .asks(&[PAGE, PER_PAGE])
        .answers(Shape::Many("Page")),
    Route::get("/v1/pages/{page_id}", "A page.", |call| Box::pin(read(call)))
        .tag(TAG)
        .answers(Shape::One("Page")),
    Route::change("/v1/pages/{page_id}", "Changes a page.", |call| Box::pin(change(call)))
        .tag(TAG)
        .for_scopes(&[Scope::PageWrite])
        .takes("PageBody")
        .answers(Shape::One("Page")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let versions = call.api.store.versions().await?;
    let opened = versions.into_iter().filter(|(id, _)| call.caller.opens(id).is_ok());
    let slice = call.slice();
    let mut pages = vec![];
    for (id, version) in opened.skip(slice.offset as usize).take(slice.limit as usize) {
        let moment = call.api.store.moment(&id).await?;
        match moment.view().page(&call.api.own_url).await {
            Ok(page) => pages.push(Page::of(&page, Some(version.revision))),
            // It went between the two questions.
            Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Answer::ok(&pages)
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let moment = call.api.store.moment(&call.page_id()?).await?;
    shown(&moment.view().page(&call.api.own_url).await?)
}

/// A page and what its settings are known by: its revision is moved by every incident.
fn shown(page: &crate::domain::state::Page) -> Result<Answer, Problem> {
    let body = Page::of(page, None);
    let mut settings = json!(body);
    if let Some(fields) = settings.as_object_mut() {
        fields.remove("updated_at");
        fields.insert("branding".into(), json!(page.branding));
    }
    Ok(Answer::ok(&body)?.with_settings(&settings))
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let asked: PageBody = call.read()?;
    let settings = settings_of(asked.page)?;
    let expected = call.if_match_text.clone();
    let page_id = call.page_id()?;
    call.change(async |change| {
        let before = shown(&change.view().page(&call.api.own_url).await?)?;
        check(&page_id, expected, &before)?;
        change.set_page(settings).await?;
        shown(&change.view().page(&call.api.own_url).await?)
    })
    .await
}

pub fn check(page: &Id, expected: Option<String>, found: &Answer) -> Result<(), Problem> {
    if expected.is_none() || expected == found.etag {
        return Ok(());
    }
    let text = format!("If-Match: page {page} was changed meanwhile");
    Err(Problem::new(actix_web::http::StatusCode::PRECONDITION_FAILED, text))
}

fn settings_of(asked: PageAsk) -> Result<PageSettings, Problem> {
    let mut clear = vec![];
    let mut or_clear = |said: Option<Option<String>>, field: Clearable| match said {
        Some(Some(text)) if !text.is_empty() => Some(text),
        Some(_) => {
            clear.push(field);
            None
        }
        None => None,
    };
    let description = or_clear(asked.page_description, Clearable::Description);
    let host = or_clear(asked.domain, Clearable::Host);
    let address = or_clear(asked.url, Clearable::Url);
    let support_url = or_clear(asked.support_url, Clearable::SupportUrl);
    let time_zone = asked.time_zone.map(|zone| {
        zone.parse().map_err(|_| {
            Problem::field("page.time_zone", "allowed is a name of the IANA database, such as Europe/Berlin")
        })
    });
    let wrong = |field: &'static str| move |allowed: String| Problem::field(field, allowed);
    Ok(PageSettings {
        clear,
        name: asked.name.map(|text| name("page.name", &text)).transpose()?,
        description,
        host: host.map(|host| settings::host(&host).map_err(wrong("page.domain"))).transpose()?,
        url: address.map(|text| url(&text).map_err(wrong("page.url"))).transpose()?,
        support_url: support_url
            .map(|url| settings::web_address(&url).map_err(wrong("page.support_url")))
            .transpose()?,
        time_zone: time_zone.transpose()?,
        branding: BrandingSettings { hidden_from_search: asked.hidden_from_search, ..Default::default() },
        ..PageSettings::default()
    })
}
