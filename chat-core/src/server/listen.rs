//! Listening sockets as a chat server wants them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// As many connections as may wait to be accepted; the system may allow fewer (listen(2)).
pub(crate) const BACKLOG: i32 = 4096;

/// Listens on `address`.
///
/// Unlike [`TcpListener::bind`], a thousand clients may come at once (a queue of 4,096, as far as the system allows),
/// and `[::]` takes IPv4 clients, too. The address may be used again right after a server on it was killed.
///
/// ```
/// let listener = chat_core::listen("127.0.0.1:0".parse()?)?;
/// assert_ne!(listener.local_addr()?.port(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// What the system says, among it [`AddrInUse`](io::ErrorKind::AddrInUse) if the port is taken.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let SocketAddr::V6(v6) = address
        && v6.ip().is_unspecified()
    {
        socket.set_only_v6(false)?;
    }
    // On Windows this would allow to take the port from another.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Listens on `port` of all IPv6 and IPv4 addresses, or of all IPv4 addresses where there is no IPv6.
///
/// ```
/// let listener = chat_core::listen_on_all(0)?;
/// assert!(listener.local_addr()?.ip().is_unspecified());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// As [`listen`].
pub fn listen_on_all(port: u16) -> io::Result<TcpListener> {
    match listen(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
            log::debug!("no IPv6 here: {error}");
            listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))
        }
        done => done,
    }
}
