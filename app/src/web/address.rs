//! From where a request comes, and whom it is counted for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The bits of an IPv6 address that are one network, whose host chooses the rest.
const NETWORK: u128 = !(u64::MAX as u128);

/// From where a request comes: the right-most hop of X-Forwarded-For that is no trusted proxy, if
/// it came through one; else who connected.
pub fn address(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let peer = request.peer_addr().map_or(nobody, |peer| peer.ip().to_canonical());
    let trusts = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !trusts(peer) {
        return peer;
    }
    let hops: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut last = peer;
    for hop in hops.into_iter().rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { return last };
        last = hop.to_canonical();
        if !trusts(last) {
            return last;
        }
    }
    last
}

/// What an address is counted as: of IPv6 its network of 64 bits.
pub fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_nearest_hop_that_is_not_trusted_is_the_client() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "192.0.2.7/32".parse().unwrap()];
        let from = |peer: &str, hops: &[&str]| {
            let request = TestRequest::default().peer_addr(format!("{peer}:1").parse().unwrap());
            let with =
                hops.iter().fold(request, |request, hop| request.append_header(("X-Forwarded-For", *hop)));
            address(&with.to_http_request(), &trusted).to_string()
        };
        assert_eq!(from("198.51.100.1", &["203.0.113.9"]), "198.51.100.1", "nobody vouches for it");
        assert_eq!(from("10.1.2.3", &["203.0.113.9, 198.51.100.4, 192.0.2.7"]), "198.51.100.4");
        assert_eq!(from("10.1.2.3", &["203.0.113.9", "198.51.100.4"]), "198.51.100.4", "over several lines");
        assert_eq!(from("10.1.2.3", &["198.51.100.4, nonsense"]), "10.1.2.3");
        assert_eq!(from("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn one_network_of_ipv6_counts_as_one() {
        let counted = |text: &str| super::counted(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("192.0.2.1"), "192.0.2.1");
    }
}
