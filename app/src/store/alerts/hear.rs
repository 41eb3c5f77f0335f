//! What was said of an alert, and what the time that has passed says of it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::alert;
use crate::{
    domain::{
        Id,
        alert::{Alert, Effect, Heard, Rule, Source, State, Step},
        status::ComponentStatus,
    },
    store::{
        Actor, Change, Committed, Include, Record, Result, Store, StoreError, convert,
        entity::{alerts, components},
        view::Slice,
    },
};

/// The most alerts of a page that are known at once.
const MOST_ALERTS: u64 = 10_000;
/// The most that are looked at in one go because time has passed.
const MOST_DUE: u64 = 100;
/// How long an alert that is over is remembered, and one that no rule is for.
const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// A rule that was deleted still closes what it has open.
const DELETED_TOO: Include = Include { deleted: true, drafts: false };

impl Store {
    /// Takes in what was said of an alert, and does what its rule says. Nothing is kept of one that
    /// is over and was never heard of.
    pub async fn hear(
        &self,
        page: &Id,
        actor: Actor,
        source: Source,
        heard: &Heard,
    ) -> Result<(Option<Alert>, Option<Committed>)> {
        let change = self.change(page, actor).await?;
        let Some(mut row) = change.known(source, heard).await? else { return Ok((None, None)) };
        let mut step = change.step_of(&row)?;
        if step.state == State::Resolved && !heard.firing {
            return Ok((Some(alert(row)?), None));
        }
        let rule = change.rule_for(&row, source, heard).await?;
        let rule_id = rule.as_ref().map(|rule| rule.id.to_string());
        if row.rule_id != rule_id {
            // Whatever another rule or none made of it, for this one it is new.
            step = Step::new(change.at);
            row.rule_id = rule_id;
        }
        if heard.firing {
            (row.labels, row.summary) = (json!(heard.labels), heard.summary.clone());
        }
        row.last_seen_at = change.at;
        let blocked = change.is_blocked(rule.as_ref()).await?;
        let (timing, flapped) = (rule.as_ref().map(Rule::timing).unwrap_or_default(), step.flapping);
        let effect = step.heard(heard.firing, timing, blocked, change.at);
        change.finish(row, step, flapped, effect, rule.as_ref()).await
    }

    /// The alerts that are to be looked at again, with their pages.
    pub async fn due_alerts(&self) -> Result<Vec<(Id, Id)>> {
        let due: Vec<(String, String)> = alerts::Entity::find()
            .filter(alerts::Column::DueAt.lte(self.now()))
            .order_by_asc(alerts::Column::DueAt)
            .limit(MOST_DUE)
            .select_only()
            .columns([alerts::Column::PageId, alerts::Column::Id])
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(due.into_iter().filter_map(|(page, id)| page.parse().ok().zip(id.parse().ok())).collect())
    }

    /// Does with an alert what is due.
    pub async fn pass_time(&self, page: &Id, id: &Id) -> Result<Option<Committed>> {
        let actor = Actor::Alert { told_by: None, address: None, request_id: None };
        let change = self.change(page, actor).await?;
        let found = alerts::Entity::find_by_id(id.as_str()).one(change.transaction()).await?;
        let Some(row) = found else { return Ok(None) };
        let rule = match row.rule_id.as_deref().and_then(|id| id.parse().ok()) {
            Some(id) => Some(change.view().alert_rule(&id, DELETED_TOO).await?),
            None => None,
        };
        let mut step = change.step_of(&row)?;
        let blocked = change.is_blocked(rule.as_ref()).await?;
        let (timing, flapped) = (rule.as_ref().map(Rule::timing).unwrap_or_default(), step.flapping);
        let effect = step.passed(timing, blocked, change.at);
        Ok(change.finish(row, step, flapped, effect, rule.as_ref()).await?.1)
    }
}

impl Record<'_> {
    /// Forgets alerts of which nothing was heard for long.
    pub async fn forget_alerts(&self) -> Result<u64> {
        let idle = Condition::any()
            .add(alerts::Column::State.eq(State::Resolved.as_str()))
            .add(alerts::Column::RuleId.is_null());
        let gone = alerts::Entity::delete_many()
            .filter(alerts::Column::LastSeenAt.lt(self.0.now() - REMEMBERED))
            .filter(idle);
        Ok(gone.exec(&self.0.writer).await?.rows_affected)
    }
}

