//! Tests of joining and leaving rooms, topics, lists and history.

use super::*;
use crate::model::event::{OwnEvent, RoomEvent};
use crate::model::message::MessageKind;

#[test]
fn kept_rooms_exist_when_empty() {
    let rooms = ["help", "lobby", "HELP"].map(|name| name.parse().expect("a room's name")).to_vec();
    let mut state = State::new(
        "lobby".parse().expect("a room's name"),
        HubOptions { rooms, ..HubOptions::default() },
        SystemTime::UNIX_EPOCH,
    );
    apply(&mut state, join(ALICE, nick("alice")));
    for line in ["/join #help", "/part"] {
        ask(&mut state, ALICE, line);
    }
    assert_eq!(short(&ask(&mut state, ALICE, "/rooms")[0]), "1: * #help (0 members) / * #lobby (1 member)");
}

#[test]
fn first_join_creates_room() {
    let made = ["room 2: [alice] entered room", "1 enters 2", "1: * you are in #den now, with 0 others"];
    check(&[], (ALICE, "/join #den"), &made);
    let joined = ["room 2: [bob] entered room", "2 enters 2", "2: * you are in #den now, with 1 other"];
    check(&[(ALICE, "/join #den")], (BOB, "/join DEN"), &joined);
    check(&[(ALICE, "/join #den")], (ALICE, "hi"), &["room 2 but 1: <alice> hi"]);
}

#[test]
fn repeated_join_makes_room_current() {
    let turned = ["1 turns to 1", "1: * you are in #lobby now, with 2 others"];
    check(&[(ALICE, "/join #den")], (ALICE, "/join #lobby"), &turned);
    check(&[(ALICE, "/join #den"), (ALICE, "/join #lobby")], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
}

#[test]
fn command_for_named_room_acts_there() {
    let den = [(ALICE, "/join #den"), (ALICE, "/join #lobby")];
    check(&den, (ALICE, "#den hi"), &["room 2 but 1: <alice> hi"]);
    check(&den, (ALICE, "#DEN /me waves"), &["room 2 but 1: (alice waves)"]);
    check(&den, (ALICE, "#den /topic tea"), &["room 2: [alice] set the topic: tea"]);
    check(&den, (ALICE, "#den /mode +m"), &["room 2: [alice] set mode +m (moderated)"]);
    check(&den, (ALICE, "#den /mode"), &["1: * #den has the default modes"]);
    check(&den, (BOB, "#den /who"), &["2: * 1 member in #den / * alice (operator)"]);
    check(&den, (ALICE, "#den #lobby hi"), &["room 1 but 1: <alice> hi"]);
    check(&den, (ALICE, "#lobby /part #den"), &["1 exits 2", "1 turns to 1", PARTED, "room 2: [alice] left room"]);
    check(&[den[0], (ALICE, "#lobby hi")], (ALICE, "hi"), &["room 2 but 1: <alice> hi"]);
    check(&den, (BOB, "#den hi"), &["2: ! you are not in #den"]);
    check(&den, (BOB, "#nowhere hi"), &["2: ! no such room: #nowhere"]);
}

const PARTED: &str = "1: * you left #den; you are in #lobby now";

#[test]
fn message_kind_is_kept_and_ctcp_not_stored() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for kind in [
        MessageKind::Message,
        MessageKind::Action,
        MessageKind::Notice,
        MessageKind::CtcpRequest,
        MessageKind::CtcpReply,
    ] {
        let words = || Message { text: "x".into(), kind };
        let said = apply(&mut state, Input::Command { member: ALICE, command: Command::Say(words()) });
        let [Effect::Broadcast { event, .. }] = &said[..] else { panic!("{said:?}") };
        assert!(
            matches!(event.kind(), EventKind::Room(RoomEvent::Said { kind: said, .. }) if *said == kind),
            "{event:?}"
        );
        let command = Command::SayPrivately { to: "bob".into(), message: words() };
        let told = apply(&mut state, Input::Command { member: ALICE, command });
        let [Effect::Unicast { event, .. }] = &told[..] else { panic!("{told:?}") };
        assert!(
            matches!(event.kind(), EventKind::Own(OwnEvent::PrivateMessage { kind: told, .. }) if *told == kind),
            "{event:?}"
        );
    }
    let past = short(&ask(&mut state, BOB, "/history")[0]);
    assert!(past.contains("<alice> x / ~") && past.contains("(alice x) / ~") && past.ends_with("-alice- x"), "{past}");
}

