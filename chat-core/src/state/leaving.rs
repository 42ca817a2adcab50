//! How members leave the hub, and who hears of it.

use super::{Effect, MemberId, RoomId, Step};
use crate::model::event::{CloseReason, EventKind};
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

    /// Tells everybody in these rooms but those who don't want to hear it, and each only once: by a broadcast to the
    /// largest, and the others one by one.
    pub(super) fn tell_those_in(
        &mut self,
        rooms: &[RoomId],
        except: Option<MemberId>,
        ignoring: Vec<MemberId>,
        kind: EventKind,
    ) {
        let all = &self.state.rooms;
        let Some(&largest) = rooms.iter().max_by_key(|room| all[**room].len()) else { return };
        let mut others: Vec<MemberId> = Vec::new();
        for room in rooms.iter().filter(|room| **room != largest) {
            let is_told = |member: &MemberId| {
                !all[largest].contains(*member) && Some(*member) != except && !ignoring.contains(member)
            };
            others.extend(all[*room].members().filter(is_told));
        }
        others.sort_unstable();
        others.dedup();
        let event = self.event(kind);
        if !others.is_empty() {
            self.effects.push(Effect::Tell { to: others, event: event.clone() });
        }
        self.effects.push(Effect::Broadcast { room: largest, except, ignoring, event });
    }
}
