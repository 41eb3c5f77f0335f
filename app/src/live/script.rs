//! The pages' scripts, each under a name that says its content.

use std::sync::LazyLock;

use chrono::DateTime;

use super::{Artefact, MediaType};
pub use crate::render::page::Script;

static ARTEFACTS: LazyLock<Vec<Artefact>> = LazyLock::new(|| {
    // Their names change with their content, so no date could say more.
    let artefact =
        |script: Script| Artefact::new(MediaType::Script, script.text().to_owned(), DateTime::UNIX_EPOCH);
    Script::ALL.map(artefact).into()
});

impl Script {
    /// The script as it is sent.
    pub fn artefact(self) -> &'static Artefact {
        &ARTEFACTS[self as usize]
    }
}
