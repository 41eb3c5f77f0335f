//! Things that go wrong, and how they are told. In the texts `{0}` and `{1}` are the names of the
//! components in the cast, `{region}` is a region, and `{from}` and `{until}` are the times (UTC)
//! at which the trouble began and at which all components were well again.

use super::scene::Move;
use crate::domain::incident::IncidentStatus;
pub use crate::domain::{
    incident::IncidentStatus::{Identified, Investigating, Monitoring, Postmortem, Resolved},
    status::ComponentStatus::{
        DegradedPerformance as Slow, MajorOutage as Down, Operational as Up, PartialOutage as Partial,
    },
};

mod account;
mod compute;
mod network;
mod storage;

/// Something that can happen more than once. Each time, the next title, cast and wording has its turn.
#[derive(Debug)]
pub struct Story {
    /// What customers notice.
    pub titles: &'static [&'static str],
    pub casts: &'static [&'static [&'static str]],
    pub steps: &'static [Step],
}

/// An update of a story.
#[derive(Debug)]
pub struct Step {
    /// How many minutes after the first update.
    pub minute: i64,
    pub status: IncidentStatus,
    pub moves: &'static [Move],
    pub says: &'static [&'static str],
}

const fn step(minute: i64, status: IncidentStatus, moves: &'static [Move]) -> Step {
    Step { minute, status, moves, says: &[] }
}

impl Step {
    const fn says(self, says: &'static [&'static str]) -> Self {
        Self { says, ..self }
    }
}

/// In an order in which neighbours differ. Those at places that a year reaches three times (0, 2,
/// 5, 7, 10, 12, 15 and 17) have three casts or three wordings.
pub const STORIES: [&Story; 18] = [
    &network::LATE_DNS,
    &network::ZONE_AWAY,
    &account::NO_SINGLE_SIGN_ON,
    &account::FALSE_MAIL,
    &network::NO_CERTIFICATES,
    &storage::SLOW_DOWNLOADS,
    &storage::LATE_BACKUPS,
    &account::NO_INVOICES,
    &account::LATE_GRAPHS,
    &network::TUNNELS_BREAK,
    &account::FAILED_REQUESTS,
    &account::OLD_FIGURES,
    &storage::CLUSTERS_STUCK,
    &account::LATE_MAIL,
    &compute::NO_NEW_MACHINES,
    &network::LOST_PACKETS,
    &compute::SLOW_FUNCTIONS,
    &storage::LOST_CONNECTIONS,
];
