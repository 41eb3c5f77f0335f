//! The invented company: what it runs, in its groups, all well since a year ago.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::{
    Id, calendar,
    state::{Component, Group},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

pub const NAME: &str = "Tarnwick Cloud";
pub const DESCRIPTION: &str = "Machines, storage and databases by the hour. \
    Tarnwick Cloud is made up, and so is everything on this page: it shows what Pharos can do.";
pub const ZONE: Tz = Tz::Etc__UTC;

/// How far back anything is known.
pub const PAST: TimeDelta = TimeDelta::days(365);
/// For how many days the youngest component has been on offer.
const YOUNGEST_DAYS: u64 = 40;

/// What visitors see of a component besides its status.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    Usual,
    /// On offer for [`YOUNGEST_DAYS`] only.
    Young,
    /// Shown only while something is wrong with it.
    Shy,
    /// Shown without its uptime.
    WithoutUptime,
}

struct Part {
    name: &'static str,
    description: &'static str,
    habit: Habit,
}

struct Section {
    name: &'static str,
    description: &'static str,
    parts: &'static [Part],
    /// A group that stands within this one, after its components.
    within: Option<&'static Section>,
}

/// The groups and components of the page.
#[derive(Debug, Default)]
pub struct Company {
    /// A group stands before those within it.
    pub groups: Vec<Group>,
    /// In the order of the page.
    pub components: Vec<Component>,
}

impl Company {
    /// Everything as it was a year ago, and nothing has happened since.
    pub fn at_peace(now: DateTime<Utc>) -> Self {
        let mut company = Self::default();
        company.open(UNGROUPED, None, now);
        for section in SECTIONS {
            // Components without a group stand before the groups.
            let position = company.groups.len() + UNGROUPED.len() + 1;
            company.found(section, None, position, now);
        }
        company
    }

    fn found(&mut self, section: &Section, parent: Option<&Id>, position: usize, now: DateTime<Utc>) {
        let since = now - PAST;
        let id = Id::random();
        self.groups.push(Group {
            id: id.clone(),
            parent_id: parent.cloned(),
            name: section.name.to_owned(),
            description: described(section.description),
            position: place(position),
            created_at: since,
            updated_at: since,
        });
        self.open(section.parts, Some(&id), now);
        if let Some(within) = section.within {
            self.found(within, Some(&id), section.parts.len() + 1, now);
        }
    }

    fn open(&mut self, parts: &[Part], group: Option<&Id>, now: DateTime<Utc>) {
        for (index, part) in parts.iter().enumerate() {
            let youth = calendar::day_of(now, ZONE).checked_sub_days(Days::new(YOUNGEST_DAYS));
            let start_date = youth.filter(|_| part.habit == Habit::Young);
            let since = start_date.map_or(now - PAST, |day| calendar::start_of(day, ZONE));
            let status = ComponentStatus::Operational;
            self.components.push(Component {
                id: Id::random(),
                group_id: group.cloned(),
                name: part.name.to_owned(),
                description: described(part.description),
                link: None,
                status,
                position: place(index + 1),
                showcase: part.habit != Habit::WithoutUptime,
                only_show_if_degraded: part.habit == Habit::Shy,
                start_date,
                created_at: since,
                updated_at: since,
                periods: vec![StatusPeriod { status, from: since, until: None }],
            });
        }
    }

    /// The name of the group that a component stands in.
    pub fn group_of(&self, component: &Component) -> Option<&str> {
        let group = self.groups.iter().find(|group| Some(&group.id) == component.group_id.as_ref())?;
        Some(&group.name)
    }
}

fn described(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn place(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}

const fn part(name: &'static str, description: &'static str) -> Part {
    Part { name, description, habit: Habit::Usual }
}

const UNGROUPED: &[Part] = &[part(
    "Public API",
    "What the command-line tool, the Terraform provider and your own programs talk to.",
)];

const SECTIONS: &[Section] = &[COMPUTE, STORAGE, NETWORK, ACCOUNT];

const COMPUTE: Section = Section {
    name: "Compute",
    description: "",
    parts: &[
        part("Virtual Machines", "Starting, stopping and running machines of all sizes."),
        Part {
            name: "GPU Machines",
            description: "Machines with graphics cards, in eu-west and us-east.",
            habit: Habit::Young,
        },
        part("Kubernetes", "Control planes and node pools of managed clusters."),
        part("Container Registry", ""),
        part("Functions", "Code that runs on request, without a machine to look after."),
        part("Autoscaling", ""),
        part("Machine Images", "Our images, and those that you bring."),
    ],
    within: None,
};

const STORAGE: Section = Section {
    name: "Storage",
    description: "Whatever must still be there tomorrow.",
    parts: &[
        part("Object Storage", "Uploads and downloads over the S3 protocol."),
        part("Block Storage", "Volumes of virtual machines, and their snapshots."),
        part("File Storage", "Shared file systems over NFS."),
        part("Backups", "Nightly backups of machines and volumes, and restoring them."),
    ],
    within: Some(&DATABASES),
};

const DATABASES: Section = Section {
    name: "Managed Databases",
    description: "",
    parts: &[
        part("PostgreSQL", "Versions 14 to 18, with or without a standby."),
        part("MySQL", ""),
        part("Key-Value Cache", "Speaks the protocol of Redis."),
        part("Search", ""),
        part("Message Queues", ""),
    ],
    within: None,
};

const NETWORK: Section = Section {
    name: "Network",
    description: "",
    parts: &[
        part("Load Balancers", ""),
        part("DNS", "Our name servers, and how fast changes reach them."),
        part("Content Delivery", "Copies of your files in 38 cities."),
        part("Private Networks", ""),
        part("VPN Gateways", ""),
        part("TLS Certificates", "Issuing and renewing certificates of your domains."),
    ],
    within: None,
};

const ACCOUNT: Section = Section {
    name: "Account and Tools",
    description: "",
    parts: &[
        part("Dashboard", "The web console."),
        part("Sign-in", "Passwords, single sign-on and two-factor codes."),
        part("Billing", "Usage, invoices and payments. Nothing is switched off while this is down."),
        part("Metrics and Logs", ""),
        part("Alerts", "By e-mail, text message and webhook."),
        Part { name: "Legacy API", description: "Version 1, until the end of next year.", habit: Habit::Shy },
        Part { name: "Documentation", description: "", habit: Habit::WithoutUptime },
    ],
    within: None,
};
