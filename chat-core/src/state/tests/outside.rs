//! Tests of secret rooms, outsiders and exceptions.

use super::moderation::check_den;
use super::*;

#[test]
fn secret_room_is_visible_to_its_members_only() {
    let secret = [(BOB, "/part"), (ALICE, "/mode +s")];
    check_den(&secret, (CAROL, "/rooms"), &["3: * #lobby (3 members)"]);
    check_den(&secret, (ALICE, "/rooms"), &["1: * #den (1 member) / * #lobby (3 members)"]);
    for line in ["/who #den", "#den /topic", "#den hi", "#den /history"] {
        check_den(&secret, (CAROL, line), &["3: ! no such room: #den"]);
    }
    check_den(&secret, (ALICE, "/who"), &["1: * 1 member in #den / * alice (operator)"]);
    let operator = [secret[0], secret[1], (CAROL, "/oper sesame")];
    check_den(&operator, (CAROL, "/rooms"), &["3: * #den (1 member) / * #lobby (3 members)"]);
    check_den(&operator, (CAROL, "/who #den"), &["3: * 1 member in #den / * alice (operator)"]);
    let again = [secret[0], secret[1], (ALICE, "/mode -s")];
    check_den(&again, (CAROL, "/rooms"), &["3: * #den (1 member) / * #lobby (3 members)"]);
}

#[test]
fn room_list_remainder_excludes_secret_rooms() {
    let limits = Limits { list: 1, ..Limits::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into(), SystemTime::UNIX_EPOCH);
    for (member, name) in [(ALICE, "alice"), (BOB, "bob")] {
        apply(&mut state, join(member, nick(name)));
    }
    for line in ["/join #a", "/mode +s", "/mode +s", "/join #b", "/mode +s", "/join #c"] {
        ask(&mut state, ALICE, line);
    }
    let mut rooms = |member| short(&ask(&mut state, member, "/rooms")[0]);
    assert_eq!(rooms(ALICE), "1: * #a (1 member) / * and 3 more");
    assert_eq!(rooms(BOB), "2: * #c (1 member) / * and 1 more");
    apply(&mut state, Input::Leave { member: ALICE, reason: CloseReason::EndOfStream });
    assert_eq!(short(&ask(&mut state, BOB, "/rooms")[0]), "2: * #lobby (1 member)");
}

#[test]
fn outsiders_may_speak_without_members_only_mode() {
    check_den(&[], (CAROL, "#den hi"), &["3: ! you are not in #den"]);
    let open = [(ALICE, "/mode -n")];
    check_den(&open, (CAROL, "#den hi"), &["room 2: <carol> hi"]);
    check_den(&open, (BOB, "#den hi"), &["room 2 but 2: <bob> hi"]);
    check_den(&[open[0], (BOB, "/ignore carol")], (CAROL, "#den hi"), &["room 2 but 2: <carol> hi"]);
    for (order, why) in [
        ("/mode +m", "#den is moderated; only members with voice can speak"),
        ("/ban carol", "you are banned from #den"),
        ("/mode +n", "you are not in #den"),
    ] {
        check_den(&[open[0], (ALICE, order)], (CAROL, "#den hi"), &[&format!("3: ! {why}")]);
    }
    let muted = [open[0], (CAROL, "/join #den"), (ALICE, "/mute carol"), (CAROL, "/part #den")];
    let muted: Vec<_> = [(BOB, "/part #den")].iter().chain(&muted).copied().collect();
    check_den(&muted, (CAROL, "#den hi"), &["3: ! you are muted in #den"]);
    check_den(&open, (CAROL, "#den /topic x"), &["3: ! you are not in #den"]);
    check_den(&open, (CAROL, "#den /ops x"), &["3: ! you are not in #den"]);
}

