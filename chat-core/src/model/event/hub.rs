//! The events that belong to no single room.

use super::CloseReason;
use crate::model::mask::Mask;
use crate::model::moderation::Term;
use crate::model::name::Name;
use crate::model::text::Text;

/// An event of the hub that belongs to no single room.
///
/// The hub sends it to the members that the comment names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubEvent {
    /// A member left the hub. Sent once to each member who shares a room with it; no event of that member follows.
    Left {
        /// The member.
        name: Name,
        /// Why it left.
        reason: CloseReason,
    },
    /// A member changed its name. Sent once to each member who shares a room with it.
    Renamed {
        /// The old name.
        old: Name,
        /// The new name.
        new: Name,
    },
    /// A member is away or back. Sent once to each member who shares a room with it in which it may speak, and after
    /// [`Joined`](super::RoomEvent::Joined) to the members of a room that it enters.
    AwaySet {
        /// The member.
        name: Name,
        /// Its away message; `None` if it is back.
        why: Option<Text>,
    },
    /// A member changed its [real name](crate::name::Profile::real_name). Sent once to itself and to each member who shares a
    /// room with it.
    RealNameSet {
        /// The member.
        name: Name,
        /// The new real name.
        real_name: Text,
    },
    /// A server operator sent an announcement. Sent to all members of the hub.
    Announced {
        /// The server operator.
        by: Name,
        /// The text.
        text: Text,
    },
    /// A member became a server operator. Sent to all server operators, including that member.
    OperatorAdded {
        /// The member.
        name: Name,
    },
    /// A member gave a wrong server operator password. Sent to all server operators.
    OperatorPasswordRefused {
        /// The member.
        name: Name,
    },
    /// A server operator closed a member's connection. Sent to all server operators.
    Killed {
        /// The server operator.
        by: Name,
        /// The member.
        name: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
    },
    /// A server operator banned a mask from the hub. Sent to all server operators.
    Banned {
        /// The server operator.
        by: Name,
        /// The mask.
        mask: Mask,
        /// The duration and the reason.
        term: Term,
    },
    /// A server operator lifted a ban from the hub. Sent to all server operators.
    Unbanned {
        /// The server operator.
        by: Name,
        /// The mask.
        mask: Mask,
    },
}
