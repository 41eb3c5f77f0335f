//! Behaviour, through the doors that others use: HTTP, the command line, the store. Those that
//! need Postgres have it in their name and take it from `PHAROS_TEST_POSTGRES_URL`; `./test.sh`
//! starts one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a test can't have makes it fail")]
#![expect(clippy::disallowed_methods, reason = "tests wait in real time for other processes")]

mod support;

mod cli;
mod hostile;
mod http;
mod import;
mod round_trip;
mod schema;
mod settings;
mod store;
mod tidy;
