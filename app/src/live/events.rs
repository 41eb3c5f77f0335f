//! Streams of news (server-sent events, WHATWG HTML): who watches a page is told that there is
//! another version of it, and over how long to spread the fetches. What is told is said once for
//! all who listen, in bytes that they share; a stream has no task and no timer of its own.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch;

use crate::domain::{
    Id,
    certainty::Certainty,
    id::part_of,
    state::{LiveState, Version},
};

/// Streams of a page take turns in as many lanes, so that not all are woken at once when nothing
/// has happened.
const LANES: usize = 8;
/// How long a stream is silent, and a random part of how much longer: an AWS load balancer closes
/// what says nothing for 60 seconds.
const SILENCE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(10));
/// When a client comes back whose stream broke off, and a random part of how much later.
const BACK_AFTER: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(6));
/// A fetch is spread over as many milliseconds as there are streams, which is a thousand fetches a
/// second, within these bounds.
const SPREAD: std::ops::RangeInclusive<usize> = 100..=30_000;
const BEAT: Bytes = Bytes::from_static(b":\n\n");

/// Tells all who listen.
#[derive(Debug, Default)]
pub struct Hub {
    pages: Mutex<HashMap<Id, Lanes>>,
    joined: AtomicUsize,
    is_over: AtomicBool,
}

type Lanes = [watch::Sender<Said>; LANES];

/// What a lane was told last.
#[derive(Clone, Debug)]
struct Said {
    version: Version,
    certainty: Certainty,
    /// The event that tells of the version.
    news: Bytes,
    /// How many times there was news; where it did not grow, it was a sign of life.
    times: u64,
    is_over: bool,
}

impl Hub {
    /// Tells that a page is shown in this state. The same version again is news only if it is surer
    /// now, or less sure.
    pub(super) fn tell(&self, state: &LiveState) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let lanes = pages.entry(state.page.id.clone()).or_insert_with(|| lanes(state));
        let news = news(&state.version, lanes.iter().map(watch::Sender::receiver_count).sum());
        for lane in lanes.iter() {
            lane.send_if_modified(|said| {
                let is_news = said.version != state.version || said.certainty != state.certainty;
                if is_news {
                    said.version = state.version.clone();
                    said.certainty = state.certainty;
                    said.news = news.clone();
                    said.times += 1;
                }
                is_news
            });
        }
    }

    /// Ends the streams of a page that is gone.
    pub(super) fn forget(&self, page: &Id) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).remove(page);
    }

    /// A stream of the news of a page. It begins with the version that is shown, unless that is
    /// what the client heard of last.
    pub fn join(&self, state: &LiveState, last_heard: Option<&str>) -> impl Stream<Item = Bytes> + use<> {
        let turn = self.joined.fetch_add(1, Ordering::Relaxed);
        let receiver = {
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            let lanes = pages.entry(state.page.id.clone()).or_insert_with(|| lanes(state));
            lanes[turn % LANES].subscribe()
        };
        let is_over = self.is_over.load(Ordering::SeqCst);
        stream::unfold(Listener::new(receiver, last_heard, is_over), Listener::next)
    }

    /// Sends a sign of life along each lane in turn, until it is dropped.
    pub async fn beat(&self) {
        for lane in (0..LANES).cycle() {
            tokio::time::sleep(between(SILENCE).div_f64(LANES as f64)).await;
            self.beat_along(lane);
        }
    }

    /// Sends a sign of life along one lane of each page.
    fn beat_along(&self, lane: usize) {
        for lanes in self.pages.lock().unwrap_or_else(PoisonError::into_inner).values() {
            lanes[lane].send_modify(|_| {});
        }
    }

    /// Ends all streams, and those that are still begun: each client is told to come back after a
    /// while of its own.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        for lane in self.pages.lock().unwrap_or_else(PoisonError::into_inner).values().flatten() {
            lane.send_modify(|said| said.is_over = true);
        }
    }
}

fn lanes(state: &LiveState) -> Lanes {
    let said = Said {
        version: state.version.clone(),
        certainty: state.certainty,
        news: news(&state.version, 0),
        times: 0,
        is_over: false,
    };
    std::array::from_fn(|_| watch::Sender::new(said.clone()))
}

fn news(version: &Version, streams: usize) -> Bytes {
    let spread = streams.clamp(*SPREAD.start(), *SPREAD.end());
    let revision = version.revision;
    format!("id: {version}\nevent: revision\ndata: {{\"revision\":{revision},\"spread_ms\":{spread}}}\n\n")
        .into()
}

/// When to come back, as a field that the browser obeys.
fn back_after() -> String {
    format!("retry: {}\n", between(BACK_AFTER).as_millis())
}

fn between((least, more): (Duration, Duration)) -> Duration {
    least + part_of(more)
}

/// One who listens.
struct Listener {
    receiver: watch::Receiver<Said>,
    heard: u64,
    /// What is said before anything happens.
    begin: Option<Bytes>,
    is_over: bool,
}

