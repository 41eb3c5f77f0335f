//! What single settings may be, said to whoever sets another.

use std::net::SocketAddr;

use ipnet::IpNet;
use url::Url;

use crate::domain::page::{is_blank, is_control};

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "allowed is an IP address and a port, such as 127.0.0.1:8080 or [::]:8080".into())
}

/// A network in CIDR notation; an address is the network of itself.
pub fn network(text: &str) -> Result<IpNet, String> {
    let of_one = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    let network = text.trim().parse::<IpNet>().or_else(|_| of_one());
    network.map_err(|_| "allowed are addresses and networks such as 10.0.0.0/16, between commas".into())
}

pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let allowed = "an http or https address without a path, such as https://status.example.com";
    let url = Url::parse(text).map_err(|_| format!("allowed is {allowed}"))?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && plain {
        Ok(url)
    } else {
        Err(format!("allowed is {allowed}"))
    }
}

pub(super) fn database_url(text: &str) -> Result<String, String> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err("allowed are sqlite://FILE?mode=rwc and postgres://USER:PASSWORD@HOST/DATABASE".into())
}

pub(super) fn postgres_url(text: &str) -> Result<String, String> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err("allowed is postgres://USER:PASSWORD@HOST/DATABASE".into())
}

pub(super) fn sibling(text: &str) -> Result<String, String> {
    let parted = text.trim().rsplit_once(':');
    let fits = parted.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    let allowed = || "allowed are HOST:PORT between commas, such as pharos-headless:9464".to_owned();
    fits.then(|| text.trim().to_owned()).ok_or_else(allowed)
}

pub(super) fn redis_url(text: &str) -> Result<String, String> {
    if ["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err("allowed are redis://HOST:6379 and rediss://USER:TOKEN@HOST:6379/0".into())
}

/// The longest name that Statuspage's clients expect.
const LONGEST_NAME: usize = 255;

/// A name that people read.
pub fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if is_blank(name) || name.chars().count() > LONGEST_NAME || name.contains(is_control) {
        let seen = "of which one is seen, without line breaks";
        return Err(format!("allowed are 1 to {LONGEST_NAME} characters {seen}"));
    }
    Ok(name.to_owned())
}

/// A host name as browsers send it, without a port.
pub fn host(text: &str) -> Result<String, String> {
    let host = text.to_ascii_lowercase();
    match url::Host::parse(&host) {
        Ok(url::Host::Domain(name)) if name == host => Ok(host),
        _ => Err("allowed is a host name without a port, such as status.example.com".into()),
    }
}

/// An address that pages may link to, without a slash at its end.
pub fn web_address(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https") && url.has_host() && !text.contains(is_control) =>
        {
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => Err("allowed is an http or https address, such as https://status.example.com".into()),
    }
}
