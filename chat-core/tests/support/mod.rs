//! A server in the test's process, and a client of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use chat_core::hub::{HubBuilder, Limits};
use chat_core::{Hub, Room, Server, Session};

/// Returns the home room of a new hub.
pub(crate) fn lobby(builder: HubBuilder) -> Room {
    let hub = builder.home("lobby".parse().expect("a room's name")).build().expect("a thread can be started");
    hub.home().expect("it has one")
}

/// How long a test waits for an expected event.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on")
}

/// Returns limits without a rate limit and without a limit of connections per address.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.rate, limits.connections_per_address) = (0, 0);
    limits
}

pub(crate) fn room() -> Room {
    lobby(Hub::builder().limits(limits()))
}

pub(crate) fn serve<S: Session + 'static>(room: Room, session: impl Fn(SocketAddr) -> S + Send + 'static) -> Server {
    Server::new(room).serve(listener(), session).expect("a server can be started")
}

/// A client that has joined the room.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pub(crate) lines: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(server: &Server) -> Client {
        let address = server.addresses().next().expect("it listens somewhere");
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is valid");
        let lines = BufReader::new(stream.try_clone().expect("a descriptor is free"));
        let mut client = Client { stream, lines };
        client.send("/ping in\n");
        assert_eq!(client.line(), "* pong in");
        client
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).expect("the server reads");
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line comes");
        line.trim_end().to_owned()
    }

    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("the stream ends");
        rest
    }

    pub(crate) fn name(&self) -> String {
        self.stream.local_addr().expect("it is connected").to_string()
    }
}
