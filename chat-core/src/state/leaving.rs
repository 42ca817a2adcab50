//! How members leave the hub, and who hears of it.

use super::{Effect, MemberId, Outcome, RoomId, Step};
use crate::model::event::{CloseReason, EventKind};
use crate::model::name::{Name, RoomName};
use crate::model::text::Text;

impl Step<'_> {
    /// Nobody is kept by a last word that can't be told.
    pub(super) fn quit(&mut self, member: MemberId, why: Option<Text>) {
        let mut rooms = self.state.members[member].rooms.iter();
        let may_speak = rooms.all(|room| self.may_speak(member, *room));
        let why = why.filter(|why| may_speak && self.check_short(Some(why)).is_ok());
        self.leave(&[member], &CloseReason::Quit(why));
    }

    pub(super) fn leave(&mut self, members: &[MemberId], reason: &CloseReason) {
        let mut gone = Vec::with_capacity(members.len());
        for &member in members {
            let Some(member_state) = self.state.members.get(member) else { continue };
            self.profile = Some(member_state.profile.clone());
            self.tell(member, EventKind::Closed { reason: reason.clone() });
            let member_state = self.state.members.remove(member);
            self.state.members.remember(member_state.name.clone(), member_state.profile.clone(), self.now.date);
            self.state.operators.retain(|other| *other != member);
            for &room in &member_state.rooms {
                self.state.rooms[room].remove(member);
                self.effects.push(Effect::Exit { member, room });
            }
            let (name, reason) = (member_state.name.clone(), reason.clone());
            self.effects.push(Effect::Remove { member, name, reason });
            gone.push(member_state);
        }
        let mut rooms = Vec::new();
        for member_state in gone {
            self.profile = Some(member_state.profile);
            let left = EventKind::Left { name: member_state.name, reason: reason.clone() };
            self.tell_those_in(&member_state.rooms, None, Vec::new(), left);
            rooms.extend(member_state.rooms);
        }
        self.state.rooms.drop_empty(&rooms);
    }

    pub(super) fn part(&mut self, member: MemberId, name: Option<&RoomName>, why: Option<Text>) -> Outcome {
        let room = self.room_of(member, name)?;
        self.check_short(why.as_ref())?;
        self.part_from(member, room, why);
        Ok(())
    }

    pub(super) fn part_from(&mut self, member: MemberId, room: RoomId, why: Option<Text>) {
        let why = why.filter(|_| self.may_speak(member, room));
        let name = self.state.rooms[room].name.clone();
        let (who, current) = self.remove_from_room(member, room);
        self.tell(member, EventKind::Exited { room: name.clone(), why: why.clone(), current });
        self.broadcast(room, None, EventKind::Parted { room: name, name: who, why });
        self.state.rooms.drop_empty(&[room]);
    }

    /// Takes a member out of a room in which it is; what it is called, and its current room then.
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
