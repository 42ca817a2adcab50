//! Inputs in, effects out. What members are told is shown as the plain line protocol shows it.

mod model;

use super::*;
use crate::line::Line;
use crate::session::Session as _;

const ALICE: MemberId = MemberId(1);
const BOB: MemberId = MemberId(2);
const CAROL: MemberId = MemberId(3);

fn nick(name: &str) -> Name {
    Name::Nick(name.parse().expect("a nick"))
}

/// A hub of these members, all in its first room, number 1.
fn hub(members: &[(MemberId, &str)]) -> State {
    let mut limits = Limits { text: 20, ..Limits::default() };
    (limits.topic, limits.rooms, limits.rooms_per_member, limits.members_per_room) = (20, 4, 3, 2);
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into());
    for &(member, name) in members {
        apply(&mut state, Input::Join { member, name: nick(name), wants_history: true });
    }
    state
}

fn apply(state: &mut State, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.apply(input, SystemTime::UNIX_EPOCH, &mut effects);
    effects
}

/// What a member asks for with a line, and what follows.
fn ask(state: &mut State, member: MemberId, line: &str) -> Vec<Effect> {
    let (mut session, mut reply) = (Line::default(), Vec::new());
    let command = session.decode(&mut format!("{line}\n").as_bytes(), &mut reply).expect("a line");
    let command = command.unwrap_or_else(|| panic!("{line}: {}", String::from_utf8_lossy(&reply)));
    apply(state, Input::Command { member, command })
}

fn short(effect: &Effect) -> String {
    let show = |event: &Event| {
        let mut out = Vec::new();
        Line::default().encoder().encode(event, &mut out);
        String::from_utf8(out).expect("lines are text").trim_end().replace('\n', " / ")
    };
    let list = |members: &[MemberId]| members.iter().map(|member| member.0.to_string()).collect::<Vec<_>>().join(",");
    match effect {
        Effect::Admit { member, name } => format!("{} is {name}", member.0),
        Effect::Refuse { member } => format!("{} is refused", member.0),
        Effect::Enter { member, room } => format!("{} enters {}", member.0, room.0),
        Effect::Turn { member, room } => format!("{} turns to {}", member.0, room.0),
        Effect::Exit { member, room } => format!("{} exits {}", member.0, room.0),
        Effect::Tell { to, event } => format!("{}: {}", list(to), show(event)),
        Effect::Broadcast { room, except, ignoring, event } => {
            let deaf: Vec<_> = except.iter().chain(ignoring).copied().collect();
            let but = if deaf.is_empty() { String::new() } else { format!(" but {}", list(&deaf)) };
            format!("room {}{but}: {}", room.0, show(event))
        }
        Effect::Remove { member, name, reason } => format!("{} ({name}) is gone: {reason}", member.0),
    }
}

/// After some lines that members say, a line of one has these effects.
#[track_caller]
fn check(before: &[(MemberId, &str)], (member, line): (MemberId, &str), effects: &[&str]) {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")]);
    for (member, line) in before {
        ask(&mut state, *member, line);
    }
    let followed: Vec<_> = ask(&mut state, member, line).iter().map(short).collect();
    assert_eq!(followed, effects, "{line}");
}

/// In a hub of Alice and Bob, `input` has these effects.
#[track_caller]
fn check_input(input: Input, effects: &[&str]) {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let followed: Vec<_> = apply(&mut state, input).iter().map(short).collect();
    assert_eq!(followed, effects);
}

#[test]
fn those_who_are_in_hear_of_a_newcomer_and_the_newcomer_does_not() {
    let join = Input::Join { member: CAROL, name: nick("carol"), wants_history: true };
    check_input(join, &["3 is carol", "room 1: [carol] entered room", "3 enters 1"]);
}

#[test]
fn a_taken_nick_is_refused_in_any_case() {
    for name in ["bob", "BOB"] {
        check_input(Input::Join { member: CAROL, name: nick(name), wants_history: true }, &["3 is refused"]);
    }
}

#[test]
fn a_taken_address_gets_a_number() {
    let mut state = hub(&[]);
    let names: Vec<_> = [ALICE, BOB, CAROL]
        .into_iter()
        .flat_map(|member| {
            apply(&mut state, Input::Join { member, name: Name::address("192.0.2.1:7"), wants_history: true })
        })
        .filter(|effect| matches!(effect, Effect::Admit { .. }))
        .map(|effect| short(&effect))
        .collect();
    assert_eq!(names, ["1 is 192.0.2.1:7", "2 is 192.0.2.1:7/2", "3 is 192.0.2.1:7/3"]);
}

