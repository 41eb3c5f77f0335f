//! A pasted list of components: one a line, groups by a colon at the end.

use super::Failure;
use crate::{
    domain::page::is_control,
    store::{Change, Include, NewComponent, NewGroup, Slice},
};

/// The most lines at once.
const MOST: usize = 200;
const LONGEST: usize = 255;

/// A component's name, and its group's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub group: Option<String>,
    pub name: String,
}

/// Reads a list; the text says which line can't be, and what is allowed.
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    let (mut group, mut lines) = (None, vec![]);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches(['-', '*', '•']).trim();
        if line.is_empty() {
            group = None;
            continue;
        }
        let name = line.strip_suffix(':').unwrap_or(line).trim();
        if name.is_empty() || name.chars().count() > LONGEST || name.contains(is_control) {
            return Err(format!("Line {}: allowed is a name of 1 to {LONGEST} characters.", at + 1));
        }
        if line.ends_with(':') {
            group = Some(name.to_owned());
        } else {
            lines.push(Line { group: group.clone(), name: name.to_owned() });
        }
    }
    if lines.len() > MOST {
        return Err(format!("There are {} lines; allowed are {MOST} at once.", lines.len()));
    }
    Ok(lines)
}

/// Makes what is not there yet, behind what is. Says how many components it made.
pub async fn make(change: &mut Change, lines: Vec<Line>) -> Result<usize, Failure> {
    let all = Slice { offset: 0, limit: 5_000 };
    let mut groups = change.view().groups(all, Include::default()).await?;
    let there = change.view().components(all, Include::default()).await?;
    let mut made = 0;
    for line in lines {
        let group = match &line.group {
            None => None,
            Some(name) => match groups.iter().find(|group| group.group.name == *name) {
                Some(group) => Some(group.group.id.clone()),
                None => {
                    let position = change.next_group_position().await?;
                    let id = change
                        .create_group(NewGroup { name: name.clone(), position, ..NewGroup::default() })
                        .await?;
                    groups.push(change.view().group(&id, Include::default()).await?);
                    Some(id)
                }
            },
        };
        if there.iter().any(|one| one.component.name == line.name && one.component.group_id == group) {
            continue;
        }
        let position = change.next_position(group.as_ref()).await?;
        change
            .create_component(NewComponent { group_id: group, position, ..NewComponent::named(&line.name) })
            .await?;
        made += 1;
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_components_and_colons_groups() {
        let read = parse("Website\n\nPayments:\n- Cards\n* Wallets\n\nMail\n").unwrap();
        let told: Vec<(Option<&str>, &str)> =
            read.iter().map(|line| (line.group.as_deref(), line.name.as_str())).collect();
        assert_eq!(
            told,
            [(None, "Website"), (Some("Payments"), "Cards"), (Some("Payments"), "Wallets"), (None, "Mail")]
        );
        assert!(parse(&"a\n".repeat(201)).unwrap_err().contains("200"));
        assert!(parse(&format!("ok\n{}", "x".repeat(256))).unwrap_err().contains("Line 2"));
        assert!(parse(":").is_err() && parse("").unwrap().is_empty());
    }
}
