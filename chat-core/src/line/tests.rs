//! Bytes in, commands and replies out.

use proptest::prelude::*;

use super::*;
use crate::command::CommandError;
use crate::event::{CloseReason, EventKind, MemberInfo, RoomInfo};
use crate::name::{Name, Target};
use crate::order::{Mode, Rank};
use crate::session::Encode as _;

/// What a stream is decoded to: the commands, what was replied, and whether the stream was given up.
#[derive(Debug, Default, PartialEq)]
struct Decoded {
    commands: Vec<Command>,
    reply: Vec<u8>,
    error: Option<FramingError>,
}

/// Decodes a stream that comes in these pieces and then ends.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, mut session: Line) -> Decoded {
    let mut decoded = Decoded::default();
    for piece in pieces {
        let mut input = piece;
        loop {
            let (mut reply, length) = (Vec::new(), input.len());
            let command = session.decode(&mut input, &mut reply);
            let answered = !reply.is_empty() && input.len() < length;
            decoded.reply.extend(reply);
            match command {
                Ok(Some(command)) => decoded.commands.push(command),
                Ok(None) if answered => {}
                Ok(None) => break,
                Err(error) => {
                    decoded.error = Some(error);
                    return decoded;
                }
            }
        }
        assert!(input.is_empty(), "a line session leaves nothing");
        let most = session.limit + 1 + BOM.len();
        assert!(session.partial.len() <= most, "{} bytes are kept", session.partial.len());
    }
    match session.finish(&[], &mut decoded.reply) {
        Ok(command) => decoded.commands.extend(command),
        Err(error) => decoded.error = Some(error),
    }
    decoded
}

/// Whole, and byte by byte, `bytes` are the texts `said` and the answer `reply`.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, said: &[&str], reply: &str) {
    let bytes = bytes.as_ref();
    let commands = said.iter().map(|&text| Command::say(text)).collect();
    let expected = Decoded { commands, reply: reply.into(), error: None };
    assert_eq!(decode([bytes], Line::new(16)), expected, "whole");
    assert_eq!(decode(bytes.chunks(1), Line::new(16)), expected, "byte by byte");
}

/// Whole, and byte by byte, `bytes` end the connection for this reason.
#[track_caller]
fn check_given_up(bytes: &[u8], why: &str) {
    for decoded in [decode([bytes], Line::new(16)), decode(bytes.chunks(1), Line::new(16))] {
        assert_eq!(decoded.commands, []);
        assert_eq!(decoded.error.expect("the stream is given up").to_string(), why);
    }
}

const TOO_LONG: &str = "! line is too long; at most 16 bytes are allowed\n";

#[test]
fn lf_and_crlf_end_a_line() {
    check("one\ntwo\r\nthree\n", &["one", "two", "three"], "");
}

#[test]
fn blank_lines_say_nothing() {
    check("\n\r\n \n\t\r\n\r\r\n\u{7}\na\n\n", &["a"], "");
}

#[test]
fn a_lone_cr_ends_no_line_and_is_not_passed_on() {
    check("a\rb\n\rc\n", &["ab", "c"], "");
}

#[test]
fn the_last_line_counts_without_its_end() {
    check("hi", &["hi"], "");
    check("one\ntwo\r", &["one", "two"], "");
}

#[test]
fn a_line_of_the_limit_is_said_and_a_longer_one_refused_and_the_next_works() {
    let line = |bytes| "x".repeat(bytes);
    for end in ["\n", "\r\n", ""] {
        check(line(15) + end, &[&line(15)], "");
        check(line(16) + end, &[&line(16)], "");
        check(line(17) + end, &[], TOO_LONG);
        check(line(40) + end, &[], TOO_LONG);
    }
    check(line(17) + "\nnext\n" + &line(99) + "\nlast\n", &["next", "last"], &TOO_LONG.repeat(2));
    check(format!("\u{feff}{}\n", line(16)), &[&line(16)], "");
}

