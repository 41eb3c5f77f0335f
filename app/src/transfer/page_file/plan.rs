//! What is to be done, as people read it.

use std::fmt;

use super::differences::{Difference, shown};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Make,
    Change,
    Remove,
}

/// One thing that is made, changed or removed.
#[derive(Clone, Debug)]
pub struct Step {
    pub sign: Sign,
    /// What it is and what it is called: `component "API"`.
    pub what: String,
    pub differences: Vec<Difference>,
}

/// All of it, in the order in which it is done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What is on the page and not in the file, and stays.
    pub others: Vec<String>,
}

/// The most others that are named.
const MOST_NAMED: usize = 20;

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn count(&self, sign: Sign) -> usize {
        self.steps.iter().filter(|step| step.sign == sign).count()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let sign = match step.sign {
                Sign::Make => '+',
                Sign::Change => '~',
                Sign::Remove => '-',
            };
            writeln!(f, "{sign} {}", step.what)?;
            for difference in &step.differences {
                let (before, after) = (shown(&difference.before), shown(&difference.after));
                match step.sign {
                    Sign::Make => writeln!(f, "    {}: {after}", difference.field)?,
                    _ => writeln!(f, "    {}: {before} -> {after}", difference.field)?,
                }
            }
        }
        if !self.others.is_empty() {
            let named = self.others.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = self.others.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(f, "Not in the file, and removed by --prune alone: {named}{more}.")?;
        }
        match (self.is_empty(), self.others.is_empty()) {
            (true, true) => return writeln!(f, "Nothing to do: the page is as the file says."),
            (true, false) => return writeln!(f, "Nothing else to do: what the file names is as it says."),
            (false, _) => {}
        }
        writeln!(
            f,
            "{} to make, {} to change, {} to remove.",
            self.count(Sign::Make),
            self.count(Sign::Change),
            self.count(Sign::Remove)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_not_said_to_be_in_the_file() {
        let same = Plan::default();
        assert_eq!(same.to_string(), "Nothing to do: the page is as the file says.\n");
        let others = Plan { others: vec!["component \"API\"".into()], ..Plan::default() }.to_string();
        assert!(others.starts_with("Not in the file, and removed by --prune alone: component \"API\".\n"));
        assert!(others.ends_with("\nNothing else to do: what the file names is as it says.\n"), "{others}");
    }
}
