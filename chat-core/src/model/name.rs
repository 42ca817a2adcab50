//! The names of members and rooms. A parser checks each name once, when it arrives.
//!
//! Code after [`Nick::parse`] and [`RoomName::parse`] never checks a string again. This module must not know which
//! names are in use; the state machine does.

use std::borrow::Cow;
use std::fmt;

use crate::model::text::Text;

#[cfg(test)]
pub(crate) mod cost;
mod folded;
mod nick;
mod room;
mod target;
#[cfg(feature = "unicode")]
mod unicode;

pub(crate) use folded::{Folded, fold};
#[cfg(feature = "irc")]
pub(crate) use nick::NICK_MAX;
pub(crate) use nick::is_nick_character;
pub use nick::{Nick, ParseNickError};
#[cfg(feature = "irc")]
pub(crate) use room::ROOM_NAME_MAX;
pub use room::{ParseRoomNameError, RoomName};
pub use target::Target;

/// The functions without the feature `unicode`: they normalize nothing, and the skeleton of a name is its folded form.
#[cfg(not(feature = "unicode"))]
mod unicode {
    use std::borrow::Cow;

    pub(super) fn prepare(name: &str) -> Cow<'_, str> {
        Cow::Borrowed(name)
    }

    pub(super) fn skeleton(_: &str, key: &str) -> Box<str> {
        key.into()
    }
}

/// The prefix of guest names.
const GUEST: &str = "guest-";
/// The name of the host application as the source of events.
const SERVER: &str = "the server";

/// The name of a member: the nick that it chose, or an assigned name.
///
/// ```
/// use chat_core::name::Name;
///
/// assert_eq!(Name::address("127.0.0.1:50194").to_string(), "127.0.0.1:50194");
/// assert_eq!(Name::Nick("alice".parse()?).to_string(), "alice");
/// # Ok::<(), chat_core::name::ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Name {
    /// The nick that the member chose.
    Nick(Nick),
    /// The member's address, for a member without a nick. An address contains a `:`, and a nick can't, so no member can
    /// choose such a name.
    Address(Text),
    /// An assigned name that hides the member's address: `guest-7`.
    Guest(Nick),
    /// The host application, when it moderates by [`Room::moderate`](crate::Room::moderate): "the server". This name
    /// contains a space, and a nick can't, so no member can choose it.
    Server,
}

impl Name {
    /// Creates the name of a member with this address, such as `127.0.0.1:50194`.
    #[must_use]
    pub fn address(address: &str) -> Name {
        Name::Address(Text::clean(address))
    }

    /// Creates the name of a guest: `guest-7`.
    pub(crate) fn guest(number: u64) -> Name {
        Name::Guest(Nick::unchecked(&format!("{GUEST}{number}")))
    }

    /// Returns the name for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.as_str(),
            Name::Address(address) => address.as_str(),
            Name::Server => SERVER,
        }
    }

    /// Returns the form that lookalike names share: see [`Nick::skeleton`].
    pub(crate) fn skeleton(&self) -> Cow<'_, str> {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.skeleton().into(),
            Name::Address(address) => unicode::skeleton(address.as_str(), address.as_str()).into_string().into(),
            Name::Server => SERVER.into(),
        }
    }

    /// Returns the case-folded form, for comparison.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Name::Nick(nick) | Name::Guest(nick) => nick.key(),
            Name::Address(address) => address.as_str(),
            Name::Server => SERVER,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_name_alone() {
        let nick: Nick = "Alice".parse().expect("a nick");
        assert_eq!(format!("{nick:?}"), r#"Nick("Alice")"#);
        assert_eq!(format!("{:?}", Target::new("bob")), r#"Target("bob")"#);
        let room: RoomName = "lobby".parse().expect("the name of a room");
        assert_eq!(format!("{room:?}"), r##"RoomName("#lobby")"##);
    }

    #[test]
    fn assigned_names_are_no_nicks() {
        for address in ["127.0.0.1:5000", "[::1]:5000", SERVER] {
            assert!(Nick::parse(address).is_err());
        }
    }
}
