//! Where things stand among each other: as a file lists them.

use std::collections::HashMap;

use crate::domain::Id;

/// The places of what stands in one list, where they are to change. `held` is what stands there now
/// with its position, in the order that visitors see; `wanted` is what a file lists of it, and what
/// is to come to it. What is not in the file keeps its place between the others.
pub fn places(held: &[(Id, i32)], wanted: &[Id]) -> HashMap<Id, i32> {
    let order = merged(held, wanted);
    let before: HashMap<&Id, i32> = held.iter().map(|(id, position)| (id, *position)).collect();
    let staying = order.iter().take_while(|id| before.contains_key(id)).count();
    let stay: Vec<&Id> = order.iter().take(staying).collect();
    // As long as everybody keeps their order and newcomers stand at the end, nobody has to move.
    if stay.into_iter().eq(held.iter().map(|(id, _)| id)) {
        let last = held.iter().map(|(_, position)| *position).max().unwrap_or(0);
        return order.into_iter().skip(staying).zip(last.saturating_add(1)..).collect();
    }
    order.into_iter().zip(1..).filter(|(id, place)| before.get(id) != Some(place)).collect()
}

/// All of it in its new order.
fn merged(held: &[(Id, i32)], wanted: &[Id]) -> Vec<Id> {
    let is_held = |id: &Id| held.iter().any(|(other, _)| other == id);
    let mut listed = wanted.iter().filter(|id| is_held(id));
    let mut order: Vec<Id> = vec![];
    for (id, _) in held {
        let place = if wanted.contains(id) { listed.next() } else { Some(id) };
        order.extend(place.cloned());
    }
    for (at, newcomer) in wanted.iter().enumerate().filter(|(_, id)| !is_held(id)) {
        let behind = at.checked_sub(1).and_then(|before| wanted.get(before));
        let place = match behind.and_then(|before| order.iter().position(|id| id == before)) {
            Some(place) => place + 1,
            None => order.iter().position(|id| wanted.contains(id)).unwrap_or(order.len()),
        };
        order.insert(place, newcomer.clone());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        text.parse().unwrap()
    }

    fn moved(held: &[(&str, i32)], wanted: &[&str]) -> Vec<(String, i32)> {
        let held: Vec<_> = held.iter().map(|(text, position)| (id(text), *position)).collect();
        let wanted: Vec<_> = wanted.iter().map(|text| id(text)).collect();
        let mut moved: Vec<_> =
            places(&held, &wanted).into_iter().map(|(id, place)| (id.to_string(), place)).collect();
        moved.sort();
        moved
    }

    fn told(moved: &[(&str, i32)]) -> Vec<(String, i32)> {
        moved.iter().map(|(text, place)| ((*text).to_owned(), *place)).collect()
    }

    #[test]
    fn nobody_moves_without_need() {
        assert_eq!(moved(&[("a", 3), ("b", 7), ("c", 7)], &["a", "b", "c"]), told(&[]));
        assert_eq!(moved(&[("a", 3), ("x", 5), ("b", 7)], &["a", "b"]), told(&[]));
        assert_eq!(moved(&[("a", 3), ("x", 5)], &["a", "b"]), told(&[("a", 1), ("b", 2), ("x", 3)]));
        assert_eq!(moved(&[("x", 5), ("a", 6)], &["a", "b", "c"]), told(&[("b", 7), ("c", 8)]));
        assert_eq!(moved(&[], &["a", "b"]), told(&[("a", 1), ("b", 2)]));
        assert_eq!(moved(&[("x", 4)], &["a"]), told(&[("a", 5)]));
    }

    #[test]
    fn the_order_of_the_file_is_that_of_the_page() {
        assert_eq!(moved(&[("a", 1), ("b", 2)], &["b", "a"]), told(&[("a", 2), ("b", 1)]));
        assert_eq!(moved(&[("a", 1), ("b", 2)], &["n", "a", "b"]), told(&[("a", 2), ("b", 3), ("n", 1)]));
        assert_eq!(moved(&[("a", 1), ("x", 2), ("b", 3)], &["b", "a"]), told(&[("a", 3), ("b", 1)]));
        // Once done, it is done.
        assert_eq!(moved(&[("b", 1), ("x", 2), ("a", 3)], &["b", "a"]), told(&[]));
    }
}
