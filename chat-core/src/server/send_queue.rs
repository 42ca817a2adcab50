//! The way out over one socket.
//!
//! The hub writes to the socket itself, without waiting. Only while its member lags is there a second thread, the
//! writer, which waits where the hub must not; the hub then only adds to the queue. Who writes is told by `lagging`:
//! the hub alone sets it, the writer alone clears it, when nothing is left. So there is one writer at any time, and the
//! order stays.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::bounded_queue::{self, BoundedQueue};
use super::nonblocking;
use crate::hub::batch::{MessageRange, Payload};
use crate::hub::counters::Counters;
use crate::hub::send_queue::{SendQueue, SendQueueFull};
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::limits::{Limits, SlowConsumerPolicy};
use crate::session::Encoder;

/// At most this much is written by one waiting call, so that slow progress is seen as progress.
const WRITE: usize = 64 * 1024;
const WRITER_STACK: usize = 64 * 1024;

/// One connection's socket, and what waits to be written to it. Shared by its reader, the hub, and its writer.
#[derive(Debug)]
pub(super) struct SocketSendQueue {
    /// For its writer.
    me: Weak<SocketSendQueue>,
    stream: TcpStream,
    /// The most bytes that may wait.
    limit: usize,
    /// How long a write may make no progress.
    stall: Duration,
    /// While more bytes than this wait, nothing more is read.
    pause: usize,
    /// How its member is told of what is left out for it; nothing, if it is rather closed.
    skips: Option<Encoder>,
    counters: Arc<Counters>,
    lagging: AtomicBool,
    /// Nobody will hear what more comes in.
    over: AtomicBool,
    /// The peer has reset the connection, and a write was told so.
    reset: AtomicBool,
    /// The peer neither reads nor writes any more, and a write or a look was told so.
    gone: AtomicBool,
    waiting: Mutex<Waiting>,
    /// The phase is another, or what waits is no longer too much.
    changed: Condvar,
}

#[derive(Debug)]
struct Waiting {
    queue: BoundedQueue,
    phase: Phase,
    /// The hub has it.
    held: bool,
    /// Close both directions once all is written, not only the way out.
    hurried: bool,
    /// Why the connection was given up, if it was.
    fault: Option<CloseReason>,
    /// The writer of now, or the last one.
    writer: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// No more will come; what waits is still being written.
    ClosingQueue,
    /// Nothing will be written any more.
    Closed,
}

