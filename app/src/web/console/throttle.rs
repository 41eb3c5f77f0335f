//! How often somebody may try to get in: counted by account, by address, and by both, in windows of
//! a quarter of an hour. Every try counts, whether there is such an account or not, until somebody got
//! in: who knows the way is not counted out by using it.

use std::net::IpAddr;

use super::failure::Failure;
use crate::{
    cache::Cache,
    clock::Clock,
    store::Secret,
    web::{address::counted, counters::Counters},
};

/// In seconds.
const WINDOW: i64 = 900;
/// Tries of one account from one address.
const TOGETHER: u32 = 10;
/// Tries of one account from anywhere: who attacks it from many places locks it no sooner.
const OF_ACCOUNT: u32 = 50;
/// Tries from one address at any account.
const OF_ADDRESS: u32 = 50;

/// Questions and answers of passkeys from one address: nobody guesses a key.
const PASSKEYS: u32 = 200;
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
        let (address, together) = (counted(address), together(account, address));
        let account = Secret::hash(account);
        let counts = [
            (together, TOGETHER),
            (format!("sign-in account {account}"), OF_ACCOUNT),
            (format!("sign-in address {address}"), OF_ADDRESS),
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

    /// Somebody got in, by every step that their account asks for.
    pub async fn got_in(&self, account: &str, address: IpAddr) {
        self.0.forget(together(account, address)).await;
    }

    /// Counts one question to a device, or its answer.
    pub async fn try_passkey(&self, address: IpAddr) -> Result<(), Failure> {
        let (tries, reset) = self.0.count(format!("passkeys {}", counted(address))).await;
        if tries > PASSKEYS { Err(Failure::TooOften(reset)) } else { Ok(()) }
    }

    /// Whether this was not seen before, within a window.
    pub async fn is_first(&self, what: &str) -> bool {
        self.0.count(format!("once {}", Secret::hash(what))).await.0 == 1
    }

    /// Counts one mail that anybody may ask for; says whether it may be sent.
    pub async fn may_mail(&self, account: &str) -> bool {
        let (mails, _) = self.0.count(format!("mail {}", Secret::hash(account))).await;
        mails <= MAILS
    }
}

fn together(account: &str, address: IpAddr) -> String {
    format!("sign-in {} {}", Secret::hash(account), counted(address))
}
