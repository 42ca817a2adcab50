//! The thread that accepts connections, and starts one for each.

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
use crate::model::event::{CloseReason, EventKind};
use crate::model::limits::Limits;
use crate::session::Session;

/// Enough for the deepest session here, and little to reserve for ten thousand.
const READER_STACK: usize = 128 * 1024;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often a silent peer is asked whether it is still there.
const QUESTIONS: u32 = 6;
const SECOND: Duration = Duration::from_secs(1);
/// The longest times that Linux takes: `MAX_TCP_KEEPIDLE` and `MAX_TCP_KEEPINTVL` in its include/net/tcp.h,
const LONGEST_KEEPALIVE: Duration = Duration::from_secs(32_767);
/// and an `int` of milliseconds for `TCP_USER_TIMEOUT`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Makes the session of a connection from this address.
pub(super) type MakeSession = dyn Fn(SocketAddr) -> Box<dyn Session> + Send;

/// One listener's thread.
pub(super) struct Acceptor {
    pub(super) listener: Arc<TcpListener>,
    pub(super) make_session: Box<MakeSession>,
    pub(super) registry: Arc<ConnectionRegistry>,
}

impl Acceptor {
    /// Accepts until the server stops, then waits for the connections it started.
    pub(super) fn run(self) {
        thread::scope(|connections| {
            let _done = Done(&self.registry);
            self.accept(connections);
        });
    }

    fn accept<'scope>(&'scope self, connections: &'scope Scope<'scope, '_>) {
        let mut pause = FIRST_PAUSE;
        let mut complaints = Complaints::default();
        loop {
            let accepted = self.listener.accept();
            if self.registry.is_stopping() {
                return;
            }
            match accepted {
                Ok((stream, peer)) => {
                    pause = FIRST_PAUSE;
                    self.registry.hub().counters().connections.add(1);
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    if let Err(why) = self.start(connections, stream, peer) {
                        complaints.add(|| format!("connection from {peer} was refused: {why}"));
                    }
                }
                Err(error) if is_about_one_connection(&error) => log::debug!("a connection came to nothing: {error}"),
                Err(error) => {
                    complaints.add(|| format!("no connection can be accepted: {error}"));
                    self.registry.pause(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

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
        if let Err(error) = prepare(&stream, self.registry.limits()) {
            log::debug!("connection from {peer} does not take its options: {error}");
        }
        let last_words = encoder.clone();
        let member = self.registry.hub().new_member();
        let counters = self.registry.hub().counters();
        let queue = SocketSendQueue::new(stream, encoder.clone(), self.registry.limits(), counters);
        let started = self.registry.enter(member, peer.ip(), &queue).and_then(|entry| {
            let rate = RateLimit::new(self.registry.limits(), Instant::now());
            let (queue, registry) = (Arc::clone(&queue), Arc::clone(&self.registry));
            let connection = Connection {
                peer,
                member,
                session,
                encoder,
                is_in: false,
                has_password: false,
                rate,
                heard_until: None,
                queue,
                registry,
            };
            // Nothing borrowed moves into it, but the scope waits for it, and frees its stack when it ends.
            let run = move || {
                let _entry = entry;
                connection.run();
            };
            let thread = thread::Builder::new().name(format!("chat {peer}")).stack_size(READER_STACK);
            thread.spawn_scoped(connections, run).map(drop).map_err(|error| {
                log::error!("no thread for the connection from {peer} can be started: {error}");
                CloseReason::NoThread
            })
        });
        if let Err(reason) = &started {
            counters.refuse(reason);
            queue.say_last(&last_words, &EventKind::Closed { reason: reason.clone() }.into());
        }
        started
    }
}

/// Tells the registry, come what may, that nobody is accepted any more: whoever stops the server waits for it.
struct Done<'a>(&'a ConnectionRegistry);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.acceptor_is_done();
    }
}

/// Whether an accept failed because of the connection to be accepted, so that the next may go well (accept(2)).
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

/// Sets the options of a connection: above all those by which a peer is noticed that vanished without a word. The first
/// that fails is told; the others are set all the same.
fn prepare(stream: &TcpStream, limits: &Limits) -> io::Result<()> {
    let (asked, rest) = (limits.keepalive, limits.ping_timeout.saturating_sub(limits.keepalive));
    let keepalive = TcpKeepalive::new()
        .with_time(asked.clamp(SECOND, LONGEST_KEEPALIVE))
        .with_interval((rest / QUESTIONS).clamp(SECOND, LONGEST_KEEPALIVE));
    #[cfg(unix)]
    let keepalive = keepalive.with_retries(QUESTIONS);
    let socket = SockRef::from(stream);
    let undelayed = stream.set_nodelay(true);
    let kept_alive = socket.set_tcp_keepalive(&keepalive);
    // Keepalive asks only while nothing is under way; this is for what is (tcp(7)).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(limits.ping_timeout.clamp(SECOND, LONGEST_TIMEOUT)))?;
    undelayed.and(kept_alive)
}

/// Warnings of what may happen a thousand times a second: one a second is logged.
#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
    unsaid: u64,
}

impl Complaints {
    fn add(&mut self, complaint: impl FnOnce() -> String) {
        if self.last.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
            self.unsaid += 1;
            return;
        }
        match self.unsaid {
            0 => log::warn!("{}", complaint()),
            unsaid => log::warn!("{} (and {unsaid} more warnings)", complaint()),
        }
        *self = Complaints { last: Some(Instant::now()), unsaid: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_takes_whatever_times_the_limits_ask_for() {
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
            prepare(&stream, &Limits { keepalive, ping_timeout, ..Limits::default() }).expect("it takes them");
            assert!(SockRef::from(&stream).keepalive().expect("it can be asked"));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_concerns_one_connection_alone_holds_up_no_other() {
        // Their numbers are in errno(3); which of them is about what, in accept(2).
        const OF_ONE: [(&str, i32); 2] = [("EINTR", 4), ("ECONNABORTED", 103)];
        const OF_ALL: [(&str, i32); 4] = [("ENOMEM", 12), ("ENFILE", 23), ("EMFILE", 24), ("ENOBUFS", 105)];
        let is_about_one = |(_, number): &_| is_about_one_connection(&io::Error::from_raw_os_error(*number));
        assert!(OF_ONE.iter().all(is_about_one));
        assert!(!OF_ALL.iter().any(is_about_one), "these need a pause");
    }
}
