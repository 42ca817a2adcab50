//! Tests of the policy.

use super::*;
use crate::model::policy::{Identity, MessageTarget, ProposedMessage};

/// Refuses the nicknames `spam` and `boss`, bob in #den, and texts with "damn"; replaces "darn" by "d***". Panics at
/// "panic".
struct Strict;

impl Policy for Strict {
    fn may_join(&mut self, visitor: &Identity<'_>) -> Result<(), Text> {
        let (name, room) = (visitor.name.as_str(), visitor.room.as_str());
        assert_ne!(room, "#panic");
        assert!(visitor.address.is_some());
        match (name, room) {
            ("spam", _) => Err("no advertising".into()),
            ("bob", "#den") => Err("not you, bob".into()),
            _ => Ok(()),
        }
    }

    fn may_be_called(&mut self, name: &Name, nick: &Nick) -> Result<(), Text> {
        assert_ne!(nick.as_str(), "panic");
        if nick.key() == "boss" { Err(format!("{name}, you are no boss").into()) } else { Ok(()) }
    }

    fn may_say(&mut self, saying: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
        assert_ne!(text.as_str(), "panic");
        if text.as_str().contains("damn") {
            let to = match saying.to {
                MessageTarget::Room(room) => room.to_string(),
                MessageTarget::Member(name) => name.to_string(),
            };
            return Err(Text::clean(&format!("{} to {to}: mind your language", saying.from)));
        }
        Ok(text.as_str().replace("darn", "d***").replace("long", &"x".repeat(30)).replace("blank", " ").into())
    }
}

#[track_caller]
fn check_strict(before: &[(MemberId, &str)], (member, line): (MemberId, &str), effects: &[&str]) {
    let mut options = HubOptions::from(Limits { text: 20, ..Limits::default() });
    options.policy = Some(Box::new(Strict));
    let mut state = State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH);
    for (member, name) in [(ALICE, "alice"), (BOB, "bob")] {
        apply(&mut state, join(member, nick(name)));
    }
    for (member, line) in before {
        ask(&mut state, *member, line);
    }
    let followed: Vec<_> = ask(&mut state, member, line).iter().map(short).collect();
    assert_eq!(followed, effects, "{line}");
}

#[test]
fn policy_decides_who_may_join() {
    check_strict(&[], (DAVE, "> spam 192.0.2.4"), &["4 is refused: no advertising"]);
    check_strict(&[], (BOB, "/join #den"), &["2: ! not you, bob"]);
    check_strict(&[(BOB, "/join #den")], (ALICE, "/rooms"), &["1: * #lobby (2 members)"]);
    check_strict(&[], (DAVE, "> boss 192.0.2.4"), &["4 is refused: boss, you are no boss"]);
    check_strict(&[], (BOB, "/nick Boss"), &["2: ! bob, you are no boss"]);
    let made = ["room 2: [alice] entered room", "1 enters 2", "1: * you are in #den now, with 0 others"];
    check_strict(&[], (ALICE, "/join #den"), &made);
}

#[test]
fn policy_refuses_and_edits_messages() {
    check_strict(&[], (ALICE, "damn"), &["1: ! alice to #lobby: mind your language"]);
    check_strict(&[], (ALICE, "/msg bob damn"), &["1: ! alice to bob: mind your language"]);
    check_strict(&[], (ALICE, "oh darn"), &["room 1 but 1: <alice> oh d***"]);
    check_strict(&[], (ALICE, "/me says darn"), &["room 1 but 1: (alice says d***)"]);
    check_strict(&[], (ALICE, "/msg bob darn"), &["2: {alice} d***"]);
    check_strict(&[(ALICE, "oh darn")], (BOB, "/history"), &["2: ~ 1970-01-01T00:00:00Z <alice> oh d***"]);
    check_strict(&[], (ALICE, "long"), &["1: ! text is 30 bytes long; at most 20 are allowed"]);
    check_strict(&[], (ALICE, "/msg bob blank"), &["1: ! text is blank; type something"]);
}

#[test]
fn panicking_policy_closes_only_its_member() {
    let why = "internal error in this connection";
    check_strict(&[], (DAVE, "> panic 192.0.2.4"), &[&format!("4 is refused: {why}")]);
    let closed =
        [&format!("1: ! {why}"), "1 exits 1", &format!("1 (alice) is gone: {why}"), "room 1: [alice] is offline"];
    for line in ["panic", "/me panic", "/msg bob panic", "/join #panic", "/nick panic"] {
        check_strict(&[], (ALICE, line), &closed);
        check_strict(&[(ALICE, line)], (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    }
}
