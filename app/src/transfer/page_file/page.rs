//! The settings of a page: what a file says of them, checked as `pharos page set` checks it.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{differences::Difference, read::File};
use crate::{
    domain::{
        branding::{Colour, Embed, Logo, LogoType},
        page as rules,
        state::Page,
    },
    locale, settings,
    store::{Clearable, PageSettings},
    wire::page_file::{EmbedPart, PagePart},
};

/// A page as a file says it, with what is as usual left out.
pub fn part(page: &Page) -> PagePart {
    let dress = &page.branding;
    let text = |set: Option<String>| set.map(Some);
    let picture = |logo: &Option<Logo>| logo.as_ref().map(data_uri).map(Some);
    PagePart {
        id: Some(page.id.to_string()),
        name: Some(page.name.clone()),
        description: text(page.description.clone()),
        host: text(page.host.clone()),
        url: text(address(page)),
        support_url: text(page.support_url.clone()),
        time_zone: Some(page.time_zone.name().to_owned()),
        language: Some(page.language.clone()),
        hide_empty_days: page.hide_empty_days.then_some(true),
        logo: picture(&dress.logo),
        logo_dark: picture(&dress.logo_dark),
        icon: picture(&dress.icon),
        accent: text(dress.accent.map(String::from)),
        accent_dark: text(dress.accent_dark.map(String::from)),
        header: text(dress.header.clone().map(String::from)),
        footer: text(dress.footer.clone().map(String::from)),
        custom_css: text(dress.custom_css.clone().map(String::from)),
        security_contact: text(dress.security_contact.clone().map(String::from)),
        hidden_from_search: dress.hidden_from_search.then_some(true),
        powered_by: (!dress.powered_by).then_some(false),
        embed: (dress.embed != Embed::default()).then(|| embed_part(&dress.embed)),
    }
}

fn address(page: &Page) -> Option<String> {
    Some(page.url.clone()).filter(|url| !url.is_empty())
}

fn embed_part(embed: &Embed) -> EmbedPart {
    let text = |colour: Option<Colour>| colour.map(String::from);
    EmbedPart {
        position: embed.position,
        incident_background_color: text(embed.incident_background_color),
        incident_text_color: text(embed.incident_text_color),
        maintenance_background_color: text(embed.maintenance_background_color),
        maintenance_text_color: text(embed.maintenance_text_color),
    }
}

fn data_uri(logo: &Logo) -> String {
    let kind = match logo.media_type() {
        LogoType::Svg => "svg+xml",
        LogoType::Png => "png",
        LogoType::Webp => "webp",
        LogoType::Jpeg => "jpeg",
    };
    format!("data:image/{kind};base64,{}", STANDARD.encode(logo.bytes()))
}

fn picture(text: &str) -> Result<Logo, String> {
    let data = text.split_once(";base64,").map(|(_, data)| data).unwrap_or_default();
    let wrong = |_| "allowed is a picture as data:image/…;base64,…".to_owned();
    Logo::of(STANDARD.decode(data.trim()).map_err(wrong)?)
}

/// What is to be set, and what that changes.
#[derive(Debug)]
pub struct Wanted<'a> {
    file: &'a File,
    pub settings: PageSettings,
    pub differences: Vec<Difference>,
    pub wrong: Vec<String>,
}

/// Compares what a file says of a page with what is set.
pub fn wanted<'a>(file: &'a File, part: &PagePart, page: &Page) -> Wanted<'a> {
    let mut wanted = Wanted { file, settings: PageSettings::default(), differences: vec![], wrong: vec![] };
    wanted.plain(part, page);
    wanted.dress(part, page);
    if let Some(embed) = &part.embed {
        wanted.embed(embed, &page.branding.embed);
    }
    wanted
}