#[test]
fn a_stream_without_line_ends_is_given_up() {
    let why = "no end of a line in 256 bytes; lines of at most 16 are allowed";
    check_given_up(&[b'x'; 257], why);
    check_given_up(&vec![b'x'; 100_000], why);
    check(format!("{}\nok\n", "x".repeat(256)), &["ok"], TOO_LONG);
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let refused = |at| format!("! line is not UTF-8 from byte {at} on; nothing of it was said\n");
    check(b"a\xc3\nb\n", &["b"], &refused(1));
    check(b"\xc0\xaf\n", &[], &refused(0)); // an overlong slash
    check(b"ab\xed\xa0\x80\n", &[], &refused(2)); // a surrogate
    check(b"caf\xe9\n", &[], &refused(3)); // Latin-1
    check("日本\n", &["日本"], "");
}

#[test]
fn nul_is_cleaned_and_cuts_nothing_short() {
    check("a\0b\n\0\n", &["ab"], "");
}

#[test]
fn a_byte_order_mark_is_stripped_at_the_start_alone() {
    check("\u{feff}hi\n\u{feff}ho\n", &["hi", "\u{feff}ho"], "");
    check("\u{feff}", &[], "");
}

#[test]
fn a_slash_begins_a_command_and_two_say_one() {
    check("//etc\n///\n", &["/etc", "//"], "");
    check("/nope x\n", &[], "! unknown command /nope; try /help, or // to say a line that begins with a slash\n");
    check("/\n", &[], "! unknown command /; try /help, or // to say a line that begins with a slash\n");
    check("/\u{1b}[2Jx\n", &[], "! unknown command /x; try /help, or // to say a line that begins with a slash\n");
    check(" /quit\n", &[" /quit"], "");
}

#[test]
fn commands_are_known_in_any_case_and_with_spaces_behind() {
    for line in ["/quit\n", "/QUIT \r\n", "/Quit"] {
        assert_eq!(decode([line.as_bytes()], Line::default()).commands, [Command::Quit], "{line:?}");
    }
    let ping = |token: &str| vec![Command::Ping(Text::clean(token))];
    assert_eq!(decode([&b"/ping\n"[..]], Line::default()).commands, ping(""));
    assert_eq!(decode([&b"/ping  a b \n"[..]], Line::default()).commands, ping("a b"));
}

#[test]
fn help_lists_every_command() {
    let reply = decode([&b"/help\n"[..]], Line::default()).reply;
    let help = String::from_utf8(reply).expect("help is text");
    let lines: Vec<_> = help.lines().collect();
    assert_eq!(lines.len(), commands::COMMANDS.len() + 1);
    assert_eq!(lines[0], "* /help [COMMAND]  lists the commands, or tells about one");
    assert_eq!(lines[2], "* /msg NAME TEXT  says something to one member alone");
    assert_eq!(lines[lines.len() - 1], "* //TEXT  says a line that begins with a slash");
}

#[test]
fn help_tells_about_one_command() {
    check("/help quit\n", &[], "* /quit  leaves the chat\n");
    let msg = "* /msg NAME TEXT  says something to one member alone\n*   or shorter /w\n";
    for line in ["/help msg\n", "/help /MSG\n", "/help w\n"] {
        check(line, &[], msg);
    }
    check("/help no\n", &[], "! unknown command /no; try /help, or // to say a line that begins with a slash\n");
}

/// A command line that means this command.
#[track_caller]
fn means(line: &str, command: Command) {
    assert_eq!(decode([format!("{line}\n").as_bytes()], Line::default()).commands, [command], "{line}");
}

