//! Tests of bans and mutes.

use super::moderation::{DEN, check_den};
use super::*;
use crate::model::mask::Mask;
use crate::model::moderation::{Scope, Term};

const BAN: (MemberId, &str) = (ALICE, "/ban bob 10m noise");

#[test]
fn banned_member_is_removed_with_reason() {
    let banned = [
        "room 2: [alice] banned bob from #den for 10m: noise",
        "2 exits 2",
        "2 turns to 1",
        "2: * alice kicked you from #den: noise / * you are in #lobby now",
        "room 2: [bob] was kicked by alice: noise",
    ];
    check_den(&[], BAN, &banned);
    check_den(
        &[],
        (ALICE, "/ban bob"),
        &[
            "room 2: [alice] banned bob from #den",
            banned[1],
            banned[2],
            "2: * alice kicked you from #den / * you are in #lobby now",
            "room 2: [bob] was kicked by alice",
        ],
    );
}

#[test]
fn banned_member_rejoins_after_ban_expires() {
    let refused = |left: &str| format!("2: ! you are banned from #den for {left}: noise");
    check_den(&[BAN], (BOB, "/join #den"), &[&refused("10m")]);
    check_den(&[BAN], (BOB, "@599 /join #den"), &[&refused("1s")]);
    let entered = ["room 2: [bob] entered room", "2 enters 2", "2: * you are in #den now, with 1 other"];
    check_den(&[BAN], (BOB, "@600 /join #den"), &entered);
    check_den(&[BAN, (ALICE, "/unban bob")], (BOB, "/join #den"), &entered);
    check_den(&[(ALICE, "/ban bob")], (BOB, "@9999999999 /join #den"), &["2: ! you are banned from #den"]);
    check_den(&[BAN, (ALICE, "/invite bob")], (BOB, "/join #den"), &[&refused("10m")]);
}

#[test]
fn ban_by_name_survives_nick_change() {
    let refused = "2: ! you are banned from #den for 10m: noise";
    check_den(&[BAN, (BOB, "/nick rob")], (BOB, "/join #den"), &[refused]);
    let again = [BAN, (BOB, "/quit"), (DAVE, "> dave 192.0.2.2")];
    check_den(&again, (DAVE, "/join #den"), &["4: ! you are banned from #den for 10m: noise"]);
    let elsewhere = [BAN, (BOB, "/quit"), (DAVE, "> bob 198.51.100.1")];
    check_den(&elsewhere, (DAVE, "/join #den"), &["4: ! you are banned from #den for 10m: noise"]);
    let another = [BAN, (BOB, "/quit"), (DAVE, "> dave 198.51.100.1")];
    let entered = ["room 2: [dave] entered room", "4 enters 2", "4: * you are in #den now, with 1 other"];
    check_den(&another, (DAVE, "/join #den"), &entered);
}

#[test]
fn ban_by_name_covers_ipv6_network() {
    let ban = [(DAVE, "> dave 2001:db8::1"), (ALICE, "/ban dave"), (DAVE, "/quit")];
    let again = |address: &str| {
        let mut state = hub(&[(ALICE, "alice")]);
        for (member, line) in [(ALICE, "/join #den")].iter().chain(&ban) {
            ask(&mut state, *member, line);
        }
        ask(&mut state, BOB, &format!("> rob {address}"));
        short(&ask(&mut state, BOB, "/join #den")[0])
    };
    assert_eq!(again("2001:db8::ffff"), "2: ! you are banned from #den");
    assert_eq!(again("2001:db8:0:1::1"), "room 2: [rob] entered room");
}

#[test]
fn name_can_be_banned_before_join() {
    check_den(&[], (ALICE, "/ban dave"), &["room 2: [alice] banned dave from #den"]);
    let come = [(ALICE, "/ban dave"), (DAVE, "> dave 192.0.2.4")];
    check_den(&come, (DAVE, "/join #den"), &["4: ! you are banned from #den"]);
    // No member can have such a name.
    check_den(&[], (ALICE, "/ban 192.0.2.4:7"), &["1: ! no such nickname: 192.0.2.4:7"]);
    check_den(&[(ALICE, "/ban dave")], (CAROL, "/join #den"), &["3: ! #den is full; at most 2 members are allowed"]);
}

