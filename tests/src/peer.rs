//! The server side of a TCP connection, implemented by a test.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::wait::{TIMEOUT, poll};

/// A listener on a free loopback port, to which a program connects.
///
/// ```
/// use std::io::Write;
/// use std::net::TcpStream;
///
/// let listener = chat_tests::Listener::new();
/// let mut program = TcpStream::connect(listener.address()).unwrap();
/// let mut peer = listener.accept();
/// program.write_all(b"hi\n").unwrap();
/// peer.expect("hi\n");
/// ```
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Binds a free port and starts to listen.
    ///
    /// # Panics
    ///
    /// If the system has no free port.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a new value binds a port of the system")]
    pub fn new() -> Listener {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        Listener(listener)
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
    /// If no program connects within [`TIMEOUT`].
    #[track_caller]
    #[must_use]
    pub fn accept(&self) -> Peer {
        // The standard library has no accept with a deadline.
        let stream = poll("a program connects", || match self.0.accept() {
            Ok((stream, _)) => Some(stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("could not accept: {error}"),
        });
        Peer::new(stream)
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
        stream.set_read_timeout(Some(TIMEOUT)).expect("a read timeout");
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
    /// If they differ, or do not arrive within [`TIMEOUT`].
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

    /// Expects the end of the stream, without any further byte.
    ///
    /// # Panics
    ///
    /// If a byte or a reset arrives, or nothing within [`TIMEOUT`].
    #[track_caller]
    pub fn expect_eof(&mut self) {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("the stream ends without a reset");
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }

    /// Returns the socket.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.0
    }
}
