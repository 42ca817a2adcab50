//! The outgoing side of an in-process member: a bounded queue of events instead of bytes.
//!
//! This module must not know why an event is sent.
//!
//! The hub never waits for the member: both hold their shared lock only for moments, to add or take events. The policy
//! for a slow member is the same as in `server/bounded_queue.rs`, the queue of a connection.

use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::hub::batch::MessageRange;
use crate::hub::drop_oldest_queue::{DropOldestQueue, Entry};
use crate::hub::send_queue::SendQueueFull;
use crate::model::event::{Event, EventKind, OwnEvent, Reply};
use crate::model::limits::{Limits, SlowConsumerPolicy};

/// The hub's end of a mailbox. Dropping it ends the stream of events.
#[derive(Debug)]
pub(crate) struct Mailbox {
    shared: Arc<Shared>,
    /// The events of the current batch.
    pending: DropOldestQueue<Event, MessageRange>,
    /// The maximum number of events in the mailbox.
    limit: usize,
    policy: SlowConsumerPolicy,
    /// Whether the limit was exceeded. Then the mailbox takes only the final `Closed` event.
    overflowed: bool,
}

/// The member's end of a mailbox.
#[derive(Debug)]
pub(crate) struct Arrivals(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    arrived: Mutex<Arrived>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Arrived {
    events: DropOldestQueue<Event, MessageRange>,
    /// Whether the hub has dropped its end.
    ended: bool,
}

impl Mailbox {
    /// Returns both ends of a mailbox. [`Limits::mailbox`] bounds the events in it.
    pub(crate) fn new(limits: &Limits) -> (Mailbox, Arrivals) {
        let shared = Arc::<Shared>::default();
        let arrivals = Arrivals(Arc::clone(&shared));
        let (limit, policy) = (limits.mailbox, limits.slow_consumer);
        (Mailbox { shared, pending: DropOldestQueue::default(), limit, policy, overflowed: false }, arrivals)
    }

    /// Adds a unicast event, which is never dropped. Returns how many messages were dropped to make room.
    pub(super) fn push_unicast(&mut self, event: Event) -> Result<usize, SendQueueFull> {
        if matches!(event.kind(), EventKind::Own(OwnEvent::Closed { .. })) {
            self.pending.push(event, None);
            return Ok(0);
        }
        self.push(event, None)
    }

    /// Adds a broadcast event, which is droppable. Returns how many messages were dropped.
    pub(super) fn push_broadcast(&mut self, event: Event) -> Result<usize, SendQueueFull> {
        let number = event.number();
        self.push(event, Some(MessageRange { count: 1, first: number, last: number }))
    }

    /// Adds an event. The event is droppable if it has a `message`. Returns how many messages were dropped.
    fn push(&mut self, event: Event, message: Option<MessageRange>) -> Result<usize, SendQueueFull> {
        let drops = self.policy == SlowConsumerPolicy::DropOldest;
        let mut arrived = self.shared.lock();
        let mut dropped = 0;
        while arrived.events.len() + self.pending.len() >= self.limit && !self.overflowed {
            if drops && arrived.events.drop_oldest().or_else(|| self.pending.drop_oldest()).is_some() {
                dropped += 1;
            } else if let Some(message) = message.filter(|_| drops) {
                self.pending.push_gap(message);
                return Ok(dropped + 1);
            } else {
                self.overflowed = true;
            }
        }
        if self.overflowed {
            return Err(SendQueueFull);
        }
        self.pending.push(event, message);
        Ok(dropped)
    }

    /// Makes the pending events before the first barrier available to the member.
    pub(super) fn flush(&mut self) {
        self.flush_at_least(0);
    }

    /// Makes the next barrier available, and all events up to the barrier after it.
    pub(super) fn flush_barrier(&mut self) {
        self.flush_at_least(1);
    }

    /// Makes the entries before the next barrier available to the member. A barrier among the first `least` entries does
    /// not count.
    fn flush_at_least(&mut self, least: usize) {
        if self.pending.is_empty() {
            return;
        }
        let mut arrived = self.shared.lock();
        for taken in 0.. {
            if taken >= least && self.pending.first().is_some_and(is_barrier) {
                break;
            }
            match self.pending.pop() {
                Some((Entry::Item(event), message)) => arrived.events.push(event, message),
                Some((Entry::Gap(gap), _)) => arrived.events.push_gap(gap),
                None => break,
            }
        }
        drop(arrived);
        self.shared.changed.notify_all();
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
    }
}

impl Arrivals {
    /// Waits for the next event, and returns it.
    pub(crate) fn recv(&self) -> Result<Event, RecvError> {
        let waited = self.0.changed.wait_while(self.0.lock(), |arrived| arrived.awaits_events());
        waited.unwrap_or_else(PoisonError::into_inner).take().ok_or(RecvError)
    }

    /// Waits for the next event, but no longer than `timeout`, and returns it.
    pub(crate) fn recv_timeout(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), timeout, |arrived| arrived.awaits_events());
        let mut arrived = waited.unwrap_or_else(PoisonError::into_inner).0;
        arrived.take().ok_or(if arrived.ended { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout })
    }

    /// Returns the next event, if it has arrived.
    pub(crate) fn try_recv(&self) -> Result<Event, TryRecvError> {
        let mut arrived = self.0.lock();
        arrived.take().ok_or(if arrived.ended { TryRecvError::Disconnected } else { TryRecvError::Empty })
    }

    /// Returns whether the hub still holds its end.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.lock().ended
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Arrived> {
        // No code panics halfway through a change under this lock.
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    fn awaits_events(&self) -> bool {
        self.events.is_empty() && !self.ended
    }

    fn take(&mut self) -> Option<Event> {
        Some(match self.events.pop()?.0 {
            Entry::Item(event) => event,
            Entry::Gap(MessageRange { count, first, last }) => OwnEvent::Missed { count, first, last }.into(),
        })
    }
}