#[test]
fn each_command_is_read_with_its_arguments() {
    let room = || "#den".parse().expect("a room's name");
    let bob = || Target::new("bob");
    means("/nick zoë", Command::Nick("zoë".parse().expect("a nick")));
    means("/msg bob  hi there ", Command::Tell { to: bob(), text: "hi there".into() });
    means("/w 127.0.0.1:5 hi", Command::Tell { to: Target::new("127.0.0.1:5"), text: "hi".into() });
    means("/me waves  twice", Command::Act("waves  twice".into()));
    means("/who", Command::Who(None));
    means("/who #den", Command::Who(Some(room())));
    means("/who den", Command::Who(Some(room())));
    means("/whois Bob", Command::Whois(bob()));
    means("/rooms", Command::Rooms);
    means("/join #den", Command::Join { room: room(), key: None });
    means("/join #den tea", Command::Join { room: room(), key: Some("tea".into()) });
    means("/invite bob", Command::Invite(bob()));
    means("/op bob", Command::Promote { name: bob(), rank: Rank::Operator });
    means("/deop bob", Command::Demote { name: bob(), rank: Rank::Operator });
    means("/voice bob", Command::Promote { name: bob(), rank: Rank::Voiced });
    means("/devoice bob", Command::Demote { name: bob(), rank: Rank::Voiced });
    means("/kick bob", Command::Kick { name: bob(), reason: None });
    means("/kick bob so much noise", Command::Kick { name: bob(), reason: Some("so much noise".into()) });
    means("/mode", Command::Mode(None));
    means("/mode +i", Command::Mode(Some(Mode::InviteOnly(true))));
    means("/mode -m", Command::Mode(Some(Mode::Moderated(false))));
    means("/mode +t", Command::Mode(Some(Mode::TopicLocked(true))));
    means("/mode +k tea", Command::Mode(Some(Mode::Key(Some("tea".into())))));
    means("/mode -k", Command::Mode(Some(Mode::Key(None))));
    means("/mode +l 10", Command::Mode(Some(Mode::Limit(Some(10)))));
    means("/mode -l", Command::Mode(Some(Mode::Limit(None))));
    means("/part", Command::Part(None));
    means("/part #den", Command::Part(Some(room())));
    means("/topic", Command::Topic(None));
    means("/topic tea at five", Command::Topic(Some("tea at five".into())));
    means("/history", Command::History(None));
    means("/history 20", Command::History(Some(20)));
    means("/away", Command::Away(None));
    means("/away tea", Command::Away(Some("tea".into())));
    means("/ignore bob", Command::Ignore(bob()));
    means("/unignore bob", Command::Unignore(bob()));
}

#[test]
fn missing_and_surplus_arguments_are_told_with_the_usage() {
    for (line, why) in [
        ("/help me please", "there is more than /help takes; it is used so: /help [COMMAND]"),
        ("/nick", "/nick needs more; it is used so: /nick NAME"),
        ("/nick a b", "there is more than /nick takes; it is used so: /nick NAME"),
        ("/msg", "/msg needs more; it is used so: /msg NAME TEXT"),
        ("/msg bob", "/msg needs more; it is used so: /msg NAME TEXT"),
        ("/w bob  ", "/msg needs more; it is used so: /msg NAME TEXT"),
        ("/me", "/me needs more; it is used so: /me ACTION"),
        ("/who #a #b", "there is more than /who takes; it is used so: /who [#ROOM]"),
        ("/whois", "/whois needs more; it is used so: /whois NAME"),
        ("/whois a b", "there is more than /whois takes; it is used so: /whois NAME"),
        ("/rooms x", "/rooms takes no arguments"),
        ("/join", "/join needs more; it is used so: /join #ROOM [KEY]"),
        ("/join a b c", "there is more than /join takes; it is used so: /join #ROOM [KEY]"),
        ("/invite", "/invite needs more; it is used so: /invite NAME"),
        ("/invite a b", "there is more than /invite takes; it is used so: /invite NAME"),
        ("/op", "/op needs more; it is used so: /op NAME"),
        ("/op a b", "there is more than /op takes; it is used so: /op NAME"),
        ("/kick", "/kick needs more; it is used so: /kick NAME [REASON]"),
        ("/mode x", "x is no mode; there are +i, +m, +t, +k KEY, +l N, and with - in place of + they are taken back"),
        ("/mode +k", "/mode needs more; it is used so: /mode [MODE]"),
        ("/mode +l", "/mode needs more; it is used so: /mode [MODE]"),
        ("/mode +l x", "x is no number; /mode takes one from 0 on"),
        ("/mode +i x", "there is more than /mode takes; it is used so: /mode [MODE]"),
        ("/part a b", "there is more than /part takes; it is used so: /part [#ROOM]"),
        ("/history 1 2", "there is more than /history takes; it is used so: /history [N]"),
        ("/history many", "many is no number; /history takes one from 0 on"),
        ("/history -1", "-1 is no number; /history takes one from 0 on"),
        ("/ignore", "/ignore needs more; it is used so: /ignore NAME"),
        ("/ignore a b", "there is more than /ignore takes; it is used so: /ignore NAME"),
        ("/unignore", "/unignore needs more; it is used so: /unignore NAME"),
        ("/unignore a b", "there is more than /unignore takes; it is used so: /unignore NAME"),
        ("/quit now", "/quit takes no arguments"),
        ("/nick 7up", "nickname begins with '7'; it must begin with a letter or one of _[]{}\\|^`"),
        ("/join #", "room name is empty; 1 to 50 characters are allowed"),
    ] {
        check(format!("{line}\n"), &[], &format!("! {why}\n"));
    }
}

