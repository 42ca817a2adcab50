//! The events that belong to no single room.

use super::CloseReason;
use crate::model::mask::Mask;
use crate::model::moderation::Term;
use crate::model::name::Name;
use crate::model::text::Text;

/// An event of the hub that belongs to no single room.
///
/// The comment of each variant says which members receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubEvent {
    /// A member left the hub. The hub sends the event once to each member that shares a room with it. No other event
    /// about that member follows.
    Left {
        /// The member.
        name: Name,
        /// Why the member left.
        reason: CloseReason,
    },
    /// A member changed its name. The hub sends the event once to each member that shares a room with it.
    Renamed {
        /// The old name.
        old: Name,
        /// The new name.
        new: Name,
    },
    /// A member is away or back. The hub sends the event once to each other member of the rooms in which that member
    /// may speak. When a member who is away enters a room, the hub also sends the event to that room, after
    /// [`Joined`](super::RoomEvent::Joined).
    AwaySet {
        /// The member.
        name: Name,
        /// The away message; `None` if the member is back.
        why: Option<Text>,
    },
    /// A member changed its [real name](crate::name::Profile::real_name). The hub sends the event to that member, and
    /// once to each other member of the rooms in which that member may speak.
    RealNameSet {
        /// The member.
        name: Name,
        /// The new real name.
        real_name: Text,
    },
    /// A server operator sent an announcement to all members of the hub.
    Announced {
        /// The server operator.
        by: Name,
        /// The text.
        text: Text,
    },
    /// A member became a server operator. All server operators receive the event, including that member.
    OperatorAdded {
        /// The member.
        name: Name,
    },
    /// A member gave a wrong server operator password. All server operators receive the event.
    OperatorPasswordRefused {
        /// The member.
        name: Name,
    },
    /// A server operator closed a member's connection. All server operators receive the event.
    Killed {
        /// The server operator.
        by: Name,
        /// The member.
        name: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
    },
    /// A server operator banned a mask from the hub. All server operators receive the event.
    Banned {
        /// The server operator.
        by: Name,
        /// The mask.
        mask: Mask,
        /// The duration and the reason.
        term: Term,
    },
    /// A server operator lifted a ban from the hub. All server operators receive the event.
    Unbanned {
        /// The server operator.
        by: Name,
        /// The mask.
        mask: Mask,
    },
}
