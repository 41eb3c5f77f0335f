//! The pages that visitors see: pure functions from what a page says now to HTML. Each is one
//! document that can be read without a script and without a second request.

pub(super) mod assets;
mod bar;
mod calendar;
mod chart;
mod components;
mod days;
mod detail;
mod dress;
mod error;
pub(super) mod front;
mod group;
pub(super) mod headline;
mod history;
mod incidents;
mod languages;
pub(super) mod layout;
mod linked;
mod metrics;
mod past;
mod permalink;
mod previews;
pub(super) mod raw;
#[cfg(test)]
pub(super) mod sample;
mod scale;
mod subscribe;
pub(super) mod tone;
mod tree;
pub(super) mod view;

pub use assets::{Script, csp};
pub use calendar::{Known, calendar, first_with_uptime};
pub use detail::component;
pub use dress::policy;
pub use error::{ErrorPage, error};
pub use front::front;
pub use group::group;
pub use headline::verdict;
pub use history::{Listed, found, hint, history};
pub use metrics::metric;
pub use permalink::incident;

#[cfg(test)]
mod tests;
