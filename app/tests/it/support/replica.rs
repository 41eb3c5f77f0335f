use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pharos::domain::Id;
use reqwest::Client;
use serde_json::Value;

use super::free_address;

/// An application key that all replicas of a test share.
pub const KEYS: &str = "cGhhcm9zIHRlc3RzIHVzZSB0aGlzIGtleSBvbmx5ISE=";
/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A `pharos serve` of its own process.
pub struct Replica {
    pub base: String,
    pub metrics: String,
    child: Child,
    client: Client,
    log: std::path::PathBuf,
}

impl Replica {
    /// Starts one with these settings beside its addresses; it need not be lit yet.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let (listen, metrics) = (free_address(), free_address());
        let log = folder.join(format!("{}.log", listen.replace(':', "-")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
        command.env_clear().current_dir(folder).arg("serve");
        command.env("PHAROS_LISTEN", &listen).env("PHAROS_METRICS_LISTEN", &metrics);
        command.env("PHAROS_LOG", "info,pharos=debug").env("PHAROS_LOG_FORMAT", "text");
        command.env("PHAROS_KEYS", KEYS).env("PHAROS_DRAIN_SECONDS", "0").env("HOME", folder);
        command.envs(settings.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        Self { base: format!("http://{listen}"), metrics: format!("http://{metrics}"), child, client, log }
    }

    /// The same, lit.
    pub async fn lit(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let replica = Self::start(folder, settings);
        replica.until("it is lit", async || replica.status("/healthz").await == Some(200)).await;
        replica
    }

    /// Waits for a condition, and shows the log if it does not come.
    pub async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !condition().await {
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                panic!("{what}: not within {PATIENCE:?}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn status(&self, path: &str) -> Option<u16> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await;
        answer.ok().map(|answer| answer.status().as_u16())
    }

    pub async fn text(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    /// Asks for a document under another host; without one, it is null.
    pub async fn under(&self, host: &str, path: &str) -> (u16, Value) {
        let request = self.client.get(format!("{}{path}", self.base));
        let answer = request.header("host", host).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// Asks the management API.
    pub async fn ask(&self, token: &str, path: &str) -> reqwest::Response {
        let request = self.client.get(format!("{}{path}", self.base));
        request.header("authorization", format!("OAuth {token}")).send().await.unwrap()
    }

    /// Opens a stream of events and hears what it begins with.
    pub async fn listens(&self) {
        let mut answer = self.client.get(format!("{}/events", self.base)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.chunk().await.unwrap().is_some_and(|begin| begin.starts_with(b"retry: ")));
    }

    pub async fn header(&self, path: &str, name: &str) -> Option<String> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    /// The value of a metric, labels and all.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let answer = self.client.get(format!("{}/metrics", self.metrics)).send().await.ok()?;
        let text = answer.text().await.ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// The revision that it shows of a page.
    pub async fn revision(&self, page: &Id) -> i64 {
        let name = format!("pharos_snapshot_revision{{page=\"{page}\"}}");
        self.metric(&name).await.map_or(-1, |revision| revision as i64)
    }

    /// Writes by the management API, and says with which status it was answered.
    pub async fn write(&self, token: &str, method: &str, path: &str, body: &Value) -> u16 {
        self.try_write(token, method, path, body).await.map_or(0, |(status, _)| status)
    }

    /// The same with the answer; nothing if none came.
    pub async fn try_write(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Option<(u16, String)> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.header("authorization", format!("OAuth {token}"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills it (SIGKILL), wherever it is.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, waits until it has, and tells what it logged.
    pub async fn stop(mut self) -> String {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not stop:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.log()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
