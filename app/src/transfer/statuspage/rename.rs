//! New ids for a copy: the same for the same page and object, so that bringing it over again
//! changes nothing.

use sha2::{Digest, Sha256};

use crate::{domain::Id, store::Whole};

const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// An id for what has the id `old` elsewhere, on the page `page`.
pub fn fresh(old: &Id, page: &str) -> Id {
    made_of(&format!("{page}/{old}"))
}

/// The id that stands for a text.
#[expect(clippy::expect_used, reason = "twelve letters and digits are always an id")]
pub fn made_of(text: &str) -> Id {
    let digest = Sha256::digest(text);
    let id: String =
        digest.iter().take(12).map(|byte| char::from(ALPHABET[usize::from(*byte) % 36])).collect();
    id.parse().expect("an id")
}

/// Gives everything on a page new ids.
pub fn all(whole: &mut Whole, page: &Id) {
    let new = |id: &mut Id| *id = fresh(id, page.as_str());
    whole.page.id = page.clone();
    for group in &mut whole.groups {
        new(&mut group.id);
        group.parent_id.iter_mut().for_each(new);
    }
    for component in &mut whole.components {
        new(&mut component.id);
        component.group_id.iter_mut().for_each(new);
    }
    for incident in &mut whole.incidents {
        new(&mut incident.id);
        // A short link leads to the original.
        incident.shortlink = None;
        incident.component_ids.iter_mut().for_each(new);
        for update in &mut incident.updates {
            new(&mut update.id);
            update.affected_components.iter_mut().for_each(|affected| new(&mut affected.code));
        }
    }
}
