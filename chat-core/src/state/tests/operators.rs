//! Tests of server operators and of moderation by the host application.

use super::*;

const OPER: (MemberId, &str) = (CAROL, "/oper sesame");

#[test]
fn oper_requires_password() {
    check(&[], OPER, &["3: [carol] is now a server operator"]);
    check(&[OPER], OPER, &["3: ! you are already a server operator"]);
    check(&[OPER], (ALICE, "/whois carol"), &["1: * carol (server operator) / *   in #lobby"]);
    check(&[OPER], (CAROL, "/whois bob"), &["3: * bob (from 192.0.2.2) / *   in #lobby"]);
    check(&[OPER], (ALICE, "/oper sesame"), &["3,1: [alice] is now a server operator"]);
    let mut state = State::new("lobby".parse().expect("a room's name"), HubOptions::default(), SystemTime::UNIX_EPOCH);
    apply(&mut state, join(ALICE, nick("alice")));
    let refused = "1: ! this server has no operator password";
    assert_eq!(short(&ask(&mut state, ALICE, "/oper sesame")[0]), refused);
}

#[test]
fn wrong_password_delays_next_attempt() {
    let wrong = (BOB, "/oper simsim");
    let logged = "3: [bob] gave a wrong operator password";
    check(&[], wrong, &[": [bob] gave a wrong operator password", "2: ! wrong password; try again in 1s"]);
    check(&[OPER], wrong, &[logged, "2: ! wrong password; try again in 1s"]);
    check(&[OPER, wrong], (BOB, "@1 /oper simsim"), &[logged, "2: ! wrong password; try again in 2s"]);
    check(&[wrong], (BOB, "/oper sesame"), &["2: ! too many wrong passwords; try again in 1s"]);
    check(&[wrong], (BOB, "@1 /oper sesame"), &["2: [bob] is now a server operator"]);
}

#[test]
fn reconnecting_gives_no_more_password_attempts() {
    let mut state = hub(&[(ALICE, "alice")]);
    let try_from = |state: &mut State, number: u64, address: &str, line: &str| {
        ask(state, MemberId(number), &format!("> x{number} {address}"));
        let told = ask(state, MemberId(number), line).iter().map(short).collect::<Vec<_>>();
        ask(state, MemberId(number), "/quit");
        told
    };
    assert_eq!(try_from(&mut state, 10, "2001:db8::1", "/oper x").len(), 2);
    let refused = |number: u64| [format!("{number}: ! too many wrong passwords; try again in 1s")];
    assert_eq!(try_from(&mut state, 20, "2001:db8::2", "/oper sesame"), refused(20));
    let now = "22: [x22] is now a server operator";
    assert_eq!(try_from(&mut state, 22, "2001:db8:0:1::2", "/oper sesame"), [now]);
    let now = "23: [x23] is now a server operator";
    assert_eq!(try_from(&mut state, 23, "2001:db8::2", "@1 /oper sesame"), [now]);
}

#[test]
fn server_operator_moderates_every_room() {
    let made = [OPER, (ALICE, "/join #den"), (BOB, "/join #den"), (BOB, "/part #lobby"), (ALICE, "/part #lobby")];
    check(
        &[&made[..], &[(CAROL, "/topic x")]].concat(),
        (CAROL, "/mode +m"),
        &["room 1: [carol] set mode +m (moderated)"],
    );
    check(&[OPER, (CAROL, "/mode +m")], (CAROL, "hi"), &["room 1 but 3: <carol> hi"]);
    check(&[OPER], (CAROL, "/op bob"), &["room 1: [carol] made bob an operator"]);
}

#[test]
fn server_operator_joins_every_room() {
    let entered = ["room 2: [carol] entered room", "3 enters 2", "3: * you are in #den now, with 1 other"];
    for mode in ["/mode +i", "/mode +k tea", "/mode +l 1", "/ban carol", "/ban 192.0.2.0/24"] {
        check(&[(ALICE, "/join #den"), (ALICE, mode), OPER], (CAROL, "/join #den"), &entered);
    }
}

#[test]
fn room_operators_cannot_touch_server_operator() {
    let den = [(ALICE, "/join #den"), OPER, (CAROL, "/join #den")];
    for line in ["/kick carol", "/mute carol", "/ban carol"] {
        check(&den, (ALICE, line), &["1: ! you can't do that to carol, a server operator"]);
    }
    let masks = ["/ban car*", "/ban 192.0.2.3"];
    for line in masks {
        let banned = format!("room 2: [alice] banned {} from #den", &line[5..]);
        check(&den, (ALICE, line), &[&banned]);
    }
    let muted = "room 2: [alice] muted carol";
    check(&[&den[..], &[(ALICE, "/oper sesame")]].concat(), (ALICE, "/mute carol"), &[muted]);
}

#[test]
fn only_server_operators_moderate_server() {
    check(&[OPER], (CAROL, "/stats"), &["3: the counters"]);
    check(&[], (SERVER, "#lobby /stats"), &["answer: the counters"]);
    for line in ["/stats", "/kill bob", "/announce hi", "/serverban bob", "/serverunban bob", "/serverbans"] {
        check(&[(ALICE, "/join #den")], (ALICE, line), &["1: ! you are not a server operator"]);
    }
}

