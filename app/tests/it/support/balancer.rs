use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, StatusCode};
use tokio::task::JoinHandle;

/// Does what a load balancer does: knows which servers are ready. A clone is the same one.
#[derive(Clone)]
pub struct Balancer(Arc<Inner>);

struct Inner {
    servers: Mutex<Vec<Server>>,
    client: Client,
}

struct Server {
    base: String,
    ready: Arc<AtomicBool>,
    looking: JoinHandle<()>,
}

impl Balancer {
    /// One before these servers, each with the addresses of its pages and of its probes, which must be
    /// ready.
    pub async fn before(servers: &[(&str, &str)]) -> Self {
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        let balancer = Self(Arc::new(Inner { servers: Mutex::default(), client }));
        for (base, probes) in servers {
            balancer.add(base, probes).await;
        }
        balancer
    }

    /// Sends requests to one more, as soon as it is ready.
    pub async fn add(&self, base: &str, probes: &str) {
        let (ready, probe) = (Arc::new(AtomicBool::new(false)), format!("{probes}/readyz"));
        let (looked, client) = (ready.clone(), self.0.client.clone());
        let looking = tokio::spawn(async move {
            loop {
                let answer = client.get(&probe).send().await;
                looked.store(answer.is_ok_and(|answer| answer.status() == StatusCode::OK), Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        while !ready.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let server = Server { base: base.to_owned(), ready, looking };
        self.0.servers.lock().unwrap().push(server);
    }

    /// Whether it sends requests there.
    pub fn sends_to(&self, base: &str) -> bool {
        let servers = self.0.servers.lock().unwrap();
        servers.iter().any(|server| server.base == base && server.ready.load(Ordering::SeqCst))
    }

    /// Where this request is sent to.
    pub fn pick(&self, turn: usize) -> String {
        let servers = self.0.servers.lock().unwrap();
        let ready: Vec<_> = servers.iter().filter(|server| server.ready.load(Ordering::SeqCst)).collect();
        ready[turn % ready.len()].base.clone()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for server in self.servers.get_mut().unwrap() {
            server.looking.abort();
        }
    }
}
