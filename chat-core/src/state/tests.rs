//! Tests of the state: inputs in, effects out. Events are compared in their plain-line form.

mod bans;
mod moderation;
mod names;
mod operators;
mod outside;
mod policy;
mod reference;
mod rooms;

use std::sync::OnceLock;
use std::time::Duration;

use super::*;
use crate::model::event::{CloseReason, Event};
use crate::model::message::Message;
use crate::model::name::{Nick, Target};
use crate::protocol::line::Line;
use crate::session::Session as _;

const ALICE: MemberId = MemberId(1);
const BOB: MemberId = MemberId(2);
const CAROL: MemberId = MemberId(3);
const DAVE: MemberId = MemberId(4);
/// The host application: its commands are moderation without a member.
const SERVER: MemberId = MemberId(u64::MAX);

fn nick(name: &str) -> Name {
    Name::Nick(name.parse().expect("a nick"))
}

/// Returns a hub with these members, all in its home room, which has number 1.
fn hub(members: &[(MemberId, &str)]) -> State {
    let mut limits = Limits { text: 20, ..Limits::default() };
    (limits.topic, limits.rooms, limits.rooms_per_member, limits.members_per_room) = (20, 4, 3, 2);
    limits.bans = 3;
    let mut options = HubOptions::from(limits);
    options.operator_password = Some(Password::parse("sesame").expect("a password"));
    let mut state = State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH);
    for &(member, name) in members {
        apply(&mut state, join(member, nick(name)));
    }
    state
}

/// Returns a join to the home room; the address of member 7 is 192.0.2.7.
fn join(member: MemberId, name: Name) -> Input {
    let address = Some([192, 0, 2, u8::try_from(member.0 % 256).expect("it is small")].into());
    let room = "lobby".parse().expect("a room's name");
    Input::Join {
        member,
        request: Box::new(JoinRequest { address, may_be_nowhere: true, ..JoinRequest::new(name, room) }),
    }
}

/// Returns the moment this many seconds after the first one. The wall clock stands still.
fn moment(seconds: u64) -> Moment {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    Moment { date: SystemTime::UNIX_EPOCH, instant: first + Duration::from_secs(seconds) }
}

fn apply(state: &mut State, input: Input) -> Vec<Effect> {
    apply_at(state, input, moment(0))
}

fn apply_at(state: &mut State, input: Input, now: Moment) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.apply(input, now, &mut effects);
    // Echoes have their own test below and would clutter all other tests.
    effects.retain(|effect| !matches!(effect, Effect::Echo { .. }));
    effects
}

/// Applies a member's line and returns the effects. A line may begin with `@7` for the second of its arrival.
/// `> NAME ADDRESS` is a join, and `#ROOM LINE` is a command for that room.
fn ask(state: &mut State, member: MemberId, line: &str) -> Vec<Effect> {
    let (now, line) = match line.strip_prefix('@').and_then(|line| line.split_once(' ')) {
        Some((seconds, line)) => (moment(seconds.parse().expect("a number of seconds")), line),
        None => (moment(0), line),
    };
    if let Some((name, address)) = line.strip_prefix("> ").and_then(|line| line.split_once(' ')) {
        let Input::Join { request, .. } = join(member, nick(name)) else { unreachable!() };
        let request = JoinRequest { address: Some(address.parse().expect("an address")), ..*request };
        return apply_at(state, Input::Join { member, request: Box::new(request) }, now);
    }
    if member == SERVER {
        let (room, line) = line.split_once(' ').expect("a room and a line");
        let Command::Moderate(moderation) = command(line) else { panic!("{line}: not moderation") };
        return apply_at(state, Input::Moderate { room: Some(room.parse().expect("a room's name")), moderation }, now);
    }
    apply_at(state, Input::Command { member, command: command(line) }, now)
}

/// Decodes a line.
fn command(line: &str) -> Command {
    if let Some((room, line)) = line.strip_prefix('#').and_then(|line| line.split_once(' ')) {
        return command(line).in_room(room.parse().expect("a room's name"));
    }
    let (mut session, mut reply) = (Line::default(), Vec::new());
    let command = session.decode(&mut format!("{line}\n").as_bytes(), &mut reply).expect("a line");
    command.unwrap_or_else(|| panic!("{line}: {}", String::from_utf8_lossy(&reply))).command
}

