//! What a page says of itself, and what it wears. The rules are those of `pharos page set`.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use actix_web::{HttpResponse, http::StatusCode};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::{Asked, Call, Entry, Failure, form::Form, get, permission::ConfiguresPage, post};
use crate::{
    domain::{
        branding::{Accent, Colour, DARK_GROUNDS, LIGHT_GROUNDS, Logo},
        calendar, page as rules,
        state::{LiveState, Page},
    },
    locale,
    render::{
        console::{self, Contrast, Dns, Part, Section, Settings},
        page, raster,
    },
    settings,
    store::{BrandingSettings, Clearable, PageSettings, StoreError},
};

const PATH: &str = "/admin/pages/{page}/settings";
const PREVIEW: &str = "/admin/pages/{page}/settings/preview";
const LOGO: &str = "/admin/pages/{page}/settings/logo";
/// How long DNS may take.
const DNS_PATIENCE: Duration = Duration::from_secs(4);
/// The most addresses that are told.
const MOST_ADDRESSES: usize = 8;

pub fn routes() -> Vec<Entry> {
    vec![
        get(PATH, show),
        post(PATH, save),
        get(PREVIEW, preview),
        post(PREVIEW, preview),
        post(LOGO, picture),
    ]
}

/// What is wrong, and in which field.
type Wrong = (&'static str, String);

/// What is drawn besides what is set.
#[derive(Default)]
struct Told {
    wrong: Option<Wrong>,
    overtaken: bool,
    dns: Option<Dns>,
}

/// Each field as it is set.
fn held(page: &Page) -> HashMap<&'static str, String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let tick = |yes: bool| if yes { "true".to_owned() } else { String::new() };
    let branding = &page.branding;
    let said = |said: Option<&str>| said.unwrap_or_default().to_owned();
    let until = branding.announcement.as_ref().and_then(|pinned| pinned.until);
    HashMap::from([
        ("name", page.name.clone()),
        ("description", text(&page.description)),
        ("url", page.url.clone()),
        ("support_url", text(&page.support_url)),
        ("zone", page.time_zone.name().to_owned()),
        ("language", page.language.clone()),
        ("hide_empty_days", tick(page.hide_empty_days)),
        ("announcement", said(branding.announcement.as_ref().map(|pinned| pinned.body.as_str()))),
        ("announcement_until", until.map(|at| calendar::local_text(at, page.time_zone)).unwrap_or_default()),
        ("accent", branding.accent.map(|accent| accent.to_string()).unwrap_or_default()),
        ("accent_dark", branding.accent_dark.map(|accent| accent.to_string()).unwrap_or_default()),
        ("header", said(branding.header.as_ref().map(|text| text.as_str()))),
        ("footer", said(branding.footer.as_ref().map(|text| text.as_str()))),
        ("custom_css", said(branding.custom_css.as_ref().map(|css| css.as_str()))),
        ("powered_by", tick(branding.powered_by)),
        ("hidden_from_search", tick(branding.hidden_from_search)),
        ("security_contact", said(branding.security_contact.as_ref().map(|contact| contact.as_str()))),
        ("host", text(&page.host)),
    ])
}

