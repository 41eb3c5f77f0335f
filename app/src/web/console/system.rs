//! How the whole system is, for those who look after it.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::StatusCode};
use chrono::TimeDelta;

use super::{Asked, Call, Entry, Failure, get, permission::WatchesSystem};
use crate::{
    domain::replica::Replica,
    render::console::{self, Current, Dependency, Section, System, Worry},
    store::JOBS,
    telemetry::Connections,
};

/// A notification that waits for longer is late.
const LATE: TimeDelta = TimeDelta::minutes(5);
/// A page that was not confirmed for longer is shown with a word on it.
const DOUBTED: TimeDelta = TimeDelta::minutes(1);

pub fn routes() -> Vec<Entry> {
    vec![get("/admin/system", show)]
}

async fn show(asked: Asked<WatchesSystem>) -> Result<HttpResponse, Failure> {
    let system = look(&asked).await?;
    let worries = worries(&system);
    Ok(asked.html(StatusCode::OK, |frame| {
        frame.title = "System".into();
        frame.section = Section::State;
        console::system(frame, &system, &worries)
    }))
}

/// Used, open, and how many there may be.
fn counted(pool: Connections) -> (usize, usize, usize) {
    (pool.open.saturating_sub(pool.idle), pool.open, pool.most)
}

async fn look(call: &Call) -> Result<System, Failure> {
    let app = &call.console.app;
    let store = &app.store;
    let myself = app.myself();
    let others = store.replicas().await?.into_iter().filter(|one| one.id != myself.id);
    let replicas: Vec<Replica> = [myself.clone()].into_iter().chain(others).collect();
    let outbox = store.outbox().await?;
    let pages = store.versions().await?.into_iter().map(|(id, version)| {
        let snapshot = app.site.get(&id);
        Current {
            name: snapshot.as_ref().map_or_else(|| id.to_string(), |shown| shown.state.page.name.clone()),
            shown: snapshot.map(|shown| shown.state.version.revision),
            revision: version.revision,
            confirmed_at: app.refresher.confirmed_at(&id),
            id,
        }
    });
    let database = store.breaker();
    let redis = app.cache.as_ref().map(|cache| {
        let [redis, _] = cache.breakers();
        Dependency {
            name: redis.name(),
            version: None,
            is_up: redis.is_up(),
            failures: redis.failures(),
            connections: counted(cache.connections()),
        }
    });
    Ok(System {
        now: store.now(),
        own: myself.id,
        replicas,
        database: Dependency {
            name: database.name(),
            version: Some(store.database_version().await?),
            is_up: database.is_up(),
            failures: database.failures(),
            connections: counted(store.connections()),
        },
        is_shared: store.is_shared(),
        redis,
        redis_has_room: app.cache.as_ref().is_none_or(|cache| cache.breakers()[1].is_up()),
        pages: pages.collect(),
        waiting: outbox.waiting,
        oldest: outbox.oldest,
        held: store.held_notifications().await?.len(),
        works: store.lease(JOBS).await?.map(|(holder, _)| holder),
    })
}

fn worry(what: impl Into<String>, means: impl Into<String>) -> Worry {
    Worry { what: what.into(), means: means.into() }
}

/// What is not as it should be, what hurts visitors most first.
fn worries(system: &System) -> Vec<Worry> {
    let mut found = of_replicas(system);
    if !system.database.is_up {
        found.push(worry(
            "The database does not answer.",
            "Visitors see the page as it was last known, with a word on how old that is; nothing can be changed.",
        ));
    }
    for page in &system.pages {
        if page.confirmed_at.is_some_and(|at| system.now - at > DOUBTED) {
            found.push(worry(
                format!("{} was not confirmed for a while.", page.name),
                "Visitors of this replica read a word on it.",
            ));
        }
    }
    found.extend(of_redis(system));
    if system.works.is_none() {
        found.push(worry(
            "Nobody does the jobs.",
            "Maintenances neither begin nor end by the clock, and alerts are not followed. Start a worker, or serve with \
             PHAROS_JOBS=1.",
        ));
    }
    found.extend(of_jobs(system));
    if system.oldest > LATE {
        found.push(worry(
            "Notifications wait for long.",
            "Subscribers hear late of what happened, or not at all.",
        ));
    }
    if system.held > 0 {
        found.push(worry(
            "Notifications wait for an operator, since the database went back to an older state.",
            "Their readers were told already, or are told by `pharos notification release`.",
        ));
    }
    found
}

