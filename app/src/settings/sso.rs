//! The organization's own provider of sign-in.

use clap::{ArgAction, Args, builder::BoolishValueParser};
use url::Url;

use crate::domain::{groups, role::Role};

/// Where people sign in, if not here.
#[derive(Clone, Debug, Default, Args)]
pub struct SingleSignOn {
    /// Issuer of the OpenID Connect provider that people may sign in with, as its discovery document
    /// names it: `https://accounts.google.com`. It sends them back to `/admin/sign-in/sso/back` of the
    /// console.
    #[arg(long, global = true, env = "PHAROS_OIDC_ISSUER", value_name = "URL", value_parser = issuer, requires = "oidc_client_id")]
    pub oidc_issuer: Option<String>,

    /// What the provider calls this console.
    #[arg(long, global = true, env = "PHAROS_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,

    /// The secret that it gave this console; none, if it gave none.
    #[arg(
        long,
        global = true,
        env = "PHAROS_OIDC_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub oidc_client_secret: Option<String>,

    /// The claim that lists somebody's groups.
    #[arg(
        long,
        global = true,
        env = "PHAROS_OIDC_GROUPS_CLAIM",
        value_name = "CLAIM",
        default_value = "groups"
    )]
    pub oidc_groups_claim: String,

    /// Which groups have which role, `GROUP=ROLE` between commas; of several, the greatest holds. Where it is
    /// set, whoever is in one of them needs no invitation, and who is in none gets in no more.
    #[arg(
        long,
        global = true,
        env = "PHAROS_OIDC_ROLES",
        value_name = "MAPPING",
        value_delimiter = ',',
        value_parser = groups::mapping
    )]
    pub oidc_roles: Vec<(String, Role)>,

    /// Whether people sign in with the provider alone: no passwords, no passkeys. `pharos user login-link`
    /// stays the way in when it is down.
    #[arg(
        long,
        global = true,
        env = "PHAROS_SSO_ONLY",
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new()
    )]
    pub sso_only: bool,
}

fn issuer(text: &str) -> Result<String, String> {
    let allowed = || {
        "allowed is an https address, such as https://accounts.google.com; http on this machine".to_owned()
    };
    let url = Url::parse(text).map_err(|_| allowed())?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let plain = url.query().is_none() && url.fragment().is_none() && url.password().is_none();
    let fits = plain && (url.scheme() == "https" || (url.scheme() == "http" && is_here));
    fits.then(|| text.to_owned()).ok_or_else(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_by_tls() {
        for fits in
            ["https://accounts.google.com", "https://id.example.com/realms/x", "http://localhost:3000"]
        {
            assert_eq!(issuer(fits).as_deref(), Ok(fits));
        }
        for wrong in ["", "http://id.example.com", "id.example.com", "https://id.example.com/?x=1", "ftp://a"]
        {
            assert!(issuer(wrong).is_err(), "{wrong}");
        }
    }
}
