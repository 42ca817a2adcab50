//! Names, and what is told beside them, that are alike.

use std::fmt;

use super::pattern::fits;
use super::{Face, MaskError};
use crate::name::{Folded, Name, fold};
use crate::profile::Profile;
use crate::text::Text;

/// The longest of its parts, in bytes.
pub(super) const MOST: usize = 100;

/// Names, [users](Profile::user) and [hosts](Profile::host) with something left open, as `nick!user@host`: `*` stands for any
/// characters, also none, and `?` for one. In any case. Cheap to clone.
///
/// The user is whatever a member says that it is; the host is what others are told.
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
}

impl Hostmask {
    /// Parses `nick!user@host`.
    ///
    /// # Errors
    ///
    /// [`MaskError`] tells what is wrong and what is allowed.
    pub fn parse(mask: &str) -> Result<Hostmask, MaskError> {
        let whole = || MaskError::Hostmask { mask: Text::excerpt(mask), most: MOST };
        let (nick, rest) = mask.split_once('!').ok_or_else(whole)?;
        let (user, host) = rest.split_once('@').ok_or_else(whole)?;
        let part = |part: &str| {
            let is_one = !part.is_empty() && part.len() <= MOST && !part.contains(['!', '@', ' ']);
            if is_one { Ok(Folded::new(part, part)) } else { Err(whole()) }
        };
        Ok(Hostmask { nick: part(nick)?, user: part(user)?, host: part(host)? })
    }

    /// Whether somebody who is called so, and of whom that is told, fits.
    #[must_use]
    pub fn fits(&self, name: &Name, profile: &Profile) -> bool {
        self.fits_face(&Face::new(name, None, Some(profile)))
    }

    pub(super) fn fits_face(&self, face: &Face<'_>) -> bool {
        let Some(profile) = face.profile else { return false };
        fits(self.nick.key(), face.name.key())
            && is_fit(&self.user, profile.user())
            && is_fit(&self.host, profile.host())
    }

    /// Its parts: of the name, of the user, of the host.
    pub(super) fn parts(&self) -> (&str, &str, &str) {
        (self.nick.shown(), self.user.shown(), self.host.shown())
    }
}

fn is_fit(pattern: &Folded, text: &Text) -> bool {
    pattern.key() == "*" || fits(pattern.key(), &fold(text))
}

impl fmt::Display for Hostmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nick, user, host) = self.parts();
        write!(f, "{nick}!{user}@{host}")
    }
}
