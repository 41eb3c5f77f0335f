//! What was done to a page.

use std::collections::HashMap;

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Entry, Failure, get, permission::Reads};
use crate::{
    domain::Id,
    render::console::{self, Audit, Section},
    store::{AuditFilter, Slice, StoreError},
};

const PER_SCREEN: u64 = 50;

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/pages/{page}/audit", show)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let number = asked.number();
    let slice = Slice { offset: (number - 1) * PER_SCREEN, limit: PER_SCREEN + 1 };
    let moment = asked.console.store.moment(&page).await?;
    let mut events = moment.view().audit_events(&AuditFilter::default(), slice).await?;
    drop(moment);
    let more = events.len() as u64 > PER_SCREEN;
    events.truncate(PER_SCREEN as usize);
    let mut names: HashMap<Id, String> = HashMap::new();
    for event in &events {
        let Some(id) = &event.actor_id else { continue };
        if !names.contains_key(id)
            && let Some(name) = name(&asked, &event.actor_kind, id).await?
        {
            names.insert(id.clone(), name);
        }
    }
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "Audit".into();
        frame.section = Section::Audit;
        let zone = snapshot.state.page.time_zone;
        console::audit(frame, &Audit { page: &page, zone, events: &events, names: &names, number, more })
    }))
}

/// What somebody is called who did something; nothing, if they are gone.
async fn name(asked: &Asked<Reads>, kind: &str, id: &Id) -> Result<Option<String>, Failure> {
    let found = match kind {
        "user" => asked
            .console
            .store
            .user(id)
            .await
            .map(|user| if user.name.is_empty() { user.email } else { user.name }),
        "token" => asked.console.store.token(id).await.map(|token| format!("token {}", token.name)),
        _ => return Ok(None),
    };
    match found {
        Ok(name) => Ok(Some(name)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
