//! To whom events go.

use super::moderation::Actor;
use super::{Effect, MemberId, RoomId, Step};
use crate::model::event::{Event, EventKind};

impl Step<'_> {
    pub(super) fn event(&mut self, kind: EventKind) -> Event {
        self.state.events += 1;
        Event::by(self.profile.clone(), self.state.events, self.now.date, kind)
    }

    pub(super) fn tell(&mut self, to: MemberId, kind: EventKind) {
        self.tell_all(vec![to], kind);
    }

    /// Tells members, in the order in which they came.
    pub(super) fn tell_each(&mut self, mut to: Vec<MemberId>, kind: EventKind) {
        to.sort_unstable();
        self.tell_all(to, kind);
    }

    pub(super) fn tell_all(&mut self, to: Vec<MemberId>, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Tell { to, event });
    }

    pub(super) fn broadcast(&mut self, room: RoomId, except: Option<MemberId>, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Broadcast { room, except, ignoring: Vec::new(), event });
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

    /// Also when there are none: it is an event all the same.
    pub(super) fn tell_operators(&mut self, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Tell { to: self.state.operators.clone(), event });
    }

    /// Tells the room, or the server operators of what concerns the whole hub.
    pub(super) fn tell_scope(&mut self, room: Option<RoomId>, kind: EventKind) {
        match room {
            Some(room) => self.broadcast(room, None, kind),
            None => self.tell_operators(kind),
        }
    }

    /// Tells the one who decides.
    pub(super) fn answer(&mut self, by: &Actor, kind: EventKind) {
        match by {
            Actor::Member(member) => self.tell(*member, kind),
            Actor::Server(_) => {
                let event = self.event(kind);
                self.effects.push(Effect::Answer { event });
            }
        }
    }
}
