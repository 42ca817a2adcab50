//! A free port that no other program can get.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A reserved port of the loopback address. No program listens on it.
///
/// While this value lives, the system gives the port to no other program. A server that the test starts can listen on
/// it, because this socket and the server's both set `SO_REUSEADDR` (socket(7)).
///
/// ```
/// let port = chat_tests::ReservedPort::new();
/// assert!(std::net::TcpStream::connect(port.address()).is_err());
/// ```
#[derive(Debug)]
pub struct ReservedPort(Socket);

impl ReservedPort {
    /// Reserves a free port.
    ///
    /// # Panics
    ///
    /// If the system has no free port.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a new value reserves a port of the system")]
    pub fn new() -> ReservedPort {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor is free");
        socket.set_reuse_address(true).expect("the option is valid");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        ReservedPort(socket)
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

    /// Returns the port, as an argument for a program.
    #[must_use]
    pub fn port(&self) -> String {
        self.address().port().to_string()
    }
}
