//! `PROTOCOL.md` has an exact example of every object.

use std::time::{Duration, SystemTime};

use super::*;
use crate::model::event::{CloseReason, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
use crate::model::mask::Mask;
use crate::model::moderation::Restriction;
use crate::model::profile::Profile;
use crate::model::stats::Stats;
use crate::model::text::Text;

/// Returns the part of the page about JSON lines.
fn page() -> &'static str {
    let page = include_str!("../../../../PROTOCOL.md");
    let (_, rest) = page.split_once("\n# JSON lines\n").expect("there is such a part");
    rest.split_once("\n# ").map_or(rest, |(part, _)| part)
}

/// Returns an event of each kind, with all its optional fields.
fn events() -> Vec<EventKind> {
    use EventKind as K;
    let room = || "#den".parse().expect("a room's name");
    let name = |name: &str| Name::Nick(name.parse().expect("a nick"));
    let (alice, bob) = (|| name("alice"), || name("bob"));
    let text = |text: &str| Text::clean(text);
    let some = |text: &str| Some(Text::clean(text));
    let mask = || Mask::parse("spam*").expect("a mask");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_554_249);
    let profile = || Profile::new("al", "192.0.2.7", "Alice Liddell");
    let topic = || Some(TopicInfo::new(text("tea"), bob(), at));
    let term = || Term::of(Duration::from_secs(600)).because("too loud");
    let restriction = || Restriction {
        mask: mask(),
        networks: Vec::new(),
        by: bob(),
        since: at,
        left: Some(Duration::from_secs(600)),
        reason: some("no advertising"),
    };
    let member = || MemberInfo {
        name: alice(),
        rank: Rank::Operator,
        muted: false,
        operates: false,
        away: some("tea"),
        address: None,
        profile: profile(),
    };
    let said = || K::Said { room: room(), from: alice(), text: text("hi"), manner: MessageKind::Message };
    vec![
        K::Welcome {
            name: Name::address("192.0.2.7:50194"),
            room: Some("#lobby".parse().expect("a room's name")),
            since: at,
            motd: [text("Be kind.")].into(),
        },
        K::Motd { lines: [text("Be kind.")].into() },
        K::Joined { room: room(), name: alice() },
        K::Parted { room: room(), name: alice(), why: some("tea") },
        said(),
        K::SaidTo {
            room: room(),
            rank: Rank::Operator,
            from: alice(),
            text: text("help"),
            manner: MessageKind::Message,
        },
        K::Told { from: alice(), to: bob(), text: text("psst"), manner: MessageKind::Message },
        K::Left { name: alice(), reason: CloseReason::Quit(some("good night")) },
        K::Renamed { old: alice(), new: name("al") },
        K::AwaySet { name: alice(), why: some("tea") },
        K::RealNameSet { name: alice(), real_name: text("Alice Liddell") },
        K::RankSet { room: room(), by: bob(), name: alice(), old: Rank::Ordinary, rank: Rank::Operator },
        K::KickedOut { room: room(), by: bob(), name: alice(), reason: some("too loud") },
        K::ModesSet { room: room(), by: bob(), modes: vec![Mode::Moderated(true), Mode::Limit(Some(10))] },
        K::ExceptionAdded { room: room(), by: bob(), from: ExceptionKind::Ban, mask: mask() },
        K::ExceptionRemoved { room: room(), by: bob(), from: ExceptionKind::Ban, mask: mask() },
        K::TopicSet { room: room(), by: bob(), topic: some("tea") },
        K::Banned { room: Some(room()), by: bob(), mask: mask(), term: term() },
        K::Unbanned { room: Some(room()), by: bob(), mask: mask() },
        K::Muted { room: room(), by: bob(), name: alice(), term: term() },
        K::Unmuted { room: room(), by: bob(), name: Target::new("alice") },
        K::Announced { by: bob(), text: text("down at noon") },
        K::Operates { name: alice() },
        K::FailedToOperate { name: alice() },
        K::Killed { by: bob(), name: alice(), reason: some("spam") },
        K::Missed { count: 3, first: 17, last: 20 },
        K::Kicked { room: room(), by: bob(), reason: some("too loud"), current: None },
        K::Invited { room: room(), by: bob() },
        K::Inviting { room: room(), by: bob(), name: alice() },
        K::InviteSent { room: room(), name: alice() },
        K::Named { name: alice() },
        K::Entered { room: room(), topic: topic(), members: 2 },
        K::Exited { room: room(), why: some("tea"), current: Some("#lobby".parse().expect("a room's name")) },
        K::Past { room: room(), events: vec![Event::new(16, at, said())] },
        K::LastSaid { rooms: vec![(room(), at)] },
        K::Rooms { rooms: vec![RoomInfo { name: room(), members: 2, topic: some("tea") }], more: 0 },
        K::Census { members: 12, operators: 1, rooms: 3 },
        K::Members { room: room(), secret: false, members: vec![member()], more: 0 },
        K::Found { members: vec![member()], more: 0 },
        K::Was { name: Target::new("alice"), members: vec![FormerInfo::new(alice(), at, profile())] },
        K::About { member: member(), shared: vec![room()] },
        K::Topic { room: room(), topic: topic() },
        K::Modes { room: room(), modes: vec![Mode::Moderated(true)], made: at },
        K::Bans { room: Some(room()), bans: vec![restriction()] },
        K::Mutes { room: room(), mutes: vec![restriction()] },
        K::Exceptions { room: room(), from: ExceptionKind::Ban, masks: vec![restriction()] },
        K::Stats { stats: Box::new(Stats::default()) },
        K::IsAway { name: alice(), why: text("tea") },
        K::Away { why: some("tea") },
        K::Ignoring { name: alice(), ignored: true },
        K::Pong { token: text("x") },
        K::Refused { error: crate::event::CommandError::NoRoom },
        K::Closed { reason: CloseReason::ShuttingDown },
    ]
}

