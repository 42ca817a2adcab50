//! One connection: the thread that reads it, from its joining to its end.

use std::io::ErrorKind;
use std::mem;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::buffer::{self, Buffer};
use super::rate_limit::RateLimit;
use super::send_queue::SocketSendQueue;
use super::{ConnectionEvent, ConnectionRegistry};
use crate::hub::MemberId;
use crate::hub::deadline;
use crate::hub::send_queue::SendQueue as _;
use crate::hub::{Item, Post, Stopped};
use crate::model::command::Command;
use crate::model::event::CloseReason;
use crate::session::{Encoder, FramingError, Session, Upgrade};

/// A packet goes to the hub with at most this many lines,
const PACKET_LINES: usize = 256;
/// or once the session has answered this many bytes, so that what waits for the hub is bounded.
const PACKET_REPLY: usize = 16 * 1024;
/// How much of what comes behind the end of a connection is read, so that the peer hears the end and not a reset.
const DISCARD: usize = 256 * 1024;

/// How long a peer is still heard that talked faster than it may and is gone, while what it sent is read slowly.
const AFTERLIFE: Duration = Duration::from_secs(10);
/// How often one who must wait is looked after, whether it is gone.
const GLANCE: Duration = Duration::from_secs(1);

/// What the thread of one connection needs.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) member: MemberId,
    pub(super) session: Box<dyn Session>,
    /// The session's.
    pub(super) encoder: Encoder,
    /// It is a member, or was one.
    pub(super) is_in: bool,
    /// The server requires no password, or it has given the right one.
    pub(super) has_password: bool,
    pub(super) rate: RateLimit,
    /// Until when its peer is heard that is gone.
    pub(super) heard_until: Option<Instant>,
    pub(super) queue: Arc<SocketSendQueue>,
    pub(super) registry: Arc<ConnectionRegistry>,
}

/// Why a connection's thread reads no more commands.
pub(super) enum End {
    /// The peer has said all it had to say; perhaps it still listens.
    OfStream,
    /// The connection failed. What the peer did not end is not said.
    Lost,
    /// It can't be read any further, for this reason.
    Given(CloseReason),
    /// The hub did not let it in, for this reason.
    Refused(CloseReason),
    /// The hub needs nothing more of it: it asked to leave, was closed, or the hub is gone.
    Over,
}

impl Connection {
    /// Lives the connection's life.
    pub(super) fn run(mut self) {
        log::debug!("connection from {} is member {}", self.peer, self.member.0);
        self.registry.tell(ConnectionEvent::Opened(self.peer));
        let mut buffer = Buffer::new();
        let end = self.register(&mut buffer).map_or_else(|end| end, |()| self.read(&mut buffer));
        if self.is_in {
            self.end_membership(end, &mut buffer);
        } else {
            self.reject(end, &mut buffer);
            self.registry.tell(ConnectionEvent::Closed(self.peer));
        }
        self.queue.flush();
        log::debug!("connection from {} is closed", self.peer);
    }

    fn end_membership(&mut self, end: End, buffer: &mut Buffer) {
        let stream_ended = matches!(end, End::OfStream | End::Lost);
        if let Err(Stopped) = self.leave(end, buffer) {
            self.queue.abort(CloseReason::Lost);
        }
        self.registry.tell(ConnectionEvent::Closed(self.peer));
        if !stream_ended {
            self.discard(buffer);
        }
    }

