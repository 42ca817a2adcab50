//! Rooms without sockets: in-process members.

use std::time::Duration;

use chat_core::event::{CloseReason, CommandError};
use chat_core::event::{HubEvent, OwnEvent, Reply, RoomEvent};
use chat_core::hub::Member;
use chat_core::hub::{HubBuilder, HubOptions, JoinError, Limits, ModerationError, SayError, SlowConsumerPolicy};
use chat_core::message::Text;
use chat_core::moderation::{Mask, Mode, Moderation, Rank, Term};
use chat_core::name::Name;
use chat_core::policy::{Identity, Password, Policy, ProposedMessage};
use chat_core::{EventKind, Hub, Room};

/// Returns the home room of a new hub.
fn lobby(builder: HubBuilder) -> Room {
    let hub = builder.home("lobby".parse().expect("a room's name")).build().expect("a thread can be started");
    hub.home().expect("it has one")
}

fn room() -> Room {
    Room::new("lobby").expect("a room can be opened")
}

fn join(room: &Room, nick: &str) -> Member {
    room.join(nick.parse().expect("a nick")).expect("the nick is free")
}

/// Returns the events up to the answer to the member's ping, in a short form.
fn received(member: &Member) -> Vec<String> {
    member.ping("barrier").expect("the member is in");
    let events = member.iter().take_while(|event| !matches!(event.kind(), EventKind::Reply(Reply::Pong { .. })));
    let short = events.map(|event| match event.kind() {
        EventKind::Room(RoomEvent::Joined { name, .. }) => format!("+{name}"),
        EventKind::Room(RoomEvent::Said { from, text, .. }) => format!("{from}:{text}"),
        EventKind::Own(OwnEvent::PrivateMessage { from, to, text, .. }) => format!("{from}>{to}:{text}"),
        EventKind::Hub(HubEvent::Left { name, .. }) => format!("-{name}"),
        other => format!("{other:?}"),
    });
    short.collect()
}

#[test]
fn members_receive_messages_in_one_order() {
    let room = room();
    let (alice, bob, carol) = (join(&room, "alice"), join(&room, "bob"), join(&room, "carol"));
    for number in 0..3 {
        alice.say(format!("a{number}")).expect("alice may speak");
        bob.say(format!("b{number}")).expect("bob may speak");
    }
    assert_eq!(received(&carol), ["alice:a0", "bob:b0", "alice:a1", "bob:b1", "alice:a2", "bob:b2"]);
    assert_eq!(received(&alice), ["+bob", "+carol", "bob:b0", "bob:b1", "bob:b2"]);
    assert_eq!(received(&bob), ["+carol", "alice:a0", "alice:a1", "alice:a2"]);
}

#[test]
fn private_message_reaches_only_its_target() {
    let room = room();
    let (alice, bob, carol) = (join(&room, "alice"), join(&room, "bob"), join(&room, "carol"));
    alice.say_to(&"BOB".into(), "psst").expect("alice is in");
    assert_eq!(received(&bob), ["+carol", "alice>bob:psst"]);
    assert_eq!(received(&carol), [""; 0]);
}

#[test]
fn dropped_member_leaves_and_frees_its_nick() {
    let room = room();
    let alice = join(&room, "alice");
    drop(join(&room, "bob"));
    assert_eq!(received(&alice), ["+bob", "-bob"]);
    join(&room, "bob");
}

#[test]
fn extreme_limits_do_not_block_members() {
    let mut limits = Limits::default();
    (limits.send_queue, limits.write_timeout) = (0, std::time::Duration::MAX);
    let room = lobby(Hub::builder().limits(limits));
    let (alice, bob) = (join(&room, "alice"), join(&room, "bob"));
    alice.say("hi").expect("alice may speak");
    drop(alice);
    assert_eq!(received(&bob), ["alice:hi", "-alice"]);
}

#[test]
fn error_returns_taken_nick() {
    let room = room();
    let _alice = join(&room, "alice");
    let taken = "ALICE".parse().expect("a nick");
    let error = room.join(taken).expect_err("the nick is taken");
    assert_eq!(error.to_string(), "nickname ALICE is in use; choose another");
    assert!(matches!(error, JoinError::NameTaken(nick) if nick.as_str() == "ALICE"));
}

#[test]
fn error_returns_refused_text() {
    let alice = join(&room(), "alice");
    let error = alice.say("x".repeat(4097)).expect_err("the text is too long");
    assert_eq!(error.to_string(), "text is 4097 bytes long; at most 4096 are allowed");
    assert!(matches!(error, SayError::Refused { message, .. } if message.text.len() == 4097));
    let blank = SayError::Refused { message: " ".into(), error: CommandError::Blank };
    assert_eq!(alice.say(" "), Err(blank));
}

