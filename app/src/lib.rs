//! Pharos: a self-hosted status page. The binary is `main.rs`; this library is what it, the tests
//! and the benchmarks share. ARCHITECTURE.md says where things are and who may import whom.

pub mod app;
pub mod aws;
pub mod breaker;
pub mod bucket;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod domain;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod locale;
pub mod mail;
pub mod markup;
pub mod migration;
pub mod outbound;
pub mod passkeys;
pub mod render;
pub mod secrets;
pub mod settings;
pub mod shutdown;
pub mod sso;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod transfer;
pub mod web;
pub mod wire;
