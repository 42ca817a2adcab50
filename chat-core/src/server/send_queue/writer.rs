//! The writer thread of a send queue: it writes the queued bytes while the socket is full.
//!
//! This module must not decide which bytes are queued. The writer thread and the hub follow the rules in [`super`].

use std::io::ErrorKind;
use std::net::Shutdown;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Phase, SocketSendQueue};
use crate::hub::batch::{EncodedMessages, MessageRange, Payload};
use crate::hub::send_queue::{SendQueue as _, SendQueueFull};
use crate::model::event::{CloseReason, Event, OwnEvent};
use crate::server::bounded_queue;
use crate::server::nonblocking;

/// The maximum number of bytes in one blocking write. The write timeout applies to each write, so a slow client that
/// reads a little does not time out.
const MAX_WRITE: usize = 64 * 1024;
/// The stack of a writer thread, in bytes.
const WRITER_STACK: usize = 64 * 1024;

impl SocketSendQueue {
    /// Queues `payload` without its first `sent` bytes, and starts the writer thread.
    pub(super) fn start_writer(&self, payload: &Payload<'_>, sent: usize) -> Result<(), SendQueueFull> {
        let mut state = self.lock();
        let Some(queue) = self.this.upgrade().filter(|_| state.phase == Phase::Open) else {
            self.counters.bytes_dropped.add(payload.len() - sent);
            return Ok(());
        };
        self.push(&mut state, payload, sent)?;
        if let Some(last) = state.writer.take() {
            // The last writer thread has cleared `has_writer`, so it is about to end.
            join(last);
        }
        let writer = thread::Builder::new().name("chat-writer".into()).stack_size(WRITER_STACK);
        match writer.spawn(move || queue.run_writer()) {
            Ok(writer) => {
                self.counters.lags.add(1);
                self.has_writer.store(true, Ordering::Release);
                state.writer = Some(writer);
                Ok(())
            }
            Err(error) => {
                log::error!("can't start a writer thread for a slow client: {error}");
                self.drop_queued(&mut state);
                Err(SendQueueFull)
            }
        }
    }

    /// Runs the writer thread: writes until the queue is empty.
    fn run_writer(&self) {
        // The standard library refuses a timeout of zero. Without this minimum, there would be no timeout at all.
        let _ = self.stream.set_write_timeout(Some(self.write_timeout.max(Duration::from_millis(1))));
        loop {
            let pieces = {
                let mut state = self.lock();
                if state.queue.is_empty() {
                    self.has_writer.store(false, Ordering::Release);
                    if state.phase == Phase::Closing {
                        self.finish(&mut state);
                    }
                    return;
                }
                let mut broken = false;
                let (front, gap_bytes) = state.queue.front(MAX_WRITE, |gap| {
                    let encoded = encode_gap(gap);
                    broken |= encoded.is_none();
                    encoded.unwrap_or_default()
                });
                self.counters.bytes_handed_out.add(gap_bytes);
                self.counters.bytes_waiting.add(gap_bytes);
                drop(state);
                if broken {
                    // Going on would leave a silent gap.
                    log::error!("an encoder panicked on the notice of dropped messages");
                    self.abort(CloseReason::Panicked);
                    continue;
                }
                front
            };
            match nonblocking::send_waiting(&self.stream, &bounded_queue::slices(&pieces, MAX_WRITE)) {
                Ok(written) => {
                    let mut state = self.lock();
                    if state.phase != Phase::Closed {
                        state.queue.advance(written);
                        self.counters.bytes_sent.add(written);
                        self.counters.bytes_waiting.subtract(written);
                        // A push may already have dropped messages down to the throttle, so each write below it
                        // notifies the reader thread.
                        if state.queue.bytes() <= self.throttle {
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
}

/// Encodes the gap that replaces dropped messages, in the framing of these messages; `None` if the encoder panicked.
fn encode_gap(EncodedMessages { messages, encoder }: &EncodedMessages) -> Option<Vec<u8>> {
    let MessageRange { count, first, last } = *messages;
    let mut bytes = Vec::new();
    let event = Event::from(OwnEvent::Missed { count, first, last });
    catch_unwind(AssertUnwindSafe(|| encoder.encode(&event, &mut bytes))).ok().map(|()| bytes)
}

/// Joins a writer thread.
pub(super) fn join(writer: JoinHandle<()>) {
    if writer.join().is_err() {
        log::error!("a writer thread panicked");
    }
}
