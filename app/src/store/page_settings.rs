//! What operators say of a page: set, and taken away again.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, prelude::Json};

use super::{Change, Result, StoreError, convert, entity::pages, pages::refuse_taken_host};
use crate::domain::{
    branding::{Accent, Announcement, Around, Branding, Colour, Contact, Corner, Css, Embed, Logo, Text},
    state::Page,
};

/// What is to be set of a page; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PageSettings {
    /// What is taken away, before anything is set.
    pub clear: Vec<Clearable>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub host: Option<String>,
    pub url: Option<String>,
    pub support_url: Option<String>,
    pub time_zone: Option<chrono_tz::Tz>,
    /// The tag of a language that is there.
    pub language: Option<String>,
    pub hide_empty_days: Option<bool>,
    pub branding: BrandingSettings,
}

/// What is to be set of a page's dress; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct BrandingSettings {
    pub logo: Option<Logo>,
    pub logo_dark: Option<Logo>,
    pub icon: Option<Logo>,
    pub accent: Option<Accent<false>>,
    pub accent_dark: Option<Accent<true>>,
    pub header: Option<Around>,
    pub footer: Option<Around>,
    pub custom_css: Option<Css>,
    /// A new one ends when the one before it would have, unless that is over or another end is set.
    pub announcement: Option<Text<2_000>>,
    pub announcement_until: Option<DateTime<Utc>>,
    pub security_contact: Option<Contact>,
    pub hidden_from_search: Option<bool>,
    pub powered_by: Option<bool>,
    pub embed_position: Option<Corner>,
    pub embed_incident_background: Option<Colour>,
    pub embed_incident_text: Option<Colour>,
    pub embed_maintenance_background: Option<Colour>,
    pub embed_maintenance_text: Option<Colour>,
}

/// What a page can be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clearable {
    Description,
    Host,
    Url,
    SupportUrl,
    Logo,
    LogoDark,
    Icon,
    Accent,
    AccentDark,
    Header,
    Footer,
    CustomCss,
    Announcement,
    AnnouncementUntil,
    SecurityContact,
    Embed,
}

impl Clearable {
    pub const ALL: [Self; 16] = [
        Self::Description,
        Self::Host,
        Self::Url,
        Self::SupportUrl,
        Self::Logo,
        Self::LogoDark,
        Self::Icon,
        Self::Accent,
        Self::AccentDark,
        Self::Header,
        Self::Footer,
        Self::CustomCss,
        Self::Announcement,
        Self::AnnouncementUntil,
        Self::SecurityContact,
        Self::Embed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Host => "host",
            Self::Url => "url",
            Self::SupportUrl => "support-url",
            Self::Logo => "logo",
            Self::LogoDark => "logo-dark",
            Self::Icon => "icon",
            Self::Accent => "accent",
            Self::AccentDark => "accent-dark",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::CustomCss => "custom-css",
            Self::Announcement => "announcement",
            Self::AnnouncementUntil => "announcement-until",
            Self::SecurityContact => "security-contact",
            Self::Embed => "embed",
        }
    }

    /// Whether it is to be set as well.
    pub fn is_set_by(self, settings: &PageSettings) -> bool {
        let branding = &settings.branding;
        match self {
            Self::Description => settings.description.is_some(),
            Self::Host => settings.host.is_some(),
            Self::Url => settings.url.is_some(),
            Self::SupportUrl => settings.support_url.is_some(),
            Self::Logo => branding.logo.is_some(),
            Self::LogoDark => branding.logo_dark.is_some(),
            Self::Icon => branding.icon.is_some(),
            Self::Accent => branding.accent.is_some(),
            Self::AccentDark => branding.accent_dark.is_some(),
            Self::Header => branding.header.is_some(),
            Self::Footer => branding.footer.is_some(),
            Self::CustomCss => branding.custom_css.is_some(),
            Self::Announcement => branding.announcement.is_some(),
            Self::AnnouncementUntil => branding.announcement_until.is_some(),
            Self::SecurityContact => branding.security_contact.is_some(),
            // Its parts are set one by one, after all of it was taken away.
            Self::Embed => false,
        }
    }

    /// Takes it away.
    fn clear(self, row: &mut pages::Model, branding: &mut Branding) {
        match self {
            Self::Description => row.description = None,
            Self::Host => row.host = None,
            Self::Url => row.url = None,
            Self::SupportUrl => row.support_url = None,
            Self::Logo => branding.logo = None,
            Self::LogoDark => branding.logo_dark = None,
            Self::Icon => branding.icon = None,
            Self::Accent => branding.accent = None,
            Self::AccentDark => branding.accent_dark = None,
            Self::Header => branding.header = None,
            Self::Footer => branding.footer = None,
            Self::CustomCss => branding.custom_css = None,
            Self::Announcement => branding.announcement = None,
            Self::AnnouncementUntil => {
                branding.announcement.iter_mut().for_each(|pinned| pinned.until = None);
            }
            Self::SecurityContact => branding.security_contact = None,
            Self::Embed => branding.embed = Embed::default(),
        }
    }
}

