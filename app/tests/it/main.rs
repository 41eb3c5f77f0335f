//! Behaviour, through the doors that others use: HTTP, the command line, the store. Those that
//! need Postgres have it in their name and take it from `PHAROS_TEST_POSTGRES_URL`; `./test.sh`
//! starts one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a test can't have makes it fail")]
#![expect(clippy::disallowed_methods, reason = "tests wait in real time for other processes")]

mod support;

mod alerts;
mod alerts_in;
mod apply;
mod archive;
mod archive_limits;
mod badges;
mod bootstrap;
mod branding;
mod cli;
mod console_audit;
mod console_doors;
mod console_enter;
mod console_incidents;
mod console_later;
mod console_mail;
mod console_more;
mod console_parts;
mod console_plans;
mod console_second;
mod console_series;
mod console_settings;
mod console_sso;
mod console_system;
mod dress;
mod embed;
mod events;
mod feeds;
mod groups;
mod history;
mod hostile;
mod hostile_readers;
mod http;
mod import;
mod import_feeds;
mod import_from_address;
mod kept;
mod keys;
mod languages;
mod life;
mod manage;
mod manage_embed;
mod manage_foreign;
mod manage_incidents;
mod manage_metrics;
mod manage_openapi;
mod manage_refused;
mod manage_subscribers;
mod manage_tokens;
mod manage_uptime;
mod manage_users;
mod metrics;
mod openapi;
mod publish;
mod quarter;
mod remote_cli;
mod replaced_file;
mod replicas;
mod rotation;
mod round_trip;
mod round_trip_feeds;
mod schema;
mod secrets;
mod settings;
mod static_site;
mod store;
mod telemetry;
mod tidy;
mod tls;
