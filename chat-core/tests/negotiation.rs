//! Sessions that register before they join, encode replies with their own responder, and upgrade their encoder.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use chat_core::event::CommandError;
use chat_core::event::{HubEvent, OwnEvent, Reply, RoomEvent};
use chat_core::hub::Member;
use chat_core::hub::{HubBuilder, Limits};
use chat_core::moderation::{Mask, Moderation, Term};
use chat_core::name::{Name, Nick};
use chat_core::session::{Registration, Respond, Upgrade};
use chat_core::{Command, Encode, Encoder, Event, EventKind, FramingError, Hub, Request, Room, Server, Session};

/// Returns the home room of a new hub.
fn lobby(builder: HubBuilder) -> Room {
    let hub = builder.home("lobby".parse().expect("a room's name")).build().expect("a thread can be started");
    hub.home().expect("it has one")
}

/// How long a test waits for an expected event.
const PATIENCE: Duration = Duration::from_secs(30);

/// A line protocol whose first line is a nickname; `loud` upgrades the encoder, `ask` lists the room's members.
#[derive(Default)]
struct Polite {
    nick: Option<Nick>,
    name: String,
    upgrade: Option<Upgrade>,
}

impl Session for Polite {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let line = String::from_utf8_lossy(&input[..end]).into_owned();
        *input = &input[end + 1..];
        if self.name.is_empty() {
            match (line.as_str(), line.parse()) {
                ("bye", _) => return Ok(Some(Command::Quit(None).into())),
                (_, Ok(nick)) => self.nick = Some(nick),
                (_, Err(error)) => writeln!(reply, "no: {error}").expect("a Vec takes all"),
            }
            return Ok(None);
        }
        match line.as_str() {
            "loud" => {
                self.upgrade = Some(Encoder::new(Read { loud: true }).into());
                reply.extend_from_slice(b"loud it is\n");
                Ok(None)
            }
            "ask" => Ok(Some(request("names", Command::Who(None)))),
            "tea" => Ok(Some(request("topic", Moderation::Topic(Some("tea".into())).into()))),
            text => Ok(Some(request("text", Command::say(text)))),
        }
    }

    fn register(&mut self) -> Option<Registration> {
        let mut registration = Registration::default();
        registration.nick = Some(self.nick.take()?);
        Some(registration)
    }

    fn admitted(&mut self, name: &Name) {
        self.name = name.to_string();
    }

    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        writeln!(reply, "not so: {why}").expect("a Vec takes all");
        matches!(why, CommandError::NickTaken { .. })
    }

    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        Some(Box::new(Answers { asked: None }))
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(Read { loud: false })
    }

    fn upgrade(&mut self) -> Option<Upgrade> {
        self.upgrade.take()
    }
}

struct Read {
    loud: bool,
}

impl Encode for Read {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        let line = match event.kind() {
            EventKind::Room(RoomEvent::Said { from, text, .. }) => format!("{from}: {text}"),
            EventKind::Room(RoomEvent::Joined { name, .. }) => format!("+{name}"),
            EventKind::Hub(HubEvent::Left { name, .. }) => format!("-{name}"),
            EventKind::Room(RoomEvent::TopicSet { by, .. }) => format!("topic by {by}"),
            EventKind::Own(OwnEvent::Closed { reason }) => format!("closed: {reason}"),
            _ => return,
        };
        let line = if self.loud { line.to_uppercase() } else { line };
        writeln!(out, "{line}").expect("a Vec takes all");
    }

    fn variant(&self) -> u64 {
        self.loud.into()
    }
}

/// The responder of a request, which knows the request, or the responder of a connection.
struct Answers {
    asked: Option<&'static str>,
}

fn request(asked: &'static str, command: Command) -> Request {
    Request { command, responder: Some(Box::new(Answers { asked: Some(asked) })) }
}

impl Respond for Answers {
    fn reply(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Own(OwnEvent::Welcome { name, .. }) => {
                writeln!(out, "welcome, {name}").expect("a Vec takes all");
            }
            EventKind::Reply(Reply::Members { members, .. }) => {
                let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
                writeln!(out, "here: {}", names.join(" ")).expect("a Vec takes all");
            }
            EventKind::Room(RoomEvent::TopicSet { .. }) => writeln!(out, "you set the topic").expect("a Vec takes all"),
            _ => Read { loud: false }.encode(event, out),
        }
    }

    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        if let EventKind::Room(RoomEvent::Said { text, .. }) = event.kind() {
            writeln!(out, "you said: {text}").expect("a Vec takes all");
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        let asked = self.asked.expect("only a request is done");
        writeln!(out, "done: {asked}").expect("a Vec takes all");
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.rate = 0;
    limits
}

fn serve(limits: Limits) -> (Server, Member) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let room = lobby(Hub::builder().limits(limits));
    let bot = room.join("bot".parse().expect("a nick")).expect("the nick is free");
    (Server::new(room).serve(listener, |_| Polite::default()).expect("a server can be started"), bot)
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(server: &Server) -> Client {
        let address = server.addresses().next().expect("it listens somewhere");
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("the timeout is valid");
        Client(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).expect("the server reads");
    }

    #[track_caller]
    fn expect(&mut self, lines: &[&str]) {
        for expected in lines {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("a line comes");
            assert_eq!(line.trim_end(), *expected);
        }
    }

    #[track_caller]
    fn expect_end(mut self, rest: &str) {
        let mut received = String::new();
        self.0.read_to_string(&mut received).expect("the stream ends");
        assert_eq!(received, rest);
    }
}

