//! What a page says of itself, and what it wears: each part is a form of its own, so that what is
//! wrong with one keeps none of the others.

use std::{collections::HashMap, net::IpAddr};

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{
    layout::Frame,
    parts::{self, Field},
};
use crate::{
    domain::{
        Id,
        branding::{Logo, NEEDED},
    },
    locale,
};

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    About,
    Announcement,
    Look,
    Search,
    Domain,
}

impl Part {
    pub const ALL: [Self; 5] = [Self::About, Self::Announcement, Self::Look, Self::Search, Self::Domain];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Announcement => "announcement",
            Self::Look => "look",
            Self::Search => "search",
            Self::Domain => "domain",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// The fields of its form.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::About => {
                &["name", "description", "url", "support_url", "zone", "language", "hide_empty_days"]
            }
            Self::Announcement => &["announcement", "announcement_until"],
            Self::Look => &["accent", "accent_dark", "header", "footer", "custom_css", "powered_by"],
            Self::Search => &["hidden_from_search", "security_contact"],
            Self::Domain => &["host"],
        }
    }
}

/// How well a colour can be read.
#[derive(Clone, Debug)]
pub struct Contrast {
    pub scheme: &'static str,
    pub colour: String,
    /// Where it can be read worst.
    pub ground: &'static str,
    pub ratio: f64,
}

/// Where a name leads, as far as it was asked.
#[derive(Clone, Debug, Default)]
pub struct Dns {
    pub found: Vec<IpAddr>,
    /// Where the console's own name leads.
    pub own: Vec<IpAddr>,
}

#[derive(Debug)]
pub struct Settings<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    /// Each field as it is set, or as it was typed.
    pub values: &'a HashMap<&'static str, String>,
    /// What each part is known by as it was read.
    pub stamps: &'a HashMap<&'static str, String>,
    pub logo: Option<&'a Logo>,
    pub logo_dark: Option<&'a Logo>,
    pub icon: Option<&'a Logo>,
    pub wrong: Option<(&'a str, &'a str)>,
    pub overtaken: bool,
    pub look: &'a [Contrast],
    /// The host of this installation.
    pub own_host: &'a str,
    pub dns: Option<&'a Dns>,
}

impl Settings<'_> {
    fn path(&self) -> String {
        format!("/admin/pages/{}/settings", self.page)
    }

    fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    fn is_set(&self, field: &str) -> bool {
        self.value(field) == "true"
    }

    fn field<'a>(&'a self, name: &'a str, label: &'a str) -> Field<'a> {
        let wrong = self.wrong.filter(|(field, _)| *field == name).map(|(_, text)| text);
        Field::text(name, label, self.value(name)).wrong(wrong)
    }
}

pub fn settings(frame: &Frame, shown: &Settings<'_>) -> String {
    let parts: [(Part, &str, Markup); 5] = [
        (Part::About, "About the page", about(shown)),
        (Part::Announcement, "Announcement", announcement(shown)),
        (Part::Look, "Colours and words", look(shown)),
        (Part::Search, "Search engines and security", search(shown)),
        (Part::Domain, "Address of its own", domain(shown)),
    ];
    frame.document(html! {
        h1 { "Settings" }
        nav.tabs aria-label="Parts of the settings" {
            @for (part, title, _) in &parts { a href={ "#part-" (part.as_str()) } { (title) } }
        }
        @if shown.overtaken {
            p.note.bad role="alert" {
                "Somebody else changed this while you wrote; nothing of yours was saved. Yours is still in the form, and \
                 would take the place of theirs: look before you save again."
            }
        }
        @if let Some((_, text)) = shown.wrong { p.note.bad role="alert" { (text) } }
        @for (part, title, fields) in parts {
            section id={ "part-" (part.as_str()) } {
                h2 { (title) }
                (form(frame, shown, part, &fields))
                @if part == Part::Look { (pictures(frame, shown)) }
            }
        }
    })
}

