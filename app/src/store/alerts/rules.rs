//! Rules: made, changed, deleted.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, prelude::Expr,
};
use serde_json::json;

use crate::{
    domain::{
        Id,
        alert::{Matcher, Rule, State},
        status::ComponentStatus,
    },
    store::{
        Change, Include, Result, Slice, StoreError,
        component_changes::{expect, set},
        components::refuse_taken,
        entity::{alert_effects, alert_rules, alerts},
    },
};

/// The most rules of a page, and matchers of a rule: all may be tried for one alert.
const MOST_RULES: u64 = 200;
const MOST_MATCHERS: usize = 20;
/// The most regular expressions in the rules of a page: each takes milliseconds to be made ready.
const MOST_EXPRESSIONS: usize = 100;
/// The longest wait, in seconds: a week.
const LONGEST_WAIT: i32 = 7 * 24 * 3600;
/// The highest flap limit: as many changes as are remembered, and some.
const HIGHEST_LIMIT: i32 = 100;

/// What is said of a rule; of a new one, what is not said is empty.
#[derive(Clone, Debug, Default)]
pub struct RuleChanges {
    pub name: Option<String>,
    pub position: Option<i32>,
    pub matchers: Option<Vec<Matcher>>,
    pub component_id: Option<Option<Id>>,
    pub component_status: Option<Option<ComponentStatus>>,
    pub template_id: Option<Option<Id>>,
    pub notify: Option<bool>,
    pub for_seconds: Option<i32>,
    pub hold_seconds: Option<i32>,
    pub flap_limit: Option<i32>,
    pub disabled: Option<bool>,
}

impl Change {
    /// Makes a rule.
    pub async fn create_alert_rule(&mut self, new: RuleChanges) -> Result<Id> {
        self.create_alert_rule_as(Id::random(), new).await
    }

    /// Makes a rule with this id.
    pub async fn create_alert_rule_as(&mut self, id: Id, new: RuleChanges) -> Result<Id> {
        refuse_taken(alert_rules::Entity::find_by_id(id.as_str()), self.transaction()).await?;
        let count = alert_rules::Entity::find()
            .filter(alert_rules::Column::PageId.eq(self.page_id.as_str()))
            .filter(alert_rules::Column::DeletedAt.is_null())
            .count(self.transaction())
            .await?;
        if count >= MOST_RULES {
            let text = format!("alert_rules: a page has at most {MOST_RULES}; delete some first");
            return Err(StoreError::Refused(text));
        }
        let mut rule = Rule {
            id: id.clone(),
            name: String::new(),
            position: i32::try_from(count).unwrap_or(0) + 1,
            matchers: vec![],
            component_id: None,
            component_status: None,
            template_id: None,
            notify: true,
            for_seconds: 0,
            hold_seconds: 0,
            flap_limit: 0,
            disabled: false,
            version: 1,
            created_at: self.at,
            updated_at: self.at,
            deleted_at: None,
        };
        new.apply(&mut rule);
        self.check_rule(&rule).await?;
        self.rule_row(&rule).insert(self.transaction()).await?;
        self.audit("alert_rule.create", "alert_rule", &id, None, Some(json!(rule)));
        Ok(id)
    }

    /// Changes a rule. What it has open stays open until its alerts are over.
    pub async fn update_alert_rule(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: RuleChanges,
    ) -> Result<()> {
        let before = self.view().alert_rule(id, Include::default()).await?;
        expect(before.version, expected, || format!("alert rule {id}"))?;
        let mut rule = before.clone();
        changes.apply(&mut rule);
        if rule == before {
            return Ok(());
        }
        self.check_rule(&rule).await?;
        (rule.version, rule.updated_at) = (before.version + 1, self.at);
        self.rule_row(&rule).reset_all().update(self.transaction()).await?;
        self.audit("alert_rule.update", "alert_rule", id, Some(json!(before)), Some(json!(rule)));
        Ok(())
    }

