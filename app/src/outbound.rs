//! The only place that makes an HTTP client. Every request has a time-out, and what outsiders may
//! choose the address of can't reach the inside: the check is made on the address connected to.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HeaderInjector, HttpClient, HttpError, Request, Response};
use reqwest::{
    Client, RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use tokio::runtime::Handle;

use crate::telemetry::traces;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;
/// The most bytes that a collector may answer.
const MOST_ANSWERED: usize = 64 * 1024;

/// How far a client may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Wherever somebody at the command line of this machine says.
    Anywhere,
    /// The same, and no other than the one that is asked for.
    Direct,
    /// Public addresses only, for what others choose.
    Public,
    /// Public addresses only, and no other than the one that is asked for.
    PublicDirect,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client could be made")]
pub struct NoClient(#[from] reqwest::Error);

/// A client for requests to others.
pub fn client(reach: Reach) -> Result<Client, NoClient> {
    // Another client may have installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("pharos/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .no_proxy();
    let builder = match reach {
        Reach::Anywhere => builder.redirect(Policy::limited(MOST_REDIRECTS)),
        Reach::Direct => builder.redirect(Policy::none()),
        Reach::Public => builder.redirect(public_only()).dns_resolver(Arc::new(PublicOnly)),
        Reach::PublicDirect => builder.redirect(Policy::none()).dns_resolver(Arc::new(PublicOnly)),
    };
    Ok(builder.build()?)
}

/// Has who is asked go on with the trace that this is a part of, if there is one.
pub fn traced(request: RequestBuilder) -> RequestBuilder {
    if !traces::are_on() {
        return request;
    }
    let mut headers = reqwest::header::HeaderMap::new();
    traces::send_along(&mut HeaderInjector(&mut headers));
    request.headers(headers)
}

/// Sends telemetry to the collector that whoever runs this has named.
#[derive(Debug)]
pub struct Exports {
    client: Client,
    /// Where the client's connections live; who sends has a thread without a runtime.
    runtime: Handle,
}

impl Exports {
    /// To be called within a runtime.
    pub fn new() -> Result<Self, NoClient> {
        Ok(Self { client: client(Reach::Anywhere)?, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Exports {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), reqwest::Request::try_from(request)?);
        let sent = self.runtime.spawn(async move {
            let mut answer = client.execute(request).await?;
            let status = answer.status();
            let headers = std::mem::take(answer.headers_mut());
            let mut body = Vec::new();
            while let Some(some) = answer.chunk().await? {
                // An answer to telemetry is a few bytes; what follows says nothing more.
                if body.len() + some.len() > MOST_ANSWERED {
                    break;
                }
                body.extend_from_slice(&some);
            }
            Ok::<_, reqwest::Error>((status, headers, body))
        });
        let (status, headers, body) = sent.await??;
        let mut response = Response::new(Bytes::from(body));
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        Ok(response)
    }
}

/// Follows no redirect to an address that is written out and not public; names go through the
/// resolver.
fn public_only() -> Policy {
    Policy::custom(|attempt| {
        let inside = attempt.url().host().is_some_and(|host| match host {
            url::Host::Ipv4(address) => !is_public(address.into()),
            url::Host::Ipv6(address) => !is_public(address.into()),
            url::Host::Domain(_) => false,
        });
        if inside || attempt.previous().len() > MOST_REDIRECTS { attempt.stop() } else { attempt.follow() }
    })
}

/// Resolves names to public addresses only.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is out in the public internet: not private, shared, loopback, link-local
/// (which holds the metadata services), reserved or multicast, also when mapped or translated into
/// IPv6 (RFC 6890 and the registries that it names).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let reserved = a == 0 || a >= 224;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || benchmark
        || protocol
        || reserved)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => embedded(high, low),
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Only 2000::/3 is global unicast; documentation, Teredo and ORCHID stand within it.
        [0x2001, 0xdb8, ..] => false,
        [0x2001, second, ..] if second < 0x200 => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_is_not_public() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
            "::127.0.0.1",
        ];
        for address in inside {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_of_the_inside_is_not_resolved() {
        let refused = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(refused.is_err());
    }
}
