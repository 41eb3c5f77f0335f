//! How the whole system is, and what that means for visitors.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{layout::Frame, parts};
use crate::{
    domain::{
        Id,
        replica::{Replica, Run},
    },
    locale,
};

/// Something that is depended on.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: &'static str,
    /// What it calls its own release.
    pub version: Option<String>,
    pub is_up: bool,
    pub failures: u64,
    /// Connections that are used, that are open, and how many there may be.
    pub connections: (usize, usize, usize),
}

impl Dependency {
    /// As its makers write it.
    fn called(&self) -> &'static str {
        match self.name {
            "sqlite" => "SQLite",
            "postgres" => "PostgreSQL",
            "redis" => "Redis",
            other => other,
        }
    }
}

/// A page, as the database holds it and as it is shown here.
#[derive(Clone, Debug)]
pub struct Current {
    pub id: Id,
    pub name: String,
    pub revision: i64,
    pub shown: Option<i64>,
    /// When the database was last heard to hold what is shown here.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// What is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worry {
    pub what: String,
    /// For visitors, and what to do.
    pub means: String,
}

#[derive(Clone, Debug)]
pub struct System {
    pub now: DateTime<Utc>,
    pub own: Id,
    /// This process first.
    pub replicas: Vec<Replica>,
    pub database: Dependency,
    /// Whether several machines can share the database.
    pub is_shared: bool,
    pub redis: Option<Dependency>,
    /// Whether Redis has room.
    pub redis_has_room: bool,
    pub pages: Vec<Current>,
    /// Notifications that wait, and how long the first has.
    pub waiting: u64,
    pub oldest: TimeDelta,
    /// Notifications that wait for an operator.
    pub held: usize,
    /// Who does the jobs just now.
    pub works: Option<Id>,
}

impl System {
    /// The name of a replica, or its id where it is not there any more.
    fn name<'a>(&'a self, id: &'a Id) -> &'a str {
        self.replicas.iter().find(|one| one.id == *id).map_or(id.as_str(), Replica::name)
    }

    /// By how many revisions a replica is behind, of the page where that is most.
    pub fn behind(&self, replica: &Replica) -> i64 {
        let late = self.pages.iter().map(|page| match replica.told.revisions.get(&page.id) {
            Some(shown) => page.revision - shown,
            None => page.revision,
        });
        late.max().unwrap_or_default().max(0)
    }

    /// The last run of each job, wherever it was.
    fn runs(&self) -> Vec<(&str, Run, &Replica)> {
        let all = self
            .replicas
            .iter()
            .flat_map(|one| one.told.jobs.iter().map(move |(job, run)| (&**job, *run, one)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(job, run, _)| (*job, std::cmp::Reverse(run.at)));
        all.dedup_by_key(|(job, ..)| *job);
        all
    }
}

pub fn system(frame: &Frame, system: &System, worries: &[Worry]) -> String {
    frame.document(html! {
        div.head {
            h1 { "System" }
            a.button.small href="/admin/system" { "Look again" }
        }
        p.q { "As of " (parts::time(system.now, Tz::UTC)) ", as this replica sees it." }
        @if worries.is_empty() {
            p.note.done role="status" { "All is well." }
        } @else {
            ul { @for worry in worries { li.note.warn { strong { (worry.what) } " " (worry.means) } } }
        }
        section { h2 { "Replicas" } ul.rows { @for one in &system.replicas { (replica(system, one)) } } }
        section {
            h2 { "What it depends on" }
            ul.rows { (dependency(&system.database)) @if let Some(redis) = &system.redis { (dependency(redis)) } }
            @if system.redis.is_none() { p.q { "There is no Redis: a replica finds out by the database what others changed." } }
        }
        section { h2 { "Pages" } ul.rows { @for page in &system.pages { (current(system, page)) } } }
        section { h2 { "Subscribers" } (outbox(system)) }
        section { h2 { "Jobs" } (jobs(system)) }
    })
}

fn ago(system: &System, at: DateTime<Utc>) -> String {
    let span = system.now - at;
    match span.num_seconds() {
        ..60 => format!("{} s ago", span.num_seconds().max(0)),
        _ => format!("{} ago", locale::fallback().duration(span)),
    }
}

fn replica(system: &System, one: &Replica) -> Markup {
    let behind = system.behind(one);
    html! {
        li {
            div {
                strong { (one.name()) } @if one.id == system.own { " (this one)" }
                p {
                    "Release " (one.told.version) " · "
                    @if one.is_silent(system.now) { span.s.t3 { "silent for " (locale::fallback().duration(system.now - one.seen_at)) } }
                    @else if behind > 0 { span.s.t2 { (parts::counted(behind.unsigned_abs(), "revision", "revisions")) " behind" } }
                    @else { span.s.t0 { "shows what the database holds" } }
                    @if let Some(lag) = one.told.lag_milliseconds { " · a change is shown after " (format!("{lag:.0}")) " ms on average" }
                }
                p.q {
                    "seen " (ago(system, one.seen_at))
                    @if let Some(at) = one.told.started_at { " · started " (parts::time(at, Tz::UTC)) }
                    @match one.told.redis {
                        Some(true) => " · Redis answers it",
                        Some(false) => " · Redis does not answer it",
                        None => "",
                    }
                    @if one.name() != one.id.as_str() { " · " code { (one.id) } }
                }
            }
        }
    }
}

fn dependency(one: &Dependency) -> Markup {
    let (used, open, most) = one.connections;
    html! {
        li {
            div {
                strong { (one.called()) } @if let Some(version) = &one.version { " " (version) }
                p {
                    @if one.is_up { span.s.t0 { "answers" } } @else { span.s.t3 { "does not answer" } }
                }
                p.q {
                    "connections: " (used) " used, " (open) " open, " (most) " at most · "
                    (parts::counted(one.failures, "question", "questions")) " without an answer since the start"
                }
            }
        }
    }
}

fn current(system: &System, page: &Current) -> Markup {
    html! {
        li {
            div {
                a.name href={ "/admin/pages/" (page.id) "/incidents" } { (page.name) }
                p.q {
                    "revision " (page.revision)
                    @match page.shown {
                        Some(shown) if shown == page.revision => ", shown here",
                        Some(shown) => { ", shown here at " (shown) }
                        None => ", not shown here",
                    }
                    @if let Some(at) = page.confirmed_at { " · confirmed " (ago(system, at)) }
                }
            }
        }
    }
}

fn outbox(system: &System) -> Markup {
    html! {
        p {
            @match system.waiting {
                0 => "No notification waits.",
                waiting => {
                    (parts::counted(waiting, "notification waits", "notifications wait")) ", the first for "
                    (locale::fallback().duration(system.oldest)) "."
                }
            }
        }
        @if system.held > 0 {
            p { (parts::counted(system.held as u64, "notification waits", "notifications wait")) " for an operator." }
        }
    }
}

fn jobs(system: &System) -> Markup {
    html! {
        p {
            @match &system.works {
                Some(id) => { strong { (system.name(id)) } " does them." }
                None => "Nobody does them just now.",
            }
        }
        ul.rows {
            @for (job, run, by) in system.runs() {
                li {
                    div {
                        (job.replace('_', " "))
                        p.q {
                            @if run.is_done { span.s.t0 { "done" } } @else { span.s.t3 { "failed" } }
                            " " (ago(system, run.at)) " by " (by.name())
                        }
                    }
                }
            }
        }
    }
}
