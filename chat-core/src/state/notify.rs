//! Sending events: to members, to rooms, to server operators, and to the host application.
//!
//! This module must not know why an event occurs.

use super::actor::Actor;
use super::{Effect, MemberId, RoomId, Step};
use crate::model::event::{Event, EventKind};

impl Step<'_> {
    /// Returns a new event, with the next number, the date, and the acting member's profile.
    pub(super) fn event(&mut self, kind: impl Into<EventKind>) -> Event {
        self.state.events += 1;
        Event::by(self.profile.clone(), self.state.events, self.now.date, kind)
    }

    /// Sends an event to one member.
    pub(super) fn notify(&mut self, to: MemberId, kind: impl Into<EventKind>) {
        let event = self.event(kind);
        self.effects.push(Effect::Unicast { to, event });
    }

    /// Sends an event to members in the order of their numbers, so that the same inputs have the same effects.
    pub(super) fn notify_sorted(&mut self, mut to: Vec<MemberId>, kind: impl Into<EventKind>) {
        to.sort_unstable();
        self.notify_all(to, kind);
    }

    /// Sends an event to members in the given order.
    pub(super) fn notify_all(&mut self, to: Vec<MemberId>, kind: impl Into<EventKind>) {
        let event = self.event(kind);
        self.effects.push(Effect::Multicast { to, event });
    }

    /// Sends an event to all members of a room except one.
    pub(super) fn broadcast(&mut self, room: RoomId, except: Option<MemberId>, kind: impl Into<EventKind>) {
        let event = self.event(kind);
        self.effects.push(Effect::Broadcast { room, except, ignoring: Vec::new(), event });
    }

    /// Sends an event once to each member of these rooms, except to `except` and to the members in `ignoring`.
    ///
    /// The largest room gets a broadcast; the members who are not in it get the event one by one.
    pub(super) fn notify_rooms(
        &mut self,
        rooms: &[RoomId],
        except: Option<MemberId>,
        ignoring: Vec<MemberId>,
        kind: impl Into<EventKind>,
    ) {
        let all = &self.state.rooms;
        let Some(&largest) = rooms.iter().max_by_key(|room| all[**room].len()) else { return };
        let mut others: Vec<MemberId> = Vec::new();
        for room in rooms.iter().filter(|room| **room != largest) {
            let is_recipient = |member: &MemberId| {
                !all[largest].contains(*member) && Some(*member) != except && !ignoring.contains(member)
            };
            others.extend(all[*room].members().filter(is_recipient));
        }
        others.sort_unstable();
        others.dedup();
        let event = self.event(kind);
        if !others.is_empty() {
            self.effects.push(Effect::Multicast { to: others, event: event.clone() });
        }
        self.effects.push(Effect::Broadcast { room: largest, except, ignoring, event });
    }

    /// Sends an event to all server operators. The event gets a number even if there are none.
    pub(super) fn notify_operators(&mut self, kind: impl Into<EventKind>) {
        let event = self.event(kind);
        self.effects.push(Effect::Multicast { to: self.state.operators.clone(), event });
    }

    /// Sends the answer to the actor: a member, or the host application.
    pub(super) fn answer(&mut self, by: &Actor, kind: impl Into<EventKind>) {
        match by {
            Actor::Member(member) => self.notify(*member, kind),
            Actor::Server(_) => {
                let event = self.event(kind);
                self.effects.push(Effect::Answer { event });
            }
        }
    }
}
