//! Hostmasks: `nick!user@host` with wildcards.
//!
//! This module must not know a member's real address: only the [`MaskSubject`] has it.

use std::fmt;
use std::str::FromStr;

use super::pattern::fits;
use super::{MaskSubject, Network, ParseMaskError};
use crate::model::name::{Folded, Name};
use crate::model::profile::Profile;
use crate::model::text::Text;

/// The longest part of a hostmask, in bytes.
pub(super) const MAX_PART_BYTES: usize = 100;

/// A pattern `nick!user@host` for name, [user](Profile::user) and [host](Profile::host). Cheap to clone.
///
/// `*` matches any number of characters, including none, and `?` matches exactly one. Case is ignored.
///
/// The client chooses the user. The host is the one that other members see. If the host in the mask is an address or a
/// [`Network`], it is compared with the member's real address.
///
/// ```
/// use chat_core::moderation::Hostmask;
/// use chat_core::name::{Name, Profile};
///
/// let mask = Hostmask::parse("*!al*@192.0.2.*")?;
/// let profile = Profile::new("alice", "192.0.2.7", "Alice");
/// assert!(mask.fits(&Name::Nick("bob".parse()?), &profile));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hostmask {
    nick: Folded,
    user: Folded,
    host: Folded,
    /// The host, if it is an address or a network rather than a pattern.
    network: Option<Network>,
}

impl Hostmask {
    /// Parses `nick!user@host`.
    ///
    /// # Errors
    ///
    /// Returns [`ParseMaskError`], which says what is wrong and what is allowed.
    pub fn parse(mask: &str) -> Result<Hostmask, ParseMaskError> {
        let error = || ParseMaskError::Hostmask { mask: Text::excerpt(mask), most: MAX_PART_BYTES };
        if mask.len() > super::MAX_MASK_BYTES {
            return Err(ParseMaskError::Long { bytes: mask.len() });
        }
        let (nick, rest) = mask.split_once('!').ok_or_else(error)?;
        let (user, host) = rest.split_once('@').ok_or_else(error)?;
        // Framings show a mask between other words, so a part must be one clean word.
        let part = |part: &str| {
            let is_word = !part.is_empty() && !part.contains(['!', '@', ' ']) && !part.starts_with(':');
            let is_valid = is_word && part.len() <= MAX_PART_BYTES && Text::clean(part).as_str() == part;
            if is_valid { Ok(Folded::new(part, part)) } else { Err(error()) }
        };
        let network = Network::parse(host)?;
        // Only the host may be an address. Such an address may begin with a colon, as ::1 does.
        let host = if network.is_some() { Folded::new(host, host) } else { part(host)? };
        Ok(Hostmask { nick: part(nick)?, user: part(user)?, host, network })
    }

    /// Returns whether a member with this name and profile matches.
    ///
    /// A hostmask with a network as host never matches here, since the address is missing; use
    /// [`Mask::fits`](super::Mask::fits).
    #[must_use]
    pub fn fits(&self, name: &Name, profile: &Profile) -> bool {
        self.fits_subject(&MaskSubject::new(name, None, Some(profile)))
    }

    pub(super) fn fits_subject(&self, subject: &MaskSubject<'_>) -> bool {
        let is_from = || match self.network {
            Some(network) => subject.address.is_some_and(|address| network.contains(address)),
            None => subject.host().is_some_and(|host| fits(self.host.key(), host)),
        };
        fits(self.nick.key(), subject.name.key())
            && subject.user().is_some_and(|user| fits(self.user.key(), user))
            && is_from()
    }

    /// Returns the host, if it is a network.
    pub(crate) fn network(&self) -> Option<Network> {
        self.network
    }

    /// Returns the patterns for name, user and host.
    pub(super) fn parts(&self) -> (&str, &str, &str) {
        (self.nick.shown(), self.user.shown(), self.host.shown())
    }
}

impl FromStr for Hostmask {
    type Err = ParseMaskError;

    fn from_str(text: &str) -> Result<Hostmask, ParseMaskError> {
        Hostmask::parse(text)
    }
}

impl fmt::Display for Hostmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nick, user, host) = self.parts();
        write!(f, "{nick}!{user}@{host}")
    }
}
