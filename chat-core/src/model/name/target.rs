//! Targets: names by which a member refers to another.
//!
//! This module must not know which members exist.

use std::fmt;

use super::nick::RAW_MAX;
use super::{Folded, Name};
use crate::model::text::{self, Text};

/// A name by which a member refers to another: a nick or an address. Case is ignored.
///
/// A member with that name need not exist; the hub checks that.
///
/// ```
/// use chat_core::name::Target;
///
/// assert_eq!(Target::new("Alice"), Target::new("ALICE"));
/// assert_eq!(Target::new("127.0.0.1:50194").to_string(), "127.0.0.1:50194");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target(Folded);

impl Target {
    /// Creates a target from a name.
    ///
    /// This function shortens a name that is too long for any member. The rest is still longer than any member's name,
    /// so it matches no member.
    #[must_use]
    pub fn new(name: &str) -> Target {
        let name = Text::clean(text::cut(name, RAW_MAX));
        Target(Folded::new(name.as_str(), name.as_str()))
    }

    /// Returns the name for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.shown()
    }

    /// Returns the case-folded form, for comparison.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// Returns the form that lookalike names share: see [`Nick::skeleton`](super::Nick::skeleton).
    pub(crate) fn skeleton(&self) -> &str {
        self.0.skeleton()
    }
}

impl From<&str> for Target {
    fn from(name: &str) -> Target {
        Target::new(name)
    }
}

impl From<&Name> for Target {
    fn from(name: &Name) -> Target {
        Target::new(name.as_str())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::name::Nick;
    use crate::model::name::nick::NICK_MAX;

    #[test]
    fn overlong_target_matches_no_nick() {
        // Letters of one to four bytes, some of which fold to several characters.
        for letter in ["a", "ß", "\u{390}", "\u{1fb7}", "\u{10400}"] {
            let longest: Nick = letter.repeat(NICK_MAX).parse().expect(letter);
            let overlong = Target::new(&longest.key().repeat(100));
            assert!(overlong.as_str().len() <= RAW_MAX);
            assert_ne!(overlong.key(), longest.key());
        }
    }
}
