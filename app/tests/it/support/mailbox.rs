//! A mail server that tells what it was sent.

use std::path::PathBuf;

use pharos::{
    app::{App, Mailing, Options},
    clock::Clock,
    domain::id::random_text,
    mail::Mailer,
    secrets::Resolved,
    store::Store,
};
use serde_json::Value;

use super::Server;

/// The mail server that ./test.sh starts.
pub struct Mailbox {
    plain: String,
    tls: String,
    http: String,
    /// The authority that its certificate is from.
    pub authority: PathBuf,
}

impl Mailbox {
    pub fn open() -> Self {
        let told = std::env::var("PHAROS_TEST_SMTP")
            .expect("PHAROS_TEST_SMTP names a mail server for tests; ./test.sh starts one");
        let [plain, tls, http, authority] = told.split(',').collect::<Vec<_>>()[..] else {
            panic!("PHAROS_TEST_SMTP holds three ports and a file, not {told}");
        };
        let own = |text: &str| text.to_owned();
        Self { plain: own(plain), tls: own(tls), http: own(http), authority: authority.into() }
    }

    /// An address that no other test has.
    pub fn address(name: &str) -> String {
        format!("{name}-{}@example.com", random_text(10))
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.plain)
    }

    /// With STARTTLS, and a password.
    pub fn url_with_tls(&self, password: &str) -> String {
        format!("smtp://pharos:{password}@localhost:{}?tls=required", self.tls)
    }

    /// A server whose console mails by it.
    pub async fn server(&self, store: Store, clock: &Clock) -> Server {
        let mailer = Mailer::smtp(Resolved::plain(&self.url()), "Status <status@example.com>").unwrap();
        let alone = Options::alone("http://status.test");
        let options = Options { mailing: Mailing { mailer, ..alone.mailing }, ..alone };
        Server::start_as(store, clock, options, pharos::web::ApiOptions::default()).await
    }

    /// The mails to an address, oldest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        let url = format!("http://127.0.0.1:{}/mails?to={to}", self.http);
        let answer = client.get(url).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Sends what is due, and gives the mails to an address.
    pub async fn after_sending(&self, app: &App, to: &str) -> Vec<Value> {
        app.send_mails().await.unwrap();
        self.mails(to).await
    }
}

/// The path of the link in a mail.
pub fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let at = text.find("/admin/links/").unwrap_or_else(|| panic!("no link: {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}
