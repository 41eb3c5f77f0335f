//! Things that go wrong, and how they are told. In the texts `{0}` and `{1}` are the names of the
//! components in the cast, `{region}` is a region, and `{from}` and `{until}` are the times (UTC)
//! at which the trouble began, before anybody noticed, and at which all components were well again.

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

/// In the order in which they happen, again and again. The first eight happen three times in a year
/// and have three casts or three wordings; five of them stand on the front page.
pub const STORIES: [&Story; 18] = [
    &network::LATE_DNS,
    &storage::SLOW_DOWNLOADS,
    &account::FAILED_REQUESTS,
    &network::LOST_PACKETS,
    &account::NO_SINGLE_SIGN_ON,
    &account::NO_INVOICES,
    &storage::CLUSTERS_STUCK,
    &storage::LOST_CONNECTIONS,
    &network::NO_CERTIFICATES,
    &network::TUNNELS_BREAK,
    &account::OLD_FIGURES,
    &account::FALSE_MAIL,
    &storage::LATE_BACKUPS,
    &compute::NO_NEW_MACHINES,
    &compute::SLOW_FUNCTIONS,
    &network::ZONE_AWAY,
    &account::LATE_GRAPHS,
    &account::LATE_MAIL,
];
