//! What else goes on at the time of a maintenance, with the same components.

use chrono::{DateTime, Utc};

use super::Failure;
use crate::{
    domain::{Id, incident::Kind, record::IncidentRecord},
    render::console::Clash,
    store::{IncidentFilter, Slice, Stage, View},
};

/// The most that are looked at, and told of.
const MOST: Slice = Slice { offset: 0, limit: 200 };
const MOST_TOLD: usize = 10;

/// A time and what it is taken for.
pub struct Around<'a> {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub components: &'a [Id],
    /// What is not in its own way.
    pub but: &'a [&'a Id],
}

/// The maintenances that are not over and planned for some of that time, and the incidents that are
/// open now.
pub async fn clashes(view: View<'_>, around: &Around<'_>) -> Result<Vec<Clash>, Failure> {
    if around.components.is_empty() {
        return Ok(vec![]);
    }
    let beside = IncidentFilter {
        stage: Some(Stage::Scheduled),
        during: Some((around.begins, around.ends)),
        ..IncidentFilter::default()
    };
    let open = IncidentFilter { stage: Some(Stage::Unresolved), ..IncidentFilter::default() };
    let mut found = view.incidents(&beside, MOST).await?;
    found.extend(view.incidents(&open, MOST).await?);
    Ok(found.iter().filter_map(|record| clash(record, around)).take(MOST_TOLD).collect())
}

fn clash(record: &IncidentRecord, around: &Around<'_>) -> Option<Clash> {
    let incident = &record.incident;
    let both = record.components.iter().filter(|one| around.components.contains(&one.component.id));
    let components: Vec<String> = both.map(|one| one.component.name.clone()).collect();
    let other = !components.is_empty() && !around.but.contains(&&incident.id);
    other.then(|| Clash {
        kind: incident.kind,
        id: incident.id.clone(),
        name: incident.name.clone(),
        window: incident
            .scheduled_for
            .zip(incident.scheduled_until)
            .filter(|_| incident.kind == Kind::Maintenance),
        components,
    })
}
