//! Mutes, and the permission to speak in a room.
//!
//! This module must not know how a restriction matches a member: see [`restrictions`](super::restrictions).

use std::time::Instant;

use super::members::MemberState;
use super::restrictions::{ActiveRestriction, LiftFilter};
use super::rooms::Room;
use super::{Actor, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{Reply, RoomEvent};
use crate::model::mask::Mask;
use crate::model::moderation::{Rank, Term};
use crate::model::name::Target;

impl Step<'_> {
    /// Mutes a member of a room. The mute also covers the member's other nicks and its network.
    pub(super) fn mute(&mut self, by: &Actor, name: &Target, term: Term) -> Outcome {
        let room = self.moderated_room(by)?;
        let (member, _) = self.find_room_member(room, name)?;
        by.check_not_self(member, name)?;
        self.check_not_protected(by, member, name)?;
        let (name, term) = (self.state.members[member].name.clone(), self.representable_term(term));
        let restriction = self.new_restriction(by, Mask::Name(Target::from(&name)), Some(member), &term)?;
        let restriction = ActiveRestriction { applies_to: [member].into_iter().collect(), ..restriction };
        let (limit, now) = (self.state.limits.bans, self.now.instant);
        self.state.rooms[room].mutes.add(restriction, limit, now)?;
        let muted = RoomEvent::Muted { room: self.state.rooms[room].name.clone(), by: self.actor_name(by), name, term };
        self.broadcast(room, None, muted);
        Ok(())
    }

    /// Lifts the mutes with this name, or of the member who has this name now.
    pub(super) fn unmute(&mut self, by: &Actor, name: Target) -> Outcome {
        let room = self.moderated_room(by)?;
        let member = self.state.members.find(name.key());
        let (now, mask) = (self.now.instant, Mask::Name(name.clone()));
        let room_state = &mut self.state.rooms[room];
        let room_name = room_state.name.clone();
        if !room_state.mutes.lift(&LiftFilter { mask: &mask, member, match_networks: false }, now) {
            return Err(CommandError::NotMuted { name, room: room_name });
        }
        let name = member.map_or(name, |member| Target::from(&self.state.members[member].name));
        let unmuted = RoomEvent::Unmuted { room: room_name, by: self.actor_name(by), name };
        self.broadcast(room, None, unmuted);
        Ok(())
    }

    /// Sends the list of a room's mutes to the actor. Only server operators and the host application receive the
    /// networks.
    pub(super) fn list_mutes(&mut self, by: &Actor) -> Outcome {
        let room = self.moderated_room(by)?;
        let with_networks = self.check_server_operator(by).is_ok();
        let room_state = &self.state.rooms[room];
        let mutes = room_state.mutes.list(with_networks, self.now.instant);
        let list = Reply::Mutes { room: room_state.name.clone(), mutes };
        self.answer(by, list);
        Ok(())
    }

    /// Returns whether a member may speak in a room that it is in.
    pub(super) fn may_speak(&self, member: MemberId, room: RoomId) -> bool {
        let (member_state, room_state) = (&self.state.members[member], &self.state.rooms[room]);
        check_may_speak(member, member_state, room_state, self.now.instant).is_ok()
    }

    /// Checks that a member is not muted in a room.
    pub(super) fn check_not_muted(&self, member: MemberId, room: RoomId) -> Outcome {
        check_not_muted(member, &self.state.rooms[room], self.now.instant)
    }
}

/// Checks that a member of a room may send any text to the whole room.
pub(super) fn check_may_speak(member: MemberId, member_state: &MemberState, room: &Room, now: Instant) -> Outcome {
    if member_state.is_server_operator {
        return Ok(());
    }
    if room.modes.moderated && room.rank(member) < Some(Rank::Voiced) {
        return Err(CommandError::NoVoice { room: room.name.clone() });
    }
    check_not_muted(member, room, now)
}

fn check_not_muted(member: MemberId, room: &Room, now: Instant) -> Outcome {
    match room.mutes.applied_to(member, now) {
        Some(mute) => Err(CommandError::Muted { room: room.name.clone(), left: mute.time_left(now) }),
        None => Ok(()),
    }
}
