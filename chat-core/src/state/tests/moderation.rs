//! Tests of ranks, modes and invitations.

use super::*;

/// Lines that create a room of Alice with Bob in it.
pub(super) const DEN: [(MemberId, &str); 2] = [(ALICE, "/join #den"), (BOB, "/join #den")];

/// Runs [`check`] in a room of Alice with Bob in it, after the lines in `before`.
#[track_caller]
pub(super) fn check_den(before: &[(MemberId, &str)], ask: (MemberId, &str), effects: &[&str]) {
    check(&[&DEN, before].concat(), ask, effects);
}

#[test]
fn room_creator_is_operator_and_promotes_others() {
    check_den(&[], (ALICE, "/op bob"), &["room 2: [alice] made bob an operator"]);
    check_den(&[(ALICE, "/op bob")], (BOB, "/deop alice"), &["room 2: [bob] took operator status from alice"]);
    check_den(&[], (ALICE, "/voice bob"), &["room 2: [alice] gave voice to bob"]);
    check_den(&[(ALICE, "/voice bob")], (ALICE, "/devoice bob"), &["room 2: [alice] took voice from bob"]);
    let who = "1: * 2 members in #den / * alice (operator) / * bob (voiced)";
    check_den(&[(ALICE, "/voice bob")], (ALICE, "/who"), &[who]);
    check(&[], (ALICE, "/op bob"), &["1: ! you are not an operator of #lobby"]);
}

#[test]
fn repeated_or_impossible_rank_changes_are_refused() {
    check_den(&[], (ALICE, "/op alice"), &["1: ! alice is already an operator"]);
    check_den(&[], (ALICE, "/voice alice"), &["1: ! alice is already an operator"]);
    check_den(&[], (ALICE, "/deop bob"), &["1: ! bob is not an operator"]);
    check_den(&[], (ALICE, "/devoice alice"), &["1: ! alice does not have voice"]);
    for line in ["/op", "/deop", "/voice", "/devoice", "/kick"] {
        check_den(&[], (ALICE, &format!("{line} carol")), &["1: ! carol is not in #den"]);
        check_den(&[], (ALICE, &format!("{line} nobody")), &["1: ! no such nickname: nobody"]);
        check_den(&[], (BOB, &format!("{line} alice")), &["2: ! you are not an operator of #den"]);
        check_den(
            &[(ALICE, "/part"), (ALICE, "/part")],
            (ALICE, &format!("{line} bob")),
            &["1: ! you are in no room; join one first"],
        );
    }
}

#[test]
fn kicked_member_is_removed_with_reason() {
    let kicked = [
        "2 exits 2",
        "2 turns to 1",
        "2: * alice kicked you from #den: noise / * you are in #lobby now",
        "room 2: [bob] was kicked by alice: noise",
    ];
    check_den(&[], (ALICE, "/kick bob noise"), &kicked);
    let without_reason = [
        kicked[0],
        kicked[1],
        "2: * alice kicked you from #den / * you are in #lobby now",
        "room 2: [bob] was kicked by alice",
    ];
    check_den(&[], (ALICE, "/kick bob"), &without_reason);
    check_den(&[(ALICE, "/kick bob")], (BOB, "hi"), &["room 1 but 2: <bob> hi"]);
    check_den(&[], (ALICE, "/kick alice"), &["1: ! you can't do that to yourself"]);
    let too_long = format!("/kick bob {}", "x".repeat(21));
    check_den(&[], (ALICE, &too_long), &["1: ! text is 21 bytes long; at most 20 are allowed"]);
}

#[test]
fn operators_set_room_modes() {
    check_den(&[], (BOB, "/mode +i"), &["2: ! you are not an operator of #den"]);
    check_den(&[], (ALICE, "/mode"), &["1: * #den has the default modes"]);
    for (mode, shown) in [
        ("+i", "+i (invite-only)"),
        ("+m", "+m (moderated)"),
        ("+t", "+t (only operators may set the topic)"),
        ("+k x", "+k (key required)"),
        ("+l 5", "+l (at most 5 members)"),
    ] {
        let set = format!("/mode {mode}");
        check_den(&[], (ALICE, &set), &[&format!("room 2: [alice] set mode {shown}")]);
        check_den(&[(ALICE, &set)], (BOB, "/mode"), &[&format!("2: * modes of #den: {shown}")]);
        let unset = format!("/mode -{}", &mode[1..2]);
        check_den(&[(ALICE, &set), (ALICE, &unset)], (BOB, "/mode"), &["2: * #den has the default modes"]);
    }
    let closed = (ALICE, "/mode +i");
    let open = "room 2: [alice] set mode -i (no longer invite-only)";
    check_den(&[closed], (ALICE, "/mode -i"), &[open]);
    // A change without effect is not announced.
    check_den(&[], (ALICE, "/mode -i"), &["1: * #den has the default modes"]);
    check_den(&[closed], (ALICE, "/mode +i"), &["1: * modes of #den: +i (invite-only)"]);
}