/// Returns an event in the form of the page, which shows only the first counter.
fn shown(kind: EventKind) -> String {
    let is_stats = matches!(kind, EventKind::Stats { .. });
    let mut out = Vec::new();
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_554_249_123);
    encode::JsonEncoder { lines: false }.write(&Event::new(17, at, kind), false, None, &mut out);
    let line = String::from_utf8(out).expect("it is text").trim_end().to_owned();
    match line.split_once(",\"rooms\":0") {
        Some((before, _)) if is_stats => format!("{before},…}}}}"),
        _ => line,
    }
}

#[test]
fn page_shows_every_kind_of_event() {
    for kind in events() {
        let line = shown(kind);
        assert!(page().contains(&format!("\n{line}\n")), "PROTOCOL.md lacks\n{line}");
    }
}

#[test]
fn page_shows_every_command() {
    let examples: Vec<&str> = page().lines().filter(|line| line.starts_with("{\"command\":")).collect();
    for example in &examples {
        let Request { answer, .. } = commands::parse(example.as_bytes(), 4096, false, true);
        assert!(answer.is_ok(), "{example}: {answer:?}");
    }
    for name in commands::COMMANDS.iter().map(|spec| spec.name).chain([commands::LINE]) {
        let beginning = format!("{{\"command\":\"{name}\"");
        assert!(examples.iter().any(|example| example.starts_with(&beginning)), "PROTOCOL.md lacks {beginning}");
    }
}

#[test]
fn page_names_every_error_code() {
    let (_, codes) = include_str!("../codes.rs").split_once("match error {").expect("a match");
    let codes = codes.split('"').skip(1).step_by(2);
    let faults = ["syntax", "not_utf8", "no_such_command", "missing_field", "wrong_field", "no_such_field"];
    for code in codes.chain(faults).chain(["usage", "bad_nick", "bad_room", "bad_mask"]) {
        assert!(page().contains(&format!("`{code}`")), "PROTOCOL.md lacks `{code}`");
    }
}
