//! What entries of a file and names in it stand for.

use std::collections::HashSet;

use crate::domain::Id;

/// Something by what it is known.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: Id,
    pub name: String,
    /// The group that it stands in.
    pub within: Option<Id>,
}

/// What of one kind is on the page, and which of it entries of the file stand for.
#[derive(Debug)]
pub struct Held {
    pub kind: &'static str,
    pub known: Vec<Known>,
    claimed: HashSet<Id>,
    /// The names of entries without an id, by place.
    named: HashSet<(String, Option<Id>)>,
}

/// What an entry stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    There(Id),
    New(Id),
}

impl Found {
    pub fn id(&self) -> &Id {
        match self {
            Self::There(id) | Self::New(id) => id,
        }
    }
}

impl Held {
    pub fn new(kind: &'static str, known: Vec<Known>) -> Self {
        Self { kind, known, claimed: HashSet::new(), named: HashSet::new() }
    }

    /// An entry with an id stands for that alone. To be called for all of these before the others.
    pub fn claim(&mut self, id: &str) -> Result<(), String> {
        let id: Id = id.parse().map_err(|error: crate::domain::id::NotAnId| error.to_string())?;
        match self.claimed.insert(id) {
            true => Ok(()),
            false => Err("another entry has this id".into()),
        }
    }

    /// What an entry stands for: what has its id; else what is called so where it stands; else the
    /// only one that is called so, if this is the only entry with this name; else something new.
    pub fn find(
        &mut self,
        id: Option<&str>,
        name: &str,
        within: Option<&Id>,
        alone: bool,
    ) -> Result<Found, String> {
        if let Some(id) = id.and_then(|id| id.parse::<Id>().ok()) {
            let there = self.known.iter().any(|known| known.id == id);
            return Ok(if there { Found::There(id) } else { Found::New(id) });
        }
        if !self.named.insert((name.to_owned(), within.cloned())) {
            let kind = self.kind;
            return Err(format!("another {kind} is called so in the same place; give both an id"));
        }
        let called = |known: &&Known| known.name == name && !self.claimed.contains(&known.id);
        let called: Vec<&Known> = self.known.iter().filter(called).collect();
        let mut meant: Vec<&Known> =
            called.iter().copied().filter(|known| known.within.as_ref() == within).collect();
        if meant.is_empty() && alone {
            meant = called;
        }
        let kind = self.kind;
        match meant.as_slice() {
            [] => Ok(Found::New(Id::random())),
            [one] => {
                let id = one.id.clone();
                self.claimed.insert(id.clone());
                Ok(Found::There(id))
            }
            _ => Err(format!("several are called so on the page; say the id of the {kind} that is meant")),
        }
    }

    /// What no entry stands for.
    pub fn others(&self) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(|known| !self.claimed.contains(&known.id))
    }
}

/// Names as other entries use them.
#[derive(Debug, Default)]
pub struct Names {
    kind: &'static str,
    names: Vec<(Id, String)>,
}

impl Names {
    pub fn new(kind: &'static str, names: Vec<(Id, String)>) -> Self {
        Self { kind, names }
    }

    /// What a name or an id stands for.
    pub fn find(&self, text: &str) -> Result<Id, String> {
        if let Some((id, _)) = self.names.iter().find(|(id, _)| id.as_str() == text) {
            return Ok(id.clone());
        }
        let called: Vec<&Id> = self.names.iter().filter(|(_, name)| name == text).map(|(id, _)| id).collect();
        let kind = self.kind;
        match called.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(format!("no {kind} is called so; allowed is the name or the id of one")),
            _ => Err(format!("several are called so; allowed is the id of the {kind} that is meant")),
        }
    }

    /// What a file says for an id: its name, if it is the only one that is called so.
    pub fn of(&self, id: &Id) -> String {
        let name = self.names.iter().find(|(known, _)| known == id).map(|(_, name)| name);
        let alone = |name: &&String| self.find(name).is_ok_and(|found| found == *id);
        name.filter(alone).cloned().unwrap_or_else(|| id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: &str, name: &str, within: Option<&str>) -> Known {
        let within = within.map(|id| id.parse().unwrap());
        Known { id: id.parse().unwrap(), name: name.into(), within }
    }

    fn there(id: &str) -> Found {
        Found::There(id.parse().unwrap())
    }

    #[test]
    fn an_entry_is_known_by_its_id_or_by_its_name() {
        let eu: Id = "eu".parse().unwrap();
        let all = vec![known("a", "API", Some("eu")), known("b", "API", Some("us")), known("c", "Web", None)];
        let mut held = Held::new("component", all);
        held.claim("c").unwrap();
        assert!(held.claim("c").unwrap_err().contains("another entry"));
        assert!(held.claim("no id").unwrap_err().contains("1 to 64"));
        assert_eq!(held.find(Some("c"), "Website", None, true), Ok(there("c")));
        assert_eq!(held.find(Some("d"), "Website", None, true), Ok(Found::New("d".parse().unwrap())));
        // A second one elsewhere does not take what is there.
        assert!(matches!(held.find(None, "API", None, false), Ok(Found::New(_))));
        assert_eq!(held.find(None, "API", Some(&eu), false), Ok(there("a")));
        assert!(held.find(None, "API", Some(&eu), false).unwrap_err().contains("give both an id"));
        // The only one moves.
        assert_eq!(held.find(None, "API", Some(&"asia".parse().unwrap()), true), Ok(there("b")));
        assert!(matches!(held.find(None, "Web", None, true), Ok(Found::New(_))), "the other one has its id");
        assert_eq!(held.others().count(), 0);
    }

    #[test]
    fn a_name_stands_for_one_alone() {
        let names = [("a", "API"), ("b", "API"), ("c", "Web")];
        let names = names.map(|(id, name)| (id.parse().unwrap(), name.to_owned())).to_vec();
        let names = Names::new("component", names);
        assert_eq!(names.find("Web").unwrap().as_str(), "c");
        assert_eq!(names.find("b").unwrap().as_str(), "b");
        assert!(names.find("API").unwrap_err().contains("several"));
        assert!(names.find("Mail").unwrap_err().contains("no component is called so"));
        assert_eq!(names.of(&"a".parse().unwrap()), "a");
        assert_eq!(names.of(&"c".parse().unwrap()), "Web");
    }
}
