//! From a live state to text, pure: pages for people, documents for machines.

pub mod page;
pub mod statuspage;
