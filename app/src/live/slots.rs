//! How many streams may be open: in all, and for one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::telemetry::Metrics;

/// The places for open streams.
#[derive(Debug)]
pub struct Slots {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
    metrics: Metrics,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    /// Those who hold none are not listed.
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    InAll,
    /// This address has as many as one may have.
    Address,
}

impl Full {
    /// The word for it in the metrics.
    fn word(self) -> &'static str {
        match self {
            Self::InAll => "all",
            Self::Address => "address",
        }
    }
}

/// A place that is free again when this is dropped.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    address: IpAddr,
}

impl Slots {
    /// As many places in all, and as many for one address, where 0 is any number.
    pub fn new(most: usize, most_per_address: usize, metrics: Metrics) -> Arc<Self> {
        let most_per_address = if most_per_address == 0 { most } else { most_per_address };
        Arc::new(Self { most, most_per_address, taken: Mutex::default(), metrics })
    }

    /// Takes a place for an address, which is already cut to what is counted as one.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Slot, Full> {
        let taken = self.try_take(address);
        match taken {
            Ok(()) => self.metrics.stream_opened(),
            Err(full) => self.metrics.stream_refused(full.word()),
        }
        taken.map(|()| Slot { slots: self.clone(), address })
    }

    fn try_take(&self, address: IpAddr) -> Result<(), Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.in_all >= self.most {
            return Err(Full::InAll);
        }
        if taken.by_address.get(&address).is_some_and(|held| *held >= self.most_per_address) {
            return Err(Full::Address);
        }
        *taken.by_address.entry(address).or_default() += 1;
        taken.in_all += 1;
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.in_all -= 1;
        if let Some(held) = taken.by_address.get_mut(&self.address) {
            *held -= 1;
            if *held == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        self.slots.metrics.stream_closed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn slots(most: usize, most_per_address: usize) -> Arc<Slots> {
        Slots::new(most, most_per_address, Metrics::new(&[]).unwrap())
    }

    #[test]
    fn places_are_taken_and_given_back() {
        let slots = slots(3, 2);
        let first = slots.take(address(1)).unwrap();
        let _second = slots.take(address(1)).unwrap();
        assert_eq!(slots.take(address(1)).err(), Some(Full::Address));
        let _other = slots.take(address(2)).unwrap();
        assert_eq!(slots.take(address(3)).err(), Some(Full::InAll));
        drop(first);
        drop(slots.take(address(3)).unwrap());
        assert_eq!(slots.taken.lock().unwrap().by_address.len(), 2, "who holds none is forgotten");
        let text = String::from_utf8(slots.metrics.text(&[]).unwrap()).unwrap();
        assert!(text.contains("pharos_event_streams 2\n"), "{text}");
        assert!(text.contains("pharos_event_streams_refused_total{reason=\"address\"} 1"), "{text}");
        assert!(text.contains("pharos_event_streams_refused_total{reason=\"all\"} 1"), "{text}");
    }

    #[test]
    fn none_at_all_and_any_number_for_one() {
        assert_eq!(slots(0, 0).take(address(1)).err(), Some(Full::InAll));
        let slots = slots(50, 0);
        let held: Vec<Slot> = (0..50).map(|_| slots.take(address(1)).unwrap()).collect();
        assert_eq!(held.len(), 50);
    }
}
