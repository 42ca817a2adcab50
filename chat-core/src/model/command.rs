//! Commands: the requests that a member sends to the hub.

mod error;

use crate::model::history::{Anchor, HistoryQuery};
use crate::model::mask::Pattern;
use crate::model::message::Message;
use crate::model::moderation::{Moderation, Rank};
use crate::model::name::{Nick, RoomName, Target};
use crate::model::password::Password;
use crate::model::text::Text;

pub use error::CommandError;

/// A request of a member, as a [`Session`](crate::Session) decodes it from the bytes of a connection.
///
/// ```
/// use chat_core::Command;
/// use chat_core::message::Text;
///
/// assert_eq!(Command::say("hi"), Command::Say(Text::clean("hi").into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Sends a message to all other members of the current room.
    Say(Message),
    /// Sends a message to the members of the current room that have this rank or a higher one.
    SayToRank {
        /// The lowest rank that receives the message.
        rank: Rank,
        /// The message.
        message: Message,
    },
    /// Sends a private message.
    SayPrivately {
        /// The member that receives the message.
        to: Target,
        /// The message.
        message: Message,
    },
    /// Changes the member's nickname.
    Nick(Nick),
    /// Carries out a command in this room instead of the current one.
    In {
        /// The room.
        room: RoomName,
        /// The command. If the command itself names a room, the hub uses that room.
        command: Box<Command>,
    },
    /// Joins a room and makes it the current one. The hub creates the room if it does not exist. For a room that the
    /// member is in already, this changes only the current room.
    Join {
        /// The room.
        room: RoomName,
        /// The key, if the room requires one.
        key: Option<Text>,
    },
    /// Leaves a room, by default the current one. If the member leaves its current room, the room that was current
    /// before becomes the current one again.
    Part {
        /// The room.
        room: Option<RoomName>,
        /// The part message. The hub drops it if the member may not speak in the room.
        why: Option<Text>,
    },
    /// Leaves all rooms.
    PartAll,
    /// Lists the rooms.
    Rooms,
    /// Counts the members and rooms of the hub.
    Census,
    /// Lists the members of a room, by default the current one.
    Who(Option<RoomName>),
    /// Requests messages of the current room from its history.
    History(HistoryQuery),
    /// Lists the member's rooms that have messages between two points in their history. For each room, the answer has
    /// the time of the last such message.
    LastSaid {
        /// The earlier point; messages after it count.
        after: Anchor,
        /// The later point; messages before it count.
        before: Anchor,
    },
    /// Requests the message of the day ([`HubOptions::motd`](crate::hub::HubOptions::motd)).
    Motd,
    /// Requests information about a member.
    Whois(Target),
    /// Lists the former owners of a nickname.
    Whowas(Target),
    /// Finds members whose names match a pattern. The hub searches the member that sends the command, and the members
    /// that share a room with it.
    Find(Pattern),
    /// Requests the modes of the current room.
    Modes,
    /// Requests the topic of the current room.
    Topic,
    /// Moderates a room or the hub. The moderation is boxed, so that every other command stays small.
    Moderate(Box<Moderation>),
    /// Makes the member a server operator if the password is right. A wrong password delays the next attempt from the
    /// same address: 1 second, then twice as long each time, at most 60 seconds.
    Operate(Password),
    /// Changes the member's [real name](crate::name::Profile::real_name).
    RealName(Text),
    /// Sets the member's away message, or clears it.
    Away(Option<Text>),
    /// Hides everything that another member says from now on, in rooms and in private, while both members are
    /// connected. A change of nickname does not end this. From a room's history, the hub leaves out the messages under
    /// the other member's present name.
    Ignore(Target),
    /// Stops ignoring a member.
    Unignore(Target),
    /// Asks for a [`Pong`](crate::event::Reply::Pong). The hub sends it after it has sent everything said before to all
    /// recipients.
    Ping(Text),
    /// Leaves the hub, with an optional quit message. The hub drops the message unless the member may speak in all of
    /// its rooms. The hub ignores everything that the member sends after this command.
    Quit(Option<Text>),
}

impl Command {
    /// Creates a [`Command::Say`] with this text, without its control characters.
    pub fn say(text: impl Into<Text>) -> Command {
        Command::Say(text.into().into())
    }

    /// Returns the same command for this room instead of the current one.
    ///
    /// ```
    /// use chat_core::Command;
    ///
    /// let command = Command::say("hi").in_room("den".parse()?);
    /// assert!(matches!(command, Command::In { room, .. } if room.as_str() == "#den"));
    /// # Ok::<(), chat_core::name::ParseRoomNameError>(())
    /// ```
    #[must_use]
    pub fn in_room(self, room: RoomName) -> Command {
        Command::In { room, command: Box::new(self) }
    }
}

impl From<Moderation> for Command {
    fn from(moderation: Moderation) -> Command {
        Command::Moderate(Box::new(moderation))
    }
}
