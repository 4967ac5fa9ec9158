//! Whose address a request has: the peer's, or what trusted proxies say.
//!
//! A proxy appends the address it saw to `X-Forwarded-For`. So the list is read from the right: as long as an address is a trusted
//! proxy's, the one to its left was seen by it; the first that is not is the client. Everything left of that is the client's own
//! claim. `Forwarded`, `X-Real-IP` and all other forwarding headers are ignored.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use ipnetwork::IpNetwork;

use super::Rules;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address, in every request's extensions. For rate limits, conditions and the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Puts [`ClientAddress`] into the request. Without a connection (a test that calls the router) the address is `0.0.0.0`.
pub async fn layer(State(rules): State<Rules>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into()).to_canonical();
    let address = client(peer, request.headers(), &rules.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNetwork]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut known = peer;
    // Several header lines are one list (RFC 9110, 5.3), in the order of the lines.
    let lines: Vec<_> =
        headers.get_all(X_FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    while is_trusted(known) {
        // What a trusted proxy wrote is an address; anything else ends what we know.
        let Some(hop) = hops.next().and_then(parse) else {
            break;
        };
        known = hop;
    }
    known
}

/// Some proxies write a port, and brackets around IPv6.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse().ok().or_else(|| hop.parse().map(|socket: SocketAddr| socket.ip()).ok());
    let address = address.or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;

    fn found(peer: &str, lines: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, line.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn an_untrusted_peer_is_the_client_whatever_it_says() {
        assert_eq!(found("192.0.2.7", &["203.0.113.9"]), "192.0.2.7");
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        assert_eq!(found("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &["1.1.1.1, 203.0.113.9"]), "203.0.113.9", "the left one is the client's claim");
        assert_eq!(found("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(found("fd00::1", &["203.0.113.9", "10.0.0.2"]), "203.0.113.9", "lines are one list");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_read() {
        assert_eq!(found("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn rubbish_ends_what_is_known() {
        assert_eq!(found("10.0.0.1", &["203.0.113.9, unknown"]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["203.0.113.9, unknown, 10.0.0.3"]), "10.0.0.3");
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.2, 10.0.0.3"]), "10.0.0.2", "all trusted: the left-most");
    }
}
