//! Behaviour, through the doors that others use: HTTP, the command line, the store. Those that
//! need Postgres have it in their name and take it from `PHAROS_TEST_POSTGRES_URL`; `./test.sh`
//! starts one.

mod support;

mod cli;
mod http;
mod import;
mod round_trip;
mod schema;
mod settings;
mod store;
mod tidy;
