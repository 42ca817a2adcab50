//! The information in answers about rooms, topics and members.
//!
//! This module must not know the state from which the values are copied.

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
    /// The number of members in the room.
    pub members: usize,
    /// The topic; `None` if the room has none.
    pub topic: Option<Text>,
}

/// The topic of a room, with who set it, and when.
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
    /// The name of the member who set the topic.
    pub by: Name,
    /// When the member set the topic.
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
    /// When the member stopped using the name.
    pub until: SystemTime,
    /// The profile of the member at that time.
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
    /// The rank of the member in the room that the list is about.
    pub rank: Rank,
    /// Whether the member is [muted](crate::moderation::Moderation::Mute) in that room.
    pub muted: bool,
    /// Whether the member is a server operator.
    pub operates: bool,
    /// The away message; `None` if the member is not away.
    pub away: Option<Text>,
    /// The address of the member. Only an answer to a server operator about one member contains it.
    pub address: Option<IpAddr>,
    /// The profile of the member.
    pub profile: Profile,
}
