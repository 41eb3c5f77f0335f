//! How bad a thing is, as colour, shape and class names: one scale for components, incidents and
//! the page as a whole.

use maud::{Markup, html};

use crate::domain::{
    incident::{Impact, Kind},
    rollup::Indicator,
    state::{Incident, LiveState},
    status::ComponentStatus,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Maintenance,
    Minor,
    Major,
    Critical,
    /// Nothing is said about any state.
    Quiet,
}

/// A tone's shape on 16 units: its outline and the sign in it, told apart without colour.
struct Shape {
    outline: &'static str,
    sign: &'static str,
}

impl Tone {
    pub const ALL: [Self; 6] =
        [Self::Good, Self::Maintenance, Self::Minor, Self::Major, Self::Critical, Self::Quiet];

    pub fn of_component(status: ComponentStatus) -> Self {
        match status {
            ComponentStatus::Operational => Self::Good,
            ComponentStatus::UnderMaintenance => Self::Maintenance,
            ComponentStatus::DegradedPerformance => Self::Minor,
            ComponentStatus::PartialOutage => Self::Major,
            ComponentStatus::MajorOutage => Self::Critical,
        }
    }

    /// The page's tone. What may not be told as the state of things has none.
    pub fn of_page(state: &LiveState) -> Self {
        match state.rollup().indicator {
            _ if state.certainty.is_last_known() => Self::Quiet,
            Indicator::None => Self::Good,
            Indicator::Maintenance => Self::Maintenance,
            Indicator::Minor => Self::Minor,
            Indicator::Major => Self::Major,
            Indicator::Critical => Self::Critical,
        }
    }

    /// An incident's tone while it lasts; one that is over is good again.
    pub fn of_incident(incident: &Incident) -> Self {
        match (incident.status.is_over(), incident.kind, incident.impact) {
            (true, ..) => Self::Good,
            (false, Kind::Maintenance, _) => Self::Maintenance,
            (false, Kind::Incident, impact) => Self::of_impact(impact),
        }
    }

    pub fn of_impact(impact: Impact) -> Self {
        match impact {
            Impact::None => Self::Quiet,
            Impact::Maintenance => Self::Maintenance,
            Impact::Minor => Self::Minor,
            Impact::Major => Self::Major,
            Impact::Critical => Self::Critical,
        }
    }

    /// The word after `status-` in a page's class, which is Statuspage's indicator.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
            Self::Quiet => "quiet",
        }
    }

    /// The class that sets the colour, and the name of the icon.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "t0",
            Self::Maintenance => "t1",
            Self::Minor => "t2",
            Self::Major => "t3",
            Self::Critical => "t4",
            Self::Quiet => "t5",
        }
    }

    /// The colour of the browser's own frame, in light and in dark: that of the top of the page.
    pub fn frame(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("#e4efe9", "#0e2320"),
            Self::Maintenance => ("#e3ebf6", "#111f33"),
            Self::Minor => ("#f4ecda", "#262112"),
            Self::Major => ("#f8e7da", "#2a1c12"),
            Self::Critical => ("#f8e1e0", "#2d171a"),
            Self::Quiet => ("#e9ecec", "#141d26"),
        }
    }

    /// The tone as a ground for white text: the colour that words have in it on light pages.
    pub fn ink(self) -> &'static str {
        match self {
            Self::Good => "#14704a",
            Self::Maintenance => "#2457b5",
            Self::Minor => "#855800",
            Self::Major => "#b0440a",
            Self::Critical => "#b5181f",
            Self::Quiet => "#56636f",
        }
    }

    /// The light of the lamp.
    pub fn glow(self) -> &'static str {
        match self {
            Self::Good => "#35b47c",
            Self::Maintenance => "#4c86f0",
            Self::Minor => "#eaa81c",
            Self::Major => "#f07a2b",
            Self::Critical => "#e8434a",
            Self::Quiet => "#8796a3",
        }
    }

    fn shape(self) -> Shape {
        let (outline, sign) = match self {
            Self::Good => ("M8 .8a7.2 7.2 0 1 1 0 14.4A7.2 7.2 0 0 1 8 .8z", "m4.7 8.3 2.3 2.3 4.3-4.8"),
            Self::Maintenance => (
                "M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z",
                "M8 4.4V8l2.6 1.8",
            ),
            Self::Minor => ("M8 .4 15.6 8 8 15.6.4 8z", "M5 8h6"),
            Self::Major => ("M8 .9 15.8 15H.2z", "M8 6v4m0 2.4v.1"),
            Self::Critical => ("M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z", "m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"),
            Self::Quiet => ("M8 .8a7.2 7.2 0 1 1 0 14.4A7.2 7.2 0 0 1 8 .8z", "M8 7.5v4M8 4.6v.1"),
        };
        Shape { outline, sign }
    }

    /// How a page that shows the icon refers to it.
    pub fn reference(self) -> String {
        format!("\"#{}\"", self.class())
    }

    /// The icon, which words always stand beside: it is hidden from screen readers.
    pub fn icon(self) -> Markup {
        html! { svg.i aria-hidden="true" { use href=(format!("#{}", self.class())) {} } }
    }

    /// The icon as a drawing of its own, in its colours.
    pub fn drawing(self) -> Markup {
        html! { svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" { (self.paths()) } }
    }

    /// What the icon is drawn with, on 16 units.
    pub fn paths(self) -> Markup {
        let Shape { outline, sign } = self.shape();
        html! {
            path fill={ "#" (self.sign_colour()) } d=(outline) {}
            path fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" d=(sign) {}
        }
    }

    /// The icon's colour, which holds on light and on dark tabs.
    fn sign_colour(self) -> &'static str {
        match self {
            Self::Good => "1d9663",
            Self::Maintenance => "3b74d9",
            Self::Minor => "b98300",
            Self::Major => "d9641e",
            Self::Critical => "d5343b",
            Self::Quiet => "7a8894",
        }
    }

    /// The tab's icon, as a data address.
    pub fn favicon(self) -> String {
        let colour = self.sign_colour();
        let Shape { outline, sign } = self.shape();
        format!(
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
             %3Cpath fill='%23{colour}' d='{outline}'/%3E\
             %3Cpath fill='none' stroke='%23fff' stroke-width='1.8' stroke-linecap='round' d='{sign}'/%3E%3C/svg%3E"
        )
    }
}

/// The icons that are shown, drawn once per page and referred to by name.
pub fn icons(shown: impl Fn(&Tone) -> bool) -> Markup {
    html! {
        @for tone in Tone::ALL.into_iter().filter(shown) {
            @let Shape { outline, sign } = tone.shape();
            symbol id=(tone.class()) viewBox="0 0 16 16" {
                path fill="currentColor" d=(outline) {}
                path.g d=(sign) {}
            }
        }
    }
}
