//! The console's screens: pure functions from what operators may see to HTML. Each can be used
//! without a script.

mod account;
mod assets;
mod audit;
mod components;
mod compose;
mod enter;
mod incident;
mod incidents;
mod layout;
mod message;
mod parts;
mod people;
mod qr;
mod start;
mod tokens;

pub use account::{Account, NewFactor, account, recovery_codes, second_factor};
pub use assets::{Asset, policy};
pub use audit::{Audit, audit};
pub use components::{Board, board};
pub use compose::{Composer, Draft, Outcome, Typed, composer, outcome};
pub use enter::{by_link, confirm, second_step, sign_in};
pub use incident::{HeldBack, Shown, ask_to_restore, incident};
pub use incidents::{Lists, incidents};
pub use layout::{Frame, PageName, Section, Who};
pub use message::{kept, message};
pub use people::{People, people};
pub use start::{Start, start};
pub use tokens::{Tokens, tokens};
