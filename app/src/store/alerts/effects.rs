//! What a rule does to the page, and how that is undone: what somebody else changed meanwhile is
//! left alone.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, prelude::Expr,
};
use serde_json::json;

use crate::{
    domain::{
        Id,
        alert::{Alert, Heard, Rule, State, fill, markdown_literal},
        incident::{IncidentStatus, Kind},
        record::Template,
        status::ComponentStatus,
    },
    store::{
        Change, Include, NewIncident, NewUpdate, Result, StoreError, automatic_body, convert,
        entity::{alert_effects, alerts, components, incidents, periods},
    },
};

/// The longest name of an incident.
const LONGEST_NAME: usize = 255;

/// A component that a rule is about, as it is now.
struct Touched {
    row: components::Model,
    status: ComponentStatus,
    /// Since when it has this status.
    since: Option<DateTime<Utc>>,
    /// What other rules have open on it, as far as it is them who gave it its status.
    owners: Vec<alert_effects::Model>,
}

impl Change {
    /// Opens what a rule says, unless another of its alerts has opened it. Says whether visitors
    /// see something of it.
    pub(super) async fn open_effect(&mut self, rule: &Rule, alert: &Alert) -> Result<bool> {
        let open = alert_effects::Entity::find_by_id(rule.id.as_str()).one(self.transaction()).await?;
        let told = json!({ "rule": rule.id, "alert": alert });
        self.audit("alert.fire", "alert", &alert.id, None, Some(told));
        if open.is_some() {
            return Ok(false);
        }
        let mut effect = alert_effects::Model {
            rule_id: rule.id.to_string(),
            page_id: self.page_id.to_string(),
            component_id: None,
            wanted_status: None,
            base_status: None,
            moved_at: None,
            incident_id: None,
            incident_version: None,
            created_at: self.at,
        };
        let moves = self.prepare_move(rule, &mut effect).await?;
        let template = match &rule.template_id {
            Some(id) => match self.view().template(id, Include::default()).await {
                Ok(template) => Some(template),
                // One that was deleted meanwhile opens nothing; the component moves all the same.
                Err(StoreError::NotFound(_)) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        if let Some(template) = template {
            let id = self.open_from(&template, rule, alert, moves.clone()).await?;
            effect.incident_version = Some(self.incident_of_page(&id).await?.version);
            effect.incident_id = Some(id.to_string());
        } else if let Some((component, status)) = &moves {
            self.set_status(component, *status).await?;
            self.hush(rule);
        }
        let shown = effect.incident_id.is_some() || moves.is_some();
        effect.into_active_model().reset_all().insert(self.transaction()).await?;
        Ok(shown)
    }

    /// Says to what the component is moved, if it is: never to something better.
    async fn prepare_move(
        &self,
        rule: &Rule,
        effect: &mut alert_effects::Model,
    ) -> Result<Option<(Id, ComponentStatus)>> {
        let Some((id, wanted)) = rule.component_id.as_ref().zip(rule.component_status) else {
            return Ok(None);
        };
        let Some(touched) = self.touched(id, &rule.id).await? else { return Ok(None) };
        let base = touched.owners.first().and_then(|owner| owner.base_status.clone());
        effect.component_id = Some(id.to_string());
        effect.wanted_status = Some(wanted.as_str().to_owned());
        effect.base_status = Some(base.unwrap_or_else(|| touched.row.status.clone()));
        if wanted <= touched.status {
            effect.moved_at = touched.since.filter(|_| !touched.owners.is_empty());
            return Ok(None);
        }
        effect.moved_at = Some(self.at);
        self.hand_on(&touched).await?;
        Ok(Some((id.clone(), wanted)))
    }

    /// A component that was not deleted, and who gave it its status.
    async fn touched(&self, id: &Id, rule: &Id) -> Result<Option<Touched>> {
        let row = match self.component_of_page(id).await {
            Ok(row) => row,
            Err(StoreError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let period = periods::Entity::find()
            .filter(periods::Column::ComponentId.eq(id.as_str()))
            .filter(periods::Column::UntilAt.is_null())
            .one(self.transaction())
            .await?;
        let since = period.map(|period| period.from_at);
        let others = alert_effects::Entity::find()
            .filter(alert_effects::Column::PageId.eq(self.page_id.as_str()))
            .filter(alert_effects::Column::ComponentId.eq(id.as_str()))
            .filter(alert_effects::Column::RuleId.ne(rule.as_str()))
            .all(self.transaction())
            .await?;
        let owners = others.into_iter().filter(|one| one.moved_at.is_some() && one.moved_at == since);
        let (status, owners) = (convert::status(&row)?, owners.collect());
        Ok(Some(Touched { row, status, since, owners }))
    }

    /// The status that begins now is also that of the other rules which have the component.
    async fn hand_on(&self, touched: &Touched) -> Result<()> {
        alert_effects::Entity::update_many()
            .col_expr(alert_effects::Column::MovedAt, Expr::value(self.at))
            .filter(
                alert_effects::Column::RuleId.is_in(touched.owners.iter().map(|one| one.rule_id.as_str())),
            )
            .exec(self.transaction())
            .await?;
        Ok(())
    }

    async fn open_from(
        &mut self,
        template: &Template,
        rule: &Rule,
        alert: &Alert,
        moves: Option<(Id, ComponentStatus)>,
    ) -> Result<Id> {
        let heard = Heard {
            fingerprint: alert.fingerprint.clone(),
            firing: true,
            labels: alert.labels.clone(),
            summary: alert.summary.clone(),
        };
        let is_open = |status: &IncidentStatus| status.kind() == Kind::Incident && !status.is_over();
        let status = template.update_status.filter(is_open).unwrap_or(IncidentStatus::Investigating);
        let attached = self.view().components_among(&template.component_ids).await?;
        let mut components: Vec<(Id, Option<ComponentStatus>)> =
            attached.into_iter().map(|record| (record.component.id, None)).collect();
        let about = moves.as_ref().map(|(id, _)| id).or(rule.component_id.as_ref());
        if let Some(id) = about.filter(|id| !components.iter().any(|(held, _)| held == *id)) {
            components.push((id.clone(), None));
        }
        for (id, status) in &mut components {
            *status = moves.as_ref().filter(|(moved, _)| moved == id).map(|(_, status)| *status);
        }
        let title = template.title.as_ref().unwrap_or(&template.name);
        let name: String = fill(title, &heard, str::to_owned).chars().take(LONGEST_NAME).collect();
        let first = NewUpdate {
            components,
            deliver_notifications: rule.notify && template.should_send_notifications,
            ..NewUpdate::new(status, &fill(&template.body, &heard, markdown_literal))
        };
        self.open_incident(NewIncident { name, impact_override: None, schedule: None, first }).await
    }

    /// Tells nobody, if the rule says so.
    fn hush(&mut self, rule: &Rule) {
        if let Some(notice) = self.notice.as_mut().filter(|_| !rule.notify) {
            notice.deliver = false;
        }
    }

    /// Undoes what a rule has open, once the last of its alerts is over.
    pub(super) async fn close_effect(&mut self, rule: &Rule, alert: &Alert) -> Result<bool> {
        let told = json!({ "rule": rule.id, "alert": alert });
        self.audit("alert.resolve", "alert", &alert.id, None, Some(told));
        let lasting = alerts::Entity::find()
            .filter(alerts::Column::RuleId.eq(rule.id.as_str()))
            .filter(alerts::Column::State.is_in(State::LASTING.map(State::as_str)))
            .count(self.transaction())
            .await?;
        let open = alert_effects::Entity::find_by_id(rule.id.as_str()).one(self.transaction()).await?;
        let Some(effect) = open.filter(|_| lasting == 0) else { return Ok(false) };
        alert_effects::Entity::delete_by_id(rule.id.as_str()).exec(self.transaction()).await?;
        let back = self.way_back(&effect, rule, alert).await?;
        if let Some(incident) = self.own_incident(&effect, alert).await? {
            let components = back.into_iter().map(|(id, status)| (id, Some(status))).collect();
            let resolved = IncidentStatus::Resolved;
            let update = NewUpdate {
                components,
                deliver_notifications: rule.notify,
                ..NewUpdate::new(resolved, automatic_body(resolved))
            };
            self.post_update(&incident, update).await?;
            return Ok(true);
        }
        let Some((component, status)) = back else { return Ok(false) };
        self.set_status(&component, status).await?;
        self.hush(rule);
        Ok(true)
    }

    /// To what the component goes back: what the other rules want that have it, else what it was
    /// before. Nowhere, if it is not the rules that gave it its status.
    async fn way_back(
        &mut self,
        effect: &alert_effects::Model,
        rule: &Rule,
        alert: &Alert,
    ) -> Result<Option<(Id, ComponentStatus)>> {
        let Some(id) = effect.component_id.as_deref().and_then(|id| id.parse::<Id>().ok()) else {
            return Ok(None);
        };
        // It never had the component.
        let Some(moved_at) = effect.moved_at else { return Ok(None) };
        let Some(touched) = self.touched(&id, &rule.id).await? else { return Ok(None) };
        let word = |text: &Option<String>| text.as_deref().and_then(ComponentStatus::parse);
        let wanted = touched.owners.iter().filter_map(|owner| word(&owner.wanted_status)).max();
        let given = wanted.max(word(&effect.wanted_status));
        if touched.since != Some(moved_at) || given != Some(touched.status) {
            self.leave_alone("component", &id, alert);
            return Ok(None);
        }
        let status = wanted.max(word(&effect.base_status)).unwrap_or_default();
        if status == touched.status {
            return Ok(None);
        }
        self.hand_on(&touched).await?;
        Ok(Some((id, status)))
    }

    /// The incident that a rule has opened, if it is as the rule left it and not over.
    async fn own_incident(&mut self, effect: &alert_effects::Model, alert: &Alert) -> Result<Option<Id>> {
        let Some(id) = effect.incident_id.as_deref().and_then(|id| id.parse::<Id>().ok()) else {
            return Ok(None);
        };
        let found = incidents::Entity::find()
            .filter(incidents::Column::Id.eq(id.as_str()))
            .filter(incidents::Column::PageId.eq(self.page_id.as_str()))
            .one(self.transaction())
            .await?;
        if found.is_some_and(|row| row.deleted_at.is_none() && Some(row.version) == effect.incident_version) {
            return Ok(Some(id));
        }
        self.leave_alone("incident", &id, alert);
        Ok(None)
    }

    /// Says that something is left as somebody else made it.
    fn leave_alone(&mut self, kind: &str, id: &Id, alert: &Alert) {
        let why = format!("this {kind} was changed by somebody else since the alert moved it");
        self.audit("alert.left_alone", kind, id, None, Some(json!({ "alert": alert.id, "why": why })));
    }
}
