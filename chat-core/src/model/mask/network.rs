//! Networks of IP addresses.
//!
//! This module must not know any socket or member.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::str::FromStr;

use super::ParseMaskError;
use crate::model::text::Text;

/// A network: all addresses with the same prefix (CIDR: RFC 4632, section 3.1; RFC 4291, section 2.3).
///
/// An IPv4-mapped IPv6 address counts as the IPv4 address.
///
/// ```
/// use chat_core::moderation::Network;
///
/// let network: Network = "192.0.2.0/24".parse()?;
/// assert!(network.contains([192, 0, 2, 7].into()));
/// assert_eq!(network, Network::new([192, 0, 2, 7].into(), 24));
/// assert_eq!(Network::around("2001:db8::7".parse().expect("an address")).to_string(), "2001:db8::/64");
/// # Ok::<(), chat_core::moderation::ParseMaskError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// The first address.
    first: IpAddr,
    /// The length of the prefix, in bits.
    bits: u8,
}

impl Network {
    /// Creates the network of `address` with a prefix of `bits` bits, at most 32 for IPv4 and 128 for IPv6.
    #[must_use]
    pub fn new(address: IpAddr, bits: u8) -> Network {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let bits = bits.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                Network { first: Ipv4Addr::from_bits(address.to_bits() & mask).into(), bits }
            }
            IpAddr::V6(address) => {
                let bits = bits.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                Network { first: Ipv6Addr::from_bits(address.to_bits() & mask).into(), bits }
            }
        }
    }

    /// Returns the network that one host can use freely: the IPv4 address alone, or the /64 of an IPv6 address.
    ///
    /// A /64 is the smallest network that a site receives (RFC 6177, section 2). Hosts on one link or site share the
    /// /64 of link-local and unique local addresses (RFC 4291, section 2.5.6; RFC 4193), so there the result is the
    /// address alone, as it is for the loopback address.
    #[must_use]
    pub fn around(address: IpAddr) -> Network {
        let is_shared = |address: Ipv6Addr| address.is_unicast_link_local() || address.is_unique_local();
        match address.to_canonical() {
            IpAddr::V6(v6) if !is_shared(v6) && !v6.is_loopback() => Network::new(address, 64),
            _ => Network::new(address, 128),
        }
    }

    /// Returns the first address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// Returns the length of the prefix, in bits.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Returns whether `address` is in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && Network::new(address, self.bits) == *self
    }

    /// Parses `192.0.2.0/24`, or an address alone; returns `None` if the text does not begin with an address.
    pub(super) fn parse(network: &str) -> Result<Option<Network>, ParseMaskError> {
        let (address, bits) = network.split_once('/').map_or((network, None), |(address, bits)| (address, Some(bits)));
        let Ok(address) = address.parse::<IpAddr>() else { return Ok(None) };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => Some(most),
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse::<u8>().ok(),
            Some(_) => None,
        };
        match bits.filter(|bits| *bits <= most) {
            // The prefix of an IPv4-mapped address includes the 96 bits before the IPv4 address.
            Some(bits) if address.is_ipv6() && address.to_canonical().is_ipv4() => {
                Ok(Some(Network::new(address, bits.saturating_sub(96))))
            }
            Some(bits) => Ok(Some(Network::new(address, bits))),
            None => Err(ParseMaskError::Network { network: Text::excerpt(network), most }),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({self})")
    }
}

impl FromStr for Network {
    type Err = ParseMaskError;

    /// Parses a network, or an address as a network of one address.
    fn from_str(network: &str) -> Result<Network, ParseMaskError> {
        Network::parse(network)?.ok_or_else(|| ParseMaskError::Address { word: Text::excerpt(network) })
    }
}

impl fmt::Display for Network {
    /// Writes `192.0.2.0/24`, or the address alone for a network of one address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.first.is_ipv4() { 32 } else { 128 };
        if self.bits == whole { self.first.fmt(f) } else { write!(f, "{}/{}", self.first, self.bits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).expect(text).expect(text)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn network_contains_addresses_with_its_prefix() {
        for (net, inside, outside) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.0"),
            ("10.128.0.0/9", "10.128.0.1", "10.127.255.255"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ffff::", "127.0.0.1"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
            ("::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"),
        ] {
            assert!(network(net).contains(address(inside)), "{inside} in {net}");
            assert!(!network(net).contains(address(outside)), "{outside} not in {net}");
        }
        assert!(network("192.0.2.7").contains(address("::ffff:192.0.2.7")));
    }

    #[test]
    fn network_shows_its_first_address() {
        for (net, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("2001:db8::ffff/64", "2001:db8::/64"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(network(net).to_string(), shown);
        }
        assert_eq!(Network::around(address("192.0.2.7")).to_string(), "192.0.2.7");
        for (one, around) in
            [("2001:db8::1:2:3:4", "2001:db8::/64"), ("fe80::1", "fe80::1"), ("fd00::1", "fd00::1"), ("::1", "::1")]
        {
            assert_eq!(Network::around(address(one)).to_string(), around);
        }
    }

    #[test]
    fn invalid_network_is_refused() {
        assert_eq!(network("::1"), "::1/128".parse().expect("a network"));
        let error = "localhost".parse::<Network>().expect_err("no address");
        assert_eq!(
            error.to_string(),
            "invalid address: localhost; use one such as 192.0.2.7, or a network such as 192.0.2.0/24"
        );
    }
}