fn short(effect: &Effect) -> String {
    let show = |event: &Event| {
        let mut out = Vec::new();
        Line::default().encoder().encode(event, &mut out);
        String::from_utf8(out).expect("lines are text").trim_end().replace('\n', " / ")
    };
    let list = |members: &[MemberId]| members.iter().map(|member| member.0.to_string()).collect::<Vec<_>>().join(",");
    match effect {
        Effect::Admit { member, name, .. } => format!("{} is {name}", member.0),
        Effect::Refuse { member, reason } => format!("{} is refused: {reason}", member.0),
        Effect::Echo { to, event } => format!("echo to {}: {}", to.0, show(event)),
        Effect::Answer { event } => format!("answer: {}", show(event)),
        Effect::ReplyStats { to: Some(to), .. } => format!("{}: the counters", to.0),
        Effect::ReplyStats { to: None, .. } => "answer: the counters".to_owned(),
        Effect::Enter { member, room } => format!("{} enters {}", member.0, room.0),
        Effect::Turn { member, room } => format!("{} turns to {}", member.0, room.0),
        Effect::Exit { member, room } => format!("{} exits {}", member.0, room.0),
        Effect::Unicast { to, event } => format!("{}: {}", to.0, show(event)),
        Effect::Multicast { to, event } => format!("{}: {}", list(to), show(event)),
        Effect::Broadcast { room, except, ignoring, event } => {
            let deaf: Vec<_> = except.iter().chain(ignoring).copied().collect();
            let but = if deaf.is_empty() { String::new() } else { format!(" but {}", list(&deaf)) };
            format!("room {}{but}: {}", room.0, show(event))
        }
        Effect::Remove { member, name, reason } => format!("{} ({name}) is gone: {reason}", member.0),
    }
}

/// Checks the effects of a member's line after the lines in `before`.
#[track_caller]
fn check(before: &[(MemberId, &str)], (member, line): (MemberId, &str), effects: &[&str]) {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")]);
    for (member, line) in before {
        ask(&mut state, *member, line);
    }
    let followed: Vec<_> = ask(&mut state, member, line).iter().map(short).collect();
    assert_eq!(followed, effects, "{line}");
}

/// Checks the effects of `input` in a hub of Alice and Bob.
#[track_caller]
fn check_input(input: Input, effects: &[&str]) {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let followed: Vec<_> = apply(&mut state, input).iter().map(short).collect();
    assert_eq!(followed, effects);
}

#[test]
fn join_is_announced_to_members_only() {
    let join = join(CAROL, nick("carol"));
    check_input(join, &["3 is carol", "room 1: [carol] entered room", "3 enters 1"]);
}

#[test]
fn events_are_numbered_and_dated() {
    let mut state = hub(&[(ALICE, "alice")]);
    let now = Moment { date: SystemTime::UNIX_EPOCH + Duration::from_secs(7), ..moment(0) };
    let mut effects = Vec::new();
    for token in ["a", "b"] {
        state.apply(Input::Command { member: ALICE, command: Command::Ping(token.into()) }, now, &mut effects);
    }
    let [Effect::Unicast { event: one, .. }, Effect::Unicast { event: next, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((one.number() + 1, one.time()), (next.number(), now.date));
}

#[test]
fn message_reaches_all_except_sender() {
    check(&[], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&[], (ALICE, "/me waves"), &["room 1 but 1: (alice waves)"]);
}

#[test]
fn blank_or_long_text_is_refused() {
    let state = || hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let too_long = "x".repeat(21);
    for (text, why) in
        [(" \t", "! text is blank; type something"), (&*too_long, "! text is 21 bytes long; at most 20 are allowed")]
    {
        let bob = Target::new("bob");
        for command in [
            Command::say(text),
            Command::Say(Message::action(text)),
            Command::SayPrivately { to: bob, message: text.into() },
        ] {
            let effects = apply(&mut state(), Input::Command { member: ALICE, command });
            assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), [format!("1: {why}")]);
        }
    }
    let longest = "x".repeat(20);
    check(&[], (ALICE, &longest), &[&format!("room 1 but 1: <alice> {longest}")]);
}

