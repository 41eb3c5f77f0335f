//! Mails to the people who run the pages: what is kept as a letter becomes words and is sent.

use chrono::TimeDelta;

use super::App;
use crate::{
    domain::{Id, account::Purpose, letter::Letter, record::User},
    mail::{Mail, MailError, Mailer},
    render::letters::{self, Sender, Words},
    store::{Actor, DueMail, Result, StoreError},
};

/// The most that are sent in a row.
const IN_A_ROW: usize = 50;
/// Who sends has it to itself for longer than one mail may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// What the lease is called.
pub const MAILS: &str = "mails";

/// What sends mails, and which console the links in them lead to.
#[derive(Clone, Debug)]
pub struct Mailing {
    pub mailer: Mailer,
    /// Without a slash at its end.
    pub console: String,
    /// Whether people choose passwords there; else they sign in with the organization's provider.
    pub has_passwords: bool,
    /// The provider whose groups say what people may do: whom it knows signs in with it alone.
    pub bound_by: Option<String>,
}

impl App {
    /// Whether somebody signs in with the organization's provider alone, since that says what they may do.
    pub async fn is_bound(&self, user: &Id) -> Result<bool> {
        match &self.mailing.bound_by {
            Some(issuer) => self.store.has_identity(user, issuer).await,
            None => Ok(false),
        }
    }

    /// Sends what is due, one after another, if it is this replica's turn. Says how many were sent.
    pub async fn send_mails(&self) -> Result<usize> {
        let mut sent = 0;
        for _ in 0..IN_A_ROW {
            let is_due = self.store.has_due_mail().await?;
            if !is_due || !self.store.record().take_lease(MAILS, &self.replica, LEASE).await? {
                break;
            }
            let Some(due) = self.store.record().claim_mail().await? else { break };
            sent += usize::from(self.send_mail(due).await?);
        }
        Ok(sent)
    }

    async fn send_mail(&self, due: DueMail) -> Result<bool> {
        let kind = due.letter.name();
        let Some((to, words)) = self.words_of(&due.letter).await? else {
            tracing::debug!(mail.kind = kind, "a mail has nobody to reach any more");
            self.store.record().forget_mail(&due.id).await?;
            return Ok(false);
        };
        let Words { subject, text, html } = words;
        let mail = Mail { id: due.id.clone(), to, subject, text, html };
        match self.mailing.mailer.send(&mail).await {
            Ok(()) => {
                self.store.record().forget_mail(&due.id).await?;
                Ok(true)
            }
            Err(MailError::NotNow(why)) if !due.is_last_try => {
                tracing::warn!(mail.kind = kind, mail.id = %due.id, "a mail is tried again later: {why}");
                Ok(false)
            }
            Err(error) => {
                tracing::error!(mail.kind = kind, mail.id = %due.id, "a mail is given up: {error}");
                self.store.record().forget_mail(&due.id).await?;
                Ok(false)
            }
        }
    }

    /// Whom a letter reaches and what it says to them; nobody, where it has become pointless.
    async fn words_of(&self, letter: &Letter) -> Result<Option<(String, Words)>> {
        match letter {
            Letter::Invitation { user } => {
                let Some(user) = self.open_account(user).await? else { return Ok(None) };
                if !self.mailing.has_passwords || self.is_bound(&user.id).await? {
                    return Ok(Some((user.email, letters::welcome(self.sender(&self.name())))));
                }
                self.with_link(user, Purpose::Invitation).await
            }
            Letter::Reset { email } => {
                let found = self.store.credentials_of(email).await?;
                let open = found.map(|found| found.user).filter(|user| user.disabled_at.is_none());
                let Some(user) = open else { return Ok(None) };
                if self.is_bound(&user.id).await? {
                    return Ok(None);
                }
                self.with_link(user, Purpose::Reset).await
            }
            Letter::Notice { user, what } => {
                let Some(user) = self.open_account(user).await? else { return Ok(None) };
                Ok(Some((user.email, letters::notice(self.sender(&self.name()), *what))))
            }
            Letter::Reminder { page, incident, promised, user } => {
                let Some(user) = self.open_account(user).await? else { return Ok(None) };
                let Some(late) = self.store.late_promise(page, incident, *promised).await? else {
                    return Ok(None);
                };
                let path = format!("/admin/pages/{page}/incidents/{incident}");
                let sender = self.sender(&late.page);
                let words = letters::reminder(sender, (&path, &late.incident), *promised, late.zone);
                Ok(Some((user.email, words)))
            }
        }
    }

    async fn with_link(&self, user: User, purpose: Purpose) -> Result<Option<(String, Words)>> {
        let made = self.store.record().create_link(purpose, Some(&user.id), &Actor::System).await?;
        let Some(token) = made else { return Ok(None) };
        let name = self.name();
        let sender = self.sender(&name);
        let words = match purpose {
            Purpose::Invitation => letters::invitation(sender, &token),
            _ => letters::reset(sender, &token),
        };
        Ok(Some((user.email, words)))
    }

    async fn open_account(&self, id: &Id) -> Result<Option<User>> {
        match self.store.user(id).await {
            Ok(user) => Ok(Some(user).filter(|user| user.disabled_at.is_none())),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn sender<'a>(&'a self, name: &'a str) -> Sender<'a> {
        Sender { name, console: &self.mailing.console }
    }

    /// What the installation is called: like its page, the first by name where there are several.
    fn name(&self) -> String {
        let snapshots = self.site.versions().into_iter().filter_map(|(id, _)| self.site.get(&id));
        snapshots.map(|snapshot| snapshot.state.page.name.clone()).min().unwrap_or_else(|| "Pharos".into())
    }
}
