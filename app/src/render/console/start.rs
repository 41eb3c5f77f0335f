//! The start: what the page is called, how it looks, what is on it.

use maud::html;

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::domain::Id;

#[derive(Debug)]
pub struct Start<'a> {
    pub page: &'a Id,
    pub name: &'a str,
    pub accent: &'a str,
    pub zone: &'a str,
    /// One component a line.
    pub components: &'a str,
    pub language: &'a str,
    /// What is wrong, and in which field.
    pub wrong: Option<(&'a str, &'a str)>,
}

pub fn start(frame: &Frame, shown: &Start<'_>) -> String {
    let wrong = |field: &str| shown.wrong.filter(|(name, _)| *name == field).map(|(_, text)| text);
    let languages: Vec<(&str, String)> = crate::locale::languages()
        .iter()
        .filter_map(|tag| Some((*tag, crate::locale::texts(tag)?.language_name())))
        .collect();
    let languages: Vec<(&str, &str)> = languages.iter().map(|(tag, name)| (*tag, name.as_str())).collect();
    frame.document(html! {
        div.narrow {
            h1 { "Your page" }
            p { "Everything here can be changed later." }
            form method="post" action={ "/admin/pages/" (shown.page) "/start" } {
                (frame.token())
                (Field::text("name", "Name", shown.name).wrong(wrong("name")).hint("Your company or product, as visitors know it.").shown())
                (Field::text("accent", "Colour of links and buttons", shown.accent).optional().wrong(wrong("accent"))
                    .hint("As #rrggbb, such as #0a5add; it must be readable on all backgrounds. Empty: as usual.").shown())
                (Field::text("zone", "Time zone", shown.zone).wrong(wrong("zone")).hint("Whose midnight ends a day: such as UTC or Europe/Berlin.").shown())
                (parts::select("language", "Language", shown.language, &languages))
                (Field::text("components", "Components", shown.components).optional().wrong(wrong("components"))
                    .hint("What your customers use, one a line. A line that ends in a colon begins a group; an empty line ends it. Those that are there already are left alone.").area(8))
                button.main type="submit" { "Save and go on" }
            }
        }
    })
}
