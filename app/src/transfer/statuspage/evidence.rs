//! What a component's status was, from what updates said of it. Before the first word about it,
//! nothing is known.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{
    Id,
    state::{Component, Incident},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

/// Each component's statuses by time, from all updates that name it.
pub fn gather(incidents: &[Incident]) -> HashMap<Id, Vec<(DateTime<Utc>, ComponentStatus)>> {
    let mut said: HashMap<Id, Vec<(DateTime<Utc>, ComponentStatus)>> = HashMap::new();
    for update in incidents.iter().flat_map(|incident| incident.updates.iter().rev()) {
        for affected in &update.affected_components {
            said.entry(affected.code.clone()).or_default().push((update.display_at, affected.new_status));
        }
    }
    for statuses in said.values_mut() {
        statuses.sort_by_key(|(at, _)| *at);
    }
    said
}

/// The periods of a component: a status lasts until another one is told, and since the component
/// itself was last changed it has the status that it has now.
pub fn periods(component: &Component, said: &[(DateTime<Utc>, ComponentStatus)]) -> Vec<StatusPeriod> {
    let last = said.last().map_or(component.updated_at, |(at, _)| component.updated_at.max(*at));
    let now = [(last, component.status)];
    let mut periods: Vec<StatusPeriod> = vec![];
    for (at, status) in said.iter().chain(&now).copied() {
        match periods.last_mut() {
            Some(open) if open.status == status => {}
            // Two statuses of one instant: the later word stands.
            Some(open) if open.from == at => open.status = status,
            Some(open) => {
                open.until = Some(at);
                periods.push(StatusPeriod { status, from: at, until: None });
            }
            None => periods.push(StatusPeriod { status, from: at, until: None }),
        }
    }
    joined(periods)
}

/// Neighbours of one status become one period.
fn joined(periods: Vec<StatusPeriod>) -> Vec<StatusPeriod> {
    let mut joined: Vec<StatusPeriod> = vec![];
    for period in periods {
        match joined.last_mut() {
            Some(before) if before.status == period.status => before.until = period.until,
            _ => joined.push(period),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;
    use ComponentStatus::{MajorOutage, Operational, PartialOutage};

    fn at(minute: i64) -> DateTime<Utc> {
        fixture::noon() + chrono::TimeDelta::minutes(minute)
    }

    fn rebuilt(
        said: &[(i64, ComponentStatus)],
        updated: i64,
        now: ComponentStatus,
    ) -> Vec<(ComponentStatus, i64, Option<i64>)> {
        let mut component = fixture::component("api", None, now);
        component.updated_at = at(updated);
        let said: Vec<_> = said.iter().map(|(minute, status)| (at(*minute), *status)).collect();
        let minutes = |time: DateTime<Utc>| (time - fixture::noon()).num_minutes();
        let periods = periods(&component, &said);
        periods.iter().map(|p| (p.status, minutes(p.from), p.until.map(minutes))).collect()
    }

    #[test]
    fn an_outage_told_step_by_step() {
        let said = [(0, PartialOutage), (5, MajorOutage), (9, MajorOutage), (12, Operational)];
        let expected = [(PartialOutage, 0, Some(5)), (MajorOutage, 5, Some(12)), (Operational, 12, None)];
        assert_eq!(rebuilt(&said, 12, Operational), expected);
    }

    #[test]
    fn nothing_is_known_before_the_first_word() {
        assert_eq!(rebuilt(&[], 3, Operational), [(Operational, 3, None)]);
    }

    #[test]
    fn what_was_changed_without_a_word_counts_from_then() {
        let said = [(0, MajorOutage)];
        assert_eq!(rebuilt(&said, 30, Operational), [(MajorOutage, 0, Some(30)), (Operational, 30, None)]);
        assert_eq!(
            rebuilt(&said, -30, Operational),
            [(Operational, 0, None)],
            "the component itself is right"
        );
    }
}
