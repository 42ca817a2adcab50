//! Opens the listening sockets of a server.
//!
//! This module must not accept connections.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// The maximum number of connections that wait to be accepted. The system may allow fewer (listen(2)).
pub(crate) const BACKLOG: i32 = 4096;

/// Listens on `address`.
///
/// This differs from [`TcpListener::bind`] in three points:
///
/// - Up to 4,096 connections may wait to be accepted, if the system allows as many. So a thousand clients can connect
///   at once.
/// - `[::]` also accepts IPv4 clients.
/// - On Unix, a new server can use the address right after another server on it was killed.
///
/// ```
/// let listener = chat_core::server::listen("127.0.0.1:0".parse()?)?;
/// assert_ne!(listener.local_addr()?.port(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The system's error, for example [`AddrInUse`](io::ErrorKind::AddrInUse) if the port is taken.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let SocketAddr::V6(v6) = address
        && v6.ip().is_unspecified()
    {
        socket.set_only_v6(false)?;
    }
    // On Windows this option would let another process take over the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Listens on `port` of all IPv6 and IPv4 addresses, or of all IPv4 addresses if the system has no IPv6.
///
/// ```
/// let listener = chat_core::server::listen_on_all(0)?;
/// assert!(listener.local_addr()?.ip().is_unspecified());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The same as [`listen`].
pub fn listen_on_all(port: u16) -> io::Result<TcpListener> {
    match listen(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
            log::debug!("listening on IPv4 only: {error}");
            listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))
        }
        result => result,
    }
}
