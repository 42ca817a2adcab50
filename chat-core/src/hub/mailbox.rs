//! The way out to a member in this process: events instead of bytes.
//!
//! The hub puts, and never waits for the member but for the moment in which it takes an event. What may be left out for
//! one that does not take its events, and how that is told, is as in [`server/backlog.rs`](crate::server).

use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::hub::batch::MessageRange;
use crate::hub::drop_oldest_queue::{DropOldestQueue, Place};
use crate::hub::send_queue::SendQueueFull;
use crate::model::event::{Event, EventKind};
use crate::model::limits::{Limits, SlowConsumerPolicy};

/// The hub's end. Dropped, nothing more comes.
#[derive(Debug)]
pub(crate) struct Mailbox {
    arrived: Arc<Shared>,
    /// What the batch that is under way has brought.
    gathered: DropOldestQueue<Event>,
    limit: usize,
    slow: SlowConsumerPolicy,
    /// More would have had to wait than may: nothing more is put but the end.
    overrun: bool,
}

/// The member's end.
#[derive(Debug)]
pub(crate) struct Arrivals(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    arrived: Mutex<Arrived>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Arrived {
    events: DropOldestQueue<Event>,
    /// Nothing more comes.
    ended: bool,
}

impl Mailbox {
    /// A mailbox for as many events as the limits say, and where they arrive.
    pub(crate) fn new(limits: &Limits) -> (Mailbox, Arrivals) {
        let arrived = Arc::<Shared>::default();
        let arrivals = Arrivals(Arc::clone(&arrived));
        let (limit, slow) = (limits.mailbox, limits.slow_consumer);
        (Mailbox { arrived, gathered: DropOldestQueue::default(), limit, slow, overrun: false }, arrivals)
    }

    /// Puts what the member is told alone; how many messages were left out for it.
    pub(super) fn tell(&mut self, event: Event) -> Result<usize, SendQueueFull> {
        if matches!(event.kind(), EventKind::Closed { .. }) {
            self.gathered.push(event, None);
            return Ok(0);
        }
        self.put(event, None)
    }

    /// Puts what is said to a room; how many messages were left out for it.
    pub(super) fn say(&mut self, event: Event) -> Result<usize, SendQueueFull> {
        let number = event.number();
        self.put(event, Some(MessageRange { count: 1, first: number, last: number }))
    }

    /// Puts an event, and which message it is, if it may be left out.
    fn put(&mut self, event: Event, message: Option<MessageRange>) -> Result<usize, SendQueueFull> {
        let skips = self.slow == SlowConsumerPolicy::DropOldest;
        let mut arrived = self.arrived.lock();
        let mut dropped = 0;
        while arrived.events.len() + self.gathered.len() >= self.limit && !self.overrun {
            if skips && arrived.events.drop_oldest().or_else(|| self.gathered.drop_oldest()).is_some() {
                dropped += 1;
            } else if let Some(message) = message.filter(|_| skips) {
                self.gathered.push_gap(message);
                return Ok(dropped + 1);
            } else {
                self.overrun = true;
            }
        }
        if self.overrun {
            return Err(SendQueueFull);
        }
        self.gathered.push(event, message);
        Ok(dropped)
    }

    /// Lets the member have what was put, up to the first barrier.
    pub(super) fn flush(&mut self) {
        self.hand_to_hub(0);
    }

    /// Lets the member have the barrier that comes next, and what was put behind it up to the one after.
    pub(super) fn flush_barrier(&mut self) {
        self.hand_to_hub(1);
    }

    /// Hands over the first `least` events, and those behind them up to the next barrier.
    fn hand_to_hub(&mut self, least: usize) {
        if self.gathered.is_empty() {
            return;
        }
        let mut arrived = self.arrived.lock();
        for taken in 0.. {
            if taken >= least && self.gathered.first().is_some_and(is_barrier) {
                break;
            }
            match self.gathered.pop() {
                Some((Place::QueuedBytes(event), message)) => arrived.events.push(event, message),
                Some((Place::Gap(gap), _)) => arrived.events.push_gap(gap),
                None => break,
            }
        }
        drop(arrived);
        self.arrived.changed.notify_all();
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.arrived.lock().ended = true;
        self.arrived.changed.notify_all();
    }
}

impl Arrivals {
    /// Returns the next event, and waits for it.
    pub(crate) fn recv(&self) -> Result<Event, RecvError> {
        let waited = self.0.changed.wait_while(self.0.lock(), |arrived| arrived.is_quiet());
        waited.unwrap_or_else(PoisonError::into_inner).take().ok_or(RecvError)
    }

    /// Returns the next event, and waits no longer than `timeout` for it.
    pub(crate) fn recv_timeout(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), timeout, |arrived| arrived.is_quiet());
        let mut arrived = waited.unwrap_or_else(PoisonError::into_inner).0;
        arrived.take().ok_or(if arrived.ended { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout })
    }

    /// Returns the next event, if it has arrived.
    pub(crate) fn try_recv(&self) -> Result<Event, TryRecvError> {
        let mut arrived = self.0.lock();
        arrived.take().ok_or(if arrived.ended { TryRecvError::Disconnected } else { TryRecvError::Empty })
    }

    /// Whether more events may arrive.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.lock().ended
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Arrived> {
        // Nothing under this lock leaves it half done.
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    fn is_quiet(&self) -> bool {
        self.events.is_empty() && !self.ended
    }

    fn take(&mut self) -> Option<Event> {
        Some(match self.events.pop()?.0 {
            Place::QueuedBytes(event) => event,
            Place::Gap(MessageRange { count, first, last }) => EventKind::Missed { count, first, last }.into(),
        })
    }
}

