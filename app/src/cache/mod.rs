//! Redis: the states of pages, so that one replica's work serves the others; what was found of the
//! past; counters; announcements. Everything in it can be lost, every key has a time to live, every
//! call has a time-out and may fail, and each says what its caller then does. Keys begin with the
//! format of what they hold and with the installation, so that two releases, or two installations,
//! can share one Redis.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use deadpool_redis::{
    Connection, Manager, Pool, Runtime,
    redis::{
        self, AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, ServerErrorKind,
    },
};

use crate::{breaker::Breaker, secrets::Resolved, telemetry::Connections, wire::kept};

mod news;
mod states;

pub use news::News;

/// How long a short answer may take, and one that carries a whole state.
const PATIENCE: Duration = Duration::from_millis(500);
const LONG_PATIENCE: Duration = Duration::from_secs(2);
/// How long Redis has to keep everything again before it counts as having room: it may take what is
/// small and refuse what is large.
const ROOM: Duration = Duration::from_secs(5);
/// The most connections of one process.
const POOL_SIZE: usize = 16;

/// Redis did not answer, or would not keep anything just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cache does not answer")]
pub struct Away;

/// Why there can be no connection to what a setting names.
#[derive(Debug, thiserror::Error)]
#[error("allowed is an address such as redis://HOST:6379 or rediss://USER:TOKEN@HOST:6379/0: {0}")]
pub struct BadAddress(String);

/// One Redis. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Resolved,
    ca: Option<Vec<u8>>,
    server: ArcSwap<Server>,
    breaker: Breaker,
    /// Redis answers, and keeps nothing more: it has no memory left, or other reasons.
    memory: Breaker,
    /// What every key begins with.
    prefix: String,
}

/// A server under one password.
struct Server {
    url: Arc<str>,
    pool: Pool,
    client: Client,
}

impl Cache {
    /// Prepares connections to an address of the form `redis[s]://[[USER]:TOKEN@]HOST[:PORT][/DB]`, whose
    /// token may change; nothing is sent yet. `ca` is a certificate to trust instead of the system's, in PEM. Installations
    /// with another `namespace` see nothing of each other.
    pub fn new(address: Resolved, ca: Option<Vec<u8>>, namespace: &str) -> Result<Self, BadAddress> {
        Ok(Self(Arc::new(Inner {
            server: ArcSwap::from_pointee(Server::new(address.current(), ca.as_deref())?),
            address,
            ca,
            breaker: Breaker::new("redis", "replicas find out by asking the database, and all else goes on"),
            memory: Breaker::new("redis_memory", "Redis is full: replicas share nothing until it is not"),
            prefix: format!("pharos:{}:{namespace}", kept::FORMAT),
        })))
    }

    /// Whether it answered when it was last asked.
    pub fn is_up(&self) -> bool {
        self.0.breaker.is_up()
    }

    /// What tells of its outages.
    pub fn breakers(&self) -> [&Breaker; 2] {
        [&self.0.breaker, &self.0.memory]
    }

    /// How the connections are used, but for the one that hears announcements.
    pub fn connections(&self) -> Connections {
        let status = self.0.server.load().pool.status();
        Connections { open: status.size, idle: status.available, most: status.max_size }
    }

    /// What was found of the past under this key. Without an answer the store is asked.
    pub async fn found(&self, key: &str) -> Result<Option<Vec<u8>>, Away> {
        let command = redis::cmd("GET").arg(self.key("past", key)).take();
        self.ask(PATIENCE, async |connection| command.query_async(connection).await).await
    }

    /// Keeps what was found for an hour. Where that fails, the next one asks the store again.
    pub async fn keep_found(&self, key: &str, found: &[u8]) -> Result<(), Away> {
        let command = redis::cmd("SET").arg(self.key("past", key)).arg(found).arg("EX").arg(3_600).take();
        let () = self.ask(PATIENCE, async |connection| command.query_async(connection).await).await?;
        self.kept();
        Ok(())
    }

    /// Counts one more under a key that lives for some seconds, and says how many there are. Without
    /// an answer each replica counts for itself.
    pub async fn count(&self, key: &str, seconds: i64) -> Result<u32, Away> {
        let key = self.key("count", key);
        let mut both = redis::pipe();
        both.atomic().incr(&key, 1).expire(&key, seconds).ignore();
        let counted: (i64,) =
            self.ask(PATIENCE, async |connection| both.query_async(connection).await).await?;
        self.kept();
        Ok(u32::try_from(counted.0.max(0)).unwrap_or(u32::MAX))
    }

    /// Counts once less under a key, which is forgotten after so many seconds.
    pub async fn discount(&self, key: &str, seconds: i64) -> Result<(), Away> {
        let key = self.key("count", key);
        let mut both = redis::pipe();
        both.atomic().decr(&key, 1).ignore().expire(&key, seconds).ignore();
        self.ask(PATIENCE, async |connection| both.query_async(connection).await).await
    }

