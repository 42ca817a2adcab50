//! Whom a ban is meant for.
//!
//! A mask compares names and addresses, and knows nothing of who is connected. Addresses are values here: no socket is
//! behind them.

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

/// The longest mask, in bytes as received: `nick!user@host`, each part at its longest. Checked before anything is
/// folded or compared.
const LONGEST: usize = 3 * hostmask::MOST + 2;

/// Whom a ban is meant for: a name, an address, a network, or all whose names, or what is told beside them, fit a pattern.
///
/// ```
/// use chat_core::Mask;
///
/// assert!(matches!(Mask::parse("bob")?, Mask::Name(_)));
/// assert!(matches!(Mask::parse("spam*")?, Mask::Pattern(_)));
/// assert_eq!(Mask::parse("192.0.2.7")?, Mask::parse("192.0.2.7/32")?);
/// assert_eq!(Mask::parse("2001:db8::1/32")?.to_string(), "2001:db8::/32");
/// assert!(matches!(Mask::parse("*!al@*.example.org")?, Mask::Hostmask(_)));
/// assert_eq!(Mask::parse("bob!*@*")?, Mask::parse("bob")?);
/// # Ok::<(), chat_core::ParseMaskError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mask {
    /// Whoever has this name, or one that looks like it (feature `unicode`).
    Name(Target),
    /// Whoever has a name that fits.
    Pattern(Pattern),
    /// Whoever comes from an address in this network.
    Network(Network),
    /// Whoever has a name, and of whom is told a user and a host, that fit.
    Hostmask(Hostmask),
}

/// Why a string is no [`Mask`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseMaskError {
    /// Nothing at all.
    #[error("there is nothing that could be banned; a name, an address, a network or a pattern is needed")]
    Empty,
    /// No address where one is needed.
    #[error("{word} is no address; one such as 192.0.2.7 is needed, or a network such as 192.0.2.0/24")]
    Address {
        /// As it was written.
        word: Text,
    },
    /// An address with a bad number of bits behind it.
    #[error("{network} is no network; behind the / a number from 0 to {most} is needed, as in 192.0.2.0/24")]
    Network {
        /// As it was written.
        network: Text,
        /// How many bits such an address has.
        most: u8,
    },
    /// A pattern with a character that no name has.
    #[error(
        "pattern has the character {character:?}; allowed are what a name may have, * and ?; for addresses, write a \
         network such as 192.0.2.0/24"
    )]
    Pattern {
        /// The first such character.
        character: char,
    },
    /// No `nick!user@host` where that is meant.
    #[error(
        "{mask} is no mask; one such as nick!user@host is needed, each of which has 1 to {most} bytes; * and ? leave \
         something open"
    )]
    Hostmask {
        /// As it was written.
        mask: Text,
        /// The longest that each part may be, in bytes.
        most: usize,
    },
    /// Longer than any mask can be.
    #[error("mask is {bytes} bytes long; at most {LONGEST} are allowed")]
    Long {
        /// How many bytes it has.
        bytes: usize,
    },
    /// A pattern that is too long.
    #[error("pattern is {characters} characters long; at most {} are allowed", pattern::MOST)]
    TooLong {
        /// How many characters it has.
        characters: usize,
    },
}

impl Mask {
    /// Parses a mask. An address alone is a network of one, what has a `!` and an `@` in it is a [`Hostmask`], what has a
    /// `*` or `?` in it is a pattern, and anything else a name. A hostmask which leaves open all but the name, or all but a
    /// host that is an address, is that name, pattern or network.
    ///
    /// # Errors
    ///
    /// [`ParseMaskError`] tells what is wrong and what is allowed.
    pub fn parse(mask: &str) -> Result<Mask, ParseMaskError> {
        match mask.len() {
            0 => return Err(ParseMaskError::Empty),
            bytes if bytes > LONGEST => return Err(ParseMaskError::Long { bytes }),
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

    /// Whether it is meant for whoever is called `name` and comes from `address`, if it comes from one, and of whom the
    /// profile is told, if one is.
    #[must_use]
    pub fn fits(&self, name: &Name, address: Option<IpAddr>, profile: Option<&Profile>) -> bool {
        self.fits_subject(&MaskSubject::new(name, address, profile))
    }

    /// The network that it means somebody by, if it does.
    pub(crate) fn network(&self) -> Option<Network> {
        match self {
            Mask::Network(network) => Some(*network),
            Mask::Hostmask(hostmask) => hostmask.network(),
            _ => None,
        }
    }

    pub(crate) fn fits_subject(&self, face: &MaskSubject<'_>) -> bool {
        match self {
            Mask::Name(target) => target.key() == face.name.key() || target.look() == face.look(),
            Mask::Pattern(pattern) => pattern.fits(face.name),
            Mask::Network(network) => face.address.is_some_and(|address| network.contains(address)),
            Mask::Hostmask(hostmask) => hostmask.fits_subject(face),
        }
    }
}

/// Somebody, as many masks are compared with it: what its name looks like takes a while to find out.
pub(crate) struct MaskSubject<'a> {
    name: &'a Name,
    look: OnceCell<Cow<'a, str>>,
    /// User and host, folded as names are.
    place: OnceCell<(String, String)>,
    pub(crate) address: Option<IpAddr>,
    profile: Option<&'a Profile>,
}

impl<'a> MaskSubject<'a> {
    pub(crate) fn new(name: &'a Name, address: Option<IpAddr>, profile: Option<&'a Profile>) -> MaskSubject<'a> {
        MaskSubject { name, look: OnceCell::new(), place: OnceCell::new(), address, profile }
    }

