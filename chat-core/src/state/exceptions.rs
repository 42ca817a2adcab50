//! For whom the rules of a room do not count.

use super::restrictions::{Lifted, Restrictions};
use super::{Actor, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::EventKind;
use crate::model::mask::Mask;
use crate::model::moderation::{ExceptionKind, Term};

impl Step<'_> {
    pub(super) fn exempt(&mut self, by: &Actor, from: ExceptionKind, mask: Mask) -> Outcome {
        let room = self.room_under(by)?;
        if mask.network().is_some() {
            self.check_may_use_addresses(by)?;
        }
        if let Mask::Name(name) = &mask {
            self.check_may_be_a_name(name)?;
        }
        let (limit, now, name) = (self.state.limits.bans, self.now.instant, self.name_of(by));
        let exemption = self.restriction(by, mask.clone(), None, &Term::default())?;
        self.exempt_mut(room, from).add(exemption, limit, now)?;
        let room_name = self.state.rooms[room].name.clone();
        self.broadcast(room, None, EventKind::ExceptionAdded { room: room_name, by: name, from, mask });
        Ok(())
    }

    pub(super) fn unexempt(&mut self, by: &Actor, from: ExceptionKind, mask: Mask) -> Outcome {
        let room = self.room_under(by)?;
        let (now, name, room_name) = (self.now.instant, self.name_of(by), self.state.rooms[room].name.clone());
        let lifted = Lifted { mask: &mask, member: None, by_networks: false };
        if !self.exempt_mut(room, from).lift(&lifted, now) {
            return Err(CommandError::NoSuchException { mask, from, room: room_name });
        }
        self.broadcast(room, None, EventKind::ExceptionRemoved { room: room_name, by: name, from, mask });
        Ok(())
    }

    pub(super) fn exemptions(&mut self, by: &Actor, from: ExceptionKind) -> Outcome {
        let (room, now) = (self.room_meant(by)?, self.now.instant);
        let masks = self.exempt_mut(room, from).list(false, now);
        self.answer(by, EventKind::Exceptions { room: self.state.rooms[room].name.clone(), from, masks });
        Ok(())
    }

    fn exempt_mut(&mut self, room: RoomId, from: ExceptionKind) -> &mut Restrictions {
        let room = &mut self.state.rooms[room];
        match from {
            ExceptionKind::Ban => &mut room.unbannable,
            ExceptionKind::Invite => &mut room.invited,
        }
    }
}
