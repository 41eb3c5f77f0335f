//! Pages as they are answered.

use serde::Serialize;

use chrono_tz::Tz;

use crate::{
    domain::{Id, state},
    wire::Stamp,
};

/// A page. What Pharos has no use for is null or false; its colours and pictures are set elsewhere, and
/// stand here as Statuspage writes those of a page that has none.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Page {
    pub id: Id,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub name: String,
    pub page_description: Option<String>,
    pub headline: Option<String>,
    pub branding: String,
    pub subdomain: Option<String>,
    pub domain: Option<String>,
    pub url: String,
    pub support_url: Option<String>,
    pub hidden_from_search: bool,
    pub allow_page_subscribers: bool,
    pub allow_incident_subscribers: bool,
    pub allow_email_subscribers: bool,
    pub allow_sms_subscribers: bool,
    pub allow_rss_atom_feeds: bool,
    pub allow_webhook_subscribers: bool,
    pub notifications_from_email: Option<String>,
    pub notifications_email_footer: Option<String>,
    pub activity_score: Option<f64>,
    pub twitter_username: Option<String>,
    pub viewers_must_be_team_members: bool,
    pub ip_restrictions: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    #[schema(value_type = String)]
    pub time_zone: Tz,
    pub css_body_background_color: Option<String>,
    pub css_font_color: Option<String>,
    pub css_light_font_color: Option<String>,
    pub css_greens: Option<String>,
    pub css_yellows: Option<String>,
    pub css_oranges: Option<String>,
    pub css_blues: Option<String>,
    pub css_reds: Option<String>,
    pub css_border_color: Option<String>,
    pub css_graph_color: Option<String>,
    pub css_link_color: Option<String>,
    pub css_no_data: Option<String>,
    pub favicon_logo: Icon,
    pub transactional_logo: Picture,
    pub hero_cover: Picture,
    pub email_logo: Picture,
    pub twitter_logo: Icon,
    /// The language of the page: a tag such as `en`.
    pub language: String,
    /// How often the page was changed: the revision that visitors see.
    pub revision: Option<i64>,
}

impl Page {
    pub fn of(page: &state::Page, revision: Option<i64>) -> Self {
        let stamp = |at| Stamp::new(at, page.time_zone);
        Self {
            id: page.id.clone(),
            created_at: stamp(page.created_at),
            updated_at: stamp(page.updated_at),
            name: page.name.clone(),
            page_description: page.description.clone(),
            headline: None,
            branding: "premium".into(),
            subdomain: None,
            domain: page.host.clone(),
            url: page.url.clone(),
            support_url: page.support_url.clone(),
            hidden_from_search: page.branding.hidden_from_search,
            allow_page_subscribers: true,
            allow_incident_subscribers: true,
            allow_email_subscribers: true,
            allow_sms_subscribers: false,
            allow_rss_atom_feeds: true,
            allow_webhook_subscribers: true,
            notifications_from_email: None,
            notifications_email_footer: None,
            activity_score: None,
            twitter_username: None,
            viewers_must_be_team_members: false,
            ip_restrictions: None,
            city: None,
            state: None,
            country: None,
            time_zone: page.time_zone,
            css_body_background_color: None,
            css_font_color: None,
            css_light_font_color: None,
            css_greens: None,
            css_yellows: None,
            css_oranges: None,
            css_blues: None,
            css_reds: None,
            css_border_color: None,
            css_graph_color: None,
            css_link_color: None,
            css_no_data: None,
            favicon_logo: Icon::default(),
            transactional_logo: Picture::default(),
            hero_cover: Picture::default(),
            email_logo: Picture::default(),
            twitter_logo: Icon::default(),
            language: page.language.clone(),
            revision,
        }
    }
}

/// A picture in several sizes, where there is none.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Picture {
    pub updated_at: Option<Stamp>,
    pub original_url: String,
    pub size: Option<i64>,
    pub normal_url: String,
    pub retina_url: String,
}

/// A picture in one size, where there is none.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Icon {
    pub updated_at: Option<Stamp>,
    pub size: Option<i64>,
    pub url: String,
}
