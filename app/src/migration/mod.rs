//! The schema, step by step, the same on SQLite and on Postgres 14 and later. A step adds tables
//! or columns and never alters or drops one in the same release, so that the release before it
//! still runs on the newer schema. Nothing here knows the rest of the program: entities move,
//! migrations stay as they were.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

mod m0001_pages;
mod m0002_components;
mod m0003_incidents;
mod m0004_subscribers;
mod m0005_metrics;
mod m0006_people;
mod m0007_metric_rollups;
mod m0008_management;
mod m0009_alerts;
mod m0010_leases;
mod m0011_metrics_pending;
mod m0012_console;
mod m0013_mails;
mod m0013_sign_in;
mod m0014_recurrences;
mod m0014_replicas;
mod m0015_publish_at;
mod parts;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_pages::Step),
            Box::new(m0002_components::Step),
            Box::new(m0003_incidents::Step),
            Box::new(m0004_subscribers::Step),
            Box::new(m0005_metrics::Step),
            Box::new(m0006_people::Step),
            Box::new(m0007_metric_rollups::Step),
            Box::new(m0008_management::Step),
            Box::new(m0009_alerts::Step),
            Box::new(m0010_leases::Step),
            Box::new(m0011_metrics_pending::Step),
            Box::new(m0012_console::Step),
            Box::new(m0013_mails::Step),
            Box::new(m0013_sign_in::Step),
            Box::new(m0014_recurrences::Step),
            Box::new(m0014_replicas::Step),
            Box::new(m0015_publish_at::Step),
        ]
    }
}

/// The table that says which releases may use a schema that is newer than themselves.
pub const SCHEMA_TABLE: &str = "schema_info";
