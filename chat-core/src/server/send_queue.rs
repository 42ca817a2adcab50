//! The send queue of one socket: the outgoing side of a connection.
//!
//! This module must not know what the bytes mean. These rules say which thread writes to the socket:
//!
//! 1. While `has_writer` is false, the hub writes to the socket itself, and never waits.
//! 2. When the socket is full, the hub queues the rest, starts the writer thread and sets `has_writer`. From then on it
//!    only adds to the queue.
//! 3. The writer thread waits for the socket. When the queue is empty, it clears `has_writer` and ends.
//! 4. Only the hub sets `has_writer`, only the writer thread clears it, and both hold the lock. So one thread writes at
//!    any time, and the bytes keep their order.
//! 5. The hub loads `has_writer` with Acquire, which pairs with the Release of the writer thread: if it is false, all
//!    queued bytes are written. If it is true, the hub locks and checks again.
//! 6. The other flags are relaxed: no other memory depends on them.

mod writer;

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::bounded_queue::{BoundedQueue, NoRoom};
use super::nonblocking;
use crate::hub::batch::Payload;
use crate::hub::counters::Counters;
use crate::hub::send_queue::{SendQueue, SendQueueFull};
use crate::model::event::{CloseReason, Event};
use crate::model::limits::{Limits, SlowConsumerPolicy};
use crate::session::Encoder;

/// One connection's socket and the bytes that wait for it. The reader thread, the hub and the writer thread share it.
#[derive(Debug)]
pub(super) struct SocketSendQueue {
    /// A reference to this queue itself, for the writer thread.
    this: Weak<SocketSendQueue>,
    stream: TcpStream,
    /// The maximum size of the queue, in bytes.
    limit: usize,
    /// How long a write may make no progress.
    write_timeout: Duration,
    /// While more bytes than this are queued, the reader thread does not read.
    throttle: usize,
    /// The policy for a full queue.
    policy: SlowConsumerPolicy,
    counters: Arc<Counters>,
    /// Whether a writer thread, and not the hub, writes to the socket.
    has_writer: AtomicBool,
    /// Whether the hub has closed or aborted the queue. Then the hub needs no more input from the connection.
    closing: AtomicBool,
    /// Whether a write or a check reported that the peer has reset the connection.
    reset: AtomicBool,
    /// Whether a write or a check reported that the peer neither reads nor writes any more.
    peer_gone: AtomicBool,
    state: Mutex<State>,
    /// Notified when the phase changes, and when the queue falls below the throttle.
    changed: Condvar,
}

/// The state that the threads share under the lock.
#[derive(Debug)]
struct State {
    queue: BoundedQueue,
    phase: Phase,
    /// Whether the hub has the queue, and will close it.
    held_by_hub: bool,
    /// Whether to shut down both directions of the socket once all bytes are written, not only the outgoing one.
    close_both: bool,
    /// Why the connection was aborted.
    abort_reason: Option<CloseReason>,
    /// The current writer thread, or the last one.
    writer: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// The hub sends no more; the writer thread still writes the queued bytes.
    Closing,
    /// No thread writes any more.
    Closed,
}

