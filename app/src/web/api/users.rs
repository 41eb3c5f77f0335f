//! The people who run the pages. The organization that Statuspage's clients name is the installation.

use super::{
    answer::Answer,
    call::{Call, id_in},
    problem::Problem,
    route::{PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{
        Id, address,
        page::is_control,
        record,
        role::Role,
        token::{Scope, Scopes},
    },
    store::{NewUser, PageRoles},
    wire::manage::{
        Organization, PagePermissions, PagePermissionsAsk, Permissions, PermissionsBody, User, UserAsk,
        UserBody, UserPermissions,
    },
};

const TAG: &str = "Users";
const USERS: &[Scope] = &[Scope::UsersWrite];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/organizations", "The installation, as a list of one.", |call| {
        Box::pin(organizations(call))
    })
    .tag(TAG)
    .answers(Shape::Many("Organization")),
    Route::get("/v1/organizations/{organization_id}/users", "The people, by address.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .for_scopes(USERS)
    .asks(&[PAGE, PER_PAGE])
    .answers(Shape::Many("User")),
    Route::post("/v1/organizations/{organization_id}/users", "Takes somebody in.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(USERS)
    .takes("UserBody")
    .asks(&[])
    .answers(Shape::One("User")),
    Route::delete(
        "/v1/organizations/{organization_id}/users/{user_id}",
        "Lets somebody go, and with them their tokens; the last owner stays.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .untagged()
    .for_scopes(USERS)
    .asks(&[])
    .answers(Shape::One("User")),
    Route::get(
        "/v1/organizations/{organization_id}/permissions/{user_id}",
        "What somebody may do on each page.",
        |call| Box::pin(permissions(call)),
    )
    .tag(TAG)
    .for_scopes(USERS)
    .answers(Shape::One("Permissions")),
    Route::put(
        "/v1/organizations/{organization_id}/permissions/{user_id}",
        "Sets what somebody may do on each page.",
        |call| Box::pin(permit(call)),
    )
    .tag(TAG)
    .untagged()
    .for_scopes(USERS)
    .takes("PermissionsBody")
    .asks(&[])
    .answers(Shape::One("Permissions")),
];

async fn organizations(call: Call) -> Result<Answer, Problem> {
    Answer::ok(&[Organization { id: call.api.store.organization().await? }])
}

/// The installation that the path names. A token of one page sees nobody.
async fn organization(call: &Call) -> Result<Id, Problem> {
    let (named, own) = (call.id("organization_id")?, call.api.store.organization().await?);
    if named != own || call.caller.token.page_id.is_some() {
        return Err(Problem::not_found(&format!("organization {named}")));
    }
    Ok(own)
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let own = organization(&call).await?;
    let users = call.api.store.users(call.slice()).await?;
    Answer::ok(&users.iter().map(|user| User::of(user, own.clone())).collect::<Vec<_>>())
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let own = organization(&call).await?;
    let asked = call.read::<UserBody>()?.user;
    if asked.password.is_some() {
        // Clients send one; people set their own.
        call.unknown.borrow_mut().push("user.password".to_owned());
    }
    let new = new(&asked)?;
    holds(&call, "user.role", new.role)?;
    owns(&call, "user.role", new.role).await?;
    let user = call.api.store.record().create_user(new, &call.caller.actor()).await?;
    Answer::created(&User::of(&user, own))
}

fn new(asked: &UserAsk) -> Result<NewUser, Problem> {
    let mut parts = vec![];
    for (field, part) in [("user.first_name", &asked.first_name), ("user.last_name", &asked.last_name)] {
        let part = part.as_deref().unwrap_or_default().trim();
        if part.contains(is_control) {
            return Err(Problem::field(field, "allowed are characters without line breaks"));
        }
        parts.extend((!part.is_empty()).then_some(part));
    }
    let email = address::email(&asked.email).map_err(|wrong| Problem::field("user.email", wrong))?;
    Ok(NewUser { email, name: parts.join(" "), role: asked.role.unwrap_or(Role::Viewer) })
}

/// Only an owner, and the command line's tokens, make an owner and take one away.
async fn owns(call: &Call, what: &str, role: Role) -> Result<(), Problem> {
    let Some(id) = call.caller.token.user_id.as_ref().filter(|_| role == Role::Owner) else { return Ok(()) };
    if call.api.store.user(id).await?.role == Role::Owner {
        return Ok(());
    }
    let text = format!("{what}: only an owner's token makes, changes or deletes an owner");
    Err(Problem::new(actix_web::http::StatusCode::FORBIDDEN, text))
}

/// Refuses a role that is more than the caller holds.
fn holds(call: &Call, what: &str, role: Role) -> Result<(), Problem> {
    let (own, needed): (Scopes, Scopes) = (call.caller.token.scopes, role.scopes());
    if own.holds(needed) {
        return Ok(());
    }
    let lacking: Vec<&str> = needed.iter().filter(|scope| !own.has(*scope)).map(Scope::as_str).collect();
    let text = format!(
        "{what}: {} is more than the calling token holds; it lacks {}",
        role.as_str(),
        lacking.join(", ")
    );
    Err(Problem::new(actix_web::http::StatusCode::FORBIDDEN, text))
}

async fn found(call: &Call) -> Result<record::User, Problem> {
    Ok(call.api.store.user(&call.id("user_id")?).await?)
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let own = organization(&call).await?;
    let user = found(&call).await?;
    holds(&call, "user", user.role)?;
    owns(&call, "user", user.role).await?;
    for (page, role) in call.api.store.page_roles(&user.id).await? {
        holds(&call, &format!("pages.{page}"), role)?;
    }
    let gone = call.api.store.record().delete_user(&user.id, &call.caller.actor()).await?;
    call.api.app.announce_tokens().await;
    Answer::ok(&User::of(&gone, own))
}

async fn permissions(call: Call) -> Result<Answer, Problem> {
    organization(&call).await?;
    shown(&call, &found(&call).await?).await
}

async fn shown(call: &Call, user: &record::User) -> Result<Answer, Problem> {
    let mut roles = call.api.store.page_roles(&user.id).await?;
    let mut pages = std::collections::BTreeMap::new();
    for (page, _) in call.api.store.versions().await? {
        let on_page: Vec<Role> = [Some(user.role), roles.remove(&page)].into_iter().flatten().collect();
        pages.insert(page, PagePermissions::of(&on_page));
    }
    Answer::ok(&Permissions { data: UserPermissions { user_id: user.id.clone(), pages } })
}

async fn permit(call: Call) -> Result<Answer, Problem> {
    organization(&call).await?;
    let asked: PermissionsBody = call.read()?;
    let user = found(&call).await?;
    let mut roles = PageRoles::new();
    for (page, asked) in &asked.pages {
        let field = format!("pages.{}", page.chars().take(64).collect::<String>());
        let role = role(&field, *asked)?;
        holds(&call, &field, role)?;
        roles.insert(id_in(&field, page)?, role);
    }
    // What is taken away has to be the caller's too.
    for (page, role) in call.api.store.page_roles(&user.id).await? {
        if roles.get(&page) != Some(&role) {
            holds(&call, &format!("pages.{page}"), role)?;
        }
    }
    owns(&call, "user", user.role).await?;
    call.api.store.record().set_page_roles(&user.id, &roles, &call.caller.actor()).await?;
    call.api.app.announce_tokens().await;
    shown(&call, &user).await
}

fn role(field: &str, asked: PagePermissionsAsk) -> Result<Role, Problem> {
    let said = |flag: Option<bool>| flag.unwrap_or_default();
    let (incidents, maintenances) = (said(asked.incident_manager), said(asked.maintenance_manager));
    if incidents != maintenances {
        let text =
            "goes with incident_manager: who runs incidents runs maintenances too; allowed are both or none";
        return Err(Problem::field(&format!("{field}.maintenance_manager"), text));
    }
    Ok(Role::that(said(asked.page_configuration), incidents))
}
