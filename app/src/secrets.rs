//! Secrets inside settings: `{aws:SECRET#key}` stands for what AWS Secrets Manager holds, which may
//! change while the process runs. Nothing is asked where no setting holds a reference.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::domain::id::part_of;

mod aws;
mod credentials;
mod kept;
mod template;

pub use credentials::{Credentials, Keeper};
use kept::Kept;
pub use template::{Reference, Template};

/// How often secrets are read again without anybody asking, so that a rotation is noticed before
/// an old password is refused.
const EVERY: Duration = Duration::from_secs(300);
/// A part of that, by chance, so that replicas don't ask all at once.
const JITTER: Duration = Duration::from_secs(60);
/// How long a start waits for its secrets.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one waits that can begin without them, and how often they are asked for then, a random part
/// of it more.
const SHORT_PATIENCE: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(1);

/// Why a setting could not be filled. It names the setting and the secret, and never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the secret {secret} can't be read from AWS Secrets Manager: {why}")]
    Unread { secret: String, why: String },
    /// Nobody answered: it may be there.
    #[error("the secret {secret} can't be read from AWS Secrets Manager: {why}")]
    Away { secret: String, why: String },
    #[error("the secret {secret} can't be written to AWS Secrets Manager: {why}")]
    Unwritten { secret: String, why: String },
    #[error("{reference}: {why}")]
    Unfit { reference: String, why: &'static str },
    #[error("{setting}: {error}")]
    Setting { setting: String, error: Box<SecretError> },
}

/// The settings that hold references, and what they stand for now. A clone is the same ones.
#[derive(Clone, Default)]
pub struct Secrets {
    settings: Arc<BTreeMap<String, Setting>>,
    kept: Arc<BTreeMap<String, Kept>>,
}

struct Setting {
    template: Template,
    value: watch::Sender<Arc<str>>,
    /// Whether its secrets were ever read; until then the value only has its shape.
    is_read: AtomicBool,
    /// Whether the secrets that were read last do not fill it.
    unfit: AtomicBool,
}

impl Secrets {
    /// Reads what these settings refer to, each secret once and all of them at the same time.
    pub async fn read(templates: BTreeMap<String, Template>) -> Result<Self, SecretError> {
        Self::of(templates, Kept::read, |_| None).await
    }

