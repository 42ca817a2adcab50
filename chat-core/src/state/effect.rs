//! What goes into the state, and what comes out of it.

use core::net::IpAddr;

use super::{MemberId, RoomId};
use crate::model::command::Command;
use crate::model::event::{CloseReason, Event};
use crate::model::moderation::Moderation;
use crate::model::name::{Name, RoomName};
use crate::model::password::Password;
use crate::model::profile::Profile;
use crate::model::text::Text;

/// What goes into the state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// Somebody comes in. Refused, if its nick is taken, if it is banned from the hub, or if it may not enter the room in
    /// which it is to begin.
    Join {
        /// The new member. Without effect if it is in already.
        member: MemberId,
        /// Who it is.
        request: Box<JoinRequest>,
    },
    /// A member asks for something. Without effect if it is not in the hub (any more).
    Command {
        /// Who asks.
        member: MemberId,
        /// For what.
        command: Command,
    },
    /// The program that the hub is in decides something: about a room, or about the whole hub.
    Moderate {
        /// The room that it is about, unless it is about the whole hub.
        room: Option<RoomName>,
        /// What.
        moderation: Box<Moderation>,
    },
    /// The host application changes a setting.
    Set(Setting),
    /// A member is gone or must go. Without effect if it is not in the hub (any more).
    Leave {
        /// Who.
        member: MemberId,
        /// Why.
        reason: CloseReason,
    },
    /// Several members must go at once: none of them hears of the others' leaving.
    LeaveTogether {
        /// Who.
        members: Vec<MemberId>,
        /// Why.
        reason: CloseReason,
    },
}

/// A setting of a hub that may change while the hub runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Setting {
    /// The password of server operators; without one nobody can become one. Those who are server operators stay so.
    OperatorPassword(Option<Password>),
    /// The message of the day, by lines.
    Motd(Vec<Text>),
}

/// Somebody who comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRequest {
    /// What it is to be called. To an address that is taken a number is added, since the one who comes from there can't
    /// choose another.
    pub name: Name,
    /// Where it comes from, unless it is in this process.
    pub address: Option<IpAddr>,
    /// The room in which it begins, if any, whatever the modes of that are, and which is made if there is none.
    pub room: Option<RoomName>,
    /// Whether it comes in even if it is banned from that room; it is told so, and in no room then.
    pub may_be_nowhere: bool,
    /// What is told about it.
    pub profile: Profile,
    /// Whether it wants to be told what was said in a room before, when it enters it.
    pub wants_history: bool,
    /// Whether it is told who is in a room when it enters it, and all lists whole.
    pub keeps_lists: bool,
}

impl JoinRequest {
    /// Somebody in this process, who is to be in that room or not at all, and wants to be told what was said before.
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

    /// As [`new`](Self::new), in the first room of the hubs of tests.
    #[cfg(test)]
    pub(crate) fn in_lobby(name: Name) -> JoinRequest {
        JoinRequest::new(name, "lobby".parse().expect("a room's name"))
    }
}

/// What follows. Effects are in the order in which members must notice them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The member is in the hub, and may be told something.
    Admit {
        /// Who.
        member: MemberId,
        /// What it is called.
        name: Name,
        /// The room that it is about to enter, if any.
        room: Option<RoomName>,
    },
    /// The member can't come in.
    Refuse {
        /// Who.
        member: MemberId,
        /// Why not.
        reason: CloseReason,
    },
    /// The member is in a room: it hears every broadcast to it after this, none before. The room is its current one.
    Enter {
        /// Who.
        member: MemberId,
        /// Where.
        room: RoomId,
    },
    /// The member's current room, if any, is another from now on: one in which it is already.
    Turn {
        /// Who.
        member: MemberId,
        /// To which room.
        room: RoomId,
    },
    /// The member is out of a room: it hears no broadcast to it after this.
    Exit {
        /// Who.
        member: MemberId,
        /// Where.
        room: RoomId,
    },
    /// Some members are told something, each once.
    Tell {
        /// Who.
        to: Vec<MemberId>,
        /// What.
        event: Event,
    },
    /// A member may be told what it said itself, as the others are told.
    Echo {
        /// Who.
        to: MemberId,
        /// What.
        event: Event,
    },
    /// The program that gave the order at hand is told something: the answer to it, or why it was refused.
    Answer {
        /// What.
        event: Event,
    },
    /// Somebody is told what was counted: what that is, the state does not know.
    ReplyStats {
        /// Who; else the program that gave the order at hand.
        to: Option<MemberId>,
        /// The number of the event.
        number: u64,
    },
    /// Everybody in a room is told something.
    Broadcast {
        /// Where.
        room: RoomId,
        /// But not this member,
        except: Option<MemberId>,
        /// nor these, who don't want to hear it.
        ignoring: Vec<MemberId>,
        /// What.
        event: Event,
    },
    /// The member is out: it hears what came before this, nothing after. It has left its rooms before.
    Remove {
        /// Who.
        member: MemberId,
        /// What it was called.
        name: Name,
        /// Why.
        reason: CloseReason,
    },
}
