//! The small things that other sites, crawlers, previews and tools read, made of a snapshot.

use std::sync::LazyLock;

use bytes::Bytes;
use chrono::DateTime;
use moka::sync::Cache;
use serde_json::Value;

use super::{Artefact, MediaType, Snapshot};
use crate::{
    domain::Id,
    render::{
        badges::Badge,
        crawlers, embed, groups, icons,
        oembed::{self, Size, Target},
        openapi,
        picture::{self, picture},
        raster, reference,
    },
};

/// What a badge speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Page,
    Component(Id),
    Uptime(Id),
}

/// What a badge is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BadgeForm {
    Svg,
    Json,
}

/// One of the small things.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Aside {
    Badge(Subject, BadgeForm),
    EmbedScript,
    EmbedFrame,
    /// The card of something that the snapshot holds, in the language of this tag.
    EmbedCard(Target, &'static str),
    OEmbed(Target, Size, &'static str),
    Robots,
    SecurityText,
    Sitemap,
    Manifest,
    Favicon,
    Ico,
    /// The page's icon as a PNG of this side in pixels: one of those that are served.
    Icon(u32),
    /// The picture for previews, in the language of this tag.
    Picture(&'static str),
}

impl Aside {
    /// The sides that icons are served in.
    pub const SIDES: [u32; 3] = [icons::APPLE_SIDE, icons::SIDES[0], icons::SIDES[1]];

    pub(super) fn make(&self, snapshot: &Snapshot) -> Option<Artefact> {
        let state = &snapshot.state;
        let text = |media_type, text: String| Some(Artefact::new(media_type, text, snapshot.as_of));
        match self {
            Self::Badge(subject, form) => {
                let badge = subject.badge(snapshot)?;
                match form {
                    BadgeForm::Svg => text(MediaType::Svg, badge.svg()),
                    BadgeForm::Json => text(MediaType::Json, badge.json()),
                }
            }
            Self::EmbedScript => text(MediaType::Script, embed::script(state, snapshot.texts())),
            Self::EmbedFrame => Some(framed(embed::frame(state, snapshot.texts()), snapshot)),
            Self::EmbedCard(target, tag) => {
                let card = embed::card(state, target.shown(state)?, snapshot.texts_in(tag)?);
                Some(framed(card, snapshot))
            }
            Self::OEmbed(target, size, tag) => {
                let texts = snapshot.texts_in(tag)?;
                text(MediaType::Json, oembed::oembed(state, target.shown(state)?, *size, texts))
            }
            Self::SecurityText => {
                let contact = state.page.branding.security_contact.as_ref()?;
                text(MediaType::Text, crawlers::security(state, contact, snapshot.as_of))
            }
            Self::Robots => text(MediaType::Text, crawlers::robots(state)),
            Self::Sitemap => text(MediaType::Xml, crawlers::sitemap(state)?),
            Self::Manifest => text(MediaType::Manifest, icons::manifest(state, snapshot.texts())),
            Self::Favicon => text(MediaType::Svg, icons::favicon(state)),
            Self::Ico => {
                let png = painted(icons::favicon(state), icons::ICO_SIDE.into())?;
                let ico = raster::ico(&png, icons::ICO_SIDE);
                Some(Artefact::new(MediaType::Icon, ico, snapshot.as_of))
            }
            Self::Icon(side) => {
                let side = Self::SIDES.contains(side).then_some(*side)?;
                Some(Artefact::new(MediaType::Png, painted(icons::tile(state), side)?, snapshot.as_of))
            }
            Self::Picture(tag) => {
                let drawing = picture(state, snapshot.as_of, snapshot.texts_in(tag)?);
                Some(Artefact::new(MediaType::Png, painted(drawing, picture::WIDTH)?, snapshot.as_of))
            }
        }
    }
}

/// A page that any site may frame.
fn framed(html: String, snapshot: &Snapshot) -> Artefact {
    Artefact::new(MediaType::Html, html, snapshot.as_of).with_policy(&embed::POLICY)
}

/// The description of all that machines read, which is the same for every page.
pub fn description() -> &'static Artefact {
    static DESCRIPTION: LazyLock<Artefact> =
        LazyLock::new(|| Artefact::new(MediaType::Json, openapi::openapi(), DateTime::UNIX_EPOCH));
    &DESCRIPTION
}

/// A description as a page for people. `document_path` is where the description is served.
pub fn reference(document: &Value, document_path: &str) -> Artefact {
    let html = reference::reference(document, document_path);
    Artefact::new(MediaType::Html, html, DateTime::UNIX_EPOCH).with_policy(reference::policy())
}

impl Subject {
    fn badge(&self, snapshot: &Snapshot) -> Option<Badge> {
        let (state, texts) = (&snapshot.state, snapshot.texts());
        match self {
            Self::Page => Some(Badge::of_page(state, texts)),
            Self::Component(id) => Some(match state.component(id) {
                Some(component) => Badge::of_component(state, component, texts),
                None => Badge::of_group(state, groups::find(state, id)?, texts),
            }),
            Self::Uptime(id) => Badge::of_uptime(state, state.component(id)?, snapshot.as_of, texts),
        }
    }
}

/// How many pictures are kept from one snapshot to the next: most say what was said before, and
/// painting one takes longer than anything else here.
const KEPT: u64 = 64;

/// A drawing as a PNG of this width.
fn painted(drawing: String, width: u32) -> Option<Bytes> {
    static PAINTED: LazyLock<Cache<(String, u32), Bytes>> = LazyLock::new(|| Cache::new(KEPT));
    let key = (drawing, width);
    PAINTED.optionally_get_with_by_ref(&key, || raster::png(&key.0, width).map(Bytes::from))
}