/// Whether an event must come behind all that was said before it, not for its own receiver alone but for everybody.
pub(super) fn is_barrier(event: &Event) -> bool {
    matches!(event.kind(), EventKind::Pong { .. })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::model::text::Text;

    fn event(number: u64) -> Event {
        Event::new(number, SystemTime::UNIX_EPOCH, EventKind::Pong { token: Text::clean("") })
    }

    fn mailbox(mailbox: usize, slow_consumer: SlowConsumerPolicy) -> (Mailbox, Arrivals) {
        Mailbox::new(&Limits { slow_consumer, mailbox, ..Limits::default() })
    }

    /// The numbers of all that arrived; of a gap its first and last.
    fn arrived(mut mailbox: Mailbox, arrivals: &Arrivals) -> Vec<(u64, u64)> {
        while !mailbox.gathered.is_empty() {
            mailbox.flush_barrier();
        }
        let numbers = |event: Event| match *event.kind() {
            EventKind::Missed { first, last, .. } => (first, last),
            _ => (event.number(), event.number()),
        };
        std::iter::from_fn(|| arrivals.try_recv().ok()).map(numbers).collect()
    }

    #[test]
    fn one_that_takes_nothing_is_given_up_and_what_it_has_is_whole() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::Disconnect);
        assert_eq!(mailbox.say(event(1)), Ok(0));
        mailbox.flush_barrier();
        assert_eq!(mailbox.tell(event(2)), Ok(0));
        assert_eq!(mailbox.say(event(3)), Err(SendQueueFull));
        assert!(arrivals.try_recv().ok().is_some());
        assert_eq!(mailbox.say(event(4)), Err(SendQueueFull), "there is room, but a gap would be silent");
        mailbox
            .tell(EventKind::Closed { reason: crate::model::event::CloseReason::TooSlow }.into())
            .expect("the end fits");
        assert_eq!(arrived(mailbox, &arrivals), [(2, 2), (0, 0)]);
    }

    #[test]
    fn the_oldest_that_may_be_left_out_is_and_its_place_is_kept() {
        let (mut mailbox, arrivals) = mailbox(5, SlowConsumerPolicy::DropOldest);
        for number in [1, 2] {
            assert_eq!(mailbox.say(event(number)), Ok(0));
        }
        assert_eq!(mailbox.tell(event(3)), Ok(0));
        mailbox.hand_to_hub(3);
        for number in [4, 5] {
            assert_eq!(mailbox.say(event(number)), Ok(0));
        }
        // A gap has a place, too; only what makes one of two saves some.
        assert_eq!(mailbox.say(event(6)), Ok(2));
        assert_eq!(mailbox.say(event(7)), Ok(2));
        assert_eq!(mailbox.tell(event(8)), Ok(1));
        assert_eq!(arrived(mailbox, &arrivals), [(1, 2), (3, 3), (4, 6), (7, 7), (8, 8)]);
    }

    #[test]
    fn what_must_not_be_left_out_is_not() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::DropOldest);
        assert_eq!((mailbox.tell(event(1)), mailbox.tell(event(2))), (Ok(0), Ok(0)));
        assert_eq!((mailbox.say(event(3)), mailbox.say(event(4))), (Ok(1), Ok(1)));
        assert_eq!(mailbox.tell(event(5)), Err(SendQueueFull));
        assert_eq!(arrived(mailbox, &arrivals), [(1, 1), (2, 2), (3, 4)]);
    }

    #[test]
    fn a_member_is_woken_by_what_arrives_and_by_the_end() {
        let (mut mailbox, arrivals) = mailbox(2, SlowConsumerPolicy::Disconnect);
        std::thread::scope(|scope| {
            let heard = scope.spawn(|| std::iter::from_fn(|| arrivals.recv().ok()).count());
            mailbox.say(event(1)).expect("there is room");
            mailbox.flush_barrier();
            drop(mailbox);
            assert_eq!(heard.join().expect("nothing panics"), 1);
        });
        assert_eq!((arrivals.recv_timeout(Duration::MAX).ok(), arrivals.is_open()), (None, false));
    }
}