fn form(frame: &Frame, shown: &Settings<'_>, part: Part, fields: &Markup) -> Markup {
    let looks = part == Part::Look;
    html! {
        form.two[looks].narrowed[!looks] method="post" action=(shown.path()) data-preview=[looks.then_some("contrast")] data-frame=[looks.then_some("show-look")] {
            div.typed {
                (frame.token())
                // The return key saves, as in any form of settings.
                button.hidden name="do" value="save" type="submit" tabindex="-1" aria-hidden="true" {}
                input type="hidden" name="part" value=(part.as_str());
                input type="hidden" name="stamp" value=(shown.stamps.get(part.as_str()).map_or("", String::as_str));
                (fields)
                div.acts {
                    button.main name="do" value="save" type="submit" { "Save" }
                    @if looks { button #show-look name="do" value="preview" type="submit" formnovalidate formtarget="look" formaction={ (shown.path()) "/preview" } { "Show it" } }
                }
            }
            @if looks {
                div.outcome {
                    div #contrast { (contrasts(shown.look)) }
                    iframe name="look" title="The page as it would look" sandbox="" src={ (shown.path()) "/preview" } {}
                }
            }
        }
    }
}

fn about(shown: &Settings<'_>) -> Markup {
    let languages: Vec<(&str, String)> = locale::languages()
        .iter()
        .filter_map(|tag| Some((*tag, locale::texts(tag)?.language_name())))
        .collect();
    let mut languages: Vec<(&str, &str)> =
        languages.iter().map(|(tag, name)| (*tag, name.as_str())).collect();
    let own = shown.value("language");
    if !languages.iter().any(|(tag, _)| *tag == own) {
        languages.push((own, own));
    }
    html! {
        (shown.field("name", "Name").shown())
        (shown.field("description", "What the page is about").optional().hint("One line of at most 500 characters.").shown())
        (shown.field("url", "Public address").optional().hint("Without a path, such as https://status.example.com. Empty: that of this installation.").kind("url", "off").shown())
        (shown.field("support_url", "Where visitors get help").optional().kind("url", "off").shown())
        (shown.field("zone", "Time zone").hint("Whose midnight ends a day: such as UTC or Europe/Berlin.").shown())
        (parts::select("language", "Language of the front page", own, &languages))
        p.q { "The others are shown below their tag: " (locale::languages().join(", ")) "." }
        (parts::tick("hide_empty_days", "Leave days without an incident out of the past", shown.is_set("hide_empty_days")))
    }
}

fn announcement(shown: &Settings<'_>) -> Markup {
    let label = format!("Until ({})", shown.zone);
    html! {
        (shown.field("announcement", "Pinned to the front page").optional().hint("Markdown, at most 2,000 characters. Empty: none.").area(3))
        (shown.field("announcement_until", &label).kind("datetime-local", "off").optional().hint("Empty: until it is taken away.").shown())
    }
}

fn look(shown: &Settings<'_>) -> Markup {
    html! {
        (shown.field("accent", "Colour of links and buttons").optional()
            .hint("As #rrggbb, such as #0a5add. Empty: as usual.").shown())
        (shown.field("accent_dark", "The same where the visitor likes it dark").optional()
            .hint("Such as #9fc3ff. Empty: the ink of the page.").shown())
        (shown.field("header", "At the top of each page").optional().hint("Markdown, at most 5,000 characters.").area(3))
        (shown.field("footer", "At the bottom of each page").optional().hint("Markdown, at most 5,000 characters.").area(3))
        (shown.field("custom_css", "Style sheet of its own").optional()
            .hint("CSS of at most 32 KiB, without imports and foreign addresses.").area(6))
        (parts::tick("powered_by", "Say at the bottom what made the page", shown.is_set("powered_by")))
    }
}

/// How well colours can be read: the number, in words, and to be seen.
fn contrasts(found: &[Contrast]) -> Markup {
    html! {
        h3 { "Contrast" }
        @if found.is_empty() { p.q { "The usual colours can be read on every background." } }
        ul.contrasts {
            @for one in found {
                @let holds = one.ratio >= NEEDED;
                li {
                    svg role="img" viewBox="0 0 64 28" width="64" height="28" aria-label={ (one.colour) " on " (one.ground) } {
                        rect width="64" height="28" rx="4" fill=(one.ground) {}
                        text x="32" y="19" text-anchor="middle" font-size="14" fill=(one.colour) { "Link" }
                    }
                    span {
                        // Cut, so that 4.499 is never told as 4.5.
                        (one.scheme) ": " (format!("{:.2}", (one.ratio * 100.0).floor() / 100.0)) " to 1 at worst, on " code { (one.ground) } ": "
                        @if holds { "can be read" } @else { strong.wrong { "can't be read: needed are " (NEEDED) " to 1" } }
                    }
                }
            }
        }
    }
}

/// The same, with what is wrong.
pub fn checked(found: &[Contrast], wrong: Option<&str>) -> Markup {
    html! {
        (contrasts(found))
        @if let Some(wrong) = wrong { p.wrong role="status" { (wrong) } }
    }
}

/// The logos: each is a form of its own, since a file goes with it.
fn pictures(frame: &Frame, shown: &Settings<'_>) -> Markup {
    let formats = "An SVG, PNG, WebP or JPEG of at most 64 KiB.";
    let state = "The same kinds; square. Without one the icon shows the page's state, which is worth more.";
    let all = [
        ("logo", "Logo", shown.logo, formats),
        ("logo_dark", "Logo where the visitor likes it dark", shown.logo_dark, formats),
        ("icon", "Icon of the tab (favicon)", shown.icon, state),
    ];
    html! {
        @for (name, label, held, hint) in all {
            form.narrowed method="post" action={ (shown.path()) "/logo" } enctype="multipart/form-data" {
                (frame.token())
                input type="hidden" name="which" value=(name);
                div.f {
                    label for=(name) { (label) }
                    @if let Some(logo) = held { img.held.dark[name == "logo_dark"] src=(source(logo)) alt="As it is now"; }
                    input id=(name) name="file" type="file" accept=".svg,.png,.webp,.jpg,.jpeg" aria-describedby={ (name) "-hint" };
                    p.q id={ (name) "-hint" } { (hint) }
                }
                div.acts {
                    button.small.main name="do" value="upload" type="submit" { "Use this picture" }
                    @if held.is_some() { button.small.danger name="do" value="remove" type="submit" { "Take it away" } }
                }
            }
        }
    }
}

/// A picture as an address that holds it, so that it is there wherever the console is.
fn source(logo: &Logo) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let kind = match logo.media_type().extension() {
        "svg" => "svg+xml",
        "jpg" => "jpeg",
        other => other,
    };
    format!("data:image/{kind};base64,{}", STANDARD.encode(logo.bytes()))
}

