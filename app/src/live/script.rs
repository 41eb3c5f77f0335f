//! The pages' one script, under a name that says its content.

use std::sync::LazyLock;

use chrono::DateTime;

use super::{Artefact, MediaType};
use crate::render::page;

static ARTEFACT: LazyLock<Artefact> = LazyLock::new(|| {
    // Its name changes with its content, so no date could say more.
    Artefact::new(MediaType::Script, page::script().to_owned(), DateTime::UNIX_EPOCH)
});

pub fn path() -> &'static str {
    page::script_path()
}

pub fn artefact() -> &'static Artefact {
    &ARTEFACT
}
