//! Nicks, and their parser.
//!
//! This module must not know which nicks are in use or reserved.

use std::fmt;
use std::str::FromStr;

use super::{Folded, GUEST, unicode};

/// The longest nick, in characters.
pub(crate) const NICK_MAX: usize = 30;

/// The longest name that the parser normalizes or folds, in bytes as received.
///
/// Normalization can expand one character of three bytes to eighteen characters (U+FDFA), so the parser checks this
/// length first. Eight bytes for each character of a nick suffice for decomposed letters (NFD).
pub(super) const RAW_MAX: usize = 8 * NICK_MAX;

/// A nickname: 1–30 letters of any script, digits, and ``_-[]{}\|^` ``, beginning with neither a digit nor `-`.
///
/// Two nicks are equal if they have the same case-folded [key](Nick::key), so `Alice` and `alice` can't both be in a
/// hub.
///
/// ```
/// use chat_core::name::{Nick, ParseNickError};
///
/// let nick: Nick = "Zoë_[away]".parse()?;
/// assert_eq!(nick.as_str(), "Zoë_[away]");
/// assert_eq!(nick, "ZOË_[AWAY]".parse()?);
/// assert!(matches!(Nick::parse("7up"), Err(ParseNickError::Beginning { .. })));
/// # Ok::<(), ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nick(Folded);

/// The error for a string that is not a [`Nick`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseNickError {
    /// The string is empty.
    #[error("nickname is empty; 1 to {NICK_MAX} characters are allowed")]
    Empty,
    /// The string has more than 30 characters.
    #[error("nickname is {characters} characters long; at most {NICK_MAX} are allowed")]
    TooLong {
        /// The length of the string, in characters.
        characters: usize,
    },
    /// The string begins with a digit or with `-`.
    #[error("nickname begins with {0:?}; it must begin with a letter or one of _[]{{}}\\|^`", .first)]
    Beginning {
        /// The first character of the string.
        first: char,
    },
    /// The string has a character that a nick can't have.
    #[error("nickname has the character {0:?}; allowed are letters, digits and _-[]{{}}\\|^`", .character)]
    Character {
        /// The first character that is not allowed.
        character: char,
    },
}

impl Nick {
    /// Parses a nick.
    ///
    /// # Errors
    ///
    /// Returns [`ParseNickError`], which says what is wrong and what is allowed.
    pub fn parse(name: &str) -> Result<Nick, ParseNickError> {
        if name.len() > RAW_MAX {
            return Err(ParseNickError::TooLong { characters: name.chars().count() });
        }
        let prepared = unicode::prepare(name);
        let name = prepared.as_ref();
        let first = name.chars().next().ok_or(ParseNickError::Empty)?;
        let characters = name.chars().count();
        if characters > NICK_MAX {
            return Err(ParseNickError::TooLong { characters });
        }
        if let Some(character) = name.chars().find(|&c| !is_nick_character(c)) {
            return Err(ParseNickError::Character { character });
        }
        if first.is_numeric() || first == '-' {
            return Err(ParseNickError::Beginning { first });
        }
        Ok(Nick::unchecked(name))
    }

    /// Creates a nick from a name that follows the rules already.
    pub(super) fn unchecked(name: &str) -> Nick {
        Nick(Folded::new(name, name))
    }

    /// Returns the nick for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.shown()
    }

    /// Returns the case-folded form, for comparison.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// Returns the form that lookalike nicks share.
    ///
    /// With the feature `unicode`, this form is the case-folded skeleton (UTS 39, section 4). Without the feature, it
    /// is the [key](Nick::key).
    #[must_use]
    pub fn skeleton(&self) -> &str {
        self.0.skeleton()
    }

    /// Returns whether the nick has the form of a guest name.
    pub(crate) fn is_guest(&self) -> bool {
        let number = self.key().strip_prefix(GUEST);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl FromStr for Nick {
    type Err = ParseNickError;

    fn from_str(name: &str) -> Result<Nick, ParseNickError> {
        Nick::parse(name)
    }
}

impl fmt::Display for Nick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.shown())
    }
}

/// Returns whether a nick may contain `c`: a letter or digit by Unicode's properties, or one of ``_-[]{}\|^` ``.
///
/// The Hangul fillers are letters in Unicode, but invisible, so they are refused.
pub(crate) fn is_nick_character(c: char) -> bool {
    let invisible = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    (c.is_alphanumeric() && !invisible) || matches!(c, '_' | '-' | '[' | ']' | '{' | '}' | '\\' | '|' | '^' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(name: &str, why: &str) {
        assert_eq!(Nick::parse(name).expect_err(name).to_string(), why);
    }

    #[test]
    fn letters_of_any_script_make_a_nick() {
        for name in ["a", "Alice", "日本", "Ольга", "_x-9[]{}\\|^`", "é", &"x".repeat(30)] {
            assert_eq!(Nick::parse(name).expect(name).as_str(), name);
        }
    }

    #[test]
    fn invalid_nick_is_refused_with_a_reason() {
        check_refused("", "nickname is empty; 1 to 30 characters are allowed");
        check_refused(&"x".repeat(41), "nickname is 41 characters long; at most 30 are allowed");
        check_refused("9lives", "nickname begins with '9'; it must begin with a letter or one of _[]{}\\|^`");
        check_refused("-x", "nickname begins with '-'; it must begin with a letter or one of _[]{}\\|^`");
        check_refused("a b", "nickname has the character ' '; allowed are letters, digits and _-[]{}\\|^`");
        check_refused(
            "a\u{202e}b",
            "nickname has the character '\\u{202e}'; allowed are letters, digits and _-[]{}\\|^`",
        );
        for bad in ["#a", "&a", "@a", "+a", "a:b", "a/b", "*", "a\u{200b}b", "a\nb", "a\0", "\u{3164}"] {
            assert!(matches!(Nick::parse(bad), Err(ParseNickError::Character { .. })), "{bad:?}");
        }
    }

    #[test]
    fn nicks_ignore_case() {
        for (first, second) in [("alice", "ALICE"), ("straße", "STRASSE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("λόγος", "λόγοσ")]
        {
            assert_eq!(Nick::parse(first), Nick::parse(second));
        }
        assert_ne!(Nick::parse("alice"), Nick::parse("alicia"));
    }

    #[cfg(feature = "unicode")]
    #[test]
    fn nicks_are_normalized_and_lookalikes_match() {
        let nick = |name: &str| Nick::parse(name).expect(name);
        assert_eq!(nick("ａｌｉｃｅ").as_str(), "alice", "full-width letters are mapped (NFKC)");
        assert_eq!(nick("Zoe\u{308}").as_str(), "Zoë", "marks are composed");
        for (first, second) in [("alice", "\u{430}lice"), ("Ian", "lan"), ("paypal", "p\u{430}yp\u{430}l"), ("rn", "m")]
        {
            assert_ne!(nick(first), nick(second));
            assert_eq!(nick(first).skeleton(), nick(second).skeleton(), "{first} looks like {second}");
        }
        for (first, second) in [("alice", "alicia"), ("bob", "rob"), ("Ольга", "Олена")] {
            assert_ne!(nick(first).skeleton(), nick(second).skeleton(), "{first} does not look like {second}");
        }
    }
}
