//! The console's screens: pure functions from what operators may see to HTML. Each can be used
//! without a script.

mod account;
mod alert_rules;
mod assets;
mod audit;
mod component;
mod components;
mod compose;
mod enter;
mod ical;
mod incident;
mod incidents;
mod layout;
mod maintenance;
mod maintenances;
mod message;
mod parts;
mod people;
mod plan;
mod qr;
mod search;
mod series;
mod settings;
mod start;
mod system;
mod tokens;

pub use account::{Account, HeldKey, NewFactor, account, recovery_codes, second_factor, second_step_needed};
pub use alert_rules::{RuleTyped, Rules, Trial, alert_rules};
pub use assets::{Asset, policy};
pub use audit::{Audit, Sought, audit};
pub use component::{Past, past};
pub use components::{Board, board};
pub use compose::{Composer, Draft, Outcome, Typed, composer, outcome, without_scripts};
pub use enter::{
    SignIn, Ways, by_link, confirm, forgotten, mail_is_coming, not_signed_in, second_step, sign_in,
};
pub use ical::calendar as operators_calendar;
pub use incident::{HeldBack, Shown, ask_to_restore, incident};
pub use incidents::{Lists, incidents};
pub use layout::{Frame, PageName, Section, Who};
pub use maintenance::{Maintenance, maintenance};
pub use maintenances::{Calendar, Planning, maintenances};
pub use message::{kept, message};
pub use people::{People, people};
pub use plan::{Clash, NTH, OWN, Planned, Planner, Prospect, planner, prospect};
pub use search::{Found, found};
pub use series::{SeriesShown, series};
pub use settings::{Contrast, Dns, Part, Settings, checked, settings};
pub use start::{Start, start};
pub use system::{Current, Dependency, System, Worry, system};
pub use tokens::{Tokens, tokens};
