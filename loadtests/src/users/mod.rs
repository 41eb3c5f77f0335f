//! Who comes.

pub mod clients;
pub mod machines;
pub mod operators;
pub mod visitors;
pub mod watchers;

use std::{
    collections::{BTreeMap, HashMap},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use goose::prelude::*;

/// What a transaction of goose is.
pub type Asking<'a> = Pin<Box<dyn Future<Output = TransactionResult> + Send + 'a>>;

/// What the management API asks for.
#[derive(Clone, Debug)]
pub struct Keys {
    pub token: Arc<str>,
    /// The path of the page.
    pub page: Arc<str>,
}

impl Keys {
    pub fn new(token: &str, page: &str) -> Self {
        Self { token: token.into(), page: format!("/v1/pages/{page}").into() }
    }
}

/// The entity tags of what a user had before, by path.
#[derive(Clone, Debug, Default)]
struct Had(HashMap<String, String>);

/// A number that differs from draw to draw, the same in each run: what is drawn is no secret.
fn draw(of: usize) -> usize {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    let mut z = DRAWN.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    // The mixing step of splitmix64.
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize % of.max(1)
}

/// One of these, as often as its weight says.
fn of_weighted(weights: &BTreeMap<String, usize>) -> &str {
    let mut left = draw(weights.values().sum());
    for (one, weight) in weights {
        if left < *weight {
            return one;
        }
        left -= weight;
    }
    ""
}
