//! The looks of a page's embed.

use serde::{Deserialize, Serialize};

use super::given::said;
use crate::domain::{
    Id,
    branding::{Corner, Embed},
};

/// The looks of the page's embed. A colour that is null is the embed's own.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct StatusEmbedConfig {
    pub page_id: Id,
    pub position: Option<String>,
    pub incident_background_color: Option<String>,
    pub incident_text_color: Option<String>,
    pub maintenance_background_color: Option<String>,
    pub maintenance_text_color: Option<String>,
}

impl StatusEmbedConfig {
    pub fn of(embed: &Embed, page_id: Id) -> Self {
        Self {
            page_id,
            position: embed.position.map(|corner| corner.as_str().to_owned()),
            incident_background_color: embed.incident_background_color.map(|colour| colour.to_string()),
            incident_text_color: embed.incident_text_color.map(|colour| colour.to_string()),
            maintenance_background_color: embed.maintenance_background_color.map(|colour| colour.to_string()),
            maintenance_text_color: embed.maintenance_text_color.map(|colour| colour.to_string()),
        }
    }
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct EmbedBody {
    pub status_embed_config: EmbedAsk,
}

/// Colours are `#rrggbb`; null is the embed's own. Words have a contrast of 4.5 to 1 or more.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct EmbedAsk {
    /// A corner of the window: `top-left`, `top-right`, `bottom-left` or `bottom-right`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Corner>)]
    pub position: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub incident_background_color: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub incident_text_color: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub maintenance_background_color: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub maintenance_text_color: Option<Option<String>>,
}