#[test]
fn a_session_stops_after_each_answer_so_that_answers_are_bounded() {
    let mut session = Line::default();
    let stream = b"/\n".repeat(1000);
    let (mut input, mut reply) = (&stream[..], Vec::new());
    assert_eq!(session.decode(&mut input, &mut reply), Ok(None));
    assert_eq!(input.len(), stream.len() - 2);
}

#[test]
fn telnet_commands_are_taken_out_and_options_refused() {
    let check = |bytes: &[u8], said: &[&str], reply: &[u8]| {
        for decoded in [decode([bytes], Line::new(16)), decode(bytes.chunks(1), Line::new(16))] {
            assert_eq!(decoded.commands, said.iter().map(|&text| Command::say(text)).collect::<Vec<_>>());
            assert_eq!((decoded.reply.as_slice(), decoded.error), (reply, None));
        }
    };
    check(b"a\xff\xfb\x01b\n", &["ab"], b"\xff\xfe\x01"); // WILL is answered by DONT,
    check(b"a\xff\xfd\x06b\n", &["ab"], b"\xff\xfc\x06"); // DO by WONT,
    check(b"a\xff\xfc\x01\xff\xfe\x01b\n", &["ab"], b""); // a refusal by nothing.
    check(b"a\xff\xfd\nb\n", &["ab"], b"\xff\xfc\n"); // An option's number is no line end,
    check(b"a\xff\xfa\x18\0x\n\xff\xffy\xff\xf0b\n", &["ab"], b""); // nor is what a subnegotiation holds.
    check(b"a\xff\xf4\xff\xf1b\n", &["ab"], b"");
    check(b"a\xff", &["a"], b""); // Unfinished at the end
    check(b"a\n\xff\xfa\x18\n", &["a"], b"");
}

#[test]
fn a_byte_255_that_is_no_telnet_command_is_a_byte_that_is_not_utf8() {
    check(b"a\xff\nb\n", &["b"], "! line is not UTF-8 from byte 1 on; nothing of it was said\n");
    check(b"xxxxxxxxxxxxxxxxxxxx\xff\nb\n", &["b"], TOO_LONG);
    check(
        b"xxxxxxxxxxxxxxxxxxx\xff\nb\n/x\xff\nc\n",
        &["b", "c"],
        &format!("{TOO_LONG}! line is not UTF-8 from byte 2 on; nothing of it was said\n"),
    );
    check(b"a\xff\xff\nb\n", &["b"], "! line is not UTF-8 from byte 1 on; nothing of it was said\n");
}

#[test]
fn an_endless_subnegotiation_is_given_up() {
    let mut bytes = b"\xff\xfa\x18".to_vec();
    bytes.resize(5000, b'\n');
    check_given_up(&bytes, "no end of a telnet subnegotiation in 4096 bytes");
}

