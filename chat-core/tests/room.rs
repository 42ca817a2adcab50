//! A room without sockets: members in this process.

use chat_core::{CloseReason, CommandError, EventKind, JoinError, Limits, Member, Room, SayError};

fn room() -> Room {
    Room::new("lobby").expect("a room can be opened")
}

fn join(room: &Room, nick: &str) -> Member {
    room.join(nick.parse().expect("a nick")).expect("the nick is free")
}

/// What a member hears up to the answer to its ping, in short.
fn heard(member: &Member) -> Vec<String> {
    member.ping("barrier").expect("the member is in");
    let events = member.events().take_while(|event| !matches!(event.kind(), EventKind::Pong { .. }));
    let short = events.map(|event| match event.kind() {
        EventKind::Joined { name, .. } => format!("+{name}"),
        EventKind::Said { from, text, .. } => format!("{from}:{text}"),
        EventKind::Left { name, .. } => format!("-{name}"),
        other => format!("{other:?}"),
    });
    short.collect()
}

#[test]
fn what_one_says_all_the_others_hear_in_one_order() {
    let room = room();
    let (alice, bob, carol) = (join(&room, "alice"), join(&room, "bob"), join(&room, "carol"));
    for number in 0..3 {
        alice.say(format!("a{number}")).expect("alice may speak");
        bob.say(format!("b{number}")).expect("bob may speak");
    }
    assert_eq!(heard(&carol), ["alice:a0", "bob:b0", "alice:a1", "bob:b1", "alice:a2", "bob:b2"]);
    assert_eq!(heard(&alice), ["+bob", "+carol", "bob:b0", "bob:b1", "bob:b2"]);
    assert_eq!(heard(&bob), ["+carol", "alice:a0", "alice:a1", "alice:a2"]);
}

#[test]
fn a_dropped_member_leaves_and_its_nick_is_free() {
    let room = room();
    let alice = join(&room, "alice");
    drop(join(&room, "bob"));
    assert_eq!(heard(&alice), ["+bob", "-bob"]);
    join(&room, "bob");
}

#[test]
fn odd_limits_stop_nobody() {
    let mut limits = Limits::default();
    (limits.outbox, limits.stall) = (0, std::time::Duration::MAX);
    let room = Room::with_limits("lobby", limits).expect("a room can be opened");
    let (alice, bob) = (join(&room, "alice"), join(&room, "bob"));
    alice.say("hi").expect("alice may speak");
    drop(alice);
    assert_eq!(heard(&bob), ["alice:hi", "-alice"]);
}

#[test]
fn a_taken_nick_comes_back_in_the_error() {
    let room = room();
    let _alice = join(&room, "alice");
    let taken = "ALICE".parse().expect("a nick");
    let error = room.join(taken).expect_err("the nick is taken");
    assert_eq!(error.to_string(), "nickname ALICE is in use; choose another");
    assert!(matches!(error, JoinError::NameTaken(nick) if nick.as_str() == "ALICE"));
}

#[test]
fn a_text_that_can_not_be_said_comes_back_in_the_error() {
    let alice = join(&room(), "alice");
    let error = alice.say("x".repeat(4097)).expect_err("the text is too long");
    assert_eq!(error.to_string(), "text is 4097 bytes long; at most 4096 are allowed");
    assert!(matches!(error, SayError::Refused { text, .. } if text.len() == 4097));
    let blank = SayError::Refused { text: " ".into(), error: CommandError::Blank };
    assert_eq!(alice.say(" "), Err(blank));
}

#[test]
fn a_member_that_takes_no_events_is_closed_and_told_and_the_others_hear_all() {
    let mut limits = Limits::default();
    limits.mailbox = 10;
    let room = Room::with_limits("lobby", limits).expect("a room can be opened");
    let (alice, sleeper, bob) = (join(&room, "alice"), join(&room, "sleeper"), join(&room, "bob"));
    assert_eq!(heard(&alice), ["+sleeper", "+bob"]);
    for number in 0..20 {
        bob.say(number.to_string()).expect("bob may speak");
        assert!(heard(&alice).contains(&format!("bob:{number}")));
    }
    let events: Vec<_> = sleeper.events().collect();
    assert_eq!(events.len(), 11);
    assert!(matches!(events[10].kind(), EventKind::Closed { reason: CloseReason::TooSlow }));
    assert!(matches!(sleeper.say("too late"), Err(SayError::Closed { .. })));
    assert_eq!(heard(&bob), ["-sleeper"]);
}

#[test]
fn the_room_stays_open_as_long_as_it_has_a_member() {
    let alice = join(&room(), "alice");
    assert_eq!(heard(&alice), [""; 0]);
}