#[test]
fn moderated_room_requires_voice() {
    let moderated = (ALICE, "/mode +m");
    let no_voice = ["2: ! #den is moderated; only members with voice can speak"];
    check_den(&[moderated], (BOB, "hi"), &no_voice);
    check_den(&[moderated], (BOB, "/me waves"), &no_voice);
    check_den(&[moderated], (BOB, "/topic tea"), &no_voice);
    check_den(&[moderated], (ALICE, "hi"), &["room 2 but 1: <alice> hi"]);
    check_den(&[moderated, (ALICE, "/voice bob")], (BOB, "hi"), &["room 2 but 2: <bob> hi"]);
}

#[test]
fn locked_topic_requires_operator() {
    check_den(&[(ALICE, "/mode +t")], (BOB, "/topic tea"), &["2: ! you are not an operator of #den"]);
    check_den(&[(ALICE, "/mode +t")], (ALICE, "/topic tea"), &["room 2: [alice] set the topic: tea"]);
    check_den(&[(ALICE, "/mode +t"), (ALICE, "/topic tea")], (BOB, "/topic"), &["2: * topic of #den: tea"]);
}

/// Checks the effects of Carol's line after Bob has left Alice's room.
#[track_caller]
fn check_join(before: &[(MemberId, &str)], line: &str, effects: &[&str]) {
    check_den(&[&[(BOB, "/part")], before].concat(), (CAROL, line), effects);
}

#[test]
fn modes_decide_who_may_join() {
    let entered = ["room 2: [carol] entered room", "3 enters 2", "3: * you are in #den now, with 1 other"];
    check_join(&[(ALICE, "/mode +i")], "/join #den", &["3: ! #den is invite-only; ask an operator to invite you"]);
    check_join(&[(ALICE, "/mode +i"), (ALICE, "/invite carol")], "/join #den", &entered);
    check_join(&[(ALICE, "/mode +k tea")], "/join #den", &["3: ! #den needs the right key; use /join #den KEY"]);
    check_join(&[(ALICE, "/mode +k tea")], "/join #den milk", &["3: ! #den needs the right key; use /join #den KEY"]);
    check_join(&[(ALICE, "/mode +k tea")], "/join #den tea", &entered);
    check_join(&[(ALICE, "/mode +k tea"), (ALICE, "/invite carol")], "/join #den", &entered);
    check_join(&[(ALICE, "/mode +l 1")], "/join #den", &["3: ! #den is full; at most 1 members are allowed"]);
    check_join(&[(ALICE, "/mode +l 2")], "/join #den", &entered);
    let used_up = [(ALICE, "/mode +i"), (ALICE, "/invite carol"), (CAROL, "/join #den"), (CAROL, "/part")];
    check_join(&used_up, "/join #den", &["3: ! #den is invite-only; ask an operator to invite you"]);
}

#[test]
fn invitation_notifies_both_members() {
    // The empty line is for alice: plain lines do not show operators an invitation by others.
    let both = ["3: * bob invited you to #den", "1: ", "2: * you invited carol to #den"];
    check_den(&[], (BOB, "/invite carol"), &both);
    check_den(&[], (ALICE, "/invite carol"), &["3: * alice invited you to #den", "1: * you invited carol to #den"]);
    check_den(&[(ALICE, "/mode +i")], (BOB, "/invite carol"), &["2: ! you are not an operator of #den"]);
    check_den(&[(CAROL, "/ignore bob")], (BOB, "/invite carol"), &both[1..]);
    check_den(&[], (BOB, "/invite alice"), &["2: ! alice is already in #den"]);
    check_den(&[], (BOB, "/invite bob"), &["2: ! you can't do that to yourself"]);
    check_den(&[], (BOB, "/invite nobody"), &["2: ! no such nickname: nobody"]);
}
