//! The states of pages in Redis: one key a page, never an older version over a newer.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use deadpool_redis::redis::{self, Script};

use super::{Away, Cache, LONG_PATIENCE, PATIENCE};
use crate::{
    domain::{Id, state::Version},
    wire::kept::{self, Kept},
};

/// How long a state outlives whoever last confirmed it, in seconds.
const LIFE: i64 = 7 * 86_400;
/// How long one replica may take to read what the others wait for, in milliseconds.
const READING: i64 = 2_000;

/// Keeps a state unless a newer one is held, or this one already.
static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local held = redis.call('HGET', KEYS[1], 'revision') \
         if held and ARGV[6] ~= '1' and tonumber(held) >= tonumber(ARGV[2]) then return 0 end \
         redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'commit', ARGV[3], 'confirmed_at', ARGV[4], \
         'body', ARGV[7]) \
         redis.call('EXPIRE', KEYS[1], ARGV[5]) \
         redis.call('SADD', KEYS[2], ARGV[1]) \
         redis.call('EXPIRE', KEYS[2], ARGV[5]) \
         return 1",
    )
});

/// Notes that the database holds the version that is held here; else tells which one is.
static CONFIRM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local held = redis.call('HMGET', KEYS[1], 'revision', 'commit') \
         if held[1] == ARGV[1] and held[2] == ARGV[2] then \
         redis.call('HSET', KEYS[1], 'confirmed_at', ARGV[3]) \
         redis.call('EXPIRE', KEYS[1], ARGV[4]) \
         redis.call('EXPIRE', KEYS[2], ARGV[4]) \
         end \
         return held",
    )
});

/// Which version is held.
type Held = (Option<i64>, Option<String>);

impl Cache {
    /// Keeps a packed state for the other replicas, and says whether it was news. With `force` also
    /// over a newer one: the database was restored.
    pub async fn put_state(
        &self,
        page: &Id,
        version: &Version,
        confirmed_at: DateTime<Utc>,
        body: &[u8],
        force: bool,
    ) -> Result<bool, Away> {
        let mut put = PUT.key(self.state_key(page));
        put.key(self.key("pages", "all")).arg(page.as_str()).arg(version.revision);
        put.arg(version.commit.as_str()).arg(confirmed_at.timestamp_micros()).arg(LIFE);
        put.arg(i32::from(force)).arg(body);
        let put = self.ask(LONG_PATIENCE, async |connection| put.invoke_async(connection).await).await?;
        if put {
            self.kept();
        }
        Ok(put)
    }

    /// Notes that the database holds this version now, and says which one is held here.
    pub async fn confirm(
        &self,
        page: &Id,
        version: &Version,
        at: DateTime<Utc>,
    ) -> Result<Option<Version>, Away> {
        let mut confirm = CONFIRM.key(self.state_key(page));
        confirm.key(self.key("pages", "all")).arg(version.revision).arg(version.commit.as_str());
        confirm.arg(at.timestamp_micros()).arg(LIFE);
        let held: Held =
            self.ask(PATIENCE, async |connection| confirm.invoke_async(connection).await).await?;
        let held = version_of(held);
        if held.as_ref() == Some(version) {
            self.kept();
        }
        Ok(held)
    }

    /// The state of a page that is held, if it is of this revision or a later one and of a format
    /// that this release reads. Without an answer, the database is asked.
    pub async fn state(&self, page: &Id, at_least: i64) -> Result<Option<Kept>, Away> {
        let fields = ["revision", "commit"];
        let key = self.state_key(page);
        let command = redis::cmd("HMGET").arg(&key).arg(&fields).take();
        let held: Held = self.ask(PATIENCE, async |connection| command.query_async(connection).await).await?;
        if version_of(held).is_none_or(|held| held.revision < at_least) {
            return Ok(None);
        }
        let command = redis::cmd("HMGET").arg(&key).arg(&["confirmed_at", "body"]).take();
        let (confirmed_at, body): (Option<i64>, Option<Vec<u8>>) =
            self.ask(LONG_PATIENCE, async |connection| command.query_async(connection).await).await?;
        Ok(body.and_then(|body| unpacked(page, confirmed_at, &body)))
    }

    /// All pages whose states are held.
    pub async fn pages(&self) -> Result<Vec<Id>, Away> {
        let command = redis::cmd("SMEMBERS").arg(self.key("pages", "all")).take();
        let ids: Vec<String> =
            self.ask(PATIENCE, async |connection| command.query_async(connection).await).await?;
        Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Forgets a page that is gone. Where that fails, it goes when its life ends.
    pub async fn forget_page(&self, page: &Id) -> Result<(), Away> {
        let mut both = redis::pipe();
        both.del(self.state_key(page)).ignore().srem(self.key("pages", "all"), page.as_str()).ignore();
        self.ask(PATIENCE, async |connection| both.query_async(connection).await).await
    }

    /// Whether it is this replica's turn to read a revision from the database; the others wait for
    /// what it shares. Without an answer everybody reads.
    pub async fn take_turn(&self, page: &Id, revision: i64) -> Result<bool, Away> {
        let key = self.key("reading", &format!("{page}:{revision}"));
        let command = redis::cmd("SET").arg(key).arg(1).arg("NX").arg("PX").arg(READING).take();
        let taken: Option<String> =
            self.ask(PATIENCE, async |connection| command.query_async(connection).await).await?;
        Ok(taken.is_some())
    }

    fn state_key(&self, page: &Id) -> String {
        self.key("state", page.as_str())
    }
}

fn version_of((revision, commit): Held) -> Option<Version> {
    Some(Version { revision: revision?, commit: commit?.parse().ok()? })
}

fn unpacked(page: &Id, confirmed_at: Option<i64>, body: &[u8]) -> Option<Kept> {
    let mut kept = match kept::unpack(body) {
        Ok(pages) => pages.into_iter().find(|kept| kept.state.page.id == *page)?,
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, page.id = %page, "a state is a miss");
            return None;
        }
    };
    kept.confirmed_at = confirmed_at.and_then(DateTime::from_timestamp_micros).unwrap_or(kept.confirmed_at);
    Some(kept)
}
