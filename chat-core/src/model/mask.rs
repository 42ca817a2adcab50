//! Masks: the descriptions of the members that a ban, a mute or an exception applies to.
//!
//! A mask compares names, hosts and addresses. This module must not know which members are connected, nor any socket:
//! addresses are plain values here.

mod hostmask;
mod network;
mod pattern;

use core::net::IpAddr;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::str::FromStr;

use crate::model::name::{Name, Target, fold};
use crate::model::profile::Profile;
use crate::model::text::Text;
pub use hostmask::Hostmask;
pub use network::Network;
pub use pattern::Pattern;

/// The longest mask, in bytes as received: `nick!user@host` with each part at its longest. The parser checks this
/// length before it folds or compares anything.
const MAX_MASK_BYTES: usize = 3 * hostmask::MAX_PART_BYTES + 2;

/// The members that a ban applies to: a name, an address, a network, a name pattern or a hostmask.
///
/// ```
/// use chat_core::moderation::Mask;
///
/// assert!(matches!(Mask::parse("bob")?, Mask::Name(_)));
/// assert!(matches!(Mask::parse("spam*")?, Mask::Pattern(_)));
/// assert_eq!(Mask::parse("192.0.2.7")?, Mask::parse("192.0.2.7/32")?);
/// assert_eq!(Mask::parse("2001:db8::1/32")?.to_string(), "2001:db8::/32");
/// assert!(matches!(Mask::parse("*!al@*.example.org")?, Mask::Hostmask(_)));
/// assert_eq!(Mask::parse("bob!*@*")?, Mask::parse("bob")?);
/// # Ok::<(), chat_core::moderation::ParseMaskError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mask {
    /// Members with this name, or with a name that looks like it (feature `unicode`).
    Name(Target),
    /// Members whose name matches the pattern.
    Pattern(Pattern),
    /// Members whose address is in this network.
    Network(Network),
    /// Members whose name, user and host match.
    Hostmask(Hostmask),
}

/// The error for a string that is not a [`Mask`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseMaskError {
    /// The string is empty.
    #[error("no mask given; use a name, an address, a network or a pattern")]
    Empty,
    /// The string must be an address or a network, and is neither.
    #[error("invalid address: {word}; use one such as 192.0.2.7, or a network such as 192.0.2.0/24")]
    Address {
        /// The text as received.
        word: Text,
    },
    /// The prefix length after the `/` is invalid.
    #[error("invalid network: {network}; after the / use 0 to {most}, as in 192.0.2.0/24")]
    Network {
        /// The text as received.
        network: Text,
        /// The length of such an address, in bits.
        most: u8,
    },
    /// The pattern has a character that no name has.
    #[error(
        "pattern has the character {character:?}; use the characters of a nickname, * and ?; for addresses, a network such as 192.0.2.0/24"
    )]
    Pattern {
        /// The first such character.
        character: char,
    },
    /// The string is not `nick!user@host`, although it has a `!` and an `@`.
    #[error("invalid mask: {mask}; use nick!user@host, each part 1 to {most} bytes; * and ? are wildcards")]
    Hostmask {
        /// The text as received.
        mask: Text,
        /// The maximum length of a part, in bytes.
        most: usize,
    },
    /// The mask is too long.
    #[error("mask is {bytes} bytes long; at most {MAX_MASK_BYTES} are allowed")]
    Long {
        /// The length of the mask, in bytes.
        bytes: usize,
    },
    /// The pattern is too long.
    #[error("pattern is {characters} characters long; at most {} are allowed", pattern::MAX_CHARACTERS)]
    TooLong {
        /// The length of the pattern, in characters.
        characters: usize,
    },
}

