//! Searching everything that somebody may see of a page.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Entry, Failure, get, permission::Reads};
use crate::{
    domain::{record::User, token::Scope},
    render::console::{self, Found, Section},
    store::{IncidentFilter, Include, Slice},
};

/// The most that are shown of each kind, and the most that are looked through.
const MOST: usize = 20;
const ALL: Slice = Slice { offset: 0, limit: 5_000 };
const LONGEST: usize = 200;

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/pages/{page}/search", show)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let sought: String = asked.query.text("q").chars().take(LONGEST).collect();
    let small = sought.to_lowercase();
    let holds = |text: &str| !small.is_empty() && text.to_lowercase().contains(&small);
    let (mut incidents, mut components, mut templates, mut people) = (vec![], vec![], vec![], vec![]);
    if !small.is_empty() {
        let moment = asked.console.store.moment(&page).await?;
        let view = moment.view();
        let filter = IncidentFilter {
            text: Some(sought.clone()),
            include: Include { drafts: asked.may(Scope::IncidentsWrite), deleted: false },
            ..IncidentFilter::default()
        };
        incidents = view.incidents(&filter, Slice { offset: 0, limit: MOST as u64 }).await?;
        components = view.components(ALL, Include::default()).await?;
        components.retain(|one| {
            holds(&one.component.name) || one.component.description.as_deref().is_some_and(holds)
        });
        templates = view.templates(ALL, Include::default()).await?;
        templates
            .retain(|one| holds(&one.name) || one.title.as_deref().is_some_and(holds) || holds(&one.body));
        drop(moment);
        if asked.me()?.scopes(None).has(Scope::UsersWrite) {
            people = asked.console.store.users(ALL).await?;
            people.retain(|one: &User| holds(&one.name) || holds(&one.email));
        }
    }
    components.truncate(MOST);
    templates.truncate(MOST);
    people.truncate(MOST);
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "Search".into();
        frame.section = Section::Other;
        frame.sought = sought.clone();
        let found = Found {
            page: &page,
            zone: snapshot.state.page.time_zone,
            sought: &sought,
            incidents: &incidents,
            components: &components,
            templates: &templates,
            people: &people,
        };
        console::found(frame, &found)
    }))
}
