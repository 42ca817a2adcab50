//! The bounded way out to one member.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::hub::batch::Payload;
use crate::model::event::CloseReason;

/// Where the hub puts what a member must hear. It calls from one thread at a time.
///
/// The contract, which the hub and all members rely on:
///
/// 1. No method waits for the member, nor for anything that the member could hold up.
/// 2. Bytes go out in the order of the calls, whole, each once.
/// 3. What is kept for later is bounded; past the bound [`send`](Self::send) says so.
/// 4. Closing or aborting one that is closed or aborted has no effect.
/// 5. A connection that fails by itself swallows what comes after: its reader is the one to notice the end, behind the
///    last line that still came in.
pub(crate) trait SendQueue: Send + Sync {
    /// Sends what can be sent at once and keeps the rest. After an error nothing more is sent.
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull>;

    /// Whether sending met a reset by the peer. The reader may then have seen no more than an end of the stream, since
    /// the system tells of a reset only once.
    fn is_reset(&self) -> bool;

    /// How many bytes are kept for later.
    fn waiting(&self) -> usize {
        0
    }

    /// No more will come: what is kept still goes out, then the stream ends.
    fn close(&self);

    /// Ends the stream now. What is kept is lost; `reason` is why.
    fn abort(&self, reason: CloseReason);
}

/// More would have to be kept than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendQueueFull;

/// The hub's hold on a send queue. Dropped, also because the hub is gone, it closes the send queue: nobody else would.
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

    pub(crate) fn waiting(&self) -> usize {
        self.0.waiting()
    }

    pub(crate) fn abort(&self, reason: CloseReason) {
        self.0.abort(reason);
    }

    /// Closes it, and keeps an eye on it.
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

/// An send queue that is closed, and may still have something to write. It is not kept alive by this.
pub(crate) struct ClosingQueue(Weak<dyn SendQueue>);

impl ClosingQueue {
    /// Whether nothing is left to do.
    pub(crate) fn is_done(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// How many bytes are still kept.
    pub(crate) fn waiting(&self) -> usize {
        self.0.upgrade().map_or(0, |send_queue| send_queue.waiting())
    }

    /// Ends the stream now, if it has not ended.
    pub(crate) fn abort(&self, reason: CloseReason) {
        if let Some(send_queue) = self.0.upgrade() {
            send_queue.abort(reason);
        }
    }
}
