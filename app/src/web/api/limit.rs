//! How much one caller may ask: counted per token, and without one that is alive per address, in
//! windows of a minute. Replicas count together in Redis; where that is away, each for itself.

use std::{net::IpAddr, time::Duration};

use actix_web::http::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};

use super::problem::Problem;
use crate::{
    cache::Cache as SharedCache,
    clock::Clock,
    web::{address::counted, counters::Counters},
};

/// In seconds; windows are aligned to 1970.
const WINDOW: i64 = 60;
/// An address may ask this many times as much as a token, since several people share one.
const ADDRESS_FACTOR: u32 = 4;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Counts of the running window.
#[derive(Clone, Debug)]
pub struct Limits {
    per_minute: u32,
    counters: Counters,
}

/// What a caller has left.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    limit: u32,
    remaining: u32,
    reset: Duration,
}

impl Limits {
    /// Of this many calls a minute; none, if it is 0.
    pub fn new(per_minute: u32, clock: Clock, shared: Option<SharedCache>) -> Self {
        Self { per_minute, counters: Counters::new(WINDOW, clock, shared) }
    }

    /// Counts a call from an address without a token that is alive; of IPv6 its network of 64 bits.
    pub async fn address(&self, address: IpAddr) -> Result<Option<Left>, Problem> {
        self.count(key(address), self.of_address()).await
    }

    /// Whether more of such calls came from an address than may.
    pub fn is_over(&self, address: IpAddr) -> bool {
        self.per_minute > 0 && self.counters.so_far(key(address)) >= self.of_address()
    }

    fn of_address(&self) -> u32 {
        self.per_minute.saturating_mul(ADDRESS_FACTOR)
    }

    /// Counts a call with a token.
    pub async fn token(&self, id: &str) -> Result<Option<Left>, Problem> {
        self.count(format!("token {id}"), self.per_minute).await
    }

    async fn count(&self, key: String, limit: u32) -> Result<Option<Left>, Problem> {
        if limit == 0 {
            return Ok(None);
        }
        let (asked, reset) = self.counters.count(key).await;
        let left = Left { limit, remaining: limit.saturating_sub(asked), reset };
        if asked <= limit {
            return Ok(Some(left));
        }
        let text =
            format!("allowed are {limit} calls a minute; wait {} seconds", left.reset.as_secs().max(1));
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, text).retry_after(left.reset);
        Err(left.headers().into_iter().fold(problem, |problem, (name, value)| problem.with(name, value)))
    }
}

fn key(address: IpAddr) -> String {
    format!("address {}", counted(address))
}

impl Left {
    pub fn headers(self) -> [(HeaderName, HeaderValue); 3] {
        [
            (LIMIT, HeaderValue::from(self.limit)),
            (REMAINING, HeaderValue::from(self.remaining)),
            (RESET, HeaderValue::from(self.reset.as_secs().max(1))),
        ]
    }
}
