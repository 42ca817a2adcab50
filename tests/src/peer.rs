//! The remote end of a TCP connection, played by a test.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::PATIENCE;

/// A listener on a free loopback port, to which a program connects.
///
/// ```
/// use std::io::Write;
/// use std::net::TcpStream;
///
/// let listening = chat_tests::Listening::new();
/// let mut program = TcpStream::connect(listening.address()).unwrap();
/// let mut peer = listening.accept();
/// program.write_all(b"hi\n").unwrap();
/// peer.expect("hi\n");
/// ```
#[derive(Debug)]
pub struct Listening(TcpListener);

impl Listening {
    /// Starts to listen.
    ///
    /// # Panics
    ///
    /// If the system has no free port.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a socket is no default")]
    pub fn new() -> Listening {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        Listening(listener)
    }

    /// Returns the address of the listener.
    ///
    /// # Panics
    ///
    /// Never: a listener has an address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a listener has an address")
    }

    /// Returns the port, as an argument for a program.
    #[must_use]
    pub fn port(&self) -> String {
        self.address().port().to_string()
    }

    /// Waits for one connection.
    ///
    /// # Panics
    ///
    /// If no program connects within [`PATIENCE`].
    #[track_caller]
    #[must_use]
    pub fn accept(&self) -> Peer {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.0.accept() {
                Ok((stream, _)) => return Peer::new(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(Instant::now() < deadline, "no program connected");
                    // The standard library has no accept with a deadline. This polls; it does not order anything.
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => panic!("could not accept: {error}"),
            }
        }
    }
}

/// A port of the loopback address on which nobody listens. As long as this lives, the system gives the port to no other
/// program, but a server can listen on this port: both set `SO_REUSEADDR` (socket(7)).
///
/// ```
/// let port = chat_tests::FreePort::new();
/// assert!(std::net::TcpStream::connect(port.address()).is_err());
/// ```
#[derive(Debug)]
pub struct FreePort(Socket);

impl FreePort {
    /// Takes a free port.
    ///
    /// # Panics
    ///
    /// When the system has no port left.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a socket is no default")]
    pub fn new() -> FreePort {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor is free");
        socket.set_reuse_address(true).expect("it is a socket");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        FreePort(socket)
    }

    /// Returns the address with the port.
    ///
    /// # Panics
    ///
    /// Never: a bound socket has an address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().ok().and_then(|address| address.as_socket()).expect("a bound socket has an address")
    }

    /// Returns the port, as an argument of a program.
    #[must_use]
    pub fn port(&self) -> String {
        self.address().port().to_string()
    }
}

/// One connection. Every read has a deadline.
#[derive(Debug)]
pub struct Peer(TcpStream);

impl Peer {
    /// Wraps a connected stream.
    ///
    /// # Panics
    ///
    /// If the connection is closed.
    #[must_use]
    pub fn new(stream: TcpStream) -> Peer {
        stream.set_nonblocking(false).expect("a socket that blocks");
        stream.set_read_timeout(Some(PATIENCE)).expect("a read timeout");
        stream.set_nodelay(true).expect("no delay");
        Peer(stream)
    }

    /// Sends `bytes` in one write.
    ///
    /// # Panics
    ///
    /// If the connection is closed.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("the program reads");
    }

    /// Reads as many bytes as `expected` has, and compares them.
    ///
    /// # Panics
    ///
    /// If they differ, or do not arrive within [`PATIENCE`].
    #[track_caller]
    pub fn expect(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        let mut count = 0;
        while count < bytes.len() {
            match self.0.read(&mut bytes[count..]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) => panic!("{error} after {:?} of {expected:?}", String::from_utf8_lossy(&bytes[..count])),
            }
        }
        assert_eq!(String::from_utf8_lossy(&bytes[..count]), expected);
    }

    /// Expects the end of the stream, without another byte.
    ///
    /// # Panics
    ///
    /// If a byte or a reset arrives, or nothing within [`PATIENCE`].
    #[track_caller]
    pub fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("an orderly end");
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }

    /// Closes the writing side. The program reads to the end, and may still send.
    ///
    /// # Panics
    ///
    /// If the connection is closed.
    pub fn end(&mut self) {
        self.0.shutdown(Shutdown::Write).expect("the program is there");
    }

    /// Returns the socket.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.0
    }
}