#[test]
fn addresses_networks_and_patterns_can_be_banned() {
    for mask in ["192.0.2.2", "192.0.2.0/24", "b*", "?OB"] {
        let line = format!("/ban {mask}");
        let effects: Vec<_> = {
            let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
            for (member, line) in DEN {
                ask(&mut state, member, line);
            }
            ask(&mut state, ALICE, &line).iter().map(short).collect()
        };
        assert_eq!(effects[0], format!("room 2: [alice] banned {mask} from #den"));
        assert_eq!(effects.last().map(String::as_str), Some("room 2: [bob] was kicked by alice"), "{mask}");
        check_den(&[(ALICE, &line)], (BOB, "/join #den"), &["2: ! you are banned from #den"]);
    }
}

#[test]
fn only_ban_by_name_removes_operator() {
    let operators = [(ALICE, "/op bob")];
    for mask in ["192.0.2.0/24", "*"] {
        check_den(&operators, (ALICE, &format!("/ban {mask}")), &[&format!("room 2: [alice] banned {mask} from #den")]);
    }
    check_den(&[(ALICE, "/op bob"), (BOB, "/ban alice")], (ALICE, "/join #den"), &["1: ! you are banned from #den"]);
    check_den(&[], (ALICE, "/ban alice"), &["1: ! you can't do that to yourself"]);
}

#[test]
fn member_cannot_take_banned_name() {
    let ban = (ALICE, "/ban spam*");
    check_den(&[ban], (BOB, "/nick spammer"), &["2: ! nickname spammer is banned from #den; choose another"]);
    let renamed = ["1: * you are now known as spammer", "room 1 but 1: [alice] is now known as spammer"];
    check_den(&[ban], (ALICE, "/nick spammer"), &renamed);
    let renamed = ["3: * you are now known as spammer", "room 1 but 3: [carol] is now known as spammer"];
    check_den(&[ban], (CAROL, "/nick spammer"), &renamed);
}

#[test]
fn only_operators_ban() {
    for line in [
        "/ban alice",
        "/unban alice",
        "/mutes",
        "/mute alice",
        "/unmute alice",
        "/exempt bans bob",
        "/unexempt bans bob",
    ] {
        check_den(&[], (BOB, line), &["2: ! you are not an operator of #den"]);
    }
    let too_long = "x".repeat(21);
    for line in ["/ban bob", "/mute bob"] {
        let line = format!("{line} {too_long}");
        check_den(&[], (ALICE, &line), &["1: ! text is 21 bytes long; at most 20 are allowed"]);
    }
}

#[test]
fn ban_list_hides_addresses_except_from_server_operators() {
    check_den(&[], (ALICE, "/bans"), &["1: * nobody is banned from #den"]);
    let bans = [BAN, (ALICE, "/ban spam*")];
    let list = "* 2 bans in #den / * bob, set by alice, 9m59s left: noise / * spam*, set by alice";
    check_den(&bans, (ALICE, "@1 /bans"), &[&format!("1: {list}")]);
    check_den(&bans, (ALICE, "@600 /bans"), &["1: * 1 ban in #den / * spam*, set by alice"]);
    let with_address = list.replace("bob,", "bob (192.0.2.2),");
    check_den(&[&bans[..], &[(ALICE, "/oper sesame")]].concat(), (ALICE, "@1 /bans"), &[&format!("1: {with_address}")]);
    check_den(&bans, (SERVER, "@1 #den /bans"), &[&format!("answer: {with_address}")]);
}

#[test]
fn unban_takes_mask_or_known_address() {
    let lifted = |mask: &str| format!("room 2: [alice] unbanned {mask} from #den");
    check_den(&[BAN], (ALICE, "/unban BOB"), &[&lifted("BOB")]);
    check_den(&[BAN], (ALICE, "/unban 192.0.2.2"), &[&lifted("192.0.2.2")]);
    check_den(&[BAN], (ALICE, "/unban bo*"), &["1: ! bo* is not banned from #den"]);
    check_den(&[BAN], (ALICE, "@600 /unban bob"), &["1: ! bob is not banned from #den"]);
    check_den(&[(ALICE, "/ban Spam*")], (ALICE, "/unban spam*"), &[&lifted("spam*")]);
}