#[test]
fn part_makes_previous_room_current() {
    let parted =
        ["1 exits 2", "1 turns to 1", "1: * you left #den; you are in #lobby now", "room 2: [alice] left room"];
    check(&[(ALICE, "/join #den")], (ALICE, "/part"), &parted);
    check(&[(ALICE, "/join #den"), (ALICE, "/join lobby")], (ALICE, "/part #den"), &parted);
    let homeless = ["1 exits 1", "1: * you left #lobby; you are in no room now", "room 1: [alice] left room"];
    check(&[], (ALICE, "/part"), &homeless);
    for line in ["hi", "/me waves", "/topic", "/who", "/part"] {
        check(&[(ALICE, "/part")], (ALICE, line), &["1: ! you are in no room; join one first"]);
    }
    check(&[], (ALICE, "/part #den"), &["1: ! no such room: #den"]);
    check(&[(BOB, "/join #den")], (ALICE, "/part #den"), &["1: ! you are not in #den"]);
}

#[test]
fn part_and_quit_messages_require_right_to_speak() {
    let part = |why: &str| Command::Part { room: None, why: Some(why.into()) };
    let quit = |why: &str| Command::Quit(Some(why.into()));
    let told = |before: &[(MemberId, &str)], command: Command| {
        let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
        for (member, line) in before {
            ask(&mut state, *member, line);
        }
        let effects = apply(&mut state, Input::Command { member: BOB, command });
        short(effects.last().expect("the other members are notified"))
    };
    let den = [(ALICE, "/join #den"), (BOB, "/join #den")];
    let muted = [den[0], den[1], (ALICE, "/mute bob")];
    assert_eq!(told(&den, part("bye")), "room 2: [bob] left room: bye");
    assert_eq!(told(&muted, part("bye")), "room 2: [bob] left room");
    assert_eq!(told(&den, part(&"x".repeat(21))), "2: ! text is 21 bytes long; at most 20 are allowed");
    assert!(told(&den, quit("bye")).ends_with("[bob] is offline: bye"));
    assert!(told(&muted, quit("bye")).ends_with("[bob] is offline"));
    assert!(told(&den, quit(&"x".repeat(21))).ends_with("[bob] is offline"));
}

#[test]
fn empty_room_ends_except_home() {
    check(&[(ALICE, "/join #den"), (ALICE, "/part")], (BOB, "/rooms"), &["2: * #lobby (3 members)"]);
    check(&[(ALICE, "/join #den"), (ALICE, "/quit")], (BOB, "/rooms"), &["2: * #lobby (2 members)"]);
    let all_gone = [(ALICE, "/part"), (BOB, "/part"), (CAROL, "/part")];
    check(&all_gone, (BOB, "/rooms"), &["2: * #lobby (0 members)"]);
}

#[test]
fn rooms_are_limited() {
    let den = [(ALICE, "/join #den"), (BOB, "/join #den")];
    check(&den, (CAROL, "/join #den"), &["3: ! #den is full; at most 2 members are allowed"]);
    let three = [(ALICE, "/join #a"), (ALICE, "/join #b")];
    let most = "1: ! you are in too many rooms; at most 3 are allowed, so leave one first";
    check(&three, (ALICE, "/join #c"), &[most]);
    let four = [three[0], three[1], (BOB, "/join #c")];
    let all = "3: ! the server has too many rooms; at most 4 are allowed, so join an existing one";
    check(&four, (CAROL, "/join #d"), &[all]);
}

#[test]
fn lists_are_sorted_by_name() {
    let dens = [(BOB, "/join #Den"), (BOB, "/topic tea"), (CAROL, "/join #arena"), (CAROL, "/away tea")];
    let rooms = "1: * #arena (1 member) / * #Den (1 member): tea / * #lobby (3 members)";
    check(&dens, (ALICE, "/rooms"), &[rooms]);
    check(&dens, (ALICE, "/who"), &["1: * 3 members in #lobby / * alice / * bob / * carol (away: tea)"]);
    check(&dens, (ALICE, "/who #den"), &["1: * 1 member in #Den / * bob (operator)"]);
    check(&dens, (ALICE, "/who #no"), &["1: ! no such room: #no"]);
    check(&dens, (ALICE, "/whois carol"), &["1: * carol (away: tea) / *   in #lobby"]);
    check(&dens, (BOB, "/whois bob"), &["2: * bob / *   in #lobby #Den"]);
    check(&dens, (ALICE, "/whois no"), &["1: ! no such nickname: no"]);
}

