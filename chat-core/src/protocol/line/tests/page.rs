//! `PROTOCOL.md` has the exact texts.

use std::time::{Duration, SystemTime};

use super::*;
use crate::model::command::CommandError;
use crate::model::event::{FormerInfo, HubEvent, MemberInfo, OwnEvent, Reply, RoomEvent, RoomInfo, TopicInfo};
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank, Restriction, Term};
use crate::model::name::Target;
use crate::model::profile::Profile;
use crate::model::text::Text;

/// Returns all refusals, with `NAME`, `#ROOM` and 1 for the variable parts.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn refusals() -> Vec<CommandError> {
    let nick = || "NAME".parse().expect("a nick");
    let room = || "#ROOM".parse().expect("a room's name");
    let name = || Target::new("NAME");
    let (time, why) = (|| Some(Duration::from_secs(1)), || Some("TEXT".into()));
    let all = vec![
        CommandError::Blank,
        CommandError::TooLong { bytes: 1, limit: 1 },
        CommandError::NickTaken { nick: nick() },
        CommandError::NickAlike { nick: nick(), taken: Name::Nick(nick()) },
        CommandError::NickReserved { nick: nick() },
        CommandError::NickKept { nick: nick() },
        CommandError::NoSuchMember { name: name() },
        CommandError::TargetIsSelf { name: name() },
        CommandError::NoRoom,
        CommandError::NoSuchRoom { room: room() },
        CommandError::NotInRoom { room: room() },
        CommandError::TooManyRooms { limit: 1 },
        CommandError::NoMoreRooms { limit: 1 },
        CommandError::RoomFull { room: room(), limit: 1 },
        CommandError::NotOperator { room: room() },
        CommandError::NoVoice { room: room() },
        CommandError::InviteOnly { room: room() },
        CommandError::WrongKey { room: room() },
        CommandError::NotThere { name: name(), room: room() },
        CommandError::IsThere { name: name(), room: room() },
        CommandError::RankKept { name: name(), rank: Rank::Operator },
        CommandError::RankKept { name: name(), rank: Rank::Voiced },
        CommandError::RankMissing { name: name(), rank: Rank::Operator },
        CommandError::RankMissing { name: name(), rank: Rank::Voiced },
        CommandError::Ignored { name: name() },
        CommandError::TooManyIgnored { limit: 1 },
        CommandError::NotIgnored { name: name() },
        CommandError::NotAway,
        CommandError::NotServerOperator,
        CommandError::Protected { name: name() },
        CommandError::IsServerOperator,
        CommandError::NoPassword,
        CommandError::WrongPassword { left: Duration::from_secs(1) },
        CommandError::Banned { room: Some(room()), left: time(), reason: why() },
        CommandError::Banned { room: Some(room()), left: None, reason: None },
        CommandError::NickBanned { nick: nick(), room: Some(room()) },
        CommandError::NickBanned { nick: nick(), room: None },
        CommandError::NotBanned { mask: Mask::Name(Target::new("WHOM")), room: Some(room()) },
        CommandError::NotBanned { mask: Mask::Name(Target::new("WHOM")), room: None },
        CommandError::NoSuchException { mask: Mask::Name(Target::new("WHOM")), from: ExceptionKind::Ban, room: room() },
        CommandError::NoSuchException {
            mask: Mask::Name(Target::new("WHOM")),
            from: ExceptionKind::Invite,
            room: room(),
        },
        CommandError::TooManyBans { limit: 1 },
        CommandError::Muted { room: room(), left: time() },
        CommandError::Muted { room: room(), left: None },
        CommandError::NotMuted { name: name(), room: room() },
        CommandError::AddressesHidden,
        CommandError::TooManyPasswords { left: Duration::from_secs(1) },
        CommandError::Forbidden { why: "TEXT".into() },
    ];
    // A new variant does not compile until this match, and so this list, has it.
    for error in &all {
        match error {
            CommandError::Blank
            | CommandError::TooLong { .. }
            | CommandError::NickTaken { .. }
            | CommandError::NickAlike { .. }
            | CommandError::NickReserved { .. }
            | CommandError::NickKept { .. }
            | CommandError::NoSuchMember { .. }
            | CommandError::TargetIsSelf { .. }
            | CommandError::NoRoom
            | CommandError::NoSuchRoom { .. }
            | CommandError::NotInRoom { .. }
            | CommandError::TooManyRooms { .. }
            | CommandError::NoMoreRooms { .. }
            | CommandError::RoomFull { .. }
            | CommandError::NotOperator { .. }
            | CommandError::NoVoice { .. }
            | CommandError::InviteOnly { .. }
            | CommandError::WrongKey { .. }
            | CommandError::NotThere { .. }
            | CommandError::IsThere { .. }
            | CommandError::RankKept { .. }
            | CommandError::RankMissing { .. }
            | CommandError::Ignored { .. }
            | CommandError::TooManyIgnored { .. }
            | CommandError::NotIgnored { .. }
            | CommandError::NotServerOperator
            | CommandError::Protected { .. }
            | CommandError::IsServerOperator
            | CommandError::NoPassword
            | CommandError::PasswordRequired
            | CommandError::WrongPassword { .. }
            | CommandError::Banned { .. }
            | CommandError::NickBanned { .. }
            | CommandError::NotBanned { .. }
            | CommandError::NoSuchException { .. }
            | CommandError::TooManyBans { .. }
            | CommandError::Muted { .. }
            | CommandError::NotMuted { .. }
            | CommandError::AddressesHidden
            | CommandError::TooManyPasswords { .. }
            | CommandError::Forbidden { .. }
            | CommandError::NotAway => {}
        }
    }
    all
}