#[test]
fn repeated_ban_updates_time_and_keeps_address() {
    let again = [BAN, (BOB, "/quit"), (ALICE, "/ban bob 1h"), (DAVE, "> dave 192.0.2.2")];
    check_den(&again, (ALICE, "/bans"), &["1: * 1 ban in #den / * bob, set by alice, 1h left"]);
    check_den(&again, (DAVE, "/join #den"), &["4: ! you are banned from #den for 1h"]);
}

#[test]
fn bans_are_limited_and_expired_do_not_count() {
    let bans = [(ALICE, "/ban a1 1s"), (ALICE, "/ban a2"), (ALICE, "/ban a3")];
    let full = "1: ! the list is full; at most 3 entries are allowed, so remove one first";
    check_den(&bans, (ALICE, "/ban a4"), &[full]);
    check_den(&bans, (ALICE, "/ban A2 5m"), &["room 2: [alice] banned A2 from #den for 5m"]);
    check_den(&bans, (ALICE, "@1 /ban a4"), &["room 2: [alice] banned a4 from #den"]);
    check_den(&bans, (ALICE, "/mute bob"), &["room 2: [alice] muted bob"]);
}

#[test]
fn member_banned_from_home_starts_in_no_room() {
    let ban = [(CAROL, "/oper sesame"), (CAROL, "/ban bob"), (BOB, "/quit")];
    check(&ban, (DAVE, "> dave 192.0.2.2"), &["4 is dave", "4: ! you are banned from #lobby"]);
    let entered = ["room 2: [dave] entered room", "4 enters 2", "4: * you are in #den now, with 0 others"];
    check(&[&ban[..], &[(DAVE, "> dave 192.0.2.2")]].concat(), (DAVE, "/join #den"), &entered);

    // An in-process member joins that room or does not join the hub.
    let mut state = hub(&[(CAROL, "carol")]);
    for line in ["/oper sesame", "/ban bob"] {
        ask(&mut state, CAROL, line);
    }
    let request = JoinRequest::new(nick("bob"), "lobby".parse().expect("a room's name"));
    let effects = apply(&mut state, Input::Join { member: DAVE, request: Box::new(request) });
    assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), ["4 is refused: you are banned from #lobby"]);
    assert_eq!(state.roster().count(), 1, "nothing of one who was refused is left");
    assert_eq!(short(&ask(&mut state, CAROL, "/nick bob")[0]), "3: * you are now known as bob");
}

#[test]
fn home_room_modes_do_not_stop_new_connections() {
    for mode in ["/mode +i", "/mode +k tea", "/mode +l 1"] {
        let comes = ["4 is dave", "room 1: [dave] entered room", "4 enters 1"];
        check(&[(CAROL, "/oper sesame"), (CAROL, mode)], (DAVE, "> dave 192.0.2.4"), &comes);
    }
}

const MUTE: (MemberId, &str) = (ALICE, "/mute bob 10m noise");

