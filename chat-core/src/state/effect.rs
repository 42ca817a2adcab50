//! The inputs and the effects of the state.
//!
//! This module must not know how the state gets from the ones to the others, nor who delivers an effect.

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
    /// A new member joins the hub. The state refuses it if its nick is taken, if a ban from the hub matches it, or if
    /// it may not join its first room.
    Join {
        /// The new member. The input has no effect if it is in the hub already.
        member: MemberId,
        /// Its name, address and wishes.
        request: Box<JoinRequest>,
    },
    /// A member sends a command. The input has no effect if the member is not in the hub (any more).
    Command {
        /// The member.
        member: MemberId,
        /// Its command.
        command: Command,
    },
    /// The host application moderates a room or the whole hub.
    Moderate {
        /// The room that it moderates; `None` for what concerns the whole hub.
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
    /// The password of server operators; without one, no member can become one. Present server operators stay so.
    OperatorPassword(Option<Password>),
    /// The lines of the message of the day.
    Motd(Vec<Text>),
}

/// A new member's request to join the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRequest {
    /// The name that it asks for. The state appends a number to an address that is taken, since the client did not
    /// choose it.
    pub name: Name,
    /// Its IP address; `None` for a member in this process.
    pub address: Option<IpAddr>,
    /// Its first room, if any. The state creates the room if it does not exist; the room's modes do not apply.
    pub room: Option<RoomName>,
    /// Whether it joins the hub even if it is banned from its first room. It is in no room then, and receives the
    /// refusal.
    pub may_be_nowhere: bool,
    /// What other members may know about it.
    pub profile: Profile,
    /// Whether it wants the history of a room that it joins.
    pub wants_history: bool,
    /// Whether it gets the list of members of a room that it joins, and all lists without a limit.
    pub keeps_lists: bool,
}

impl JoinRequest {
    /// Creates the request of a member in this process, which wants the room's history.
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
        /// Its name.
        name: Name,
        /// The room that it is about to join, if any.
        room: Option<RoomName>,
    },
    /// The member may not join the hub.
    Refuse {
        /// The member.
        member: MemberId,
        /// The reason.
        reason: CloseReason,
    },
    /// The member has joined a room: it receives the broadcasts to it after this effect, and none before. The room
    /// becomes its current room.
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
    /// The member has left a room: it receives no broadcast to it after this effect.
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
    /// The hub answers the host application's moderation at hand, or reports why it is refused.
    Answer {
        /// The answer.
        event: Event,
    },
    /// The hub sends its counters, which the state does not know.
    ReplyStats {
        /// The recipient; `None` for the host application, in answer to its moderation at hand.
        to: Option<MemberId>,
        /// The number of the event.
        number: u64,
    },
    /// The hub sends an event to all members of a room, except to some.
    Broadcast {
        /// The room.
        room: RoomId,
        /// A member that does not receive it, such as the speaker.
        except: Option<MemberId>,
        /// The members who ignore its sender, and do not receive it.
        ignoring: Vec<MemberId>,
        /// The event.
        event: Event,
    },
    /// The member has left the hub: it receives nothing after this effect. It has left its rooms before.
    Remove {
        /// The member.
        member: MemberId,
        /// Its last name.
        name: Name,
        /// The reason.
        reason: CloseReason,
    },
}