fn search(shown: &Settings<'_>) -> Markup {
    html! {
        (parts::tick("hidden_from_search", "Ask search engines to leave the page out", shown.is_set("hidden_from_search")))
        (shown.field("security_contact", "Where weaknesses are told of").optional()
            .hint("A mailto:, https: or tel: address, which security.txt names.").shown())
    }
}

fn domain(shown: &Settings<'_>) -> Markup {
    let host = shown.value("host");
    html! {
        (shown.field("host", "Host").optional().hint("Such as status.example.com. It is needed where there are several pages: each answers under its own.").shown())
        @if !host.is_empty() {
            p { "For " strong { (host) } " to lead here, DNS must hold one of these:" }
            pre tabindex="0" { (host) ".  CNAME  " (shown.own_host) ".\n" (host) ".  A / AAAA  the addresses of " (shown.own_host) }
            p.q {
                "A name that is the whole zone, such as example.com, can't be a CNAME: use A and AAAA there, or an alias \
                 record of your provider. Whatever ends TLS before Pharos needs a certificate for this name, and the \
                 public address above should begin with https://" (host) "."
            }
            @match shown.dns {
                None => { p { a href={ (shown.path()) "?dns=look#part-domain" } { "Look where it leads now" } } }
                Some(dns) => { (leads(dns, host, shown.own_host)) }
            }
        }
    }
}

fn leads(dns: &Dns, host: &str, own_host: &str) -> Markup {
    let list = |found: &[IpAddr]| found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let same = dns.found.iter().any(|address| dns.own.contains(address));
    html! {
        @if dns.found.is_empty() {
            p.note.warn role="status" { "DNS holds nothing for " (host) " yet, as far as this server sees." }
        } @else if same {
            p.note.done role="status" { (host) " leads to " (list(&dns.found)) ", like " (own_host) "." }
        } @else {
            p.note.warn role="status" {
                (host) " leads to " (list(&dns.found)) ", and " (own_host) " to "
                @if dns.own.is_empty() { "nothing" } @else { (list(&dns.own)) }
                ". If a proxy or load balancer stands between, that may be right."
            }
        }
    }
}
