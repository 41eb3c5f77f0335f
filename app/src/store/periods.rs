//! What a component's status was, and from when until when: the truth that uptime comes from.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, prelude::Expr,
};

use serde_json::json;

use super::{
    Change, Result, StoreError, component_changes::expect, convert, entity::components, entity::periods,
};
use crate::domain::{
    Id,
    status::ComponentStatus,
    uptime::{StatusPeriod, corrected},
};

impl Change {
    /// Opens the first period of a new component.
    pub(super) async fn open_period(
        &self,
        component: &Id,
        status: ComponentStatus,
        from: DateTime<Utc>,
    ) -> Result<()> {
        let period = StatusPeriod { status, from, until: None };
        self.period_row(component, period).insert(self.transaction()).await?;
        Ok(())
    }

    /// Moves a component to a status from now on and says what it was before. The open period
    /// ends where the new one begins; the same status again changes nothing.
    pub(super) async fn move_to(
        &self,
        row: components::Model,
        status: ComponentStatus,
    ) -> Result<ComponentStatus> {
        let before = convert::status(&row)?;
        if before == status {
            return Ok(before);
        }
        let id: Id = row.id.parse().map_err(|_| StoreError::NotFound(format!("component {}", row.id)))?;
        periods::Entity::update_many()
            .col_expr(periods::Column::UntilAt, Expr::value(self.at))
            .filter(periods::Column::ComponentId.eq(id.as_str()))
            .filter(periods::Column::UntilAt.is_null())
            .exec(self.transaction())
            .await?;
        self.open_period(&id, status, self.at).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.status = Set(status.as_str().to_owned());
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        Ok(before)
    }

    /// Replaces all that is known of a component's past.
    pub(super) async fn put_periods(&self, component: &Id, known: &[StatusPeriod]) -> Result<()> {
        periods::Entity::delete_many()
            .filter(periods::Column::ComponentId.eq(component.as_str()))
            .exec(self.transaction())
            .await?;
        for some in known.chunks(500) {
            let rows = some.iter().map(|period| self.period_row(component, *period));
            periods::Entity::insert_many(rows).exec(self.transaction()).await?;
        }
        Ok(())
    }

    /// Corrects what a component's status was between two instants, of which neither is to come; what it
    /// is now stays. Says what is known of it then.
    pub async fn correct_past(
        &mut self,
        component: &Id,
        expected: Option<i64>,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        status: ComponentStatus,
    ) -> Result<Vec<StatusPeriod>> {
        let row = self.component_of_page(component).await?;
        expect(row.version, expected, || format!("component {component}"))?;
        if from >= until || until >= self.at || from < DateTime::UNIX_EPOCH {
            let text = "until: allowed is an instant behind the first and before now";
            return Err(StoreError::Refused(text.into()));
        }
        // What began this instant is a part of it.
        let all = (DateTime::UNIX_EPOCH, self.at + TimeDelta::seconds(1));
        let mut found = self.view().periods(std::slice::from_ref(component), all).await?;
        let before = found.remove(component).unwrap_or_default();
        let after = corrected(&before, from, until, status);
        self.put_periods(component, &after).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.history = true;
        let near = |periods: &[StatusPeriod]| -> Vec<StatusPeriod> {
            let touches = |one: &&StatusPeriod| one.from < until && one.until.is_none_or(|end| end > from);
            periods.iter().filter(touches).take(200).copied().collect()
        };
        let told = |periods: Vec<StatusPeriod>| Some(json!({ "periods": periods }));
        self.audit("component.past", "component", component, told(near(&before)), told(near(&after)));
        Ok(after)
    }

    fn period_row(&self, component: &Id, period: StatusPeriod) -> periods::ActiveModel {
        periods::ActiveModel {
            page_id: Set(self.page_id.to_string()),
            component_id: Set(component.to_string()),
            status: Set(period.status.as_str().to_owned()),
            from_at: Set(period.from),
            until_at: Set(period.until),
            ..Default::default()
        }
    }
}
