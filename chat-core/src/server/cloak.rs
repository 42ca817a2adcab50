//! What others are told in place of an address.

use core::net::IpAddr;
use std::hash::{BuildHasher as _, RandomState};

use crate::model::mask::Network;
use crate::model::text::Text;

/// Hides addresses: from one network ([`Network::around`]) always comes the same, from another something else, and
/// nobody can tell from it which they are. The key is made with it, so a restart changes all.
#[derive(Debug, Default)]
pub(super) struct Cloak(RandomState);

impl Cloak {
    pub(super) fn hide(&self, address: IpAddr) -> Text {
        Text::clean(&format!("{:016x}.hidden", self.0.hash_one(Network::around(address))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_from_one_network_look_alike_and_no_others() {
        let (cloak, other) = (Cloak::default(), Cloak::default());
        let hide = |address: &str| cloak.hide(address.parse().expect("an address"));
        assert_eq!(hide("2001:db8::1"), hide("2001:db8::2"));
        assert_ne!(hide("192.0.2.1"), hide("192.0.2.2"));
        assert_ne!(hide("192.0.2.1"), other.hide([192, 0, 2, 1].into()), "its key is its own");
        assert!(hide("192.0.2.1").ends_with(".hidden"));
    }
}