#[test]
fn full_mailbox_closes_only_that_member() {
    let mut limits = Limits::default();
    limits.mailbox = 10;
    let room = lobby(Hub::builder().limits(limits));
    let (alice, sleeper, bob) = (join(&room, "alice"), join(&room, "sleeper"), join(&room, "bob"));
    assert_eq!(received(&alice), ["+sleeper", "+bob"]);
    for number in 0..20 {
        bob.say(number.to_string()).expect("bob may speak");
        assert!(received(&alice).contains(&format!("bob:{number}")));
    }
    let events: Vec<_> = sleeper.iter().collect();
    assert_eq!(events.len(), 11);
    assert!(matches!(events[10].kind(), EventKind::Own(OwnEvent::Closed { reason: CloseReason::TooSlow })));
    assert!(matches!(sleeper.say("too late"), Err(SayError::Closed { .. })));
    assert_eq!(received(&bob), ["-sleeper"]);
}

#[test]
fn drop_oldest_policy_reports_the_gap() {
    let mut limits = Limits::default();
    (limits.mailbox, limits.slow_consumer) = (10, SlowConsumerPolicy::DropOldest);
    let room = lobby(Hub::builder().limits(limits));
    let (sleeper, bob) = (join(&room, "sleeper"), join(&room, "bob"));
    for number in 0..20 {
        bob.say(number.to_string()).expect("bob may speak");
    }
    received(&bob);
    let first = sleeper.try_recv().expect("an event for the gap");
    // The gap covers bob's join and the texts that the mailbox dropped, by their sequence numbers in the hub.
    let EventKind::Own(OwnEvent::Missed { count, first, last }) = *first.kind() else { panic!("{first:?}") };
    // The size of the last batch decides whether the mailbox merged two gaps.
    assert!((12..=13).contains(&count) && last - first + 1 == count, "{count} from {first} to {last}");
    let expected: Vec<_> = (count - 1..20).map(|number| format!("bob:{number}")).collect();
    assert_eq!(received(&sleeper), expected);
    assert_eq!(room.hub().stats().messages_skipped, count);
}

#[test]
fn member_keeps_room_open_without_handles() {
    let alice = join(&room(), "alice");
    assert_eq!(received(&alice), [""; 0]);
}

#[test]
fn room_handle_joins_its_own_room() {
    let lobby = room();
    let den = lobby.hub().room("den".parse().expect("a room's name"));
    let (alice, bob, carol) = (join(&den, "alice"), join(&den, "bob"), join(&lobby, "carol"));
    alice.say("in the den").expect("alice may speak");
    assert_eq!(received(&bob), ["alice:in the den"]);
    assert_eq!(received(&carol), [""; 0]);
    let error = lobby.join("ALICE".parse().expect("a nick")).expect_err("it is one hub");
    assert!(matches!(error, JoinError::NameTaken(_)));
}

#[test]
fn hub_from_room_has_that_home() {
    let lobby = room();
    let den = lobby.hub().room("den".parse().expect("a room's name"));
    for hub in [Hub::from(&den), Hub::from(den.clone())] {
        assert_eq!(hub.home().expect("it has one").name(), den.name());
    }
    assert_eq!(lobby.hub().home().expect("it has one").name(), lobby.name());
}

#[test]
fn host_application_moderates_rooms_and_gets_results() {
    let lobby = room();
    let (alice, bob) = (join(&lobby, "alice"), join(&lobby, "bob"));
    lobby.promote("alice", Rank::Operator).expect("the server may");
    lobby.set_mode(Mode::Moderated(true)).expect("the server may");
    lobby.mute("bob", Term::default()).expect("bob is there");
    lobby.unmute("bob").expect("bob is muted");
    lobby.kick("bob", Some("too loud".into())).expect("bob is there");
    let told = std::iter::from_fn(|| bob.try_recv().ok())
        .any(|event| matches!(event.kind(), EventKind::Own(OwnEvent::Kicked { .. })));
    assert!(told, "it was handed out before the call returned");
    lobby.hub().announce("tea").expect("the server may");
    let events: Vec<_> = alice.iter().skip(1).take(6).collect();
    assert!(matches!(
        events[0].kind(),
        EventKind::Room(RoomEvent::RankSet { by: Name::Server, rank: Rank::Operator, .. })
    ));
    assert!(matches!(events[1].kind(), EventKind::Room(RoomEvent::ModesSet { by: Name::Server, .. })));
    assert!(matches!(events[2].kind(), EventKind::Room(RoomEvent::Muted { by: Name::Server, .. })));
    assert!(matches!(events[3].kind(), EventKind::Room(RoomEvent::Unmuted { by: Name::Server, .. })));
    assert!(matches!(events[4].kind(), EventKind::Room(RoomEvent::Kicked { by: Name::Server, .. })));
    assert!(matches!(events[5].kind(), EventKind::Hub(HubEvent::Announced { by: Name::Server, .. })));
    let error = lobby.kick("bob", None).expect_err("bob is out");
    assert_eq!(error.to_string(), "bob is not in #lobby");
    assert!(matches!(error, ModerationError::Refused(CommandError::NotThere { .. })));
    let nowhere = lobby.hub().room("nowhere".parse().expect("a room's name"));
    assert_eq!(nowhere.set_topic(None).expect_err("there is none").to_string(), "no such room: #nowhere");
    lobby.hub().kill("bob", None).expect("bob is in the hub");
    assert!(matches!(bob.iter().last().expect("an end").kind(), EventKind::Own(OwnEvent::Closed { .. })));
}

