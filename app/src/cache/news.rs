//! Announcements: what one replica did and the others should know at once. Whoever misses one finds
//! out by asking.

use std::time::Duration;

use deadpool_redis::redis::{self, Client, RedisError};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::{Away, Cache, LONG_PATIENCE, PATIENCE, is_refusal};
use crate::domain::{Id, id::part_of, state::Version};

/// How often it is tried whether the connection still carries anything.
const PULSE: Duration = Duration::from_secs(5);
/// The pause before the connection is tried again, a random part of it more.
const PAUSE: Duration = Duration::from_millis(500);

/// What there is to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// A page is at a version now.
    Page {
        page: Id,
        version: Version,
        /// The trace that the change belongs to, as a `traceparent`. Releases that know nothing of it
        /// pass over it, and say nothing of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<String>,
    },
    /// A token was revoked, or changed.
    Tokens,
}

impl Cache {
    /// Tells all replicas, this one too.
    pub async fn announce(&self, news: &News) -> Result<(), Away> {
        let Ok(text) = serde_json::to_string(news) else { return Err(Away) };
        let command = redis::cmd("PUBLISH").arg(self.key("news", "all")).arg(text).take();
        self.ask(PATIENCE, async |connection| command.query_async(connection).await).await
    }

    /// Hears what is announced, until it is dropped. A lost connection is made anew; `begun` is
    /// called whenever one stands, since something may have been missed meanwhile.
    pub async fn listen(&self, begun: impl AsyncFn(), heard: impl AsyncFn(News)) {
        loop {
            let server = self.server();
            if !self.0.address.is_unread()
                && let Err(error) = self.hear(&server.client, &begun, &heard).await
            {
                if is_refusal(&error) {
                    self.renew(&server.url);
                }
                tracing::debug!(error = &error as &dyn std::error::Error, "announcements are not heard");
            }
            tokio::time::sleep(PAUSE + part_of(PAUSE)).await;
        }
    }

    async fn hear(
        &self,
        client: &Client,
        begun: &impl AsyncFn(),
        heard: &impl AsyncFn(News),
    ) -> Result<(), RedisError> {
        let late = |_| RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
        let connection =
            tokio::time::timeout(LONG_PATIENCE, client.get_async_pubsub()).await.map_err(late)??;
        let (mut sink, mut stream) = connection.split();
        let subscribed = sink.subscribe(self.key("news", "all"));
        tokio::time::timeout(LONG_PATIENCE, subscribed).await.map_err(late)??;
        begun().await;
        loop {
            match tokio::time::timeout(PULSE, stream.next()).await {
                Ok(Some(message)) => {
                    // What a newer release announces and this one does not know is not for it.
                    if let Ok(news) = serde_json::from_slice(message.get_payload_bytes()) {
                        heard(news).await;
                    }
                }
                Ok(None) => return Ok(()),
                Err(_) => {
                    let pulse = sink.ping::<redis::Value>();
                    tokio::time::timeout(LONG_PATIENCE, pulse).await.map_err(late)??;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn releases_understand_each_other() {
        let version = Version { revision: 7, commit: fixture::id("c0ffee") };
        let plain = r#"{"kind":"page","page":"page","version":{"revision":7,"commit":"c0ffee"}}"#;
        let without = News::Page { page: fixture::id("page"), version: version.clone(), trace: None };
        assert_eq!(serde_json::to_string(&without).unwrap(), plain, "as ever, where nothing is traced");
        assert_eq!(serde_json::from_str::<News>(plain).unwrap(), without);

        // As the release before this one reads it.
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        enum Before {
            Page { page: Id, version: Version },
        }
        let traced = News::Page {
            page: fixture::id("page"),
            version: version.clone(),
            trace: Some("00-1-2-01".into()),
        };
        let text = serde_json::to_string(&traced).unwrap();
        assert_eq!(serde_json::from_str::<News>(&text).unwrap(), traced);
        let before = Before::Page { page: fixture::id("page"), version };
        assert_eq!(serde_json::from_str::<Before>(&text).unwrap(), before);
    }
}
