//! What goes into the state, and what comes out of it.

use super::{MemberId, RoomId};
use crate::command::Command;
use crate::event::{CloseReason, Event};
use crate::name::Name;

/// What goes into the state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A new member under a name of its choice or by its address. A taken nick is refused; to a taken address a number
    /// is added, since the one who comes from there can't choose another. It enters the hub's first room.
    Join {
        /// The new member. Without effect if it is in already.
        member: MemberId,
        /// What it is to be called.
        name: Name,
        /// Whether it wants to be told what was said in a room before, when it enters it.
        wants_history: bool,
    },
    /// A member asks for something. Without effect if it is not in the hub (any more).
    Command {
        /// Who asks.
        member: MemberId,
        /// For what.
        command: Command,
    },
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
    },
    /// The member can't come in: its name is taken.
    Refuse {
        /// Who.
        member: MemberId,
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
