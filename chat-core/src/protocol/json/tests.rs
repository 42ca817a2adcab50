//! Tests of JSON lines: bytes in, commands and bytes out.

mod page;

use super::*;
use crate::model::event::{Event, EventKind, OwnEvent, Reply, RoomEvent};
use crate::model::history::{Anchor, HistoryQuery, Page};
use crate::model::message::{Message, MessageKind};
use crate::model::moderation::{ExceptionKind, Mode, Moderation, Rank, Scope, Term};
use crate::model::name::{Name, Target};

/// Decodes a stream in pieces of this size, and returns the commands and the replies.
fn decode(stream: &[u8], piece: usize) -> (Vec<Command>, String) {
    let (mut session, mut commands, mut reply) = (Json::new(128, false), Vec::new(), Vec::new());
    for piece in stream.chunks(piece) {
        let mut input = piece;
        loop {
            let length = (input.len(), reply.len());
            match session.decode(&mut input, &mut reply).expect("the session decodes it") {
                Some(request) => commands.push(request.command),
                None if (input.len(), reply.len()) == length || input.is_empty() => break,
                None => {}
            }
        }
    }
    let last = session.finish(&[], &mut reply).expect("the session decodes it");
    commands.extend(last.map(|request| request.command));
    (commands, String::from_utf8(reply).expect("it is text"))
}

#[track_caller]
fn check_command(line: &str, command: Command) {
    let expected = (vec![command], String::new());
    for piece in [1, 7, 4096] {
        assert_eq!(decode(format!("{line}\n").as_bytes(), piece), expected, "{line}");
    }
}

#[track_caller]
fn check_reply(line: &str, reply: &str) {
    assert_eq!(decode(format!("{line}\n").as_bytes(), 4096), (Vec::new(), format!("{reply}\n")), "{line}");
}

