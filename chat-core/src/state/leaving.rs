//! Leaving the hub, and parting from its rooms.
//!
//! This module must not know how the hub closes a connection.

use super::{Effect, MemberId, Outcome, RoomId, Step};
use crate::model::event::{CloseReason, HubEvent, OwnEvent, RoomEvent};
use crate::model::name::{Name, RoomName};
use crate::model::text::Text;

impl Step<'_> {
    /// Removes a member from the hub at its own request.
    ///
    /// Drops the quit message if it is too long. Also drops it unless the member may speak in all of its rooms.
    pub(super) fn quit(&mut self, member: MemberId, why: Option<Text>) {
        let mut rooms = self.state.members[member].rooms.iter();
        let may_speak = rooms.all(|room| self.may_speak(member, *room));
        let why = why.filter(|why| may_speak && self.check_short(Some(why)).is_ok());
        self.leave(&[member], &CloseReason::Quit(why));
    }

    /// Removes members from the hub. None of them receives the notice that another one has left.
    pub(super) fn leave(&mut self, members: &[MemberId], reason: &CloseReason) {
        let mut removed = Vec::with_capacity(members.len());
        for &member in members {
            let Some(member_state) = self.state.members.get(member) else { continue };
            self.profile = Some(member_state.profile.clone());
            self.notify(member, OwnEvent::Closed { reason: reason.clone() });
            let member_state = self.state.members.remove(member);
            self.state.members.remember(member_state.name.clone(), member_state.profile.clone(), self.now.date);
            self.state.operators.retain(|other| *other != member);
            for &room in &member_state.rooms {
                self.state.rooms[room].remove(member);
                self.effects.push(Effect::Exit { member, room });
            }
            let (name, reason) = (member_state.name.clone(), reason.clone());
            self.effects.push(Effect::Remove { member, name, reason });
            removed.push(member_state);
        }
        let mut rooms = Vec::new();
        for member_state in removed {
            self.profile = Some(member_state.profile);
            let left = HubEvent::Left { name: member_state.name, reason: reason.clone() };
            self.notify_rooms(&member_state.rooms, None, Vec::new(), left);
            rooms.extend(member_state.rooms);
        }
        self.state.rooms.remove_empty(&rooms);
    }

    /// Parts a member from the room `name`, or from its current room.
    pub(super) fn part(&mut self, member: MemberId, name: Option<&RoomName>, why: Option<Text>) -> Outcome {
        let room = self.joined_room(member, name)?;
        self.check_short(why.as_ref())?;
        self.part_room(member, room, why);
        Ok(())
    }

    /// Parts a member from a room that it is in. Drops the part message if the member may not speak there.
    pub(super) fn part_room(&mut self, member: MemberId, room: RoomId, why: Option<Text>) {
        let why = why.filter(|_| self.may_speak(member, room));
        let name = self.state.rooms[room].name.clone();
        let (who, current) = self.remove_from_room(member, room);
        self.notify(member, OwnEvent::Exited { room: name.clone(), why: why.clone(), current });
        self.broadcast(room, None, RoomEvent::Parted { room: name, name: who, why });
        self.state.rooms.remove_empty(&[room]);
    }

    /// Removes a member from a room that it is in, and returns its name and its new current room.
    pub(super) fn remove_from_room(&mut self, member: MemberId, room: RoomId) -> (Name, Option<RoomName>) {
        self.state.rooms[room].remove(member);
        let member_state = self.state.members.get_mut(member);
        member_state.rooms.retain(|other| *other != room);
        let (name, current) = (member_state.name.clone(), member_state.current());
        self.effects.push(Effect::Exit { member, room });
        if let Some(room) = current {
            self.effects.push(Effect::Turn { member, room });
        }
        (name, current.map(|room| self.state.rooms[room].name.clone()))
    }
}
