//! Reading for operators: everything there is of a page, also what visitors don't see. What belongs
//! to another page does not exist here.

mod alerts;
mod audit;
mod components;
mod incidents;
mod metrics;
mod subscribers;
mod templates;
mod uptime;

use sea_orm::DatabaseTransaction;

use super::{Change, Result, Store, convert, state::find_page};
use crate::domain::{Id, state::Page};

pub use alerts::AlertFilter;
pub use audit::{ActorName, AuditFilter};
pub use incidents::{IncidentFilter, Stage};
pub use subscribers::{SubscriberFilter, SubscriberOrder};

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    pub offset: u64,
    pub limit: u64,
}

/// Whether what was deleted is wanted too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    pub deleted: bool,
    pub drafts: bool,
}

/// One moment of the database, for reading.
#[derive(Debug)]
pub struct Moment {
    transaction: DatabaseTransaction,
    page_id: Id,
}

/// What is there of a page, within a moment or a change.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(super) on: &'a DatabaseTransaction,
    pub(super) page: &'a Id,
}

impl Store {
    /// Reads of one page; whether there is such a page shows when something of it is asked for.
    pub async fn moment(&self, page_id: &Id) -> Result<Moment> {
        Ok(Moment { transaction: self.read().await?, page_id: page_id.clone() })
    }
}

impl Moment {
    pub fn view(&self) -> View<'_> {
        View { on: &self.transaction, page: &self.page_id }
    }
}

impl Change {
    /// What the page is like with this change.
    pub fn view(&self) -> View<'_> {
        View { on: self.transaction(), page: &self.page_id }
    }
}

impl View<'_> {
    /// The page itself. `own_url` is the address of a page that has none of its own.
    pub async fn page(&self, own_url: &str) -> Result<Page> {
        convert::page(find_page(self.on, self.page).await?, own_url)
    }
}