#[test]
fn ban_exception_overrides_bans() {
    let exempt = [(BOB, "/part"), (ALICE, "/exempt bans bob")];
    check_den(&exempt[..1], (ALICE, "/exempt bans bob"), &["room 2: [alice] exempted bob from bans"]);
    let entered = ["room 2: [bob] entered room", "2 enters 2", "2: * you are in #den now, with 1 other"];
    for ban in ["/ban 192.0.2.0/24", "/ban b*", "/ban *!*@local", "/ban bob"] {
        check_den(&[exempt[0], exempt[1], (ALICE, ban)], (BOB, "/join #den"), &entered);
        check_den(&[exempt[0], (ALICE, ban)], (BOB, "/join #den"), &["2: ! you are banned from #den"]);
        // A ban does not remove an exempt member either.
        let mask = ban.strip_prefix("/ban ").expect("a ban");
        check_den(&exempt[1..], (ALICE, ban), &[&format!("room 2: [alice] banned {mask} from #den")]);
    }
    check_den(&exempt, (ALICE, "/exempt bans 7up"), &["1: ! no such nickname: 7up"]);
    let network = [(BOB, "/part"), (ALICE, "/ban *!*h*t@192.0.2.0/24")];
    check_den(&network, (BOB, "/join #den"), &["2: ! you are banned from #den"]);
    let stays = "room 2: [alice] banned 192.0.2.0/24 from #den";
    check_den(&[(ALICE, "/exempt bans b?b")], (ALICE, "/ban 192.0.2.0/24"), &[stays]);
    let banned = [(ALICE, "/exempt bans 192.0.2.2"), (ALICE, "/ban spam*")];
    let renamed = ["2: * you are now known as spammer", "room 1 but 2: [bob] is now known as spammer"];
    check_den(&banned, (BOB, "/nick spammer"), &renamed);
    let list = ["1: * 1 exemption from bans in #den / * bob, set by alice"];
    check_den(&exempt, (ALICE, "/exemptions bans"), &list);
    check_den(&exempt[1..], (BOB, "/exemptions bans"), &[&list[0].replace("1: ", "2: ")]);
    check_den(&exempt, (ALICE, "/exemptions invitation"), &["1: * nobody is exempt from invitation in #den"]);
    check_den(&exempt, (ALICE, "/unexempt bans BOB"), &["room 2: [alice] no longer exempts BOB from bans"]);
    check_den(&exempt, (ALICE, "/unexempt bans carol"), &["1: ! carol is not exempt from bans in #den"]);
    let full: Vec<_> = ["a", "b", "c"].map(|name| format!("/exempt bans {name}")).into();
    let full: Vec<_> = full.iter().map(|line| (ALICE, line.as_str())).collect();
    let why = "1: ! the list is full; at most 3 entries are allowed, so remove one first";
    check_den(&full, (ALICE, "/exempt bans d"), &[why]);
    check_den(&full, (ALICE, "/exempt bans A"), &["room 2: [alice] exempted A from bans"]);
}

#[test]
fn invite_exception_replaces_invitation() {
    let closed = [(BOB, "/part"), (ALICE, "/mode +i"), (ALICE, "/exempt invitation b*")];
    let entered = ["room 2: [bob] entered room", "2 enters 2", "2: * you are in #den now, with 1 other"];
    check_den(&closed, (BOB, "/join #den"), &entered);
    check_den(&closed, (CAROL, "/join #den"), &["3: ! #den is invite-only; ask an operator to invite you"]);
    let also_key = [closed[0], closed[1], closed[2], (ALICE, "/mode +k tea")];
    check_den(&also_key, (BOB, "/join #den"), &["2: ! #den needs the right key; use /join #den KEY"]);
}

#[test]
fn ops_message_reaches_operators_only() {
    check_den(&[], (BOB, "/ops help"), &["1: <bob to operators of #den> help"]);
    check_den(&[], (ALICE, "/ops help"), &[]);
    check_den(&[(ALICE, "/ignore bob")], (BOB, "/ops help"), &[]);
    check_den(&[(ALICE, "/mute bob")], (BOB, "/ops help"), &["2: ! you are muted in #den"]);
    check_den(&[(BOB, "/ops help")], (ALICE, "/history"), &["1: * #den has no history"]);
}

#[test]
fn whowas_lists_former_members_latest_first() {
    let name = |name: &str| format!("* {name} was here until 1970-01-01T00:00:00Z");
    let nobody = "1: * there was no such nickname: carol";
    check_den(&[], (ALICE, "/whowas carol"), &[nobody]);
    check_den(&[(CAROL, "/nick cat"), (CAROL, "/quit")], (ALICE, "/whowas CAROL"), &[&format!("1: {}", name("carol"))]);
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for number in 0..1100 {
        ask(&mut state, BOB, ["/nick bob", "/nick rob"][number % 2]);
        if number == 50 {
            ask(&mut state, ALICE, "/nick al");
        }
    }
    assert_eq!(short(&ask(&mut state, ALICE, "/whowas alice")[0]), "1: * there was no such nickname: alice");
    assert_eq!(short(&ask(&mut state, ALICE, "/whowas rob")[0]), format!("1: {}", [&name("rob")[..]; 10].join(" / ")));
}

#[test]
fn history_omits_ignored_members() {
    let said = [(ALICE, "one"), (BOB, "two"), (ALICE, "three")];
    let history = "~ 1970-01-01T00:00:00Z <alice> one / ~ 1970-01-01T00:00:00Z <alice> three";
    let ignored = [said[0], said[1], said[2], (CAROL, "/ignore bob")];
    check(&ignored, (CAROL, "/history"), &[&format!("3: {history}")]);
    check(
        &[ignored[0], ignored[1], ignored[2], ignored[3], (CAROL, "/part")],
        (CAROL, "/join #lobby"),
        &[
            "room 1: [carol] entered room",
            "3 enters 1",
            "3: * you are in #lobby now, with 2 others",
            &format!("3: {history}"),
        ],
    );
}

#[test]
fn away_notice_skips_members_who_ignore() {
    let ignored = [(CAROL, "/ignore bob")];
    check(&ignored, (BOB, "/away x"), &["2: * you are away: x", "room 1 but 2,3: "]);
    let comes = [(CAROL, "/join #den"), (CAROL, "/ignore bob"), (BOB, "/away x")];
    let entered =
        ["room 2: [bob] entered room", "room 2 but 3: ", "2 enters 2", "2: * you are in #den now, with 1 other"];
    check(&comes, (BOB, "/join #den"), &entered);
}