impl BrandingSettings {
    /// Sets what is named; `at` is the instant of the change.
    fn apply(self, to: &mut Branding, at: DateTime<Utc>) -> Result<()> {
        set(&mut to.logo, self.logo);
        set(&mut to.logo_dark, self.logo_dark);
        set(&mut to.icon, self.icon);
        set(&mut to.accent, self.accent);
        set(&mut to.accent_dark, self.accent_dark);
        set(&mut to.header, self.header);
        set(&mut to.footer, self.footer);
        set(&mut to.custom_css, self.custom_css);
        set(&mut to.security_contact, self.security_contact);
        set(&mut to.embed.position, self.embed_position);
        set(&mut to.embed.incident_background_color, self.embed_incident_background);
        set(&mut to.embed.incident_text_color, self.embed_incident_text);
        set(&mut to.embed.maintenance_background_color, self.embed_maintenance_background);
        set(&mut to.embed.maintenance_text_color, self.embed_maintenance_text);
        to.hidden_from_search = self.hidden_from_search.unwrap_or(to.hidden_from_search);
        to.powered_by = self.powered_by.unwrap_or(to.powered_by);
        to.embed.readable().map_err(StoreError::Refused)?;
        if let Some(body) = self.announcement {
            let until = to.announcement.as_ref().and_then(|pinned| pinned.until).filter(|until| *until > at);
            to.announcement = Some(Announcement { body, until });
        }
        let Some(until) = self.announcement_until else { return Ok(()) };
        if until <= at {
            return Err(StoreError::Refused(format!("announcement-until: allowed is an instant after {at}")));
        }
        let none = || StoreError::Refused("announcement-until: there is no announcement; set one too".into());
        to.announcement.as_mut().ok_or_else(none)?.until = Some(until);
        Ok(())
    }
}

fn set<T>(field: &mut Option<T>, said: Option<T>) {
    if said.is_some() {
        *field = said;
    }
}

/// A page for the audit, without its pictures.
pub(super) fn audited(page: &Page) -> Option<Json> {
    let mut told = serde_json::to_value(page).ok()?;
    told["branding"] = page.branding.audited();
    Some(told)
}

impl Change {
    /// Sets what operators say of a page.
    pub async fn set_page(&mut self, settings: PageSettings) -> Result<()> {
        refuse_taken_host(self.transaction(), settings.host.as_deref(), &self.page.id).await?;
        let before = convert::page(self.page.clone(), "")?;
        let (mut new, mut branding) = (self.page.clone(), before.branding.clone());
        for field in &settings.clear {
            field.clear(&mut new, &mut branding);
        }
        settings.branding.apply(&mut branding, self.at)?;
        let row = pages::ActiveModel {
            id: Set(new.id),
            name: Set(settings.name.unwrap_or(new.name)),
            description: Set(settings.description.or(new.description)),
            host: Set(settings.host.or(new.host)),
            url: Set(settings.url.or(new.url)),
            support_url: Set(settings.support_url.or(new.support_url)),
            time_zone: Set(settings.time_zone.map_or(new.time_zone, |zone| zone.name().to_owned())),
            language: Set(settings.language.unwrap_or(new.language)),
            hide_empty_days: Set(settings.hide_empty_days.unwrap_or(new.hide_empty_days)),
            branding: Set(column(&branding)),
            ..Default::default()
        };
        self.page = row.update(self.transaction()).await?;
        self.history = true;
        let after = convert::page(self.page.clone(), "")?;
        self.audit("page.update", "page", &self.page_id.clone(), audited(&before), audited(&after));
        Ok(())
    }
}

/// As it is kept; what is as usual is not written down.
pub(super) fn column(branding: &Branding) -> Option<Json> {
    if *branding == Branding::default() { None } else { serde_json::to_value(branding).ok() }
}
