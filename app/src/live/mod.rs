//! What visitors are answered from: everything is in memory, made before anyone asks.

mod archive;
mod artefact;
mod aside;
mod doubt;
mod events;
mod health;
mod lastgood;
mod life;
mod outage;
mod refresh;
mod restored;
mod script;
mod share;
mod siblings;
mod site;
mod slots;
mod snapshot;
mod surface;

pub use archive::{Answer, Archive, ArchiveError, Form, Question};
pub use artefact::{Artefact, Coding, MediaType, Variant, brotli};
pub use aside::{Aside, BadgeForm, Subject, description, reference};
pub use events::Hub;
pub use lastgood::LastGood;
pub use life::Life;
pub use outage::Source;
pub use refresh::{Parts, Refresher};
pub use script::Script;
pub use siblings::{PATH as SIBLINGS_PATH, Siblings, is_sibling};
pub use site::{NoPage, Site};
pub use slots::{Full, Slot, Slots};
pub use snapshot::{Snapshot, undressed};
pub use surface::{Screen, Surface};

/// What is shown is made by `render`; who answers need only know its names.
pub use crate::render::{
    feeds::{Feed, Scope},
    oembed::{Size as Frame, Target},
    openapi::openapi,
    page::ErrorPage,
    statuspage::Endpoint,
};
