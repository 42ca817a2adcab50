//! Any inputs in any order, against what the effects say must have happened.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// What the effects so far must have led to, kept the plain way.
#[derive(Default)]
struct Model {
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
    fn follow(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Admit { member, name } => {
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
                Effect::TellStats { to: Some(to), number } => {
                    assert!(self.members.contains_key(to));
                    assert!(*number > self.last, "numbers grow");
                    self.last = *number;
                }
                Effect::Answer { .. } | Effect::TellStats { to: None, .. } => panic!("nobody gave an order"),
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
            EventKind::Said { .. } | EventKind::Acted { .. } => {
                let speaker = except.expect("a text has a speaker");
                assert_eq!(self.current.get(&speaker), Some(&room), "one speaks in the current room");
                assert!(self.rooms[&room].contains(&speaker), "one speaks where one is");
            }
            EventKind::Joined { name, .. } | EventKind::Parted { name, .. } | EventKind::Left { name, .. } => {
                let hears = hearers.iter().any(|member| self.members[member].key() == name.key());
                assert!(!hears, "{name} does not hear of itself");
            }
            _ => {}
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "A", "b", "straße", "STRASSE", "c"]);
    let mask = || prop::sample::select(vec!["a", "b", "c", "?", "192.0.2.3", "192.0.2.0/29", "192.0.2.1:1"]);
    let room = || prop::sample::select(vec!["#lobby", "#x", "#X", "#y", "#z", "#w"]);
    prop_oneof![
        4 => "[a-z]{1,25}",
        2 => room().prop_map(|room| format!("/join {room}")),
        2 => room().prop_map(|room| format!("/part {room}")),
        2 => name().prop_map(|name| format!("/nick {name}")),
        1 => name().prop_map(|name| format!("/msg {name} hi")),
        1 => name().prop_map(|name| format!("/ignore {name}")),
        1 => name().prop_map(|name| format!("/unignore {name}")),
        1 => name().prop_map(|name| format!("/whois {name}")),
        1 => name().prop_map(|name| format!("/kick {name}")),
        1 => name().prop_map(|name| format!("/op {name}")),
        1 => name().prop_map(|name| format!("/deop {name}")),
        1 => name().prop_map(|name| format!("/invite {name}")),
        1 => prop::sample::select(vec!["+i", "-i", "+m", "-m", "+k x", "-k", "+l 1", "-l"])
            .prop_map(|mode| format!("/mode {mode}")),
        1 => prop::sample::select(vec!["/part", "/rooms", "/who", "/topic x", "/topic", "/history", "/away x", "/away", "/me x"])
            .prop_map(str::to_owned),
        2 => (prop::sample::select(vec!["ban", "mute", "serverban"]), mask(), prop::sample::select(vec!["", " 20s", " x"]))
            .prop_map(|(order, mask, time)| format!("/{order} {mask}{time}")),
        1 => (prop::sample::select(vec!["unban", "unmute", "serverunban", "kill"]), mask())
            .prop_map(|(order, mask)| format!("/{order} {mask}")),
        1 => prop::sample::select(vec!["/oper sesame", "/oper x", "/bans", "/serverbans", "/announce x", "/topic -", "/stats"])
            .prop_map(str::to_owned),
        1 => Just("/quit".to_owned()),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Join(Name),
    Ask(MemberId, String),
    Leave(Vec<MemberId>),
}

fn step() -> impl Strategy<Value = Step> {
    let member = || (0..8_u64).prop_map(MemberId);
    let name = prop_oneof![
        prop::sample::select(vec!["a", "A", "b", "straße", "STRASSE"]).prop_map(nick),
        prop::sample::select(vec!["192.0.2.1:1", "192.0.2.1:2"]).prop_map(Name::address),
    ];
    prop_oneof![
        2 => name.prop_map(Step::Join),
        8 => (member(), line()).prop_map(|(member, line)| Step::Ask(member, line)),
        1 => prop::collection::vec(member(), 0..4).prop_map(Step::Leave),
    ]
}

proptest! {
    #[test]
    fn rosters_are_the_joins_less_the_leaves(steps in prop::collection::vec(step(), 0..120)) {
        let mut state = hub(&[]);
        let mut model = Model::default();
        for (number, step) in (0_u64..).zip(steps) {
            let effects = match step {
                // A number is never used twice; small ones are those that the other steps name.
                Step::Join(name) => apply(&mut state, join(MemberId(number), name)),
                Step::Ask(member, line) => ask(&mut state, member, &format!("@{number} {line}")),
                Step::Leave(members) if members.len() == 1 => {
                    apply(&mut state, Input::Leave { member: members[0], reason: CloseReason::EndOfStream })
                }
                Step::Leave(members) => {
                    apply(&mut state, Input::LeaveTogether { members, reason: CloseReason::ShuttingDown })
                }
            };
            model.follow(&effects);
            for (member, name) in state.roster() {
                prop_assert!(model.members.contains_key(&member), "{name}");
            }
            prop_assert_eq!(state.roster().count(), model.members.len());
            model.rooms.retain(|_, members| !members.is_empty());
            let rooms = state.rooms().map(|(id, _, members)| (id, members.collect::<BTreeSet<_>>()));
            let rooms: BTreeMap<_, _> = rooms.filter(|(_, members)| !members.is_empty()).collect();
            prop_assert_eq!(&rooms, &model.rooms);
            for (id, room) in state.rooms.iter() {
                let held = room.mutes.held().chain(room.bans.held());
                prop_assert!(held.copied().all(|member| room.contains(member)), "those who are held are in {id:?}");
            }
            for operator in &state.operators {
                prop_assert!(state.people[*operator].operates);
            }
            prop_assert_eq!(state.operators.len(), state.people.iter().filter(|(id, _)| state.people[*id].operates).count());
            let names: BTreeSet<_> = state.roster().map(|(_, name)| name.key().to_owned()).collect();
            prop_assert_eq!(names.len(), model.members.len(), "names are unique");
        }
    }
}
