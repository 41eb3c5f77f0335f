//! From what is to happen to incidents, updates and periods that agree with one another.

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::company::Company;
use crate::domain::{
    Id,
    incident::{AffectedComponent, IncidentStatus, Progress, affected_name},
    state::{Incident, IncidentUpdate, Postmortem},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

/// A place in the cast, and the status that the component in it moves to.
pub type Move = (usize, ComponentStatus);

/// An incident or a maintenance that is to happen.
#[derive(Clone, Debug)]
pub struct Scene {
    pub name: String,
    /// Names of components.
    pub cast: &'static [&'static str],
    /// When a maintenance is planned for: from and until.
    pub window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Oldest first.
    pub beats: Vec<Beat>,
}

/// An update that is to be posted.
#[derive(Clone, Debug)]
pub struct Beat {
    pub at: DateTime<Utc>,
    pub status: IncidentStatus,
    /// A component is attached to the incident when it is first named here.
    pub moves: &'static [Move],
    pub body: String,
}

/// Plays all scenes in the order of time, whichever scene an update is of. The company's components
/// end as the last updates leave them; the incidents come oldest first.
pub fn play(scenes: &[Scene], company: &mut Company) -> anyhow::Result<Vec<Incident>> {
    let mut stages: Vec<Stage<'_>> = scenes.iter().map(Stage::set).collect();
    let mut cues: Vec<(DateTime<Utc>, usize, &Beat)> = vec![];
    for (index, scene) in scenes.iter().enumerate() {
        cues.extend(scene.beats.iter().map(|beat| (beat.at, index, beat)));
    }
    cues.sort_by_key(|(at, index, _)| (*at, *index));
    for (_, index, beat) in cues {
        if let Some(stage) = stages.get_mut(index) {
            stage.play(beat, company)?;
        }
    }
    let ended: Option<Vec<Incident>> = stages.into_iter().map(|stage| stage.end(company)).collect();
    let mut incidents = ended.context("an incident of the demo has no update")?;
    incidents.sort_by_key(|incident| incident.created_at);
    Ok(incidents)
}

/// A scene while it is played.
struct Stage<'a> {
    scene: &'a Scene,
    progress: Option<Progress>,
    /// Places in the company of the components attached so far, by the page's order.
    attached: Vec<usize>,
    /// Oldest first.
    updates: Vec<IncidentUpdate>,
}

impl<'a> Stage<'a> {
    fn set(scene: &'a Scene) -> Self {
        Self { scene, progress: None, attached: vec![], updates: vec![] }
    }

    fn play(&mut self, beat: &Beat, company: &mut Company) -> anyhow::Result<()> {
        let moved = beat.moves.iter().map(|(slot, status)| Ok((self.place(*slot, company)?, *status)));
        let moved: Vec<(usize, ComponentStatus)> = moved.collect::<anyhow::Result<_>>()?;
        self.attached.extend(moved.iter().map(|(place, _)| *place));
        self.attached.sort_unstable();
        self.attached.dedup();
        let mut affected = vec![];
        for place in &self.attached {
            let target = moved.iter().find(|(moved, _)| moved == place).map(|(_, status)| *status);
            affected.extend(affect(company, *place, target, beat.at));
        }
        let progress = self.progress.unwrap_or_else(|| Progress::begin(beat.status, None));
        let new_statuses = affected.iter().map(|component| component.new_status);
        self.progress = Some(progress.update(beat.status, beat.at, new_statuses)?);
        self.updates.push(IncidentUpdate {
            id: Id::random(),
            status: beat.status,
            body: beat.body.clone(),
            created_at: beat.at,
            updated_at: beat.at,
            display_at: beat.at,
            affected_components: affected,
            deliver_notifications: true,
            custom_tweet: None,
            tweet_id: None,
        });
        Ok(())
    }

    fn place(&self, slot: usize, company: &Company) -> anyhow::Result<usize> {
        let name =
            self.scene.cast.get(slot).with_context(|| format!("{}: no place {slot}", self.scene.name))?;
        let place = company.components.iter().position(|component| component.name == *name);
        place.with_context(|| format!("no component of the demo is called {name}"))
    }

    /// None if nothing was ever said.
    fn end(mut self, company: &Company) -> Option<Incident> {
        self.updates.reverse();
        let (first, last) = (self.updates.last()?.created_at, self.updates.first()?.created_at);
        let progress = self.progress?;
        let told = self.updates.iter().find(|update| update.status == IncidentStatus::Postmortem);
        let postmortem =
            told.map(|told| Postmortem { body: told.body.clone(), published_at: told.display_at });
        let attached = self.attached.iter().filter_map(|place| company.components.get(*place));
        Some(Incident {
            id: Id::random(),
            // The store gives it one.
            number: 0,
            kind: progress.kind,
            name: self.scene.name.clone(),
            status: progress.status,
            impact: progress.impact,
            shortlink: None,
            started_at: first,
            created_at: first,
            updated_at: last,
            monitoring_at: progress.monitoring_at,
            resolved_at: progress.resolved_at,
            next_update_at: None,
            scheduled_for: self.scene.window.map(|(from, _)| from),
            scheduled_until: self.scene.window.map(|(_, until)| until),
            reminder_intervals: None,
            component_ids: attached.map(|component| component.id.clone()).collect(),
            updates: self.updates,
            postmortem,
        })
    }
}

/// Moves a component, if it is to be moved, and says what an update tells of it.
fn affect(
    company: &mut Company,
    place: usize,
    target: Option<ComponentStatus>,
    at: DateTime<Utc>,
) -> Option<AffectedComponent> {
    let found = company.components.get(place)?;
    let name = affected_name(company.group_of(found), &found.name);
    let component = company.components.get_mut(place)?;
    let old_status = component.status;
    let new_status = target.unwrap_or(old_status);
    if new_status != old_status {
        if let Some(open) = component.periods.last_mut() {
            open.until = Some(at);
        }
        component.periods.push(StatusPeriod { status: new_status, from: at, until: None });
        component.status = new_status;
        component.updated_at = at;
    }
    Some(AffectedComponent { code: component.id.clone(), name, old_status, new_status })
}
