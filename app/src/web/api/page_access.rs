//! Page access users and groups: who sees a page that is not for everybody. There are no such pages
//! here yet, and every call says so rather than that the path is unknown.

use actix_web::http::StatusCode;

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{Route, Shape, Verb},
};
use crate::domain::token::Scope;

const TAG: &str = "Page access";
const ABOUT: &str = "Is refused: every page is public, so nobody is given access to one.";

const LISTS: &[Verb] = &[Verb::Get, Verb::Post];
const ONE: &[Verb] = &[Verb::Get, Verb::Patch, Verb::Put, Verb::Delete];
const SOME: &[Verb] = &[Verb::Get, Verb::Post, Verb::Patch, Verb::Put, Verb::Delete];
const GIVEN: &[Verb] = &[Verb::Post, Verb::Delete];
const GONE: &[Verb] = &[Verb::Delete];

pub const ROUTES: &[Route] = &[
    closed(LISTS, "/v1/pages/{page_id}/page_access_users"),
    closed(ONE, "/v1/pages/{page_id}/page_access_users/{page_access_user_id}"),
    closed(SOME, "/v1/pages/{page_id}/page_access_users/{page_access_user_id}/components"),
    closed(GONE, "/v1/pages/{page_id}/page_access_users/{page_access_user_id}/components/{component_id}"),
    closed(SOME, "/v1/pages/{page_id}/page_access_users/{page_access_user_id}/metrics"),
    closed(GONE, "/v1/pages/{page_id}/page_access_users/{page_access_user_id}/metrics/{metric_id}"),
    closed(LISTS, "/v1/pages/{page_id}/page_access_groups"),
    closed(ONE, "/v1/pages/{page_id}/page_access_groups/{page_access_group_id}"),
    closed(SOME, "/v1/pages/{page_id}/page_access_groups/{page_access_group_id}/components"),
    closed(GONE, "/v1/pages/{page_id}/page_access_groups/{page_access_group_id}/components/{component_id}"),
    closed(GIVEN, "/v1/pages/{page_id}/components/{component_id}/page_access_users"),
    closed(GIVEN, "/v1/pages/{page_id}/components/{component_id}/page_access_groups"),
];

const fn closed(verbs: &'static [Verb], path: &'static str) -> Route {
    Route { verbs, ..Route::get(path, ABOUT, |call| Box::pin(refuse(call))) }
        .tag(TAG)
        .for_scopes(&[Scope::PageWrite])
        .with_status(403)
        .answers(Shape::One("Problem"))
}

async fn refuse(call: Call) -> Result<Answer, Problem> {
    // A page that is not there is still not there.
    call.moment().await?;
    let text = "page access users and groups belong to private pages; every page here is public";
    Err(Problem::new(StatusCode::FORBIDDEN, text))
}
