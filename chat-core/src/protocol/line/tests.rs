//! Tests of the plain-line session: bytes in, commands and replies out.

mod commands;
mod page;

use proptest::prelude::*;

use super::*;
use crate::model::event::{CloseReason, EventKind, HubEvent, RoomEvent};
use crate::model::message::MessageKind;
use crate::model::name::Name;
use crate::session::Encode as _;

/// The result of decoding a stream: the commands, the replies, and the error if the session failed.
#[derive(Debug, Default, PartialEq)]
struct Decoded {
    commands: Vec<Command>,
    reply: Vec<u8>,
    error: Option<FramingError>,
}

/// Decodes a stream that arrives in these pieces and then ends.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, mut session: Line) -> Decoded {
    let mut decoded = Decoded::default();
    for piece in pieces {
        let mut input = piece;
        loop {
            let (mut reply, length) = (Vec::new(), input.len());
            let request = session.decode(&mut input, &mut reply);
            let answered = !reply.is_empty() && input.len() < length;
            decoded.reply.extend(reply);
            match request {
                Ok(Some(request)) => decoded.commands.push(request.command),
                Ok(None) if answered => {}
                Ok(None) => break,
                Err(error) => {
                    decoded.error = Some(error);
                    return decoded;
                }
            }
        }
        assert!(input.is_empty(), "a line session consumes all input");
        let (max, kept) = (session.buffer.limit() + 1 + BOM.len(), session.buffer.partial().len());
        assert!(kept <= max, "{kept} bytes are kept");
    }
    match session.finish(&[], &mut decoded.reply) {
        Ok(request) => decoded.commands.extend(request.map(|request| request.command)),
        Err(error) => decoded.error = Some(error),
    }
    decoded
}

/// Checks that `bytes`, whole and byte by byte, decode to the texts `said` and the answer `reply`.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, said: &[&str], reply: &str) {
    let bytes = bytes.as_ref();
    let commands = said.iter().map(|&text| Command::say(text)).collect();
    let expected = Decoded { commands, reply: reply.into(), error: None };
    assert_eq!(decode([bytes], Line::new(16)), expected, "whole");
    assert_eq!(decode(bytes.chunks(1), Line::new(16)), expected, "byte by byte");
}

/// Checks that `bytes`, whole and byte by byte, fail for this reason.
#[track_caller]
fn check_failure(bytes: &[u8], why: &str) {
    for decoded in [decode([bytes], Line::new(16)), decode(bytes.chunks(1), Line::new(16))] {
        assert_eq!(decoded.commands, []);
        assert_eq!(decoded.error.expect("the session fails").to_string(), why);
    }
}

const TOO_LONG: &str = "! line is too long; at most 16 bytes are allowed\n";

#[test]
fn lf_and_crlf_end_line() {
    check("one\ntwo\r\nthree\n", &["one", "two", "three"], "");
}

#[test]
fn blank_lines_are_ignored() {
    check("\n\r\n \n\t\r\n\r\r\n\u{7}\na\n\n", &["a"], "");
}

#[test]
fn lone_cr_is_stripped_and_ends_no_line() {
    check("a\rb\n\rc\n", &["ab", "c"], "");
}

#[test]
fn last_line_counts_without_its_end() {
    check("hi", &["hi"], "");
    check("one\ntwo\r", &["one", "two"], "");
}

