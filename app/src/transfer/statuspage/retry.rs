//! Asking again: what a busy page refuses now, it may answer in a moment.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How often something is asked for in all.
const TRIES: u32 = 4;
/// The longest wait that an answer may ask for.
const LONGEST: Duration = Duration::from_secs(60);

/// Why something was not had.
#[derive(Debug)]
pub struct Failure {
    pub reason: String,
    /// Whether asking again can help.
    pub passes: bool,
    /// How long the answer asks to be left alone.
    pub wait: Option<Duration>,
}

/// Asks until it is answered, a few times at most, waiting longer each time or as long as is asked.
pub async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut tried = 1;
    loop {
        match ask().await {
            Err(failure) if failure.passes && tried < TRIES => {
                let wait = failure.wait.unwrap_or(Duration::from_secs(1 << (tried - 1))).min(LONGEST);
                tracing::info!(reason = failure.reason, wait.seconds = wait.as_secs(), "asking again");
                tokio::time::sleep(wait).await;
                tried += 1;
            }
            Err(failure) if tried > 1 => {
                return Err(Failure { reason: format!("{}, {tried} times", failure.reason), ..failure });
            }
            answered => return answered,
        }
    }
}

/// What `Retry-After` says (RFC 9110, section 10.2.3), at an instant.
pub fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let seconds = || text.trim().parse().ok().map(Duration::from_secs);
    let date = || {
        let until = DateTime::parse_from_rfc2822(text.trim()).ok()?;
        Some((until.to_utc() - now).to_std().unwrap_or_default())
    };
    seconds().or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(passes: bool, wait: Option<u64>) -> Failure {
        Failure { reason: "503".into(), passes, wait: wait.map(Duration::from_secs) }
    }

    /// How often was asked, and for how many seconds was waited.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that a waiting task goes by")]
    async fn tried(passes: bool, wait: Option<u64>, good_after: u32) -> (bool, u32, u64) {
        let (begin, mut asked) = (tokio::time::Instant::now(), 0);
        let answered = patiently(async || {
            asked += 1;
            if asked > good_after { Ok(()) } else { Err(failure(passes, wait)) }
        });
        let answered = answered.await.is_ok();
        (answered, asked, begin.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_for_again_within_bounds() {
        assert_eq!(tried(true, None, 2).await, (true, 3, 1 + 2));
        assert_eq!(tried(true, None, 99).await, (false, 4, 1 + 2 + 4));
        assert_eq!(tried(true, Some(9), 1).await, (true, 2, 9));
        assert_eq!(tried(true, Some(86_400), 1).await, (true, 2, 60), "nobody is waited for all day");
        assert_eq!(tried(false, None, 1).await, (false, 1, 0));
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 12:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 11:00:30 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
