//! Every route of the API: what it is for, who may call it, what is sent and what is answered. The
//! server, the description and the tests are made from these.

use std::sync::LazyLock;

use futures_util::future::LocalBoxFuture;

use super::{answer::Answer, call::Call, problem::Problem};
use crate::domain::token::Scope;

pub type Handler = fn(Call) -> LocalBoxFuture<'static, Result<Answer, Problem>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What is answered when all goes well.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    One(&'static str),
    Many(&'static str),
    Nothing,
}

/// What may be asked in the query.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub name: &'static str,
    pub about: &'static str,
    pub kind: AskKind,
}

#[derive(Clone, Copy, Debug)]
pub enum AskKind {
    Text(usize),
    Number(u64, u64),
    Flag,
    /// Some of these words, between commas.
    Words(&'static [&'static str]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A day or an instant.
    Instant,
    /// A day, or a month or a year of days.
    Day,
    Id,
}

#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub verbs: &'static [Verb],
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    /// One of these is needed; with none, any token is enough.
    pub scopes: &'static [Scope],
    /// The schema of what is sent.
    pub body: Option<&'static str>,
    pub asks: &'static [Ask],
    pub status: u16,
    pub answers: Shape,
    /// Whether what it changes has an entity tag, so that `If-Match` can be kept to.
    pub tagged: bool,
    /// Whether a key in the path is what opens it, and no token.
    pub keyed: bool,
    pub handler: Handler,
}

impl Route {
    const fn new(
        verbs: &'static [Verb],
        path: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            verbs,
            path,
            tag: "",
            summary,
            scopes: &[],
            body: None,
            asks: &[],
            status: 200,
            answers: Shape::Nothing,
            tagged: false,
            keyed: false,
            handler,
        }
    }

    pub const fn get(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self { scopes: &[Scope::Read], ..Self::new(&[Verb::Get], path, summary, handler) }
    }

    pub const fn post(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self { status: 201, asks: &[DRY_RUN], ..Self::new(&[Verb::Post], path, summary, handler) }
    }

    /// Statuspage describes PUT and PATCH in the same words; both change what is said and nothing else.
    pub const fn change(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self {
            asks: &[DRY_RUN],
            tagged: true,
            ..Self::new(&[Verb::Patch, Verb::Put], path, summary, handler)
        }
    }

    pub const fn patch(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self { asks: &[DRY_RUN], tagged: true, ..Self::new(&[Verb::Patch], path, summary, handler) }
    }

    pub const fn put(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self { asks: &[DRY_RUN], tagged: true, ..Self::new(&[Verb::Put], path, summary, handler) }
    }

    pub const fn delete(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self { asks: &[DRY_RUN], tagged: true, ..Self::new(&[Verb::Delete], path, summary, handler) }
    }

    /// For what can send no headers: `{key}` in the path opens it.
    pub const fn keyed(
        verbs: &'static [Verb],
        path: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self { keyed: true, ..Self::new(verbs, path, summary, handler) }
    }

    pub const fn tag(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    pub const fn for_scopes(self, scopes: &'static [Scope]) -> Self {
        Self { scopes, ..self }
    }

    pub const fn takes(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    pub const fn asks(self, asks: &'static [Ask]) -> Self {
        Self { asks, ..self }
    }

    /// What it changes has no entity tag.
    pub const fn untagged(self) -> Self {
        Self { tagged: false, ..self }
    }

    pub const fn answers(self, answers: Shape) -> Self {
        Self { answers, ..self }
    }

    pub const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

pub const DRY_RUN: Ask =
    Ask { name: "dry_run", about: "Says what would happen and changes nothing.", kind: AskKind::Flag };
pub const PAGE: Ask =
    Ask { name: "page", about: "Which part of the list, from 1.", kind: AskKind::Number(1, 1_000_000) };
pub const PER_PAGE: Ask = Ask {
    name: "per_page",
    about: "How many at once; 100 if nothing is said.",
    kind: AskKind::Number(1, 100),
};
pub const LIMIT: Ask =
    Ask { name: "limit", about: "How many at once; 100 if nothing is said.", kind: AskKind::Number(1, 100) };
pub const DELETED: Ask = Ask {
    name: "include",
    about: "`deleted` lists what was deleted too.",
    kind: AskKind::Words(&["deleted"]),
};

/// The routes, by path; a path's words come before its parameters, so that the first match is right.
pub fn table() -> &'static [Route] {
    static TABLE: LazyLock<Vec<Route>> = LazyLock::new(|| {
        let mut all: Vec<Route> = super::SECTIONS.iter().copied().flatten().copied().collect();
        all.sort_by_key(|route| route.path);
        all
    });
    &TABLE
}