#[test]
fn sender_gets_echo_unless_message_is_refused() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    apply(&mut state, Input::Command { member: BOB, command: command("/ignore alice") });
    for (line, echo) in [
        ("hi", Some("echo to 1: <alice> hi")),
        ("/me waves", Some("echo to 1: (alice waves)")),
        // Bob ignores alice, which the echo must not reveal.
        ("/msg bob hi", Some("echo to 1: {alice} hi")),
        ("/msg nobody hi", None),
        ("#nowhere hi", None),
        ("/nick al", None),
    ] {
        let mut effects = Vec::new();
        state.apply(Input::Command { member: ALICE, command: command(line) }, moment(0), &mut effects);
        let echoes: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Echo { .. })).map(short).collect();
        assert_eq!(echoes, Vec::from_iter(echo), "{line}");
    }
}

#[test]
fn events_carry_profile_of_their_member() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let profile = Profile::new("al", "there", "Alice");
    let request = JoinRequest { profile: profile.clone(), ..JoinRequest::in_lobby(nick("carol")) };
    let mut inputs = vec![Input::Join { member: CAROL, request: Box::new(request) }];
    inputs.extend(["hi", "/msg bob hi", "/nick caro", "/topic tea"].map(|line| ask_of(CAROL, line)));
    inputs.push(Input::Leave { member: CAROL, reason: CloseReason::Lost });
    for input in inputs {
        for effect in apply(&mut state, input.clone()) {
            if let Effect::Broadcast { event, .. } | Effect::Unicast { event, .. } | Effect::Multicast { event, .. } =
                effect
            {
                assert_eq!(event.profile(), Some(&profile), "{input:?}: {event:?}");
            }
        }
    }
    let effects = apply(&mut state, Input::Leave { member: ALICE, reason: CloseReason::Lost });
    let Some(Effect::Broadcast { event, .. }) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(event.profile().map(ToString::to_string).as_deref(), Some("chat@local"));
    let announced = apply(
        &mut state,
        Input::Moderate {
            room: Some("lobby".parse().expect("a room's name")),
            moderation: Box::new(Moderation::Announce("hi".into())),
        },
    );
    let Some(Effect::Multicast { event, .. } | Effect::Broadcast { event, .. }) = announced.first() else {
        panic!("{announced:?}")
    };
    assert_eq!(event.profile(), None);
}

fn ask_of(member: MemberId, line: &str) -> Input {
    Input::Command { member, command: command(line) }
}

#[test]
fn member_may_start_in_no_room() {
    let mut state = hub(&[(ALICE, "alice")]);
    let request = JoinRequest { room: None, ..JoinRequest::in_lobby(nick("bob")) };
    let effects = apply(&mut state, Input::Join { member: BOB, request: Box::new(request) });
    assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), ["2 is bob"]);
    assert_eq!(
        ask(&mut state, BOB, "hi").iter().map(short).collect::<Vec<_>>(),
        ["2: ! you are in no room; join one first"]
    );
}

#[test]
fn ping_is_answered_to_its_sender() {
    check(&[], (ALICE, "/ping x"), &["1: * pong x"]);
}

#[test]
fn private_message_reaches_its_recipient_only() {
    check(&[], (ALICE, "/msg BOB hi there"), &["2: {alice} hi there"]);
    check(&[], (ALICE, "/w bob hi"), &["2: {alice} hi"]);
    check(&[], (ALICE, "/msg nobody hi"), &["1: ! no such nickname: nobody"]);
    check(&[], (ALICE, "/msg Alice hi"), &["1: {alice} hi"]);
}

