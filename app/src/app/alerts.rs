//! Alerts: what is said of them, and what the time that has passed says.

use super::App;
use crate::{
    domain::{
        Id,
        alert::{Alert, AlertKey, Heard, Source},
    },
    store::{Actor, Committed, Result},
};

impl App {
    /// Takes in what was said of an alert, does what its rule says and shows it.
    pub async fn hear(
        &self,
        page: &Id,
        actor: Actor,
        source: Source,
        heard: &Heard,
    ) -> Result<Option<Alert>> {
        let (alert, committed) = self.store.hear(page, actor, source, heard).await?;
        self.show(committed).await;
        Ok(alert)
    }

    /// A heartbeat was heard.
    pub async fn heartbeat(&self, key: &AlertKey, actor: Actor) -> Result<Option<Alert>> {
        if !self.store.record().heartbeat(&key.id).await? {
            return Ok(None);
        }
        let back = self.hear(&key.page_id, actor, Source::Heartbeat, &beat(key, false)).await?;
        self.store.record().heartbeat_back(&key.id).await?;
        Ok(back)
    }

    /// Does what is due because time has passed, each thing in a change of its own, and says how
    /// many. One that fails does not hold up the others.
    pub async fn move_alerts(&self) -> Result<usize> {
        let (mut moved, mut failure) = (0, None);
        for key in self.store.silent_heartbeats().await? {
            match self.miss(&key).await {
                Ok(()) => moved += 1,
                Err(error) => failure = Some(error),
            }
        }
        for (page, id) in self.store.due_alerts().await? {
            match self.pass_time(&page, &id).await {
                Ok(was) => moved += usize::from(was),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(moved), Err)
    }

    #[tracing::instrument(skip_all)]
    async fn pass_time(&self, page: &Id, id: &Id) -> Result<bool> {
        let committed = self.store.pass_time(page, id).await?;
        let has_moved = committed.is_some();
        self.show(committed).await;
        Ok(has_moved)
    }

    /// It fires before it is noted: whoever fails in between tries again.
    #[tracing::instrument(skip_all)]
    async fn miss(&self, key: &AlertKey) -> Result<()> {
        let actor = || Actor::Alert { told_by: Some(key.id.clone()), address: None, request_id: None };
        self.hear(&key.page_id, actor(), Source::Heartbeat, &beat(key, true)).await?;
        if !self.store.record().heartbeat_missing(key).await? {
            // It was heard just now.
            self.hear(&key.page_id, actor(), Source::Heartbeat, &beat(key, false)).await?;
        }
        Ok(())
    }

    async fn show(&self, committed: Option<Committed>) {
        if let Some(committed) = committed
            && let Err(error) = self.announce(&committed).await
        {
            // It is written; who polls finds it.
            tracing::warn!(error = &error as &dyn std::error::Error, "a change is shown later");
        }
    }
}

/// What a heartbeat says by its silence, and by its return.
fn beat(key: &AlertKey, firing: bool) -> Heard {
    let labels =
        [("heartbeat".to_owned(), key.name.clone()), ("heartbeat_id".to_owned(), key.id.to_string())];
    Heard::new(Some(key.id.as_str()), firing, labels, &format!("{} is not heard of", key.name))
}
