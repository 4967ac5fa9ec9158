//! Ranges of network addresses.

use super::NameError;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, str::FromStr};

/// A network in CIDR notation (RFC 4632, RFC 4291), or one address. An IPv4 address that is written as an IPv6 one
/// (`::ffff:192.0.2.1`) is the IPv4 address, in a range as in a request: there is one way to be inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// The address as it really is.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

impl AddressRange {
    /// Whether an address is inside.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&unmapped(address))
    }
}

impl FromStr for AddressRange {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refusal = |_| NameError("Write an address or a network: 192.0.2.0/24, 192.0.2.17, 2001:db8::/32.");
        let written: IpNet = match text.parse::<IpAddr>() {
            Ok(address) => address.into(),
            Err(_) => text.parse().map_err(refusal)?,
        };
        if written.addr() != written.network() {
            return Err(NameError(
                "The address has bits beyond its network. Did you mean its first address, or a longer prefix?",
            ));
        }
        let network = unmapped(written.addr());
        let mapped = network.is_ipv4() && written.addr().is_ipv6();
        let prefix = if mapped { written.prefix_len().checked_sub(96) } else { Some(written.prefix_len()) };
        let prefix =
            prefix.ok_or(NameError("A range of IPv4 addresses written as IPv6 needs 96 or more after the slash."))?;
        IpNet::new(network, prefix).map(Self).map_err(|_| NameError("The part after the slash is too long."))
    }
}

impl TryFrom<String> for AddressRange {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(range: &str, address: &str) -> Result<bool, Box<dyn std::error::Error>> {
        Ok(range.parse::<AddressRange>()?.contains(address.parse()?))
    }

    #[test]
    fn an_address_is_inside_or_not() -> Result<(), Box<dyn std::error::Error>> {
        for (range, address, expected) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.17", "192.0.2.17", true),
            ("192.0.2.17", "192.0.2.16", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false),
            ("::/0", "::ffff:192.0.2.1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true),
            ("::ffff:192.0.2.0/120", "192.0.2.9", true),
        ] {
            assert_eq!(inside(range, address)?, expected, "{address} in {range}");
        }
        Ok(())
    }

    #[test]
    fn a_range_is_written_as_it_is_read() -> Result<(), NameError> {
        for text in ["192.0.2.0/24", "192.0.2.17", "2001:db8::/32", "0.0.0.0/0", "::/0", "::1"] {
            assert_eq!(text.parse::<AddressRange>()?.to_string(), text);
        }
        assert_eq!("192.0.2.17/32".parse::<AddressRange>()?.to_string(), "192.0.2.17");
        Ok(())
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "/24",
            "192.0.2.0/",
            "192.0.2.0/33",
            "::/129",
            "192.0.2.1/24",
            "192.0.2.0/024",
            "192.0.2.0/+24",
            "300.0.0.0/8",
            "example.com",
            "::ffff:192.0.2.0/24",
            "192.0.2.0/24/24",
            " 192.0.2.0/24",
        ] {
            assert!(text.parse::<AddressRange>().is_err(), "{text:?}");
        }
    }
}
