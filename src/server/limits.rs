//! What a client may take: the listener's share of the settings, and the count of connections by address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ipnetwork::IpNetwork;

use crate::config::Settings;

/// Limits of one listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address.
    pub connections_per_address: usize,
    /// Peers to which `connections_per_address` does not apply: a proxy carries everybody.
    pub trusted_proxies: Vec<IpNetwork>,
    /// Time for the TLS handshake, and again for headers.
    pub header_timeout: Duration,
    /// Time without any request.
    pub idle_timeout: Duration,
    /// Time without the client taking a byte.
    pub write_timeout: Duration,
    /// Requests at once on one HTTP/2 connection.
    pub http2_max_streams: u32,
    /// See `Settings::drain_delay`.
    pub drain_delay: Duration,
    /// See `Settings::drain_timeout`.
    pub drain_timeout: Duration,
}

impl From<&Settings> for Limits {
    fn from(settings: &Settings) -> Self {
        let count = |number: std::num::NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
        Self {
            connections: count(settings.max_connections),
            connections_per_address: count(settings.max_connections_per_address),
            trusted_proxies: settings.trusted_proxies.0.clone(),
            header_timeout: settings.header_timeout,
            idle_timeout: settings.idle_timeout,
            write_timeout: settings.write_timeout,
            http2_max_streams: settings.http2_max_streams.get(),
            drain_delay: settings.drain_delay,
            drain_timeout: settings.drain_timeout,
        }
    }
}

/// Counts open connections by address, so that one address cannot hold all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Addresses {
    /// Takes a place for `address`; `None` when it already has `most`.
    pub(super) fn enter(&self, address: IpAddr, most: usize) -> Option<Place> {
        let address = owner(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place { addresses: self.clone(), address })
    }
}

/// One open connection; its place is free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    addresses: Addresses,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Whoever has one IPv6 address has the other 2⁶⁴ of its network.
fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;

    #[test]
    fn an_address_has_its_places_and_gets_them_back() {
        let addresses = Addresses::default();
        let address = "2001:db8::1".parse().unwrap();
        let same_network = "2001:db8::2".parse().unwrap();
        let first = addresses.enter(address, 2).unwrap();
        let _second = addresses.enter(same_network, 2).unwrap();
        assert!(addresses.enter(address, 2).is_none());
        assert!(addresses.enter("192.0.2.1".parse().unwrap(), 2).is_some());
        drop(first);
        assert!(addresses.enter(address, 2).is_some());
    }

    #[test]
    fn a_mapped_address_is_the_address() {
        assert_eq!(owner("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
