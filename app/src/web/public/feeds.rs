//! Feeds and calendars: of the page, of a component, of an incident.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::{asked::Asked, machine, past};
use crate::{
    live::{ErrorPage, Feed, Form, Scope, Surface},
    web::cache_policy::CachePolicy,
};

pub fn routes(config: &mut ServiceConfig) {
    machine(config, "/history.atom", |asked| of_page(asked, Feed::Atom));
    machine(config, "/history.rss", |asked| of_page(asked, Feed::Rss));
    machine(config, "/history.ics", |asked| of_page(asked, Feed::Calendar));
    machine(config, "/feed.json", |asked| of_page(asked, Feed::Json));
    machine(config, "/components/{id}/history.atom", |asked| of_component(asked, Feed::Atom));
    machine(config, "/components/{id}/history.rss", |asked| of_component(asked, Feed::Rss));
    machine(config, "/components/{id}/history.ics", |asked| of_component(asked, Feed::Calendar));
    machine(config, "/components/{id}/feed.json", |asked| of_component(asked, Feed::Json));
    machine(config, "/incidents/{id}/history.atom", |asked| of_incident(asked, Feed::Atom));
    machine(config, "/incidents/{id}/history.rss", |asked| of_incident(asked, Feed::Rss));
    machine(config, "/incidents/{id}/history.ics", |asked| of_incident(asked, Feed::Calendar));
    machine(config, "/incidents/{id}/feed.json", |asked| of_incident(asked, Feed::Json));
}

async fn of_page(asked: Asked, feed: Feed) -> HttpResponse {
    asked.surface(&Surface::Feed(feed, Scope::Page), CachePolicy::Document)
}

async fn of_component(asked: Asked, feed: Feed) -> HttpResponse {
    match asked.id().parse() {
        Ok(id) => asked.surface(&Surface::Feed(feed, Scope::Component(id)), CachePolicy::Document),
        Err(_) => asked.refuse(ErrorPage::NotFound),
    }
}

async fn of_incident(asked: Asked, feed: Feed) -> HttpResponse {
    let surface = |id| Surface::Feed(feed, Scope::Incident(id));
    past::one_incident(&asked, surface, Form::Feed(feed), CachePolicy::Document).await
}
