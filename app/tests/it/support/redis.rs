//! A Redis of one test's own, set as the test wants it.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use deadpool_redis::redis::{self, Client, Value, aio::MultiplexedConnection};

use super::process::free_address;

/// A `redis-server` of its own process, which keeps nothing on disk.
pub struct RedisServer {
    pub port: u16,
    child: Child,
    admin: MultiplexedConnection,
    _folder: tempfile::TempDir,
}

impl RedisServer {
    /// One that anybody may use, with these arguments besides.
    pub async fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        let port_argument = port.to_string();
        let ours = ["--port", port_argument.as_str()];
        let arguments: Vec<&str> = ours.into_iter().chain(arguments.iter().copied()).collect();
        Self::on(port, &arguments, Client::open(format!("redis://127.0.0.1:{port}")).unwrap()).await
    }

    /// One that these arguments have listen on a port of this machine, and a client that it lets in.
    pub async fn on(port: u16, arguments: &[&str], client: Client) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("redis-server");
        command.current_dir(folder.path()).stdout(Stdio::null());
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]).args(arguments);
        let child = command.spawn().expect("redis-server is installed");
        let connecting = async {
            loop {
                match client.get_multiplexed_async_connection().await {
                    Ok(connection) => return connection,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let admin =
            tokio::time::timeout(Duration::from_secs(30), connecting).await.expect("Redis does not start");
        Self { port, child, admin, _folder: folder }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Has it obey a command.
    pub async fn run(&self, words: &[&str]) -> Value {
        let mut admin = self.admin.clone();
        redis::cmd(words[0]).arg(&words[1..]).query_async(&mut admin).await.unwrap()
    }

    /// What it says of itself: the value of a field of a section of INFO.
    pub async fn info(&self, section: &str, field: &str) -> Option<String> {
        let mut admin = self.admin.clone();
        let text: String = redis::cmd("INFO").arg(section).query_async(&mut admin).await.unwrap();
        text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':').map(str::to_owned))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn free_port() -> u16 {
    free_address().rsplit_once(':').unwrap().1.parse().unwrap()
}
