//! A plain reference model of the state, which checks the state's effects in tests and fuzz targets.
//!
//! This module must not know the rules of the state. It knows only the meaning of effects, and what must always hold.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, MemberId, RoomId, State};
use crate::model::event::{Event, EventKind, HubEvent, OwnEvent, RoomEvent};
use crate::model::name::Name;

/// The members and rooms that result from the effects so far.
#[derive(Default)]
pub(crate) struct Model {
    members: BTreeMap<MemberId, Name>,
    ever: BTreeSet<MemberId>,
    /// The members who receive the broadcasts to each room.
    rooms: BTreeMap<RoomId, BTreeSet<MemberId>>,
    /// Each member's current room.
    current: BTreeMap<MemberId, RoomId>,
    /// The number of the last event.
    last: u64,
}

impl Model {
    /// Applies the effects of one input to the model, and checks each against the effects before it.
    ///
    /// # Panics
    ///
    /// Panics if an effect contradicts the earlier ones.
    pub(crate) fn follow(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Admit { member, name, .. } => {
                    assert!(self.ever.insert(*member), "{member:?} is admitted once");
                    assert!(self.members.values().all(|other| other.key() != name.key()), "{name} is unique");
                    self.members.insert(*member, name.clone());
                }
                Effect::Remove { member, name, .. } => {
                    assert_eq!(self.members.remove(member).as_ref(), Some(name), "{member:?} was in");
                    assert!(self.rooms.values().all(|room| !room.contains(member)), "{member:?} left its rooms");
                }
                Effect::Enter { member, room } => {
                    assert!(self.members.contains_key(member), "only members of the hub join rooms");
                    assert!(self.rooms.entry(*room).or_default().insert(*member), "{member:?} was not in");
                    self.current.insert(*member, *room);
                }
                Effect::Turn { member, room } => {
                    assert!(self.rooms[room].contains(member), "a member speaks in its own rooms");
                    self.current.insert(*member, *room);
                }
                Effect::Exit { member, room } => {
                    assert!(self.rooms.get_mut(room).expect("it was in").remove(member), "{member:?} was in");
                }
                Effect::Unicast { to, event } => {
                    assert!(self.members.contains_key(to), "{to:?} is in the hub, so it may receive events");
                    if let EventKind::Own(OwnEvent::Named { name }) = event.kind() {
                        self.rename(*to, name);
                    }
                    self.check_event(event);
                }
                Effect::Multicast { to, event } => {
                    assert!(to.iter().collect::<BTreeSet<_>>().len() == to.len(), "each recipient gets the event once");
                    for to in to {
                        assert!(self.members.contains_key(to), "{to:?} is in the hub, so it may receive events");
                    }
                    self.check_event(event);
                }
                Effect::Broadcast { room, except, ignoring, event } => {
                    self.check_event(event);
                    let mut recipients = self.rooms.get(room).cloned().unwrap_or_default();
                    recipients.retain(|member| Some(*member) != *except && !ignoring.contains(member));
                    self.check_broadcast(*room, *except, &recipients, event);
                }
                Effect::Refuse { member, .. } => assert!(!self.members.contains_key(member)),
                Effect::ReplyStats { to: Some(to), number } => {
                    assert!(self.members.contains_key(to));
                    assert!(*number > self.last, "numbers grow");
                    self.last = *number;
                }
                Effect::Echo { .. } => {}
                Effect::Answer { .. } | Effect::ReplyStats { to: None, .. } => {
                    panic!("the host application did not moderate")
                }
            }
        }
    }

    /// Checks an event's number and the names in it.
    ///
    /// A number occurs twice only if one event goes to some members and to a room.
    fn check_event(&mut self, event: &Event) {
        assert!(event.number() >= self.last, "numbers grow");
        self.last = event.number();
        if let EventKind::Hub(HubEvent::Renamed { old, new }) = event.kind() {
            let names = || self.members.values();
            assert!(names().any(|name| name == new), "the renamed member gets its event before the others");
            assert!(old == new || names().all(|name| name != old), "no member is called {old} any more");
        }
    }

    fn rename(&mut self, member: MemberId, name: &Name) {
        let mut others = self.members.iter().filter(|(other, _)| **other != member);
        assert!(others.all(|(_, other)| other.key() != name.key()), "{name} is unique");
        self.members.insert(member, name.clone());
    }

    fn check_broadcast(&self, room: RoomId, except: Option<MemberId>, recipients: &BTreeSet<MemberId>, event: &Event) {
        match event.kind() {
            EventKind::Room(RoomEvent::Said { .. }) => {
                // A member who speaks from outside the room does not receive the broadcast anyway.
                if let Some(speaker) = except {
                    assert!(self.rooms[&room].contains(&speaker), "a member speaks in its own rooms");
                }
            }
            EventKind::Room(RoomEvent::Joined { name, .. } | RoomEvent::Parted { name, .. })
            | EventKind::Hub(HubEvent::Left { name, .. }) => {
                let is_recipient = recipients.iter().any(|member| self.members[member].key() == name.key());
                assert!(!is_recipient, "{name} gets no event about itself");
            }
            _ => {}
        }
    }

    /// Checks that the state agrees with its effects.
    ///
    /// # Panics
    ///
    /// Panics if the state does not agree.
    pub(crate) fn check(&mut self, state: &State) {
        for (member, name) in state.roster() {
            assert!(self.members.contains_key(&member), "{name}");
        }
        assert_eq!(state.roster().count(), self.members.len());
        self.rooms.retain(|_, members| !members.is_empty());
        let rooms = state.rooms().map(|(id, _, members)| (id, members.collect::<BTreeSet<_>>()));
        let rooms: BTreeMap<_, _> = rooms.filter(|(_, members)| !members.is_empty()).collect();
        assert_eq!(&rooms, &self.rooms);
        for (id, room) in state.rooms.iter() {
            let restricted = room.mutes.applied_members().chain(room.bans.applied_members());
            assert!(
                restricted.copied().all(|member| room.contains(member)),
                "restrictions apply to members of {id:?} only"
            );
        }
        for operator in &state.operators {
            assert!(state.members[*operator].is_server_operator);
        }
        let server_operators = state.members.iter().filter(|(id, _)| state.members[*id].is_server_operator).count();
        assert_eq!(state.operators.len(), server_operators);
        let names: BTreeSet<_> = state.roster().map(|(_, name)| name.key().to_owned()).collect();
        assert_eq!(names.len(), self.members.len(), "names are unique");
    }
}
