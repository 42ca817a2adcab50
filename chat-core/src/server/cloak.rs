//! Cloaks: pseudonyms that members see in place of a client's address.
//!
//! This module must not know who uses an address.

use core::net::IpAddr;
use std::hash::{BuildHasher as _, RandomState};

use crate::model::mask::Network;
use crate::model::text::Text;

/// The random key with which a server cloaks addresses.
///
/// All addresses of one network ([`Network::around`]) have the same cloak, and different networks have different
/// cloaks. A cloak does not reveal the address. Each server has its own key, so a restart changes all cloaks.
#[derive(Debug, Default)]
pub(super) struct Cloak(RandomState);

impl Cloak {
    /// Returns the cloak of an address, such as `0123456789abcdef.hidden`.
    pub(super) fn hide(&self, address: IpAddr) -> Text {
        Text::clean(&format!("{:016x}.hidden", self.0.hash_one(Network::around(address))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_share_a_cloak() {
        let (cloak, other) = (Cloak::default(), Cloak::default());
        let hide = |address: &str| cloak.hide(address.parse().expect("an address"));
        assert_eq!(hide("2001:db8::1"), hide("2001:db8::2"));
        assert_ne!(hide("192.0.2.1"), hide("192.0.2.2"));
        assert_ne!(hide("192.0.2.1"), other.hide([192, 0, 2, 1].into()), "each cloak has its own key");
        assert!(hide("192.0.2.1").as_str().ends_with(".hidden"));
    }
}
