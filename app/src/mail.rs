//! Sending mail: by SMTP where a server is set, else into the log.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{Error, response::Severity},
};
use tokio::time::timeout;
use url::Url;

use crate::{domain::Id, secrets::Resolved};

/// How long one step of the conversation may take, and all of it.
const STEP: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(20);
/// The server does not know us (RFC 4954, section 6): that is for whoever runs this to mend.
const UNKNOWN_TO_IT: [u16; 4] = [530, 534, 535, 538];

/// A mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same at each try, so that who gets it twice can tell.
    pub id: Id,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What sends mails. A clone is the same.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// `smtp://…` or `smtps://…`, whose password may be rotated, and the sender.
    Smtp { address: Resolved, from: Mailbox },
    /// Nobody is reached: the log has it, with the links only where that is allowed.
    Log { has_links: bool },
}

/// Why a mail was not sent. Neither says more than a kind: what the other side answers may name people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may be sent later.
    #[error("{0}")]
    NotNow(String),
    /// It is refused for good.
    #[error("{0}")]
    Never(String),
}

impl Mailer {
    /// A server, and who is said to send. The texts say what is wrong with either.
    pub fn smtp(address: Resolved, from: &str) -> Result<Self, String> {
        check_url(&address.current()).map_err(|wrong| format!("smtp_url: {wrong}"))?;
        let from = sender(from).map_err(|wrong| format!("mail_from: {wrong}"))?;
        Ok(Self::Smtp { address, from })
    }

    /// Whether anybody is reached.
    pub fn reaches_people(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Sends a mail, or says why not.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            Self::Smtp { address, from } => {
                let url = address.current();
                let sent = timeout(PATIENCE, by_smtp(&url, from, mail)).await;
                let (error, status) = match sent {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(failed)) => failed,
                    Err(_) => (MailError::NotNow("the mail server did not answer in time".into()), None),
                };
                if status.is_some_and(|status| UNKNOWN_TO_IT.contains(&status)) {
                    // A password that was rotated; the next try has the new one.
                    let _ = timeout(PATIENCE, address.refresh_after_failure(&url)).await;
                }
                Err(error)
            }
            Self::Log { has_links: true } => {
                tracing::warn!(
                    "PHAROS_SMTP_URL names no mail server, so this mail to {} stands here: {}\n{}",
                    mail.to,
                    mail.subject,
                    mail.text
                );
                Ok(())
            }
            Self::Log { has_links: false } => {
                tracing::warn!(
                    "PHAROS_SMTP_URL names no mail server, so nobody gets a mail; PHAROS_SETUP_LINK keeps its text out of the log"
                );
                Ok(())
            }
        }
    }
}

type Failed = (MailError, Option<u16>);

async fn by_smtp(url: &str, from: &Mailbox, mail: &Mail) -> Result<(), Failed> {
    let message = message(from, mail).map_err(|why| (MailError::Never(why), None))?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| failed(&error))?;
    let transport: AsyncSmtpTransport<Tokio1Executor> = transport.timeout(Some(STEP)).build();
    transport.send(message).await.map_err(|error| failed(&error))?;
    Ok(())
}

/// The message itself, as text and as HTML.
fn message(from: &Mailbox, mail: &Mail) -> Result<Message, String> {
    let to: Mailbox = mail.to.parse().map_err(|_| "the address can't be written to".to_owned())?;
    // One line: what follows a line break would be another header.
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Nobody's holiday notice is for us (RFC 3834).
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
    Message::builder()
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .from(from.clone())
        .to(to)
        .subject(subject)
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|error| error.to_string())
}

fn failed(error: &Error) -> Failed {
    let status = error.status().map(u16::from);
    let words = match status {
        Some(status) => format!("the mail server answers {status}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "the mail server's certificate or TLS is not what it should be".to_owned(),
        None => "the mail server can't be reached".to_owned(),
    };
    let permanent = error.status().is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion);
    match status {
        Some(status) if permanent && !UNKNOWN_TO_IT.contains(&status) => {
            (MailError::Never(words), Some(status))
        }
        status => (MailError::NotNow(words), status),
    }
}

/// Says what an address of a mail server may be. No certificate is looked at yet.
pub fn check_url(url: &str) -> Result<(), &'static str> {
    let allowed = "allowed are smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST?tls=required (STARTTLS) and \
                   smtp://HOST:25";
    let url = Url::parse(url).map_err(|_| allowed)?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    let fits = match url.scheme() {
        "smtps" => true,
        "smtp" => matches!(tls.as_deref(), None | Some("required" | "opportunistic")),
        _ => false,
    };
    if fits && url.has_host() { Ok(()) } else { Err(allowed) }
}

/// Who is said to send: an address, with or without a name.
pub fn sender(text: &str) -> Result<Mailbox, &'static str> {
    text.parse().map_err(|_| "allowed is an address such as Status <status@example.com>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: "m1".parse().unwrap(),
            to: "ada@example.com".into(),
            subject: "Hello\r\nBcc: eve@example.com".into(),
            text: "Text".into(),
            html: "<p>HTML</p>".into(),
        }
    }

    #[test]
    fn a_subject_is_one_line_and_both_forms_are_there() {
        let from = sender("Status <status@example.com>").unwrap();
        let written = String::from_utf8(message(&from, &mail()).unwrap().formatted()).unwrap();
        let headers = written.split("\r\n\r\n").next().unwrap();
        assert!(!headers.contains("\r\nBcc:"), "{headers}");
        for part in
            ["Message-ID: <m1@example.com>", "Auto-Submitted: auto-generated", "multipart/alternative"]
        {
            assert!(headers.contains(part), "{part}: {headers}");
        }
        assert!(written.contains("text/plain") && written.contains("text/html"));
    }

    #[test]
    fn an_address_of_a_server_is_checked() {
        for fits in ["smtp://localhost:25", "smtps://u:p%40@mail.example.com", "smtp://u:p@h?tls=required"] {
            assert_eq!(check_url(fits), Ok(()), "{fits}");
        }
        for wrong in ["", "mail.example.com", "https://mail.example.com", "smtp://h?tls=maybe"] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
        assert!(sender("Status").is_err() && sender("a@b.example\r\nBcc: c@d.example").is_err());
        assert_eq!(sender("pharos@localhost").unwrap().email.to_string(), "pharos@localhost");
    }

    #[tokio::test]
    async fn nobody_home_is_tried_again() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = Resolved::plain(&format!("smtp://{free}"));
        let mailer = Mailer::smtp(address, "status@example.com").unwrap();
        let error = mailer.send(&mail()).await.unwrap_err();
        assert_eq!(error, MailError::NotNow("the mail server can't be reached".into()));
        assert!(mailer.reaches_people() && !Mailer::Log { has_links: true }.reaches_people());
    }
}