#[test]
fn banned_join_returns_the_nick() {
    let lobby = room();
    let mask = || Mask::parse("spam*").expect("a mask");
    lobby.ban(mask(), Term::of(Duration::from_secs(600)).because("no advertising")).expect("the server may");
    let error = lobby.join("Spammer".parse().expect("a nick")).expect_err("it is banned");
    assert!(error.to_string().starts_with("you are banned from #lobby for "), "{error}");
    let JoinError::Refused { nick, error: CommandError::Banned { room: Some(_), left: Some(left), reason } } = error
    else {
        panic!("{error:?}")
    };
    assert!(left <= Duration::from_secs(600) && left > Duration::from_secs(500), "{left:?}");
    assert_eq!((nick.as_str(), reason), ("Spammer", Some("no advertising".into())));
    assert_eq!(lobby.bans().expect("an answer").len(), 1);
    lobby.unban(mask()).expect("it is banned");
    join(&lobby, "spammer");
    assert_eq!(lobby.unban(mask()).expect_err("it is not").to_string(), "spam* is not banned from #lobby");
}

#[test]
fn in_process_member_can_become_server_operator() {
    let mut options = HubOptions::default();
    let password = || Password::parse("sesame").expect("a password");
    options.operator_password = Some(password());
    let lobby = lobby(Hub::builder().options(options));
    let (alice, bob) = (join(&lobby, "alice"), join(&lobby, "bob"));
    alice.request(chat_core::Command::Operate(password())).expect("alice is in");
    alice.request(Moderation::Kill { name: "bob".into(), reason: None }.into()).expect("alice is in");
    assert!(matches!(
        bob.iter().last().expect("an end").kind(),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::Killed { .. } })
    ));
}

/// A policy that panics for the word or the nickname "magic".
struct Fragile;

impl Policy for Fragile {
    fn may_join(&mut self, visitor: &Identity<'_>) -> Result<(), Text> {
        assert_ne!(visitor.name.as_str(), "magic");
        Ok(())
    }

    fn may_say(&mut self, _: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
        assert!(!text.as_str().contains("magic"));
        Ok(text)
    }
}

#[test]
fn policy_panic_closes_only_that_member() {
    let mut options = HubOptions::default();
    options.policy = Some(Box::new(Fragile));
    let lobby = lobby(Hub::builder().options(options));
    let (alice, bob, carol) = (join(&lobby, "alice"), join(&lobby, "bob"), join(&lobby, "carol"));
    bob.say("the magic word").expect("bob is in");
    let last = bob.iter().last().expect("an end");
    assert!(matches!(last.kind(), EventKind::Own(OwnEvent::Closed { reason: CloseReason::Panicked })), "{last:?}");
    assert!(matches!(bob.say("hi"), Err(SayError::Closed { .. })));
    carol.say("still here").expect("carol may speak");
    assert_eq!(received(&alice), ["+bob", "+carol", "-bob", "carol:still here"]);
    let error = lobby.join("magic".parse().expect("a nick")).expect_err("the policy panics");
    assert!(matches!(error, JoinError::PolicyPanicked(nick) if nick.as_str() == "magic"));
    drop(join(&lobby, "dave"));
    assert_eq!(received(&alice), ["+dave", "-dave"]);
}

#[test]
fn stats_count_each_member_once_join_returns() {
    let room = lobby(Hub::builder());
    let mut members = Vec::new();
    for number in 1..=200 {
        let nick = format!("m{number}").parse().expect("a nick");
        members.push(room.join(nick).expect("the nick is free"));
        assert_eq!(room.hub().stats().members, number);
    }
}
