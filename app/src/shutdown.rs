//! How the server ends: in order, within a time that is set, and at once when it is told twice.

use std::{io, time::Duration};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};

use crate::{app::App, jobs, settings::Settings, web::Running};

/// How it was asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By what runs it, with SIGTERM: requests are sent here until load balancers have noticed.
    Replaced,
    /// By the person who started it, with SIGINT: nobody else needs to notice.
    Interrupted,
}

/// How long each part of the end may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until load balancers have noticed that it is not ready any more.
    pub drain: Duration,
    /// For all that follows.
    pub grace: Duration,
}

impl Patience {
    pub fn of(settings: &Settings) -> Self {
        let seconds = Duration::from_secs;
        Self { drain: seconds(settings.drain_seconds), grace: seconds(settings.grace_seconds) }
    }

    /// What open requests may take of the grace. The rest is for closing what they are answered from.
    pub fn for_requests(&self) -> Duration {
        self.grace - self.for_closing()
    }

    fn for_closing(&self) -> Duration {
        self.grace / 5
    }
}

/// The signals that ask a process to end. From when they are taken they end nothing by themselves.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
}

impl Signals {
    pub fn take() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first. The second ends the process wherever it stands.
    pub async fn first(mut self) -> Ending {
        let ending = self.next().await;
        tokio::spawn(async move {
            self.next().await;
            tracing::warn!("told to stop twice: it stops at once");
            std::process::exit(1);
        });
        ending
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Ending {
        // Where it can't be asked for, nobody can say so.
        let _ = tokio::signal::ctrl_c().await;
        Ending::Interrupted
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Ending {
        tokio::select! {
            _ = self.terminate.recv() => Ending::Replaced,
            _ = self.interrupt.recv() => Ending::Interrupted,
        }
    }
}

/// Runs until it is asked to end, then ends in order: not ready any more, a wait for who sends
/// requests, no more connections, the open requests, what they are answered from. The other `works`
/// go on until the last request is answered. A server that ends unasked is an error.
pub async fn run(
    app: &App,
    mut visitors: Running,
    probes: Running,
    patience: Patience,
    works: impl Future<Output = anyhow::Result<()>>,
    asked: impl Future<Output = Ending>,
) -> anyhow::Result<()> {
    let served = async {
        let ending = tokio::select! {
            ended = visitors.ended() => return ended.and(Err(io::Error::other("the server stopped unasked"))),
            ending = asked => ending,
        };
        unready(app, ending, patience.drain).await;
        if timeout(patience.for_requests(), visitors.drain()).await.is_err() {
            tracing::warn!("requests are cut off that took longer than the grace");
        }
        Ok(())
    };
    tokio::select! {
        ended = served => ended?,
        ended = works => ended?,
    }
    app.refresher.leave();
    let closed = async {
        jobs::leave(app).await;
        app.say_goodbye().await;
        probes.stop().await;
        app.store.clone().close().await
    };
    match timeout(patience.for_closing(), closed).await {
        Ok(closed) => closed?,
        Err(_) => tracing::warn!("the database did not let go within the grace"),
    }
    Ok(())
}

/// Lets those who send requests here notice that they should not, and those who listen find another.
async fn unready(app: &App, ending: Ending, drain: Duration) {
    app.site.life().drain();
    if ending == Ending::Replaced {
        tracing::info!(drain.seconds = drain.as_secs(), "told to stop: not ready any more");
        sleep(drain).await;
    }
    app.site.events().end();
    tracing::info!("taking no more connections");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_the_end_fit_into_the_grace() {
        let patience = Patience { drain: Duration::from_secs(5), grace: Duration::from_secs(20) };
        assert_eq!(patience.for_requests(), Duration::from_secs(16));
        assert_eq!(patience.for_requests() + patience.for_closing(), patience.grace);
    }
}
