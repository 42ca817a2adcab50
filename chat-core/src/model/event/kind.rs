//! The groups of events. Each group has a file of its own.
//!
//! Events must not know bytes or connections.

use super::{HubEvent, OwnEvent, Reply, RoomEvent};
use crate::model::name::RoomName;

/// What happened, by the group of members that the hub sends it to. See [`Event`](super::Event) for an example.
///
/// The groups are closed: the encoders of this crate handle each variant of each group. To a host application they are
/// `#[non_exhaustive]`, so that a new event does not break its build.
///
/// In the comments of the groups, "you" is the member that receives the event. "Operator" includes a server operator
/// and the host application, which acts as [`Name::Server`](crate::name::Name::Server).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// An event of one room, for the members of that room.
    Room(RoomEvent),
    /// An event of no single room, for several members.
    Hub(HubEvent),
    /// Something that happened to you.
    Own(OwnEvent),
    /// The answer to your command.
    Reply(Reply),
}

impl EventKind {
    /// Returns the room of an event that the hub sends to the members of one room.
    #[must_use]
    pub fn room(&self) -> Option<&RoomName> {
        match self {
            EventKind::Room(event) => Some(event.room()),
            EventKind::Hub(_) | EventKind::Own(_) | EventKind::Reply(_) => None,
        }
    }
}

impl From<RoomEvent> for EventKind {
    fn from(event: RoomEvent) -> EventKind {
        EventKind::Room(event)
    }
}

impl From<HubEvent> for EventKind {
    fn from(event: HubEvent) -> EventKind {
        EventKind::Hub(event)
    }
}

impl From<OwnEvent> for EventKind {
    fn from(event: OwnEvent) -> EventKind {
        EventKind::Own(event)
    }
}

impl From<Reply> for EventKind {
    fn from(reply: Reply) -> EventKind {
        EventKind::Reply(reply)
    }
}
