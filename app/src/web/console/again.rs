//! A maintenance that is to come again: what is typed becomes a series.

use chrono::Datelike;
use chrono_tz::Tz;

use super::plan::{Plan, Wrong};
use crate::{
    domain::recurrence::Series,
    render::console::{NTH, OWN, Planned},
};

/// The series that is asked for, if it is to come again.
pub fn again(planned: &Planned, plan: &Plan, zone: Tz) -> Result<Option<Series>, Wrong> {
    let begins = plan.begins.with_timezone(&zone).date_naive();
    let text = match planned.repeats.as_str() {
        "" => return Ok(None),
        OWN => planned.rule.clone(),
        NTH => {
            // The fifth is not in each month: the last is meant.
            let nth = if begins.day0() / 7 == 4 { -1 } else { i64::from(begins.day0() / 7) + 1 };
            let day = begins.format("%a").to_string().to_uppercase();
            format!("FREQ=MONTHLY;BYDAY={nth}{}", &day[..2])
        }
        rule => rule.to_owned(),
    };
    let wrong = |why: String| ("rule", format!("Comes again: {why}."));
    let series = Series {
        name: planned.name.clone(),
        body: planned.body.clone(),
        rule: text.parse().map_err(wrong)?,
        first_at: plan.begins,
        lasts_seconds: (plan.ends - plan.begins).num_seconds(),
        component_ids: planned.components.clone(),
        automation: planned.automation,
        notify: planned.notify,
    };
    series.check(zone).map_err(wrong)?;
    Ok(Some(series))
}
