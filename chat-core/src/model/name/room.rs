//! Room names, and their parser.
//!
//! This module must not know which rooms exist.

use std::fmt;
use std::str::FromStr;

use super::{Folded, is_nick_character};

/// The longest room name, in characters without the prefix `#`.
pub(crate) const ROOM_NAME_MAX: usize = 50;

/// A room name: 1–50 of the characters of a nick, in any order. The prefix `#` is optional in input.
///
/// Two room names are equal if they have the same case-folded [key](RoomName::key).
///
/// ```
/// use chat_core::name::RoomName;
///
/// assert_eq!(RoomName::parse("lobby")?.to_string(), "#lobby");
/// assert_eq!(RoomName::parse("#lobby")?, RoomName::parse("LOBBY")?);
/// # Ok::<(), chat_core::name::ParseRoomNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomName(Folded);

/// The error for a string that is not a [`RoomName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRoomNameError {
    /// Nothing follows the prefix.
    #[error("room name is empty; 1 to {ROOM_NAME_MAX} characters are allowed")]
    Empty,
    /// The name has more than 50 characters, without the prefix.
    #[error("room name is {characters} characters long; at most {ROOM_NAME_MAX} are allowed")]
    TooLong {
        /// The length of the name, in characters without the prefix.
        characters: usize,
    },
    /// The name has a character that a room name can't have.
    #[error("room name has the character {0:?}; allowed are letters, digits and _-[]{{}}\\|^`", .character)]
    Character {
        /// The first character that is not allowed.
        character: char,
    },
}

impl RoomName {
    /// Parses a room name, with or without the prefix `#`.
    ///
    /// # Errors
    ///
    /// Returns [`ParseRoomNameError`], which says what is wrong and what is allowed.
    pub fn parse(name: &str) -> Result<RoomName, ParseRoomNameError> {
        let bare = name.strip_prefix('#').unwrap_or(name);
        let characters = bare.chars().count();
        match characters {
            0 => return Err(ParseRoomNameError::Empty),
            1..=ROOM_NAME_MAX => {}
            _ => return Err(ParseRoomNameError::TooLong { characters }),
        }
        if let Some(character) = bare.chars().find(|&c| !is_nick_character(c)) {
            return Err(ParseRoomNameError::Character { character });
        }
        Ok(RoomName(Folded::new(&format!("#{bare}"), bare)))
    }

    /// Returns the name for display, with the prefix `#`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.shown()
    }

    /// Returns the case-folded form without the prefix, for comparison.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }
}

impl FromStr for RoomName {
    type Err = ParseRoomNameError;

    fn from_str(name: &str) -> Result<RoomName, ParseRoomNameError> {
        RoomName::parse(name)
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_name_has_a_prefix_and_limits() {
        assert_eq!(RoomName::parse("42").expect("digits may begin a room").as_str(), "#42");
        assert_eq!(RoomName::parse("#"), Err(ParseRoomNameError::Empty));
        assert_eq!(RoomName::parse(&"x".repeat(51)), Err(ParseRoomNameError::TooLong { characters: 51 }));
        assert_eq!(RoomName::parse("##x"), Err(ParseRoomNameError::Character { character: '#' }));
    }
}
