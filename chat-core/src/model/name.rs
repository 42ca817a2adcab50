//! What members and rooms are called, parsed once at the door.
//!
//! Past [`Nick::parse`] and [`RoomName::parse`] nobody checks a string again. Whether a name is taken is the state's
//! business, not this module's.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use crate::model::text::{self, Text};

/// What the names of guests begin with.
const GUEST: &str = "guest-";
/// What the server is called where it acts as a member may.
const SERVER: &str = "the server";

/// What is done to nicks without the feature: nothing. A name looks like its folded form.
#[cfg(not(feature = "unicode"))]
mod unicode {
    use std::borrow::Cow;

    pub(super) fn prepare(name: &str) -> Cow<'_, str> {
        Cow::Borrowed(name)
    }

    pub(super) fn look(_: &str, key: &str) -> Box<str> {
        key.into()
    }
}

#[cfg(test)]
pub(crate) mod cost;
mod room;
#[cfg(feature = "unicode")]
mod unicode;

#[cfg(feature = "irc")]
pub(crate) use room::ROOM_NAME_MAX;
pub use room::{ParseRoomNameError, RoomName};

/// The longest nick, in characters.
pub(crate) const NICK_MAX: usize = 30;

/// The longest name that is normalized or folded, in bytes as received. Normalization can make one character of three
/// bytes eighteen characters (U+FDFA), so this is checked first. Eight bytes for each character of a nick leave room for
/// letters that arrive with their marks apart (NFD).
pub(crate) const RAW_MAX: usize = 8 * NICK_MAX;

/// A name that somebody chose: 1–30 letters of any script, digits, and ``_-[]{}\|^` ``, beginning with neither a digit
/// nor `-`.
///
/// Two nicks are the same if they fold to the same [key](Nick::key), so `Alice` and `alice` can't both be in a hub.
///
/// ```
/// use chat_core::{Nick, ParseNickError};
///
/// let nick: Nick = "Zoë_[away]".parse()?;
/// assert_eq!(nick.as_str(), "Zoë_[away]");
/// assert_eq!(nick, "ZOË_[AWAY]".parse()?);
/// assert!(matches!(Nick::parse("7up"), Err(ParseNickError::Beginning { .. })));
/// # Ok::<(), ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nick(Folded);

/// Why a string is no [`Nick`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseNickError {
    /// Nothing at all.
    #[error("nickname is empty; 1 to {NICK_MAX} characters are allowed")]
    Empty,
    /// More than 30 characters.
    #[error("nickname is {characters} characters long; at most {NICK_MAX} are allowed")]
    TooLong {
        /// How many characters it has.
        characters: usize,
    },
    /// It begins with a digit or with `-`.
    #[error("nickname begins with {0:?}; it must begin with a letter or one of _[]{{}}\\|^`", .first)]
    Beginning {
        /// The character it begins with.
        first: char,
    },
    /// It has a character that is not allowed anywhere.
    #[error("nickname has the character {0:?}; allowed are letters, digits and _-[]{{}}\\|^`", .character)]
    Character {
        /// The first such character.
        character: char,
    },
}

impl Nick {
    /// Parses `name`.
    ///
    /// # Errors
    ///
    /// [`ParseNickError`] tells what is wrong and what is allowed.
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
        Ok(Nick(Folded::new(name, name)))
    }

    /// The nick as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.shown()
    }

    /// The folded form, for comparing.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// What it looks like: the same for nicks that can hardly be told apart. Without the feature `unicode` the folded
    /// form, with it of the skeleton of UTS 39, section 4.
    #[must_use]
    pub fn look(&self) -> &str {
        self.0.look()
    }

    /// Whether it is one of those that are given to guests.
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

/// What a member is called: the nick it chose, or else the address it came from.
///
/// ```
/// use chat_core::Name;
///
/// assert_eq!(Name::address("127.0.0.1:50194").to_string(), "127.0.0.1:50194");
/// assert_eq!(Name::Nick("alice".parse()?).to_string(), "alice");
/// # Ok::<(), chat_core::ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Name {
    /// Chosen by the member.
    Nick(Nick),
    /// Given to it by where it came from. It has a `:`, which no nick may have, so nobody can choose it.
    Address(Text),
    /// Given to it in place of its address, so that the others don't learn where it comes from: `guest-7`.
    Guest(Nick),
    /// No member, but the program that the room is in, where it decides something itself
    /// ([`Room::moderate`](crate::Room::moderate)): "the server". It has a space, which no nick may have.
    Server,
}

impl Name {
    /// The name of somebody who comes from `address`, such as `127.0.0.1:50194`.
    #[must_use]
    pub fn address(address: &str) -> Name {
        Name::Address(Text::clean(address))
    }

    /// The name of a guest: `guest-7`.
    pub(crate) fn guest(number: u64) -> Name {
        let name = format!("{GUEST}{number}");
        Name::Guest(Nick(Folded::new(&name, &name)))
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.as_str(),
            Name::Address(address) => address,
            Name::Server => SERVER,
        }
    }

    /// What it looks like: see [`Nick::look`].
    pub(crate) fn look(&self) -> Cow<'_, str> {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.look().into(),
            Name::Address(address) => unicode::look(address, address).into_string().into(),
            Name::Server => SERVER.into(),
        }
    }

    /// The folded form, for comparing.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.key(),
            Name::Address(address) => address,
            Name::Server => SERVER,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Somebody, as another one names it: a nick or an address, in any case. Whether there is such a member, the hub knows.
///
/// ```
/// use chat_core::Target;
///
/// assert_eq!(Target::new("Alice"), Target::new("ALICE"));
/// assert_eq!(Target::new("127.0.0.1:50194").to_string(), "127.0.0.1:50194");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target(Folded);

