//! Where the hub keeps its members: densely, since every pass goes through all of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::event::{Event, EventKind};
use crate::numbers::NumberMap;
use crate::outbox::{Held, TooSlow};
use crate::pass::{Share, Stream};
use crate::state::MemberId;

/// A dense table of members. Taking one out moves the last into its place.
pub(super) struct Seats<T> {
    seats: Vec<(MemberId, T)>,
    index: NumberMap<MemberId, usize>,
}

impl<T> Seats<T> {
    pub(super) fn new() -> Seats<T> {
        Seats { seats: Vec::new(), index: NumberMap::default() }
    }

    pub(super) fn insert(&mut self, member: MemberId, seat: T) {
        let old = self.index.insert(member, self.seats.len());
        assert!(old.is_none(), "a member's number is never used twice");
        self.seats.push((member, seat));
    }

    pub(super) fn remove(&mut self, member: MemberId) -> Option<T> {
        let at = self.index.remove(&member)?;
        let (_, seat) = self.seats.swap_remove(at);
        if let Some((moved, _)) = self.seats.get(at) {
            self.index.insert(*moved, at);
        }
        Some(seat)
    }

    pub(super) fn get_mut(&mut self, member: MemberId) -> Option<&mut T> {
        let at = *self.index.get(&member)?;
        Some(&mut self.seats[at].1)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (MemberId, &mut T)> {
        self.seats.iter_mut().map(|(member, seat)| (*member, seat))
    }
}

/// The seat of a member that hears bytes.
pub(super) struct Wired {
    /// The number of its [`Stream`](crate::pass::Stream).
    pub(super) stream: usize,
    pub(super) share: Share,
    /// How many parts of its share are sent.
    sent: usize,
    pub(super) outbox: Held,
    /// More would have had to wait for it than may: nothing more is sent.
    pub(super) failed: bool,
}

impl Wired {
    pub(super) fn new(stream: usize, share: Share, outbox: Held) -> Wired {
        Wired { stream, share, sent: 0, outbox, failed: false }
    }

    /// Sends the next parts of its share.
    pub(super) fn send(&mut self, stream: &Stream, parts: usize) -> Result<(), TooSlow> {
        if self.failed {
            return Ok(());
        }
        let parts = self.sent..self.sent + parts;
        self.sent = parts.end;
        let sent = self.outbox.send(&stream.batch(&self.share, parts));
        self.failed = sent.is_err();
        sent
    }

    /// Makes ready for the next pass.
    pub(super) fn clear(&mut self) {
        self.share.clear();
        self.sent = 0;
    }
}

/// The seat of a member in this process: a bounded channel of events.
#[derive(Debug)]
pub(crate) struct Mailbox {
    events: Sender<Event>,
    /// What the pass that is under way has brought.
    gathered: VecDeque<Event>,
    limit: usize,
    /// More would have had to wait than may: nothing more is put but the end.
    overrun: bool,
    open: Arc<AtomicBool>,
}

impl Mailbox {
    /// A mailbox for `limit` events, where they arrive, and whether more may still come.
    pub(crate) fn new(limit: usize) -> (Mailbox, Receiver<Event>, Arc<AtomicBool>) {
        // Bounded by `put`: a bounded channel would take all its memory at once.
        let (events, arriving) = unbounded();
        let open = Arc::new(AtomicBool::new(true));
        let mailbox = Mailbox { events, gathered: VecDeque::new(), limit, overrun: false, open: Arc::clone(&open) };
        (mailbox, arriving, open)
    }

    pub(super) fn put(&mut self, event: Event) -> Result<(), TooSlow> {
        let is_end = matches!(event.kind(), EventKind::Closed { .. });
        self.overrun |= self.events.len() + self.gathered.len() >= self.limit;
        if self.overrun && !is_end {
            return Err(TooSlow);
        }
        self.gathered.push_back(event);
        Ok(())
    }

    /// Lets the member have what was put, up to the first barrier.
    pub(super) fn flush(&mut self) {
        while self.gathered.front().is_some_and(|event| !is_barrier(event)) {
            self.flush_one();
        }
    }

    /// Lets the member have the barrier that comes next, and what was put behind it up to the one after.
    pub(super) fn flush_barrier(&mut self) {
        self.flush_one();
        self.flush();
    }

    fn flush_one(&mut self) {
        if let Some(event) = self.gathered.pop_front() {
            // The other end is gone only while its leave is on its way.
            let _ = self.events.send(event);
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.open.store(false, Ordering::Release);
    }
}

/// Whether an event must come behind all that was said before it, not for its own receiver alone but for everybody.
pub(super) fn is_barrier(event: &Event) -> bool {
    matches!(event.kind(), EventKind::Pong { .. })
}
