//! Exceptions to a room's rules: ban exceptions (`+e`) and invite exceptions (`+I`).
//!
//! This module must not know when a rule applies: see [`joining`](super::joining) and [`bans`](super::bans).

use super::restrictions::{LiftFilter, Restrictions};
use super::{Actor, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{Reply, RoomEvent};
use crate::model::mask::Mask;
use crate::model::moderation::{ExceptionKind, Term};

impl Step<'_> {
    /// Adds an exception to a room, and announces it there.
    pub(super) fn add_exception(&mut self, by: &Actor, from: ExceptionKind, mask: Mask) -> Outcome {
        let room = self.moderated_room(by)?;
        if mask.network().is_some() {
            self.check_may_see_addresses(by)?;
        }
        if let Mask::Name(name) = &mask {
            self.check_possible_name(name)?;
        }
        let (limit, now, name) = (self.state.limits.bans, self.now.instant, self.actor_name(by));
        let exception = self.new_restriction(by, mask.clone(), None, &Term::default())?;
        self.exceptions_mut(room, from).add(exception, limit, now)?;
        let room_name = self.state.rooms[room].name.clone();
        self.broadcast(room, None, RoomEvent::ExceptionAdded { room: room_name, by: name, from, mask });
        Ok(())
    }

    /// Removes an exception from a room, and announces it there.
    pub(super) fn remove_exception(&mut self, by: &Actor, from: ExceptionKind, mask: Mask) -> Outcome {
        let room = self.moderated_room(by)?;
        let (now, name, room_name) = (self.now.instant, self.actor_name(by), self.state.rooms[room].name.clone());
        let lifted = LiftFilter { mask: &mask, member: None, match_networks: false };
        if !self.exceptions_mut(room, from).lift(&lifted, now) {
            return Err(CommandError::NoSuchException { mask, from, room: room_name });
        }
        self.broadcast(room, None, RoomEvent::ExceptionRemoved { room: room_name, by: name, from, mask });
        Ok(())
    }

    /// Sends the list of a room's exceptions to the actor. Any member of the room may ask.
    pub(super) fn list_exceptions(&mut self, by: &Actor, from: ExceptionKind) -> Outcome {
        let (room, now) = (self.actor_room(by)?, self.now.instant);
        let masks = self.exceptions_mut(room, from).list(false, now);
        self.answer(by, Reply::Exceptions { room: self.state.rooms[room].name.clone(), from, masks });
        Ok(())
    }

    /// Returns the exceptions of one kind in a room.
    fn exceptions_mut(&mut self, room: RoomId, from: ExceptionKind) -> &mut Restrictions {
        let room = &mut self.state.rooms[room];
        match from {
            ExceptionKind::Ban => &mut room.ban_exceptions,
            ExceptionKind::Invite => &mut room.invite_exceptions,
        }
    }
}
