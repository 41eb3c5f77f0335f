//! What the page speaks of today: the incident that is going on, and the maintenances.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{
    company::ZONE,
    scene::{Beat, Move, Scene},
};
use crate::domain::{
    calendar,
    incident::IncidentStatus::{
        self, Completed, Identified, InProgress, Investigating, Scheduled, Verifying,
    },
    status::ComponentStatus::{
        DegradedPerformance as Slow, Operational as Up, PartialOutage as Partial, UnderMaintenance as Worked,
    },
};

pub fn scenes(now: DateTime<Utc>) -> [Scene; 4] {
    [running(now), done(now), next(now), later(now)]
}

fn beat(at: DateTime<Utc>, status: IncidentStatus, moves: &'static [Move], body: &str) -> Beat {
    Beat { at, status, moves, body: body.to_owned() }
}

fn running(now: DateTime<Utc>) -> Scene {
    let ago = |minutes, seconds| now - TimeDelta::minutes(minutes) - TimeDelta::seconds(seconds);
    Scene {
        name: "Some uploads fail in eu-west".to_owned(),
        cast: &["Object Storage", "Container Registry"],
        window: None,
        beats: vec![
            beat(
                ago(46, 48),
                Investigating,
                &[(0, Slow)],
                "Some uploads to Object Storage in eu-west end with error 503. Downloads work. We are \
                 investigating.",
            ),
            beat(
                ago(31, 20),
                Identified,
                &[(0, Partial), (1, Slow)],
                "About one upload in seven fails. Three of the nodes that keep the index of buckets in \
                 eu-west ran out of memory after a node was added to them, and restart again and again. The \
                 Container Registry keeps its layers in Object Storage, so that pushing an image may need \
                 several attempts. Nothing that was stored is at risk.",
            ),
            beat(
                ago(11, 35),
                Identified,
                &[],
                "Two of the three nodes are stable with more memory, and failed uploads are down to one in \
                 twenty-five. We are working on the third. If your program repeats failed uploads by itself, \
                 as the usual S3 libraries do, there is nothing that you have to do.",
            ),
        ],
    }
}

/// An hour of a day that lies so many days from today.
fn on(now: DateTime<Utc>, days: i64, hour: u32) -> DateTime<Utc> {
    let day = calendar::day_of(now, ZONE) + TimeDelta::days(days);
    day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)).and_utc()
}

fn done(now: DateTime<Utc>) -> Scene {
    let (from, until) = (on(now, -5, 1), on(now, -5, 4));
    let after = |minutes| from + TimeDelta::minutes(minutes);
    Scene {
        name: "New drivers for GPU machines in us-east".to_owned(),
        cast: &["GPU Machines"],
        window: Some((from, until)),
        beats: vec![
            beat(
                from - TimeDelta::days(8) + TimeDelta::minutes(583),
                Scheduled,
                &[(0, Up)],
                "We will bring the drivers of all GPU machines in us-east up to date. Each machine restarts \
                 once within the window and is away for about six minutes. Machines in eu-west follow at a \
                 later date.",
            ),
            beat(
                from,
                InProgress,
                &[(0, Worked)],
                "The work has begun. Machines restart in small batches; yours may still be running for a \
                 while.",
            ),
            beat(
                after(118),
                Verifying,
                &[],
                "All machines have restarted. We are running a set of known computations on each model of \
                 card before we call it done.",
            ),
            beat(
                after(149),
                Completed,
                &[(0, Up)],
                "All GPU machines in us-east have the new drivers, and all computations came out right. \
                 Thank you for your patience.",
            ),
        ],
    }
}

fn next(now: DateTime<Utc>) -> Scene {
    Scene {
        name: "Replacement of network switches in ap-south".to_owned(),
        cast: &["Private Networks", "Load Balancers"],
        window: Some((on(now, 3, 20), on(now, 3, 22))),
        beats: vec![beat(
            now - TimeDelta::minutes(5_862),
            Scheduled,
            &[(0, Up), (1, Up)],
            "We will replace two of the switches that join the zones of ap-south. Traffic moves to the other \
             switches beforehand. Connections between zones may break off once and can be opened again at \
             once; within a zone, nothing changes.",
        )],
    }
}

fn later(now: DateTime<Utc>) -> Scene {
    Scene {
        name: "New minor version of PostgreSQL".to_owned(),
        cast: &["PostgreSQL"],
        window: Some((on(now, 9, 2), on(now, 9, 6))),
        beats: vec![beat(
            now - TimeDelta::minutes(1_694),
            Scheduled,
            &[(0, Up)],
            "All PostgreSQL databases receive the latest minor version. A database with a standby is away \
             for a few seconds while it moves there; one without is away for about two minutes. If another \
             time suits you better, choose it in the Dashboard under Maintenance until the day before.",
        )],
    }
}