    /// Begins to count anew under a key. Where that fails, what was counted stays until its end.
    pub async fn uncount(&self, key: &str) -> Result<(), Away> {
        let command = redis::cmd("DEL").arg(self.key("count", key)).take();
        self.ask(PATIENCE, async |connection| command.query_async(connection).await).await
    }

    /// Something was kept: there is room.
    fn kept(&self) {
        self.0.memory.answered_some(ROOM);
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.0.prefix)
    }

    /// Asks, unless it is known to be away.
    async fn ask<T>(
        &self,
        patience: Duration,
        question: impl AsyncFnOnce(&mut Connection) -> Result<T, RedisError>,
    ) -> Result<T, Away> {
        if !self.0.breaker.admits() {
            return Err(Away);
        }
        if self.0.address.is_unread() {
            return self.note(Err(Failure::Unread));
        }
        let server = self.server();
        let asked = async {
            let mut connection = server.pool.get().await.map_err(Failure::Pool)?;
            let answer = question(&mut connection).await;
            if answer.as_ref().is_err_and(|error| !is_answer(error)) {
                // What else is on its way on this connection is not the answer to another question.
                drop(Connection::take(connection));
            }
            answer.map_err(Failure::Redis)
        };
        let answer = tokio::time::timeout(patience, asked).await.unwrap_or(Err(Failure::TimedOut));
        if let Err(failure) = &answer
            && failure.is_refusal()
        {
            self.renew(&server.url);
        }
        self.note(answer)
    }

    /// The server, under the password that holds now.
    fn server(&self) -> Arc<Server> {
        let server = self.0.server.load_full();
        let current = self.0.address.current();
        if *server.url == *current {
            return server;
        }
        match Server::new(current, self.0.ca.as_deref()) {
            Ok(moved) => {
                let moved = Arc::new(moved);
                self.0.server.store(moved.clone());
                moved
            }
            Err(error) => {
                tracing::error!(%error, "redis_url: with the rotated secret it is no address any more");
                server
            }
        }
    }

    /// Sees whether there is another password, without keeping anybody waiting for it.
    fn renew(&self, refused: &Arc<str>) {
        let (cache, refused) = (self.clone(), refused.clone());
        tokio::spawn(async move { cache.0.address.refresh_after_failure(&refused).await });
    }

    fn note<T>(&self, answer: Result<T, Failure>) -> Result<T, Away> {
        match answer {
            Ok(answer) => {
                self.0.breaker.answered();
                Ok(answer)
            }
            Err(Failure::Redis(error)) if is_answer(&error) => {
                self.0.breaker.answered();
                self.0.memory.failed(&error);
                Err(Away)
            }
            Err(failure) => {
                self.0.breaker.failed(&failure);
                Err(Away)
            }
        }
    }
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("its token could not be read yet")]
    Unread,
    #[error("no connection")]
    Pool(#[source] deadpool_redis::PoolError),
    #[error("no good answer")]
    Redis(#[source] RedisError),
    #[error("no answer in time")]
    TimedOut,
}

impl Failure {
    fn is_refusal(&self) -> bool {
        match self {
            Self::Redis(error) | Self::Pool(deadpool_redis::PoolError::Backend(error)) => is_refusal(error),
            _ => false,
        }
    }
}

/// Whether Redis knows the token no more.
fn is_refusal(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed
        || matches!(error.code(), Some("WRONGPASS" | "NOAUTH" | "NOPERM"))
}

/// Whether Redis answered that it will not do it, such as for want of memory, or of the disk or the
/// copies that it was told to have: it is there.
fn is_answer(error: &RedisError) -> bool {
    matches!(error.code(), Some("OOM" | "MISCONF" | "NOREPLICAS"))
        || error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError)
}

/// Says nothing of the address, which holds the token.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("connections", &self.pool.status().size).finish_non_exhaustive()
    }
}

impl Server {
    fn new(url: Arc<str>, ca: Option<&[u8]>) -> Result<Self, BadAddress> {
        // Another client may have installed it already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bad = |error: RedisError| BadAddress(error.to_string());
        let client = match ca {
            Some(pem) => {
                let certificates =
                    redis::TlsCertificates { client_tls: None, root_cert: Some(pem.to_owned()) };
                Client::build_with_tls(&*url, certificates)
            }
            None => Client::open(&*url),
        };
        let client = client.map_err(bad)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LONG_PATIENCE))
            .set_response_timeout(Some(LONG_PATIENCE));
        let info = client.get_connection_info().clone().into_connection_info().map_err(bad)?;
        let manager = Manager::new_with_config(info, config).map_err(bad)?;
        let pool = Pool::builder(manager)
            .max_size(POOL_SIZE)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(LONG_PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1);
        let pool = pool.build().map_err(|error| BadAddress(error.to_string()))?;
        Ok(Self { url, pool, client })
    }
}
