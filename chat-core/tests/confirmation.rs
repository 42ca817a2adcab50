//! The confirmation of a private message: who receives a confirmation, and in which form.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use chat_core::event::{HubEvent, Reply, RoomEvent};
use chat_core::{Command, Encode, Encoder, Event, EventKind, FramingError, Line, Request, Room, Server, Session};

const TIMEOUT: Duration = Duration::from_secs(30);

struct Client {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Client {
    fn connect(server: &Server) -> Client {
        let stream = TcpStream::connect(server.addresses().next().expect("it listens")).expect("the server accepts");
        stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is valid");
        let lines = BufReader::new(stream.try_clone().expect("a descriptor is free"));
        Client { stream, lines }
    }

    /// Sends lines, and returns all lines up to the answer to the ping after them.
    fn answers(&mut self, lines: &str) -> Vec<String> {
        writeln!(self.stream, "{lines}\n/ping end").expect("the server reads");
        let line = |line: std::io::Result<String>| line.expect("a line arrives");
        (&mut self.lines).lines().map(line).take_while(|line| line != "* pong end").collect()
    }
}

fn serve<S: Session + 'static>(session: impl Fn() -> S + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let room = Room::new("lobby").expect("the name is valid");
    Server::new(room).serve(listener, move |_| session()).expect("a server can be started")
}

#[test]
fn plain_lines_confirm_private_messages_alone() {
    let server = serve(Line::default);
    let bob = server.hub().home().expect("it has one").join("bob".parse().expect("a nick")).expect("the nick is free");
    let mut alice = Client::connect(&server);
    alice.answers("/nick alice");
    assert_eq!(alice.answers("hello\n/me waves\n/ops help"), [""; 0]);
    assert_eq!(alice.answers("/msg BOB hi there"), ["-> {bob} hi there"]);
    assert_eq!(alice.answers("/msg nobody hi"), ["! no such nickname: nobody"]);
    assert_eq!(alice.answers("/msg alice hi"), ["{alice} hi", "-> {alice} hi"]);
    bob.request(Command::Away(Some("tea".into()))).expect("bob is in");
    assert_eq!(alice.answers("/msg bob hi"), ["-> {bob} hi", "* bob is away: tea"]);
    // The sender does not learn that bob ignores it.
    bob.request(Command::Ignore("alice".into())).expect("bob is in");
    assert_eq!(alice.answers("/msg bob hi"), ["-> {bob} hi", "* bob is away: tea"]);
}

#[test]
fn members_in_process_get_no_confirmation() {
    let room = Room::new("lobby").expect("the name is valid");
    let alice = room.join("alice".parse().expect("a nick")).expect("the nick is free");
    let _bob = room.join("bob".parse().expect("a nick")).expect("the nick is free");
    alice.request(Command::SayPrivately { to: "bob".into(), message: "hi".into() }).expect("alice is in");
    alice.ping("end").expect("alice is in");
    let told = alice.iter().take_while(|event| !matches!(event.kind(), EventKind::Reply(Reply::Pong { .. })));
    assert!(told.into_iter().all(|event| matches!(event.kind(), EventKind::Room(RoomEvent::Joined { .. }))));
}

/// Plain lines whose confirmations panic.
struct Panicking(Line);

struct PanickingEncoder(Encoder);

impl Encode for PanickingEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        self.0.encode(event, out);
    }

    fn encode_own(&self, _: &Event, _: &mut Vec<u8>) {
        panic!("the encoder panics");
    }
}

impl Session for Panicking {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        self.0.decode(input, reply)
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(PanickingEncoder(self.0.encoder()))
    }
}

#[test]
fn panic_in_confirmation_closes_its_connection_alone() {
    let server = serve(|| Panicking(Line::default()));
    let bob = server.hub().home().expect("it has one").join("bob".parse().expect("a nick")).expect("the nick is free");
    let mut alice = Client::connect(&server);
    assert_eq!(
        alice.answers("hello\n/msg bob hi").last().map(String::as_str),
        Some("! internal error in this connection")
    );
    let left = |event: &Event| matches!(event.kind(), EventKind::Hub(HubEvent::Left { .. }));
    assert!(bob.iter().any(|event| left(&event)));
}