#[test]
fn object_decodes_to_command() {
    let den = || "den".parse().expect("a room's name");
    check_command(r#"{"command":"say","text":"hi"}"#, Command::say("hi"));
    check_command(r#"  { "text" : "h\u00e9 \ud83d\ude00" , "command" : "say" }  "#, Command::say("hé 😀"));
    check_command(r##"{"command":"say","room":"#den","text":"hi"}"##, Command::say("hi").in_room(den()));
    check_command(r#"{"command":"say","text":"waves","manner":"action"}"#, Command::Say(Message::action("waves")));
    check_command(r#"{"command":"say","text":"a\nb\u001b[2J\u0000c"}"#, Command::say("abc"));
    check_command(
        r#"{"command":"tell","to":"bob","text":"x"}"#,
        Command::SayPrivately { to: Target::new("bob"), message: "x".into() },
    );
    let message = Message { text: "x".into(), kind: MessageKind::Message };
    check_command(
        r#"{"command":"say_to","rank":"operator","text":"x"}"#,
        Command::SayToRank { rank: Rank::Operator, message },
    );
    check_command(r#"{"command":"who"}"#, Command::Who(None));
    check_command(r#"{"command":"join","room":"den","key":null}"#, Command::Join { room: den(), key: None });
    check_command(r#"{"command":"set_topic","topic":""}"#, Moderation::Topic(None).into());
    let modes = vec![Mode::Moderated(true), Mode::Limit(Some(5)), Mode::Key(None), Mode::Secret(false)];
    let line = r#"{"command":"set_modes","modes":[{"mode":"moderated","on":true},{"mode":"limit","on":true,"limit":5},{"mode":"key"},{"mode":"secret","on":false}]}"#;
    check_command(line, Moderation::Modes(modes).into());
    let ban = |scope, term| Moderation::Ban { scope, mask: "spam*".parse().expect("a mask"), term }.into();
    let term = Term::of(std::time::Duration::from_secs(60)).because("x");
    check_command(r#"{"command":"ban","mask":"spam*","seconds":60,"reason":"x"}"#, ban(Scope::Room, term));
    check_command(r#"{"command":"ban","mask":"spam*","server":true}"#, ban(Scope::Hub, Term::default()));
    let exempt = Moderation::AddException { from: ExceptionKind::Invite, mask: "bob".parse().expect("a mask") };
    check_command(r#"{"command":"exempt","from":"invitation","mask":"bob"}"#, exempt.into());
}

#[test]
fn history_command_takes_ranges() {
    let history = |query| Command::History(query);
    check_command(r#"{"command":"history"}"#, history(HistoryQuery::default()));
    check_command(r#"{"command":"history","last":3}"#, history(HistoryQuery::last(3)));
    let after = HistoryQuery { after: Some(Anchor::Number(7)), ..HistoryQuery::default() };
    check_command(r#"{"command":"history","after":7}"#, history(after.clone()));
    check_command(
        r#"{"command":"history","after":7,"first":2}"#,
        history(HistoryQuery { part: Page::First(2), ..after }),
    );
    let around = Page::Around(Anchor::Number(7), 5);
    check_command(
        r#"{"command":"history","around":7,"last":5}"#,
        history(HistoryQuery { part: around, ..HistoryQuery::default() }),
    );
    let before = Anchor::Time(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1500));
    let before = HistoryQuery { before: Some(before), ..HistoryQuery::default() };
    check_command(r#"{"command":"history","before":"1970-01-01T00:00:01.500Z"}"#, history(before));
}

#[test]
fn invalid_object_is_refused_and_next_works() {
    let no = |error: &str, text: &str| format!(r#"{{"kind":"refused","error":"{error}","text":"{text}"}}"#);
    check_reply("{", &no("syntax", "line is not a JSON object: EOF while parsing an object at line 1 column 1"));
    check_reply(
        r#"["say"]"#,
        &no("syntax", "line is not a JSON object: invalid type: sequence, expected a map at line 1 column 0"),
    );
    check_reply("{}", &no("missing_field", "field command is missing"));
    check_reply(r#"{"command":7}"#, &no("wrong_field", "field command must be a string"));
    check_reply(
        r#"{"command":"dance"}"#,
        &no("no_such_command", "unknown command: dance; PROTOCOL.md lists all commands"),
    );
    check_reply(r#"{"command":"say"}"#, &no("missing_field", "field text is missing"));
    check_reply(
        r#"{"command":"say","text":"x","txet":1}"#,
        &no("no_such_field", "unknown field in this command: txet"),
    );
    check_reply(r#"{"command":"rooms","room":"den"}"#, &no("no_such_field", "unknown field in this command: room"));
    check_reply(
        r#"{"command":"nick","name":"7up"}"#,
        &no("bad_nick", "nickname begins with '7'; it must begin with a letter or one of _[]{}\\\\|^`"),
    );
    check_reply(
        r##"{"command":"join","room":"#"}"##,
        &no("bad_room", "room name is empty; 1 to 50 characters are allowed"),
    );
    check_reply(
        r#"{"command":"history","last":-1}"#,
        &no("wrong_field", "field last must be a whole number, 0 or more"),
    );
    check_reply(
        r#"{"command":"say","text":"x","manner":"loud"}"#,
        &no("wrong_field", "field manner must be plain, action, notice, query or response"),
    );
    let with_id = format!(
        "{}\n{}",
        r#"{"kind":"refused","error":"missing_field","text":"field text is missing","id":"a7"}"#,
        r#"{"kind":"done","id":"a7","ok":false}"#
    );
    check_reply(r#"{"command":"say","id":"a7"}"#, &with_id);
    let (commands, reply) = decode(b"x\n\n  \r\n{\"command\":\"rooms\"}\r\n\xff\n{\"command\":\"census\"}", 3);
    assert_eq!(commands, [Command::Rooms, Command::Census]);
    assert_eq!(reply.lines().count(), 2, "{reply}");
    assert!(reply.ends_with("\"error\":\"not_utf8\",\"text\":\"line is not valid UTF-8\"}\n"), "{reply}");
}

#[test]
fn long_line_is_refused_and_endless_line_closes() {
    let long = format!("{{\"command\":\"say\",\"text\":\"{}\"}}\n{{\"command\":\"rooms\"}}\n", "x".repeat(2000));
    for piece in [1, 100, 5000] {
        let (commands, reply) = decode(long.as_bytes(), piece);
        assert_eq!(commands, [Command::Rooms]);
        assert_eq!(
            reply,
            "{\"kind\":\"refused\",\"error\":\"too_long\",\"text\":\"line is too long; at most 1024 bytes are allowed\"}\n"
        );
    }
    let (mut session, mut reply) = (Json::new(128, false), Vec::new());
    let end = (0..100).find_map(|_| session.decode(&mut &[b'['; 1000][..], &mut reply).err());
    assert_eq!(
        end.expect("the session fails").to_string(),
        "no line end in 16384 bytes; a line has at most 1024 bytes"
    );
}

#[test]
fn deeply_nested_object_is_refused() {
    let deep = format!("{{\"command\":\"say\",\"text\":{}", "[".repeat(900));
    let (commands, reply) = decode(deep.as_bytes(), 4096);
    assert!(commands.is_empty() && reply.contains("recursion limit exceeded"), "{reply}");
}

#[test]
fn line_command_takes_plain_line() {
    check_command(r#"{"command":"line","line":"hi"}"#, Command::say("hi"));
    check_command(r#"{"command":"line","line":"//hi"}"#, Command::say("/hi"));
    check_command(r#"{"command":"line","line":"/part"}"#, Command::Part { room: None, why: None });
    let den = "den".parse().expect("a room's name");
    check_command(r#"{"command":"line","line":"hi","room":"den"}"#, Command::say("hi").in_room(den));
    let no = r#"{"kind":"refused","error":"usage","text":"/part takes","#;
    let (_, reply) =
        decode(b"{\"command\":\"line\",\"line\":\"/quit x\"}\n{\"command\":\"line\",\"line\":\"/dance\"}\n", 7);
    assert!(!reply.contains(no) && reply.lines().all(|line| line.contains("\"error\":\"usage\"")), "{reply}");
    check_reply(
        r#"{"command":"line","line":"/help quit"}"#,
        r#"{"kind":"help","lines":["* /quit [MESSAGE]  Leave the chat, with an optional quit message","*   alias: /exit"]}"#,
    );
    check_reply(r#"{"command":"line","line":"  ","id":1}"#, r#"{"kind":"done","id":1,"ok":true}"#);
}

#[test]
fn events_have_plain_lines_on_request() {
    let (room, name) = ("den".parse().expect("a room's name"), Name::address("a:1"));
    let mut out = Vec::new();
    encode::JsonEncoder { lines: true }.write(
        &EventKind::Room(RoomEvent::Joined { room, name }).into(),
        false,
        None,
        &mut out,
    );
    let line = r##"{"kind":"joined","room":"#den","name":"a:1","lines":["[a:1] entered room"]}"##;
    assert_eq!(String::from_utf8_lossy(&out).trim_end(), line);
    assert_ne!(Json::new(9, true).encoder(), Json::new(9, false).encoder());

    let (from, to) = (Name::address("a:1"), Name::address("b:2"));
    let told =
        EventKind::Own(OwnEvent::PrivateMessage { from, to, text: "hi".into(), kind: MessageKind::Message }).into();
    for (own, shown) in [(true, r#""own":true,"lines":["-> {b:2} hi"]}"#), (false, r#""lines":["{a:1} hi"]}"#)] {
        let mut out = Vec::new();
        encode::JsonEncoder { lines: true }.write(&told, own, None, &mut out);
        assert!(String::from_utf8_lossy(&out).trim_end().ends_with(shown), "{shown}");
    }
}

#[test]
fn http_is_rejected() {
    let mut session = Json::default();
    let error = session.decode(&mut &b"GET / HTTP/1.1\r\n"[..], &mut Vec::new()).expect_err("it is no JSON");
    assert_eq!(error.to_string(), "this is a chat server: it speaks lines of text, not HTTP");
}

#[test]
fn answer_has_id_of_its_command() {
    let mut session = Json::default();
    let mut input = &br#"{"command":"ping","id":1}
{"command":"ping"}
{"command":"nick","name":"al","id":"x"}
{"command":"say","text":"hi"}
"#[..];
    let mut reply = Vec::new();
    let mut decode = || session.decode(&mut input, &mut reply).expect("the session decodes it");
    let requests: Vec<_> = std::iter::from_fn(&mut decode).collect();
    let pong = Event::from(EventKind::Reply(Reply::Pong { token: "".into() }));
    let refused = EventKind::Reply(Reply::Refused { error: crate::event::CommandError::NoRoom });
    let mut out = Vec::new();
    let mut responders = requests.into_iter().map(|request| request.responder.expect("it has one"));
    for event in [pong.clone(), pong, refused.into()] {
        let mut responder = responders.next().expect("it is a request");
        responder.reply(&event, &mut out);
        responder.done(&mut out);
    }
    let (room, from) = ("den".parse().expect("a room's name"), Name::address("a:1"));
    let said = EventKind::Room(RoomEvent::Said { room, from, text: "hi".into(), kind: MessageKind::Message });
    responders.next().expect("it is a request").echo(&said.into(), &mut out);
    let told = concat!(
        "{\"kind\":\"pong\",\"token\":\"\",\"id\":1}\n{\"kind\":\"done\",\"id\":1,\"ok\":true}\n",
        "{\"kind\":\"pong\",\"token\":\"\"}\n",
        "{\"kind\":\"refused\",\"error\":\"no_room\",\"text\":\"you are in no room; join one first\",\"id\":\"x\"}\n",
        "{\"kind\":\"done\",\"id\":\"x\",\"ok\":false}\n",
        "{\"kind\":\"said\",\"room\":\"#den\",\"from\":\"a:1\",\"text\":\"hi\",\"manner\":\"plain\",\"own\":true}\n",
    );
    assert_eq!(String::from_utf8_lossy(&out), told);
}

#[test]
fn text_cannot_break_line_or_forge_field() {
    let (room, from) = ("den".parse().expect("a room's name"), Name::address("a:1"));
    let text = "\"}\u{7f}\\ \u{2028}{\"kind\":\"closed\"}".into();
    let mut out = Vec::new();
    encode::JsonEncoder { lines: false }.write(
        &EventKind::Room(RoomEvent::Said { room, from, text, kind: MessageKind::Message }).into(),
        false,
        None,
        &mut out,
    );
    let line = str::from_utf8(&out).expect("it is text");
    assert_eq!(line.matches('\n').count(), 1);
    let value: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
    assert_eq!(value["text"], "\"}\\ {\"kind\":\"closed\"}");
    assert_eq!(value["kind"], "said");
}
