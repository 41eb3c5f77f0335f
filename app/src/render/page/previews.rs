//! What the head of a page says to home screens, chats and social sites.

use maud::{Markup, html};

use super::view::href;
use crate::{
    domain::state::LiveState,
    locale::Texts,
    render::picture::{HEIGHT, WIDTH},
};

/// Home screens look for `/apple-touch-icon.png` by themselves. The picture says what the title says,
/// so it needs no words of its own. The picture's address names the revision, since crawlers keep what they have seen by address.
pub fn previews(state: &LiveState, texts: &Texts, address: Option<&str>) -> Markup {
    let url = &state.page.url;
    html! {
        link rel="manifest" href="/site.webmanifest";
        @if address.is_some() {
            meta property="og:image" content={ (url) (href(state, texts, "/og.png")) "?v=" (state.version.revision) };
            meta property="og:image:width" content=(WIDTH);
            meta property="og:image:height" content=(HEIGHT);
            meta name="twitter:card" content="summary_large_image";
        }
    }
}
