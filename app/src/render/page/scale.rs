//! The axis of a chart: which values it spans, and the round ones that are named beside it.

use crate::domain::metric::{Bucket, MOST_DECIMALS, total};

/// The most values that are named.
const MOST_TICKS: usize = 4;
/// Round steps within a power of ten, and the decimals that each needs.
const STEPS: [(f64, i32); 4] = [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0)];
/// Less than this part of a value is no difference, and less than this is nothing.
const NOTHING: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// Lowest first.
    pub ticks: Vec<f64>,
    /// How many decimals the ticks need.
    pub decimals: u8,
}

impl Scale {
    /// An axis that holds all of `buckets`; its ends are round, unless they are given. It begins at
    /// zero unless that would leave most of it empty, so that a small difference looks small.
    pub fn of(buckets: &[Bucket], least: Option<f64>, most: Option<f64>) -> Self {
        let (low, high) = extent(buckets);
        let (wanted_low, wanted_high) = (least.unwrap_or(low), most.unwrap_or(high));
        let fits = wanted_high - wanted_low > NOTHING * wanted_high.abs().max(wanted_low.abs()).max(NOTHING);
        let (low, high, least, most) =
            if fits { (wanted_low, wanted_high, least, most) } else { (low, high, None, None) };
        let steps = steps(high - low).map(|(step, decimals)| {
            // What is a step by all but the last digits is one.
            let (begin, end) = (low / step, high / step);
            let first = if least.is_some() { (begin - NOTHING).ceil() } else { (begin + NOTHING).floor() };
            let last = if most.is_some() { (end + NOTHING).floor() } else { (end - NOTHING).ceil() };
            let count = std::iter::successors(Some(first), |at| Some(at + 1.0)).take_while(|at| *at <= last);
            (count.take(MOST_TICKS + 1).map(|at| at * step).collect::<Vec<f64>>(), decimals)
        });
        let round = steps.into_iter().find(|(ticks, _)| ticks.len() <= MOST_TICKS);
        let (ticks, decimals) = round.unwrap_or((vec![], 0));
        Self {
            low: ticks.first().map_or(low, |tick| tick.min(low)),
            high: ticks.last().map_or(high, |tick| tick.max(high)),
            ticks,
            decimals,
        }
    }

    /// How far below the top a value stands, from 0 to 1.
    pub fn depth(&self, value: f64) -> f64 {
        let depth = (self.high - value) / (self.high - self.low);
        if depth.is_nan() { 1.0 } else { depth.clamp(0.0, 1.0) }
    }
}

/// The values that an axis has to hold: never none, and never only one.
fn extent(buckets: &[Bucket]) -> (f64, f64) {
    let (low, high) = total(buckets).map_or((0.0, 0.0), |total| (total.min, total.max));
    let size = low.abs().max(high.abs());
    let constant = high - low <= NOTHING * size;
    match (low, high) {
        _ if size < NOTHING => (0.0, 1.0),
        (low, high) if low >= 0.0 && (constant || low <= 0.75 * high) => (0.0, high),
        (low, high) if high <= 0.0 && (constant || high >= 0.75 * low) => (low, 0.0),
        extent => extent,
    }
}

/// Round steps for a span, smallest first, from one of which it has a few.
fn steps(span: f64) -> impl Iterator<Item = (f64, u8)> {
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm of an f64 is below 400")]
    let first = span.log10().floor() as i32 - 1;
    (first..first + 4).flat_map(|power| {
        STEPS.map(|(step, decimals)| {
            let decimals = (decimals - power).clamp(0, i32::from(MOST_DECIMALS));
            (step * 10_f64.powi(power), u8::try_from(decimals).unwrap_or(0))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(low: f64, high: f64) -> [Bucket; 2] {
        let bucket = |at, value| Bucket { at, count: 1, sum: value, min: value, max: value };
        [bucket(0, low), bucket(60, high)]
    }

    fn ticks(low: f64, high: f64) -> (Vec<f64>, u8) {
        let scale = Scale::of(&span(low, high), None, None);
        (scale.ticks, scale.decimals)
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(67.0, 118.0), (vec![0.0, 50.0, 100.0, 150.0], 0));
        assert_eq!(ticks(0.71, 1.24), (vec![0.0, 0.5, 1.0, 1.5], 1));
        assert_eq!(ticks(97.2, 100.0), (vec![97.0, 98.0, 99.0, 100.0], 0));
        assert_eq!(ticks(99.91, 100.0), (vec![99.9, 99.95, 100.0], 2));
        assert_eq!(ticks(-8.0, 3.0).0, [-10.0, -5.0, 0.0, 5.0]);
        assert_eq!(ticks(-30.0, -2.0).0, [-30.0, -20.0, -10.0, 0.0]);
        assert_eq!(ticks(0.0, 1e18).0.last(), Some(&1e18));
    }

    #[test]
    fn one_value_or_none_have_an_axis_too() {
        assert_eq!(ticks(0.0, 0.0).0.last(), Some(&1.0));
        assert_eq!(Scale::of(&[], None, None).low, 0.0);
        assert_eq!(ticks(100.0, 100.0).0, [0.0, 50.0, 100.0]);
        assert_eq!(ticks(-4.0, -4.0).0, [-4.0, -2.0, 0.0]);
    }

    #[test]
    fn given_ends_are_kept_unless_they_make_no_sense() {
        let scale = Scale::of(&span(80.0, 120.0), Some(45.0), Some(205.0));
        assert_eq!((scale.low, scale.high), (45.0, 205.0));
        assert_eq!(scale.ticks, [50.0, 100.0, 150.0, 200.0]);
        assert_eq!((scale.depth(1_000.0), scale.depth(-3.0), scale.depth(205.0)), (0.0, 1.0, 0.0));
        let turned = Scale::of(&span(80.0, 120.0), Some(9.0), Some(9.0));
        assert_eq!(turned.ticks, [0.0, 50.0, 100.0, 150.0]);
    }

    proptest! {
        #[test]
        fn every_axis_holds_its_values(one in -1e18..1e18, more in prop_oneof![0.0..1e18, 0.0..1e-6, Just(0.0)], scaled in 0..30) {
            let shrink = 10_f64.powi(scaled);
            let (low, high) = (one / shrink, (one + more) / shrink);
            let scale = Scale::of(&span(low, high), None, None);
            let holds = scale.low <= low && high <= scale.high;
            // What is next to nothing is drawn as nothing.
            let nothing = low.abs().max(high.abs()) < NOTHING;
            prop_assert!(scale.low < scale.high && (holds || nothing), "{:?}", scale);
            prop_assert!((2..=4).contains(&scale.ticks.len()), "{:?}", scale);
            prop_assert!(scale.ticks.windows(2).all(|pair| pair[0] < pair[1]));
            for value in [low, high, f64::NAN, f64::INFINITY, -1e300] {
                prop_assert!((0.0..=1.0).contains(&scale.depth(value)));
            }
        }
    }
}
