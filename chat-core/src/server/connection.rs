//! A connection's reader thread, from registration to the end of the stream.
//!
//! This module must not write to the socket, except through the send queue, and must not know a protocol.

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
use crate::session::{Encoder, FramingError, Request, Session, Upgrade};

/// The maximum number of lines in one packet to the hub.
const PACKET_LINES: usize = 256;
/// A packet is full once its replies have this many bytes. This bounds the bytes that wait for the hub.
const PACKET_REPLY: usize = 16 * 1024;
/// The maximum number of bytes that the reader thread discards after the end of a connection, before it closes the
/// socket.
const DISCARD: usize = 256 * 1024;

/// How long the reader thread still reads the input of a client that exceeded its rate limit and has disconnected.
const DEPARTED_READ_TIME: Duration = Duration::from_secs(10);
/// How often a reader thread that waits for its rate limit checks whether the client has disconnected.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The state of one connection's reader thread.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) member: MemberId,
    pub(super) session: Box<dyn Session>,
    /// The encoder of the session.
    pub(super) encoder: Encoder,
    /// Whether the hub has admitted the connection as a member, who may have left since.
    pub(super) is_registered: bool,
    /// Whether the client has given the right password, or the server requires none.
    pub(super) has_password: bool,
    pub(super) rate: RateLimit,
    /// When to stop reading the input of a disconnected client; see [`DEPARTED_READ_TIME`].
    pub(super) read_until: Option<Instant>,
    pub(super) queue: Arc<SocketSendQueue>,
    pub(super) registry: Arc<ConnectionRegistry>,
}

/// Why a reader thread decodes no more commands.
pub(super) enum End {
    /// The client has closed its side of the stream, but may still read.
    StreamEnded,
    /// The connection failed. The session does not decode an unfinished last line.
    Lost,
    /// The server closes the connection, for this reason.
    Closed(CloseReason),
    /// The server or the hub refused the registration, for this reason.
    Refused(CloseReason),
    /// The hub needs no more input: the member quit, the hub closed it, or the hub has stopped.
    Done,
}

impl Connection {
    /// Runs the reader thread: registers the client, reads its commands, and closes the connection.
    pub(super) fn run(mut self) {
        log::debug!("connection from {} is member {}", self.peer, self.member.0);
        self.registry.notify_watcher(ConnectionEvent::Opened(self.peer));
        let mut buffer = Buffer::new();
        let end = self.register(&mut buffer).map_or_else(|end| end, |()| self.read(&mut buffer));
        if self.is_registered {
            self.end_membership(end, &mut buffer);
        } else {
            self.reject(end, &mut buffer);
            self.registry.notify_watcher(ConnectionEvent::Closed(self.peer));
        }
        self.queue.flush();
        log::debug!("connection from {} is closed", self.peer);
    }

    /// Makes the member leave the hub. Then discards input until the client closes its side of the stream.
    fn end_membership(&mut self, end: End, buffer: &mut Buffer) {
        let stream_ended = matches!(end, End::StreamEnded | End::Lost);
        if let Err(Stopped) = self.leave(end, buffer) {
            self.queue.abort(CloseReason::Lost);
        }
        self.registry.notify_watcher(ConnectionEvent::Closed(self.peer));
        if !stream_ended {
            self.discard(buffer);
        }
    }