impl Wanted<'_> {
    fn plain(&mut self, part: &PagePart, page: &Page) {
        let said = |value: &Option<String>| value.clone().map(Some);
        let mut settings = PageSettings {
            name: self.text("name", &said(&part.name), Some(page.name.clone()), None, settings::name),
            description: self.text(
                "description",
                &part.description,
                page.description.clone(),
                Some(Clearable::Description),
                rules::description,
            ),
            host: self.text("host", &part.host, page.host.clone(), Some(Clearable::Host), settings::host),
            url: self.text("url", &part.url, address(page), Some(Clearable::Url), rules::url),
            support_url: self.text(
                "support_url",
                &part.support_url,
                page.support_url.clone(),
                Some(Clearable::SupportUrl),
                settings::web_address,
            ),
            time_zone: self.text(
                "time_zone",
                &said(&part.time_zone),
                Some(page.time_zone.name().to_owned()),
                None,
                rules::time_zone,
            ),
            language: self.text(
                "language",
                &said(&part.language),
                Some(page.language.clone()),
                None,
                |tag| {
                    locale::texts(tag)
                        .map(|texts| texts.tag().to_owned())
                        .ok_or_else(|| format!("allowed are {}", locale::languages().join(", ")))
                },
            ),
            hide_empty_days: self.flag("hide_empty_days", part.hide_empty_days, page.hide_empty_days),
            ..PageSettings::default()
        };
        settings.clear = std::mem::take(&mut self.settings.clear);
        self.settings = settings;
    }

    fn dress(&mut self, part: &PagePart, page: &Page) {
        let held = &page.branding;
        let mut dress = std::mem::take(&mut self.settings.branding);
        dress.logo = self.picture("logo", &part.logo, &held.logo, Clearable::Logo);
        dress.logo_dark = self.picture("logo_dark", &part.logo_dark, &held.logo_dark, Clearable::LogoDark);
        dress.icon = self.picture("icon", &part.icon, &held.icon, Clearable::Icon);
        dress.accent = self.parsed("accent", &part.accent, held.accent.map(String::from), Clearable::Accent);
        dress.accent_dark = self.parsed(
            "accent_dark",
            &part.accent_dark,
            held.accent_dark.map(String::from),
            Clearable::AccentDark,
        );
        let text = |held: &Option<_>| held.clone().map(String::from);
        dress.header = self.parsed("header", &part.header, text(&held.header), Clearable::Header);
        dress.footer = self.parsed("footer", &part.footer, text(&held.footer), Clearable::Footer);
        let css = held.custom_css.clone().map(String::from);
        dress.custom_css = self.parsed("custom_css", &part.custom_css, css, Clearable::CustomCss);
        let contact = held.security_contact.clone().map(String::from);
        dress.security_contact =
            self.parsed("security_contact", &part.security_contact, contact, Clearable::SecurityContact);
        dress.hidden_from_search =
            self.flag("hidden_from_search", part.hidden_from_search, held.hidden_from_search);
        dress.powered_by = self.flag("powered_by", part.powered_by, held.powered_by);
        self.settings.branding = dress;
    }

    fn embed(&mut self, part: &EmbedPart, held: &Embed) {
        let mut colour = |field: &str, text: &Option<String>| {
            let read = text.as_deref().map(Colour::from_str).transpose();
            read.unwrap_or_else(|wrong| {
                self.wrong.push(self.file.wrong(&format!("/page/embed/{field}"), &wrong));
                None
            })
        };
        let embed = Embed {
            position: part.position,
            incident_background_color: colour("incident_background_color", &part.incident_background_color),
            incident_text_color: colour("incident_text_color", &part.incident_text_color),
            maintenance_background_color: colour(
                "maintenance_background_color",
                &part.maintenance_background_color,
            ),
            maintenance_text_color: colour("maintenance_text_color", &part.maintenance_text_color),
        };
        if embed == *held {
            return;
        }
        self.differ("embed", json!(embed_part(held)), json!(embed_part(&embed)));
        self.settings.clear.push(Clearable::Embed);
        let dress = &mut self.settings.branding;
        dress.embed_position = embed.position;
        dress.embed_incident_background = embed.incident_background_color;
        dress.embed_incident_text = embed.incident_text_color;
        dress.embed_maintenance_background = embed.maintenance_background_color;
        dress.embed_maintenance_text = embed.maintenance_text_color;
    }

    fn differ(&mut self, field: &str, before: Value, after: Value) {
        self.differences.push(Difference { field: field.to_owned(), before, after });
    }

    /// A value that is written as a text; what it is to be set to, if that is something else.
    fn text<T: ToText>(
        &mut self,
        field: &str,
        said: &Option<Option<String>>,
        held: Option<String>,
        clear: Option<Clearable>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let said = said.as_ref()?.as_deref().filter(|text| !text.trim().is_empty());
        let Some(said) = said else {
            if held.is_some()
                && let Some(clear) = clear
            {
                self.settings.clear.push(clear);
                self.differ(field, json!(held), Value::Null);
            }
            return None;
        };
        match parse(said) {
            Ok(value) if Some(value.to_text()) == held => None,
            Ok(value) => {
                self.differ(field, json!(held), json!(value.to_text()));
                Some(value)
            }
            Err(wrong) => {
                self.wrong.push(self.file.wrong(&format!("/page/{field}"), &wrong));
                None
            }
        }
    }

    fn parsed<T>(
        &mut self,
        field: &str,
        said: &Option<Option<String>>,
        held: Option<String>,
        clear: Clearable,
    ) -> Option<T>
    where
        T: FromStr<Err = String> + Clone + Into<String>,
    {
        self.text(field, said, held, Some(clear), |text| text.parse::<T>().map(Parsed)).map(|parsed| parsed.0)
    }

    fn picture(
        &mut self,
        field: &str,
        said: &Option<Option<String>>,
        held: &Option<Logo>,
        clear: Clearable,
    ) -> Option<Logo> {
        self.text(field, said, held.as_ref().map(data_uri), Some(clear), picture)
    }

    fn flag(&mut self, field: &str, said: Option<bool>, held: bool) -> Option<bool> {
        let said = said.filter(|said| *said != held)?;
        self.differ(field, json!(held), json!(said));
        Some(said)
    }
}

/// A checked value as a file would say it.
trait ToText {
    fn to_text(&self) -> String;
}

impl ToText for String {
    fn to_text(&self) -> String {
        self.clone()
    }
}

impl ToText for chrono_tz::Tz {
    fn to_text(&self) -> String {
        self.name().to_owned()
    }
}

impl ToText for Logo {
    fn to_text(&self) -> String {
        data_uri(self)
    }
}

struct Parsed<T>(T);

impl<T: Clone + Into<String>> ToText for Parsed<T> {
    fn to_text(&self) -> String {
        self.0.clone().into()
    }
}
