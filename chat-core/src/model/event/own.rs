//! The events about the recipient itself.

use std::sync::Arc;
use std::time::SystemTime;

use super::{CloseReason, TopicInfo};
use crate::model::message::MessageKind;
use crate::model::name::{Name, RoomName};
use crate::model::text::Text;

/// An event about the recipient itself. In the comments, "you" are the recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnEvent {
    /// You joined the hub. A connection receives this event first; in-process members do not receive it.
    Welcome {
        /// Your name.
        name: Name,
        /// The room that you are in, or enter next; `None` if you start in no room.
        room: Option<RoomName>,
        /// When the hub was created. The time tells hubs apart, because event numbers are unique only within one hub.
        since: SystemTime,
        /// The lines of the message of the day; empty if there is none.
        motd: Arc<[Text]>,
    },
    /// Your name changed.
    Named {
        /// The new name.
        name: Name,
    },
    /// You entered a room, or were in it already: the answer to [`Command::Join`](crate::Command::Join). The room is
    /// now your current room.
    Entered {
        /// The room.
        room: RoomName,
        /// The topic of the room; `None` if it has none.
        topic: Option<TopicInfo>,
        /// The number of members in the room, including you.
        members: usize,
    },
    /// You left a room.
    Exited {
        /// The room.
        room: RoomName,
        /// Your part message; `None` if you gave none.
        why: Option<Text>,
        /// Your new current room; `None` if you are in no room.
        current: Option<RoomName>,
    },
    /// An operator kicked you from a room.
    Kicked {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
        /// Your new current room; `None` if you are in no room.
        current: Option<RoomName>,
    },
    /// A member invited you to a room. You may enter the room regardless of its modes.
    Invited {
        /// The room.
        room: RoomName,
        /// The member who invited you.
        by: Name,
    },
    /// A member sent a private message to you.
    PrivateMessage {
        /// The sender.
        from: Name,
        /// Your name.
        to: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        kind: MessageKind,
    },
    /// You read too slowly, so the hub dropped events of your rooms
    /// ([`SlowConsumerPolicy::DropOldest`](crate::hub::SlowConsumerPolicy::DropOldest)).
    Missed {
        /// The number of dropped events.
        count: u64,
        /// The number of the first dropped event.
        first: u64,
        /// The number of the last dropped event.
        last: u64,
    },
    /// Your membership ended. You receive no event after this one.
    Closed {
        /// The reason.
        reason: CloseReason,
    },
}
