//! Where the hub keeps its members: densely, since every pass goes through all of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::event::{Event, EventKind};
use crate::outbox::{Outbox, TooSlow};
use crate::pass::Share;
use crate::state::MemberId;

/// A dense table of members. Taking one out moves the last into its place.
pub(super) struct Seats<T> {
    seats: Vec<(MemberId, T)>,
    index: HashMap<MemberId, usize>,
}

impl<T> Seats<T> {
    pub(super) fn new() -> Seats<T> {
        Seats { seats: Vec::new(), index: HashMap::new() }
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
    pub(super) outbox: Box<dyn Outbox>,
}

/// The seat of a member in this process: a bounded channel of events.
#[derive(Debug)]
pub(crate) struct Mailbox {
    events: Sender<Event>,
    /// What the pass that is under way has brought.
    gathered: Vec<Event>,
    limit: usize,
    open: Arc<AtomicBool>,
}

impl Mailbox {
    /// A mailbox for `limit` events, where they arrive, and whether more may still come.
    pub(crate) fn new(limit: usize) -> (Mailbox, Receiver<Event>, Arc<AtomicBool>) {
        // One more, so that there is always room for the last event of all.
        let (events, arriving) = bounded(limit + 1);
        let open = Arc::new(AtomicBool::new(true));
        (Mailbox { events, gathered: Vec::new(), limit, open: Arc::clone(&open) }, arriving, open)
    }

    pub(super) fn put(&mut self, event: Event) -> Result<(), TooSlow> {
        let last = matches!(event.kind(), EventKind::Closed { .. });
        if !last && self.events.len() + self.gathered.len() >= self.limit {
            return Err(TooSlow);
        }
        self.gathered.push(event);
        Ok(())
    }

    /// Lets the member have what was put.
    pub(super) fn flush(&mut self) {
        for event in self.gathered.drain(..) {
            // Only this end sends, so there is room. The other end is gone only while its leave is on its way.
            let _ = self.events.try_send(event);
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.open.store(false, Ordering::Release);
    }
}