impl Change {
    /// Forgets an alert of which nothing more is heard. What only it has open is closed.
    pub async fn forget_alert(&mut self, id: &Id) -> Result<()> {
        let alert = self.view().alert(id).await?;
        alerts::Entity::delete_by_id(id.as_str()).exec(self.transaction()).await?;
        if let Some(rule) = &alert.rule_id
            && State::LASTING.contains(&alert.state)
        {
            let rule = self.view().alert_rule(rule, DELETED_TOO).await?;
            self.close_effect(&rule, &alert).await?;
        }
        self.audit("alert.forget", "alert", id, Some(json!(alert)), None);
        Ok(())
    }

    /// The alert as it is known, or a new one.
    async fn known(&self, source: Source, heard: &Heard) -> Result<Option<alerts::Model>> {
        let of_page = alerts::Entity::find().filter(alerts::Column::PageId.eq(self.page_id.as_str()));
        let found = of_page
            .clone()
            .filter(alerts::Column::Source.eq(source.as_str()))
            .filter(alerts::Column::Fingerprint.eq(heard.fingerprint.as_str()))
            .one(self.transaction())
            .await?;
        if found.is_some() || !heard.firing {
            return Ok(found);
        }
        if of_page.count(self.transaction()).await? >= MOST_ALERTS {
            let text = format!("alerts: a page knows at most {MOST_ALERTS} at once");
            return Err(StoreError::Refused(text));
        }
        let new = alerts::Model {
            id: Id::random().into(),
            page_id: self.page_id.to_string(),
            source: source.as_str().to_owned(),
            fingerprint: heard.fingerprint.clone(),
            rule_id: None,
            state: State::Resolved.as_str().to_owned(),
            since: self.at,
            last_seen_at: self.at,
            due_at: None,
            labels: json!(heard.labels),
            summary: heard.summary.clone(),
            changes: None,
            flapping: false,
            created_at: self.at,
        };
        Ok(Some(new.into_active_model().reset_all().insert(self.transaction()).await?))
    }

    /// The rule that an alert is for: the one it was for while it lasts, else the first that fits.
    async fn rule_for(&self, row: &alerts::Model, source: Source, heard: &Heard) -> Result<Option<Rule>> {
        let over = row.state == State::Resolved.as_str();
        if let Some(id) = row.rule_id.as_deref().filter(|_| !over).and_then(|id| id.parse().ok()) {
            return Ok(Some(self.view().alert_rule(&id, DELETED_TOO).await?));
        }
        let all = self.view().alert_rules(Slice { offset: 0, limit: 1_000 }, Include::default()).await?;
        let labels = heard.labels.clone();
        // Expressions may have to be made ready, which is nothing for the threads that answer.
        let fitting = move || all.into_iter().find(|rule| rule.fits(source, &labels));
        tokio::task::spawn_blocking(fitting).await.map_err(|_| StoreError::TimedOut)
    }

    fn step_of(&self, row: &alerts::Model) -> Result<Step> {
        let state = alert(row.clone())?.state;
        let changes: Vec<DateTime<Utc>> =
            row.changes.clone().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default();
        Ok(Step { state, since: row.since, changes, flapping: row.flapping, due_at: row.due_at })
    }

    /// Whether a rule's component is under maintenance: what fires then is expected.
    async fn is_blocked(&self, rule: Option<&Rule>) -> Result<bool> {
        let Some(id) = rule.and_then(|rule| rule.component_id.as_ref()) else { return Ok(false) };
        let found = components::Entity::find_by_id(id.as_str()).one(self.transaction()).await?;
        let status = found.as_ref().map(convert::status).transpose()?;
        Ok(status == Some(ComponentStatus::UnderMaintenance))
    }

    /// Keeps how the alert stands now, does what follows, and shows it where visitors see it.
    async fn finish(
        mut self,
        mut row: alerts::Model,
        step: Step,
        flapped: bool,
        effect: Effect,
        rule: Option<&Rule>,
    ) -> Result<(Option<Alert>, Option<Committed>)> {
        row.state = step.state.as_str().to_owned();
        (row.since, row.due_at, row.flapping) = (step.since, step.due_at, step.flapping);
        row.changes = Some(json!(step.changes));
        let row = row.into_active_model().reset_all().update(self.transaction()).await?;
        let alert = alert(row)?;
        if alert.flapping && !flapped {
            let told = json!({ "alert": alert, "changes_in_an_hour": step.changes.len() });
            self.audit("alert.flapping", "alert", &alert.id, None, Some(told));
        }
        let shown = match (rule, effect) {
            (Some(rule), Effect::Open) => self.open_effect(rule, &alert).await?,
            (Some(rule), Effect::Close) => self.close_effect(rule, &alert).await?,
            _ => false,
        };
        let committed =
            if shown { Some(self.commit().await?) } else { self.commit_unseen().await.map(|()| None)? };
        Ok((Some(alert), committed))
    }
}
