use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

use super::Balancer;

/// Visitors who ask for the page all the time.
pub struct Visitors {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    bad: Arc<Mutex<BTreeMap<String, usize>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Visitors {
    /// Two at each address, who ask for the front page and for a document in turn.
    pub fn at(bases: &[&str]) -> Self {
        let each = bases.iter().flat_map(|base| [*base; 2]);
        Self::asking(each.map(|base| {
            let base = base.to_owned();
            move |_| base.clone()
        }))
    }

    /// As many, whom a load balancer sends to whoever is ready.
    pub fn behind(balancer: &Balancer, count: usize) -> Self {
        Self::asking((0..count).map(|_| {
            let balancer = balancer.clone();
            move |turn| balancer.pick(turn)
        }))
    }

    /// Each asks where it is told to.
    fn asking<F: Fn(usize) -> String + Send + 'static>(each: impl Iterator<Item = F>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (answered, bad) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(BTreeMap::new())));
        let tasks = each.map(|base| {
            let (stop, answered, bad) = (stop.clone(), answered.clone(), bad.clone());
            tokio::spawn(visit(base, stop, answered, bad))
        });
        let tasks = tasks.collect();
        Self { stop, answered, bad, tasks }
    }

    /// How many answers there were so far.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more were answered.
    pub async fn see(&self, more: usize) {
        let goal = self.answered() + more;
        while self.answered() < goal {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends their visit: every answer was 200.
    pub async fn leave(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        let bad = self.bad.lock().unwrap();
        assert!(bad.is_empty(), "{bad:?} of {}", self.answered.load(Ordering::Relaxed));
    }
}

async fn visit(
    base: impl Fn(usize) -> String,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    bad: Arc<Mutex<BTreeMap<String, usize>>>,
) {
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    for (turn, path) in ["/", "/api/v2/summary.json"].into_iter().cycle().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let outcome = match client.get(base(turn) + path).send().await {
            Ok(answer) if answer.status() != 200 => answer.status().as_u16().to_string(),
            Ok(answer) => answer.bytes().await.map_or("half an answer".to_owned(), |_| "200".to_owned()),
            Err(error) => format!("{error:?}"),
        };
        if outcome != "200" {
            *bad.lock().unwrap().entry(outcome).or_default() += 1;
        }
        answered.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