impl SocketSendQueue {
    /// What its member reads, `encoder` shows.
    pub(super) fn new(
        stream: TcpStream,
        encoder: Encoder,
        limits: &Limits,
        counters: &Arc<Counters>,
    ) -> Arc<SocketSendQueue> {
        let waiting = Waiting {
            queue: BoundedQueue::default(),
            phase: Phase::Open,
            held: false,
            hurried: false,
            fault: None,
            writer: None,
        };
        Arc::new_cyclic(|me| SocketSendQueue {
            me: Weak::clone(me),
            stream,
            limit: limits.send_queue,
            stall: limits.write_timeout,
            pause: limits.send_queue_throttle,
            skips: (limits.slow_consumer == SlowConsumerPolicy::DropOldest).then_some(encoder),
            counters: Arc::clone(counters),
            lagging: AtomicBool::new(false),
            over: AtomicBool::new(false),
            reset: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            waiting: Mutex::new(waiting),
            changed: Condvar::new(),
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether the hub has no more use for what comes in.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Why the connection was given up, if it was.
    pub(super) fn fault(&self) -> Option<CloseReason> {
        self.lock().fault.clone()
    }

    /// Waits for `time`, unless the hub has no more use for what comes in; whether it still has.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |_| !self.is_over());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        !self.is_over()
    }

    /// Waits while too much waits for the peer, unless the hub has no more use for what comes in; whether it still has.
    pub(super) fn wait_for_peer(&self) -> bool {
        if !self.lagging.load(Ordering::Relaxed) {
            return true;
        }
        let is_behind = |waiting: &mut Waiting| !self.is_over() && waiting.queue.bytes() > self.pause;
        drop(self.changed.wait_while(self.lock(), is_behind).unwrap_or_else(PoisonError::into_inner));
        !self.is_over()
    }

    /// Whether the peer is known to be gone, though not all that it sent is read.
    pub(super) fn is_gone(&self) -> bool {
        // What went wrong is told but once: to this look, to a write, or to a read.
        if matches!(self.stream.take_error(), Ok(Some(_)) | Err(_)) {
            self.reset.store(true, Ordering::Relaxed);
            self.gone.store(true, Ordering::Relaxed);
        }
        self.gone.load(Ordering::Relaxed)
    }

    /// Waits until nothing will be written any more, and its writer is gone.
    pub(super) fn flush(&self) {
        let waiting = self.lock();
        let mut waiting = self
            .changed
            .wait_while(waiting, |waiting| waiting.phase != Phase::Closed)
            .unwrap_or_else(PoisonError::into_inner);
        let writer = waiting.writer.take();
        drop(waiting);
        if let Some(writer) = writer {
            join(writer);
        }
    }

    /// The hub may write to it from here on, and ends it.
    pub(super) fn hand_to_hub(&self) {
        self.lock().held = true;
    }

    /// The hub did not want it.
    pub(super) fn take_from_hub(&self) {
        self.lock().held = false;
    }

    /// Sends the last thing that a peer hears whom the hub knows nothing of, if it can take that at once.
    pub(super) fn say_last(&self, encoder: &Encoder, event: &Event) {
        let mut bytes = Vec::new();
        if catch_unwind(AssertUnwindSafe(|| encoder.encode(event, &mut bytes))).is_ok() {
            let _ = nonblocking::send_bytes(&self.stream, &bytes);
        }
    }

    /// Lets the reader find the end of its stream as soon as all is written, whatever the peer does; at once, if the hub
    /// knows nothing of it.
    pub(super) fn drain(&self) {
        let mut waiting = self.lock();
        waiting.hurried = true;
        if waiting.phase == Phase::Closed || !waiting.held {
            let _ = self.stream.shutdown(Shutdown::Read);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a write that failed. If the peer is gone, the reader is the one to notice the end, behind the last line
    /// that still came in; but it may be told of an end of the stream rather than of a reset.
    fn fail(&self, error: &io::Error) {
        match error.kind() {
            // What one gets once both sides have ended, too.
            ErrorKind::BrokenPipe => self.gone.store(true, Ordering::Relaxed),
            ErrorKind::ConnectionReset => {
                self.reset.store(true, Ordering::Relaxed);
                self.gone.store(true, Ordering::Relaxed);
            }
            kind => {
                self.reset.store(true, Ordering::Relaxed);
                log::debug!("a connection can't be written to: {error}");
                // What the system gave up waiting for (tcp(7)).
                let vanished = kind == ErrorKind::TimedOut;
                self.abort(if vanished { CloseReason::PingTimeout } else { CloseReason::Lost });
            }
        }
    }

    /// Leaves what is left of `payload` after the first `sent` bytes, and all that follows, to a writer.
    fn lag(&self, payload: &Payload<'_>, sent: usize) -> Result<(), SendQueueFull> {
        let mut waiting = self.lock();
        let Some(queue) = self.me.upgrade().filter(|_| waiting.phase == Phase::Open) else {
            self.counters.bytes_dropped.add(payload.len() - sent);
            return Ok(());
        };
        self.push(&mut waiting, payload, sent)?;
        if let Some(last) = waiting.writer.take() {
            // It has nothing left to do but end.
            join(last);
        }
        let writer = thread::Builder::new().name("chat-writer".into()).stack_size(WRITER_STACK);
        match writer.spawn(move || queue.write_out()) {
            Ok(writer) => {
                self.counters.lags.add(1);
                self.lagging.store(true, Ordering::Release);
                waiting.writer = Some(writer);
                Ok(())
            }
            Err(error) => {
                log::error!("no writer for a slow member can be started: {error}");
                self.drop_waiting(&mut waiting);
                Err(SendQueueFull)
            }
        }
    }

    /// The writer: works until nothing is left.
    fn write_out(&self) {
        // Zero would mean no timeout at all.
        let _ = self.stream.set_write_timeout(Some(self.stall.max(Duration::from_millis(1))));
        loop {
            let pieces = {
                let mut waiting = self.lock();
                if waiting.queue.is_empty() {
                    self.lagging.store(false, Ordering::Release);
                    if waiting.phase == Phase::ClosingQueue {
                        self.finish(&mut waiting);
                    }
                    return;
                }
                let mut broken = false;
                let (front, told) = waiting.queue.front(WRITE, |messages| {
                    let shown = self.tell_of(messages);
                    broken |= shown.is_none();
                    shown.unwrap_or_default()
                });
                self.counters.bytes_handed_out.add(told);
                self.counters.bytes_waiting.add(told);
                drop(waiting);
                if broken {
                    // It would be a silent gap.
                    log::error!("an encoder panicked at what was left out for a slow member");
                    self.abort(CloseReason::Panicked);
                    continue;
                }
                front
            };
            match nonblocking::send_waiting(&self.stream, &bounded_queue::slices(&pieces, WRITE)) {
                Ok(written) => {
                    let mut waiting = self.lock();
                    if waiting.phase != Phase::Closed {
                        waiting.queue.advance(written);
                        self.counters.bytes_sent.add(written);
                        self.counters.bytes_waiting.subtract(written);
                        // Whoever adds to it may have left out so much that it was no longer too much before this.
                        if waiting.queue.bytes() <= self.pause {
                            self.changed.notify_all();
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.abort(CloseReason::TooSlow),
                Err(error) => {
                    self.fail(&error);
                    self.end(&mut self.lock(), Shutdown::Write);
                }
            }
        }
    }

    /// Keeps what is left of `payload` after the first `sent` bytes.
    fn push(&self, waiting: &mut Waiting, payload: &Payload<'_>, sent: usize) -> Result<(), SendQueueFull> {
        let Counters { bytes_waiting, bytes_dropped, messages_skipped, .. } = &*self.counters;
        if self.skips.is_none() {
            let Some(kept) = payload.rest(sent) else { return Ok(()) };
            let pushed = waiting.queue.push(kept, self.limit);
            let counter = if pushed.is_ok() { bytes_waiting } else { bytes_dropped };
            counter.add(payload.len() - sent);
            return pushed;
        }
        let mut left = payload.len() - sent;
        for run in payload.rest_in_runs(sent) {
            let length = run.0.as_slice().len();
            let dropped = waiting
                .queue
                .push_dropping_oldest(run, self.limit)
                .inspect_err(|SendQueueFull| bytes_dropped.add(left))?;
            left -= length;
            bytes_waiting.add(length);
            bytes_waiting.subtract(dropped.bytes);
            bytes_dropped.add(dropped.bytes);
            messages_skipped.add(usize::try_from(dropped.messages).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// What the member is shown in place of what was left out for it; nothing, if the encoder panicked.
    fn tell_of(&self, MessageRange { count, first, last }: MessageRange) -> Option<Vec<u8>> {
        let mut shown = Vec::new();
        let event = Event::from(EventKind::Missed { count, first, last });
        let Some(encoder) = &self.skips else { return Some(shown) };
        catch_unwind(AssertUnwindSafe(|| encoder.encode(&event, &mut shown))).ok().map(|()| shown)
    }

    /// What waits comes to nothing.
    fn drop_waiting(&self, waiting: &mut Waiting) {
        let dropped = waiting.queue.bytes();
        waiting.queue.clear();
        self.counters.bytes_waiting.subtract(dropped);
        self.counters.bytes_dropped.add(dropped);
    }

    /// All is written.
    fn finish(&self, waiting: &mut Waiting) {
        let how = if waiting.hurried { Shutdown::Both } else { Shutdown::Write };
        self.end(waiting, how);
    }

    fn end(&self, waiting: &mut Waiting, how: Shutdown) {
        waiting.phase = Phase::Closed;
        self.drop_waiting(waiting);
        // Fails if the peer is gone already.
        let _ = self.stream.shutdown(how);
        self.changed.notify_all();
    }
}

impl SendQueue for SocketSendQueue {
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        if payload.is_empty() {
            return Ok(());
        }
        if self.lagging.load(Ordering::Acquire) {
            let mut waiting = self.lock();
            if self.lagging.load(Ordering::Relaxed) {
                if waiting.phase == Phase::Closed {
                    self.counters.bytes_dropped.add(payload.len());
                    return Ok(());
                }
                return self.push(&mut waiting, payload, 0);
            }
        }
        // A connection that fails swallows the rest: its reader finds out in its own time.
        match nonblocking::send(&self.stream, payload) {
            Ok(sent) => {
                self.counters.bytes_sent.add(sent);
                if sent == payload.len() { Ok(()) } else { self.lag(payload, sent) }
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

    fn waiting(&self) -> usize {
        if self.lagging.load(Ordering::Acquire) { self.lock().queue.bytes() } else { 0 }
    }

    fn close(&self) {
        self.over.store(true, Ordering::Relaxed);
        let mut waiting = self.lock();
        if waiting.phase != Phase::Open {
            return;
        }
        if self.lagging.load(Ordering::Acquire) {
            waiting.phase = Phase::ClosingQueue;
            self.changed.notify_all();
        } else {
            self.finish(&mut waiting);
        }
    }

    /// What waits is lost, and the reader finds the end of its stream.
    fn abort(&self, reason: CloseReason) {
        self.over.store(true, Ordering::Relaxed);
        let mut waiting = self.lock();
        if waiting.phase != Phase::Closed {
            waiting.fault.get_or_insert(reason);
            // A reset rather than a wait in the kernel for a peer that does not read.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
        self.end(&mut waiting, Shutdown::Both);
    }
}

fn join(writer: JoinHandle<()>) {
    if writer.join().is_err() {
        log::error!("a writer panicked");
    }
}