impl SocketSendQueue {
    pub(super) fn new(stream: TcpStream, limits: &Limits, counters: &Arc<Counters>) -> Arc<SocketSendQueue> {
        let state = State {
            queue: BoundedQueue::default(),
            phase: Phase::Open,
            held_by_hub: false,
            close_both: false,
            abort_reason: None,
            writer: None,
        };
        Arc::new_cyclic(|this| SocketSendQueue {
            this: Weak::clone(this),
            stream,
            limit: limits.send_queue,
            write_timeout: limits.write_timeout,
            throttle: limits.send_queue_throttle,
            policy: limits.slow_consumer,
            counters: Arc::clone(counters),
            has_writer: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            reset: AtomicBool::new(false),
            peer_gone: AtomicBool::new(false),
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Returns whether the hub has closed or aborted the queue. Then the hub needs no more input from the connection.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Returns why the connection was aborted, if it was.
    pub(super) fn abort_reason(&self) -> Option<CloseReason> {
        self.lock().abort_reason.clone()
    }

    /// Waits for `time`, or until the queue is closing. Returns whether the queue is still open.
    pub(super) fn wait_unless_closing(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |_| !self.is_closing());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        !self.is_closing()
    }

    /// Waits while more bytes than the throttle are queued, or until the queue is closing. Returns whether the queue is
    /// still open.
    pub(super) fn wait_while_throttled(&self) -> bool {
        if !self.has_writer.load(Ordering::Relaxed) {
            return true;
        }
        let is_throttled = |state: &mut State| !self.is_closing() && state.queue.bytes() > self.throttle;
        drop(self.changed.wait_while(self.lock(), is_throttled).unwrap_or_else(PoisonError::into_inner));
        !self.is_closing()
    }

    /// Returns whether the peer is known to be gone. The socket may still have unread input from it.
    pub(super) fn is_peer_gone(&self) -> bool {
        // The system reports an error once: to this check, to a write, or to a read.
        if matches!(self.stream.take_error(), Ok(Some(_)) | Err(_)) {
            self.reset.store(true, Ordering::Relaxed);
            self.peer_gone.store(true, Ordering::Relaxed);
        }
        self.peer_gone.load(Ordering::Relaxed)
    }

    /// Waits until the queue is closed, and joins the writer thread.
    pub(super) fn flush(&self) {
        let state = self.lock();
        let mut state = self
            .changed
            .wait_while(state, |state| state.phase != Phase::Closed)
            .unwrap_or_else(PoisonError::into_inner);
        let writer = state.writer.take();
        drop(state);
        if let Some(writer) = writer {
            writer::join(writer);
        }
    }

    /// Notes that the hub has the queue from here on: the hub may send, and will close the queue.
    pub(super) fn hand_to_hub(&self) {
        self.lock().held_by_hub = true;
    }

    /// Notes that the hub has refused the connection, so that it will not close the queue.
    pub(super) fn take_back_from_hub(&self) {
        self.lock().held_by_hub = false;
    }

    /// Sends the final event to a client that the hub does not know, if the socket takes it at once.
    pub(super) fn send_final(&self, encoder: &Encoder, event: &Event) {
        let mut bytes = Vec::new();
        if catch_unwind(AssertUnwindSafe(|| encoder.encode(event, &mut bytes))).is_ok() {
            let _ = nonblocking::send_bytes(&self.stream, &bytes);
        }
    }

    /// Ends the reader thread's stream as soon as all bytes are written, even if the client does not close its side. If
    /// the hub does not have the queue, ends the stream at once.
    pub(super) fn drain(&self) {
        let mut state = self.lock();
        state.close_both = true;
        if state.phase == Phase::Closed || !state.held_by_hub {
            let _ = self.stream.shutdown(Shutdown::Read);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles a failed write. If the peer is gone, the reader thread reports the end, after the last line that still
    /// arrived. The reader thread may see a plain end of the stream instead of the reset.
    fn fail(&self, error: &io::Error) {
        match error.kind() {
            // The system also reports a broken pipe after both sides have closed the stream.
            ErrorKind::BrokenPipe => self.peer_gone.store(true, Ordering::Relaxed),
            ErrorKind::ConnectionReset => {
                self.reset.store(true, Ordering::Relaxed);
                self.peer_gone.store(true, Ordering::Relaxed);
            }
            kind => {
                self.reset.store(true, Ordering::Relaxed);
                log::debug!("can't write to a connection: {error}");
                // TCP_USER_TIMEOUT or keepalive expired (tcp(7)).
                let timed_out = kind == ErrorKind::TimedOut;
                self.abort(if timed_out { CloseReason::PingTimeout } else { CloseReason::Lost });
            }
        }
    }

    /// Queues `payload` without its first `sent` bytes.
    fn push(&self, state: &mut State, payload: &Payload<'_>, sent: usize) -> Result<(), SendQueueFull> {
        let Counters { bytes_waiting, bytes_dropped, messages_skipped, .. } = &*self.counters;
        if self.policy == SlowConsumerPolicy::Disconnect {
            let Some(rest) = payload.rest(sent) else { return Ok(()) };
            let pushed = state.queue.push(rest, self.limit);
            let counter = if pushed.is_ok() { bytes_waiting } else { bytes_dropped };
            counter.add(payload.len() - sent);
            return pushed;
        }
        let mut left = payload.len() - sent;
        for run in payload.rest_in_runs(sent) {
            let length = run.0.as_slice().len();
            bytes_waiting.add(length);
            let pushed = state.queue.push_dropping_oldest(run, self.limit);
            let (Ok(dropped) | Err(NoRoom(dropped))) = &pushed;
            bytes_waiting.subtract(dropped.bytes);
            bytes_dropped.add(dropped.bytes);
            messages_skipped.add(usize::try_from(dropped.messages).unwrap_or(usize::MAX));
            if pushed.is_err() {
                bytes_waiting.subtract(length);
                bytes_dropped.add(left);
                return Err(SendQueueFull);
            }
            left -= length;
        }
        Ok(())
    }

    /// Drops the queued bytes.
    fn drop_queued(&self, state: &mut State) {
        let dropped = state.queue.bytes();
        state.queue.clear();
        self.counters.bytes_waiting.subtract(dropped);
        self.counters.bytes_dropped.add(dropped);
    }

    /// Closes the queue. All its bytes must be written.
    fn finish(&self, state: &mut State) {
        let how = if state.close_both { Shutdown::Both } else { Shutdown::Write };
        self.end(state, how);
    }

    /// Closes the queue, drops the queued bytes, and shuts down the socket.
    fn end(&self, state: &mut State, how: Shutdown) {
        state.phase = Phase::Closed;
        self.drop_queued(state);
        // The call fails if the peer is gone already.
        let _ = self.stream.shutdown(how);
        self.changed.notify_all();
    }
}

impl SendQueue for SocketSendQueue {
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        if payload.is_empty() {
            return Ok(());
        }
        if self.has_writer.load(Ordering::Acquire) {
            let mut state = self.lock();
            if self.has_writer.load(Ordering::Relaxed) {
                if state.phase == Phase::Closed {
                    self.counters.bytes_dropped.add(payload.len());
                    return Ok(());
                }
                return self.push(&mut state, payload, 0);
            }
        }
        // Rule 5 of [`SendQueue`]: a failed connection discards the rest, and its reader thread reports the end.
        match nonblocking::send(&self.stream, payload) {
            Ok(sent) => {
                self.counters.bytes_sent.add(sent);
                if sent == payload.len() { Ok(()) } else { self.start_writer(payload, sent) }
            }
            Err(error) => {
                self.counters.bytes_dropped.add(payload.len());
                self.fail(&error);
                Ok(())
            }
        }
    }

    fn is_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }

    fn queued_bytes(&self) -> usize {
        if self.has_writer.load(Ordering::Acquire) { self.lock().queue.bytes() } else { 0 }
    }

    fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return;
        }
        if self.has_writer.load(Ordering::Acquire) {
            state.phase = Phase::Closing;
            self.changed.notify_all();
        } else {
            self.finish(&mut state);
        }
    }

    /// Drops the queued bytes, and ends the reader thread's stream.
    fn abort(&self, reason: CloseReason) {
        self.closing.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        if state.phase != Phase::Closed {
            state.abort_reason.get_or_insert(reason);
            // With this option, the socket sends a reset on close. Otherwise the kernel would wait for a client that
            // does not read.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
        self.end(&mut state, Shutdown::Both);
    }
}

#[cfg(test)]
mod tests;
