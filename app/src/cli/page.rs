//! `pharos page`: making pages, and what is said of them.

use std::{fs::File, io::Read, str::FromStr};

use chrono::{DateTime, Utc};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{Usage, open};
use crate::{
    domain::{
        Id,
        branding::{Accent, Around, Colour, Contact, Corner, Css, Logo, Text},
        page as rules,
    },
    locale,
    settings::{self, Settings},
    store::{Actor, BrandingSettings, Change, Clearable, NewPage, PageSettings, StoreError},
};

/// More than any file that is taken.
const LARGEST_FILE: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make a page; its id is printed.
    Create {
        /// What it is called.
        #[arg(long, value_parser = settings::name)]
        name: String,
        #[command(flatten)]
        more: Box<PageOptions>,
    },
    /// Change what a page says of itself; what is not named stays as it is.
    Set {
        /// The page's id.
        id: Id,
        /// What it is called.
        #[arg(long, value_parser = settings::name)]
        name: Option<String>,
        /// Take something away; can be given several times.
        #[arg(long, value_name = "FIELD", value_parser = clearable())]
        clear: Vec<Clearable>,
        #[command(flatten)]
        more: Box<PageOptions>,
    },
    /// List the pages with their revision.
    List,
}

/// What can be said of a page besides its name.
#[derive(Debug, Args)]
pub struct PageOptions {
    /// What the page is about, in one line of at most 500 characters.
    #[arg(long, value_name = "TEXT", value_parser = rules::description)]
    description: Option<String>,
    /// The host that it answers under when there are several pages.
    #[arg(long, value_name = "NAME", value_parser = settings::host)]
    host: Option<String>,
    /// Its public address, without a path; https:// and the host for a new page, if nothing else is
    /// said.
    #[arg(long, value_parser = rules::url)]
    url: Option<String>,
    /// Where visitors get help.
    #[arg(long, value_name = "URL", value_parser = settings::web_address)]
    support_url: Option<String>,
    /// The zone of its days: an IANA name such as Europe/Berlin; Etc/UTC for a new page.
    #[arg(long, value_name = "ZONE", value_parser = rules::time_zone)]
    time_zone: Option<chrono_tz::Tz>,
    /// The language of its front page; the others are shown below their tag.
    #[arg(long, value_name = "TAG", value_parser = locale::known)]
    language: Option<String>,
    /// Leave days without an incident out of the list of past days.
    #[arg(long, value_name = "true|false")]
    hide_empty_days: Option<bool>,
    #[command(flatten)]
    dress: DressOptions,
}

/// What a page wears.
#[derive(Debug, Args)]
struct DressOptions {
    /// The logo beside the page's name: an SVG, PNG, WebP or JPEG of at most 64 KiB.
    #[arg(long, value_name = "FILE", value_parser = logo)]
    logo: Option<Logo>,
    /// The logo in its place where the visitor likes it dark.
    #[arg(long, value_name = "FILE", value_parser = logo)]
    logo_dark: Option<Logo>,
    /// The icon of the page's tab, square; without one it shows the page's state.
    #[arg(long, value_name = "FILE", value_parser = logo)]
    icon: Option<Logo>,
    /// The colour of buttons and links: #rrggbb, readable on the page's light backgrounds.
    #[arg(long, value_name = "#RRGGBB")]
    accent: Option<Accent<false>>,
    /// The same where the visitor likes it dark.
    #[arg(long, value_name = "#RRGGBB")]
    accent_dark: Option<Accent<true>>,
    /// Markdown at the top of each page, at most 5,000 characters; @FILE takes it from a file.
    #[arg(long, value_name = "TEXT|@FILE", value_parser = told::<Around>)]
    header: Option<Around>,
    /// Markdown at the bottom of each page.
    #[arg(long, value_name = "TEXT|@FILE", value_parser = told::<Around>)]
    footer: Option<Around>,
    /// A style sheet of the page's own, at most 32 KiB: no imports and no foreign addresses.
    #[arg(long, value_name = "FILE", value_parser = css)]
    custom_css: Option<Css>,
    /// Markdown that is pinned to the front page, at most 2,000 characters. It goes when the one
    /// before it would have gone, if that is still to come and nothing else is said; `--clear
    /// announcement-until` lets it stay.
    #[arg(long, value_name = "TEXT|@FILE", value_parser = told::<Text<2_000>>)]
    announcement: Option<Text<2_000>>,
    /// When the announcement goes: RFC 3339, such as 2027-01-31T18:00:00Z.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    announcement_until: Option<DateTime<Utc>>,
    /// Where weaknesses are told of: a mailto:, https: or tel: address.
    #[arg(long, value_name = "ADDRESS")]
    security_contact: Option<Contact>,
    /// Ask search engines to leave the page out.
    #[arg(long, value_name = "true|false")]
    hide_from_search: Option<bool>,
    /// Say at the bottom what made the page.
    #[arg(long, value_name = "true|false")]
    powered_by: Option<bool>,
    /// The corner that the embed appears in.
    #[arg(long, value_name = "CORNER", value_parser = corner())]
    embed_position: Option<Corner>,
    /// The embed's colours while there is an incident: words of at least 4.5 to 1 on their ground.
    #[arg(long, value_name = "#RRGGBB")]
    embed_incident_background: Option<Colour>,
    /// The embed's words while there is an incident.
    #[arg(long, value_name = "#RRGGBB")]
    embed_incident_text: Option<Colour>,
    /// The embed's colours during a maintenance.
    #[arg(long, value_name = "#RRGGBB")]
    embed_maintenance_background: Option<Colour>,
    /// The embed's words during a maintenance.
    #[arg(long, value_name = "#RRGGBB")]
    embed_maintenance_text: Option<Colour>,
}

