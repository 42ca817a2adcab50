//! Tests the checker with records that contain faults.

use super::*;

/// Returns faultless records of two talkers, a reader, and a member that joined late and left early.
fn records() -> Vec<Record> {
    let all = ["a0", "b0", "a1", "b1", "a2", "b2"];
    let record = |name: &str, stayed, sent: &[&str], received: &[&str]| Record {
        name: name.into(),
        stayed,
        sent: sent.iter().map(|&text| text.into()).collect(),
        received: received
            .iter()
            .map(|&line| match line.as_bytes() {
                [b'+', ..] => ReceivedLine::Joined(line[1..].into()),
                [b'-', ..] => ReceivedLine::Left(line[1..].into()),
                [b'~', ..] => ReceivedLine::History { from: line[1..2].into(), text: line[1..].into() },
                _ => ReceivedLine::Message { from: line[..1].into(), text: line.into() },
            })
            .collect(),
    };
    vec![
        record("a", true, &["a0", "a1", "a2"], &["b0", "+late", "b1", "-late", "b2"]),
        record("b", true, &["b0", "b1", "b2"], &["a0", "+late", "a1", "a2", "-late"]),
        record("reader", true, &[], &["a0", "b0", "+late", all[2], all[3], all[4], "-late", "b2"]),
        record("late", false, &[], &["~a0", "~b0", "a1", "b1", "a2"]),
    ]
}

/// Applies a fault to the lines that `member` received, and expects exactly these violations.
#[track_caller]
fn check(member: usize, fault: impl FnOnce(&mut Vec<ReceivedLine>), expected: &[Violation]) {
    let mut records = records();
    fault(&mut records[member].received);
    assert_eq!(find_violations(&records), expected);
}

fn message(text: &str) -> ReceivedLine {
    ReceivedLine::Message { from: text[..1].into(), text: text.into() }
}

fn reordered(member: &str, text: &str, instead_of: &str) -> Violation {
    Violation::Reordered { member: member.into(), text: text.into(), instead_of: instead_of.into() }
}

fn position(received: &[ReceivedLine], text: &str) -> usize {
    received.iter().position(|received| *received == message(text)).expect("the text is there")
}

#[test]
fn faultless_records_show_no_violation() {
    check(0, |_| {}, &[]);
}

#[test]
fn lost_message_is_found() {
    for (member, name) in [(0, "a"), (3, "late")] {
        let lost = Violation::Lost { member: name.into(), text: "b1".into() };
        check(member, |received| drop(received.remove(position(received, "b1"))), &[lost]);
    }
}

#[test]
fn message_lost_for_all_members_is_found() {
    let mut records = records();
    for record in &mut records {
        record.received.retain(|received| *received != message("a1"));
    }
    let lost = |member: &str| Violation::Lost { member: member.into(), text: "a1".into() };
    assert_eq!(find_violations(&records), [lost("b"), lost("reader")]);
}

#[test]
fn duplicate_message_is_found() {
    let duplicated = Violation::Duplicated { member: "a".into(), text: "b1".into() };
    let duplicate = |received: &mut Vec<ReceivedLine>| {
        let at = position(received, "b1");
        received.insert(at, message("b1"));
    };
    check(0, duplicate, &[duplicated]);
}

#[test]
fn swapped_messages_are_found() {
    let swap = |one, other| {
        move |received: &mut Vec<ReceivedLine>| {
            let (one, other) = (position(received, one), position(received, other));
            received.swap(one, other);
        }
    };
    let sender = Violation::SenderReordered { member: "b".into(), from: "a".into() };
    check(1, swap("a0", "a1"), &[sender, reordered("b", "a1", "a0")]);
    check(3, swap("b1", "a2"), &[reordered("late", "a2", "b1")]);
}

#[test]
fn faults_between_history_and_live_are_found() {
    let history = || ReceivedLine::History { from: "b".into(), text: "b0".into() };
    let by_late = |violation: fn(String, String) -> Violation, text: &str| violation("late".into(), text.into());
    let duplicated = [by_late(|member, text| Violation::Duplicated { member, text }, "b0")];
    check(3, |received| received.insert(2, history()), &duplicated);
    check(3, |received| received.insert(2, message("b0")), &duplicated);
    let lost = by_late(|member, text| Violation::Lost { member, text }, "a1");
    check(3, |received| drop(received.remove(position(received, "a1"))), &[lost]);
    let too_late = by_late(|member, text| Violation::LateHistory { member, text }, "b0");
    let move_after = |received: &mut Vec<ReceivedLine>| {
        let at = received.iter().position(|received| *received == history()).expect("the history is there");
        received.swap(at, at + 1);
    };
    check(3, move_after, &[too_late, reordered("late", "a1", "b0")]);
}

#[test]
fn echo_is_found() {
    let echoed = Violation::Echoed { member: "a".into(), text: "a0".into() };
    let membership = Violation::Membership { member: "a".into(), about: "a".into() };
    check(0, |received| received.insert(0, message("a0")), &[echoed, membership]);
}

#[test]
fn altered_message_is_found() {
    let forged = Violation::Forged { member: "late".into(), line: "<b> b1?".into() };
    let lost = Violation::Lost { member: "late".into(), text: "b1".into() };
    let change = |received: &mut Vec<ReceivedLine>| {
        let at = position(received, "b1");
        received[at] = ReceivedLine::Message { from: "b".into(), text: "b1?".into() };
    };
    check(3, change, &[forged, lost]);
}

#[test]
fn wrong_membership_notice_is_found() {
    let membership = |about: &str| Violation::Membership { member: "reader".into(), about: about.into() };
    check(2, |received| received.push(ReceivedLine::Left("late".into())), &[membership("late")]);
    check(
        2,
        |received| received.insert(0, ReceivedLine::Left("b".into())),
        &[membership("b"), membership("b"), membership("b")],
    );
    check(2, |received| received.push(ReceivedLine::Joined("b".into())), &[membership("b")]);
    check(2, |received| received.insert(0, ReceivedLine::Joined("reader".into())), &[membership("reader")]);
}

#[test]
fn parse_recognizes_every_line_kind() {
    let parsed = [
        ("<127.0.0.1:5> a > b", ReceivedLine::Message { from: "127.0.0.1:5".into(), text: "a > b".into() }),
        ("[[::1]:5] entered room", ReceivedLine::Joined("[::1]:5".into())),
        ("[127.0.0.1:5] is offline", ReceivedLine::Left("127.0.0.1:5".into())),
        ("~ 2026-11-24T21:04:09Z <a> b c", ReceivedLine::History { from: "a".into(), text: "b c".into() }),
        ("! oops", ReceivedLine::Other("! oops".into())),
    ];
    for (line, received) in parsed {
        assert_eq!(ReceivedLine::parse(line), received);
    }
}