    /// The same for what can begin without them: where Secrets Manager does not answer soon, each
    /// setting stands for what has its shape, `stand_in` where no text of its own says more, and is
    /// unread until [`Secrets::keep_fresh`] has read it. A setting that nothing stands in for is an
    /// error.
    pub async fn read_or_begin(
        templates: BTreeMap<String, Template>,
        stand_in: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SecretError> {
        let read = async |name: &str, manager| Kept::try_to_read(name, manager, SHORT_PATIENCE).await;
        Self::of(templates, read, stand_in).await
    }

    async fn of(
        templates: BTreeMap<String, Template>,
        read: impl AsyncFn(&str, Arc<aws::Manager>) -> Result<Kept, SecretError>,
        stand_in: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SecretError> {
        if templates.is_empty() {
            return Ok(Self::default());
        }
        let names: BTreeSet<&str> = templates.values().flat_map(Template::secrets).collect();
        let reads = async {
            let manager = Arc::new(aws::Manager::new(names.iter().copied()).await);
            futures_util::future::try_join_all(names.iter().map(|name| read(name, manager.clone()))).await
        };
        let reads = tokio::time::timeout(PATIENCE, reads).await;
        let reads = reads.unwrap_or_else(|_| Err(unanswered(&names)));
        let kept = reads.map_err(|error| of_setting(&templates, error))?;
        let kept: BTreeMap<String, Kept> = kept.into_iter().map(|kept| (kept.name.clone(), kept)).collect();
        let settings = templates.into_iter().map(|(name, template)| {
            let begun = Setting::begin(template, &kept, || stand_in(&name));
            let begun =
                begun.map_err(|error| SecretError::Setting { setting: name.clone(), error: error.into() })?;
            Ok((name, begun))
        });
        let settings: BTreeMap<String, Setting> = settings.collect::<Result<_, _>>()?;
        Ok(Self { settings: settings.into(), kept: kept.into() })
    }

    /// Whether all was read at least once.
    pub fn are_read(&self) -> bool {
        self.settings.values().all(Setting::is_read)
    }

    /// The settings that hold references, by name, as they may be shown.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.settings.iter().map(|(name, setting)| (name.as_str(), &setting.template))
    }

    /// What a setting stands for now, if it holds a reference.
    pub fn value(&self, setting: &str) -> Option<Arc<str>> {
        Some(self.settings.get(setting)?.value.borrow().clone())
    }

    /// A setting to be used as long as the process runs: by its secrets if it refers to any, else
    /// as it was given.
    pub fn resolved(&self, setting: &str, given: &str) -> Resolved {
        match self.settings.get(setting) {
            Some(known) => {
                let of = Some((self.clone(), setting.into()));
                Resolved { value: known.value.subscribe(), of, after: None }
            }
            None => Resolved::plain(given),
        }
    }

    /// What a setting says, which its values are filled into; none if it holds no reference.
    pub fn template(&self, setting: &str) -> Option<&Template> {
        Some(&self.settings.get(setting)?.template)
    }

    /// Reads the secrets again every few minutes, and soon as long as one was never read, as long as it
    /// is polled.
    pub async fn keep_fresh(&self) {
        if self.kept.is_empty() {
            return std::future::pending().await;
        }
        loop {
            let (pause, jitter) = if self.are_read() { (EVERY, JITTER) } else { (SOON, SOON) };
            tokio::time::sleep(pause + part_of(jitter)).await;
            self.read_again(self.kept.values()).await;
        }
    }

    /// Reads some secrets again and fills the settings with what they hold now. What can't be read
    /// or does not fit leaves the settings as they were, which is logged once and not per try.
    async fn read_again(&self, kept: impl Iterator<Item = &Kept>) {
        futures_util::future::join_all(kept.map(Kept::read_again)).await;
        for (name, setting) in self.settings.iter() {
            let filled = fill(&setting.template, &self.kept);
            if matches!(filled, Err(SecretError::Away { .. })) {
                continue;
            }
            let was_unfit = setting.unfit.swap(filled.is_err(), Ordering::SeqCst);
            match filled {
                Ok(filled) if !setting.is_read() => {
                    setting.replace(&filled);
                    setting.is_read.store(true, Ordering::SeqCst);
                    tracing::info!(setting = name, "what it refers to was read");
                }
                Ok(filled) if setting.replace(&filled) => {
                    tracing::info!(setting = name, "a secret was rotated, new connections use it");
                }
                Err(error) if !was_unfit => {
                    tracing::error!(setting = name, %error, "a rotated secret does not fit, the old one is used on");
                }
                _ => {}
            }
        }
    }
}

impl Setting {
    /// Filled by its secrets; by what stands in for them, if nobody answered.
    fn begin(
        template: Template,
        kept: &BTreeMap<String, Kept>,
        stand_in: impl FnOnce() -> Option<String>,
    ) -> Result<Self, SecretError> {
        let filled = fill(&template, kept);
        let is_read = filled.is_ok();
        let value = match filled {
            Err(SecretError::Away { secret, why }) => {
                stand_in().map(|whole| template.shaped(&whole)).ok_or(SecretError::Away { secret, why })?
            }
            filled => filled?,
        };
        let value = watch::Sender::new(value.into());
        Ok(Self { template, value, is_read: AtomicBool::new(is_read), unfit: AtomicBool::new(false) })
    }

    fn is_read(&self) -> bool {
        self.is_read.load(Ordering::SeqCst)
    }

    /// Takes another value, and says whether it is one.
    fn replace(&self, filled: &str) -> bool {
        self.value.send_if_modified(|value| {
            let changed = **value != *filled;
            if changed {
                *value = filled.into();
            }
            changed
        })
    }
}

/// Names the settings and never what they stand for.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.settings.keys()).finish()
    }
}

/// A setting whose value may change while the process runs.
///
/// Use [`Resolved::current`] for each new connection. When a server refuses it, hand what was
/// refused to [`Resolved::refresh_after_failure`], and try once more if that says so.
#[derive(Clone)]
pub struct Resolved {
    value: watch::Receiver<Arc<str>>,
    /// The secrets, and the setting's name among them; none if it holds no reference.
    of: Option<(Secrets, Box<str>)>,
    /// What must be read before it is of use, besides its own.
    after: Option<Secrets>,
}

impl Resolved {
    /// A setting that stays as it is.
    pub fn plain(text: &str) -> Self {
        Self { value: watch::Sender::new(text.into()).subscribe(), of: None, after: None }
    }

    /// A setting that a test changes.
    #[cfg(test)]
    pub fn changing(text: &str) -> (watch::Sender<Arc<str>>, Self) {
        let value = watch::Sender::new(text.into());
        let resolved = Self { value: value.subscribe(), of: None, after: None };
        (value, resolved)
    }

    /// What it stands for now. No I/O.
    pub fn current(&self) -> Arc<str> {
        self.value.borrow().clone()
    }

