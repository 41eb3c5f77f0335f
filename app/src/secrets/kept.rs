//! One secret as it was last read, and reading it again: one at a time, with a pause in between.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Semaphore, watch};

use super::{SecretError, aws::Manager};

/// The time between two reads of one secret, however many ask for it.
const PAUSE: Duration = Duration::from_secs(2);

/// A secret. A clone is the same one.
#[derive(Clone)]
pub struct Kept {
    pub name: String,
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    manager: Arc<Manager>,
    /// None until it was read for the first time.
    text: RwLock<Option<Arc<str>>>,
    /// Who may read it now.
    turn: Arc<Semaphore>,
    /// How many reads have begun.
    begun: AtomicU64,
    /// The last read that has ended.
    ended: watch::Sender<u64>,
    /// Whether it could not be read the last time.
    away: AtomicBool,
}

impl Kept {
    /// Reads it for the first time.
    pub async fn read(name: &str, manager: Arc<Manager>) -> Result<Self, SecretError> {
        let text = manager.read(name).await?;
        Ok(Self::holding(name, manager, Some(&text)))
    }

    /// The same within a while, and without it where nobody answers.
    pub async fn try_to_read(
        name: &str,
        manager: Arc<Manager>,
        patience: Duration,
    ) -> Result<Self, SecretError> {
        match tokio::time::timeout(patience, manager.read(name)).await {
            Ok(Ok(text)) => Ok(Self::holding(name, manager, Some(&text))),
            Err(_) | Ok(Err(SecretError::Away { .. })) => Ok(Self::holding(name, manager, None)),
            Ok(Err(error)) => Err(error),
        }
    }

    fn holding(name: &str, manager: Arc<Manager>, text: Option<&str>) -> Self {
        let inner = Inner {
            name: name.to_owned(),
            manager,
            text: RwLock::new(text.map(Arc::from)),
            turn: Arc::new(Semaphore::new(1)),
            begun: AtomicU64::new(0),
            ended: watch::Sender::new(0),
            away: AtomicBool::new(text.is_none()),
        };
        Self { name: name.to_owned(), inner: Arc::new(inner) }
    }

    /// What it held when it was last read; none if it never was.
    pub fn text(&self) -> Option<Arc<str>> {
        self.inner.text.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns after a read that began later than this call, made by it or by another.
    pub async fn read_again(&self) {
        let before = self.inner.begun.load(Ordering::SeqCst);
        let turn = tokio::select! {
            () = after(self.inner.ended.subscribe(), before) => return,
            turn = self.inner.turn.clone().acquire_owned() => turn,
        };
        // Nobody closes the semaphore.
        let Ok(turn) = turn else { return };
        let inner = self.inner.clone();
        // In a task of its own, so that who gives up waiting does not end the pause.
        let reading = tokio::spawn(async move {
            inner.read().await;
            tokio::spawn(async move {
                tokio::time::sleep(PAUSE).await;
                drop(turn);
            });
        });
        // It ends badly only when the process does.
        let _ = reading.await;
    }
}

/// Waits until a read has ended that began after this many had.
async fn after(mut ended: watch::Receiver<u64>, before: u64) {
    // The sender lives as long as who waits.
    let _ = ended.wait_for(|read| *read > before).await;
}

impl Inner {
    async fn read(&self) {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        match self.manager.read(&self.name).await {
            Ok(text) => {
                *self.text.write().unwrap_or_else(PoisonError::into_inner) = Some(text.into());
                if self.away.swap(false, Ordering::SeqCst) {
                    tracing::info!(secret = self.name, "the secret can be read again");
                }
            }
            Err(error) if !self.away.swap(true, Ordering::SeqCst) => {
                tracing::warn!(secret = self.name, %error, "what was read before is used on");
            }
            Err(_) => {}
        }
        self.ended.send_replace(number);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};

    use super::*;

    /// A Secrets Manager whose secret is how often it was read.
    fn counting() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for (read, stream) in (1..).zip(listener.incoming()) {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut line, mut length) = (String::new(), 0);
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).unwrap();
                    let header = line.to_ascii_lowercase();
                    length =
                        header.strip_prefix("content-length:").map_or(length, |n| n.trim().parse().unwrap());
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                let body = format!("{{\"SecretString\": \"{read}\"}}");
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1";
                write!(stream.get_mut(), "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cost_one_read_and_then_there_is_a_pause() {
        let manager = Arc::new(Manager::at(&counting()));
        let kept = Kept::read("a", manager).await.unwrap();
        assert_eq!(kept.text().as_deref(), Some("1"));
        futures_util::future::join_all((0..20).map(|_| kept.read_again())).await;
        assert_eq!(kept.text().as_deref(), Some("2"));
        let soon = tokio::time::timeout(PAUSE / 4, kept.read_again()).await;
        assert!(soon.is_err() && kept.text().as_deref() == Some("2"));
        tokio::time::timeout(PAUSE * 4, kept.read_again()).await.unwrap();
        assert_eq!(kept.text().as_deref(), Some("3"));
    }

    #[tokio::test]
    async fn what_was_read_before_is_kept_while_nobody_answers() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let kept = Kept::holding("a", Arc::new(Manager::at(&format!("http://{nobody}"))), Some("before"));
        kept.read_again().await;
        assert!(kept.inner.away.load(Ordering::SeqCst) && kept.text().as_deref() == Some("before"));
    }
}