#[test]
fn events_are_numbered_and_dated() {
    let mut state = hub(&[(ALICE, "alice")]);
    let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(7);
    let mut effects = Vec::new();
    for token in ["a", "b"] {
        state.apply(Input::Command { member: ALICE, command: Command::Ping(token.into()) }, now, &mut effects);
    }
    let [Effect::Tell { event: one, .. }, Effect::Tell { event: next, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((one.number() + 1, one.time()), (next.number(), now));
}

#[test]
fn all_but_the_speaker_hear_what_is_said_and_done() {
    check(&[], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&[], (ALICE, "/me waves"), &["room 1 but 1: (alice waves)"]);
}

#[test]
fn a_blank_or_too_long_text_is_refused_to_its_speaker_alone() {
    let state = || hub(&[(ALICE, "alice"), (BOB, "bob")]);
    let too_long = "x".repeat(21);
    for (text, why) in
        [(" \t", "! text is blank; say something"), (&*too_long, "! text is 21 bytes long; at most 20 are allowed")]
    {
        let bob = Target::new("bob");
        for command in [Command::say(text), Command::Act(text.into()), Command::Tell { to: bob, text: text.into() }] {
            let effects = apply(&mut state(), Input::Command { member: ALICE, command });
            assert_eq!(effects.iter().map(short).collect::<Vec<_>>(), [format!("1: {why}")]);
        }
    }
    let longest = "x".repeat(20);
    check(&[], (ALICE, &longest), &[&format!("room 1 but 1: <alice> {longest}")]);
}

#[test]
fn a_ping_is_answered_to_its_sender_alone() {
    check(&[], (ALICE, "/ping x"), &["1: * pong x"]);
}

#[test]
fn a_word_in_private_reaches_one_alone() {
    check(&[], (ALICE, "/msg BOB hi there"), &["2: {alice} hi there"]);
    check(&[], (ALICE, "/w bob hi"), &["2: {alice} hi"]);
    check(&[], (ALICE, "/msg nobody hi"), &["1: ! nobody is called nobody"]);
    check(&[], (ALICE, "/msg Alice hi"), &["1: ! Alice is yourself; name another"]);
}

#[test]
fn one_who_is_away_is_reached_and_the_speaker_told() {
    check(&[], (BOB, "/away out for tea"), &["2: * you are away: out for tea"]);
    let away = [(BOB, "/away out for tea")];
    check(&away, (ALICE, "/msg bob hi"), &["2: {alice} hi", "1: * bob is away: out for tea"]);
    check(&away, (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&away, (BOB, "/away"), &["2: * you are back"]);
    check(&[], (BOB, "/away"), &["2: ! you are not away; say why you will be"]);
}

#[test]
fn a_new_name_is_told_to_those_who_know_the_old_one() {
    check(&[], (ALICE, "/nick al"), &["1: * you are now known as al", "room 1 but 1: [alice] is now known as al"]);
    check(&[(ALICE, "/nick al")], (ALICE, "hi"), &["room 1 but 1: <al> hi"]);
    check(&[(ALICE, "/nick al")], (BOB, "/msg alice hi"), &["2: ! nobody is called alice"]);
    check(&[(ALICE, "/nick al")], (BOB, "/msg al hi"), &["1: {bob} hi"]);
}

#[test]
fn a_taken_name_is_refused_and_a_name_that_is_left_is_free() {
    check(&[], (ALICE, "/nick BOB"), &["1: ! nickname BOB is in use; choose another"]);
    check(&[], (ALICE, "/nick alice"), &["1: ! you are called alice already"]);
    let other_case = ["1: * you are now known as Alice", "room 1 but 1: [alice] is now known as Alice"];
    check(&[], (ALICE, "/nick Alice"), &other_case);
    let freed = ["1: * you are now known as bob", "room 1 but 1: [alice] is now known as bob"];
    check(&[(BOB, "/nick rob")], (ALICE, "/nick bob"), &freed);
    check(&[(BOB, "/quit")], (ALICE, "/nick bob"), &freed);
}

#[cfg(feature = "unicode")]
#[test]
fn a_name_that_looks_like_another_is_refused() {
    let cyrillic = "1: ! nickname b\u{43e}b looks like bob, which is in use; choose another";
    check(&[], (ALICE, "/nick b\u{43e}b"), &[cyrillic]);
    let now_free = ["1: * you are now known as b\u{43e}b", "room 1 but 1: [alice] is now known as b\u{43e}b"];
    check(&[(BOB, "/quit")], (ALICE, "/nick b\u{43e}b"), &now_free);
    let own = ["1: * you are now known as \u{430}lice", "room 1 but 1: [alice] is now known as \u{430}lice"];
    check(&[], (ALICE, "/nick \u{430}lice"), &own);
}

#[test]
fn guests_get_a_number_instead_of_their_address() {
    let options = HubOptions { names: Naming::Guest, ..HubOptions::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), options);
    let mut come = |member, address| {
        let join = Input::Join { member, name: Name::address(address), wants_history: true };
        short(&apply(&mut state, join)[0])
    };
    assert_eq!(come(ALICE, "192.0.2.1:1"), "1 is guest-1");
    assert_eq!(come(BOB, "192.0.2.1:2"), "2 is guest-2");
    let refused = "1: ! nickname Guest-2 is for those who have not chosen one; choose another";
    assert_eq!(ask(&mut state, ALICE, "/nick Guest-2").iter().map(short).collect::<Vec<_>>(), [refused]);
    assert_eq!(short(&ask(&mut state, ALICE, "/nick guest-x")[0]), "1: * you are now known as guest-x");
    let join = Input::Join { member: CAROL, name: Name::address("192.0.2.1:3"), wants_history: true };
    assert_eq!(short(&apply(&mut state, join)[0]), "3 is guest-3", "no number is used twice");
}

#[test]
fn rooms_that_are_kept_are_there_when_nobody_is_in_them() {
    let rooms = ["help", "lobby", "HELP"].map(|name| name.parse().expect("a room's name")).to_vec();
    let mut state = State::new("lobby".parse().expect("a room's name"), HubOptions { rooms, ..HubOptions::default() });
    apply(&mut state, Input::Join { member: ALICE, name: nick("alice"), wants_history: true });
    for line in ["/join #help", "/part"] {
        ask(&mut state, ALICE, line);
    }
    assert_eq!(short(&ask(&mut state, ALICE, "/rooms")[0]), "1: * #help (0 members) / * #lobby (1 member)");
}

#[test]
fn one_who_is_ignored_is_not_heard_by_the_one_who_ignores() {
    check(&[], (BOB, "/ignore alice"), &["2: * you ignore alice now"]);
    let ignored = [(BOB, "/ignore alice")];
    check(&ignored, (ALICE, "hi"), &["room 1 but 1,2: <alice> hi"]);
    check(&ignored, (ALICE, "/msg bob hi"), &[]);
    check(&ignored, (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    check(&ignored, (BOB, "/ignore alice"), &["2: ! you ignore alice already"]);
    check(&[ignored[0], (ALICE, "/nick al")], (ALICE, "hi"), &["room 1 but 1,2: <al> hi"]);
    check(&ignored, (BOB, "/unignore alice"), &["2: * you hear alice again"]);
    check(&[ignored[0], (BOB, "/unignore alice")], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
    check(&[], (BOB, "/unignore alice"), &["2: ! you do not ignore alice"]);
    check(&[], (BOB, "/ignore bob"), &["2: ! bob is yourself; name another"]);
    check(&[], (BOB, "/ignore nobody"), &["2: ! nobody is called nobody"]);
}

#[test]
fn a_room_is_made_by_the_first_who_joins_it() {
    let made = ["room 2: [alice] entered room", "1 enters 2", "1: * you are in #den now, with 0 others"];
    check(&[], (ALICE, "/join #den"), &made);
    let joined = ["room 2: [bob] entered room", "2 enters 2", "2: * you are in #den now, with 1 other"];
    check(&[(ALICE, "/join #den")], (BOB, "/join DEN"), &joined);
    check(&[(ALICE, "/join #den")], (ALICE, "hi"), &["room 2 but 1: <alice> hi"]);
}

#[test]
fn to_join_a_room_again_makes_it_the_current_one() {
    let turned = ["1 turns to 1", "1: * you are in #lobby now, with 2 others"];
    check(&[(ALICE, "/join #den")], (ALICE, "/join #lobby"), &turned);
    check(&[(ALICE, "/join #den"), (ALICE, "/join #lobby")], (ALICE, "hi"), &["room 1 but 1: <alice> hi"]);
}

#[test]
fn one_who_leaves_a_room_is_in_the_one_before_it() {
    let parted =
        ["1 exits 2", "1 turns to 1", "1: * you left #den; you are in #lobby now", "room 2: [alice] left room"];
    check(&[(ALICE, "/join #den")], (ALICE, "/part"), &parted);
    check(&[(ALICE, "/join #den"), (ALICE, "/join lobby")], (ALICE, "/part #den"), &parted);
    let homeless = ["1 exits 1", "1: * you left #lobby; you are in no room now", "room 1: [alice] left room"];
    check(&[], (ALICE, "/part"), &homeless);
    for line in ["hi", "/me waves", "/topic", "/who", "/part"] {
        check(&[(ALICE, "/part")], (ALICE, line), &["1: ! you are in no room; join one first"]);
    }
    check(&[], (ALICE, "/part #den"), &["1: ! there is no room #den"]);
    check(&[(BOB, "/join #den")], (ALICE, "/part #den"), &["1: ! you are not in #den"]);
}

#[test]
fn an_empty_room_is_gone_but_the_first_one_stays() {
    check(&[(ALICE, "/join #den"), (ALICE, "/part")], (BOB, "/rooms"), &["2: * #lobby (3 members)"]);
    check(&[(ALICE, "/join #den"), (ALICE, "/quit")], (BOB, "/rooms"), &["2: * #lobby (2 members)"]);
    let all_gone = [(ALICE, "/part"), (BOB, "/part"), (CAROL, "/part")];
    check(&all_gone, (BOB, "/rooms"), &["2: * #lobby (0 members)"]);
}

#[test]
fn rooms_have_their_limits() {
    let den = [(ALICE, "/join #den"), (BOB, "/join #den")];
    check(&den, (CAROL, "/join #den"), &["3: ! #den is full: it has its 2 members"]);
    let three = [(ALICE, "/join #a"), (ALICE, "/join #b")];
    let most = "1: ! you are in 3 rooms, which is the most that is allowed; leave one first";
    check(&three, (ALICE, "/join #c"), &[most]);
    let four = [three[0], three[1], (BOB, "/join #c")];
    let all = "3: ! there are 4 rooms, which is the most that is allowed; join one of them";
    check(&four, (CAROL, "/join #d"), &[all]);
}

#[test]
fn lists_are_in_the_order_of_names() {
    let dens = [(BOB, "/join #Den"), (BOB, "/topic tea"), (CAROL, "/join #arena"), (CAROL, "/away tea")];
    let rooms = "1: * #arena (1 member) / * #Den (1 member): tea / * #lobby (3 members)";
    check(&dens, (ALICE, "/rooms"), &[rooms]);
    check(&dens, (ALICE, "/who"), &["1: * 3 members in #lobby / * alice / * bob / * carol (away: tea)"]);
    check(&dens, (ALICE, "/who #den"), &["1: * 1 member in #Den / * bob (operator)"]);
    check(&dens, (ALICE, "/who #no"), &["1: ! there is no room #no"]);
    check(&dens, (ALICE, "/whois carol"), &["1: * carol (away: tea) / *   in #lobby"]);
    check(&dens, (BOB, "/whois bob"), &["2: * bob / *   in #lobby #Den"]);
    check(&dens, (ALICE, "/whois no"), &["1: ! nobody is called no"]);
}

#[test]
fn long_lists_are_cut() {
    let limits = Limits { list: 2, ..Limits::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into());
    for (number, name) in (1..).zip(["carol", "alice", "bob", "dave"]) {
        apply(&mut state, Input::Join { member: MemberId(number), name: nick(name), wants_history: true });
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
fn one_ignores_only_so_many() {
    let limits = Limits { ignores: 1, ..Limits::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), limits.into());
    for (member, name) in [(ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")] {
        apply(&mut state, Input::Join { member, name: nick(name), wants_history: true });
    }
    ask(&mut state, ALICE, "/ignore bob");
    let refused = "1: ! you ignore 1 members, which is the most that is allowed; hear one of them again first";
    assert_eq!(short(&ask(&mut state, ALICE, "/ignore carol")[0]), refused);
}

#[cfg(feature = "unicode")]
#[test]
fn an_address_can_not_be_imitated() {
    let mut state = hub(&[(ALICE, "alice")]);
    let join = |member, address| Input::Join { member, name: Name::address(address), wants_history: true };
    apply(&mut state, join(BOB, "127.0.0.1:5000"));
    let imitation = "l27\u{660}O\u{660}O\u{660}l\u{2d0}5000";
    let refused = short(&ask(&mut state, ALICE, &format!("/nick {imitation}"))[0]);
    assert_eq!(
        refused,
        format!("1: ! nickname {imitation} looks like 127.0.0.1:5000, which is in use; choose another")
    );
    apply(&mut state, Input::Leave { member: BOB, reason: CloseReason::Lost });
    assert!(short(&ask(&mut state, ALICE, &format!("/nick {imitation}"))[0]).contains("you are now known as"));
    let come = apply(&mut state, join(CAROL, "127.0.0.1:5000"));
    assert_eq!(short(&come[0]), "3 is 127.0.0.1:5000/2");
}

#[test]
fn invitations_do_not_pile_up() {
    let mut state = hub(&[(ALICE, "alice"), (BOB, "bob")]);
    for number in 0..100 {
        for line in [&format!("/join #r{number}"), "/invite bob", "/part"] {
            ask(&mut state, ALICE, line);
        }
    }
    assert!(state.people[BOB].invites.len() <= state.limits.rooms_per_member);
}

#[test]
fn a_topic_is_told_to_all_and_kept() {
    check(&[], (ALICE, "/topic"), &["1: * #lobby has no topic"]);
    check(&[], (ALICE, "/topic tea"), &["room 1: [alice] set the topic: tea"]);
    check(&[(ALICE, "/topic tea")], (BOB, "/topic"), &["2: * the topic of #lobby: tea"]);
    let too_long = format!("/topic {}", "x".repeat(21));
    check(&[], (ALICE, &too_long), &["1: ! text is 21 bytes long; at most 20 are allowed"]);
    let entered = "1: * you are in #den now, with 1 other / * the topic of #den: tea";
    let followed = ["room 2: [alice] entered room", "1 enters 2", entered];
    check(&[(BOB, "/join #den"), (BOB, "/topic tea")], (ALICE, "/join #den"), &followed);
}

/// A room that Alice made and is in with Bob.
const DEN: [(MemberId, &str); 2] = [(ALICE, "/join #den"), (BOB, "/join #den")];

/// As [`check`], in a room that Alice made and is in with Bob, after some more lines.
#[track_caller]
fn check_den(before: &[(MemberId, &str)], ask: (MemberId, &str), effects: &[&str]) {
    check(&[&DEN, before].concat(), ask, effects);
}

#[test]
fn who_makes_a_room_is_its_operator_and_makes_others() {
    check_den(&[], (ALICE, "/op bob"), &["room 2: [alice] made bob an operator"]);
    check_den(&[(ALICE, "/op bob")], (BOB, "/deop alice"), &["room 2: [bob] made alice an ordinary member"]);
    check_den(&[], (ALICE, "/voice bob"), &["room 2: [alice] made bob voiced"]);
    check_den(&[(ALICE, "/voice bob")], (ALICE, "/devoice bob"), &["room 2: [alice] made bob an ordinary member"]);
    let who = "1: * 2 members in #den / * alice (operator) / * bob (voiced)";
    check_den(&[(ALICE, "/voice bob")], (ALICE, "/who"), &[who]);
    check(&[], (ALICE, "/op bob"), &["1: ! you are no operator of #lobby"]);
}

#[test]
fn ranks_are_not_given_twice_nor_taken_from_those_who_lack_them() {
    check_den(&[], (ALICE, "/op alice"), &["1: ! alice is an operator already"]);
    check_den(&[], (ALICE, "/voice alice"), &["1: ! alice is an operator already"]);
    check_den(&[], (ALICE, "/deop bob"), &["1: ! bob is not an operator"]);
    check_den(&[], (ALICE, "/devoice alice"), &["1: ! alice is not voiced"]);
    for line in ["/op", "/deop", "/voice", "/devoice", "/kick"] {
        check_den(&[], (ALICE, &format!("{line} carol")), &["1: ! carol is not in #den"]);
        check_den(&[], (ALICE, &format!("{line} nobody")), &["1: ! nobody is called nobody"]);
        check_den(&[], (BOB, &format!("{line} alice")), &["2: ! you are no operator of #den"]);
        check_den(
            &[(ALICE, "/part"), (ALICE, "/part")],
            (ALICE, &format!("{line} bob")),
            &["1: ! you are in no room; join one first"],
        );
    }
}

#[test]
fn one_who_is_kicked_is_out_and_hears_why() {
    let kicked = [
        "2 exits 2",
        "2 turns to 1",
        "2: * you were put out of #den by alice: noise / * you are in #lobby now",
        "room 2: [bob] was put out by alice: noise",
    ];
    check_den(&[], (ALICE, "/kick bob noise"), &kicked);
    let without_reason = [
        kicked[0],
        kicked[1],
        "2: * you were put out of #den by alice / * you are in #lobby now",
        "room 2: [bob] was put out by alice",
    ];
    check_den(&[], (ALICE, "/kick bob"), &without_reason);
    check_den(&[(ALICE, "/kick bob")], (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    check_den(&[], (ALICE, "/kick alice"), &["1: ! alice is yourself; name another"]);
    let too_long = format!("/kick bob {}", "x".repeat(21));
    check_den(&[], (ALICE, &too_long), &["1: ! text is 21 bytes long; at most 20 are allowed"]);
}

#[test]
fn operators_set_the_modes_of_a_room() {
    check_den(&[], (BOB, "/mode +i"), &["2: ! you are no operator of #den"]);
    check_den(&[], (ALICE, "/mode"), &["1: * #den has no modes"]);
    for (mode, shown) in [
        ("+i", "+i (for those who are invited)"),
        ("+m", "+m (moderated)"),
        ("+t", "+t (topic by operators alone)"),
        ("+k x", "+k (with a key)"),
        ("+l 5", "+l (at most 5 members)"),
    ] {
        let set = format!("/mode {mode}");
        check_den(&[], (ALICE, &set), &[&format!("room 2: [alice] set a mode: {shown}")]);
        check_den(&[(ALICE, &set)], (BOB, "/mode"), &[&format!("2: * the modes of #den: {shown}")]);
        let unset = format!("/mode -{}", &mode[1..2]);
        check_den(&[(ALICE, &set), (ALICE, &unset)], (BOB, "/mode"), &["2: * #den has no modes"]);
    }
    check_den(&[], (ALICE, "/mode -i"), &["room 2: [alice] set a mode: -i (no longer for those who are invited)"]);
}

#[test]
fn in_a_moderated_room_only_those_with_a_voice_speak() {
    let moderated = (ALICE, "/mode +m");
    let no_voice = ["2: ! #den is moderated: only those with a voice may speak"];
    check_den(&[moderated], (BOB, "hi"), &no_voice);
    check_den(&[moderated], (BOB, "/me waves"), &no_voice);
    check_den(&[moderated], (ALICE, "hi"), &["room 2 but 1: <alice> hi"]);
    check_den(&[moderated, (ALICE, "/voice bob")], (BOB, "hi"), &["room 2 but 2: <bob> hi"]);
}

#[test]
fn a_locked_topic_is_for_operators() {
    check_den(&[(ALICE, "/mode +t")], (BOB, "/topic tea"), &["2: ! you are no operator of #den"]);
    check_den(&[(ALICE, "/mode +t")], (ALICE, "/topic tea"), &["room 2: [alice] set the topic: tea"]);
    check_den(&[(ALICE, "/mode +t"), (ALICE, "/topic tea")], (BOB, "/topic"), &["2: * the topic of #den: tea"]);
}

/// Carol comes into Alice's room, which has these modes, with Bob gone from it.
#[track_caller]
fn check_door(before: &[(MemberId, &str)], line: &str, effects: &[&str]) {
    check_den(&[&[(BOB, "/part")], before].concat(), (CAROL, line), effects);
}

#[test]
fn a_room_lets_in_whom_its_modes_allow() {
    let entered = ["room 2: [carol] entered room", "3 enters 2", "3: * you are in #den now, with 1 other"];
    check_door(&[(ALICE, "/mode +i")], "/join #den", &["3: ! #den is for those who are invited"]);
    check_door(&[(ALICE, "/mode +i"), (ALICE, "/invite carol")], "/join #den", &entered);
    check_door(&[(ALICE, "/mode +k tea")], "/join #den", &["3: ! #den wants its key, and that is not it"]);
    check_door(&[(ALICE, "/mode +k tea")], "/join #den milk", &["3: ! #den wants its key, and that is not it"]);
    check_door(&[(ALICE, "/mode +k tea")], "/join #den tea", &entered);
    check_door(&[(ALICE, "/mode +k tea"), (ALICE, "/invite carol")], "/join #den", &entered);
    check_door(&[(ALICE, "/mode +l 1")], "/join #den", &["3: ! #den is full: it has its 1 members"]);
    check_door(&[(ALICE, "/mode +l 2")], "/join #den", &entered);
    let used_up = [(ALICE, "/mode +i"), (ALICE, "/invite carol"), (CAROL, "/join #den"), (CAROL, "/part")];
    check_door(&used_up, "/join #den", &["3: ! #den is for those who are invited"]);
}

#[test]
fn an_invitation_is_told_to_both() {
    let both = ["3: * bob invites you to #den", "2: * carol is invited to #den"];
    check_den(&[], (BOB, "/invite carol"), &both);
    check_den(&[(ALICE, "/mode +i")], (BOB, "/invite carol"), &["2: ! you are no operator of #den"]);
    check_den(&[(CAROL, "/ignore bob")], (BOB, "/invite carol"), &[both[1]]);
    check_den(&[], (BOB, "/invite alice"), &["2: ! alice is in #den already"]);
    check_den(&[], (BOB, "/invite bob"), &["2: ! bob is yourself; name another"]);
    check_den(&[], (BOB, "/invite nobody"), &["2: ! nobody is called nobody"]);
}

#[test]
fn what_was_said_is_told_to_those_who_come_later_before_anything_new() {
    let said = [(ALICE, "/join #den"), (ALICE, "one"), (ALICE, "/topic two"), (ALICE, "/me three")];
    let past = "2: ~ 1970-01-01T00:00:00Z <alice> one / ~ 1970-01-01T00:00:00Z (alice three)";
    let entered = "2: * you are in #den now, with 1 other / * the topic of #den: two";
    check(&said, (BOB, "/join #den"), &["room 2: [bob] entered room", "2 enters 2", entered, past]);
    check(&said, (ALICE, "/history 1"), &["1: ~ 1970-01-01T00:00:00Z (alice three)"]);
    check(&[], (ALICE, "/history"), &["1: * nothing that was said in #lobby is remembered"]);

    let mut state = hub(&[(ALICE, "alice")]);
    ask(&mut state, ALICE, "hi");
    for (member, wants_history, told) in [(BOB, true, true), (CAROL, false, false)] {
        let effects = apply(&mut state, Input::Join { member, name: nick(&format!("n{}", member.0)), wants_history });
        let past = format!("{}: ~ 1970-01-01T00:00:00Z <alice> hi", member.0);
        assert_eq!(effects.last().map(short) == Some(past), told);
    }
}

#[test]
fn a_room_that_was_gone_remembers_nothing() {
    let said = [(ALICE, "/join #den"), (ALICE, "one"), (ALICE, "/part"), (ALICE, "/join #den")];
    check(&said, (ALICE, "/history"), &["1: * nothing that was said in #den is remembered"]);
}

#[test]
fn those_who_stay_hear_of_a_leave_and_the_leaver_hears_why_alone() {
    let quit = ["1: ", "1 exits 1", "1 (alice) is gone: quit", "room 1: [alice] is offline"];
    check_input(Input::Command { member: ALICE, command: Command::Quit }, &quit);
    let slow = "too slow: what was said could not be delivered in time";
    let followed =
        [&format!("1: ! {slow}"), "1 exits 1", &format!("1 (alice) is gone: {slow}"), "room 1: [alice] is offline"];
    check_input(Input::Leave { member: ALICE, reason: CloseReason::TooSlow }, &followed);
}

#[test]
fn those_who_share_several_rooms_are_told_once() {
    let rooms = [(ALICE, "/join #den"), (BOB, "/join #den"), (BOB, "/part #lobby")];
    let named = "1: * you are now known as al";
    // By a broadcast to the largest room, and to those alone who are not in it.
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
fn one_who_is_not_in_the_hub_changes_nothing() {
    const NOBODY: MemberId = MemberId(9);
    check_input(Input::Leave { member: NOBODY, reason: CloseReason::Lost }, &[]);
    for line in ["hi", "/ping x", "/quit", "/join #den", "/nick x", "/rooms", "/msg alice hi"] {
        check(&[], (NOBODY, line), &[]);
    }
}

#[test]
fn those_who_leave_together_do_not_hear_of_each_other() {
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
