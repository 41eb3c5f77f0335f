//! The small things for other sites, crawlers, previews and tools.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::{asked::Asked, machine, moved, past, screen};
use crate::{
    domain::Id,
    live::{Aside, BadgeForm, ErrorPage, Form, Subject, Surface, Target, description},
    web::cache_policy::CachePolicy,
};

/// What is asked for at a path; none if there is no such thing.
type Named = fn(&Asked) -> Option<Aside>;

/// What is written in a moment.
const WRITTEN: &[(&str, Named)] = &[
    ("/badge.svg", |_| Some(Aside::Badge(Subject::Page, BadgeForm::Svg))),
    ("/badge.json", |_| Some(Aside::Badge(Subject::Page, BadgeForm::Json))),
    ("/components/{id}/badge.svg", |asked| {
        Some(Aside::Badge(Subject::Component(id(asked)?), BadgeForm::Svg))
    }),
    ("/components/{id}/badge.json", |asked| {
        Some(Aside::Badge(Subject::Component(id(asked)?), BadgeForm::Json))
    }),
    ("/components/{id}/uptime.svg", |asked| Some(Aside::Badge(Subject::Uptime(id(asked)?), BadgeForm::Svg))),
    ("/components/{id}/uptime.json", |asked| {
        Some(Aside::Badge(Subject::Uptime(id(asked)?), BadgeForm::Json))
    }),
    ("/embed/script.js", |_| Some(Aside::EmbedScript)),
    ("/embed/frame", |_| Some(Aside::EmbedFrame)),
    ("/.well-known/security.txt", |_| Some(Aside::SecurityText)),
    ("/robots.txt", |_| Some(Aside::Robots)),
    ("/site.webmanifest", |_| Some(Aside::Manifest)),
    ("/favicon.svg", |_| Some(Aside::Favicon)),
];

/// What takes longer to make: it is made beside the threads that answer.
const PAINTED: &[(&str, Named)] = &[
    ("/sitemap.xml", |_| Some(Aside::Sitemap)),
    ("/favicon.ico", |_| Some(Aside::Ico)),
    ("/apple-touch-icon.png", |_| Some(Aside::Icon(Aside::SIDES[0]))),
    ("/icon-192.png", |_| Some(Aside::Icon(Aside::SIDES[1]))),
    ("/icon-512.png", |_| Some(Aside::Icon(Aside::SIDES[2]))),
];

pub fn routes(config: &mut ServiceConfig) {
    for (path, named) in WRITTEN {
        machine(config, path, move |asked| async move {
            match named(&asked) {
                Some(aside) => asked.surface(&Surface::Aside(aside), CachePolicy::Document),
                None => asked.refuse(ErrorPage::NotFound),
            }
        });
    }
    for (path, named) in PAINTED {
        machine(config, path, move |asked| async move {
            let aside = named(&asked);
            painted(asked, aside).await
        });
    }
    machine(config, "/api/v2/openapi.json", |asked| async move {
        asked.send(description(), CachePolicy::Release)
    });
    machine(config, "/security.txt", security);
    screen(config, "/embed/card", |asked| async move {
        let card = Aside::EmbedCard(Target::Page, asked.texts.tag());
        asked.surface(&Surface::Aside(card), CachePolicy::Document)
    });
    screen(config, "/components/{id}/card", |asked| async move {
        match id(&asked) {
            Some(id) => {
                let card = Aside::EmbedCard(Target::Component(id), asked.texts.tag());
                asked.surface(&Surface::Aside(card), CachePolicy::Document)
            }
            None => asked.refuse(ErrorPage::NotFound),
        }
    });
    screen(config, "/incidents/{id}/card", |asked| async move {
        let tag = asked.texts.tag();
        let surface = |id| Surface::Aside(Aside::EmbedCard(Target::Incident(id), tag));
        past::one_incident(&asked, surface, Form::Card(tag), CachePolicy::Document).await
    });
    screen(config, "/og.png", |asked| async move {
        let aside = Aside::Picture(asked.texts.tag());
        painted(asked, Some(aside)).await
    });
}

/// Its place before RFC 9116.
async fn security(asked: Asked) -> HttpResponse {
    match asked.snapshot.artefact(&Surface::Aside(Aside::SecurityText)) {
        Some(_) => moved("/.well-known/security.txt".to_owned()).await,
        None => asked.refuse(ErrorPage::NotFound),
    }
}

async fn painted(asked: Asked, aside: Option<Aside>) -> HttpResponse {
    match aside {
        Some(aside) => asked.slow_surface(Surface::Aside(aside), CachePolicy::Document).await,
        None => asked.refuse(ErrorPage::NotFound),
    }
}

fn id(asked: &Asked) -> Option<Id> {
    asked.id().parse().ok()
}
