//! Names, and what is told beside them, that are alike.

use std::fmt;

use super::pattern::fits;
use super::{MaskSubject, Network, ParseMaskError};
use crate::model::name::{Folded, Name};
use crate::model::profile::Profile;
use crate::model::text::Text;

/// The longest of its parts, in bytes.
pub(super) const MOST: usize = 100;

/// Names, [users](Profile::user) and [hosts](Profile::host) with something left open, as `nick!user@host`: `*` stands for any
/// characters, also none, and `?` for one. In any case. Cheap to clone.
///
/// The user is whatever a member says that it is; the host is what others are told. A host that is an address or a
/// [`Network`] is compared with where somebody really comes from.
///
/// ```
/// use chat_core::{Hostmask, Name, Profile};
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
    /// What the host is, if that is an address or a network rather than a pattern.
    network: Option<Network>,
}

impl Hostmask {
    /// Parses `nick!user@host`.
    ///
    /// # Errors
    ///
    /// [`ParseMaskError`] tells what is wrong and what is allowed.
    pub fn parse(mask: &str) -> Result<Hostmask, ParseMaskError> {
        let whole = || ParseMaskError::Hostmask { mask: Text::excerpt(mask), most: MOST };
        if mask.len() > super::LONGEST {
            return Err(ParseMaskError::Long { bytes: mask.len() });
        }
        let (nick, rest) = mask.split_once('!').ok_or_else(whole)?;
        let (user, host) = rest.split_once('@').ok_or_else(whole)?;
        // A mask is told to others, and stands between other words there.
        let part = |part: &str| {
            let is_word = !part.is_empty() && !part.contains(['!', '@', ' ']) && !part.starts_with(':');
            let is_one = is_word && part.len() <= MOST && Text::clean(part).as_str() == part;
            if is_one { Ok(Folded::new(part, part)) } else { Err(whole()) }
        };
        let network = Network::parse(host)?;
        // No name and no user is an address; but one such as ::1 is a word all the same.
        let host = if network.is_some() { Folded::new(host, host) } else { part(host)? };
        Ok(Hostmask { nick: part(nick)?, user: part(user)?, host, network })
    }

    /// Whether somebody who is called so, and of whom that is told, fits. With a network for a host nobody does by this,
    /// but by [`Mask::fits`](super::Mask::fits).
    #[must_use]
    pub fn fits(&self, name: &Name, profile: &Profile) -> bool {
        self.fits_subject(&MaskSubject::new(name, None, Some(profile)))
    }

    pub(super) fn fits_subject(&self, face: &MaskSubject<'_>) -> bool {
        let is_from = || match self.network {
            Some(network) => face.address.is_some_and(|address| network.contains(address)),
            None => face.host().is_some_and(|host| fits(self.host.key(), host)),
        };
        fits(self.nick.key(), face.name.key())
            && face.user().is_some_and(|user| fits(self.user.key(), user))
            && is_from()
    }

    /// The network that its host is, if that is one.
    pub(crate) fn network(&self) -> Option<Network> {
        self.network
    }

    /// Its parts: of the name, of the user, of the host.
    pub(super) fn parts(&self) -> (&str, &str, &str) {
        (self.nick.shown(), self.user.shown(), self.host.shown())
    }
}

impl fmt::Display for Hostmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nick, user, host) = self.parts();
        write!(f, "{nick}!{user}@{host}")
    }
}
