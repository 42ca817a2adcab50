//! What answers say about rooms, topics and members.
//!
//! These values must not know the state that they were copied from.

use core::net::IpAddr;
use std::time::SystemTime;

use crate::model::moderation::Rank;
use crate::model::name::{Name, RoomName};
use crate::model::profile::Profile;
use crate::model::text::Text;

/// An entry in a list of rooms.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
/// use chat_core::event::Reply;
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Rooms)?;
/// let answer = alice.recv()?;
/// let EventKind::Reply(Reply::Rooms { rooms, more: 0 }) = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((rooms[0].name.as_str(), rooms[0].members), ("#lobby", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomInfo {
    /// The name of the room.
    pub name: RoomName,
    /// The number of its members.
    pub members: usize,
    /// Its topic; `None` if it has none.
    pub topic: Option<Text>,
}

/// The topic of a room, and who set it when.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
/// use chat_core::event::Reply;
/// use chat_core::moderation::Moderation;
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Moderation::Topic(Some("tea".into())).into())?;
/// alice.request(Command::Topic)?;
/// let answer = alice.iter().nth(1).expect("the hub runs");
/// let EventKind::Reply(Reply::Topic { topic: Some(topic), .. }) = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((topic.text.as_str(), topic.by.as_str()), ("tea", "alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// The text of the topic.
    pub text: Text,
    /// The name of the member who set it.
    pub by: Name,
    /// When it was set.
    pub time: SystemTime,
}

impl TopicInfo {
    pub(crate) fn new(text: Text, by: Name, time: SystemTime) -> TopicInfo {
        TopicInfo { text, by, time }
    }
}

/// A former user of a name: a member who left the hub or changed its name.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
/// use chat_core::event::Reply;
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Nick("al".parse()?))?;
/// alice.request(Command::Whowas("alice".into()))?;
/// let answer = alice.iter().nth(1).expect("the hub runs");
/// let EventKind::Reply(Reply::Whowas { members, .. }) = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!(members[0].name.as_str(), "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormerInfo {
    /// The former name.
    pub name: Name,
    /// When the member stopped using it.
    pub until: SystemTime,
    /// The profile that the member had then.
    pub profile: Profile,
}

impl FormerInfo {
    pub(crate) fn new(name: Name, until: SystemTime, profile: Profile) -> FormerInfo {
        FormerInfo { name, until, profile }
    }
}

/// An entry in a list of members.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
/// use chat_core::event::Reply;
/// use chat_core::moderation::Rank;
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Who(None))?;
/// let answer = alice.recv()?;
/// let EventKind::Reply(Reply::Members { members, .. }) = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((members[0].name.as_str(), members[0].rank), ("alice", Rank::Ordinary));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberInfo {
    /// The name of the member.
    pub name: Name,
    /// Its rank in the room that the list is about.
    pub rank: Rank,
    /// Whether it is [muted](crate::moderation::Moderation::Mute) in that room.
    pub muted: bool,
    /// Whether it is a server operator.
    pub operates: bool,
    /// Its away message; `None` if it is not away.
    pub away: Option<Text>,
    /// Its address. `Some` only where a server operator asks about one member.
    pub address: Option<IpAddr>,
    /// Its profile.
    pub profile: Profile,
}
