//! The console's style sheet and script, compiled in and named by their content.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::{
    domain::state::LiveState,
    render::page::{
        self,
        assets::{squeezed_script, squeezed_style},
    },
};

struct Squeezed {
    text: String,
    path: String,
}

static ALL: LazyLock<[Squeezed; 2]> = LazyLock::new(|| {
    let style = squeezed_style(include_str!("../../../assets/console.css"));
    let script = squeezed_script(include_str!("../../../assets/console.js"));
    [(style, "css"), (script, "js")].map(|(text, ending)| {
        let digest: String = Sha256::digest(&text)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Squeezed { path: format!("/admin/assets/console-{digest}.{ending}"), text }
    })
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asset {
    Style,
    Script,
}

impl Asset {
    pub const ALL: [Self; 2] = [Self::Style, Self::Script];

    pub fn text(self) -> &'static str {
        &ALL[self as usize].text
    }

    /// Where it is served, for ever the same.
    pub fn path(self) -> &'static str {
        &ALL[self as usize].path
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Style => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
        }
    }
}

/// The Content-Security-Policy of the console: nothing inline, and nothing of another origin. A
/// preview of a page stands in a frame of its own, with the style sheets that the page's own policy
/// names by their hashes.
pub fn policy(previewed: Option<&LiveState>) -> String {
    let of_page = previewed.map(|state| page::policy(state).into_owned()).unwrap_or_default();
    let styles = of_page.split(';').find_map(|part| part.trim().strip_prefix("style-src"));
    let styles = styles.unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'{styles}; script-src 'self'; img-src 'self' data:; \
         connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inline_but_what_a_preview_brings() {
        let own = policy(None);
        assert!(!own.contains("unsafe") && !own.contains("sha256"), "{own}");
        let with = policy(Some(&crate::domain::fixture::state()));
        assert!(with.contains("'self' 'sha256-") && !with.contains("unsafe"), "{with}");
        assert!(Asset::Style.path().ends_with(".css") && Asset::Script.text().len() > 100);
    }
}