fn clearable() -> impl TypedValueParser<Value = Clearable> {
    PossibleValuesParser::new(Clearable::ALL.map(Clearable::as_str)).try_map(|word| {
        let mut all = Clearable::ALL.into_iter();
        all.find(|field| field.as_str() == word).ok_or("no such field")
    })
}

fn corner() -> impl TypedValueParser<Value = Corner> {
    PossibleValuesParser::new(Corner::ALL.map(Corner::as_str))
        .try_map(|word| Corner::parse(&word).ok_or("no such corner"))
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed.map(|at| at.to_utc()).map_err(|_| "allowed is an instant such as 2027-01-31T18:00:00Z".into())
}

fn logo(path: &str) -> Result<Logo, String> {
    Logo::of(read(path)?)
}

fn css(path: &str) -> Result<Css, String> {
    String::from_utf8(read(path)?).map_err(|_| "allowed is a text in UTF-8".to_owned())?.parse()
}

/// A text as it was typed, or that of the file behind an `@`.
fn told<T: FromStr<Err = String>>(text: &str) -> Result<T, String> {
    match text.strip_prefix('@') {
        Some(path) => {
            String::from_utf8(read(path)?).map_err(|_| "allowed is a text in UTF-8".to_owned())?.parse()
        }
        None => text.parse(),
    }
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = vec![];
    let file = File::open(path).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes));
    file.map(|_| bytes).map_err(|error| format!("the file can't be read: {error}"))
}

impl PageOptions {
    fn settings(self, name: Option<String>, clear: Vec<Clearable>) -> PageSettings {
        PageSettings {
            clear,
            name,
            description: self.description,
            host: self.host,
            url: self.url,
            support_url: self.support_url,
            time_zone: self.time_zone,
            language: self.language,
            hide_empty_days: self.hide_empty_days,
            branding: self.dress.settings(),
        }
    }
}

impl DressOptions {
    fn settings(self) -> BrandingSettings {
        BrandingSettings {
            logo: self.logo,
            logo_dark: self.logo_dark,
            icon: self.icon,
            accent: self.accent,
            accent_dark: self.accent_dark,
            header: self.header,
            footer: self.footer,
            custom_css: self.custom_css,
            announcement: self.announcement,
            announcement_until: self.announcement_until,
            security_contact: self.security_contact,
            hidden_from_search: self.hide_from_search,
            powered_by: self.powered_by,
            embed_position: self.embed_position,
            embed_incident_background: self.embed_incident_background,
            embed_incident_text: self.embed_incident_text,
            embed_maintenance_background: self.embed_maintenance_background,
            embed_maintenance_text: self.embed_maintenance_text,
        }
    }
}

/// Sets what was asked for; what is refused of it was asked for wrongly.
async fn set(change: &mut Change, settings: PageSettings) -> anyhow::Result<()> {
    change.set_page(settings).await.map_err(|error| match error {
        StoreError::Refused(why) => Usage(format!("--{why}")).into(),
        other => other.into(),
    })
}

pub async fn run(settings: &Settings, task: Task) -> anyhow::Result<()> {
    let store = open(settings).await?;
    match task {
        Task::Create { name, mut more } => {
            more.url = more.url.or_else(|| more.host.as_ref().map(|host| format!("https://{host}")));
            let page = NewPage { host: more.host.clone(), ..NewPage::named(&name) };
            let mut change = store.change_new_page(page, Actor::CommandLine).await?;
            set(&mut change, more.settings(Some(name), vec![])).await?;
            println!("{}", change.commit().await?.page_id);
        }
        Task::Set { id, name, clear, more } => {
            let settings = more.settings(name, clear);
            if let Some(both) = settings.clear.iter().find(|field| field.is_set_by(&settings)) {
                let field = both.as_str();
                return Err(Usage(format!("--clear {field}: --{field} is given too; say one of both")).into());
            }
            let mut change = store.change(&id, Actor::CommandLine).await?;
            set(&mut change, settings).await?;
            println!("{} is at revision {} now", id, change.commit().await?.version.revision);
        }
        Task::List => {
            for (id, version) in store.versions().await? {
                let page = store.load(&id, settings.base_url.as_str()).await?.page;
                let host = page.host.unwrap_or_else(|| "-".to_owned());
                println!("{id}\trevision {}\t{host}\t{}", version.revision, page.name);
            }
        }
    }
    Ok(())
}
