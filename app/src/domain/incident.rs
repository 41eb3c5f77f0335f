//! The life of an incident and of a maintenance.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::status::ComponentStatus;

/// An incident happens; a maintenance is planned. Both have updates and affect components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Incident,
    Maintenance,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Maintenance => "maintenance",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Incident, Self::Maintenance].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where an incident or a maintenance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    Investigating,
    Identified,
    Monitoring,
    Resolved,
    Postmortem,
    Scheduled,
    InProgress,
    Verifying,
    Completed,
}

impl IncidentStatus {
    pub const ALL: [Self; 9] = [
        Self::Investigating,
        Self::Identified,
        Self::Monitoring,
        Self::Resolved,
        Self::Postmortem,
        Self::Scheduled,
        Self::InProgress,
        Self::Verifying,
        Self::Completed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Postmortem => "postmortem",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Verifying => "verifying",
            Self::Completed => "completed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Which of the two lives this status belongs to.
    pub fn kind(self) -> Kind {
        match self {
            Self::Scheduled | Self::InProgress | Self::Verifying | Self::Completed => Kind::Maintenance,
            _ => Kind::Incident,
        }
    }

    /// Resolved, completed, or resolved with a postmortem.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Postmortem | Self::Completed)
    }

    /// The fix is in and is being watched.
    fn is_watching(self) -> bool {
        matches!(self, Self::Monitoring | Self::Verifying)
    }
}

/// How much an incident hurts, from least to most.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    None,
    Maintenance,
    Minor,
    Major,
    Critical,
}

impl Impact {
    pub const ALL: [Self; 5] = [Self::None, Self::Maintenance, Self::Minor, Self::Major, Self::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.as_str() == word)
    }

    /// What one component's status means for the incident that it is attached to.
    pub fn of(status: ComponentStatus) -> Self {
        match status {
            ComponentStatus::Operational | ComponentStatus::UnderMaintenance => Self::None,
            ComponentStatus::DegradedPerformance => Self::Minor,
            ComponentStatus::PartialOutage => Self::Major,
            ComponentStatus::MajorOutage => Self::Critical,
        }
    }
}

/// A component in an update: what its status was before and after. The name is the one it had
/// then, with its group's before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedComponent {
    pub code: super::Id,
    pub name: String,
    pub old_status: ComponentStatus,
    pub new_status: ComponentStatus,
}

/// How a component is called in an update: `Group - Component` in a group.
pub fn affected_name(group: Option<&str>, component: &str) -> String {
    group.map_or_else(|| component.to_owned(), |group| format!("{group} - {component}"))
}

/// The part of an incident that its updates move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub kind: Kind,
    pub status: IncidentStatus,
    pub impact: Impact,
    pub impact_override: Option<Impact>,
    pub monitoring_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A status of the other life: `resolved` for a maintenance, or `completed` for an incident.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("status of an update: {status} is not for {kind}; allowed are {allowed}")]
pub struct WrongStatus {
    status: &'static str,
    kind: &'static str,
    allowed: &'static str,
}

impl Progress {
    /// Before the first update.
    pub fn begin(status: IncidentStatus, impact_override: Option<Impact>) -> Self {
        let kind = status.kind();
        let impact = match kind {
            Kind::Incident => Impact::None,
            Kind::Maintenance => Impact::Maintenance,
        };
        Self {
            kind,
            status,
            impact: impact_override.unwrap_or(impact),
            impact_override,
            monitoring_at: None,
            resolved_at: None,
        }
    }

    /// After an update. Any status of its life may follow any other: a resolved incident can be
    /// reopened, which forgets when it was resolved and since when it was watched.
    pub fn update(
        self,
        status: IncidentStatus,
        display_at: DateTime<Utc>,
        affected: impl IntoIterator<Item = ComponentStatus>,
    ) -> Result<Self, WrongStatus> {
        if status.kind() != self.kind {
            return Err(self.wrong(status));
        }
        let reopened = self.status.is_over() && !status.is_over();
        let monitoring_at = if reopened { None } else { self.monitoring_at };
        Ok(Self {
            status,
            impact: self.impact_after(affected),
            monitoring_at: monitoring_at.or(status.is_watching().then_some(display_at)),
            resolved_at: status.is_over().then(|| self.resolved_at.unwrap_or(display_at)),
            ..self
        })
    }

    /// The worst of what it was and what the components now say: it does not fall when they
    /// recover. An override is kept as it is, and a maintenance stays one.
    fn impact_after(self, affected: impl IntoIterator<Item = ComponentStatus>) -> Impact {
        match (self.impact_override, self.kind) {
            (Some(fixed), _) => fixed,
            (None, Kind::Maintenance) => self.impact,
            (None, Kind::Incident) => affected.into_iter().map(Impact::of).fold(self.impact, Impact::max),
        }
    }

