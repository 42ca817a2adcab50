//! The actors of moderation: a member or the host application.
//!
//! This module must not know what a moderation does, or which rank it needs.

use super::{MemberId, Outcome};
use crate::model::command::CommandError;
use crate::model::name::{RoomName, Target};

/// The origin of a moderation.
#[derive(Debug)]
pub(super) enum Actor {
    /// A member, who moderates its current room or the hub.
    Member(MemberId),
    /// The host application, which moderates this room; the hub if there is no room.
    Server(Option<RoomName>),
}

impl Actor {
    /// Returns whether the actor is this member.
    pub(super) fn is(&self, member: MemberId) -> bool {
        matches!(self, Actor::Member(by) if *by == member)
    }

    /// Checks that the member with this name is not the actor itself.
    pub(super) fn check_not_self(&self, member: MemberId, name: &Target) -> Outcome {
        if self.is(member) { Err(CommandError::TargetIsSelf { name: name.clone() }) } else { Ok(()) }
    }
}