fn of_replicas(system: &System) -> Vec<Worry> {
    let (silent, there): (Vec<&Replica>, Vec<&Replica>) =
        system.replicas.iter().partition(|one| one.is_silent(system.now));
    let mut found: Vec<Worry> = silent
        .iter()
        .map(|one| {
            worry(
                format!("{} is silent.", one.name()),
                "It ended, or does not reach the database: then its visitors see what was last known.",
            )
        })
        .collect();
    // Who says what it shows every few seconds may have shown more since.
    let late = there.iter().filter(|one| one.id == system.own && system.behind(one) > 0);
    found.extend(late.map(|one| {
        worry(
            format!("{} shows an older revision.", one.name()),
            "Its visitors don't see the last change yet.",
        )
    }));
    let releases: BTreeSet<&str> = there.iter().map(|one| one.told.version.as_str()).collect();
    if releases.len() > 1 {
        let named: Vec<&str> = releases.into_iter().collect();
        found.push(worry(
            format!("Several releases are there: {}.", named.join(", ")),
            "That is so during an upgrade, and does no harm; afterwards there should be one.",
        ));
    }
    found
}

fn of_redis(system: &System) -> Option<Worry> {
    match &system.redis {
        Some(redis) if !redis.is_up => Some(worry(
            "Redis does not answer.",
            "Visitors notice nothing: each replica asks the database itself, and a change shows up to a second later \
             elsewhere. Who asks too often is counted by each replica alone.",
        )),
        Some(_) if !system.redis_has_room => Some(worry(
            "Redis is full.",
            "Visitors notice nothing; replicas share nothing until it has room, and the database is asked more.",
        )),
        _ => None,
    }
}

fn of_jobs(system: &System) -> Vec<Worry> {
    let failed = system.replicas.iter().filter(|one| system.works.as_ref() == Some(&one.id));
    let failed = failed.flat_map(|one| one.told.jobs.iter().filter(|(_, run)| !run.is_done));
    failed
        .map(|(job, _)| {
            let what = format!("The job {} failed the last time.", job.replace('_', " "));
            worry(what, "It is tried again in a few seconds; if that goes on, the log says why.")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;

    use super::*;
    use crate::domain::{
        fixture,
        replica::{Run, Told},
    };

    fn replica(id: &str, seconds_ago: i64, version: &str) -> Replica {
        let told = Told {
            version: version.into(),
            revisions: BTreeMap::from([(fixture::id("page"), 7)]),
            ..Told::default()
        };
        Replica { id: fixture::id(id), seen_at: fixture::noon() - TimeDelta::seconds(seconds_ago), told }
    }

    fn system() -> System {
        let up = |name| Dependency { name, version: None, is_up: true, failures: 0, connections: (0, 1, 10) };
        System {
            now: fixture::noon(),
            own: fixture::id("a"),
            replicas: vec![replica("a", 0, "1.0.0"), replica("b", 9, "1.0.0")],
            database: up("postgres"),
            is_shared: true,
            redis: Some(up("redis")),
            redis_has_room: true,
            pages: vec![Current {
                id: fixture::id("page"),
                name: "Acme".into(),
                revision: 7,
                shown: Some(7),
                confirmed_at: Some(fixture::noon()),
            }],
            waiting: 0,
            oldest: TimeDelta::zero(),
            held: 0,
            works: Some(fixture::id("b")),
        }
    }

    #[test]
    fn each_worry_says_what_it_means() {
        assert_eq!(worries(&system()), []);
        type Spoils = fn(&mut System);
        let cases: [(&str, Spoils); 9] = [
            ("is silent", |system| system.replicas[1] = replica("b", 90, "1.0.0")),
            ("Several releases are there: 1.0.0, 1.1.0.", |system| {
                system.replicas[1] = replica("b", 9, "1.1.0")
            }),
            ("shows an older revision", |system| system.pages[0].revision = 8),
            ("not confirmed", |system| {
                system.pages[0].confirmed_at = Some(fixture::noon() - TimeDelta::minutes(3));
            }),
            ("Redis does not answer", |system| {
                system.redis.as_mut().unwrap().is_up = false;
            }),
            ("Redis is full", |system| system.redis_has_room = false),
            ("Nobody does the jobs", |system| system.works = None),
            ("alerts failed", |system| {
                let run = Run { at: fixture::noon(), is_done: false };
                system.replicas[1].told.jobs.insert("alerts".into(), run);
            }),
            ("wait for long", |system| system.oldest = TimeDelta::minutes(6)),
        ];
        for (said, spoil) in cases {
            let mut system = system();
            spoil(&mut system);
            let found = worries(&system);
            assert!(found.len() == 1 && found[0].what.contains(said), "{said}: {found:?}");
            assert!(found[0].means.len() > 20);
        }
    }
}
