//! Serves a hub over TCP: listeners, and a reader thread for each connection.
//!
//! Only this module and its children know both sockets and the hub. This module must not know what the bytes of a
//! protocol mean.
//!
//! A server has these threads: one for each listener, one reader thread for each connection, and a writer thread for
//! each connection whose socket is full, until its send queue is written.

mod accept;
mod bounded_queue;
mod buffer;
mod cloak;
mod connection;
mod handshake;
pub(crate) mod listen;
mod nonblocking;
mod rate_limit;
mod registry;
mod send_queue;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::hub::Post;
use crate::hub::deadline;
use crate::hub::handle::Hub;
use crate::model::event::CloseReason;
use crate::model::password::Password;
use crate::server::listen::BACKLOG;
pub use crate::server::listen::{listen, listen_on_all};
use crate::session::Session;
use accept::Acceptor;
pub use registry::ConnectionEvent;
use registry::{ConnectionRegistry, Watcher};

/// A TCP server for a hub.
///
/// Dropping it closes all its connections at once; [`shutdown`](Server::shutdown) first sends their queued bytes.
///
/// ```
/// use std::net::TcpListener;
/// use std::time::Duration;
/// use chat_core::{Line, Room, Server};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let server = Server::new(Room::new("lobby")?).serve(listener, |_peer| Line::default())?;
/// // … until it is time to stop:
/// let report = server.shutdown(Duration::from_secs(5));
/// assert_eq!(report.cut_off, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a server that is dropped stops"]
#[derive(Debug)]
pub struct Server {
    registry: Arc<ConnectionRegistry>,
    addresses: Vec<SocketAddr>,
    /// The listeners whose threads are not joined yet.
    listeners: Mutex<Vec<Listener>>,
}

/// A listener and its thread.
#[derive(Debug)]
struct Listener {
    socket: Arc<TcpListener>,
    address: SocketAddr,
    thread: JoinHandle<()>,
}

/// The result of a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections that ended in time: the server wrote everything to their sockets.
    pub drained: usize,
    /// Connections that the server aborted at the deadline, because their clients did not read in time.
    pub cut_off: usize,
}

impl Server {
    /// Returns a server for `hub`, with the [limits](Hub::limits) of the hub. It does not listen yet.
    ///
    /// Connections begin in the [home room](Hub::home) of `hub`. You can also pass a [`Room`](crate::Room): then the
    /// server serves the hub of that room, and connections begin in that room.
    pub fn new(hub: impl Into<Hub>) -> Server {
        Server::build(hub.into(), None)
    }

    /// Returns a server like [`Server::new`] that also calls `watcher` when a connection opens or closes.
    ///
    /// The connection's reader thread calls `watcher`, so a slow watcher delays only that connection. If the watcher
    /// panics, the server logs it.
    pub fn watched(hub: impl Into<Hub>, watcher: impl Fn(ConnectionEvent) + Send + Sync + 'static) -> Server {
        Server::build(hub.into(), Some(Box::new(watcher)))
    }

    fn build(hub: Hub, watcher: Option<Box<Watcher>>) -> Server {
        let registry = Arc::new(ConnectionRegistry::new(hub, watcher));
        Server { registry, addresses: Vec::new(), listeners: Mutex::new(Vec::new()) }
    }

    /// Serves the connections to `listener`, and returns at once. A server may have several listeners.
    ///
    /// `make_session` makes the session of each connection from the client's address. The listener's thread calls it,
    /// and accepts no connection meanwhile. Sessions run on threads with a stack of 128 KiB.
    ///
    /// # Errors
    ///
    /// The system's error, if it does not give the listener's address or does not start its thread. Then the server is
    /// dropped, which closes the connections of its other listeners.
    pub fn serve<S, F>(mut self, listener: TcpListener, make_session: F) -> io::Result<Server>
    where
        S: Session + 'static,
        F: Fn(SocketAddr) -> S + Send + 'static,
    {
        let address = listener.local_addr()?;
        // The listener may have a short queue, but a thousand clients must be able to connect at once.
        if let Err(error) = socket2::SockRef::from(&listener).listen(BACKLOG) {
            log::debug!("can't extend the accept queue of {address}: {error}");
        }
        let listener = Arc::new(listener);
        let acceptor = Acceptor {
            listener: Arc::clone(&listener),
            make_session: Box::new(move |peer| Box::new(make_session(peer))),
            registry: Arc::clone(&self.registry),
        };
        self.registry.acceptor_starts();
        let thread = thread::Builder::new().name(format!("listen {}", address.port())).spawn(move || acceptor.run());
        let thread = thread.inspect_err(|_| self.registry.acceptor_is_done())?;
        self.addresses.push(address);
        self.listeners().push(Listener { socket: listener, address, thread });
        log::info!("listening on {address}");
        Ok(self)
    }

    /// Sets the password that every connection must give to join, in every protocol. With `None`, no password is
    /// needed.
    ///
    /// You may change the password while the server runs: members stay.
    ///
    /// A session passes the client's password on in [`Registration::password`](crate::session::Registration::password).
    /// A wrong password delays the next attempt from the same IPv4 address or IPv6 /64: by 1 second, then twice as long
    /// each time, at most 60 seconds. The server refuses an earlier attempt without checking the password.
    pub fn set_password(&self, password: impl Into<Option<Password>>) {
        self.registry.set_password(password.into());
    }

    /// Returns the handle to the hub that the server serves.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        self.registry.handle()
    }

    /// Returns the addresses of the listeners, in the order of the calls of [`serve`](Server::serve).
    pub fn addresses(&self) -> impl ExactSizeIterator<Item = SocketAddr> {
        self.addresses.iter().copied()
    }

    /// Waits until the server is shut down.
    pub fn join(&self) {
        self.registry.wait_for_acceptors();
        // This thread holds the lock, so that other threads in `join` also wait until all threads are joined.
        for listener in self.listeners().drain(..) {
            if listener.thread.join().is_err() {
                log::error!("a listener's thread panicked");
            }
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the server, and returns when all its threads have ended:
    ///
    /// 1. Stops accepting connections.
    /// 2. Closes all members with [`CloseReason::ShuttingDown`].
    /// 3. Waits until the send queues are written, but no longer than `drain`.
    /// 4. Aborts the remaining connections, and joins all threads.
    ///
    /// A session, an encoder or a watcher must not call this: their threads would wait for themselves.
    pub fn shutdown(&self, drain: Duration) -> ShutdownReport {
        let deadline = deadline::after(drain);
        self.registry.stop();
        self.wake_acceptors();
        let members = self.registry.drain();
        let connections = members.len();
        let reason = CloseReason::ShuttingDown;
        // If the hub has stopped, it has closed all connections.
        let _ = self.registry.hub().post(Post::LeaveTogether { members, reason });
        let cut_off = self.registry.finish(deadline);
        self.join();
        ShutdownReport { drained: connections - cut_off, cut_off }
    }

    /// Wakes the threads that wait in accept. Some systems wake them when the listener is shut down. All systems wake
    /// them when a client connects.
    fn wake_acceptors(&self) {
        for listener in self.listeners().iter() {
            let _ = socket2::SockRef::from(&*listener.socket).shutdown(std::net::Shutdown::Both);
        }
        while !self.registry.acceptors_are_done_within(Duration::from_millis(20)) {
            for listener in self.listeners().iter() {
                let _ = TcpStream::connect_timeout(&reachable(listener.address), Duration::from_millis(100));
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown(Duration::ZERO);
    }
}

/// Returns an address at which a client reaches a listener on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, address.port())
}
