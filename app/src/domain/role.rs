//! What people may do, in the whole installation or on one page.

use serde::{Deserialize, Serialize};

use super::token::{Scope, Scopes};

/// Most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything; there is always one.
    Owner,
    /// Everything.
    Admin,
    /// Incidents, maintenances and the statuses of components.
    Responder,
    /// The page itself: its settings, components, metrics and subscribers.
    Editor,
    /// Reads.
    Viewer,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Responder, Self::Editor, Self::Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Responder => "responder",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// What it allows; who does not hold all of it can't give it, nor take it away.
    pub fn scopes(self) -> Scopes {
        let some: &[Scope] = match self {
            Self::Owner | Self::Admin => return Scopes::all(),
            Self::Responder => &[
                Scope::Read,
                Scope::ComponentsWrite,
                Scope::IncidentsWrite,
                Scope::MaintenancesWrite,
                Scope::AlertsWrite,
            ],
            Self::Editor => &[
                Scope::Read,
                Scope::PageWrite,
                Scope::ComponentsWrite,
                Scope::MetricsWrite,
                Scope::SubscribersRead,
                Scope::SubscribersWrite,
            ],
            Self::Viewer => &[Scope::Read],
        };
        some.iter().copied().collect()
    }

    /// Whether it lets the page itself be changed.
    pub fn configures(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Editor)
    }

    /// Whether it lets incidents and maintenances be run.
    pub fn responds(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Responder)
    }

    /// The role that does this and nothing more.
    pub fn that(configures: bool, responds: bool) -> Self {
        match (configures, responds) {
            (true, true) => Self::Admin,
            (true, false) => Self::Editor,
            (false, true) => Self::Responder,
            (false, false) => Self::Viewer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_abilities_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            let same = Role::that(role.configures(), role.responds());
            assert_eq!(same, if role == Role::Owner { Role::Admin } else { role });
            assert!(role.scopes().has(Scope::Read) && Role::Owner.scopes().holds(role.scopes()));
        }
        assert!(
            !Role::Editor.scopes().has(Scope::IncidentsWrite)
                && !Role::Responder.scopes().has(Scope::PageWrite)
        );
    }
}
