//! The events of a room.

use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank, Term};
use crate::model::name::{Name, RoomName, Target};
use crate::model::text::Text;

/// An event of a room.
///
/// The hub sends it to the members of that room, or to those that the comment names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// A member entered a room. Sent to the other members of the room.
    Joined {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
    },
    /// A member left a room, but not the hub. Sent to the members who stay in the room.
    Parted {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
        /// Its part message; `None` if it gave none.
        why: Option<Text>,
    },
    /// A member sent a message to a room. Sent to the other members of the room.
    Said {
        /// The room.
        room: RoomName,
        /// The sender.
        from: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        kind: MessageKind,
    },
    /// A member sent a message to the members of a room with a minimum rank. Sent to those members.
    SaidToRank {
        /// The room.
        room: RoomName,
        /// The lowest rank that receives it.
        rank: Rank,
        /// The sender.
        from: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        kind: MessageKind,
    },
    /// An operator changed a member's rank in a room. Sent to all members of the room.
    RankSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The rank before.
        old: Rank,
        /// The rank now.
        rank: Rank,
    },
    /// An operator kicked a member from a room. Sent to the members who stay in the room.
    Kicked {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
    },
    /// An operator changed the modes of a room. Sent to all members of the room.
    ModesSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The changed modes, in the order in which the operator set them.
        modes: Vec<Mode>,
    },
    /// An operator added an exception for a mask in a room. Sent to all members of the room.
    ExceptionAdded {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// What the mask is exempt from.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// An operator removed an exception. Sent to all members of the room.
    ExceptionRemoved {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// What the mask was exempt from.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// A member set or removed the topic of a room. Sent to all members of the room.
    TopicSet {
        /// The room.
        room: RoomName,
        /// The member.
        by: Name,
        /// The new topic; `None` if it was removed.
        topic: Option<Text>,
    },
    /// An operator banned a mask. Sent to all members of the room.
    Banned {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The mask.
        mask: Mask,
        /// The duration and the reason.
        term: Term,
    },
    /// An operator lifted a ban. Sent to all members of the room.
    Unbanned {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The mask.
        mask: Mask,
    },
    /// An operator muted a member in a room. Sent to all members of the room.
    Muted {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The duration and the reason.
        term: Term,
    },
    /// An operator lifted a mute in a room. Sent to all members of the room.
    Unmuted {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The name that the mute was lifted from.
        name: Target,
    },
    /// A member invited another to a room. Sent to the other operators of the room.
    Invited {
        /// The room.
        room: RoomName,
        /// The member who invites.
        by: Name,
        /// The invited member.
        name: Name,
    },
}

impl RoomEvent {
    /// Returns the room.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        match self {
            RoomEvent::Joined { room, .. }
            | RoomEvent::Parted { room, .. }
            | RoomEvent::Said { room, .. }
            | RoomEvent::SaidToRank { room, .. }
            | RoomEvent::RankSet { room, .. }
            | RoomEvent::Kicked { room, .. }
            | RoomEvent::ModesSet { room, .. }
            | RoomEvent::ExceptionAdded { room, .. }
            | RoomEvent::ExceptionRemoved { room, .. }
            | RoomEvent::TopicSet { room, .. }
            | RoomEvent::Banned { room, .. }
            | RoomEvent::Unbanned { room, .. }
            | RoomEvent::Muted { room, .. }
            | RoomEvent::Unmuted { room, .. }
            | RoomEvent::Invited { room, .. } => room,
        }
    }
}
