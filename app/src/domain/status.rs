//! The status of a component and of a group.

use serde::{Deserialize, Serialize};

/// What a component's status can be, from best to worst: the order decides what a group shows.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ComponentStatus {
    #[default]
    Operational,
    UnderMaintenance,
    DegradedPerformance,
    PartialOutage,
    MajorOutage,
}

impl ComponentStatus {
    pub const ALL: [Self; 5] = [
        Self::Operational,
        Self::UnderMaintenance,
        Self::DegradedPerformance,
        Self::PartialOutage,
        Self::MajorOutage,
    ];

    /// The word used by the API, the database and the page's class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::UnderMaintenance => "under_maintenance",
            Self::DegradedPerformance => "degraded_performance",
            Self::PartialOutage => "partial_outage",
            Self::MajorOutage => "major_outage",
        }
    }

    /// The status whose word this is.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the time in this status counts against uptime.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::PartialOutage | Self::MajorOutage)
    }

    /// What a group shows: its worst child; a group without children is operational.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Self {
        statuses.into_iter().max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_status() -> impl Strategy<Value = ComponentStatus> {
        proptest::sample::select(&ComponentStatus::ALL[..])
    }

    #[test]
    fn words_are_read_back() {
        for status in ComponentStatus::ALL {
            assert_eq!(ComponentStatus::parse(status.as_str()), Some(status));
            let json = serde_json::to_value(status).unwrap();
            assert_eq!(json, status.as_str(), "serde and as_str say the same word");
        }
        assert_eq!(ComponentStatus::parse("unknown"), None);
    }

    #[test]
    fn an_empty_group_is_operational() {
        assert_eq!(ComponentStatus::worst([]), ComponentStatus::Operational);
    }

    proptest! {
        #[test]
        fn a_group_is_as_bad_as_its_worst_child(children in proptest::collection::vec(any_status(), 1..20)) {
            let worst = ComponentStatus::worst(children.iter().copied());
            prop_assert!(children.contains(&worst));
            prop_assert!(children.iter().all(|child| *child <= worst));
        }
    }
}
