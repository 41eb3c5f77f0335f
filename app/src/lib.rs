//! Pharos: a self-hosted status page. The binary is `main.rs`; this library is what it, the tests
//! and the benchmarks share. ARCHITECTURE.md says where things are and who may import whom.

pub mod domain;
pub mod migration;
pub mod clock;
pub mod store;