impl Mask {
    /// Parses a mask.
    ///
    /// - Text with a `!` and an `@` is a [`Hostmask`]. But `nick!*@*` is the mask `nick`, and `*!*@host` with an
    ///   address or network as host is that [`Network`].
    /// - An address is a [`Network`] of one address.
    /// - Text with `*` or `?` is a [`Pattern`].
    /// - Other text is a name.
    ///
    /// # Errors
    ///
    /// Returns [`ParseMaskError`], which says what is wrong and what is allowed.
    pub fn parse(mask: &str) -> Result<Mask, ParseMaskError> {
        match mask.len() {
            0 => return Err(ParseMaskError::Empty),
            bytes if bytes > MAX_MASK_BYTES => return Err(ParseMaskError::Long { bytes }),
            _ => {}
        }
        if mask.contains('!') && mask.contains('@') {
            let hostmask = Hostmask::parse(mask)?;
            return match hostmask.parts() {
                (nick, "*", "*") => Mask::parse(nick),
                ("*", "*", host) => match Network::parse(host)? {
                    Some(network) => Ok(Mask::Network(network)),
                    None => Ok(Mask::Hostmask(hostmask)),
                },
                _ => Ok(Mask::Hostmask(hostmask)),
            };
        }
        if let Some(network) = Network::parse(mask)? {
            return Ok(Mask::Network(network));
        }
        if mask.contains(['*', '?']) {
            return Pattern::parse(mask).map(Mask::Pattern);
        }
        Ok(Mask::Name(Target::new(mask)))
    }

    /// Returns whether the mask applies to a member with this name, address and profile.
    ///
    /// Without an address, no network matches. Without a profile, no hostmask matches.
    #[must_use]
    pub fn fits(&self, name: &Name, address: Option<IpAddr>, profile: Option<&Profile>) -> bool {
        self.fits_subject(&MaskSubject::new(name, address, profile))
    }

    /// Returns the network in the mask, if it has one.
    pub(crate) fn network(&self) -> Option<Network> {
        match self {
            Mask::Network(network) => Some(*network),
            Mask::Hostmask(hostmask) => hostmask.network(),
            _ => None,
        }
    }

    pub(crate) fn fits_subject(&self, subject: &MaskSubject<'_>) -> bool {
        match self {
            Mask::Name(target) => target.key() == subject.name.key() || target.skeleton() == subject.skeleton(),
            Mask::Pattern(pattern) => pattern.fits(subject.name),
            Mask::Network(network) => subject.address.is_some_and(|address| network.contains(address)),
            Mask::Hostmask(hostmask) => hostmask.fits_subject(subject),
        }
    }
}

/// A member to compare with many masks. The subject computes each expensive form of the name once, when a mask first
/// needs it.
pub(crate) struct MaskSubject<'a> {
    name: &'a Name,
    skeleton: OnceCell<Cow<'a, str>>,
    /// The user and the host, case-folded like names.
    user_and_host: OnceCell<(String, String)>,
    pub(crate) address: Option<IpAddr>,
    profile: Option<&'a Profile>,
}

impl<'a> MaskSubject<'a> {
    pub(crate) fn new(name: &'a Name, address: Option<IpAddr>, profile: Option<&'a Profile>) -> MaskSubject<'a> {
        MaskSubject { name, skeleton: OnceCell::new(), user_and_host: OnceCell::new(), address, profile }
    }

    fn skeleton(&self) -> &str {
        self.skeleton.get_or_init(|| self.name.skeleton())
    }

    fn user(&self) -> Option<&str> {
        self.user_and_host().map(|(user, _)| user.as_str())
    }

    fn host(&self) -> Option<&str> {
        self.user_and_host().map(|(_, host)| host.as_str())
    }

    fn user_and_host(&self) -> Option<&(String, String)> {
        let profile = self.profile?;
        Some(self.user_and_host.get_or_init(|| (fold(profile.user().as_str()), fold(profile.host().as_str()))))
    }
}

/// Returns whether `text` matches a `pattern` with `*` and `?`. Both must be case-folded.
#[cfg(feature = "irc")]
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    pattern::fits(pattern, text)
}

impl FromStr for Mask {
    type Err = ParseMaskError;

    fn from_str(mask: &str) -> Result<Mask, ParseMaskError> {
        Mask::parse(mask)
    }
}

