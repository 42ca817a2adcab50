//! A room's door to the network: listeners, and a thread for each connection.
//!
//! Here alone sockets and the hub meet. Threads of a server: one for each listener, one for each connection, and one
//! more for each connection that lags behind, as long as it does.

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
use crate::session::Session;
use accept::Acceptor;
pub use registry::ConnectionEvent;
use registry::{ConnectionRegistry, Watcher};

/// Serves a room over TCP. Dropped, it ends all its connections at once; see [`shutdown`](Server::shutdown) for a
/// gentler end.
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
    /// Those that have not been joined.
    listeners: Mutex<Vec<Listener>>,
}

/// A listener and its thread.
#[derive(Debug)]
struct Listener {
    socket: Arc<TcpListener>,
    address: SocketAddr,
    thread: JoinHandle<()>,
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Connections for which everything up to the end was handed to the system in time.
    pub drained: usize,
    /// Connections that did not take what waited for them in time.
    pub cut_off: usize,
}

impl Server {
    /// Returns a server of a hub, with the [limits](Hub::limits) of the hub, that does not listen anywhere yet. Connections
    /// begin in the [home room](Hub::home) of the handle: a [`Room`](crate::Room) in place of a hub is that room.
    pub fn new(hub: impl Into<Hub>) -> Server {
        Server::build(hub.into(), None)
    }

    /// As [`Server::new`], with somebody who is told of each connection that comes and goes.
    ///
    /// `watcher` is called by the connection's own thread, so it delays that connection alone. A panic in it is logged.
    pub fn watched(hub: impl Into<Hub>, watcher: impl Fn(ConnectionEvent) + Send + Sync + 'static) -> Server {
        Server::build(hub.into(), Some(Box::new(watcher)))
    }

    fn build(hub: Hub, watcher: Option<Box<Watcher>>) -> Server {
        let registry = Arc::new(ConnectionRegistry::new(hub, watcher));
        Server { registry, addresses: Vec::new(), listeners: Mutex::new(Vec::new()) }
    }

    /// Serves those who come to `listener`, too, each with a session of its own that `make_session` makes for the
    /// address it comes from. Returns at once.
    ///
    /// `make_session` is called by the listener's thread, which accepts nobody meanwhile. Sessions run on threads with a
    /// stack of 128 KiB.
    ///
    /// # Errors
    ///
    /// If the listener's address can't be found out, or its thread can't be started. The server is dropped then, so
    /// whatever else it served ends.
    pub fn serve<S, F>(mut self, listener: TcpListener, make_session: F) -> io::Result<Server>
    where
        S: Session + 'static,
        F: Fn(SocketAddr) -> S + Send + 'static,
    {
        let address = listener.local_addr()?;
        // Whoever bound it may have asked for a short queue; a thousand who come at once must all find a place.
        if let Err(error) = socket2::SockRef::from(&listener).listen(BACKLOG) {
            log::debug!("the queue of {address} stays as it is: {error}");
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

    /// Requires this password of every connection, whatever its framing is, before it can join; `None` requires none. It
    /// may change while the server runs: those that have joined stay.
    ///
    /// A session carries the password in [`Registration::password`](crate::Registration::password). A wrong one delays the
    /// next attempt from the same IPv4 address or IPv6 /64: 1 second, then twice as long each time, at most 60 seconds. An
    /// attempt that comes too early is refused without a look at it.
    pub fn set_password(&self, password: impl Into<Option<Password>>) {
        self.registry.set_password(password.into());
    }

    /// Returns the handle to the hub that it serves.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        self.registry.handle()
    }

    /// Where it listens, in the order of the calls of [`serve`](Server::serve).
    pub fn addresses(&self) -> impl ExactSizeIterator<Item = SocketAddr> {
        self.addresses.iter().copied()
    }

    /// Waits until the server is shut down.
    pub fn join(&self) {
        self.registry.wait_for_acceptors();
        // Under the lock, so that whoever else waits for the end does not go on before it.
        for listener in self.listeners().drain(..) {
            if listener.thread.join().is_err() {
                log::error!("a listener's thread panicked");
            }
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops: accepts nobody any more, tells everybody, gives them until `drain` has passed to hear what waits for
    /// them, ends the connections that are left, and waits for all threads. So it must not be called by one of them: a
    /// session, an encoder or a watcher.
    pub fn shutdown(&self, drain: Duration) -> ShutdownReport {
        let deadline = deadline::after(drain);
        self.registry.stop();
        self.wake_acceptors();
        let members = self.registry.drain();
        let connections = members.len();
        let reason = CloseReason::ShuttingDown;
        // A hub that has stopped has ended them all.
        let _ = self.registry.hub().post(Post::LeaveTogether { members, reason });
        let cut_off = self.registry.clear(deadline);
        self.join();
        ShutdownReport { drained: connections - cut_off, cut_off }
    }

    /// Wakes those who wait in accept: some systems do so when the listener is shut down, all when somebody connects.
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

/// An address that leads to a listener on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, address.port())
}