/// Returns the next `count` joins, leaves, topics and messages that the bot receives.
fn received(bot: &Member, count: usize) -> Vec<String> {
    let line = |event: Event| {
        let mut line = Vec::new();
        Read { loud: false }.encode(&event, &mut line);
        String::from_utf8(line).expect("it is text").trim_end().to_owned()
    };
    bot.iter().map(line).filter(|line| !line.is_empty()).take(count).collect()
}

#[test]
fn registration_admits_member_and_runs_later_commands() {
    let (server, bot) = serve(limits());
    let mut alice = Client::connect(&server);
    alice.send("2bad\nBOT\nalice\nhi\nask\n");
    alice.expect(&["no: nickname begins with '2'; it must begin with a letter or one of _[]{}\\|^`"]);
    alice.expect(&["not so: nickname BOT is in use; choose another", "welcome, alice"]);
    alice.expect(&["you said: hi", "done: text", "here: alice bot", "done: names"]);
    assert_eq!(received(&bot, 2), ["+alice", "alice: hi"]);
    drop(alice);
    assert_eq!(received(&bot, 1), ["-alice"]);
}

#[test]
fn responder_encodes_events_of_own_commands() {
    let (server, bot) = serve(limits());
    let mut alice = Client::connect(&server);
    alice.send("alice\nhi\ntea\nhi\n");
    alice.expect(&["welcome, alice", "you said: hi", "done: text", "you set the topic", "done: topic"]);
    alice.expect(&["you said: hi", "done: text"]);
    bot.say("tea?").expect("it is in");
    bot.request(Moderation::Topic(Some("coffee".into())).into()).expect("it is in");
    alice.expect(&["bot: tea?", "topic by bot"]);
    assert_eq!(received(&bot, 4), ["+alice", "alice: hi", "topic by alice", "alice: hi"]);
}

#[test]
fn unregistered_connection_is_invisible() {
    let (server, bot) = serve(limits());
    let mut silent = Client::connect(&server);
    let mut bye = Client::connect(&server);
    bye.send("bye\nalice\nhi\n");
    bye.expect_end("");
    drop(silent);
    silent = Client::connect(&server);
    let mut alice = Client::connect(&server);
    alice.send("alice\n");
    alice.expect(&["welcome, alice"]);
    assert_eq!(received(&bot, 1), ["+alice"]);
    bot.say("hi").expect("the bot may speak");
    alice.expect(&["bot: hi"]);
    silent.send("carol\n");
    silent.expect(&["welcome, carol"]);
}

#[test]
fn banned_nick_is_refused_and_closed() {
    let (server, _bot) = serve(limits());
    let mask = Mask::parse("spam*").expect("a mask");
    let scope = chat_core::moderation::Scope::Hub;
    server
        .hub()
        .home()
        .expect("it has one")
        .moderate(Moderation::Ban { scope, mask, term: Term::default() })
        .expect("the server may");
    let mut spammer = Client::connect(&server);
    spammer.send("spammer\n");
    let why = "you are banned from this server";
    spammer.expect_end(&format!("not so: {why}\nclosed: {why}\n"));
    assert_eq!(server.hub().stats().refused["banned"], 1);
}

#[test]
fn unregistered_connection_is_closed_after_timeout() {
    let mut limits = limits();
    limits.handshake_timeout = Duration::from_secs(1);
    let (server, _bot) = serve(limits);
    let mut silent = Client::connect(&server);
    silent.send("2bad\n");
    silent.expect(&["no: nickname begins with '2'; it must begin with a letter or one of _[]{}\\|^`"]);
    silent.expect_end("closed: registration timed out\n");
    assert_eq!(server.hub().stats().refused["registration timeout"], 1);
    let mut alice = Client::connect(&server);
    alice.send("alice\n");
    alice.expect(&["welcome, alice"]);
    std::thread::sleep(Duration::from_millis(1200));
    alice.send("still here\n");
    alice.expect(&["you said: still here"]);
}

#[test]
fn shutdown_does_not_wait_for_unregistered_connections() {
    let (server, _bot) = serve(limits());
    let mut silent = Client::connect(&server);
    silent.send("2bad\n");
    silent.expect(&["no: nickname begins with '2'; it must begin with a letter or one of _[]{}\\|^`"]);
    let report = server.shutdown(PATIENCE);
    assert_eq!((report.drained, report.cut_off), (1, 0));
    silent.expect_end("closed: Server is shutting down\n");
}

#[test]
fn invalid_lines_before_registration_close_the_connection() {
    let mut limits = limits();
    limits.invalid_lines = 20;
    let (server, _bot) = serve(limits);
    let mut noisy = Client::connect(&server);
    noisy.send(&"2bad\n".repeat(30));
    noisy.expect(&["no: nickname begins with '2'; it must begin with a letter or one of _[]{}\\|^`"; 21]);
    noisy.expect_end("closed: too many invalid lines; at most 20 in a row are allowed\n");
}

#[test]
fn upgrade_changes_encoder_for_later_events() {
    let (server, bot) = serve(limits());
    let mut alice = Client::connect(&server);
    alice.send("alice\n");
    alice.expect(&["welcome, alice"]);
    let mut bob = Client::connect(&server);
    bob.send("bob\n");
    bob.expect(&["welcome, bob"]);
    bot.say("one").expect("the bot may speak");
    alice.send("loud\n");
    alice.expect(&["+bob", "bot: one", "loud it is"]);
    bot.say("two").expect("the bot may speak");
    alice.expect(&["BOT: TWO"]);
    bob.expect(&["bot: one", "bot: two"]);
}