/// What a part is known by as it was read: another one after each change of it.
fn stamp(part: Part, held: &HashMap<&'static str, String>) -> String {
    let mut digest = Sha256::new();
    for field in part.fields() {
        digest.update(held.get(field).map_or("", String::as_str));
        digest.update([0]);
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The page as the database holds it. An address that is not its own is left out.
async fn current(call: &Call) -> Result<Page, Failure> {
    let (id, _) = call.page()?;
    let moment = call.console.store.moment(&id).await?;
    Ok(moment.view().page("").await?)
}

async fn show(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let page = current(&asked).await?;
    let mut told = Told::default();
    if let Some(host) = page.host.as_deref().filter(|_| asked.query.text("dns") == "look") {
        told.dns = Some(Dns { found: addresses(host).await, own: addresses(&own_host(&asked)).await });
    }
    draw(&asked, StatusCode::OK, &page, told)
}

fn own_host(call: &Call) -> String {
    let url = url::Url::parse(&call.console.app.own_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Where a name leads; nothing, where DNS does not say so in time.
async fn addresses(host: &str) -> Vec<IpAddr> {
    let looked = tokio::time::timeout(DNS_PATIENCE, tokio::net::lookup_host((host, 443))).await;
    let mut found: Vec<IpAddr> = match looked {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        _ => vec![],
    };
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_ADDRESSES);
    found
}

fn draw(call: &Call, status: StatusCode, page: &Page, told: Told) -> Result<HttpResponse, Failure> {
    let set = held(page);
    let stamps = Part::ALL.map(|part| (part.as_str(), stamp(part, &set)));
    let mut values = set;
    // What was typed of a part stays as it was typed.
    for field in Part::parse(call.form.text("part")).map_or(&[][..], Part::fields).iter().copied() {
        values.insert(field, call.form.raw(field).replace("\r\n", "\n"));
    }
    let look = contrasts(&values["accent"], &values["accent_dark"]);
    Ok(call.html(status, |frame| {
        frame.title = "Settings".into();
        frame.section = Section::Settings;
        let shown = Settings {
            page: &page.id,
            zone: page.time_zone,
            values: &values,
            stamps: &HashMap::from(stamps),
            logo: page.branding.logo.as_ref(),
            logo_dark: page.branding.logo_dark.as_ref(),
            icon: page.branding.icon.as_ref(),
            wrong: told.wrong.as_ref().map(|(field, text)| (*field, text.as_str())),
            overtaken: told.overtaken,
            look: &look,
            own_host: &own_host(call),
            dns: told.dns.as_ref(),
        };
        console::settings(frame, &shown)
    }))
}

/// How well colours can be read that are typed; what is no colour is left out.
fn contrasts(light: &str, dark: &str) -> Vec<Contrast> {
    let one = |scheme, text: &str, grounds| {
        let colour: Colour = text.parse().ok()?;
        let (ratio, ground) = colour.weakest(grounds)?;
        Some(Contrast { scheme, colour: colour.to_string(), ground, ratio })
    };
    [one("Light", light, LIGHT_GROUNDS), one("Dark", dark, DARK_GROUNDS)].into_iter().flatten().collect()
}

/// What a form says of one field: a value by its rule, or, where it is empty, that it is taken away.
fn said<T>(
    form: &Form,
    field: &'static str,
    clears: Clearable,
    clear: &mut Vec<Clearable>,
    rule: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Wrong> {
    let text = form.raw(field).replace("\r\n", "\n");
    if text.trim().is_empty() {
        clear.push(clears);
        return Ok(None);
    }
    rule(text.trim()).map(Some).map_err(|why| wrong(field, &why))
}

fn wrong(field: &'static str, why: &str) -> Wrong {
    let name = field.replace('_', " ");
    let mut letters = name.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    (field, format!("{capital}: {why}."))
}

/// What is to be set of a part.
fn asked_for(part: Part, form: &Form, zone: Tz) -> Result<PageSettings, Wrong> {
    let mut to = PageSettings::default();
    let (mut clear, ticked) = (vec![], |field| Some(form.text(field) == "true"));
    match part {
        Part::About => {
            to.name = Some(settings::name(form.text("name")).map_err(|why| wrong("name", &why))?);
            to.description =
                said(form, "description", Clearable::Description, &mut clear, rules::description)?;
            to.url = said(form, "url", Clearable::Url, &mut clear, rules::url)?;
            to.support_url =
                said(form, "support_url", Clearable::SupportUrl, &mut clear, settings::web_address)?;
            to.time_zone = Some(rules::time_zone(form.text("zone")).map_err(|why| wrong("zone", &why))?);
            to.language = Some(locale::known(form.text("language")).map_err(|why| wrong("language", &why))?);
            to.hide_empty_days = ticked("hide_empty_days");
        }
        Part::Announcement => {
            let instant = |text: &str| calendar::instant(text, zone);
            let dress = &mut to.branding;
            dress.announcement = said(form, "announcement", Clearable::Announcement, &mut clear, str::parse)?;
            dress.announcement_until =
                said(form, "announcement_until", Clearable::AnnouncementUntil, &mut clear, instant)?;
            if dress.announcement.is_none() && dress.announcement_until.is_some() {
                return Err(wrong("announcement", "is needed for an end to be of any use"));
            }
        }
        Part::Look => to.branding = look_of(form, &mut clear)?,
        Part::Search => {
            let dress = &mut to.branding;
            dress.hidden_from_search = ticked("hidden_from_search");
            dress.security_contact =
                said(form, "security_contact", Clearable::SecurityContact, &mut clear, str::parse)?;
        }
        Part::Domain => to.host = said(form, "host", Clearable::Host, &mut clear, settings::host)?,
    }
    to.clear = clear;
    Ok(to)
}

fn look_of(form: &Form, clear: &mut Vec<Clearable>) -> Result<BrandingSettings, Wrong> {
    Ok(BrandingSettings {
        accent: said(form, "accent", Clearable::Accent, clear, str::parse)?,
        accent_dark: said(form, "accent_dark", Clearable::AccentDark, clear, str::parse)?,
        header: said(form, "header", Clearable::Header, clear, str::parse)?,
        footer: said(form, "footer", Clearable::Footer, clear, str::parse)?,
        custom_css: said(form, "custom_css", Clearable::CustomCss, clear, str::parse)?,
        powered_by: Some(form.text("powered_by") == "true"),
        ..BrandingSettings::default()
    })
}

async fn save(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let (id, snapshot) = asked.page()?;
    let form = &asked.form;
    let part = Part::parse(form.text("part"));
    let zone = snapshot.state.page.time_zone;
    if form.text("do") == "fragment" {
        return Ok(asked.fragment(checked(form, zone)));
    }
    let Some(part) = part.filter(|_| form.text("do") == "save") else {
        return draw(&asked, StatusCode::OK, &current(&asked).await?, Told::default());
    };
    let to = match asked_for(part, form, zone) {
        Ok(to) => to,
        Err(wrong) => return refuse(&asked, wrong).await,
    };
    let mut change = asked.console.store.change(&id, asked.actor()?).await?;
    let before = change.view().page("").await?;
    if stamp(part, &held(&before)) != form.text("stamp") {
        drop(change);
        let told = Told { overtaken: true, ..Told::default() };
        return draw(&asked, StatusCode::CONFLICT, &before, told);
    }
    match change.set_page(to).await {
        Ok(()) => {}
        Err(StoreError::Refused(text) | StoreError::Conflict(text)) => {
            drop(change);
            return refuse(&asked, ("", text)).await;
        }
        Err(error) => return Err(error.into()),
    }
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{id}/settings?said=saved#part-{}", part.as_str())))
}

async fn refuse(call: &Call, wrong: Wrong) -> Result<HttpResponse, Failure> {
    let told = Told { wrong: Some(wrong), ..Told::default() };
    draw(call, StatusCode::UNPROCESSABLE_ENTITY, &current(call).await?, told)
}

/// How what is typed can be read, and the first thing that is wrong with it.
fn checked(form: &Form, zone: Tz) -> String {
    let found = contrasts(form.text("accent"), form.text("accent_dark"));
    let wrong = asked_for(Part::Look, form, zone).err().map(|(_, text)| text);
    console::checked(&found, wrong.as_deref()).into_string()
}

/// The front page as it would look; what is wrong of what is typed is as it is set.
async fn preview(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let (_, snapshot) = asked.page()?;
    let mut state: LiveState = snapshot.state.clone();
    if asked.form.has("part") {
        wear(&mut state, &asked.form);
    }
    let now = asked.console.app.clock.now();
    let front = page::front(&state, state.moment(now), locale::own(&state.page.language));
    // It stands in a frame of the console, and can do nothing there.
    let policy =
        page::policy(&state).replace("frame-ancestors 'none'", "frame-ancestors 'self'") + "; sandbox";
    Ok(asked.answer(StatusCode::OK, console::without_scripts(&front), &policy))
}

fn wear(state: &mut LiveState, form: &Form) {
    fn put<T: std::str::FromStr>(to: &mut Option<T>, form: &Form, field: &str) {
        match form.raw(field).trim() {
            "" => *to = None,
            text => {
                if let Ok(value) = text.replace("\r\n", "\n").parse() {
                    *to = Some(value);
                }
            }
        }
    }
    let branding = &mut state.page.branding;
    put::<Accent<false>>(&mut branding.accent, form, "accent");
    put::<Accent<true>>(&mut branding.accent_dark, form, "accent_dark");
    put(&mut branding.header, form, "header");
    put(&mut branding.footer, form, "footer");
    put(&mut branding.custom_css, form, "custom_css");
    branding.powered_by = form.text("powered_by") == "true";
}

/// A logo is used, or taken away.
async fn picture(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let (id, _) = asked.page()?;
    let which = match asked.form.text("which") {
        "logo" => Clearable::Logo,
        "logo_dark" => Clearable::LogoDark,
        "icon" => Clearable::Icon,
        _ => return draw(&asked, StatusCode::OK, &current(&asked).await?, Told::default()),
    };
    let to = if asked.form.text("do") == "remove" {
        PageSettings { clear: vec![which], ..PageSettings::default() }
    } else {
        let logo = match asked.files.iter().find(|file| file.field == "file") {
            Some(file) => logo(&file.bytes),
            None => Err("choose a picture first".to_owned()),
        };
        let logo = match logo {
            Ok(logo) => Some(logo),
            Err(why) => return refuse(&asked, wrong("logo", &why)).await,
        };
        let none = BrandingSettings::default();
        let branding = match which {
            Clearable::LogoDark => BrandingSettings { logo_dark: logo, ..none },
            Clearable::Icon => BrandingSettings { icon: logo, ..none },
            _ => BrandingSettings { logo, ..none },
        };
        PageSettings { branding, ..PageSettings::default() }
    };
    let mut change = asked.console.store.change(&id, asked.actor()?).await?;
    change.set_page(to).await?;
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{id}/settings?said=saved#part-look")))
}

/// A picture by what it begins with. A PNG is written anew, so that nothing else comes with it; there
/// is nothing here that could write the other kinds.
fn logo(bytes: &[u8]) -> Result<Logo, String> {
    let given = Logo::of(bytes.to_vec())?;
    match given.media_type().extension() {
        "png" => Logo::of(raster::anew(bytes)?),
        _ => Ok(given),
    }
}