impl Listener {
    fn new(mut receiver: watch::Receiver<Said>, last_heard: Option<&str>, is_over: bool) -> Self {
        let said = receiver.borrow_and_update();
        let is_over = is_over || said.is_over;
        let knows = is_over || last_heard.is_some_and(|last| last == said.version.to_string());
        let news = if knows { "\n".into() } else { String::from_utf8_lossy(&said.news) };
        let begin = Some(Bytes::from(back_after() + &news));
        let heard = said.times;
        drop(said);
        Self { receiver, heard, begin, is_over }
    }

    /// What is said next. News that came while a client was slow to take it is said as one.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(begin) = self.begin.take() {
            return Some((begin, self));
        }
        if self.is_over {
            return None;
        }
        let is_gone = self.receiver.changed().await.is_err();
        let (times, said) = {
            let said = self.receiver.borrow_and_update();
            self.is_over = is_gone || said.is_over;
            (said.times, said.news.clone())
        };
        let said = match times {
            _ if self.is_over => Bytes::from(back_after() + "\n"),
            times if times == self.heard => BEAT,
            _ => said,
        };
        self.heard = times;
        Some((said, self))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt, StreamExt};

    use super::*;
    use crate::domain::fixture;

    fn at(revision: i64, commit: &str) -> LiveState {
        let mut state = fixture::state();
        state.version = Version { revision, commit: fixture::id(commit) };
        state
    }

    fn text(said: Option<Option<Bytes>>) -> String {
        String::from_utf8(said.unwrap().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_listener_is_told_where_it_is_and_what_is_new_once() {
        let hub = Hub::default();
        hub.tell(&at(1, "a"));
        let mut stream = pin!(hub.join(&at(1, "a"), None));
        let begin = text(stream.next().now_or_never());
        assert!(begin.starts_with("retry: "), "{begin}");
        assert!(begin.ends_with("\nid: 1.a\nevent: revision\ndata: {\"revision\":1,\"spread_ms\":100}\n\n"));
        hub.tell(&at(1, "a"));
        assert!(stream.next().now_or_never().is_none(), "the same is no news");
        hub.tell(&LiveState { certainty: Certainty::AsOf(fixture::noon()), ..at(1, "a") });
        assert!(text(stream.next().now_or_never()).starts_with("id: 1.a\n"), "it is less sure");
        hub.tell(&at(1, "a"));
        assert!(text(stream.next().now_or_never()).starts_with("id: 1.a\n"), "it is sure again");
        hub.tell(&at(2, "b"));
        hub.tell(&at(2, "c"));
        assert!(text(stream.next().now_or_never()).starts_with("id: 2.c\n"), "the last of both");
        assert!(stream.next().now_or_never().is_none());
    }

    #[test]
    fn who_heard_the_last_is_not_told_it_again() {
        let hub = Hub::default();
        hub.tell(&at(3, "a"));
        let mut stream = pin!(hub.join(&at(3, "a"), Some("3.a")));
        let begin = text(stream.next().now_or_never());
        assert!(begin.starts_with("retry: ") && begin.ends_with("\n\n") && !begin.contains("id:"), "{begin}");
        let mut late = pin!(hub.join(&at(3, "a"), Some("2.z")));
        assert!(text(late.next().now_or_never()).contains("id: 3.a\n"));
    }

    #[test]
    fn signs_of_life_go_along_one_lane_at_a_time() {
        let hub = Hub::default();
        let state = at(1, "a");
        let mut streams: Vec<_> = (0..LANES).map(|_| Box::pin(hub.join(&state, None))).collect();
        for stream in &mut streams {
            stream.next().now_or_never().unwrap();
        }
        for lane in 0..LANES {
            hub.beat_along(lane);
            let woken: Vec<Bytes> =
                streams.iter_mut().filter_map(|stream| stream.next().now_or_never().flatten()).collect();
            assert_eq!(woken, [BEAT]);
        }
    }

    #[test]
    fn a_fetch_is_spread_over_longer_the_more_listen() {
        let spread = |streams| String::from_utf8(news(&at(1, "a").version, streams).to_vec()).unwrap();
        assert!(spread(0).contains("\"spread_ms\":100}"));
        assert!(spread(10_000).contains("\"spread_ms\":10000}"));
        assert!(spread(1_000_000).contains("\"spread_ms\":30000}"));
    }

    #[test]
    fn at_the_end_each_is_told_when_to_come_back() {
        let hub = Hub::default();
        let state = at(1, "a");
        let mut open = pin!(hub.join(&state, None));
        open.next().now_or_never().unwrap();
        hub.end();
        let mut late = pin!(hub.join(&state, None));
        for said in [open.next().now_or_never(), late.next().now_or_never()] {
            let said = text(said);
            let pause: u64 = said.trim().strip_prefix("retry: ").unwrap().parse().unwrap();
            assert!((2_000..=8_000).contains(&pause) && said.ends_with("\n\n"), "{said}");
        }
        assert_eq!(open.next().now_or_never(), Some(None));
        assert_eq!(late.next().now_or_never(), Some(None));
    }

    #[test]
    fn a_page_that_is_gone_takes_its_streams_along() {
        let hub = Hub::default();
        let mut stream = pin!(hub.join(&at(1, "a"), None));
        stream.next().now_or_never().unwrap();
        hub.forget(&at(1, "a").page.id);
        assert!(text(stream.next().now_or_never()).starts_with("retry: "));
        assert_eq!(stream.next().now_or_never(), Some(None));
    }
}
