//! Who may not speak.

use std::time::Instant;

use super::members::MemberState;
use super::restrictions::{ActiveRestriction, Lifted};
use super::rooms::Room;
use super::{Actor, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::EventKind;
use crate::model::mask::Mask;
use crate::model::moderation::{Rank, Term};
use crate::model::name::Target;

impl Step<'_> {
    pub(super) fn mute(&mut self, by: &Actor, name: &Target, term: Term) -> Outcome {
        let room = self.room_under(by)?;
        let (member, _) = self.member_of(room, name)?;
        by.check_another(member, name)?;
        self.check_not_protected(by, member, name)?;
        let (name, term) = (self.state.members[member].name.clone(), self.within_time(term));
        let restriction = self.restriction(by, Mask::Name(Target::from(&name)), Some(member), &term)?;
        let restriction = ActiveRestriction { held: [member].into_iter().collect(), ..restriction };
        let (limit, now) = (self.state.limits.bans, self.now.instant);
        self.state.rooms[room].mutes.add(restriction, limit, now)?;
        let muted = EventKind::Muted { room: self.state.rooms[room].name.clone(), by: self.name_of(by), name, term };
        self.broadcast(room, None, muted);
        Ok(())
    }

    pub(super) fn unmute(&mut self, by: &Actor, name: Target) -> Outcome {
        let room = self.room_under(by)?;
        let member = self.state.members.find(name.key());
        let (now, mask) = (self.now.instant, Mask::Name(name.clone()));
        let place = &mut self.state.rooms[room];
        let room_name = place.name.clone();
        if !place.mutes.lift(&Lifted { mask: &mask, member, by_networks: false }, now) {
            return Err(CommandError::NotMuted { name, room: room_name });
        }
        let name = member.map_or(name, |member| Target::from(&self.state.members[member].name));
        let unmuted = EventKind::Unmuted { room: room_name, by: self.name_of(by), name };
        self.broadcast(room, None, unmuted);
        Ok(())
    }

    pub(super) fn mutes(&mut self, by: &Actor) -> Outcome {
        let room = self.room_under(by)?;
        let with_networks = self.check_server_operator(by).is_ok();
        let place = &self.state.rooms[room];
        let mutes = place.mutes.list(with_networks, self.now.instant);
        let told = EventKind::Mutes { room: place.name.clone(), mutes };
        self.answer(by, told);
        Ok(())
    }

    /// Whether a member may say something in a room in which it is.
    pub(super) fn may_speak(&self, member: MemberId, room: RoomId) -> bool {
        let (member_state, place) = (&self.state.members[member], &self.state.rooms[room]);
        check_may_speak(member, member_state, place, self.now.instant).is_ok()
    }

    /// Whether a member is not muted in a room.
    pub(super) fn check_not_muted(&self, member: MemberId, room: RoomId) -> Outcome {
        check_not_muted(member, &self.state.rooms[room], self.now.instant)
    }
}

/// Whether somebody who is in a room may say something in it that all hear, whatever way it takes.
pub(super) fn check_may_speak(member: MemberId, member_state: &MemberState, room: &Room, now: Instant) -> Outcome {
    if member_state.operates {
        return Ok(());
    }
    if room.modes.moderated && room.rank(member) < Some(Rank::Voiced) {
        return Err(CommandError::NoVoice { room: room.name.clone() });
    }
    check_not_muted(member, room, now)
}

fn check_not_muted(member: MemberId, room: &Room, now: Instant) -> Outcome {
    match room.mutes.holding(member, now) {
        Some(mute) => Err(CommandError::Muted { room: room.name.clone(), left: mute.left(now) }),
        None => Ok(()),
    }
}
