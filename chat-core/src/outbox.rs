//! The bounded way out to one member.

use crate::event::CloseReason;
use crate::pass::Batch;

/// Where the hub puts what a member must hear. The hub's thread is its only caller.
///
/// The contract, which the hub and all members rely on:
///
/// 1. No method waits for the member, nor for anything that the member could hold up.
/// 2. Bytes go out in the order of the calls, whole, each once.
/// 3. What is kept for later is bounded; past the bound [`send`](Self::send) says so.
/// 4. A connection that fails by itself swallows what comes after: its reader is the one to notice the end, behind the
///    last line that still came in.
pub(crate) trait Outbox: Send {
    /// Sends what can be sent at once and keeps the rest. After an error nothing more is sent.
    fn send(&mut self, batch: &Batch<'_>) -> Result<(), TooSlow>;

    /// Whether sending met a reset by the peer. The reader may then have seen no more than an end of the stream, since
    /// the system tells of a reset only once.
    fn is_reset(&self) -> bool;

    /// No more will come: what is kept still goes out, then the stream ends.
    fn close(&mut self);

    /// Ends the stream now. What is kept is lost; `reason` is why.
    fn abort(&mut self, reason: CloseReason);

    /// Whether a closed one has nothing left to do.
    fn is_done(&self) -> bool;
}

/// More would have to be kept than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;
