//! The groups of events. Each group has its own module.
//!
//! This module must not know bytes or connections.

use super::{HubEvent, OwnEvent, Reply, RoomEvent};
use crate::model::name::RoomName;

/// The kind of an event. Its group says which members receive the event. See [`Event`](super::Event) for an example.
///
/// The groups are closed: the encoders of this crate handle each variant of each group. For a host application, they
/// are `#[non_exhaustive]`, so that a new event does not break its build.
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
    /// An event about the recipient itself.
    Own(OwnEvent),
    /// The answer to a command of the recipient.
    Reply(Reply),
}

impl EventKind {
    /// Returns the room of a [`RoomEvent`]; `None` for an event of another group.
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
