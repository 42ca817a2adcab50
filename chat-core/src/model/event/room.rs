//! The events of a room.

use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank, Term};
use crate::model::name::{Name, RoomName, Target};
use crate::model::text::Text;

/// An event of a room.
///
/// The comment of each variant says which members of that room receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// A member entered a room. The other members of the room receive the event.
    Joined {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
    },
    /// A member left a room, but not the hub. The members who stay in the room receive the event.
    Parted {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
        /// The part message; `None` if the member gave none.
        why: Option<Text>,
    },
    /// A member sent a message to a room. The other members of the room receive it.
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
    /// A member sent a message to the members of a room that have a minimum rank. Those members receive it.
    SaidToRank {
        /// The room.
        room: RoomName,
        /// The lowest rank that receives the message.
        rank: Rank,
        /// The sender.
        from: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        kind: MessageKind,
    },
    /// An operator changed a member's rank in a room. All members of the room receive the event.
    RankSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The old rank.
        old: Rank,
        /// The new rank.
        rank: Rank,
    },
    /// An operator kicked a member from a room. The members who stay in the room receive the event.
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
    /// An operator changed the modes of a room. All members of the room receive the event.
    ModesSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The changed modes, in the order in which the operator set them.
        modes: Vec<Mode>,
    },
    /// An operator added an exception for a mask in a room. All members of the room receive the event.
    ExceptionAdded {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The kind of the exception.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// An operator removed an exception. All members of the room receive the event.
    ExceptionRemoved {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The kind of the exception.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// A member set or removed the topic of a room. All members of the room receive the event.
    TopicSet {
        /// The room.
        room: RoomName,
        /// The member.
        by: Name,
        /// The new topic; `None` if the member removed the topic.
        topic: Option<Text>,
    },
    /// An operator banned a mask. All members of the room receive the event.
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
    /// An operator lifted a ban. All members of the room receive the event.
    Unbanned {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The mask.
        mask: Mask,
    },
    /// An operator muted a member in a room. All members of the room receive the event.
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
    /// An operator lifted a mute in a room. All members of the room receive the event.
    Unmuted {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The name of the member that is no longer muted, as the operator wrote it.
        name: Target,
    },
    /// A member invited another one to a room. The other operators of the room receive the event.
    Invited {
        /// The room.
        room: RoomName,
        /// The member who sent the invitation.
        by: Name,
        /// The invited member.
        name: Name,
    },
}

impl RoomEvent {
    /// Returns the room of the event.
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