#[test]
fn muted_member_cannot_speak_in_that_room() {
    check_den(&[], MUTE, &["room 2: [alice] muted bob for 10m: noise"]);
    for line in ["hi", "/me waves"] {
        check_den(&[MUTE], (BOB, line), &["2: ! you are muted in #den for 10m"]);
    }
    check_den(&[MUTE], (BOB, "/msg carol hi"), &["3: {bob} hi"]);
    check_den(&[MUTE, (BOB, "/join #lobby")], (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    check_den(&[MUTE], (BOB, "@600 hi"), &["room 2 but 2: <bob> hi"]);
    check_den(&[(ALICE, "/mute bob")], (BOB, "hi"), &["2: ! you are muted in #den"]);
    check_den(&[MUTE], (ALICE, "/who"), &["1: * 2 members in #den / * alice (operator) / * bob (muted)"]);
}

#[test]
fn mute_cannot_be_evaded() {
    let muted = "2: ! you are muted in #den for 10m";
    for line in ["/nick rob", "/topic buy at once", "/topic -"] {
        check_den(&[MUTE], (BOB, line), &[muted]);
    }
    check_den(&[MUTE, (BOB, "/part"), (BOB, "/nick rob"), (BOB, "/join #den")], (BOB, "hi"), &[muted]);
    let again = [MUTE, (BOB, "/quit"), (DAVE, "> dave 192.0.2.2"), (DAVE, "/join #den")];
    check_den(&again, (DAVE, "hi"), &["4: ! you are muted in #den for 10m"]);

    check_den(&[MUTE], (ALICE, "/unmute BOB"), &["room 2: [alice] unmuted bob"]);
    check_den(&[MUTE, (ALICE, "/unmute bob")], (BOB, "hi"), &["room 2 but 2: <bob> hi"]);
    let renamed = [MUTE, (BOB, "/part"), (BOB, "/nick rob"), (BOB, "/join #den"), (ALICE, "/unmute rob")];
    check_den(&renamed, (BOB, "hi"), &["room 2 but 2: <rob> hi"]);
    check_den(&[MUTE, (BOB, "/quit")], (ALICE, "/unmute bob"), &["room 2: [alice] unmuted bob"]);
}

#[test]
fn member_sharing_muted_address_is_unmuted_separately() {
    // Dave joins from bob's address.
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let before = [(ALICE, "/oper sesame"), MUTE, (DAVE, "> dave 192.0.2.2")];
    for (member, line) in before {
        ask(&mut state, member, line);
    }
    let muted = |left| format!("{left}: ! you are muted in #lobby for 10m");
    assert_eq!(short(&ask(&mut state, DAVE, "hi")[0]), muted(4));
    assert_eq!(short(&ask(&mut state, ALICE, "/unmute dave")[0]), "room 1: [alice] unmuted dave");
    assert_eq!(short(&ask(&mut state, DAVE, "hi")[0]), "room 1 but 4: <dave> hi");
    assert_eq!(short(&ask(&mut state, BOB, "hi")[0]), muted(2));
}

#[test]
fn server_operator_is_not_muted_by_shared_address() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for (member, line) in [(ALICE, "/oper sesame"), MUTE, (DAVE, "> dave 192.0.2.2")] {
        ask(&mut state, member, line);
    }
    for line in ["/oper sesame", "hi"] {
        assert!(!short(&ask(&mut state, DAVE, line)[0]).contains("muted"), "{line}");
    }
    ask(&mut state, DAVE, "/part");
    ask(&mut state, DAVE, "/join #lobby");
    assert_eq!(short(&ask(&mut state, DAVE, "hi")[0]), "room 1 but 4: <dave> hi");
}

#[test]
fn mutes_are_listed() {
    check_den(&[], (ALICE, "/mutes"), &["1: * nobody is muted in #den"]);
    check_den(&[MUTE], (ALICE, "@1 /mutes"), &["1: * 1 mute in #den / * bob, set by alice, 9m59s left: noise"]);
    check_den(&[MUTE], (SERVER, "@600 #den /mutes"), &["answer: * nobody is muted in #den"]);
    check_den(&[], (BOB, "/mutes"), &["2: ! you are not an operator of #den"]);
}

#[test]
fn repeated_ban_covers_both_owners_of_name() {
    // Bob has left, and a member with another address has his name.
    let again = [BAN, (BOB, "/quit"), (DAVE, "> bob 198.51.100.1"), (ALICE, "/ban bob"), (DAVE, "/quit")];
    for (number, address) in [(5, "192.0.2.2"), (6, "198.51.100.1")] {
        let come = (MemberId(number), &*format!("> x {address}"));
        let refused = format!("{number}: ! you are banned from #den");
        check_den(&[&again[..], &[come]].concat(), (MemberId(number), "/join #den"), &[&refused]);
    }
}

#[test]
fn duration_past_clock_range_is_for_ever() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let room = || Some("lobby".parse().expect("a room's name"));
    let term = || Term::of(Duration::MAX);
    let ban = Moderation::Ban { scope: Scope::Room, mask: Mask::parse("spam*").expect("a mask"), term: term() };
    for (order, told) in [
        (Moderation::Mute { name: "bob".into(), term: term() }, "room 1: [the server] muted bob"),
        (ban, "room 1: [the server] banned spam* from #lobby"),
    ] {
        let effects = apply(&mut state, Input::Moderate { room: room(), moderation: Box::new(order) });
        assert_eq!(short(&effects[0]), told);
    }
}