/// Returns whether an event is a barrier, as a pong is. The hub sends a barrier only when every member has all messages
/// from before it.
pub(super) fn is_barrier(event: &Event) -> bool {
    matches!(event.kind(), EventKind::Reply(Reply::Pong { .. }))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::model::text::Text;

    fn event(number: u64) -> Event {
        Event::new(number, SystemTime::UNIX_EPOCH, Reply::Pong { token: Text::clean("") })
    }

    fn mailbox(mailbox: usize, slow_consumer: SlowConsumerPolicy) -> (Mailbox, Arrivals) {
        Mailbox::new(&Limits { slow_consumer, mailbox, ..Limits::default() })
    }

    /// Flushes everything, and returns the event numbers of each entry: `(n, n)` for event `n`, `(first, last)` for a gap.
    fn arrived(mut mailbox: Mailbox, arrivals: &Arrivals) -> Vec<(u64, u64)> {
        while !mailbox.pending.is_empty() {
            mailbox.flush_barrier();
        }
        let numbers = |event: Event| match *event.kind() {
            EventKind::Own(OwnEvent::Missed { first, last, .. }) => (first, last),
            _ => (event.number(), event.number()),
        };
        std::iter::from_fn(|| arrivals.try_recv().ok()).map(numbers).collect()
    }

    #[test]
    fn full_mailbox_disconnects_without_gap() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::Disconnect);
        assert_eq!(mailbox.push_broadcast(event(1)), Ok(0));
        mailbox.flush_barrier();
        assert_eq!(mailbox.push_unicast(event(2)), Ok(0));
        assert_eq!(mailbox.push_broadcast(event(3)), Err(SendQueueFull));
        assert!(arrivals.try_recv().ok().is_some());
        assert_eq!(
            mailbox.push_broadcast(event(4)),
            Err(SendQueueFull),
            "there is room again, but the gap would be silent"
        );
        mailbox
            .push_unicast(OwnEvent::Closed { reason: crate::model::event::CloseReason::TooSlow }.into())
            .expect("the final event always fits");
        assert_eq!(arrived(mailbox, &arrivals), [(2, 2), (0, 0)]);
    }

    #[test]
    fn full_queue_drops_oldest_and_keeps_gap() {
        let (mut mailbox, arrivals) = mailbox(5, SlowConsumerPolicy::DropOldest);
        for number in [1, 2] {
            assert_eq!(mailbox.push_broadcast(event(number)), Ok(0));
        }
        assert_eq!(mailbox.push_unicast(event(3)), Ok(0));
        mailbox.flush_at_least(3);
        for number in [4, 5] {
            assert_eq!(mailbox.push_broadcast(event(number)), Ok(0));
        }
        // A gap takes an entry, too: only a gap that merges with another saves one.
        assert_eq!(mailbox.push_broadcast(event(6)), Ok(2));
        assert_eq!(mailbox.push_broadcast(event(7)), Ok(2));
        assert_eq!(mailbox.push_unicast(event(8)), Ok(1));
        assert_eq!(arrived(mailbox, &arrivals), [(1, 2), (3, 3), (4, 6), (7, 7), (8, 8)]);
    }

    #[test]
    fn undroppable_items_are_never_dropped() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::DropOldest);
        assert_eq!((mailbox.push_unicast(event(1)), mailbox.push_unicast(event(2))), (Ok(0), Ok(0)));
        assert_eq!((mailbox.push_broadcast(event(3)), mailbox.push_broadcast(event(4))), (Ok(1), Ok(1)));
        assert_eq!(mailbox.push_unicast(event(5)), Err(SendQueueFull));
        assert_eq!(arrived(mailbox, &arrivals), [(1, 1), (2, 2), (3, 4)]);
    }

    #[test]
    fn waiting_member_wakes_for_event_and_end() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::Disconnect);
        std::thread::scope(|scope| {
            let received = scope.spawn(|| std::iter::from_fn(|| arrivals.recv().ok()).count());
            mailbox.push_broadcast(event(1)).expect("there is room");
            mailbox.flush_barrier();
            drop(mailbox);
            assert_eq!(received.join().expect("nothing panics"), 1);
        });
        assert_eq!((arrivals.recv_timeout(Duration::MAX).ok(), arrivals.is_open()), (None, false));
    }
}