#[test]
fn long_lists_are_truncated() {
    let limits = Limits { list: 2, ..Limits::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into(), SystemTime::UNIX_EPOCH);
    for (number, name) in (1..).zip(["carol", "alice", "bob", "dave"]) {
        apply(&mut state, join(MemberId(number), nick(name)));
        ask(&mut state, MemberId(number), &format!("/join #r{number}"));
        ask(&mut state, MemberId(number), "/join #lobby");
    }
    let who = short(&ask(&mut state, ALICE, "/who")[0]);
    assert!(who.starts_with("1: * 4 members in #lobby / * ") && who.ends_with(" / * and 2 more"), "{who}");
    assert_eq!(who.matches(" / ").count(), 3, "{who}");
    let rooms = "1: * #lobby (4 members) / * #r1 (1 member) / * and 3 more";
    assert_eq!(short(&ask(&mut state, ALICE, "/rooms")[0]), rooms);
}

#[test]
fn invitations_do_not_pile_up() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for number in 0..100 {
        for line in [&format!("/join #r{number}"), "/invite bob", "/part"] {
            ask(&mut state, ALICE, line);
        }
    }
    assert!(state.members[BOB].invites.len() <= state.limits.rooms_per_member);
}

#[test]
fn topic_is_announced_and_kept() {
    check(&[], (ALICE, "/topic"), &["1: * #lobby has no topic"]);
    check(&[], (ALICE, "/topic tea"), &["room 1: [alice] set the topic: tea"]);
    check(&[(ALICE, "/topic tea")], (BOB, "/topic -"), &["room 1: [bob] cleared the topic"]);
    check(&[(ALICE, "/topic tea"), (BOB, "/topic -")], (BOB, "/topic"), &["2: * #lobby has no topic"]);
    check(&[(ALICE, "/topic tea")], (BOB, "/topic"), &["2: * topic of #lobby: tea"]);
    let too_long = format!("/topic {}", "x".repeat(21));
    check(&[], (ALICE, &too_long), &["1: ! text is 21 bytes long; at most 20 are allowed"]);
    let entered = "1: * you are in #den now, with 1 other / * topic of #den: tea";
    let followed = ["room 2: [alice] entered room", "1 enters 2", entered];
    check(&[(BOB, "/join #den"), (BOB, "/topic tea")], (ALICE, "/join #den"), &followed);
}

#[test]
fn history_precedes_new_messages_after_join() {
    let said = [(ALICE, "/join #den"), (ALICE, "one"), (ALICE, "/topic two"), (ALICE, "/me three")];
    let past = "2: ~ 1970-01-01T00:00:00Z <alice> one / ~ 1970-01-01T00:00:00Z (alice three)";
    let entered = "2: * you are in #den now, with 1 other / * topic of #den: two";
    check(&said, (BOB, "/join #den"), &["room 2: [bob] entered room", "2 enters 2", entered, past]);
    check(&said, (ALICE, "/history 1"), &["1: ~ 1970-01-01T00:00:00Z (alice three)"]);
    check(&[], (ALICE, "/history"), &["1: * #lobby has no history"]);

    let mut state = hub(&[(ALICE, "alice")]);
    ask(&mut state, ALICE, "hi");
    for (member, wants_history, told) in [(BOB, true, true), (CAROL, false, false)] {
        let Input::Join { request, .. } = join(member, nick(&format!("n{}", member.0))) else { unreachable!() };
        let request = JoinRequest { wants_history, ..*request };
        let effects = apply(&mut state, Input::Join { member, request: Box::new(request) });
        let past = format!("{}: ~ 1970-01-01T00:00:00Z <alice> hi", member.0);
        assert_eq!(effects.last().map(short) == Some(past), told);
    }
}

#[test]
fn recreated_room_has_no_history() {
    let said = [(ALICE, "/join #den"), (ALICE, "one"), (ALICE, "/part"), (ALICE, "/join #den")];
    check(&said, (ALICE, "/history"), &["1: * #den has no history"]);
}
