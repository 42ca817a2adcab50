//! Bytes in, commands and replies out.

mod commands;
mod page;

use proptest::prelude::*;

use super::*;
use crate::model::event::{CloseReason, EventKind};
use crate::model::message::MessageKind;
use crate::model::name::Name;
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
    let why = "no line end in 256 bytes; a line has at most 16 bytes";
    check_given_up(&[b'x'; 257], why);
    check_given_up(&vec![b'x'; 100_000], why);
    check(format!("{}\nok\n", "x".repeat(256)), &["ok"], TOO_LONG);
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let refused = |at| format!("! line is not valid UTF-8 at byte {at}; it was not sent\n");
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
fn an_endless_subnegotiation_is_given_up() {
    let mut bytes = b"\xff\xfa\x18".to_vec();
    bytes.resize(5000, b'\n');
    check_given_up(&bytes, "telnet subnegotiation is too long; at most 4096 bytes are allowed");
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
        let said: Vec<Command> = lines.iter().map(|line| Command::say(line.as_str())).collect();
        let decoded = decode([stream.as_bytes()], Line::default());
        prop_assert_eq!(decoded.commands, said);
    }
}

#[test]
fn what_happens_in_another_room_is_marked_with_it() {
    let (name, room) = (|| Name::address("192.0.2.1:1"), || "#den".parse().expect("a room's name"));
    for (kind, line) in [
        (
            EventKind::Said { room: room(), from: name(), text: "hi".into(), manner: MessageKind::Message },
            "#den <192.0.2.1:1> hi\n",
        ),
        (EventKind::Joined { room: room(), name: name() }, "#den [192.0.2.1:1] entered room\n"),
        (EventKind::Left { name: name(), reason: CloseReason::Quit(None) }, "[192.0.2.1:1] is offline\n"),
    ] {
        let mut out = Vec::new();
        LineEncoder { greeting: None }.encode_elsewhere(&kind.into(), &mut out);
        assert_eq!(String::from_utf8(out).expect("lines are text"), line);
    }
}
