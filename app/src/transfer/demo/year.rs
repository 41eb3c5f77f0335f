//! A year of incidents: which story befalls whom, and when. The same for the same `now`.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    mix,
    scene::{Beat, Scene},
    stories::{STORIES, Step, Story},
};

/// Incidents before the last weeks.
const EARLIER: usize = 39;
/// The oldest incident is at most this old, and the others follow at this distance, each later by
/// less than [`SPREAD`]: two of them are always days apart, and the newest of them is older than
/// those in [`RECENT`].
const OLDEST: TimeDelta = TimeDelta::days(363);
const DISTANCE_DAYS: i64 = 9;
const SPREAD: TimeDelta = TimeDelta::hours(140);
/// How many minutes ago the incidents of the last 15 days began. They leave room for the
/// maintenance of five days ago.
const RECENT: [i64; 5] = [18_877, 14_949, 11_113, 4_921, 2_288];

const REGIONS: [&str; 3] = ["eu-west", "us-east", "ap-south"];
/// How long a story takes in hundredths of what is written, by how often it was told before.
const STRETCHES: [i64; 3] = [100, 75, 130];

/// All incidents that are over.
pub fn scenes(now: DateTime<Utc>) -> Vec<Scene> {
    let earlier = (0..EARLIER).map(|index| began(index, now));
    let recent = RECENT.into_iter().map(|minutes| now - TimeDelta::minutes(minutes));
    earlier.chain(recent).enumerate().filter_map(|(index, at)| scene(index, at)).collect()
}

fn began(index: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let places = i64::try_from(index).unwrap_or(i64::MAX);
    now - OLDEST + TimeDelta::days(DISTANCE_DAYS * places) + within(SPREAD, index)
}

/// A time shorter than `whole`, the same for the same `index`.
fn within(whole: TimeDelta, index: usize) -> TimeDelta {
    TimeDelta::seconds((mix(index) % 1_000_000) * whole.num_seconds() / 1_000_000)
}

fn scene(index: usize, began: DateTime<Utc>) -> Option<Scene> {
    let number = index % STORIES.len();
    let story = STORIES.get(number)?;
    let telling = Telling::of(story, number, index / STORIES.len(), began)?;
    let beats = story.steps.iter().enumerate().map(|(place, step)| Beat {
        at: telling.at(place, step),
        status: step.status,
        moves: step.moves,
        body: telling.say(step.says),
    });
    Some(Scene { name: telling.say(story.titles), cast: telling.cast, window: None, beats: beats.collect() })
}

/// A story with everything that differs from one time it is told to the next.
struct Telling {
    /// How often it was told before.
    pass: usize,
    cast: &'static [&'static str],
    region: &'static str,
    stretch: i64,
    /// When the first update was posted.
    began: DateTime<Utc>,
    /// When the trouble began: nobody notices at once.
    from: DateTime<Utc>,
    /// When all was well again.
    until: DateTime<Utc>,
}

impl Telling {
    fn of(story: &Story, number: usize, pass: usize, began: DateTime<Utc>) -> Option<Self> {
        let mut telling = Self {
            pass,
            cast: *turn(story.casts, pass)?,
            region: *turn(&REGIONS, number + pass)?,
            stretch: *turn(&STRETCHES, pass)?,
            began,
            from: began - TimeDelta::minutes(4) - within(TimeDelta::minutes(9), number + pass),
            until: began,
        };
        let last = story.steps.iter().enumerate().rfind(|(_, step)| !step.moves.is_empty());
        telling.until = last.map_or(began, |(place, step)| telling.at(place, step));
        Some(telling)
    }

    /// People do not write on the minute.
    fn at(&self, place: usize, step: &Step) -> DateTime<Utc> {
        let seconds = step.minute * 60 * self.stretch / 100;
        let late =
            if place == 0 { TimeDelta::zero() } else { within(TimeDelta::minutes(1), place + self.pass) };
        self.began + TimeDelta::seconds(seconds) + late
    }

    fn say(&self, variants: &[&str]) -> String {
        let clock = |at: DateTime<Utc>| at.format("%H:%M").to_string();
        let text = turn(variants, self.pass).copied().unwrap_or_default();
        let text = text.replace("{from}", &clock(self.from)).replace("{until}", &clock(self.until));
        let text = text.replace("{region}", self.region);
        let cast = self.cast.iter().enumerate();
        cast.fold(text, |text, (slot, name)| text.replace(&format!("{{{slot}}}"), name))
    }
}

/// The one whose turn it is.
fn turn<T>(all: &[T], pass: usize) -> Option<&T> {
    all.get(pass.checked_rem(all.len())?)
}