    /// Reads and decodes until the connection ends.
    fn read(&mut self, buffer: &mut Buffer) -> End {
        loop {
            // Decode first: the buffer may hold bytes that followed the registration.
            let mut input = buffer.as_slice();
            if let Some(end) = self.decode(&mut input) {
                return end;
            }
            let rest = input.len();
            buffer.keep_last(rest);
            if let Err(end) = check_capacity(buffer) {
                return end;
            }
            match buffer.fill(self.queue.stream()) {
                // If the server has shut down the socket, an unfinished line is not a last line.
                Ok(0) if self.queue.is_closing() => return End::Lost,
                Ok(0) => return End::StreamEnded,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::debug!("can't read from {}: {error}", self.peer);
                    // TCP keepalive or TCP_USER_TIMEOUT expired (tcp(7)).
                    let timed_out = error.kind() == ErrorKind::TimedOut;
                    return if timed_out { End::Closed(CloseReason::PingTimeout) } else { End::Lost };
                }
            }
            if self.queue.is_closing() {
                return End::Done;
            }
        }
    }

    /// Fails if the client has sent too many invalid lines in a row.
    pub(super) fn check_invalid_lines(&self) -> Result<(), End> {
        let limit = self.registry.limits().invalid_lines;
        if limit == 0 || self.rate.invalid_lines() <= limit {
            return Ok(());
        }
        Err(End::Closed(CloseReason::TooManyInvalidLines { limit }))
    }

    /// Decodes all complete commands in `input`, and posts them to the hub in packets. Returns the reason to decode no
    /// more, if there is one.
    fn decode(&mut self, input: &mut &[u8]) -> Option<End> {
        loop {
            if !self.queue.wait_while_throttled() {
                return Some(End::Done);
            }
            let allowance = match self.wait_for_allowance() {
                Ok(allowance) => allowance,
                Err(end) => return Some(end),
            };
            let mut packet = Packet { max_lines: allowance.min(PACKET_LINES), ..Packet::default() };
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
                return Some(End::Done);
            }
            if let Err(end) = self.check_invalid_lines() {
                return Some(end);
            }
            match decoded {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return None,
                Ok(Err(error)) => return Some(framing_end(&error)),
                Err(_) => return Some(End::Closed(CloseReason::Panicked)),
            }
        }
    }

    /// Waits until the rate limit allows a line. Returns the number of lines that it allows.
    pub(super) fn wait_for_allowance(&mut self) -> Result<usize, End> {
        loop {
            let now = Instant::now();
            let time = match self.rate.allowance(now) {
                Ok(allowance) => return Ok(allowance),
                Err(time) => time,
            };
            // The input of a disconnected client still counts, but at a low rate it could take hours to read.
            if self.queue.is_peer_gone()
                && now >= *self.read_until.get_or_insert_with(|| deadline::after(DEPARTED_READ_TIME))
            {
                return Err(End::Lost);
            }
            if !self.queue.wait_unless_closing(time.min(POLL_INTERVAL)) {
                return Err(End::Done);
            }
        }
    }

    /// Posts the member's leave to the hub, with the commands that the end of the stream completes.
    fn leave(&mut self, end: End, buffer: &Buffer) -> Result<(), Stopped> {
        let (reason, last) = match end {
            End::StreamEnded => self.finish(buffer.as_slice()),
            End::Lost => (CloseReason::Lost, Vec::new()),
            End::Closed(reason) | End::Refused(reason) => (reason, Vec::new()),
            // Usually the hub has removed the member already, and this post has no effect. Otherwise the send queue has
            // failed, and the hub does not know that yet.
            End::Done if self.queue.is_peer_gone() => (CloseReason::Lost, Vec::new()),
            End::Done => (CloseReason::Quit(None), Vec::new()),
        };
        let reason = self.queue.abort_reason().unwrap_or(reason);
        self.registry.hub().post(Post::Leave { member: self.member, reason, last })
    }

    /// Lets the session finish the stream. Returns the member's reason to leave, and the items that the end completes.
    fn finish(&mut self, rest: &[u8]) -> (CloseReason, Vec<Item>) {
        let mut packet = Packet::default();
        let session = &mut *self.session;
        let finished = catch_unwind(AssertUnwindSafe(|| {
            let decoded = session.finish(rest, &mut packet.reply);
            packet.take(decoded, None)
        }));
        let reason = match finished {
            Ok(Ok(_)) => CloseReason::EndOfStream,
            Ok(Err(error)) => framing_reason(&error),
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

    /// Reads and discards input to the end of the stream, but at most [`DISCARD`] bytes. Closing a socket with unread
    /// input sends a reset, and a reset can destroy bytes that the client has not read yet.
    fn discard(&self, buffer: &mut Buffer) {
        // No deadline here: the hub aborts the connection after the write timeout.
        self.discard_while(buffer, || true);
    }

    /// Reads and discards input like `discard`, but not past `deadline`. For connections that the hub does not know.
    pub(super) fn discard_before(&self, deadline: Instant, buffer: &mut Buffer) {
        self.discard_while(buffer, || {
            let left = deadline.saturating_duration_since(Instant::now());
            !left.is_zero() && self.queue.stream().set_read_timeout(Some(left)).is_ok()
        });
    }

    fn discard_while(&self, buffer: &mut Buffer, mut may_continue: impl FnMut() -> bool) {
        let mut discarded = 0;
        while discarded < DISCARD && may_continue() {
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

/// Fails if the buffer is full of bytes that the session does not decode.
pub(super) fn check_capacity(buffer: &Buffer) -> Result<(), End> {
    if !buffer.is_full() {
        return Ok(());
    }
    let why = format!("no frame ends in {} bytes", buffer::LARGE);
    Err(End::Closed(CloseReason::Framing(why.into())))
}

pub(super) fn framing_end(error: &FramingError) -> End {
    End::Closed(framing_reason(error))
}

fn framing_reason(error: &FramingError) -> CloseReason {
    CloseReason::Framing(error.to_string().into())
}

/// The decoded items of one read, on their way to the hub.
#[derive(Default)]
struct Packet {
    items: Vec<Item>,
    /// The number of calls to the session that returned a request or a reply; each stands for one line.
    lines: usize,
    /// The maximum of `lines`.
    max_lines: usize,
    /// The latest reply of the session, which is not an item yet.
    reply: Vec<u8>,
    /// The number of bytes in all replies.
    reply_bytes: usize,
    /// Whether the packet ends with a quit command.
    quits: bool,
}

impl Packet {
    /// Adds the result of one call of the session: first its reply, then its upgrade, then its request. Returns whether
    /// there is a request.
    fn take(
        &mut self,
        decoded: Result<Option<Request>, FramingError>,
        upgrade: Option<Upgrade>,
    ) -> Result<bool, FramingError> {
        if !self.reply.is_empty() || matches!(decoded, Ok(Some(_))) {
            self.lines += 1;
        }
        if !self.reply.is_empty() {
            self.reply_bytes += self.reply.len();
            self.items.push(Item::Reply(mem::take(&mut self.reply)));
        }
        self.items.extend(upgrade.map(|upgrade| Item::Upgrade(Box::new(upgrade))));
        let Some(request) = decoded? else { return Ok(false) };
        self.quits = matches!(request.command, Command::Quit(_));
        self.items.push(Item::Request(request));
        Ok(true)
    }

    /// Returns whether the packet has no request.
    fn is_invalid(&self) -> bool {
        self.items.iter().all(|item| !matches!(item, Item::Request(_)))
    }

    fn is_full(&self) -> bool {
        self.lines >= self.max_lines || self.reply_bytes >= PACKET_REPLY || self.quits
    }
}
