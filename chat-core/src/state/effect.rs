//! The inputs and the effects of the state.
//!
//! This module must not know how the state computes effects from inputs, or who delivers them.

use core::net::IpAddr;

use super::{MemberId, RoomId};
use crate::model::command::Command;
use crate::model::event::{CloseReason, Event};
use crate::model::moderation::Moderation;
use crate::model::name::{Name, RoomName};
use crate::model::password::Password;
use crate::model::profile::Profile;
use crate::model::text::Text;

/// An input of the state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A new member joins the hub. The state refuses the member if its nick is taken, if a ban from the hub matches it,
    /// or if it may not join its first room.
    Join {
        /// The new member. The input has no effect if the member is in the hub already.
        member: MemberId,
        /// The name, the address and the other details of the new member.
        request: Box<JoinRequest>,
    },
    /// A member sends a command. The input has no effect if the member is not in the hub (any more).
    Command {
        /// The member.
        member: MemberId,
        /// The command.
        command: Command,
    },
    /// The host application moderates a room or the whole hub.
    Moderate {
        /// The room; `None` for a moderation of the whole hub.
        room: Option<RoomName>,
        /// The moderation.
        moderation: Box<Moderation>,
    },
    /// The host application changes a setting.
    Set(Setting),
    /// A member has left the hub, or must leave it. The input has no effect if the member is not in the hub (any more).
    Leave {
        /// The member.
        member: MemberId,
        /// The reason.
        reason: CloseReason,
    },
    /// Several members must leave at once. None of them receives the notice that another one has left.
    LeaveTogether {
        /// The members.
        members: Vec<MemberId>,
        /// The reason.
        reason: CloseReason,
    },
}

/// A setting of a hub that the host application may change while the hub runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Setting {
    /// The password of server operators; `None` if no member may become one. A change does not affect the present
    /// server operators.
    OperatorPassword(Option<Password>),
    /// The lines of the message of the day.
    Motd(Vec<Text>),
}

/// A new member's request to join the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRequest {
    /// The name that the member asks for. If the name is an address that is taken, the state appends a number, because
    /// the client did not choose it.
    pub name: Name,
    /// The IP address of the member; `None` for an in-process member.
    pub address: Option<IpAddr>,
    /// The first room of the member, if any. The state creates the room if it does not exist. The room's modes do not
    /// apply.
    pub room: Option<RoomName>,
    /// Whether the member joins the hub even if a ban keeps it out of its first room. If so, it starts in no room and
    /// receives the refusal.
    pub may_be_nowhere: bool,
    /// The details of the member that other members may see.
    pub profile: Profile,
    /// Whether the member wants the history of each room that it joins.
    pub wants_history: bool,
    /// Whether the member receives the list of members of each room that it joins, and all lists without a limit.
    pub keeps_lists: bool,
}

impl JoinRequest {
    /// Creates the request of an in-process member, which wants the room's history.
    ///
    /// The member joins the hub only if it can join the room.
    #[must_use]
    pub fn new(name: Name, room: RoomName) -> JoinRequest {
        let profile = Profile::new("chat", "local", "");
        JoinRequest {
            name,
            address: None,
            room: Some(room),
            may_be_nowhere: false,
            profile,
            wants_history: true,
            keeps_lists: false,
        }
    }

    /// Creates a request to join `#lobby`, the first room of the hubs in tests.
    #[cfg(test)]
    pub(crate) fn in_lobby(name: Name) -> JoinRequest {
        JoinRequest::new(name, "lobby".parse().expect("a room's name"))
    }
}

/// An effect of an input. The hub must deliver effects in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The member has joined the hub, and may receive events.
    Admit {
        /// The member.
        member: MemberId,
        /// The name of the member.
        name: Name,
        /// The room that the member is about to join, if any.
        room: Option<RoomName>,
    },
    /// The member may not join the hub.
    Refuse {
        /// The member.
        member: MemberId,
        /// The reason.
        reason: CloseReason,
    },
    /// The member has joined a room, which becomes its current room. The member receives the broadcasts to the room
    /// after this effect, and none before it.
    Enter {
        /// The member.
        member: MemberId,
        /// The room.
        room: RoomId,
    },
    /// Another of the member's rooms becomes its current room.
    Turn {
        /// The member.
        member: MemberId,
        /// The new current room.
        room: RoomId,
    },
    /// The member has left a room. The member receives no broadcast to the room after this effect.
    Exit {
        /// The member.
        member: MemberId,
        /// The room.
        room: RoomId,
    },
    /// The hub sends an event to one member: an answer to its command, or a notice.
    Unicast {
        /// The recipient.
        to: MemberId,
        /// The event.
        event: Event,
    },
    /// The hub sends an event to some members, once to each.
    Multicast {
        /// The recipients, without repetition.
        to: Vec<MemberId>,
        /// The event.
        event: Event,
    },
    /// The hub may send a member its own message, as the other members receive it.
    Echo {
        /// The member.
        to: MemberId,
        /// The event.
        event: Event,
    },
    /// The hub answers the moderation that the host application waits for, or reports why the state refused it.
    Answer {
        /// The answer.
        event: Event,
    },
    /// The hub sends its counters, which the state does not know.
    ReplyStats {
        /// The recipient; `None` for the host application, which waits for the answer to its moderation.
        to: Option<MemberId>,
        /// The number of the event.
        number: u64,
    },
    /// The hub sends an event to all members of a room, except to some.
    Broadcast {
        /// The room.
        room: RoomId,
        /// A member that does not receive the event, such as the speaker.
        except: Option<MemberId>,
        /// The members who ignore the sender, and so do not receive the event.
        ignoring: Vec<MemberId>,
        /// The event.
        event: Event,
    },
    /// The member has left the hub, after it has left all its rooms. The member receives nothing after this effect.
    Remove {
        /// The member.
        member: MemberId,
        /// The name that the member had at the end.
        name: Name,
        /// The reason.
        reason: CloseReason,
    },
}
