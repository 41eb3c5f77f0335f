//! What is answered.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;

use crate::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
        record::{self, ComponentRecord, GroupRecord, IncidentRecord, PostmortemRecord},
        state,
        status::ComponentStatus,
    },
    wire::{Stamp, statuspage::AffectedComponent},
};

/// Where and how something is written: on which page, in its time zone.
#[derive(Clone, Debug)]
pub struct Place {
    pub page_id: Id,
    pub zone: Tz,
    pub url: String,
}

impl Place {
    pub(super) fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp::new(at, self.zone)
    }

    pub(super) fn maybe(&self, at: Option<DateTime<Utc>>) -> Option<Stamp> {
        at.map(|at| self.stamp(at))
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Component {
    pub id: Id,
    pub page_id: Id,
    pub group_id: Option<Id>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub group: bool,
    pub name: String,
    pub description: Option<String>,
    pub position: i32,
    pub status: ComponentStatus,
    pub showcase: bool,
    pub only_show_if_degraded: bool,
    pub automation_email: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Option<NaiveDate>,
    /// An address that its name leads to.
    pub link: Option<String>,
    /// Whether visitors see nothing of it.
    pub hidden: bool,
    pub deleted_at: Option<Stamp>,
}

impl Component {
    pub fn of(record: &ComponentRecord, place: &Place) -> Self {
        let component = &record.component;
        Self {
            id: component.id.clone(),
            page_id: place.page_id.clone(),
            group_id: component.group_id.clone(),
            created_at: place.stamp(component.created_at),
            updated_at: place.stamp(component.updated_at),
            group: false,
            name: component.name.clone(),
            description: component.description.clone(),
            position: component.position,
            status: component.status,
            showcase: component.showcase,
            only_show_if_degraded: component.only_show_if_degraded,
            automation_email: None,
            start_date: component.start_date,
            link: component.link.clone(),
            hidden: record.hidden,
            deleted_at: place.maybe(record.deleted_at),
        }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ComponentGroup {
    pub id: Id,
    pub page_id: Id,
    pub name: String,
    pub description: Option<String>,
    pub components: Vec<Id>,
    pub position: i32,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub deleted_at: Option<Stamp>,
}

impl ComponentGroup {
    pub fn of(record: &GroupRecord, place: &Place) -> Self {
        let group = &record.group;
        Self {
            id: group.id.clone(),
            page_id: place.page_id.clone(),
            name: group.name.clone(),
            description: group.description.clone(),
            components: record.component_ids.clone(),
            position: group.position,
            created_at: place.stamp(group.created_at),
            updated_at: place.stamp(group.updated_at),
            deleted_at: place.maybe(record.deleted_at),
        }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct IncidentUpdate {
    pub id: Id,
    pub incident_id: Id,
    /// Null when the incident has no component.
    pub affected_components: Option<Vec<AffectedComponent>>,
    /// Markdown.
    pub body: String,
    pub created_at: Stamp,
    pub custom_tweet: Option<String>,
    pub deliver_notifications: bool,
    pub display_at: Stamp,
    pub status: IncidentStatus,
    pub tweet_id: Option<Value>,
    pub twitter_updated_at: Option<Stamp>,
    pub updated_at: Stamp,
    pub wants_twitter_update: bool,
}

impl IncidentUpdate {
    pub fn of(update: &state::IncidentUpdate, incident_id: &Id, place: &Place) -> Self {
        let affected = update.affected_components.iter().map(|component| AffectedComponent {
            code: Some(component.code.clone()),
            name: component.name.clone(),
            old_status: Some(component.old_status),
            new_status: Some(component.new_status),
        });
        Self {
            id: update.id.clone(),
            incident_id: incident_id.clone(),
            affected_components: (!update.affected_components.is_empty()).then(|| affected.collect()),
            body: update.body.clone(),
            created_at: place.stamp(update.created_at),
            custom_tweet: update.custom_tweet.clone(),
            deliver_notifications: update.deliver_notifications,
            display_at: place.stamp(update.display_at),
            status: update.status,
            tweet_id: update.tweet_id.clone(),
            twitter_updated_at: None,
            updated_at: place.stamp(update.updated_at),
            wants_twitter_update: false,
        }
    }
}

/// An incident or a maintenance.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Incident {
    pub id: Id,
    pub components: Vec<Component>,
    pub created_at: Stamp,
    pub impact: Impact,
    pub impact_override: Option<Impact>,
    pub incident_updates: Vec<IncidentUpdate>,
    /// Always empty: it belongs to other products of Statuspage's maker.
    #[schema(value_type = Vec<Object>)]
    pub incident_impacts: Vec<Value>,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub monitoring_at: Option<Stamp>,
    pub name: String,
    pub page_id: Id,
    pub postmortem_body: Option<String>,
    pub postmortem_body_last_updated_at: Option<Stamp>,
    pub postmortem_ignored: bool,
    pub postmortem_notified_subscribers: bool,
    pub postmortem_notified_twitter: bool,
    pub postmortem_published_at: Option<Stamp>,
    pub resolved_at: Option<Stamp>,
    pub scheduled_auto_completed: bool,
    pub scheduled_auto_in_progress: bool,
    pub scheduled_for: Option<Stamp>,
    pub auto_transition_deliver_notifications_at_end: bool,
    pub auto_transition_deliver_notifications_at_start: bool,
    pub auto_transition_to_maintenance_state: bool,
    pub auto_transition_to_operational_state: bool,
    pub scheduled_remind_prior: bool,
    pub scheduled_reminded_at: Option<Stamp>,
    pub scheduled_until: Option<Stamp>,
    pub shortlink: String,
    pub status: IncidentStatus,
    pub updated_at: Stamp,
    pub reminder_intervals: Option<String>,
    pub started_at: Stamp,
    pub backfilled: bool,
    /// By when there is news again.
    pub next_update_at: Option<Stamp>,
    /// Whether visitors see nothing of it yet.
    pub draft: bool,
    pub deleted_at: Option<Stamp>,
}

impl Incident {
    pub fn of(record: &IncidentRecord, place: &Place) -> Self {
        let (incident, clock) = (&record.incident, &record.automation);
        let updates = incident.updates.iter();
        Self {
            id: incident.id.clone(),
            components: record.components.iter().map(|component| Component::of(component, place)).collect(),
            created_at: place.stamp(incident.created_at),
            impact: incident.impact,
            impact_override: record.impact_override,
            incident_updates: updates.map(|update| IncidentUpdate::of(update, &incident.id, place)).collect(),
            incident_impacts: vec![],
            metadata: record.metadata.clone().unwrap_or_else(|| Value::Object(Default::default())),
            monitoring_at: place.maybe(incident.monitoring_at),
            name: incident.name.clone(),
            page_id: place.page_id.clone(),
            postmortem_body: record.written.body.clone(),
            postmortem_body_last_updated_at: place.maybe(record.written.body_updated_at),
            postmortem_ignored: record.written.ignored,
            postmortem_notified_subscribers: record.written.notified_subscribers,
            postmortem_notified_twitter: false,
            postmortem_published_at: place.maybe(record.written.published_at),
            resolved_at: place.maybe(incident.resolved_at),
            scheduled_auto_completed: clock.scheduled_auto_completed,
            scheduled_auto_in_progress: clock.scheduled_auto_in_progress,
            scheduled_for: place.maybe(incident.scheduled_for),
            auto_transition_deliver_notifications_at_end: clock.auto_transition_deliver_notifications_at_end,
            auto_transition_deliver_notifications_at_start: clock
                .auto_transition_deliver_notifications_at_start,
            auto_transition_to_maintenance_state: clock.auto_transition_to_maintenance_state,
            auto_transition_to_operational_state: clock.auto_transition_to_operational_state,
            scheduled_remind_prior: clock.scheduled_remind_prior,
            scheduled_reminded_at: place.maybe(record.scheduled_reminded_at),
            scheduled_until: place.maybe(incident.scheduled_until),
            shortlink: incident
                .shortlink
                .clone()
                .unwrap_or_else(|| format!("{}/incidents/{}", place.url, incident.id)),
            status: incident.status,
            updated_at: place.stamp(incident.updated_at),
            reminder_intervals: incident.reminder_intervals.clone(),
            started_at: place.stamp(incident.started_at),
            backfilled: record.backfilled,
            next_update_at: place.maybe(incident.next_update_at),
            draft: record.draft,
            deleted_at: place.maybe(record.deleted_at),
        }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Postmortem {
    /// Always null: a draft is read here, not at a secret address.
    pub preview_key: Option<String>,
    pub body: Option<String>,
    pub body_updated_at: Option<Stamp>,
    pub body_draft: Option<String>,
    pub body_draft_updated_at: Option<Stamp>,
    pub published_at: Option<Stamp>,
    pub notify_subscribers: bool,
    pub notify_twitter: bool,
    pub custom_tweet: Option<String>,
    pub created_at: Option<Stamp>,
    pub updated_at: Option<Stamp>,
}

impl Postmortem {
    pub fn of(written: &PostmortemRecord, place: &Place) -> Self {
        let times = [written.body_draft_updated_at, written.body_updated_at, written.published_at];
        Self {
            preview_key: None,
            body: written.body.clone(),
            body_updated_at: place.maybe(written.body_updated_at),
            body_draft: written.body_draft.clone(),
            body_draft_updated_at: place.maybe(written.body_draft_updated_at),
            published_at: place.maybe(written.published_at),
            notify_subscribers: written.notified_subscribers,
            notify_twitter: false,
            custom_tweet: None,
            created_at: place.maybe(times.into_iter().flatten().min()),
            updated_at: place.maybe(times.into_iter().flatten().max()),
        }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct IncidentTemplate {
    pub id: Id,
    pub components: Vec<Component>,
    pub name: String,
    pub title: Option<String>,
    pub body: String,
    pub group_id: Option<Id>,
    pub update_status: Option<IncidentStatus>,
    pub should_tweet: bool,
    pub should_send_notifications: bool,
    pub deleted_at: Option<Stamp>,
}

impl IncidentTemplate {
    pub fn of(template: &record::Template, components: &[ComponentRecord], place: &Place) -> Self {
        let of_it = components.iter().filter(|one| template.component_ids.contains(&one.component.id));
        Self {
            id: template.id.clone(),
            components: of_it.map(|component| Component::of(component, place)).collect(),
            name: template.name.clone(),
            title: template.title.clone(),
            body: template.body.clone(),
            group_id: template.group_id.clone(),
            update_status: template.update_status,
            should_tweet: template.should_tweet,
            should_send_notifications: template.should_send_notifications,
            deleted_at: place.maybe(template.deleted_at),
        }
    }
}
