//! The pages that visitors see: pure functions from what a page says now to HTML. Each is one
//! document that can be read without a script and without a second request.

mod assets;
mod bar;
mod components;
mod days;
mod detail;
mod error;
mod front;
mod headline;
mod incidents;
mod layout;
mod past;
mod permalink;
mod raw;
#[cfg(test)]
mod sample;
mod tone;
mod tree;
mod view;

pub use assets::{csp, script, script_path};
pub use detail::component;
pub use error::{ErrorPage, error};
pub use front::front;
pub use permalink::incident;

#[cfg(test)]
mod tests;
