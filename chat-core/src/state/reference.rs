//! A plain model of the state, which follows its effects and checks them: for tests and fuzzing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, MemberId, RoomId, State};
use crate::model::event::{Event, EventKind};
use crate::model::name::Name;

/// What the effects so far must have led to, kept the plain way.
#[derive(Default)]
pub(crate) struct Model {
    members: BTreeMap<MemberId, Name>,
    ever: BTreeSet<MemberId>,
    /// Who hears which room.
    rooms: BTreeMap<RoomId, BTreeSet<MemberId>>,
    /// The room in which each speaks.
    current: BTreeMap<MemberId, RoomId>,
    /// The number of the last event.
    last: u64,
}

impl Model {
    /// Follows the effects of one input, and checks that they go with what was before.
    ///
    /// # Panics
    ///
    /// When they do not.
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
                    assert!(self.members.contains_key(member), "only a member enters a room");
                    assert!(self.rooms.entry(*room).or_default().insert(*member), "{member:?} was not in");
                    self.current.insert(*member, *room);
                }
                Effect::Turn { member, room } => {
                    assert!(self.rooms[room].contains(member), "one speaks where one is");
                    self.current.insert(*member, *room);
                }
                Effect::Exit { member, room } => {
                    assert!(self.rooms.get_mut(room).expect("it was in").remove(member), "{member:?} was in");
                }
                Effect::Tell { to, event } => {
                    assert!(to.iter().collect::<BTreeSet<_>>().len() == to.len(), "each is told once");
                    for to in to {
                        assert!(self.members.contains_key(to), "{to:?} is in, so it may be told");
                        if let EventKind::Named { name } = event.kind() {
                            self.rename(*to, name);
                        }
                    }
                    self.hear(event);
                }
                Effect::Broadcast { room, except, ignoring, event } => {
                    self.hear(event);
                    let mut hearers = self.rooms.get(room).cloned().unwrap_or_default();
                    hearers.retain(|member| Some(*member) != *except && !ignoring.contains(member));
                    self.check_broadcast(*room, *except, &hearers, event);
                }
                Effect::Refuse { member, .. } => assert!(!self.members.contains_key(member)),
                Effect::ReplyStats { to: Some(to), number } => {
                    assert!(self.members.contains_key(to));
                    assert!(*number > self.last, "numbers grow");
                    self.last = *number;
                }
                Effect::Echo { .. } => {}
                Effect::Answer { .. } | Effect::ReplyStats { to: None, .. } => panic!("nobody gave an order"),
            }
        }
    }

    /// One event may be told to some alone and to a room; else each has its own number.
    fn hear(&mut self, event: &Event) {
        assert!(event.number() >= self.last, "numbers grow");
        self.last = event.number();
        if let EventKind::Renamed { old, new } = event.kind() {
            let names = || self.members.values();
            assert!(names().any(|name| name == new), "the renamed one was told before the others");
            assert!(old == new || names().all(|name| name != old), "nobody is called {old} any more");
        }
    }

    fn rename(&mut self, member: MemberId, name: &Name) {
        let mut others = self.members.iter().filter(|(other, _)| **other != member);
        assert!(others.all(|(_, other)| other.key() != name.key()), "{name} is unique");
        self.members.insert(member, name.clone());
    }

    fn check_broadcast(&self, room: RoomId, except: Option<MemberId>, hearers: &BTreeSet<MemberId>, event: &Event) {
        match event.kind() {
            EventKind::Said { .. } => {
                // Who speaks from outside hears nothing of the room anyway.
                if let Some(speaker) = except {
                    assert!(self.rooms[&room].contains(&speaker), "one speaks where one is");
                }
            }
            EventKind::Joined { name, .. } | EventKind::Parted { name, .. } | EventKind::Left { name, .. } => {
                let hears = hearers.iter().any(|member| self.members[member].key() == name.key());
                assert!(!hears, "{name} does not hear of itself");
            }
            _ => {}
        }
    }

    /// Checks that the state is what its effects led to.
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
            let held = room.mutes.held().chain(room.bans.held());
            assert!(held.copied().all(|member| room.contains(member)), "those who are held are in {id:?}");
        }
        for operator in &state.operators {
            assert!(state.members[*operator].operates);
        }
        let operating = state.members.iter().filter(|(id, _)| state.members[*id].operates).count();
        assert_eq!(state.operators.len(), operating);
        let names: BTreeSet<_> = state.roster().map(|(_, name)| name.key().to_owned()).collect();
        assert_eq!(names.len(), self.members.len(), "names are unique");
    }
}
