//! The document around each screen of the console.

use maud::{DOCTYPE, Markup, html};

use super::{assets::Asset, parts};
use crate::{
    domain::Id,
    render::{page::tone::Tone, plain::finished},
};

/// A page of the installation, as it is chosen.
#[derive(Clone, Debug)]
pub struct PageName {
    pub id: Id,
    pub name: String,
}

/// Which part of the console a screen belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Incidents,
    Maintenances,
    Components,
    Audit,
    Settings,
    State,
    People,
    Tokens,
    Account,
    /// None of those that are listed.
    Other,
}

/// Who is signed in, and which parts they may open.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub configures_page: bool,
    pub manages_people: bool,
    pub manages_tokens: bool,
    /// Whether they may look at how the system is.
    pub watches: bool,
}

/// What every screen shares.
#[derive(Clone, Debug)]
pub struct Frame {
    pub title: String,
    pub section: Section,
    pub who: Option<Who>,
    /// The page that the screen is about.
    pub page: Option<PageName>,
    /// All that there are, where there are several.
    pub pages: Vec<PageName>,
    /// What was done, as the screen before it says.
    pub said: Option<&'static str>,
    /// Whether what is typed can be read on the way.
    pub plain_http: bool,
    /// What each form carries.
    pub csrf: String,
    /// What was searched for.
    pub sought: String,
}

impl Frame {
    pub fn document(&self, main: Markup) -> String {
        finished(html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex, nofollow";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · " (self.page.as_ref().map_or("Console", |page| &page.name)) }
                    link rel="icon" href=(Tone::Quiet.favicon());
                    link rel="stylesheet" href=(Asset::Style.path());
                    script src=(Asset::Script.path()) defer {}
                }
                body {
                    a.skip href="#main" { "Skip to content" }
                    (parts::icons())
                    (self.header())
                    main #main.in {
                        @if self.plain_http {
                            p.note.warn role="note" {
                                "This console is reached over plain http: passwords and sessions can be read on the \
                                 way. Give PHAROS_BASE_URL or PHAROS_CONSOLE_URL an https address."
                            }
                        }
                        @if let Some(said) = self.said { p.note.done role="status" { (said) } }
                        (main)
                    }
                }
            }
        })
    }

    fn header(&self) -> Markup {
        html! {
            header {
                div.in {
                    (self.home())
                    @if let Some(who) = &self.who {
                        nav aria-label="Console" {
                            @if let Some(page) = &self.page {
                                @let below = |part: &str| format!("/admin/pages/{}/{part}", page.id);
                                (self.link(Section::Incidents, &below("incidents"), "Incidents"))
                                (self.link(Section::Maintenances, &below("maintenances"), "Maintenances"))
                                (self.link(Section::Components, &below("components"), "Components"))
                                @if who.configures_page { (self.link(Section::Settings, &below("settings"), "Settings")) }
                                (self.link(Section::Audit, &below("audit"), "Audit"))
                            }
                            @if who.manages_people { (self.link(Section::People, "/admin/people", "People")) }
                            @if who.manages_tokens { (self.link(Section::Tokens, "/admin/tokens", "Tokens")) }
                            @if who.watches { (self.link(Section::State, "/admin/system", "System")) }
                            (self.link(Section::Account, "/admin/account", &who.name))
                        }
                        @if let Some(page) = &self.page { (self.search(page)) }
                        form method="post" action="/admin/sign-out" {
                            (self.token())
                            button.plain type="submit" { "Sign out" }
                        }
                    }
                }
            }
        }
    }

    /// The way to everything that is on the page, a key away.
    fn search(&self, page: &PageName) -> Markup {
        html! {
            form.everywhere role="search" aria-label="Everywhere" action={ "/admin/pages/" (page.id) "/search" } {
                label.hidden for="everywhere" { "Search everywhere" }
                input id="everywhere" name="q" type="search" value=(self.sought) placeholder="Search  /" maxlength="200";
            }
        }
    }

    /// The page's name; where there are several, the way to the others.
    fn home(&self) -> Markup {
        let name = self.page.as_ref().map_or("Pharos", |page| &page.name);
        html! {
            @if self.pages.len() > 1 {
                details.pages {
                    summary { (name) }
                    ul { @for page in &self.pages { li { a href={ "/admin/pages/" (page.id) "/incidents" } { (page.name) } } } }
                }
            } @else {
                a.home href="/admin" { (name) }
            }
        }
    }

    fn link(&self, section: Section, path: &str, name: &str) -> Markup {
        let current = (self.section == section).then_some("page");
        html! { a href=(path) aria-current=[current] { (name) } }
    }

    /// The hidden field that every form carries.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }
}
