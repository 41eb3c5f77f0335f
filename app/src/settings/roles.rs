//! Who makes the roles of the database, and where their passwords are kept.

use clap::Args;

use super::check::postgres_url;

/// What `pharos migrate --bootstrap` and `pharos database rotate` ask for besides the database.
#[derive(Clone, Debug, Default, Args)]
pub struct Roles {
    /// `postgres://…` of the database as its administrator, who makes the roles in it: for
    /// `pharos migrate --bootstrap` alone.
    #[arg(
        long,
        global = true,
        env = "PHAROS_ADMINISTRATOR_URL",
        value_name = "URL",
        value_parser = postgres_url,
        hide_env_values = true
    )]
    pub administrator_url: Option<String>,

    /// The secret in AWS Secrets Manager, by name or ARN, that keeps `username` and `password` of the
    /// role that owns the schema: for `pharos migrate --bootstrap`.
    #[arg(long, global = true, env = "PHAROS_OWNER_SECRET", value_name = "SECRET")]
    pub owner_secret: Option<String>,

    /// The secret that keeps `username` and `password` of the role that the application has now: for
    /// `pharos migrate --bootstrap` and `pharos database rotate`.
    #[arg(long, global = true, env = "PHAROS_APPLICATION_SECRET", value_name = "SECRET")]
    pub application_secret: Option<String>,
}