impl Target {
    /// The member that is called `name`. Of a `name` that is longer than any member's can be, only the beginning is kept,
    /// which is still longer than any member's.
    #[must_use]
    pub fn new(name: &str) -> Target {
        let name = Text::clean(text::cut(name, RAW_MAX));
        Target(Folded::new(&name, &name))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.shown()
    }

    /// The folded form, for comparing.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// What it looks like: see [`Nick::look`].
    pub(crate) fn look(&self) -> &str {
        self.0.look()
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

/// Letters and digits by Unicode's properties, less the fillers that are letters to Unicode and nothing to the eye.
pub(crate) fn is_nick_character(c: char) -> bool {
    let invisible = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    (c.is_alphanumeric() && !invisible) || matches!(c, '_' | '-' | '[' | ']' | '{' | '}' | '\\' | '|' | '^' | '`')
}

/// A name as it was written, compared by its folded form. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Folded(Arc<Forms>);

#[derive(Debug)]
struct Forms {
    shown: Box<str>,
    key: Box<str>,
    /// What it looks like. Found out when it is asked for: not every name is looked at.
    look: OnceLock<Box<str>>,
}

impl Folded {
    /// Shown as `shown`, compared as `name`.
    ///
    /// The case is folded by way of the upper case, which joins what lower-casing alone keeps apart (ß and SS, ς and σ).
    pub(crate) fn new(shown: &str, name: &str) -> Folded {
        Folded(Arc::new(Forms { shown: shown.into(), key: fold(name).into(), look: OnceLock::new() }))
    }

    pub(crate) fn shown(&self) -> &str {
        &self.0.shown
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.key
    }

    fn look(&self) -> &str {
        self.0.look.get_or_init(|| unicode::look(self.shown(), self.key()))
    }
}

/// Makes one of all cases. Character by character, so that a letter is the same wherever it stands: as a whole, a sigma at
/// the end of a word would be another.
pub(crate) fn fold(name: &str) -> String {
    #[cfg(test)]
    cost::add(name);
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

impl PartialEq for Folded {
    fn eq(&self, other: &Folded) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Folded {}

impl Hash for Folded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(name: &str, why: &str) {
        assert_eq!(Nick::parse(name).expect_err(name).to_string(), why);
    }

    #[test]
    fn letters_of_any_script_are_a_nick() {
        for name in ["a", "Alice", "日本", "Ольга", "_x-9[]{}\\|^`", "é", &"x".repeat(30)] {
            assert_eq!(Nick::parse(name).expect(name).as_str(), name);
        }
    }

    #[test]
    fn a_bad_nick_is_refused_with_the_reason_and_what_is_allowed() {
        refused("", "nickname is empty; 1 to 30 characters are allowed");
        refused(&"x".repeat(41), "nickname is 41 characters long; at most 30 are allowed");
        refused("9lives", "nickname begins with '9'; it must begin with a letter or one of _[]{}\\|^`");
        refused("-x", "nickname begins with '-'; it must begin with a letter or one of _[]{}\\|^`");
        refused("a b", "nickname has the character ' '; allowed are letters, digits and _-[]{}\\|^`");
        refused("a\u{202e}b", "nickname has the character '\\u{202e}'; allowed are letters, digits and _-[]{}\\|^`");
        for bad in ["#a", "&a", "@a", "+a", "a:b", "a/b", "*", "a\u{200b}b", "a\nb", "a\0", "\u{3164}"] {
            assert!(matches!(Nick::parse(bad), Err(ParseNickError::Character { .. })), "{bad:?}");
        }
    }

    #[test]
    fn nicks_that_differ_in_case_alone_are_equal() {
        for (one, other) in [("alice", "ALICE"), ("straße", "STRASSE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("λόγος", "λόγοσ")]
        {
            assert_eq!(Nick::parse(one), Nick::parse(other));
        }
        assert_ne!(Nick::parse("alice"), Nick::parse("alicia"));
    }

    #[cfg(feature = "unicode")]
    #[test]
    fn nicks_are_normalised_and_known_by_their_looks() {
        let nick = |name: &str| Nick::parse(name).expect(name);
        assert_eq!(nick("ａｌｉｃｅ").as_str(), "alice", "full-width letters are mapped (NFKC)");
        assert_eq!(nick("Zoe\u{308}").as_str(), "Zoë", "marks are composed");
        for (one, other) in [("alice", "\u{430}lice"), ("Ian", "lan"), ("paypal", "p\u{430}yp\u{430}l"), ("rn", "m")] {
            assert_ne!(nick(one), nick(other));
            assert_eq!(nick(one).look(), nick(other).look(), "{one} looks like {other}");
        }
        for (one, other) in [("alice", "alicia"), ("bob", "rob"), ("Ольга", "Олена")] {
            assert_ne!(nick(one).look(), nick(other).look(), "{one} does not look like {other}");
        }
    }

    #[test]
    fn overlong_target_matches_no_nick() {
        // Letters that fold to several characters, of one to four bytes.
        for letter in ["a", "ß", "\u{390}", "\u{1fb7}", "\u{10400}"] {
            let longest: Nick = letter.repeat(NICK_MAX).parse().expect(letter);
            let overlong = Target::new(&longest.key().repeat(100));
            assert!(overlong.as_str().len() <= RAW_MAX);
            assert_ne!(overlong.key(), longest.key());
        }
    }

    #[test]
    fn no_name_that_is_given_is_a_nick() {
        for address in ["127.0.0.1:5000", "[::1]:5000", SERVER] {
            assert!(Nick::parse(address).is_err());
        }
    }
}