impl From<Network> for Mask {
    fn from(network: Network) -> Mask {
        Mask::Network(network)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mask::Name(name) => name.fmt(f),
            Mask::Pattern(pattern) => pattern.fmt(f),
            Mask::Network(network) => network.fmt(f),
            Mask::Hostmask(hostmask) => hostmask.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(mask: &str, why: &str) {
        assert_eq!(Mask::parse(mask).expect_err(mask).to_string(), why);
    }

    #[test]
    fn invalid_mask_is_refused() {
        check_refused("", "no mask given; use a name, an address, a network or a pattern");
        check_refused("10.0.0.0/33", "invalid network: 10.0.0.0/33; after the / use 0 to 32, as in 192.0.2.0/24");
        check_refused("::/129", "invalid network: ::/129; after the / use 0 to 128, as in 192.0.2.0/24");
        for bad in ["10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/a", "10.0.0.0/255.0.0.0", "10.0.0.0/8/8", "10.0.0.0/+8"] {
            assert!(matches!(Mask::parse(bad), Err(ParseMaskError::Network { most: 32, .. })), "{bad}");
        }
        check_refused(
            "192.0.2.*",
            "pattern has the character '.'; use the characters of a nickname, * and ?; for addresses, a network such as 192.0.2.0/24",
        );
        check_refused(&"*".repeat(51), "pattern is 51 characters long; at most 50 are allowed");
        check_refused(&"\u{fdfa}".repeat(1360), "mask is 4080 bytes long; at most 302 are allowed");
        check_refused(&format!("a!b@{}", "c".repeat(4000)), "mask is 4004 bytes long; at most 302 are allowed");
    }

    #[test]
    fn name_mask_ignores_case() {
        let mask = Mask::parse("Bob").expect("a mask");
        assert!(mask.fits(&Name::Nick("BOB".parse().expect("a nick")), None, None));
        assert!(!mask.fits(&Name::Nick("bobby".parse().expect("a nick")), None, None));
        let address = Mask::parse("192.0.2.1:7/2").expect("a mask");
        assert!(matches!(address, Mask::Name(_)), "the name of a member without a nick");
        assert!(address.fits(&Name::address("192.0.2.1:7/2"), None, None));
    }

    #[cfg(feature = "unicode")]
    #[test]
    fn name_mask_matches_lookalike() {
        let mask = Mask::parse("bob").expect("a mask");
        assert!(mask.fits(&Name::Nick("b\u{43e}b".parse().expect("a nick")), None, None));
    }

    #[test]
    fn network_mask_matches_only_addresses() {
        let mask = Mask::parse("192.0.2.0/24").expect("a mask");
        let name = Name::Nick("bob".parse().expect("a nick"));
        assert!(mask.fits(&name, Some([192, 0, 2, 255].into()), None));
        assert!(!mask.fits(&name, Some([192, 0, 3, 0].into()), None));
        assert!(!mask.fits(&name, None, None));
    }

    #[test]
    fn hostmask_matches_name_user_and_host() {
        let alice = (Name::Nick("Alice".parse().expect("a nick")), Profile::new("al", "Example.org", "Alice"));
        let fits =
            |mask: &str| Mask::parse(mask).expect(mask).fits(&alice.0, Some([192, 0, 2, 7].into()), Some(&alice.1));
        for mask in ["*!*@*", "ALICE!AL@EXAMPLE.ORG", "*!*@*.org", "a*!?l@*", "*!*@192.0.2.0/24", "alice!*@*"] {
            assert!(fits(mask), "{mask}");
        }
        for mask in ["*!al@192.0.2.0/24", "a*!*@192.0.2.7", "*!al@192.0.2.7/32"] {
            assert!(fits(mask), "{mask}");
        }
        for mask in ["*!b@192.0.2.0/24", "*!al@::1", "*!al@192.0.3.0/24"] {
            assert!(!fits(mask), "{mask}");
        }
        for mask in ["*!*@org", "bob!al@*", "*!b*@*", "*!*@192.0.3.0/24", "bob!*@*"] {
            assert!(!fits(mask), "{mask}");
        }
        assert!(!Mask::parse("*!al@*").expect("a mask").fits(&alice.0, None, None), "there is no profile");
        assert_eq!(Mask::parse("A!b@C").expect("a mask"), Mask::parse("a!B@c").expect("a mask"));
        check_refused(
            "a!b@",
            "invalid mask: a!b@; use nick!user@host, each part 1 to 100 bytes; * and ? are wildcards",
        );
        for bad in [
            "\u{1b}]0;x\u{7}!a@b",
            "a!b\u{0}@c",
            "a!b@c\u{2028}",
            ":a!b@c",
            "a!b@:x",
            "!@",
            "a!@c",
            "a!b!c@d",
            "a@b!c",
            "a!b@c@d",
            &format!("a!b@{}", "c".repeat(101)),
        ] {
            assert!(matches!(Mask::parse(bad), Err(ParseMaskError::Hostmask { .. })), "{bad}");
        }
    }
}
