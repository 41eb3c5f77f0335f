//! What an import did, in words.

use std::fmt;

/// How many objects of a kind were new, newer, or known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub made: usize,
    pub updated: usize,
    pub kept: usize,
}

impl Counts {
    /// Counts an object and says whether it must be written.
    pub fn count<T: PartialEq>(&mut self, before: Option<&T>, after: &T) -> bool {
        let counter = match before {
            None => &mut self.made,
            Some(before) if before != after => &mut self.updated,
            Some(_) => &mut self.kept,
        };
        *counter += 1;
        before != Some(after)
    }
}

/// What was read, what was passed over and why, and what became of the rest.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub read: Vec<String>,
    pub passed_over: Vec<(String, &'static str)>,
    /// What was recorded and is not brought over, and why.
    pub refused: Vec<(String, String)>,
    /// What is there and could not be had, and why; the import is not whole then.
    pub missing: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
    pub groups: Counts,
    pub components: Counts,
    pub incidents: Counts,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.read {
            writeln!(f, "read         {name}")?;
        }
        for (name, reason) in &self.passed_over {
            writeln!(f, "passed over  {name}: {reason}")?;
        }
        for (what, reason) in &self.refused {
            writeln!(f, "refused      {what}: {reason}")?;
        }
        for what in &self.missing {
            writeln!(f, "MISSING      {what}")?;
        }
        for note in &self.notes {
            writeln!(f, "note         {note}")?;
        }
        let kinds = [("groups", self.groups), ("components", self.components), ("incidents", self.incidents)];
        for (kind, counts) in kinds {
            writeln!(f, "{kind:12} {} made, {} updated, {} kept", counts.made, counts.updated, counts.kept)?;
        }
        Ok(())
    }
}
