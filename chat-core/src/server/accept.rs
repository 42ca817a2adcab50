//! The listener's thread: it accepts connections, and starts a reader thread for each.
//!
//! This module must not read from a connection.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use super::ConnectionRegistry;
use super::connection::Connection;
use super::rate_limit::RateLimit;
use super::send_queue::SocketSendQueue;
use crate::model::event::{CloseReason, OwnEvent};
use crate::model::limits::Limits;
use crate::session::Session;

/// The stack of a reader thread, in bytes: enough for every session here, and small enough for ten thousand threads.
const READER_STACK: usize = 128 * 1024;
/// The wait after a failed accept. It doubles with each failure in a row, up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_secs(1);
/// How many keepalive probes the system sends before it closes a silent connection.
const KEEPALIVE_PROBES: u32 = 6;
const SECOND: Duration = Duration::from_secs(1);
/// The longest keepalive times of Linux: `MAX_TCP_KEEPIDLE` and `MAX_TCP_KEEPINTVL` in its include/net/tcp.h.
const MAX_KEEPALIVE: Duration = Duration::from_secs(32_767);
/// The longest `TCP_USER_TIMEOUT` of Linux: an `int` of milliseconds.
#[cfg(any(target_os = "linux", target_os = "android"))]
const MAX_USER_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// The function that makes the session of a connection from the client's address.
pub(super) type MakeSession = dyn Fn(SocketAddr) -> Box<dyn Session> + Send;

/// The state of one listener's thread.
pub(super) struct Acceptor {
    pub(super) listener: Arc<TcpListener>,
    pub(super) make_session: Box<MakeSession>,
    pub(super) registry: Arc<ConnectionRegistry>,
}

impl Acceptor {
    /// Accepts connections until the server stops, then waits for their reader threads.
    pub(super) fn run(self) {
        thread::scope(|connections| {
            let _done = AcceptorDone(&self.registry);
            self.accept(connections);
        });
    }

    fn accept<'scope>(&'scope self, connections: &'scope Scope<'scope, '_>) {
        let mut backoff = MIN_BACKOFF;
        let mut warnings = ThrottledWarnings::default();
        loop {
            let accepted = self.listener.accept();
            if self.registry.is_stopping() {
                return;
            }
            match accepted {
                Ok((stream, peer)) => {
                    backoff = MIN_BACKOFF;
                    self.registry.hub().counters().connections.add(1);
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    if let Err(why) = self.start(connections, stream, peer) {
                        warnings.log(|| format!("connection from {peer} was refused: {why}"));
                    }
                }
                Err(error) if is_about_one_connection(&error) => {
                    log::debug!("a connection failed before it was accepted: {error}");
                }
                Err(error) => {
                    warnings.log(|| format!("can't accept connections: {error}"));
                    self.registry.wait_unless_stopping(backoff);
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
            }
        }
    }

    /// Registers a connection, and starts its reader thread. If that fails, sends the reason to the client.
    fn start<'scope>(
        &'scope self,
        connections: &'scope Scope<'scope, '_>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Result<(), CloseReason> {
        let made = catch_unwind(AssertUnwindSafe(|| {
            let session = (self.make_session)(peer);
            let encoder = session.encoder();
            (session, encoder)
        }));
        let Ok((session, encoder)) = made else {
            log::error!("making a session for {peer} panicked");
            return Err(CloseReason::Panicked);
        };
        if let Err(error) = set_options(&stream, self.registry.limits()) {
            log::debug!("can't set the socket options of the connection from {peer}: {error}");
        }
        let final_encoder = encoder.clone();
        let member = self.registry.hub().new_member();
        let counters = self.registry.hub().counters();
        let queue = SocketSendQueue::new(stream, self.registry.limits(), counters);
        let started = self.registry.register(member, peer.ip(), &queue).and_then(|slot| {
            let rate = RateLimit::new(self.registry.limits(), Instant::now());
            let (queue, registry) = (Arc::clone(&queue), Arc::clone(&self.registry));
            let connection = Connection {
                peer,
                member,
                session,
                encoder,
                is_registered: false,
                has_password: false,
                rate,
                read_until: None,
                queue,
                registry,
            };
            // The thread borrows nothing. The scope joins it, and frees its stack when it ends.
            let run = move || {
                let _slot = slot;
                connection.run();
            };
            let thread = thread::Builder::new().name(format!("chat {peer}")).stack_size(READER_STACK);
            thread.spawn_scoped(connections, run).map(drop).map_err(|error| {
                log::error!("can't start a thread for the connection from {peer}: {error}");
                CloseReason::NoThread
            })
        });
        if let Err(reason) = &started {
            counters.count_refused(reason);
            queue.send_final(&final_encoder, &OwnEvent::Closed { reason: reason.clone() }.into());
        }
        started
    }
}

