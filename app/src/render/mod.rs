//! From a live state to text or pictures, pure: pages for people, documents for machines.

pub mod appointment;
pub mod badges;
pub mod console;
pub mod crawlers;
pub mod embed;
pub mod feeds;
pub mod groups;
pub mod history;
pub mod icons;
pub mod letters;
pub mod metrics_display;
pub mod oembed;
pub mod openapi;
pub mod page;
pub mod picture;
mod plain;
pub mod raster;
pub mod reference;
pub mod statuspage;
