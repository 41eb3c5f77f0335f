//! How the people who run the pages are written to.

use clap::Args;

use super::Settings;
use crate::mail::{self, Mailer};

/// The mail server, and who is said to send.
#[derive(Clone, Debug, Default, Args)]
pub struct MailServer {
    /// The mail server for invitations, resets and reminders: `smtps://USER:PASSWORD@HOST`,
    /// `smtp://USER:PASSWORD@HOST?tls=required` (STARTTLS), or `smtp://HOST:25` without TLS. None: mail is
    /// written to the log.
    #[arg(
        long,
        global = true,
        env = "PHAROS_SMTP_URL",
        value_name = "URL",
        value_parser = smtp_url,
        hide_env_values = true
    )]
    pub smtp_url: Option<String>,

    /// Who mails say they are from: an address, with or without a name. None: `Pharos <pharos@HOST>`, the
    /// host being that of PHAROS_BASE_URL.
    #[arg(long, global = true, env = "PHAROS_MAIL_FROM", value_name = "ADDRESS", value_parser = mail_from)]
    pub mail_from: Option<String>,
}

fn smtp_url(text: &str) -> Result<String, String> {
    mail::check_url(text).map(|()| text.to_owned()).map_err(str::to_owned)
}

fn mail_from(text: &str) -> Result<String, String> {
    mail::sender(text).map(|_| text.to_owned()).map_err(str::to_owned)
}

impl Settings {
    /// What sends mails. Without a server they are written to the log, and the links in them only where the
    /// link to set the installation up may stand there too.
    pub fn mailer(&self) -> Result<Mailer, String> {
        let Some(url) = &self.mail.smtp_url else { return Ok(Mailer::Log { has_links: self.setup_link }) };
        let from = self.mail.mail_from.clone().unwrap_or_else(|| self.own_sender());
        Mailer::smtp(self.secrets.resolved("smtp_url", url), &from)
    }

    fn own_sender(&self) -> String {
        // An address of the internet is no domain that mail is from.
        let host = self.base_url.domain().unwrap_or("localhost");
        format!("Pharos <pharos@{host}>")
    }
}
