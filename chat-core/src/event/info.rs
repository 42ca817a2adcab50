//! Rooms and members, as lists show them.

use core::net::IpAddr;

use crate::name::{Name, RoomName};
use crate::order::Rank;
use crate::profile::Profile;
use crate::text::Text;

/// A room, as a list of rooms shows it.
///
/// ```
/// use chat_core::{Command, EventKind, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.ask(Command::Rooms)?;
/// let answer = alice.events().next().expect("the hub runs");
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

/// A member, as a list of members shows it.
///
/// ```
/// use chat_core::{Command, EventKind, Rank, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.ask(Command::Who(None))?;
/// let answer = alice.events().next().expect("the hub runs");
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
    /// Whether it is [muted](crate::Order::Mute) in that room.
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
