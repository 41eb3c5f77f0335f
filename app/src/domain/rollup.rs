//! The page's indicator and its description, as Statuspage words them.

use serde::{Deserialize, Serialize};

use super::{incident::Impact, status::ComponentStatus};

/// How bad things are on the whole page.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Indicator {
    None,
    Maintenance,
    Minor,
    Major,
    Critical,
}

impl Indicator {
    /// The word used by the API and the page's class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// The page's status: an indicator and the sentence that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollup {
    pub indicator: Indicator,
    pub description: &'static str,
}

const ALL_WELL: Rollup = Rollup { indicator: Indicator::None, description: "All Systems Operational" };

/// The page's status from its components (groups not among them) and the impacts of its open
/// incidents. Components speak first; an open incident raises what they say only while none of
/// them is degraded or worse.
pub fn rollup(components: &[ComponentStatus], open_impacts: impl IntoIterator<Item = Impact>) -> Rollup {
    let by_components = of_components(components);
    if by_components.indicator > Indicator::Maintenance {
        return by_components;
    }
    let by_incidents = of_impact(open_impacts.into_iter().max().unwrap_or(Impact::None));
    if by_incidents.indicator > by_components.indicator { by_incidents } else { by_components }
}

fn of_components(components: &[ComponentStatus]) -> Rollup {
    let worst = ComponentStatus::worst(components.iter().copied());
    let all = components.iter().all(|status| *status == worst);
    let (indicator, description) = match (worst, all) {
        (ComponentStatus::Operational, _) => return ALL_WELL,
        (ComponentStatus::UnderMaintenance, _) => (Indicator::Maintenance, "Service Under Maintenance"),
        (ComponentStatus::DegradedPerformance, false) => (Indicator::Minor, "Partially Degraded Service"),
        (ComponentStatus::DegradedPerformance, true) => (Indicator::Minor, "Degraded System Service"),
        (ComponentStatus::PartialOutage, false) => (Indicator::Minor, "Minor Service Outage"),
        (ComponentStatus::PartialOutage, true) | (ComponentStatus::MajorOutage, false) => {
            (Indicator::Major, "Partial System Outage")
        }
        (ComponentStatus::MajorOutage, true) => (Indicator::Critical, "Major System Outage"),
    };
    Rollup { indicator, description }
}

fn of_impact(impact: Impact) -> Rollup {
    let (indicator, description) = match impact {
        Impact::None | Impact::Maintenance => return ALL_WELL,
        Impact::Minor => (Indicator::Minor, "Minor Service Outage"),
        Impact::Major => (Indicator::Major, "Partial System Outage"),
        Impact::Critical => (Indicator::Critical, "Major System Outage"),
    };
    Rollup { indicator, description }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ComponentStatus::{DegradedPerformance as D, MajorOutage as M, Operational as O, PartialOutage as P};

    fn says(components: &[ComponentStatus], open: &[Impact]) -> (&'static str, &'static str) {
        let rollup = rollup(components, open.iter().copied());
        (rollup.indicator.as_str(), rollup.description)
    }

    #[test]
    fn each_row_of_the_contract() {
        let maintained = ComponentStatus::UnderMaintenance;
        assert_eq!(says(&[], &[]), ("none", "All Systems Operational"));
        assert_eq!(says(&[O, O], &[]), ("none", "All Systems Operational"));
        assert_eq!(says(&[O, maintained], &[]), ("maintenance", "Service Under Maintenance"));
        assert_eq!(says(&[O, D], &[Impact::Major]), ("minor", "Partially Degraded Service"));
        assert_eq!(says(&[D, D], &[]), ("minor", "Degraded System Service"));
        assert_eq!(says(&[O, P, D], &[]), ("minor", "Minor Service Outage"));
        assert_eq!(says(&[P, P], &[]), ("major", "Partial System Outage"));
        assert_eq!(says(&[O, M], &[]), ("major", "Partial System Outage"));
        assert_eq!(says(&[M, M], &[]), ("critical", "Major System Outage"));
        assert_eq!(says(&[O, O], &[Impact::Minor]), ("minor", "Minor Service Outage"));
        assert_eq!(says(&[O, O], &[Impact::None]), ("none", "All Systems Operational"));
        assert_eq!(says(&[O, O], &[Impact::Major]), ("major", "Partial System Outage"));
        assert_eq!(says(&[], &[Impact::Critical]), ("critical", "Major System Outage"));
        assert_eq!(says(&[O, maintained], &[Impact::Critical]), ("critical", "Major System Outage"));
    }

    proptest! {
        #[test]
        fn never_green_while_anything_is_not(
            components in proptest::collection::vec(proptest::sample::select(&ComponentStatus::ALL[..]), 1..12),
        ) {
            let green = rollup(&components, []).indicator == Indicator::None;
            prop_assert_eq!(green, components.iter().all(|status| *status == O));
        }

        #[test]
        fn the_order_of_components_does_not_matter(
            mut components in proptest::collection::vec(proptest::sample::select(&ComponentStatus::ALL[..]), 0..12),
        ) {
            let before = rollup(&components, []);
            components.sort_unstable();
            prop_assert_eq!(before, rollup(&components, []));
        }
    }
}
