//! What every entry of a list has.

use crate::wire::page_file::{ComponentPart, MetricPart, RulePart, TemplatePart};

/// An entry that is known by an id or a name.
pub trait Part: Clone {
    fn id(&self) -> Option<&str>;
    fn name(&mut self) -> &mut String;
}

macro_rules! parts {
    ($($part:ty),+) => {$(
        impl Part for $part {
            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }

            fn name(&mut self) -> &mut String {
                &mut self.name
            }
        }
    )+};
}

parts!(ComponentPart, TemplatePart, MetricPart, RulePart);