    fn look(&self) -> &str {
        self.look.get_or_init(|| self.name.look())
    }

    fn user(&self) -> Option<&str> {
        self.place().map(|(user, _)| user.as_str())
    }

    fn host(&self) -> Option<&str> {
        self.place().map(|(_, host)| host.as_str())
    }

    fn place(&self) -> Option<&(String, String)> {
        let profile = self.profile?;
        Some(self.place.get_or_init(|| (fold(profile.user()), fold(profile.host()))))
    }
}

/// Whether a text is what a pattern leaves open with `*` and `?`; both folded.
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
    fn refused(mask: &str, why: &str) {
        assert_eq!(Mask::parse(mask).expect_err(mask).to_string(), why);
    }

    #[test]
    fn what_is_no_mask_is_refused_with_what_is_allowed() {
        refused("", "there is nothing that could be banned; a name, an address, a network or a pattern is needed");
        refused(
            "10.0.0.0/33",
            "10.0.0.0/33 is no network; behind the / a number from 0 to 32 is needed, as in 192.0.2.0/24",
        );
        refused("::/129", "::/129 is no network; behind the / a number from 0 to 128 is needed, as in 192.0.2.0/24");
        for bad in ["10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/a", "10.0.0.0/255.0.0.0", "10.0.0.0/8/8", "10.0.0.0/+8"] {
            assert!(matches!(Mask::parse(bad), Err(ParseMaskError::Network { most: 32, .. })), "{bad}");
        }
        refused(
            "192.0.2.*",
            "pattern has the character '.'; allowed are what a name may have, * and ?; for addresses, write a network \
             such as 192.0.2.0/24",
        );
        refused(&"*".repeat(51), "pattern is 51 characters long; at most 50 are allowed");
        refused(&"\u{fdfa}".repeat(1360), "mask is 4080 bytes long; at most 302 are allowed");
        refused(&format!("a!b@{}", "c".repeat(4000)), "mask is 4004 bytes long; at most 302 are allowed");
    }

    #[test]
    fn a_name_fits_in_any_case() {
        let mask = Mask::parse("Bob").expect("a mask");
        assert!(mask.fits(&Name::Nick("BOB".parse().expect("a nick")), None, None));
        assert!(!mask.fits(&Name::Nick("bobby".parse().expect("a nick")), None, None));
        let address = Mask::parse("192.0.2.1:7/2").expect("a mask");
        assert!(matches!(address, Mask::Name(_)), "a name that somebody has who has not chosen one");
        assert!(address.fits(&Name::address("192.0.2.1:7/2"), None, None));
    }

    #[cfg(feature = "unicode")]
    #[test]
    fn a_name_that_looks_alike_fits_too() {
        let mask = Mask::parse("bob").expect("a mask");
        assert!(mask.fits(&Name::Nick("b\u{43e}b".parse().expect("a nick")), None, None));
    }

    #[test]
    fn a_network_fits_addresses_alone() {
        let mask = Mask::parse("192.0.2.0/24").expect("a mask");
        let name = Name::Nick("bob".parse().expect("a nick"));
        assert!(mask.fits(&name, Some([192, 0, 2, 255].into()), None));
        assert!(!mask.fits(&name, Some([192, 0, 3, 0].into()), None));
        assert!(!mask.fits(&name, None, None));
    }

    #[test]
    fn a_hostmask_fits_what_is_told_beside_the_name() {
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
        assert!(!Mask::parse("*!al@*").expect("a mask").fits(&alice.0, None, None), "nothing is told");
        assert_eq!(Mask::parse("A!b@C").expect("a mask"), Mask::parse("a!B@c").expect("a mask"));
        refused(
            "a!b@",
            "a!b@ is no mask; one such as nick!user@host is needed, each of which has 1 to 100 bytes; * and ? leave \
             something open",
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
