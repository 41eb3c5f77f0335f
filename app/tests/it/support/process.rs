//! The binary as a process of its own.

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The binary in a folder of its own, with no setting of whoever runs the tests.
pub fn pharos(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
    command.current_dir(folder).env_clear().env("PHAROS_LOG_FORMAT", "text").env("PHAROS_STATE_DIR", folder);
    command
}

/// All that it said.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// `pharos serve`, killed when it is dropped.
pub struct Serving {
    pub address: String,
    child: Child,
}

impl Serving {
    /// Starts the command as a server and waits until it shows a page; its log goes to `serve.log`.
    pub async fn start(mut command: Command, folder: &Path) -> Self {
        let (address, metrics) = (free_address(), free_address());
        let log = std::fs::File::create(folder.join("serve.log")).unwrap();
        command.args(["serve", "--listen", &address, "--metrics-listen", &metrics]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut serving = Self { address, child };
        let began = Instant::now();
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        let probe = format!("http://{}/healthz", serving.address);
        while !client.get(&probe).send().await.is_ok_and(|answer| answer.status() == 200) {
            let ended = serving.child.try_wait().unwrap();
            let log = std::fs::read_to_string(folder.join("serve.log")).unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_secs(60), "{ended:?}: {log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that is ended with the test.
pub struct Process(pub Child);

impl Process {
    /// Sends it a signal, such as TERM.
    pub fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Waits until something is so, which must not take 30 seconds.
pub fn wait_for(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it did not happen in 30 seconds");
        std::thread::yield_now();
    }
}