    /// The same, of no use until all of these were read.
    pub fn after(self, secrets: &Secrets) -> Self {
        Self { after: Some(secrets.clone()), ..self }
    }

    /// Whether it is of no use yet: it has its shape, and leads nowhere.
    pub fn is_unread(&self) -> bool {
        let own = self.of.as_ref().and_then(|(secrets, name)| secrets.settings.get(&**name));
        own.is_some_and(|own| !own.is_read()) || self.after.as_ref().is_some_and(|all| !all.are_read())
    }

    /// Whether it may ever change.
    pub fn rotates(&self) -> bool {
        self.of.is_some()
    }

    /// After a server refused `seen`: whether there is something else to try. Its secrets are read
    /// again for that, at most once every few seconds however many ask; a second time if nothing
    /// has changed yet, since a rotation changes the server before it publishes the secret. Takes a
    /// few seconds at most when Secrets Manager answers; whoever must not wait for one that does
    /// not, sets a time-out around it.
    pub async fn refresh_after_failure(&self, seen: &str) -> bool {
        let Some((secrets, name)) = &self.of else { return false };
        let Some(setting) = secrets.settings.get(&**name) else { return false };
        for _ in 0..2 {
            if *self.current() != *seen {
                break;
            }
            let names = setting.template.secrets();
            secrets.read_again(names.into_iter().filter_map(|name| secrets.kept.get(name))).await;
        }
        *self.current() != *seen
    }
}

/// Says whether it rotates and never what it stands for.
impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved").field("rotates", &self.rotates()).finish_non_exhaustive()
    }
}

fn fill(template: &Template, kept: &BTreeMap<String, Kept>) -> Result<String, SecretError> {
    template.fill(|reference| {
        let text = kept.get(&reference.secret).and_then(Kept::text).ok_or_else(|| away(&reference.secret))?;
        part(&text, reference.key.as_deref())
            .map_err(|why| SecretError::Unfit { reference: reference.to_string(), why })
    })
}

/// One key of a secret, or all of it without the line break that editors leave at its end.
fn part(text: &str, key: Option<&str>) -> Result<String, &'static str> {
    let Some(key) = key else { return Ok(text.trim_end_matches(['\r', '\n']).to_owned()) };
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(text) else {
        return Err("the secret is not a JSON object, so it has no keys");
    };
    match object.get(key) {
        Some(serde_json::Value::String(text)) => Ok(text.clone()),
        Some(serde_json::Value::Number(number)) => Ok(number.to_string()),
        Some(serde_json::Value::Bool(flag)) => Ok(flag.to_string()),
        Some(_) => Err("the secret's key holds neither a text nor a number"),
        None => Err("the secret has no such key"),
    }
}

fn away(secret: &str) -> SecretError {
    SecretError::Away { secret: secret.to_owned(), why: "no answer".to_owned() }
}

fn unanswered(names: &BTreeSet<&str>) -> SecretError {
    let secret = names.iter().copied().collect::<Vec<_>>().join(", ");
    SecretError::Unread { secret, why: format!("no answer within {} seconds", PATIENCE.as_secs()) }
}

/// The error with the name of the first setting that it keeps from being filled.
fn of_setting(templates: &BTreeMap<String, Template>, error: SecretError) -> SecretError {
    let concerned = templates.iter().find(|(_, template)| match &error {
        SecretError::Unread { secret, .. } | SecretError::Away { secret, .. } => {
            template.secrets().contains(secret.as_str())
        }
        _ => false,
    });
    match concerned.or_else(|| templates.iter().next()) {
        Some((setting, _)) => SecretError::Setting { setting: setting.clone(), error: error.into() },
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_secret_is_a_text_or_a_number() {
        let rds = r##"{"username": "pharos", "password": "#?%@:/", "port": 5432, "tags": []}"##;
        assert_eq!(part(rds, Some("password")).unwrap(), "#?%@:/");
        assert_eq!(part(rds, Some("port")).unwrap(), "5432");
        assert_eq!(part("whole\n", None).unwrap(), "whole");
        for (text, key) in [(rds, "host"), (rds, "tags"), ("plain", "password"), ("[1]", "0")] {
            let error = part(text, Some(key)).unwrap_err();
            assert!(!error.contains("pharos"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_holds_no_reference_never_changes() {
        let plain = Secrets::default().resolved("database_url", "postgres://u:hidden@h/db");
        assert!(!plain.rotates() && !plain.refresh_after_failure(&plain.current()).await);
        assert_eq!(&*plain.current(), "postgres://u:hidden@h/db");
        assert!(!format!("{plain:?}").contains("hidden"));
    }
}
