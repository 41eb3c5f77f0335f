//! The other replicas, as a replica asks them for what they show when neither the database nor Redis
//! answers. A request is signed with the application key and its time, and so are all that may read.

use std::{net::SocketAddr, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use crate::{
    clock::Clock,
    keys::{Keys, Purpose},
    outbound::{self, Reach},
    wire::kept::{self, Kept},
};

/// Where a replica tells its siblings what it shows, on the address of metrics and probes.
pub const PATH: &str = "/state";
/// The scheme of the `Authorization` header (RFC 9110, section 11.4): the time in seconds since 1970,
/// a full stop, and its signature in base64url.
pub const SCHEME: &str = "Pharos-Sibling";

const PURPOSE: Purpose = Purpose("siblings ask for the state");
/// How long a sibling may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// By how much the clocks of siblings may differ.
const SKEW: TimeDelta = TimeDelta::minutes(2);
/// The most siblings that are asked, and the most bytes that one may answer.
const MOST: usize = 64;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Where the other replicas are, and how they are asked.
#[derive(Clone, Debug)]
pub struct Siblings {
    /// `HOST:PORT`; a name stands for all its addresses.
    addresses: Vec<String>,
    keys: Keys,
    clock: Clock,
}

impl Siblings {
    pub fn new(addresses: Vec<String>, keys: Keys, clock: Clock) -> Self {
        Self { addresses, keys, clock }
    }

    /// What those show that answer in time, this replica itself among them if it is listed.
    pub async fn ask(&self) -> Vec<Kept> {
        let mut found = vec![];
        for name in &self.addresses {
            let looked = tokio::time::timeout(PATIENCE, tokio::net::lookup_host(name)).await;
            match looked {
                Ok(Ok(addresses)) => found.extend(addresses),
                _ => tracing::debug!(sibling = name, "no address is known"),
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST);
        let answers = found.into_iter().map(|address| tokio::time::timeout(PATIENCE, self.ask_one(address)));
        join_all(answers).await.into_iter().flatten().flatten().flatten().collect()
    }

    async fn ask_one(&self, address: SocketAddr) -> Option<Vec<Kept>> {
        let client = outbound::client(Reach::Anywhere).ok()?;
        let request = client.get(format!("http://{address}{PATH}"));
        let request = outbound::traced(request.header("authorization", self.authorization()));
        let mut answer = request.send().await.ok()?;
        if !answer.status().is_success() {
            tracing::debug!(sibling = %address, status = answer.status().as_u16(), "a sibling tells nothing");
            return None;
        }
        let mut bytes = vec![];
        while let Some(some) = answer.chunk().await.ok()? {
            if bytes.len() + some.len() > MOST_BYTES {
                return None;
            }
            bytes.extend_from_slice(&some);
        }
        // One of another release may speak otherwise.
        kept::unpack(&bytes).ok()
    }

    fn authorization(&self) -> String {
        let second = self.clock.now().timestamp().to_string();
        let signature = self.keys.sign(PURPOSE, second.as_bytes());
        format!("{SCHEME} {second}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Whether an `Authorization` header shows that a sibling asks, just now.
pub fn is_sibling(header: &str, keys: &Keys, now: DateTime<Utc>) -> bool {
    let proof = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME));
    let Some((second, signature)) = proof.and_then(|(_, proof)| proof.split_once('.')) else { return false };
    let at = second.parse().ok().and_then(|second| DateTime::from_timestamp(second, 0));
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature);
    at.is_some_and(|at| (now - at).abs() <= SKEW)
        && signature.is_ok_and(|signature| keys.verify(PURPOSE, second.as_bytes(), &signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn only_who_holds_a_key_may_ask_and_only_just_now() {
        let (keys, others) = (Keys::random(), Keys::random());
        let at = |minutes| fixture::noon() + TimeDelta::minutes(minutes);
        let header = Siblings::new(vec![], keys.clone(), Clock::standing(at(0))).authorization();
        assert!(is_sibling(&header, &keys, at(0)) && is_sibling(&header, &keys, at(2)));
        assert!(is_sibling(&header, &keys, at(-2)), "of a clock that is behind");
        assert!(!is_sibling(&header, &keys, at(3)), "heard by somebody and said again");
        assert!(!is_sibling(&header, &others, at(0)));
        let second = at(0).timestamp().to_string();
        let later = header.replace(&second, &at(60).timestamp().to_string());
        assert!(!is_sibling(&later, &keys, at(60)), "a time that was not signed");
        for wrong in ["", "Bearer x", "Pharos-Sibling", "Pharos-Sibling 1", "Pharos-Sibling 1.!"] {
            assert!(!is_sibling(wrong, &keys, at(0)), "{wrong}");
        }
    }
}
