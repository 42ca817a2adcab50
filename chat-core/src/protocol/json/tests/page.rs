//! `PROTOCOL.md` has an exact example of every object.

use std::time::{Duration, SystemTime};

use super::*;
use crate::model::event::{
    CloseReason, FormerInfo, HubEvent, MemberInfo, OwnEvent, Reply, RoomEvent, RoomInfo, TopicInfo,
};
use crate::model::mask::Mask;
use crate::model::moderation::Restriction;
use crate::model::name::RoomName;
use crate::model::profile::Profile;
use crate::model::stats::Stats;
use crate::model::text::Text;

/// Returns the part of the page about JSON lines.
fn page() -> &'static str {
    let page = include_str!("../../../../PROTOCOL.md");
    let (_, rest) = page.split_once("\n# JSON lines\n").expect("there is such a part");
    rest.split_once("\n# ").map_or(rest, |(part, _)| part)
}

fn room() -> RoomName {
    "#den".parse().expect("a room's name")
}

fn alice() -> Name {
    Name::Nick("alice".parse().expect("a nick"))
}

fn bob() -> Name {
    Name::Nick("bob".parse().expect("a nick"))
}

fn text(text: &str) -> Text {
    Text::clean(text)
}

fn mask() -> Mask {
    Mask::parse("spam*").expect("a mask")
}

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_554_249)
}

fn profile() -> Profile {
    Profile::new("al", "192.0.2.7", "Alice Liddell")
}

fn topic() -> TopicInfo {
    TopicInfo::new(text("tea"), bob(), at())
}

fn term() -> Term {
    Term::of(Duration::from_secs(600)).because("too loud")
}

fn restriction() -> Restriction {
    Restriction {
        mask: mask(),
        networks: Vec::new(),
        by: bob(),
        since: at(),
        left: Some(Duration::from_secs(600)),
        reason: Some(text("no advertising")),
    }
}

fn member() -> MemberInfo {
    MemberInfo {
        name: alice(),
        rank: Rank::Operator,
        muted: false,
        operates: false,
        away: Some(text("tea")),
        address: None,
        profile: profile(),
    }
}

fn said() -> RoomEvent {
    RoomEvent::Said { room: room(), from: alice(), text: text("hi"), kind: MessageKind::Message }
}

fn room_events() -> Vec<RoomEvent> {
    vec![
        RoomEvent::Joined { room: room(), name: alice() },
        RoomEvent::Parted { room: room(), name: alice(), why: Some(text("tea")) },
        said(),
        RoomEvent::SaidToRank {
            room: room(),
            rank: Rank::Operator,
            from: alice(),
            text: text("help"),
            kind: MessageKind::Message,
        },
        RoomEvent::RankSet { room: room(), by: bob(), name: alice(), old: Rank::Ordinary, rank: Rank::Operator },
        RoomEvent::Kicked { room: room(), by: bob(), name: alice(), reason: Some(text("too loud")) },
        RoomEvent::ModesSet { room: room(), by: bob(), modes: vec![Mode::Moderated(true), Mode::Limit(Some(10))] },
        RoomEvent::ExceptionAdded { room: room(), by: bob(), from: ExceptionKind::Ban, mask: mask() },
        RoomEvent::ExceptionRemoved { room: room(), by: bob(), from: ExceptionKind::Ban, mask: mask() },
        RoomEvent::TopicSet { room: room(), by: bob(), topic: Some(text("tea")) },
        RoomEvent::Banned { room: room(), by: bob(), mask: mask(), term: term() },
        RoomEvent::Unbanned { room: room(), by: bob(), mask: mask() },
        RoomEvent::Muted { room: room(), by: bob(), name: alice(), term: term() },
        RoomEvent::Unmuted { room: room(), by: bob(), name: Target::new("alice") },
        RoomEvent::Invited { room: room(), by: bob(), name: alice() },
    ]
}

