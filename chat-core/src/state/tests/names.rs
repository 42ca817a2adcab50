//! Tests of nicknames.

use super::*;

#[test]
fn taken_nick_is_refused_in_any_case() {
    for name in ["bob", "BOB"] {
        check_input(join(CAROL, nick(name)), &[&format!("3 is refused: nickname {name} is in use; choose another")]);
    }
}

#[test]
fn taken_address_gets_number() {
    let mut state = hub(&[]);
    let names: Vec<_> = [ALICE, BOB, CAROL]
        .into_iter()
        .flat_map(|member| apply(&mut state, join(member, Name::address("192.0.2.1:7"))))
        .filter(|effect| matches!(effect, Effect::Admit { .. }))
        .map(|effect| short(&effect))
        .collect();
    assert_eq!(names, ["1 is 192.0.2.1:7", "2 is 192.0.2.1:7/2", "3 is 192.0.2.1:7/3"]);
}

#[test]
fn nick_change_is_announced() {
    check(&[], (ALICE, "/nick al"), &["1: * you are now known as al", "room 1 but 1: [alice] is now known as al"]);
    check(&[(ALICE, "/nick al")], (ALICE, "hi"), &["room 1 but 1: <al> hi"]);
    check(&[(ALICE, "/nick al")], (BOB, "/msg alice hi"), &["2: ! no such nickname: alice"]);
    check(&[(ALICE, "/nick al")], (BOB, "/msg al hi"), &["1: {bob} hi"]);
}

#[test]
fn taken_nick_is_refused_until_free() {
    check(&[], (ALICE, "/nick BOB"), &["1: ! nickname BOB is in use; choose another"]);
    check(&[], (ALICE, "/nick alice"), &["1: ! your nickname is already alice"]);
    let other_case = ["1: * you are now known as Alice", "room 1 but 1: [alice] is now known as Alice"];
    check(&[], (ALICE, "/nick Alice"), &other_case);
    let freed = ["1: * you are now known as bob", "room 1 but 1: [alice] is now known as bob"];
    check(&[(BOB, "/nick rob")], (ALICE, "/nick bob"), &freed);
    check(&[(BOB, "/quit")], (ALICE, "/nick bob"), &freed);
}

#[cfg(feature = "unicode")]
#[test]
fn lookalike_nick_is_refused() {
    let cyrillic = "1: ! nickname b\u{43e}b looks like bob, which is in use; choose another";
    check(&[], (ALICE, "/nick b\u{43e}b"), &[cyrillic]);
    let now_free = ["1: * you are now known as b\u{43e}b", "room 1 but 1: [alice] is now known as b\u{43e}b"];
    check(&[(BOB, "/quit")], (ALICE, "/nick b\u{43e}b"), &now_free);
    let own = ["1: * you are now known as \u{430}lice", "room 1 but 1: [alice] is now known as \u{430}lice"];
    check(&[], (ALICE, "/nick \u{430}lice"), &own);
}

#[test]
fn guests_get_number_instead_of_address() {
    let options = HubOptions { default_names: DefaultNames::Guest, ..HubOptions::default() };
    let mut state = State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH);
    let mut come = |member, address| {
        let join = join(member, Name::address(address));
        short(&apply(&mut state, join)[0])
    };
    assert_eq!(come(ALICE, "192.0.2.1:1"), "1 is guest-1");
    assert_eq!(come(BOB, "192.0.2.1:2"), "2 is guest-2");
    let refused = "1: ! nickname Guest-2 is reserved for guests; choose another";
    assert_eq!(ask(&mut state, ALICE, "/nick Guest-2").iter().map(short).collect::<Vec<_>>(), [refused]);
    assert_eq!(short(&ask(&mut state, ALICE, "/nick guest-x")[0]), "1: * you are now known as guest-x");
    let join = join(CAROL, Name::address("192.0.2.1:3"));
    assert_eq!(short(&apply(&mut state, join)[0]), "3 is guest-3", "no number is used twice");
}

#[cfg(feature = "unicode")]
#[test]
fn address_cannot_be_imitated() {
    let mut state = hub(&[(ALICE, "alice")]);
    let join = |member, address| join(member, Name::address(address));
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
