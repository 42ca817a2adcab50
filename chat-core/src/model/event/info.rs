//! Rooms and members, as lists show them.

use core::net::IpAddr;
use std::time::SystemTime;

use crate::model::moderation::Rank;
use crate::model::name::{Name, RoomName};
use crate::model::profile::Profile;
use crate::model::text::Text;

/// A room, as a list of rooms shows it.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Rooms)?;
/// let answer = alice.recv()?;
/// let EventKind::Rooms { rooms, more: 0 } = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((rooms[0].name.as_str(), rooms[0].members), ("#lobby", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomInfo {
    /// What it is called.
    pub name: RoomName,
    /// How many are in it.
    pub members: usize,
    /// What it is about, if that was set.
    pub topic: Option<Text>,
}

/// What a room is about, as those are told who enter it or ask.
///
/// ```
/// use chat_core::{Command, EventKind, Moderation, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Moderation::Topic(Some("tea".into())).into())?;
/// alice.request(Command::Topic)?;
/// let answer = alice.iter().nth(1).expect("the hub runs");
/// let EventKind::Topic { topic: Some(topic), .. } = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((topic.text.as_str(), topic.by.as_str()), ("tea", "alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// The topic.
    pub text: Text,
    /// Who set it.
    pub by: Name,
    /// When.
    pub time: SystemTime,
}

impl TopicInfo {
    pub(crate) fn new(text: Text, by: Name, time: SystemTime) -> TopicInfo {
        TopicInfo { text, by, time }
    }
}

/// Somebody who had a name, and has it no more: who left, or is called otherwise.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Nick("al".parse()?))?;
/// alice.request(Command::Whowas("alice".into()))?;
/// let answer = alice.iter().nth(1).expect("the hub runs");
/// let EventKind::Was { members, .. } = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!(members[0].name.as_str(), "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormerInfo {
    /// What it was called.
    pub name: Name,
    /// Until when.
    pub until: SystemTime,
    /// What was told about it.
    pub profile: Profile,
}

impl FormerInfo {
    pub(crate) fn new(name: Name, until: SystemTime, profile: Profile) -> FormerInfo {
        FormerInfo { name, until, profile }
    }
}

/// A member, as a list of members shows it.
///
/// ```
/// use chat_core::{Command, EventKind, Rank, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.request(Command::Who(None))?;
/// let answer = alice.recv()?;
/// let EventKind::Members { members, .. } = answer.kind() else { panic!("{answer:?}") };
/// assert_eq!((members[0].name.as_str(), members[0].rank), ("alice", Rank::Ordinary));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberInfo {
    /// What it is called.
    pub name: Name,
    /// What it may do in the room that the list is about.
    pub rank: Rank,
    /// Whether it is [muted](crate::Moderation::Mute) in that room.
    pub muted: bool,
    /// Whether it is a server operator.
    pub operates: bool,
    /// Why it is away, if it is.
    pub away: Option<Text>,
    /// Where it comes from. Told of one member, to server operators.
    pub address: Option<IpAddr>,
    /// What else is told about it.
    pub profile: Profile,
}
