//! The people who run the pages, and what they may do.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Id, record, role::Role},
    wire::Stamp,
};

/// The installation.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Organization {
    pub id: Id,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct User {
    pub id: Id,
    pub organization_id: Id,
    pub email: String,
    /// The name up to its first blank.
    pub first_name: Option<String>,
    /// The name after its first blank.
    pub last_name: Option<String>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    /// What they may do on every page.
    pub role: Role,
    /// Since when they may do nothing, and neither may their tokens.
    pub disabled_at: Option<Stamp>,
}

impl User {
    pub fn of(user: &record::User, organization_id: Id) -> Self {
        let stamp = |at| Stamp::new(at, Tz::UTC);
        let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            id: user.id.clone(),
            organization_id,
            email: user.email.clone(),
            first_name: some(first),
            last_name: some(last),
            created_at: stamp(user.created_at),
            updated_at: stamp(user.updated_at),
            role: user.role,
            disabled_at: user.disabled_at.map(stamp),
        }
    }
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct UserBody {
    pub user: UserAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct UserAsk {
    #[schema(max_length = 320)]
    pub email: String,
    /// Not kept, as the answer's `Warning` says: people set their own.
    pub password: Option<String>,
    #[schema(max_length = 100)]
    pub first_name: Option<String>,
    #[schema(max_length = 100)]
    pub last_name: Option<String>,
    /// What they may do on every page: `viewer` if nothing is said, and nothing that the caller may not.
    pub role: Option<Role>,
}

/// What somebody may do, by Statuspage's words.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Permissions {
    pub data: UserPermissions,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct UserPermissions {
    pub user_id: Id,
    /// By the pages' ids: what their role in the installation and their role on the page allow.
    #[schema(value_type = std::collections::HashMap<String, PagePermissions>)]
    pub pages: BTreeMap<Id, PagePermissions>,
}

/// What somebody may do on a page.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct PagePermissions {
    /// The role `editor`: the page's settings, components, metrics and subscribers.
    pub page_configuration: bool,
    /// With `maintenance_manager` the role `responder`; with both of the others the role `admin`.
    pub incident_manager: bool,
    /// The same as `incident_manager`: who runs incidents runs maintenances too.
    pub maintenance_manager: bool,
}

impl PagePermissions {
    pub fn of(roles: &[Role]) -> Self {
        let responds = roles.iter().any(|role| role.responds());
        Self {
            page_configuration: roles.iter().any(|role| role.configures()),
            incident_manager: responds,
            maintenance_manager: responds,
        }
    }
}

/// What somebody may do on each page beyond what their role in the installation allows. On a page
/// that is not named they may do no more than that.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PermissionsBody {
    #[schema(value_type = std::collections::HashMap<Id, PagePermissionsAsk>)]
    pub pages: BTreeMap<String, PagePermissionsAsk>,
}

/// `page_configuration` is the role `editor`, `incident_manager` and `maintenance_manager` together
/// are `responder`, all three are `admin`, and none is `viewer`.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
pub struct PagePermissionsAsk {
    pub page_configuration: Option<bool>,
    /// Goes with `maintenance_manager`.
    pub incident_manager: Option<bool>,
    /// Goes with `incident_manager`.
    pub maintenance_manager: Option<bool>,
}