/// A guard that tells the registry, even after a panic, that the listener accepts no more connections. The thread that
/// stops the server waits for this.
struct AcceptorDone<'a>(&'a ConnectionRegistry);

impl Drop for AcceptorDone<'_> {
    fn drop(&mut self) {
        self.0.acceptor_is_done();
    }
}

/// Returns whether an accept failed only because of the new connection (accept(2)). Then the next accept may succeed.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

/// Sets the socket options of a connection. Keepalive and `TCP_USER_TIMEOUT` detect a peer that vanished without
/// closing the stream.
///
/// # Errors
///
/// The error of an option that can't be set. If several options fail, one of their errors. The function sets the other
/// options nevertheless.
fn set_options(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    let (idle, rest) = (limits.keepalive, limits.ping_timeout.saturating_sub(limits.keepalive));
    let keepalive = TcpKeepalive::new()
        .with_time(idle.clamp(SECOND, MAX_KEEPALIVE))
        .with_interval((rest / KEEPALIVE_PROBES).clamp(SECOND, MAX_KEEPALIVE));
    #[cfg(unix)]
    let keepalive = keepalive.with_retries(KEEPALIVE_PROBES);
    let socket = SockRef::from(stream);
    let nodelay = stream.set_nodelay(true);
    let keepalive = socket.set_tcp_keepalive(&keepalive);
    // Keepalive probes only an idle connection. This option is for a connection with unacknowledged data (tcp(7)).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(limits.ping_timeout.clamp(SECOND, MAX_USER_TIMEOUT)))?;
    nodelay.and(keepalive)
}

/// Logs warnings that may occur thousands of times a second: at most one a second, with the number of suppressed ones.
#[derive(Default)]
struct ThrottledWarnings {
    last: Option<Instant>,
    suppressed: u64,
}

impl ThrottledWarnings {
    fn log(&mut self, warning: impl FnOnce() -> String) {
        if self.last.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
            self.suppressed += 1;
            return;
        }
        match self.suppressed {
            0 => log::warn!("{}", warning()),
            suppressed => log::warn!("{} (and {suppressed} more warnings)", warning()),
        }
        *self = ThrottledWarnings { last: Some(Instant::now()), suppressed: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_accepts_every_keepalive_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
        let stream = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        for (keepalive, ping_timeout) in [
            (Duration::ZERO, Duration::ZERO),
            (10 * SECOND, SECOND),
            (SECOND, year),
            (year, year),
            (year, Duration::MAX),
        ] {
            set_options(&stream, &Limits { keepalive, ping_timeout, ..Limits::default() })
                .expect("the system accepts them");
            assert!(SockRef::from(&stream).keepalive().expect("the option can be read"));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn failed_connection_does_not_delay_next_accept() {
        // The numbers are from errno(3), the meanings from accept(2).
        const OF_ONE: [(&str, i32); 2] = [("EINTR", 4), ("ECONNABORTED", 103)];
        const OF_ALL: [(&str, i32); 4] = [("ENOMEM", 12), ("ENFILE", 23), ("EMFILE", 24), ("ENOBUFS", 105)];
        let is_about_one = |(_, number): &_| is_about_one_connection(&io::Error::from_raw_os_error(*number));
        assert!(OF_ONE.iter().all(is_about_one));
        assert!(!OF_ALL.iter().any(is_about_one), "these need a backoff");
    }
}