fn hub_events() -> Vec<HubEvent> {
    vec![
        HubEvent::Left { name: alice(), reason: CloseReason::Quit(Some(text("good night"))) },
        HubEvent::Renamed { old: alice(), new: Name::Nick("al".parse().expect("a nick")) },
        HubEvent::AwaySet { name: alice(), why: Some(text("tea")) },
        HubEvent::RealNameSet { name: alice(), real_name: text("Alice Liddell") },
        HubEvent::Announced { by: bob(), text: text("down at noon") },
        HubEvent::OperatorAdded { name: alice() },
        HubEvent::OperatorPasswordRefused { name: alice() },
        HubEvent::Killed { by: bob(), name: alice(), reason: Some(text("spam")) },
    ]
}

fn own_events() -> Vec<OwnEvent> {
    vec![
        OwnEvent::Welcome {
            name: Name::address("192.0.2.7:50194"),
            room: Some("#lobby".parse().expect("a room's name")),
            since: at(),
            motd: [text("Be kind.")].into(),
        },
        OwnEvent::PrivateMessage { from: alice(), to: bob(), text: text("psst"), kind: MessageKind::Message },
        OwnEvent::Missed { count: 3, first: 17, last: 20 },
        OwnEvent::Kicked { room: room(), by: bob(), reason: Some(text("too loud")), current: None },
        OwnEvent::Invited { room: room(), by: bob() },
        OwnEvent::Named { name: alice() },
        OwnEvent::Entered { room: room(), topic: Some(topic()), members: 2 },
        OwnEvent::Exited {
            room: room(),
            why: Some(text("tea")),
            current: Some("#lobby".parse().expect("a room's name")),
        },
        OwnEvent::Closed { reason: CloseReason::ShuttingDown },
    ]
}

fn replies() -> Vec<Reply> {
    vec![
        Reply::Motd { lines: [text("Be kind.")].into() },
        Reply::InviteSent { room: room(), name: alice() },
        Reply::History { room: room(), events: vec![Event::new(16, at(), said())] },
        Reply::LastSaid { rooms: vec![(room(), at())] },
        Reply::Rooms { rooms: vec![RoomInfo { name: room(), members: 2, topic: Some(text("tea")) }], more: 0 },
        Reply::Census { members: 12, operators: 1, rooms: 3 },
        Reply::Members { room: room(), secret: false, members: vec![member()], more: 0 },
        Reply::Found { members: vec![member()], more: 0 },
        Reply::Whowas { name: Target::new("alice"), members: vec![FormerInfo::new(alice(), at(), profile())] },
        Reply::Whois { member: member(), shared: vec![room()] },
        Reply::Topic { room: room(), topic: Some(topic()) },
        Reply::Modes { room: room(), modes: vec![Mode::Moderated(true)], created: at() },
        Reply::Bans { room: Some(room()), bans: vec![restriction()] },
        Reply::Mutes { room: room(), mutes: vec![restriction()] },
        Reply::Exceptions { room: room(), from: ExceptionKind::Ban, masks: vec![restriction()] },
        Reply::Stats { stats: Box::new(Stats::default()) },
        Reply::RecipientAway { name: alice(), why: text("tea") },
        Reply::Away { why: Some(text("tea")) },
        Reply::Ignoring { name: alice(), ignored: true },
        Reply::Pong { token: text("x") },
        Reply::Refused { error: CommandError::NoRoom },
    ]
}

/// Returns an event of each kind, with all its optional fields.
fn events() -> Vec<EventKind> {
    let rooms = room_events().into_iter().map(EventKind::from);
    let hub = hub_events().into_iter().map(EventKind::from);
    let own = own_events().into_iter().map(EventKind::from);
    rooms.chain(hub).chain(own).chain(replies().into_iter().map(EventKind::from)).collect()
}

/// Returns an event in the form of the page, which shows only the first counter.
fn shown(kind: EventKind) -> String {
    let is_stats = matches!(kind, EventKind::Reply(Reply::Stats { .. }));
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
        let ParsedLine { answer, .. } = commands::parse(example.as_bytes(), 4096, false, true);
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