    fn read(&mut self, buffer: &mut Buffer) -> End {
        loop {
            // What came behind an registration is there before anything is read.
            let mut input = buffer.as_slice();
            if let Some(end) = self.decode(&mut input) {
                return end;
            }
            let rest = input.len();
            buffer.keep_last(rest);
            if let Err(end) = check_stuck(buffer) {
                return end;
            }
            match buffer.fill(self.queue.stream()) {
                // This side may have ended the stream; what is unfinished then is no last line.
                Ok(0) if self.queue.is_over() => return End::Lost,
                Ok(0) => return End::OfStream,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::debug!("connection from {} can't be read: {error}", self.peer);
                    // What the system gave up waiting for (tcp(7)).
                    let vanished = error.kind() == ErrorKind::TimedOut;
                    return if vanished { End::Given(CloseReason::PingTimeout) } else { End::Lost };
                }
            }
            if self.queue.is_over() {
                return End::Over;
            }
        }
    }

    /// Whether some of what came in lately was more than noise.
    pub(super) fn check_invalid_lines(&self) -> Result<(), End> {
        let limit = self.registry.limits().invalid_lines;
        if limit == 0 || self.rate.invalid_lines() <= limit {
            return Ok(());
        }
        Err(End::Given(CloseReason::TooManyInvalidLines { limit }))
    }

    /// Posts all that is whole in `input`.
    fn decode(&mut self, input: &mut &[u8]) -> Option<End> {
        loop {
            if !self.queue.wait_for_peer() {
                return Some(End::Over);
            }
            let allowance = match self.wait_for_allowance() {
                Ok(allowance) => allowance,
                Err(end) => return Some(end),
            };
            let mut packet = Packet { most: allowance.min(PACKET_LINES), ..Packet::default() };
            let before = input.len();
            let session = &mut *self.session;
            let decoded = catch_unwind(AssertUnwindSafe(|| {
                while !packet.is_full() {
                    let length = input.len();
                    let decoded = session.decode(input, &mut packet.reply);
                    let answered = !packet.reply.is_empty() && input.len() < length;
                    if !packet.take(decoded, session.upgrade())? && !answered {
                        return Ok(false);
                    }
                }
                Ok(true)
            }));
            self.rate.take(packet.lines, before - input.len(), packet.is_invalid(), Instant::now());
            let (quits, post) = (packet.quits, self.post(packet));
            if post.is_err() || quits {
                return Some(End::Over);
            }
            if let Err(end) = self.check_invalid_lines() {
                return Some(end);
            }
            match decoded {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return None,
                Ok(Err(error)) => return Some(given(&error)),
                Err(_) => return Some(End::Given(CloseReason::Panicked)),
            }
        }
    }

    /// Waits until it may go on, if it talks faster than it may; for how many lines, or why it may not.
    pub(super) fn wait_for_allowance(&mut self) -> Result<usize, End> {
        loop {
            let now = Instant::now();
            let time = match self.rate.allowance(now) {
                Ok(allowance) => return Ok(allowance),
                Err(time) => time,
            };
            // What one said who is gone is still heard, but not for hours.
            if self.queue.is_gone() && now >= *self.heard_until.get_or_insert_with(|| deadline::after(AFTERLIFE)) {
                return Err(End::Lost);
            }
            if !self.queue.pause(time.min(GLANCE)) {
                return Err(End::Over);
            }
        }
    }

    /// Leaves the room, after what the stream's end completes.
    fn leave(&mut self, end: End, buffer: &Buffer) -> Result<(), Stopped> {
        let (reason, last) = match end {
            End::OfStream => self.finish(buffer.as_slice()),
            End::Lost => (CloseReason::Lost, Vec::new()),
            End::Given(reason) | End::Refused(reason) => (reason, Vec::new()),
            // It left in the hub already, unless only this side's end of the connection knows that it is over.
            End::Over if self.queue.is_gone() => (CloseReason::Lost, Vec::new()),
            End::Over => (CloseReason::Quit(None), Vec::new()),
        };
        let reason = self.queue.fault().unwrap_or(reason);
        self.registry.hub().post(Post::Leave { member: self.member, reason, last })
    }

    /// Why the member leaves at the end of the stream, and what that completes.
    fn finish(&mut self, rest: &[u8]) -> (CloseReason, Vec<Item>) {
        let mut packet = Packet::default();
        let session = &mut *self.session;
        let finished = catch_unwind(AssertUnwindSafe(|| {
            let decoded = session.finish(rest, &mut packet.reply);
            packet.take(decoded, None)
        }));
        let reason = match finished {
            Ok(Ok(_)) => CloseReason::EndOfStream,
            Ok(Err(error)) => framing(&error),
            Err(_) => CloseReason::Panicked,
        };
        (reason, packet.items)
    }

    fn post(&self, packet: Packet) -> Result<(), Stopped> {
        if packet.items.is_empty() {
            return Ok(());
        }
        self.registry.hub().post(Post::Packet { member: self.member, items: packet.items })
    }

    /// Reads to the end of the stream, within bounds, so that closing the socket is no reset: that could take away what
    /// the peer has yet to read.
    fn discard(&self, buffer: &mut Buffer) {
        // The hub ends it, if that takes too long.
        self.discard_while(buffer, || true);
    }

    /// The same, of a connection that the hub knows nothing of, and not past `deadline`.
    pub(super) fn discard_before(&self, deadline: Instant, buffer: &mut Buffer) {
        self.discard_while(buffer, || {
            let left = deadline.saturating_duration_since(Instant::now());
            !left.is_zero() && self.queue.stream().set_read_timeout(Some(left)).is_ok()
        });
    }

    fn discard_while(&self, buffer: &mut Buffer, mut goes_on: impl FnMut() -> bool) {
        let mut discarded = 0;
        while discarded < DISCARD && goes_on() {
            buffer.clear();
            match buffer.fill(self.queue.stream()) {
                Ok(0) => return,
                Ok(count) => discarded += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

/// Whether there is room for more of what the session does not take yet.
pub(super) fn check_stuck(buffer: &Buffer) -> Result<(), End> {
    if !buffer.is_stuck() {
        return Ok(());
    }
    let why = format!("no frame ends in {} bytes", buffer::LARGE);
    Err(End::Given(CloseReason::Framing(why.into())))
}

pub(super) fn given(error: &FramingError) -> End {
    End::Given(framing(error))
}

fn framing(error: &FramingError) -> CloseReason {
    CloseReason::Framing(error.to_string().into())
}

/// What one read brought, on its way to the hub.
#[derive(Default)]
struct Packet {
    items: Vec<Item>,
    /// How many calls of the session led to something, and how many may.
    lines: usize,
    most: usize,
    /// What the session has answered since the last command.
    reply: Vec<u8>,
    replied: usize,
    quits: bool,
}

impl Packet {
    /// Takes what a session made of its input, behind what it replied, and behind what its peer reads from then on; whether that was a command.
    fn take(
        &mut self,
        decoded: Result<Option<Command>, FramingError>,
        upgrade: Option<Upgrade>,
    ) -> Result<bool, FramingError> {
        if !self.reply.is_empty() || matches!(decoded, Ok(Some(_))) {
            self.lines += 1;
        }
        if !self.reply.is_empty() {
            self.replied += self.reply.len();
            self.items.push(Item::Reply(mem::take(&mut self.reply)));
        }
        self.items.extend(upgrade.map(|upgrade| Item::Upgrade(Box::new(upgrade))));
        let Some(command) = decoded? else { return Ok(false) };
        self.quits = matches!(command, Command::Quit(_));
        self.items.push(Item::Command(command));
        Ok(true)
    }

    /// Whether the hub is asked nothing by it.
    fn is_invalid(&self) -> bool {
        self.items.iter().all(|item| !matches!(item, Item::Command(_)))
    }

    fn is_full(&self) -> bool {
        self.lines >= self.most || self.replied >= PACKET_REPLY || self.quits
    }
}
