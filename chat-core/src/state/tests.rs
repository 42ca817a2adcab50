//! Inputs in, effects out.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const ALICE: MemberId = MemberId(1);
const BOB: MemberId = MemberId(2);
const CAROL: MemberId = MemberId(3);

fn nick(name: &str) -> Name {
    Name::Nick(name.parse().expect("a nick"))
}

/// A room with these members.
fn room(members: &[(MemberId, &str)]) -> State {
    let mut state = State::new(Limits { text: 20, ..Limits::default() });
    for &(member, name) in members {
        apply(&mut state, Input::Join { member, name: nick(name) });
    }
    state
}

fn apply(state: &mut State, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.apply(input, &mut effects);
    effects
}

fn tell(to: MemberId, kind: EventKind) -> Effect {
    Effect::Tell { to, event: kind.into() }
}

fn broadcast(except: Option<MemberId>, kind: EventKind) -> Effect {
    Effect::Broadcast { except, event: kind.into() }
}

/// In a room of Alice and Bob, `input` has exactly these effects.
#[track_caller]
fn check(input: Input, effects: &[Effect]) {
    let mut state = room(&[(ALICE, "alice"), (BOB, "bob")]);
    assert_eq!(apply(&mut state, input), effects);
}

#[test]
fn those_who_are_in_hear_of_a_newcomer_and_the_newcomer_does_not() {
    let joined = broadcast(None, EventKind::Joined { name: nick("carol") });
    let admit = Effect::Admit { member: CAROL, name: nick("carol") };
    check(Input::Join { member: CAROL, name: nick("carol") }, &[joined, admit]);
}

#[test]
fn a_taken_nick_is_refused_in_any_case() {
    for name in ["bob", "BOB"] {
        check(Input::Join { member: CAROL, name: nick(name) }, &[Effect::Refuse { member: CAROL }]);
    }
}

#[test]
fn a_taken_address_gets_a_number() {
    let mut state = room(&[]);
    let names: Vec<Effect> = [ALICE, BOB, CAROL]
        .into_iter()
        .flat_map(|member| apply(&mut state, Input::Join { member, name: Name::address("192.0.2.1:7") }))
        .filter(|effect| matches!(effect, Effect::Admit { .. }))
        .collect();
    let admit = |member, address| Effect::Admit { member, name: Name::address(address) };
    assert_eq!(names, [admit(ALICE, "192.0.2.1:7"), admit(BOB, "192.0.2.1:7/2"), admit(CAROL, "192.0.2.1:7/3")]);
}

#[test]
fn all_but_the_speaker_hear_a_text() {
    let said = EventKind::Said { from: nick("alice"), text: "hi".into() };
    check(Input::Command { member: ALICE, command: Command::say("hi") }, &[broadcast(Some(ALICE), said)]);
}

#[test]
fn a_blank_or_too_long_text_is_refused_to_its_speaker_alone() {
    let refused = |error| [tell(ALICE, EventKind::Refused { error })];
    let say = |text: &str| Input::Command { member: ALICE, command: Command::say(text) };
    check(say(" \t"), &refused(CommandError::Blank));
    check(say(&"x".repeat(21)), &refused(CommandError::TooLong { bytes: 21, limit: 20 }));
    let longest = "x".repeat(20);
    let said = EventKind::Said { from: nick("alice"), text: longest.as_str().into() };
    check(say(&longest), &[broadcast(Some(ALICE), said)]);
}

#[test]
fn a_ping_is_answered_to_its_sender_alone() {
    let pong = tell(ALICE, EventKind::Pong { token: "x".into() });
    check(Input::Command { member: ALICE, command: Command::Ping("x".into()) }, &[pong]);
}

#[test]
fn those_who_stay_hear_of_a_leave_and_the_leaver_hears_why_alone() {
    for (input, reason) in [
        (Input::Command { member: ALICE, command: Command::Quit }, CloseReason::Quit),
        (Input::Leave { member: ALICE, reason: CloseReason::TooSlow }, CloseReason::TooSlow),
    ] {
        let name = nick("alice");
        check(
            input,
            &[
                tell(ALICE, EventKind::Closed { reason: reason.clone() }),
                Effect::Remove { member: ALICE, name: name.clone(), reason: reason.clone() },
                broadcast(None, EventKind::Left { name, reason }),
            ],
        );
    }
}

