//! IRC over TCP: behaviour that needs real sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use chat_core::event::RoomEvent;
use chat_core::hub::{HubBuilder, Limits};
use chat_core::protocol::{Irc, IrcOptions};
use chat_core::{Event, EventKind, Hub, Line, Room, Server};

/// Returns the home room of a new hub.
fn lobby(builder: HubBuilder) -> Room {
    let hub = builder.home("lobby".parse().expect("a room's name")).build().expect("a thread can be started");
    hub.home().expect("it has one")
}

/// How long a test waits for an expected event.
const PATIENCE: Duration = Duration::from_secs(30);

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(server: &Server, number: usize) -> Client {
        let address = server.addresses().nth(number).expect("it listens somewhere");
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("the timeout is valid");
        Client(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).expect("the server reads");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line comes");
        line.trim_end().to_owned()
    }

    /// Returns the next line that contains `part`.
    fn find(&mut self, part: &str) -> String {
        std::iter::from_fn(|| Some(self.line())).find(|line| line.contains(part)).expect("lines come")
    }
}

/// Starts a server with a plain-line and an IRC listener and no rate limit.
fn serve() -> Server {
    let mut limits = Limits::default();
    limits.rate = 0;
    let listener = || TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let server = Server::new(lobby(Hub::builder().limits(limits.clone())));
    let server = server.serve(listener(), |_| Line::default()).expect("a server can be started");
    let make_session = Irc::server(IrcOptions::default(), &limits);
    server.serve(listener(), move |_| make_session()).expect("a server can be started")
}

#[test]
fn irc_pong_follows_delivery_of_earlier_texts() {
    let server = serve();
    let bot = server.hub().home().expect("it has one").join("bot".parse().expect("a nick")).expect("the nick is free");
    let mut alice = Client::connect(&server, 1);
    alice.send("NICK alice\r\nUSER alice 0 * :Alice\r\nJOIN #lobby\r\n");
    alice.find(" 366 ");
    let mut others: Vec<_> = (0..20).map(|_| Client::connect(&server, 0)).collect();
    for number in 0..200 {
        // Other clients ping in the same batches.
        for other in &mut others {
            other.send("/ping\n");
        }
        alice.send(&format!("PRIVMSG #lobby :text {number}\r\nPING {number}\r\n"));
        alice.find(&format!(" PONG chat.local :{number}"));
        let said = format!("text {number}");
        let is_it = |event: Event| matches!(event.kind(), EventKind::Room(RoomEvent::Said { text, .. }) if *text.as_str() == *said);
        assert!(std::iter::from_fn(|| bot.try_recv().ok()).any(is_it), "{said} is not in the mailbox");
    }
}

#[test]
fn capabilities_do_not_change_message_order() {
    let server = serve();
    let (mut alice, mut bob) = (Client::connect(&server, 1), Client::connect(&server, 1));
    alice.send("CAP REQ :server-time message-tags\r\nNICK alice\r\nUSER a 0 * :A\r\nCAP END\r\nJOIN #lobby\r\n");
    alice.find(" 366 ");
    bob.send("NICK bob\r\nUSER b 0 * :B\r\nJOIN #lobby\r\n");
    bob.find(" 366 ");
    let mut talkers: Vec<_> = (0..4).map(|_| Client::connect(&server, 0)).collect();
    for number in 0..100 {
        for talker in &mut talkers {
            talker.send(&format!("{number}\n"));
        }
    }
    let said = |client: &mut Client| {
        let line = client.find(" PRIVMSG #lobby ");
        let line = line.strip_prefix('@').map_or(line.as_str(), |tagged| tagged.split_once(' ').expect("a line").1);
        line.to_owned()
    };
    for _ in 0..400 {
        assert_eq!(said(&mut alice), said(&mut bob));
    }
}
