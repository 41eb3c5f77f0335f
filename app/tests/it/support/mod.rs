//! What tests share: a database of one's own, a clock that stands, a server on a port of its own.

mod balancer;
mod browser;
mod database;
mod elsewhere;
mod issuer;
mod mailbox;
mod manage;
mod otlp;
mod process;
mod proxy;
mod redis;
mod replica;
mod server;
mod vault;
mod visitors;

pub use balancer::Balancer;
pub use browser::{Browser, PASSWORD, Screen, invitation};
pub use database::{Database, number};
pub use elsewhere::{Answer, Elsewhere};
pub use issuer::{CLIENT, Issuer};
pub use mailbox::{Mailbox, link};
pub use manage::{Caller, token, token_of};
pub use otlp::{Collector, Span};
pub use process::{Process, Serving, free_address, pharos, said, wait_for};
pub use proxy::{Fault, Proxy};
pub use redis::{RedisServer, free_port};
pub use replica::{PATIENCE, Replica};
pub use server::{Server, demo, read};
pub use vault::Vault;
pub use visitors::Visitors;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use pharos::clock::Clock;

/// Runs a test on SQLite and again on Postgres, each on a database of its own.
macro_rules! on_both {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        mod $name {
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(crate::support::Database::sqlite().await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(crate::support::Database::postgres().await).await;
            }
        }
    )+};
}
pub(crate) use on_both;

/// 22 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// A clock that stands at noon.
pub fn clock() -> Clock {
    Clock::standing(noon())
}

/// A file that was recorded elsewhere.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A Redis for tests.
pub fn redis() -> String {
    std::env::var("PHAROS_TEST_REDIS_URL")
        .expect("PHAROS_TEST_REDIS_URL names a Redis for tests; ./test.sh starts one")
}
