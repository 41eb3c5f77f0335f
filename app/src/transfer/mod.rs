//! Bringing pages over from elsewhere, taking everything out and putting it back, and making a page
//! up for trying out.

pub mod archive;
pub mod demo;
pub mod page_file;
mod progress;
pub mod site;
pub mod statuspage;
