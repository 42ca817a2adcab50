//! What happens to the recipient itself.

use std::sync::Arc;
use std::time::SystemTime;

use super::{CloseReason, TopicInfo};
use crate::model::message::MessageKind;
use crate::model::name::{Name, RoomName};
use crate::model::text::Text;

/// What happened to you, the member that receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnEvent {
    /// You joined the hub. The first event of a connection; not sent to in-process members.
    Welcome {
        /// Your name.
        name: Name,
        /// The room that you are in, or enter next; `None` if you start in no room.
        room: Option<RoomName>,
        /// When the hub was created: event numbers are unique only within one hub.
        since: SystemTime,
        /// The lines of the message of the day; empty if there is none.
        motd: Arc<[Text]>,
    },
    /// Your name changed.
    Named {
        /// The new name.
        name: Name,
    },
    /// The answer to [`Command::Join`](crate::Command::Join): you entered a room, or were in it already. It is your
    /// current room now.
    Entered {
        /// The room.
        room: RoomName,
        /// Its topic; `None` if it has none.
        topic: Option<TopicInfo>,
        /// The number of its members, including you.
        members: usize,
    },
    /// You left a room.
    Exited {
        /// The room.
        room: RoomName,
        /// Your part message; `None` if you gave none.
        why: Option<Text>,
        /// Your current room now; `None` if you are in no room.
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
        /// Your current room now; `None` if you are in no room.
        current: Option<RoomName>,
    },
    /// A member invited you to a room: you may enter it whatever its modes are.
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
        /// The event number of the first.
        first: u64,
        /// The event number of the last.
        last: u64,
    },
    /// Your membership ended: the last event that you receive.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}