#[test]
fn one_who_is_not_in_the_room_changes_nothing() {
    check(Input::Leave { member: CAROL, reason: CloseReason::Lost }, &[]);
    for command in [Command::say("hi"), Command::Ping("x".into()), Command::Quit] {
        check(Input::Command { member: CAROL, command }, &[]);
    }
}

#[test]
fn those_who_leave_together_do_not_hear_of_each_other() {
    let mut state = room(&[(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")]);
    let reason = CloseReason::ShuttingDown;
    let effects = apply(&mut state, Input::LeaveTogether { members: vec![ALICE, BOB], reason });
    let first_broadcast = effects.iter().position(|effect| matches!(effect, Effect::Broadcast { .. }));
    let last_remove = effects.iter().rposition(|effect| matches!(effect, Effect::Remove { .. }));
    assert!(last_remove < first_broadcast, "{effects:?}");
    assert_eq!(state.roster().map(|(member, _)| member).collect::<Vec<_>>(), [CAROL]);
}

#[test]
fn a_name_is_free_as_soon_as_its_owner_is_gone() {
    let mut state = room(&[(ALICE, "alice")]);
    apply(&mut state, Input::Command { member: ALICE, command: Command::Quit });
    let effects = apply(&mut state, Input::Join { member: BOB, name: nick("Alice") });
    assert!(effects.contains(&Effect::Admit { member: BOB, name: nick("alice") }));
}

/// What the effects so far must have led to, kept the plain way.
#[derive(Default)]
struct Model {
    members: BTreeMap<MemberId, Name>,
    ever: BTreeSet<MemberId>,
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
                }
                Effect::Tell { to, .. } => assert!(self.members.contains_key(to), "{to:?} is in, so it may be told"),
                Effect::Broadcast { except, event } => {
                    if let EventKind::Said { from, .. } = event.kind() {
                        assert_eq!(self.members.get(&except.expect("a text has a speaker")), Some(from));
                    }
                    if let EventKind::Left { name, .. } | EventKind::Joined { name } = event.kind() {
                        assert!(!self.members.values().any(|member| member.key() == name.key()), "{name} hears it");
                    }
                }
                Effect::Refuse { member } => assert!(!self.members.contains_key(member)),
            }
        }
    }
}

fn input() -> impl Strategy<Value = Input> {
    let member = || (0..8_u64).prop_map(MemberId);
    let name = prop_oneof![
        prop::sample::select(vec!["a", "A", "b", "straße", "STRASSE"]).prop_map(nick),
        prop::sample::select(vec!["192.0.2.1:1", "192.0.2.1:2"]).prop_map(Name::address),
    ];
    let command = prop_oneof![
        "[a-z ]{0,25}".prop_map(Command::say),
        "[a-z]{0,3}".prop_map(|token| Command::Ping(token.into())),
        Just(Command::Quit),
    ];
    prop_oneof![
        3 => name.prop_map(|name| Input::Join { member: MemberId(0), name }),
        4 => (member(), command).prop_map(|(member, command)| Input::Command { member, command }),
        2 => member().prop_map(|member| Input::Leave { member, reason: CloseReason::EndOfStream }),
        1 => prop::collection::vec(member(), 0..4)
            .prop_map(|members| Input::LeaveTogether { members, reason: CloseReason::ShuttingDown }),
    ]
}

proptest! {
    #[test]
    fn the_roster_is_the_joins_less_the_leaves(inputs in prop::collection::vec(input(), 0..100)) {
        let mut state = room(&[]);
        let mut model = Model::default();
        for (number, mut input) in (0_u64..).zip(inputs) {
            if let Input::Join { member, .. } = &mut input {
                // A number is never used twice; small ones are those that the other inputs name.
                *member = MemberId(number);
            }
            let effects = apply(&mut state, input);
            model.follow(&effects);
            let roster: BTreeMap<MemberId, Name> = state.roster().map(|(member, name)| (member, name.clone())).collect();
            prop_assert_eq!(&roster, &model.members);
        }
    }
}
