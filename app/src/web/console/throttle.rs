//! How often somebody may try to get in: counted by account, by address, and by both, in windows of
//! a quarter of an hour. Every try counts, whether there is such an account or not, until somebody got
//! in: who knows the way is not counted out by using it. Who is in shows that it is still them by counts of
//! their own, so that strangers keep nobody from anything who is signed in.

use std::net::IpAddr;

use super::failure::Failure;
use crate::{
    cache::Cache,
    clock::Clock,
    domain::Id,
    store::Secret,
    web::{address::counted, counters::Counters},
};

/// In seconds.
const WINDOW: i64 = 900;
/// Tries of one account from one address.
const TOGETHER: u32 = 10;
/// Wrong tries of one account from anywhere. Who makes so many from five places keeps it from passwords until the
/// window ends; passkeys, the provider and links stay open.
const OF_ACCOUNT: u32 = 50;
/// Tries of somebody who is signed in to show that it is still them.
const AGAIN: u32 = 10;
/// Tries from one address at any account.
const OF_ADDRESS: u32 = 50;

/// Questions and answers of passkeys from one address: nobody guesses a key.
const PASSKEYS: u32 = 200;
/// Ways to the provider and back from one address: each asks it something in the name of all.
const BY_PROVIDER: u32 = 100;
/// Mails that one account is sent because somebody asked for them.
const MAILS: u32 = 3;

#[derive(Debug)]
pub struct Throttle(Counters);

impl Throttle {
    pub fn new(clock: Clock, shared: Option<Cache>) -> Self {
        Self(Counters::new(WINDOW, clock, shared))
    }

    /// Counts one try; refuses what are too many.
    pub async fn try_once(&self, account: &str, address: IpAddr) -> Result<(), Failure> {
        // Who tries is nobody's business where it is counted.
        let counts = [
            (together(account, address), TOGETHER),
            (of_account(account), OF_ACCOUNT),
            (format!("sign-in address {}", counted(address)), OF_ADDRESS),
        ];
        for (key, most) in counts {
            let (tries, reset) = self.0.count(key).await;
            if tries > most {
                tracing::warn!("signing in is tried too often");
                return Err(Failure::TooOften(reset));
            }
        }
        Ok(())
    }

    /// What was tried of an account was right: it counts for nobody from elsewhere.
    pub async fn was_right(&self, account: &str) {
        self.0.discount(of_account(account)).await;
    }

    /// Counts one try to show that it is still them, in this session.
    pub async fn try_again(&self, session: &Id) -> Result<(), Failure> {
        let (tries, reset) = self.0.count(again(session)).await;
        if tries > AGAIN { Err(Failure::TooOften(reset)) } else { Ok(()) }
    }

    /// It is still them.
    pub async fn is_still(&self, session: &Id) {
        self.0.forget(again(session)).await;
    }

    /// Somebody got in, by every step that their account asks for.
    pub async fn got_in(&self, account: &str, address: IpAddr) {
        self.0.forget(together(account, address)).await;
    }

    /// Counts one question to a device, or its answer.
    pub async fn try_passkey(&self, address: IpAddr) -> Result<(), Failure> {
        let (tries, reset) = self.0.count(format!("passkeys {}", counted(address))).await;
        if tries > PASSKEYS { Err(Failure::TooOften(reset)) } else { Ok(()) }
    }

    /// Counts one way to the provider, or back from it.
    pub async fn try_provider(&self, address: IpAddr) -> Result<(), Failure> {
        let (tries, reset) = self.0.count(format!("provider {}", counted(address))).await;
        if tries > BY_PROVIDER { Err(Failure::TooOften(reset)) } else { Ok(()) }
    }

    /// Whether this was not seen before. It was made at `second`, no more than a window ago: it is counted there,
    /// so that it is not new when the next window begins.
    pub async fn is_first(&self, what: &str, second: i64) -> bool {
        self.0.count_at(format!("once {}", Secret::hash(what)), second).await.0 == 1
    }

    /// Counts one mail that anybody may ask for; says whether it may be sent.
    pub async fn may_mail(&self, account: &str) -> bool {
        let (mails, _) = self.0.count(format!("mail {}", Secret::hash(account))).await;
        mails <= MAILS
    }
}

fn of_account(account: &str) -> String {
    format!("sign-in account {}", Secret::hash(account))
}

fn again(session: &Id) -> String {
    format!("again {session}")
}

fn together(account: &str, address: IpAddr) -> String {
    format!("sign-in {} {}", Secret::hash(account), counted(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    fn throttle() -> Throttle {
        Throttle::new(Clock::standing(fixture::noon()), None)
    }

    fn address(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    #[tokio::test]
    async fn what_was_right_does_not_count_for_the_account() {
        let throttle = throttle();
        for number in 0..60 {
            throttle.try_once("ada", address(number)).await.unwrap();
            throttle.was_right("ada").await;
        }
        for number in 0..50 {
            throttle.try_once("ada", address(100 + number)).await.unwrap();
        }
        assert!(matches!(throttle.try_once("ada", address(200)).await, Err(Failure::TooOften(_))));
    }

    #[tokio::test]
    async fn what_was_seen_is_not_new_in_the_next_window() {
        let clock = Clock::standing(fixture::noon() - chrono::TimeDelta::seconds(20));
        let throttle = Throttle::new(clock.clone(), None);
        let asked = clock.now().timestamp();
        assert!(throttle.is_first("answer", asked).await);
        clock.advance(std::time::Duration::from_secs(60));
        assert!(!throttle.is_first("answer", asked).await);
        assert!(throttle.is_first("another", clock.now().timestamp()).await);
    }

    #[tokio::test]
    async fn strangers_keep_nobody_who_is_in_from_anything() {
        let (throttle, mine, other) = (throttle(), Id::random(), Id::random());
        for number in 0..60 {
            let _ = throttle.try_once("ada", address(number)).await;
        }
        for _ in 0..AGAIN {
            throttle.try_again(&mine).await.unwrap();
        }
        assert!(matches!(throttle.try_again(&mine).await, Err(Failure::TooOften(_))));
        throttle.try_again(&other).await.unwrap();
        throttle.is_still(&mine).await;
        throttle.try_again(&mine).await.unwrap();
    }
}
