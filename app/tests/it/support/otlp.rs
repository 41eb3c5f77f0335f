//! The receiver of traces for tests, which `PHAROS_TEST_OTLP` names: its port for gRPC and its port for
//! HTTP.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    pub id: String,
    pub parent: String,
    pub name: String,
    pub kind: String,
    pub attributes: Map<String, Value>,
    pub events: Vec<String>,
    pub resource: Map<String, Value>,
    pub protocol: String,
    pub headers: Map<String, Value>,
}

pub struct Collector {
    pub grpc: String,
    pub http: String,
}

impl Collector {
    pub fn new() -> Self {
        let ports = std::env::var("PHAROS_TEST_OTLP")
            .expect("PHAROS_TEST_OTLP holds the ports of a receiver of traces; ./test.sh starts one");
        let (grpc, http) = ports.split_once(',').unwrap();
        let at = |port: &str| format!("http://127.0.0.1:{port}");
        Self { grpc: at(grpc), http: at(http) }
    }

    /// What was received of a trace.
    pub async fn spans(&self, trace: &str) -> Vec<Span> {
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        let answer = client.get(format!("{}/spans?trace={trace}", self.http)).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}