#[test]
fn killed_member_gets_reason_and_others_see_leave() {
    let killed = [
        "2: ! carol closed your connection: spam",
        "2 exits 1",
        "2 (bob) is gone: carol closed your connection: spam",
        "room 1: [bob] is offline",
        "3: [carol] closed the connection of bob: spam",
    ];
    check(&[OPER], (CAROL, "/kill bob spam"), &killed);
    check(&[OPER], (CAROL, "/kill carol"), &["3: ! you can't do that to yourself"]);
    check(&[OPER], (CAROL, "/kill nobody"), &["3: ! no such nickname: nobody"]);
    let too_long = format!("/kill bob {}", "x".repeat(21));
    check(&[OPER], (CAROL, &too_long), &["3: ! text is 21 bytes long; at most 20 are allowed"]);
}

#[test]
fn announcement_reaches_everybody_once() {
    let rooms = [(ALICE, "/join #den"), (BOB, "/join #den"), (BOB, "/part #lobby"), OPER];
    check(&rooms, (CAROL, "/announce tea"), &["1,2,3: * carol announces: tea"]);
    let too_long = format!("/announce {}", "x".repeat(21));
    check(&rooms, (CAROL, &too_long), &["3: ! text is 21 bytes long; at most 20 are allowed"]);
    check(&rooms, (SERVER, "#lobby /announce tea"), &["1,2,3: * the server announces: tea"]);
}

#[test]
fn server_ban_closes_and_keeps_out() {
    let ban = (CAROL, "/serverban bob 10m spam");
    let closed = [
        "3: [carol] banned bob from this server for 10m: spam",
        "2: ! you are banned from this server for 10m: spam",
        "2 exits 1",
        "2 (bob) is gone: you are banned from this server for 10m: spam",
        "room 1: [bob] is offline",
    ];
    check(&[OPER], ban, &closed);
    let refused = |left: &str| format!("4 is refused: you are banned from this server for {left}: spam");
    check(&[OPER, ban], (DAVE, "> Bob 192.0.2.9"), &[&refused("10m")]);
    check(&[OPER, ban], (DAVE, "@1 > dave 192.0.2.2"), &[&refused("9m59s")]);
    let comes = ["4 is dave", "room 1: [dave] entered room", "4 enters 1"];
    check(&[OPER, ban], (DAVE, "@600 > dave 192.0.2.2"), &comes);
    check(&[OPER, ban], (DAVE, "> dave 192.0.2.9"), &comes);
    check(&[OPER, ban], (ALICE, "/nick bob"), &["1: ! nickname bob is banned from this server; choose another"]);
    check(
        &[OPER, ban],
        (CAROL, "/serverbans"),
        &["3: * 1 ban on this server / * bob (192.0.2.2), set by carol, 10m left: spam"],
    );
    check(&[OPER], (CAROL, "/serverbans"), &["3: * nobody is banned from this server"]);
    let unban = (CAROL, "/serverunban bob");
    check(&[OPER, ban], unban, &["3: [carol] unbanned bob from this server"]);
    check(&[OPER, ban, unban], (DAVE, "> dave 192.0.2.2"), &comes);
    check(&[OPER], unban, &["3: ! bob is not banned from this server"]);
}

#[test]
fn network_ban_spares_server_operators() {
    let closed = [
        "3: [carol] banned 192.0.2.0/24 from this server",
        "1: ! you are banned from this server",
        "1 exits 1",
        "1 (alice) is gone: you are banned from this server",
        "2: ! you are banned from this server",
        "2 exits 1",
        "2 (bob) is gone: you are banned from this server",
        "room 1: [alice] is offline",
        "room 1: [bob] is offline",
    ];
    check(&[OPER], (CAROL, "/serverban 192.0.2.0/24"), &closed);
    let closed = [closed[0], closed[4], closed[5], closed[6], closed[8]].map(|line| line.replacen("3:", "3,1:", 1));
    let closed = closed.each_ref().map(String::as_str);
    check(&[OPER, (ALICE, "/oper sesame")], (CAROL, "/serverban 192.0.2.0/24"), &closed);
}

#[test]
fn host_application_moderates_any_room() {
    let kicked = [
        "2 exits 2",
        "2 turns to 1",
        "2: * the server kicked you from #den: noise / * you are in #lobby now",
        "room 2: [bob] was kicked by the server: noise",
    ];
    let den = [(ALICE, "/join #den"), (BOB, "/join #den")];
    check(&den, (SERVER, "#den /kick bob noise"), &kicked);
    check(&den, (SERVER, "#den /topic tea"), &["room 2: [the server] set the topic: tea"]);
    check(&den, (SERVER, "#den /bans"), &["answer: * nobody is banned from #den"]);
    check(&den, (SERVER, "#den /kick carol"), &["answer: ! carol is not in #den"]);
    check(&den, (SERVER, "#no /kick bob"), &["answer: ! no such room: #no"]);
    let closed = "2: ! the server closed your connection";
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    assert_eq!(short(&ask(&mut state, SERVER, "#no /kill bob")[0]), closed, "which room does not matter");
}

#[test]
fn room_ends_when_last_member_is_removed() {
    let mut state = hub(&[(ALICE, "alice")]);
    ask(&mut state, ALICE, "/join #den");
    ask(&mut state, SERVER, "#den /kick alice");
    assert_eq!(state.rooms().count(), 1);
    ask(&mut state, ALICE, "/join #den");
    ask(&mut state, SERVER, "#den /ban alice");
    assert_eq!(state.rooms().count(), 1);
}
