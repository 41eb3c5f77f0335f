//! What monitoring sends, each in its own words, and what is understood of it.

mod aws;
mod hooks;

pub use aws::{SnsBody, SnsKind};
pub use hooks::{
    AlertBody, AlertmanagerAlert, AlertmanagerBody, DatadogBody, Firing, NotATransition, PagerdutyBody,
    PagerdutyData, PagerdutyEvent, PagerdutyReference,
};
