//! What somebody must be allowed to do. A handler says it as the type of what it is asked with, so
//! that to forget it does not compile.

use crate::domain::token::{Scope, Scopes};

pub trait Permission: 'static {
    /// Whether somebody must be signed in.
    const SIGNED_IN: bool = true;
    /// All of these are needed: on the page that the path names, else everywhere.
    const SCOPES: &'static [Scope] = &[];
    /// Whether they must have given their password lately.
    const CONFIRMED: bool = false;
    /// Whether only an owner may.
    const OWNER: bool = false;
    /// Whether somebody may who lacks the second step that their role needs.
    const BEFORE_SECOND_STEP: bool = false;

    fn allows(held: Scopes) -> bool {
        Self::SCOPES.iter().all(|scope| held.has(*scope))
    }
}

/// For whoever comes: to sign in, and to use a link.
#[derive(Debug)]
pub struct Anyone;

/// For whoever is signed in: their own account.
#[derive(Debug)]
pub struct SignedIn;

/// The same for whoever lacks the second step that their role needs: to set it up, and nothing else.
#[derive(Debug)]
pub struct SettingUp;

/// To read what operators see of a page.
#[derive(Debug)]
pub struct Reads;

/// To post incidents, which move components too.
#[derive(Debug)]
pub struct PostsIncidents;

/// To plan maintenances, and to run them.
#[derive(Debug)]
pub struct PlansMaintenances;

/// To say how components are.
#[derive(Debug)]
pub struct MovesComponents;

/// To change the page itself and what is on it.
#[derive(Debug)]
pub struct ConfiguresPage;

/// To look after the people who run the pages.
#[derive(Debug)]
pub struct ManagesPeople;

/// To see how the whole system is.
#[derive(Debug)]
pub struct WatchesSystem;

/// To look after tokens of the management API.
#[derive(Debug)]
pub struct ManagesTokens;

/// To say what holds for all who run the pages.
#[derive(Debug)]
pub struct Owns;

/// The same, by somebody who gave their password lately.
#[derive(Debug)]
pub struct Confirmed<P>(std::marker::PhantomData<P>);

impl Permission for Anyone {
    const SIGNED_IN: bool = false;
}

impl Permission for SignedIn {}

impl Permission for SettingUp {
    const BEFORE_SECOND_STEP: bool = true;
}

impl Permission for Reads {
    const SCOPES: &'static [Scope] = &[Scope::Read];
}

impl Permission for PostsIncidents {
    const SCOPES: &'static [Scope] = &[Scope::IncidentsWrite];
}

impl Permission for PlansMaintenances {
    const SCOPES: &'static [Scope] = &[Scope::MaintenancesWrite];
}

impl Permission for MovesComponents {
    const SCOPES: &'static [Scope] = &[Scope::ComponentsWrite];
}

impl Permission for ConfiguresPage {
    const SCOPES: &'static [Scope] = &[Scope::PageWrite];
}

impl Permission for ManagesPeople {
    const SCOPES: &'static [Scope] = &[Scope::UsersWrite];
}

impl Permission for WatchesSystem {
    const SCOPES: &'static [Scope] = &[Scope::UsersWrite, Scope::TokensWrite];
}

impl Permission for ManagesTokens {
    const SCOPES: &'static [Scope] = &[Scope::TokensWrite];
}

impl Permission for Owns {
    const SCOPES: &'static [Scope] = &[Scope::UsersWrite];
    const OWNER: bool = true;
}

impl<P: Permission> Permission for Confirmed<P> {
    const SIGNED_IN: bool = P::SIGNED_IN;
    const SCOPES: &'static [Scope] = P::SCOPES;
    const CONFIRMED: bool = true;
    const OWNER: bool = P::OWNER;
    const BEFORE_SECOND_STEP: bool = P::BEFORE_SECOND_STEP;
}