#[test]
fn line_over_limit_is_refused_and_next_works() {
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
fn stream_without_line_ends_fails() {
    let why = "no line end in 256 bytes; a line has at most 16 bytes";
    check_failure(&[b'x'; 257], why);
    check_failure(&vec![b'x'; 100_000], why);
    check(format!("{}\nok\n", "x".repeat(256)), &["ok"], TOO_LONG);
}

#[test]
fn invalid_utf8_is_refused() {
    let refused = |at| format!("! line is not valid UTF-8 at byte {at}; it was not sent\n");
    check(b"a\xc3\nb\n", &["b"], &refused(1));
    check(b"\xc0\xaf\n", &[], &refused(0)); // an overlong slash
    check(b"ab\xed\xa0\x80\n", &[], &refused(2)); // a surrogate
    check(b"caf\xe9\n", &[], &refused(3)); // Latin-1
    check("日本\n", &["日本"], "");
}

#[test]
fn nul_is_stripped_and_truncates_nothing() {
    check("a\0b\n\0\n", &["ab"], "");
}

#[test]
fn byte_order_mark_is_stripped_only_at_start() {
    check("\u{feff}hi\n\u{feff}ho\n", &["hi", "\u{feff}ho"], "");
    check("\u{feff}", &[], "");
}

#[test]
fn session_returns_after_each_answer() {
    let mut session = Line::default();
    let stream = b"/\n".repeat(1000);
    let (mut input, mut reply) = (&stream[..], Vec::new());
    assert!(session.decode(&mut input, &mut reply).is_ok_and(|request| request.is_none()));
    assert_eq!(input.len(), stream.len() - 2);
}

#[test]
fn telnet_commands_are_removed_and_options_refused() {
    let check = |bytes: &[u8], said: &[&str], reply: &[u8]| {
        for decoded in [decode([bytes], Line::new(16)), decode(bytes.chunks(1), Line::new(16))] {
            assert_eq!(decoded.commands, said.iter().map(|&text| Command::say(text)).collect::<Vec<_>>());
            assert_eq!((decoded.reply.as_slice(), decoded.error), (reply, None));
        }
    };
    check(b"a\xff\xfb\x01b\n", &["ab"], b"\xff\xfe\x01"); // DONT answers WILL.
    check(b"a\xff\xfd\x06b\n", &["ab"], b"\xff\xfc\x06"); // WONT answers DO.
    check(b"a\xff\xfc\x01\xff\xfe\x01b\n", &["ab"], b""); // Nothing answers a refusal.
    check(b"a\xff\xfd\nb\n", &["ab"], b"\xff\xfc\n"); // An option's number is not a line end.
    check(b"a\xff\xfa\x18\0x\n\xff\xffy\xff\xf0b\n", &["ab"], b""); // A subnegotiation contains no line ends.
    check(b"a\xff\xf4\xff\xf1b\n", &["ab"], b"");
    check(b"a\xff", &["a"], b""); // Unfinished at the end
    check(b"a\n\xff\xfa\x18\n", &["a"], b"");
}

#[test]
fn byte_255_without_telnet_command_is_invalid_utf8() {
    check(b"a\xff\nb\n", &["b"], "! line is not valid UTF-8 at byte 1; it was not sent\n");
    check(b"xxxxxxxxxxxxxxxxxxxx\xff\nb\n", &["b"], TOO_LONG);
    check(
        b"xxxxxxxxxxxxxxxxxxx\xff\nb\n/x\xff\nc\n",
        &["b", "c"],
        &format!("{TOO_LONG}! line is not valid UTF-8 at byte 2; it was not sent\n"),
    );
    check(b"a\xff\xff\nb\n", &["b"], "! line is not valid UTF-8 at byte 1; it was not sent\n");
}

#[test]
fn endless_subnegotiation_fails() {
    let mut bytes = b"\xff\xfa\x18".to_vec();
    bytes.resize(5000, b'\n');
    check_failure(&bytes, "telnet subnegotiation is too long; at most 4096 bytes are allowed");
}

#[test]
fn http_and_tls_are_rejected() {
    let http = "this is a chat server: it speaks lines of text, not HTTP";
    check_failure(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", http);
    check_failure(b"GET /a-path-over-the-limit HTTP/1.1\r\nHost: localhost\r\n\r\n", http);
    check_failure(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", http);
    check_failure(b"\x16\x03\x01\x02\0\x01", "this is a chat server: it speaks lines of text, not TLS");
    check("hi\nGET / HTTP/1.1\n", &["hi", "GET / HTTP/1.1"], "");
    check("I like HTTP/2\nx\n", &["I like HTTP/2", "x"], "");
    check("I / HTTP\n", &["I / HTTP"], "");
}

proptest! {
    #[test]
    fn splitting_stream_does_not_change_decoding(
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
    fn printable_lines_are_said_unchanged(lines in prop::collection::vec("[^\\p{C}\u{2028}\u{2029}/\\s][^\\p{C}\u{2028}\u{2029}\\s]{0,100}", 0..20)) {
        let stream = lines.iter().flat_map(|line| [line, "\n"]).collect::<String>();
        let said: Vec<Command> = lines.iter().map(|line| Command::say(line.as_str())).collect();
        let decoded = decode([stream.as_bytes()], Line::default());
        prop_assert_eq!(decoded.commands, said);
    }
}

#[test]
fn line_from_another_room_begins_with_room() {
    let (name, room) = (|| Name::address("192.0.2.1:1"), || "#den".parse().expect("a room's name"));
    for (kind, line) in [
        (
            EventKind::Room(RoomEvent::Said {
                room: room(),
                from: name(),
                text: "hi".into(),
                kind: MessageKind::Message,
            }),
            "#den <192.0.2.1:1> hi\n",
        ),
        (EventKind::Room(RoomEvent::Joined { room: room(), name: name() }), "#den [192.0.2.1:1] entered room\n"),
        (
            EventKind::Hub(HubEvent::Left { name: name(), reason: CloseReason::Quit(None) }),
            "[192.0.2.1:1] is offline\n",
        ),
    ] {
        let mut out = Vec::new();
        LineEncoder { greeting: None }.encode_elsewhere(&kind.into(), &mut out);
        assert_eq!(String::from_utf8(out).expect("lines are text"), line);
    }
}