    fn wrong(self, status: IncidentStatus) -> WrongStatus {
        let (kind, allowed) = match self.kind {
            Kind::Incident => ("an incident", "investigating, identified, monitoring, resolved, postmortem"),
            Kind::Maintenance => ("a maintenance", "scheduled, in_progress, verifying, completed"),
        };
        WrongStatus { status: status.as_str(), kind, allowed }
    }
}

/// The statuses that a page names above its updates, newest first: `None` stands for "Update",
/// where the update before it (the next in the list) has the same status.
pub fn labels(newest_first: &[IncidentStatus]) -> Vec<Option<IncidentStatus>> {
    let older = newest_first.iter().skip(1).map(Some).chain([None]);
    newest_first.iter().zip(older).map(|(status, older)| (Some(status) != older).then_some(*status)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use IncidentStatus::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    #[test]
    fn words_are_read_back() {
        for status in IncidentStatus::ALL {
            assert_eq!(IncidentStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        for impact in Impact::ALL {
            assert_eq!(Impact::parse(impact.as_str()), Some(impact));
            assert_eq!(serde_json::to_value(impact).unwrap(), impact.as_str());
        }
        assert_eq!(Kind::parse("maintenance"), Some(Kind::Maintenance));
    }

    #[test]
    fn an_incident_from_open_to_resolved() {
        let open = Progress::begin(Investigating, None);
        let hurt = open.update(Investigating, at(0), [ComponentStatus::PartialOutage]).unwrap();
        assert_eq!((hurt.impact, hurt.resolved_at), (Impact::Major, None));
        let watched = hurt.update(Monitoring, at(5), [ComponentStatus::Operational]).unwrap();
        let watched = watched.update(Monitoring, at(7), []).unwrap();
        assert_eq!((watched.impact, watched.monitoring_at), (Impact::Major, Some(at(5))));
        let over = watched.update(Resolved, at(9), []).unwrap();
        assert_eq!((over.status, over.resolved_at), (Resolved, Some(at(9))));
        let told = over.update(IncidentStatus::Postmortem, at(60), []).unwrap();
        assert_eq!(told.resolved_at, Some(at(9)), "a postmortem does not move the end");
    }

    #[test]
    fn reopening_forgets_the_end() {
        let over = Progress::begin(Investigating, None).update(Monitoring, at(1), []).unwrap();
        let over = over.update(Resolved, at(2), []).unwrap();
        let again = over.update(Identified, at(3), []).unwrap();
        assert_eq!((again.status, again.monitoring_at, again.resolved_at), (Identified, None, None));
    }

    #[test]
    fn an_override_stands_whatever_components_say() {
        let calm = Progress::begin(Investigating, Some(Impact::Minor));
        let hurt = calm.update(Identified, at(1), [ComponentStatus::MajorOutage]).unwrap();
        assert_eq!(hurt.impact, Impact::Minor);
    }

    #[test]
    fn a_maintenance_has_its_own_life() {
        let planned = Progress::begin(Scheduled, None);
        assert_eq!((planned.kind, planned.impact), (Kind::Maintenance, Impact::Maintenance));
        let running = planned.update(InProgress, at(1), [ComponentStatus::MajorOutage]).unwrap();
        assert_eq!(running.impact, Impact::Maintenance);
        let checked = running.update(IncidentStatus::Verifying, at(2), []).unwrap();
        let done = checked.update(Completed, at(3), []).unwrap();
        assert_eq!((done.monitoring_at, done.resolved_at), (Some(at(2)), Some(at(3))));
        let refused = done.update(Resolved, at(4), []).unwrap_err().to_string();
        assert!(refused.contains("resolved is not for a maintenance"), "{refused}");
        assert!(Progress::begin(Investigating, None).update(Completed, at(1), []).is_err());
    }

    #[test]
    fn a_repeated_status_is_an_update() {
        let newest_first = [Resolved, Investigating, Investigating, Investigating];
        assert_eq!(labels(&newest_first), [Some(Resolved), None, None, Some(Investigating)]);
        assert_eq!(labels(&[]), []);
    }

    #[test]
    fn grouped_components_are_named_with_their_group() {
        assert_eq!(affected_name(Some("Payments"), "Cards"), "Payments - Cards");
        assert_eq!(affected_name(None, "Cards"), "Cards");
    }

    proptest! {
        #[test]
        fn impact_never_falls_and_the_end_is_known_iff_over(
            steps in proptest::collection::vec((0usize..5, 0usize..5), 1..20),
        ) {
            let mut progress = Progress::begin(Investigating, None);
            for (minute, (status, component)) in steps.into_iter().enumerate() {
                let next = progress
                    .update(IncidentStatus::ALL[status], at(minute as i64), [ComponentStatus::ALL[component]])
                    .unwrap();
                prop_assert!(next.impact >= progress.impact);
                prop_assert_eq!(next.resolved_at.is_some(), next.status.is_over());
                progress = next;
            }
        }
    }
}
