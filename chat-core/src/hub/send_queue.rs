//! The contract of a send queue: the outgoing side of one connection, as the hub sees it.
//!
//! This module must not know what carries the bytes: a TCP socket, TLS, or a test's `Vec`.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::hub::batch::Payload;
use crate::model::event::CloseReason;

/// The bounded outgoing side of one connection. The hub calls it from one thread at a time.
///
/// The hub and all members rely on this contract:
///
/// 1. No method waits for the peer, nor for anything that the peer can delay.
/// 2. Bytes go out in the order of the calls, complete, and once.
/// 3. The queued bytes are bounded; [`send`](Self::send) reports when the bound is exceeded.
/// 4. Closing or aborting a queue that is closed or aborted has no effect.
/// 5. When the connection itself fails, the queue discards all later bytes. The connection's reader thread reports the
///    end, after the last line that still arrived.
pub(crate) trait SendQueue: Send + Sync {
    /// Writes as many bytes as the connection takes at once, and queues the rest. After an error the queue sends
    /// nothing more.
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull>;

    /// Returns whether a write found that the peer has reset the connection. The system reports a reset only once, so
    /// the reader thread may have seen a plain end of the stream.
    fn is_reset(&self) -> bool;

    /// Returns how many bytes are queued.
    fn queued_bytes(&self) -> usize {
        0
    }

    /// Closes the queue: the queued bytes still go out, then the stream ends.
    fn close(&self);

    /// Ends the stream at once, for this reason, and drops the queued bytes.
    fn abort(&self, reason: CloseReason);
}

/// The error of a send queue or a mailbox that would exceed its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendQueueFull;

/// The hub's handle to a send queue. Dropping it closes the queue, even when the hub itself is dropped.
pub(crate) struct SendQueueHandle(Arc<dyn SendQueue>);

impl SendQueueHandle {
    pub(crate) fn new(send_queue: Arc<dyn SendQueue>) -> SendQueueHandle {
        SendQueueHandle(send_queue)
    }

    pub(crate) fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        self.0.send(payload)
    }

    pub(crate) fn is_reset(&self) -> bool {
        self.0.is_reset()
    }

    pub(crate) fn queued_bytes(&self) -> usize {
        self.0.queued_bytes()
    }

    pub(crate) fn abort(&self, reason: CloseReason) {
        self.0.abort(reason);
    }

    /// Closes the queue, and returns a weak handle to it.
    pub(crate) fn close(self) -> ClosingQueue {
        ClosingQueue(Arc::downgrade(&self.0))
    }
}

impl Drop for SendQueueHandle {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for SendQueueHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendQueueHandle").finish_non_exhaustive()
    }
}

/// A weak handle to a closed send queue that may still have bytes to write.
pub(crate) struct ClosingQueue(Weak<dyn SendQueue>);

impl ClosingQueue {
    /// Returns whether the queue has been dropped, so that no bytes are left to write.
    pub(crate) fn is_done(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Returns how many bytes are still queued.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.0.upgrade().map_or(0, |send_queue| send_queue.queued_bytes())
    }

    /// Ends the stream at once, if it has not ended.
    pub(crate) fn abort(&self, reason: CloseReason) {
        if let Some(send_queue) = self.0.upgrade() {
            send_queue.abort(reason);
        }
    }
}