#[test]
fn away_member_gets_message_and_sender_gets_notice() {
    // Plain lines do not show the other members that bob is away.
    check(&[], (BOB, "/away out for tea"), &["2: * you are away: out for tea", "room 1 but 2: "]);
    let away = [(BOB, "/away out for tea")];
    check(&away, (ALICE, "/msg bob hi"), &["2: {alice} hi", "1: * bob is away: out for tea"]);
    check(&away, (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&away, (BOB, "/away"), &["2: * you are back", "room 1 but 2: "]);
    check(&[], (BOB, "/away"), &["2: ! you are not away; /away TEXT sets an away message"]);
}

#[test]
fn ignored_member_is_not_heard() {
    check(&[], (BOB, "/ignore alice"), &["2: * you are now ignoring alice"]);
    let ignored = [(BOB, "/ignore alice")];
    check(&ignored, (ALICE, "hi"), &["room 1 but 1,2: <alice> hi"]);
    check(&ignored, (ALICE, "/msg bob hi"), &[]);
    check(&ignored, (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    check(&ignored, (BOB, "/ignore alice"), &["2: ! you are already ignoring alice"]);
    check(&[ignored[0], (ALICE, "/nick al")], (ALICE, "hi"), &["room 1 but 1,2: <al> hi"]);
    check(&ignored, (BOB, "/unignore alice"), &["2: * you are no longer ignoring alice"]);
    check(&[ignored[0], (BOB, "/unignore alice")], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&[], (BOB, "/unignore alice"), &["2: ! you are not ignoring alice"]);
    check(&[], (BOB, "/ignore bob"), &["2: ! you can't do that to yourself"]);
    check(&[], (BOB, "/ignore nobody"), &["2: ! no such nickname: nobody"]);
}

#[test]
fn ignores_are_limited() {
    let limits = Limits { ignores: 1, ..Limits::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into(), SystemTime::UNIX_EPOCH);
    for (member, name) in [(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")] {
        apply(&mut state, join(member, nick(name)));
    }
    ask(&mut state, ALICE, "/ignore bob");
    let refused = "1: ! you are ignoring too many members; at most 1 are allowed, so /unignore one first";
    assert_eq!(short(&ask(&mut state, ALICE, "/ignore carol")[0]), refused);
}

#[test]
fn leave_is_announced_and_leaver_gets_reason() {
    let quit = ["1: ", "1 exits 1", "1 (alice) is gone: quit", "room 1: [alice] is offline"];
    check_input(Input::Command { member: ALICE, command: Command::Quit(None) }, &quit);
    let slow = "too slow: messages could not be delivered in time";
    let followed =
        [&format!("1: ! {slow}"), "1 exits 1", &format!("1 (alice) is gone: {slow}"), "room 1: [alice] is offline"];
    check_input(Input::Leave { member: ALICE, reason: CloseReason::TooSlow }, &followed);
}

#[test]
fn members_sharing_rooms_get_notice_once() {
    let rooms = [(ALICE, "/join #den"), (BOB, "/join #den"), (BOB, "/part #lobby")];
    let named = "1: * you are now known as al";
    // A broadcast to the largest room, and single events for members who are not in it.
    let renamed = [named, "3: [alice] is now known as al", "room 2 but 1: [alice] is now known as al"];
    check(&rooms, (ALICE, "/nick al"), &renamed);
    check(&rooms[..2], (ALICE, "/nick al"), &[named, "room 1 but 1: [alice] is now known as al"]);
    let left = [
        "1: ",
        "1 exits 1",
        "1 exits 2",
        "1 (alice) is gone: quit",
        "3: [alice] is offline",
        "room 2: [alice] is offline",
    ];
    check(&rooms, (ALICE, "/quit"), &left);
}

#[test]
fn unknown_member_changes_nothing() {
    const NOBODY: MemberId = MemberId(9);
    check_input(Input::Leave { member: NOBODY, reason: CloseReason::Lost }, &[]);
    for line in ["hi", "/ping x", "/quit", "/join #den", "/nick x", "/rooms", "/msg alice hi"] {
        check(&[], (NOBODY, line), &[]);
    }
}

#[test]
fn members_leaving_together_get_no_notices() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")]);
    for member in [ALICE, BOB] {
        ask(&mut state, member, "/join #den");
    }
    let reason = CloseReason::ShuttingDown;
    let effects = apply(&mut state, Input::LeaveTogether { members: vec![ALICE, BOB], reason });
    let is_notice = |effect: &Effect| matches!(effect, Effect::Broadcast { .. });
    let first_broadcast = effects.iter().position(is_notice);
    let last_remove = effects.iter().rposition(|effect| matches!(effect, Effect::Remove { .. }));
    assert!(last_remove < first_broadcast, "{effects:?}");
    assert_eq!(state.roster().map(|(member, _)| member).collect::<Vec<_>>(), [CAROL]);
    assert_eq!(state.rooms().count(), 1);
}