#[test]
fn http_and_tls_are_turned_away() {
    let http = "this is a chat server: it speaks lines of text, not HTTP";
    check_given_up(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", http);
    check_given_up(b"GET /a-path-over-the-limit HTTP/1.1\r\nHost: localhost\r\n\r\n", http);
    check_given_up(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", http);
    check_given_up(b"\x16\x03\x01\x02\0\x01", "this is a chat server: it speaks lines of text, not TLS");
    check("hi\nGET / HTTP/1.1\n", &["hi", "GET / HTTP/1.1"], "");
    check("I like HTTP/2\nx\n", &["I like HTTP/2", "x"], "");
    check("I / HTTP\n", &["I / HTTP"], "");
}

proptest! {
    #[test]
    fn any_split_of_any_stream_decodes_alike(
        bytes in prop::collection::vec(
            prop_oneof![
                4 => any::<u8>().prop_map(|byte| vec![byte]),
                2 => "[a-z /]{0,9}".prop_map(String::into_bytes),
                2 => prop::sample::select(vec![
                    &b"\n"[..], b"\r\n", b"/help\n", b"/quit\n", b"//", b"\xff", b"\xff\xfb", b"\xff\xfa", b"\xff\xf0",
                    b"\xef\xbb\xbfGET /x", "\u{feff}".as_bytes(), "é日".as_bytes(), b"\x1b[1m", b"GET / HTTP/1.1\r\n",
                ]).prop_map(<[u8]>::to_vec),
                1 => (0..40_usize).prop_map(|length| vec![b'x'; length]),
            ],
            0..60,
        ).prop_map(|pieces| pieces.concat()),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        prop_assert_eq!(decode(pieces, Line::new(16)), decode([&bytes[..]], Line::new(16)));
    }

    #[test]
    fn any_lines_are_said_as_they_are(lines in prop::collection::vec("[^\\p{C}\u{2028}\u{2029}/\\s][^\\p{C}\u{2028}\u{2029}\\s]{0,100}", 0..20)) {
        let stream = lines.iter().flat_map(|line| [line, "\n"]).collect::<String>();
        let said: Vec<Command> = lines.iter().map(|line| Command::Say(Text::clean(line))).collect();
        let decoded = decode([stream.as_bytes()], Line::default());
        prop_assert_eq!(decoded.commands, said);
    }
}

/// What a refused command is told, with `NAME`, `#ROOM` and `N` in place of what varies.
fn refusals() -> Vec<CommandError> {
    let nick = || "NAME".parse().expect("a nick");
    let room = || "#ROOM".parse().expect("a room's name");
    let name = || Target::new("NAME");
    let all = vec![
        CommandError::Blank,
        CommandError::TooLong { bytes: 1, limit: 1 },
        CommandError::NickTaken { nick: nick() },
        CommandError::NickAlike { nick: nick(), taken: Name::Nick(nick()) },
        CommandError::NickReserved { nick: nick() },
        CommandError::NickKept { nick: nick() },
        CommandError::NoSuchMember { name: name() },
        CommandError::Oneself { name: name() },
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
    ];
    // A new one does not compile until it is in the list, too.
    for error in &all {
        match error {
            CommandError::Blank
            | CommandError::TooLong { .. }
            | CommandError::NickTaken { .. }
            | CommandError::NickAlike { .. }
            | CommandError::NickReserved { .. }
            | CommandError::NickKept { .. }
            | CommandError::NoSuchMember { .. }
            | CommandError::Oneself { .. }
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
            | CommandError::NotAway => {}
        }
    }
    all
}

#[test]
fn the_protocol_page_has_every_refusal_with_its_exact_text() {
    let page = include_str!("../../PROTOCOL.md");
    for error in refusals() {
        let row = format!("| `! {}` |", error.to_string().replace('1', "N"));
        assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
    }
}

#[test]
fn the_protocol_page_has_every_notice_with_its_exact_text() {
    let page = include_str!("../../PROTOCOL.md");
    let (name, room) = (|| Name::Nick("NAME".parse().expect("a nick")), || "#ROOM".parse().expect("a room's name"));
    let (text, why) = (|| Text::clean("TEXT"), || Some(Text::clean("TEXT")));
    let member = |rank, away| MemberInfo { name: name(), rank, away };
    let people = vec![member(Rank::Ordinary, None), member(Rank::Ordinary, why()), member(Rank::Operator, None)];
    let notices = [
        EventKind::Joined { room: room(), name: name() },
        EventKind::Parted { room: room(), name: name() },
        EventKind::Said { room: room(), from: name(), text: text() },
        EventKind::Acted { room: room(), from: name(), text: "ACTION".into() },
        EventKind::Told { from: name(), text: text() },
        EventKind::Left { name: name(), reason: CloseReason::Quit },
        EventKind::Renamed { old: name(), new: name() },
        EventKind::TopicSet { room: room(), by: name(), topic: text() },
        EventKind::Named { name: name() },
        EventKind::Entered { room: room(), topic: why(), members: 4 },
        EventKind::Exited { room: room(), current: Some(room()) },
        EventKind::Exited { room: room(), current: None },
        EventKind::Rooms { rooms: vec![RoomInfo { name: room(), members: 3, topic: why() }], more: 3 },
        EventKind::Members { room: room(), members: people, more: 0 },
        EventKind::RankSet { room: room(), by: name(), name: name(), rank: Rank::Operator },
        EventKind::RankSet { room: room(), by: name(), name: name(), rank: Rank::Voiced },
        EventKind::RankSet { room: room(), by: name(), name: name(), rank: Rank::Ordinary },
        EventKind::KickedOut { room: room(), by: name(), name: name(), reason: None },
        EventKind::KickedOut { room: room(), by: name(), name: name(), reason: why() },
        EventKind::Kicked { room: room(), by: name(), reason: why(), current: Some(room()) },
        EventKind::Kicked { room: room(), by: name(), reason: None, current: None },
        EventKind::Invited { room: room(), by: name() },
        EventKind::InviteSent { room: room(), name: name() },
        EventKind::Modes { room: room(), modes: Vec::new() },
        EventKind::ModeSet { room: room(), by: name(), mode: Mode::InviteOnly(true) },
        EventKind::ModeSet { room: room(), by: name(), mode: Mode::Moderated(true) },
        EventKind::ModeSet { room: room(), by: name(), mode: Mode::TopicLocked(true) },
        EventKind::ModeSet { room: room(), by: name(), mode: Mode::Key(why()) },
        EventKind::ModeSet { room: room(), by: name(), mode: Mode::Limit(Some(3)) },
        EventKind::About { member: member(Rank::Ordinary, None), shared: vec![room(), room()] },
        EventKind::Topic { room: room(), topic: None },
        EventKind::Past { room: room(), events: Vec::new() },
        EventKind::IsAway { name: name(), why: text() },
        EventKind::Away { why: why() },
        EventKind::Away { why: None },
        EventKind::Ignoring { name: name(), ignored: true },
        EventKind::Ignoring { name: name(), ignored: false },
        EventKind::Pong { token: text() },
        EventKind::Closed { reason: CloseReason::ShuttingDown },
    ];
    for notice in notices {
        let mut out = Vec::new();
        Line::default().encoder().encode(&notice.into(), &mut out);
        for line in str::from_utf8(&out).expect("lines are text").lines() {
            let row = format!("| `{}` |", line.replace('3', "N"));
            assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
        }
    }
}

#[test]
fn what_happens_in_another_room_is_marked_with_it() {
    let (name, room) = (|| Name::address("192.0.2.1:1"), || "#den".parse().expect("a room's name"));
    for (kind, line) in [
        (EventKind::Said { room: room(), from: name(), text: "hi".into() }, "#den <192.0.2.1:1> hi\n"),
        (EventKind::Joined { room: room(), name: name() }, "#den [192.0.2.1:1] entered room\n"),
        (EventKind::Left { name: name(), reason: CloseReason::Quit }, "[192.0.2.1:1] is offline\n"),
    ] {
        let mut out = Vec::new();
        LineEncoder.encode_elsewhere(&kind.into(), &mut out);
        assert_eq!(String::from_utf8(out).expect("lines are text"), line);
    }
}