#[cfg(feature = "unicode")]
#[test]
fn ban_removes_member_with_lookalike_name() {
    let renamed = [(BOB, "/part"), (BOB, "/nick Ian"), (BOB, "/join #den")];
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for (member, line) in DEN.iter().chain(&renamed) {
        ask(&mut state, *member, line);
    }
    let effects: Vec<_> = ask(&mut state, ALICE, "/ban lan").iter().map(short).collect();
    assert_eq!(effects.last().map(String::as_str), Some("room 2: [Ian] was kicked by alice"));
}

#[test]
fn bans_do_not_reveal_hidden_addresses() {
    let limits = Limits::default();
    let mut options = HubOptions { default_names: DefaultNames::Guest, ..HubOptions::from(limits) };
    options.operator_password = Some(Password::parse("sesame").expect("a password"));
    let mut state = State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH);
    for (member, name) in [(ALICE, "alice"), (BOB, "bob")] {
        apply(&mut state, join(member, nick(name)));
        ask(&mut state, member, "/join #den");
    }
    let mut answer = |line: &str| short(&ask(&mut state, ALICE, line)[0]);
    assert_eq!(
        answer("/ban 192.0.2.2"),
        "1: ! addresses are hidden on this server; only server operators can ban them"
    );
    assert_eq!(answer("/ban bob"), "room 2: [alice] banned bob from #den");
    assert_eq!(answer("/unban 192.0.2.2"), "1: ! 192.0.2.2 is not banned from #den");
    assert_eq!(answer("/oper sesame"), "1: [alice] is now a server operator");
    assert_eq!(answer("/unban 192.0.2.2"), "room 2: [alice] unbanned 192.0.2.2 from #den");
    assert_eq!(answer("/ban 192.0.2.2"), "room 2: [alice] banned 192.0.2.2 from #den");
}

#[test]
fn mute_spares_present_members_with_same_address() {
    let there = [(CAROL, "/quit"), (ALICE, "/part #lobby"), (DAVE, "> dave 192.0.2.2")];
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")]);
    for (member, line) in there.iter().chain(&[(ALICE, "/oper sesame"), (ALICE, "/join #lobby"), (ALICE, "/mute bob")])
    {
        ask(&mut state, *member, line);
    }
    assert_eq!(short(&ask(&mut state, DAVE, "hi")[0]), "room 1 but 4: <dave> hi");
    assert_eq!(short(&ask(&mut state, BOB, "hi")[0]), "2: ! you are muted in #lobby");
}

#[test]
fn only_present_members_are_muted_or_unmuted() {
    check_den(&[], (ALICE, "/mute carol"), &["1: ! carol is not in #den"]);
    check_den(&[], (ALICE, "/mute nobody"), &["1: ! no such nickname: nobody"]);
    check_den(&[], (ALICE, "/mute alice"), &["1: ! you can't do that to yourself"]);
    check_den(&[], (ALICE, "/unmute bob"), &["1: ! bob is not muted in #den"]);
}

#[test]
fn wall_clock_does_not_expire_ban() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for (member, line) in DEN.iter().chain(&[BAN]) {
        ask(&mut state, *member, line);
    }
    let later = Moment { date: SystemTime::UNIX_EPOCH + Duration::from_secs(100_000_000), ..moment(0) };
    let effects = apply_at(&mut state, Input::Command { member: BOB, command: command("/join #den") }, later);
    assert_eq!(short(&effects[0]), "2: ! you are banned from #den for 10m: noise");
}

#[test]
fn mutes_forget_members_who_left() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for (member, line) in DEN.iter().chain(&[MUTE]) {
        ask(&mut state, *member, line);
    }
    for _ in 0..100 {
        for line in ["/part", "/join #den"] {
            ask(&mut state, BOB, line);
        }
    }
    let held: Vec<_> =
        state.rooms().map(|(id, ..)| state.rooms[id].mutes.applied_members().collect::<Vec<_>>()).collect();
    assert_eq!(held.concat(), [&BOB]);
}

#[test]
fn mutes_release_absent_members_and_server_operators() {
    for line in ["/part", "/quit", "/oper sesame"] {
        let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
        for (member, line) in DEN.iter().chain(&[MUTE, (BOB, line)]) {
            ask(&mut state, *member, line);
        }
        let is_released = |id| state.rooms[id].mutes.applied_members().next().is_none();
        assert!(state.rooms().all(|(id, ..)| is_released(id)), "{line}");
    }
}
