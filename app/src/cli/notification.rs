//! `pharos notification`: what was to be told before the database was restored, and may have been told
//! already.

use clap::Subcommand;

use super::{Settings, open};
use crate::domain::Id;

#[derive(Debug, Subcommand)]
pub enum Task {
    /// List those that wait for an operator: id, page, time, event.
    List,
    /// Have them sent after all.
    Release {
        /// Only this one.
        id: Option<Id>,
    },
    /// Drop them: whoever was to be told knows already.
    Drop {
        /// Only this one.
        id: Option<Id>,
    },
}

pub async fn run(settings: &Settings, task: Task) -> anyhow::Result<()> {
    let store = open(settings).await?;
    match task {
        Task::List => {
            for held in store.held_notifications().await? {
                println!("{}  {}  {}  {}", held.id, held.page_id, held.created_at.to_rfc3339(), held.event);
            }
        }
        Task::Release { id } => {
            println!("{} released", store.record().release_notifications(id.as_ref()).await?);
        }
        Task::Drop { id } => {
            println!("{} dropped", store.record().drop_held_notifications(id.as_ref()).await?)
        }
    }
    Ok(store.close().await?)
}
