//! What somebody may do for the groups that another system has them in.

use super::role::Role;

/// Which groups have which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<(String, Role)>);

impl Roles {
    pub fn new(mapping: Vec<(String, Role)>) -> Self {
        Self(mapping)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The role that allows most among those of these groups.
    pub fn of(&self, groups: &[String]) -> Option<Role> {
        let held =
            |role: &Role| self.0.iter().any(|(group, of_group)| of_group == role && groups.contains(group));
        Role::ALL.into_iter().find(held)
    }
}

/// Reads `GROUP=ROLE`.
pub fn mapping(text: &str) -> Result<(String, Role), String> {
    let parted = text.rsplit_once('=').map(|(group, role)| (group.trim(), Role::parse(role.trim())));
    match parted {
        Some((group, Some(role))) if !group.is_empty() => Ok((group.to_owned(), role)),
        _ => {
            let roles = Role::ALL.map(Role::as_str).join(", ");
            Err(format!("allowed are GROUP=ROLE between commas, the roles being {roles}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_roles_the_greatest_holds() {
        let of = ["all=viewer", "on call = responder", "a=b=admin"].map(|text| mapping(text).unwrap());
        let roles = Roles::new(of.to_vec());
        let role =
            |groups: &[&str]| roles.of(&groups.iter().map(|group| (*group).to_owned()).collect::<Vec<_>>());
        assert_eq!(role(&["all", "on call"]), Some(Role::Responder));
        assert_eq!((role(&["a=b", "all"]), role(&["others"]), role(&[])), (Some(Role::Admin), None, None));
        for wrong in ["", "all", "=viewer", "all=king"] {
            assert!(mapping(wrong).unwrap_err().contains("GROUP=ROLE"), "{wrong}");
        }
    }
}
