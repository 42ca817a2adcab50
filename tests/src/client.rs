//! A client of the plain line protocol. Tests control each byte that it sends.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};

use crate::wait::TIMEOUT;

/// The first line that chat-server sends to a client of the plain line protocol.
pub const GREETING: &str =
    concat!("* chat-server ", env!("CARGO_PKG_VERSION"), ": /help lists the commands, /json 1 switches to JSON lines");

/// A connection that speaks the plain line protocol.
#[derive(Debug)]
pub struct Client {
    // The client uses one descriptor, because some tests have thousands of clients and systems limit descriptors.
    reader: BufReader<TcpStream>,
    name: String,
}

impl Client {
    /// Connects without waiting for the server.
    ///
    /// # Panics
    ///
    /// If no server listens at this address.
    #[must_use]
    #[track_caller]
    pub fn connect(server: SocketAddr) -> Client {
        Client::from_stream(TcpStream::connect(server).expect("the server listens"))
    }

    /// Connects from `address`, which must be an address of this machine.
    ///
    /// # Panics
    ///
    /// If no server listens, or this machine does not have the address.
    #[must_use]
    #[track_caller]
    pub fn connect_from(address: IpAddr, server: SocketAddr) -> Client {
        let domain = socket2::Domain::for_address(server);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).expect("a descriptor is free");
        socket.bind(&SocketAddr::new(address, 0).into()).expect("the address is one of this machine");
        socket.connect(&server.into()).expect("the server listens");
        Client::from_stream(socket.into())
    }

    /// Connects with a small receive buffer, so that the server soon has to queue lines that the client does not read.
    ///
    /// # Panics
    ///
    /// If no server listens at this address.
    #[must_use]
    #[track_caller]
    pub fn connect_with_small_buffer(server: SocketAddr) -> Client {
        let domain = socket2::Domain::for_address(server);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).expect("a descriptor is free");
        socket.set_recv_buffer_size(4096).expect("the size is valid");
        socket.connect(&server.into()).expect("the server listens");
        Client::from_stream(socket.into())
    }

    /// Connects, and waits until the client is a member of the first room.
    ///
    /// # Panics
    ///
    /// If the server doesn't let the client join.
    #[must_use]
    #[track_caller]
    pub fn join(server: SocketAddr) -> Client {
        let mut client = Client::connect(server);
        client.barrier();
        client
    }

    /// Connects, and waits until the client is a member of the first room with this nickname.
    ///
    /// # Panics
    ///
    /// If the server doesn't let the client join or use the nickname.
    #[must_use]
    #[track_caller]
    pub fn join_as(server: SocketAddr, nick: &str) -> Client {
        let mut client = Client::connect(server);
        client.send(format!("/nick {nick}\n"));
        client.read_until(&format!("* you are now known as {nick}"));
        client
    }

    /// Connects, and returns the lines that the server sends on joining.
    ///
    /// # Panics
    ///
    /// If the server doesn't let the client join.
    #[must_use]
    #[track_caller]
    pub fn join_and_read(server: SocketAddr) -> Vec<String> {
        Client::connect(server).barrier()
    }

    /// Wraps a stream that the test has connected itself.
    ///
    /// # Panics
    ///
    /// If the stream isn't connected.
    #[must_use]
    pub fn from_stream(stream: TcpStream) -> Client {
        stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is valid");
        stream.set_nodelay(true).expect("the client is connected");
        let name = stream.local_addr().expect("the client is connected").to_string();
        Client { reader: BufReader::new(stream), name }
    }

    /// Reads lines until one ends with `suffix`, and returns that line.
    ///
    /// # Panics
    ///
    /// If no such line arrives.
    #[track_caller]
    pub fn read_until(&mut self, suffix: &str) -> String {
        let mut others = Vec::new();
        loop {
            match self.next_line() {
                Some(line) if line.ends_with(suffix) => return line,
                Some(line) => others.push(line),
                None => panic!("no line ends with {suffix:?}: {others:#?}"),
            }
        }
    }

    /// Returns the client's name in the room, which is its address.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the socket.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    /// Sends these bytes unchanged.
    ///
    /// # Panics
    ///
    /// If the server has closed the connection.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream().write_all(bytes.as_ref()).expect("the server reads");
    }

    /// Sends these bytes. Returns false if the server has closed the connection.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream().write_all(bytes.as_ref()).is_ok()
    }

    /// Reads the next line. Returns it without its line end.
    ///
    /// # Panics
    ///
    /// If the stream ends, or no line arrives within [`TIMEOUT`].
    #[track_caller]
    pub fn read_line(&mut self) -> String {
        self.next_line().expect("the server closed the connection")
    }

    /// Reads the next line. Returns it without its line end, or `None` at the end of the stream.
    ///
    /// # Panics
    ///
    /// If neither a line nor the end of the stream arrives within [`TIMEOUT`], or if the bytes are not a whole line of
    /// UTF-8.
    #[track_caller]
    pub fn next_line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.strip_suffix('\n').expect("the server sends whole lines").to_owned()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("{}: no line arrives: {error}", self.name),
        }
    }

    /// Reads until the server closes the connection. Returns the text that it read.
    ///
    /// # Panics
    ///
    /// If the server doesn't close it.
    #[track_caller]
    pub fn read_to_end(&mut self) -> String {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{}: the stream does not end: {error}", self.name),
        }
        String::from_utf8(rest).expect("the server sends text")
    }

    /// Sends a ping, and returns the lines that arrive before the pong.
    ///
    /// The pong is a barrier (I8): this member has received all messages that the room received before the ping. The
    /// earlier messages of this member are in the send queues of all other members.
    ///
    /// # Panics
    ///
    /// If the pong doesn't arrive.
    #[track_caller]
    pub fn barrier(&mut self) -> Vec<String> {
        self.send("/ping barrier\n");
        std::iter::from_fn(|| Some(self.read_line())).take_while(|line| line != "* pong barrier").collect()
    }

    /// Works like [`barrier`](Self::barrier), but returns `None` if the server closes the connection.
    pub fn try_barrier(&mut self) -> Option<Vec<String>> {
        if !self.try_send("/ping barrier\n") {
            return None;
        }
        let mut lines = Vec::new();
        loop {
            match self.next_line()? {
                line if line == "* pong barrier" => return Some(lines),
                line => lines.push(line),
            }
        }
    }

    /// Closes the sending side of the connection. The client can still receive.
    ///
    /// # Panics
    ///
    /// If the client isn't connected.
    pub fn shutdown_write(&self) {
        self.stream().shutdown(Shutdown::Write).expect("the client is connected");
    }

    /// Closes the connection with a TCP reset.
    ///
    /// # Panics
    ///
    /// If the client isn't connected.
    pub fn reset(self) {
        let linger = Some(std::time::Duration::ZERO);
        socket2::SockRef::from(self.stream()).set_linger(linger).expect("the client is connected");
    }
}