    /// Deletes a rule: nothing new is for it. What it has open stays so until the alerts that opened it
    /// are over, and is closed with the last of them.
    pub async fn delete_alert_rule(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let before = self.view().alert_rule(id, Include::default()).await?;
        expect(before.version, expected, || format!("alert rule {id}"))?;
        let of_rule = alerts::Column::RuleId.eq(id.as_str());
        let lasts = alerts::Column::State.is_in(State::LASTING.map(State::as_str));
        alerts::Entity::update_many()
            .col_expr(alerts::Column::RuleId, Expr::value(None::<String>))
            .col_expr(alerts::Column::DueAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
            .filter(of_rule.clone().and(lasts.clone().not()))
            .exec(self.transaction())
            .await?;
        if alerts::Entity::find().filter(of_rule.and(lasts)).count(self.transaction()).await? == 0 {
            alert_effects::Entity::delete_by_id(id.as_str()).exec(self.transaction()).await?;
        }
        let mut row = self.rule_row(&before);
        row.deleted_at = Set(Some(self.at));
        row.version = Set(before.version + 1);
        row.reset_all().update(self.transaction()).await?;
        self.audit("alert_rule.delete", "alert_rule", id, Some(json!(before)), None);
        Ok(())
    }

    async fn check_rule(&self, rule: &Rule) -> Result<()> {
        let refused = |text: String| Err(StoreError::Refused(text));
        if rule.matchers.is_empty() || rule.matchers.len() > MOST_MATCHERS {
            return refused(format!("matchers: allowed are 1 to {MOST_MATCHERS}"));
        }
        for matcher in &rule.matchers {
            if let Err(wrong) = matcher.check() {
                return refused(format!("matchers: the value for {} {wrong}", matcher.label));
            }
        }
        let expressions = |rule: &Rule| rule.matchers.iter().filter(|one| one.is_expression()).count();
        if expressions(rule) > 0 {
            let all = Slice { offset: 0, limit: MOST_RULES };
            let others = self.view().alert_rules(all, Include::default()).await?;
            let others: usize = others.iter().filter(|other| other.id != rule.id).map(expressions).sum();
            if others + expressions(rule) > MOST_EXPRESSIONS {
                let text =
                    format!("matchers: the rules of a page have at most {MOST_EXPRESSIONS} with =~ or !~");
                return refused(text);
            }
        }
        if rule.component_id.is_some() != rule.component_status.is_some() {
            return refused("component_id, component_status: allowed are both or neither".into());
        }
        if rule.component_status == Some(ComponentStatus::Operational) {
            return refused("component_status: allowed is one that is worse than operational".into());
        }
        if rule.component_id.is_none() && rule.template_id.is_none() {
            return refused("component_id, template_id: at least one of them is needed".into());
        }
        for (field, seconds) in [("for_seconds", rule.for_seconds), ("hold_seconds", rule.hold_seconds)] {
            if !(0..=LONGEST_WAIT).contains(&seconds) {
                return refused(format!("{field}: allowed are 0 to {LONGEST_WAIT}"));
            }
        }
        if !(0..=HIGHEST_LIMIT).contains(&rule.flap_limit) {
            return refused(format!("flap_limit: allowed are 0 to {HIGHEST_LIMIT}"));
        }
        if let Some(component) = &rule.component_id {
            self.component_of_page(component).await?;
        }
        if let Some(template) = &rule.template_id {
            self.view().template(template, Include::default()).await?;
        }
        Ok(())
    }

    fn rule_row(&self, rule: &Rule) -> alert_rules::ActiveModel {
        let model = alert_rules::Model {
            id: rule.id.to_string(),
            page_id: self.page_id.to_string(),
            name: rule.name.clone(),
            position: rule.position,
            matchers: json!(rule.matchers),
            component_id: rule.component_id.clone().map(String::from),
            component_status: rule.component_status.map(|status| status.as_str().to_owned()),
            template_id: rule.template_id.clone().map(String::from),
            notify: rule.notify,
            for_seconds: rule.for_seconds,
            hold_seconds: rule.hold_seconds,
            flap_limit: rule.flap_limit,
            disabled: rule.disabled,
            version: rule.version,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
            deleted_at: rule.deleted_at,
        };
        model.into_active_model().reset_all()
    }
}

impl RuleChanges {
    fn apply(self, rule: &mut Rule) {
        set(&mut rule.name, self.name);
        set(&mut rule.position, self.position);
        set(&mut rule.matchers, self.matchers);
        set(&mut rule.component_id, self.component_id);
        set(&mut rule.component_status, self.component_status);
        set(&mut rule.template_id, self.template_id);
        set(&mut rule.notify, self.notify);
        set(&mut rule.for_seconds, self.for_seconds);
        set(&mut rule.hold_seconds, self.hold_seconds);
        set(&mut rule.flap_limit, self.flap_limit);
        set(&mut rule.disabled, self.disabled);
    }
}