#[test]
fn page_has_exact_text_of_every_refusal() {
    let page = include_str!("../../../../PROTOCOL.md");
    for error in refusals() {
        let row = format!("| `! {}` |", error.to_string().replace("1s", "TIME").replace('1', "N"));
        assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
    }
}

/// Returns members as lists show them.
fn members() -> Vec<MemberInfo> {
    let member = |rank, away| MemberInfo {
        name: Name::Nick("NAME".parse().expect("a nick")),
        rank,
        muted: false,
        operates: false,
        away,
        address: None,
        profile: Profile::new("user", "host", "real name"),
    };
    vec![
        member(Rank::Ordinary, None),
        member(Rank::Ordinary, Some("TEXT".into())),
        member(Rank::Operator, None),
        MemberInfo { muted: true, ..member(Rank::Ordinary, None) },
        MemberInfo { address: Some([192, 0, 2, 7].into()), ..member(Rank::Ordinary, None) },
        MemberInfo { operates: true, ..member(Rank::Ordinary, None) },
    ]
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn page_has_exact_text_of_every_notice() {
    let page = include_str!("../../../../PROTOCOL.md");
    let (name, room) = (|| Name::Nick("NAME".parse().expect("a nick")), || "#ROOM".parse().expect("a room's name"));
    let (text, why) = (|| Text::clean("TEXT"), || Some(Text::clean("TEXT")));
    let topic = || Some(TopicInfo::new(text(), name(), SystemTime::UNIX_EPOCH));
    let (time, mask) = (|| Some(Duration::from_secs(3)), || Mask::Name(Target::new("WHOM")));
    let ban = |left, reason| Restriction {
        mask: mask(),
        networks: Vec::new(),
        by: name(),
        since: SystemTime::UNIX_EPOCH,
        left,
        reason,
    };
    let (term, forever) = (|| Term { time: time(), reason: why() }, Term::default);
    let said = |text, kind| EventKind::Room(RoomEvent::Said { room: room(), from: name(), text, kind });
    let told = |text, kind| EventKind::Own(OwnEvent::PrivateMessage { from: name(), to: name(), text, kind });
    let set = |mode| EventKind::Room(RoomEvent::ModesSet { room: room(), by: name(), modes: vec![mode] });
    let said_to = |kind| {
        EventKind::Room(RoomEvent::SaidToRank { room: room(), rank: Rank::Operator, from: name(), text: text(), kind })
    };
    let former = FormerInfo::new(name(), SystemTime::UNIX_EPOCH, Profile::new("", "", ""));
    let exempt = |from, masks| EventKind::Reply(Reply::Exceptions { room: room(), from, masks });
    let notices = [
        EventKind::Room(RoomEvent::Joined { room: room(), name: name() }),
        EventKind::Room(RoomEvent::Parted { room: room(), name: name(), why: None }),
        EventKind::Room(RoomEvent::Parted { room: room(), name: name(), why: why() }),
        said(text(), MessageKind::Message),
        said("ACTION".into(), MessageKind::Action),
        said(text(), MessageKind::Notice),
        said_to(MessageKind::Message),
        said_to(MessageKind::Action),
        said_to(MessageKind::Notice),
        EventKind::Room(RoomEvent::ExceptionAdded { room: room(), by: name(), from: ExceptionKind::Ban, mask: mask() }),
        EventKind::Room(RoomEvent::ExceptionRemoved {
            room: room(),
            by: name(),
            from: ExceptionKind::Invite,
            mask: mask(),
        }),
        exempt(ExceptionKind::Ban, Vec::new()),
        exempt(ExceptionKind::Invite, vec![ban(None, None), ban(None, None), ban(None, None)]),
        EventKind::Reply(Reply::Whowas { name: Target::new("NAME"), members: Vec::new() }),
        EventKind::Reply(Reply::Whowas { name: Target::new("NAME"), members: vec![former] }),
        told(text(), MessageKind::Message),
        told("ACTION".into(), MessageKind::Action),
        told(text(), MessageKind::Notice),
        EventKind::Hub(HubEvent::Left { name: name(), reason: CloseReason::Quit(None) }),
        EventKind::Hub(HubEvent::Left { name: name(), reason: CloseReason::Quit(why()) }),
        EventKind::Hub(HubEvent::Renamed { old: name(), new: name() }),
        EventKind::Room(RoomEvent::TopicSet { room: room(), by: name(), topic: why() }),
        EventKind::Room(RoomEvent::TopicSet { room: room(), by: name(), topic: None }),
        EventKind::Room(RoomEvent::Banned { room: room(), by: name(), mask: mask(), term: term() }),
        EventKind::Room(RoomEvent::Banned { room: room(), by: name(), mask: mask(), term: forever() }),
        EventKind::Hub(HubEvent::Banned { by: name(), mask: mask(), term: forever() }),
        EventKind::Room(RoomEvent::Unbanned { room: room(), by: name(), mask: mask() }),
        EventKind::Hub(HubEvent::Unbanned { by: name(), mask: mask() }),
        EventKind::Room(RoomEvent::Muted { room: room(), by: name(), name: name(), term: term() }),
        EventKind::Room(RoomEvent::Muted { room: room(), by: name(), name: name(), term: forever() }),
        EventKind::Room(RoomEvent::Unmuted { room: room(), by: name(), name: Target::new("NAME") }),
        EventKind::Hub(HubEvent::Announced { by: name(), text: text() }),
        EventKind::Own(OwnEvent::Missed { count: 3, first: 3, last: 6 }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::TooManyFromAddress { limit: 3 } }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::Full { limit: 3 } }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::TooManyInvalidLines { limit: 3 } }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::NoThread }),
        EventKind::Hub(HubEvent::OperatorAdded { name: name() }),
        EventKind::Hub(HubEvent::OperatorPasswordRefused { name: name() }),
        EventKind::Hub(HubEvent::Killed { by: name(), name: name(), reason: None }),
        EventKind::Hub(HubEvent::Killed { by: name(), name: name(), reason: why() }),
        EventKind::Reply(Reply::Mutes { room: room(), mutes: Vec::new() }),
        EventKind::Reply(Reply::Mutes {
            room: room(),
            mutes: vec![ban(None, None), ban(time(), why()), ban(None, None)],
        }),
        EventKind::Reply(Reply::Bans { room: Some(room()), bans: Vec::new() }),
        EventKind::Reply(Reply::Bans { room: None, bans: Vec::new() }),
        EventKind::Reply(Reply::Bans {
            room: Some(room()),
            bans: vec![ban(None, None), ban(time(), why()), ban(None, None)],
        }),
        EventKind::Reply(Reply::Bans { room: None, bans: vec![ban(None, None), ban(None, None), ban(None, None)] }),
        EventKind::Own(OwnEvent::Named { name: name() }),
        EventKind::Own(OwnEvent::Entered { room: room(), topic: topic(), members: 4 }),
        EventKind::Own(OwnEvent::Exited { room: room(), why: None, current: Some(room()) }),
        EventKind::Own(OwnEvent::Exited { room: room(), why: None, current: None }),
        EventKind::Reply(Reply::Rooms { rooms: vec![RoomInfo { name: room(), members: 3, topic: why() }], more: 3 }),
        EventKind::Reply(Reply::Members { room: room(), secret: false, members: members(), more: 0 }),
        EventKind::Room(RoomEvent::RankSet {
            room: room(),
            by: name(),
            name: name(),
            old: Rank::Ordinary,
            rank: Rank::Operator,
        }),
        EventKind::Room(RoomEvent::RankSet {
            room: room(),
            by: name(),
            name: name(),
            old: Rank::Ordinary,
            rank: Rank::Voiced,
        }),
        EventKind::Room(RoomEvent::RankSet {
            room: room(),
            by: name(),
            name: name(),
            old: Rank::Operator,
            rank: Rank::Ordinary,
        }),
        EventKind::Room(RoomEvent::RankSet {
            room: room(),
            by: name(),
            name: name(),
            old: Rank::Voiced,
            rank: Rank::Ordinary,
        }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::SendQueueTotal }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::Panicked }),
        EventKind::Room(RoomEvent::Kicked { room: room(), by: name(), name: name(), reason: None }),
        EventKind::Room(RoomEvent::Kicked { room: room(), by: name(), name: name(), reason: why() }),
        EventKind::Own(OwnEvent::Kicked { room: room(), by: name(), reason: why(), current: Some(room()) }),
        EventKind::Own(OwnEvent::Kicked { room: room(), by: name(), reason: None, current: None }),
        EventKind::Own(OwnEvent::Invited { room: room(), by: name() }),
        EventKind::Reply(Reply::InviteSent { room: room(), name: name() }),
        EventKind::Reply(Reply::Modes { room: room(), modes: Vec::new(), created: SystemTime::UNIX_EPOCH }),
        set(Mode::InviteOnly(true)),
        set(Mode::Moderated(true)),
        set(Mode::TopicLocked(true)),
        set(Mode::MembersOnly(false)),
        set(Mode::MembersOnly(true)),
        set(Mode::Secret(true)),
        set(Mode::Key(why())),
        set(Mode::Limit(Some(3))),
        EventKind::Reply(Reply::Whois { member: members().remove(0), shared: vec![room(), room()] }),
        EventKind::Reply(Reply::Topic { room: room(), topic: topic() }),
        EventKind::Reply(Reply::Topic { room: room(), topic: None }),
        EventKind::Reply(Reply::History { room: room(), events: Vec::new() }),
        EventKind::Reply(Reply::RecipientAway { name: name(), why: text() }),
        EventKind::Reply(Reply::Away { why: why() }),
        EventKind::Reply(Reply::Away { why: None }),
        EventKind::Reply(Reply::Ignoring { name: name(), ignored: true }),
        EventKind::Reply(Reply::Ignoring { name: name(), ignored: false }),
        EventKind::Reply(Reply::Pong { token: text() }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::ShuttingDown }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::Killed { by: name(), reason: None } }),
        EventKind::Own(OwnEvent::Closed { reason: CloseReason::Killed { by: name(), reason: why() } }),
        EventKind::Reply(Reply::Motd { lines: [text()].into() }),
        EventKind::Reply(Reply::Motd { lines: [].into() }),
        EventKind::Own(OwnEvent::Closed {
            reason: CloseReason::Refused(CommandError::Banned { room: None, left: time(), reason: why() }),
        }),
    ];
    for kind in [MessageKind::Message, MessageKind::Action, MessageKind::Notice] {
        let mut out = Vec::new();
        let text = if kind == MessageKind::Action { "ACTION".into() } else { text() };
        Line::default().encoder().encode_own(&told(text, kind).into(), &mut out);
        let line = str::from_utf8(&out).expect("lines are text").trim_end();
        assert!(line.starts_with("-> {") && page.contains(&format!("| `{line}` |")), "PROTOCOL.md lacks {line}");
    }
    for notice in notices {
        let mut out = Vec::new();
        Line::default().encoder().encode(&notice.into(), &mut out);
        for line in str::from_utf8(&out).expect("lines are text").lines() {
            let row = format!(
                "| `{}` |",
                line.replace("3s", "TIME")
                    .replace(['3', '6'], "N")
                    .replace("192.0.2.7", "ADDRESS")
                    .replace("1970-01-01T00:00:00Z", "DATE")
            );
            assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
        }
    }
}
