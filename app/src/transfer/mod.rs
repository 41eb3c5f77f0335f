//! Bringing pages over from elsewhere, and making one up for trying out.

pub mod demo;
pub mod statuspage;
