//! Where the hub sends each member's events: the recipients, in tables with stable indices.
//!
//! The indices must be stable because the [subscriptions](super::subscriptions) are lists of indices. This module must
//! not know how a send queue writes.

use crate::hub::batch::{Batch, RecipientView, StreamId};
use crate::hub::send_queue::{SendQueueFull, SendQueueHandle};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

/// A table of recipients, which finds a recipient by member or by index. It reuses free indices.
pub(super) struct RecipientTable<T> {
    slots: Vec<Option<(MemberId, T)>>,
    free: Vec<usize>,
    indices: NumberMap<MemberId, usize>,
}

impl<T> RecipientTable<T> {
    pub(super) fn new() -> RecipientTable<T> {
        RecipientTable { slots: Vec::new(), free: Vec::new(), indices: NumberMap::default() }
    }

    /// Adds the recipient of a new member.
    ///
    /// # Panics
    ///
    /// If the member has a recipient already.
    pub(super) fn insert(&mut self, member: MemberId, recipient: T) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[index] = Some((member, recipient));
        let old = self.indices.insert(member, index);
        assert!(old.is_none(), "a member's id is never used twice");
    }

    pub(super) fn remove(&mut self, member: MemberId) -> Option<T> {
        let index = self.indices.remove(&member)?;
        self.free.push(index);
        self.slots[index].take().map(|(_, recipient)| recipient)
    }

    /// Returns the index of a member's recipient.
    pub(super) fn index_of(&self, member: MemberId) -> Option<usize> {
        self.indices.get(&member).copied()
    }

    /// Returns the recipient at an index.
    ///
    /// # Panics
    ///
    /// If the index is free.
    pub(super) fn at(&mut self, index: usize) -> (MemberId, &mut T) {
        let (member, recipient) = self.slots[index].as_mut().expect("an index in use has a recipient");
        (*member, recipient)
    }

    pub(super) fn get_mut(&mut self, member: MemberId) -> Option<&mut T> {
        let index = self.index_of(member)?;
        Some(self.at(index).1)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (MemberId, &mut T)> {
        self.slots.iter_mut().flatten().map(|(member, recipient)| (*member, recipient))
    }
}

/// The recipient of a member that has a connection.
pub(super) struct ConnectionRecipient {
    pub(super) encoder: Encoder,
    /// Encodes the member's unicast events in place of `encoder`.
    pub(super) responder: Option<Box<dyn Respond>>,
    /// The rooms that the member is in, each with the stream that the member reads.
    pub(super) rooms: Vec<(RoomId, StreamId)>,
    /// The member's current room.
    pub(super) current: Option<RoomId>,
    pub(super) view: RecipientView,
    /// Whether the member has left. The recipient stays until the current batch is delivered.
    pub(super) left: bool,
    /// Whether the current batch may have changed the view.
    pub(super) dirty: bool,
    /// The number of parts of the view that are sent.
    sent_parts: usize,
    pub(super) send_queue: SendQueueHandle,
    /// Whether the send queue was full or aborted. Then the hub sends nothing more.
    pub(super) failed: bool,
}

impl ConnectionRecipient {
    pub(super) fn new(
        encoder: Encoder,
        responder: Option<Box<dyn Respond>>,
        send_queue: SendQueueHandle,
    ) -> ConnectionRecipient {
        ConnectionRecipient {
            encoder,
            responder,
            rooms: Vec::new(),
            current: None,
            view: RecipientView::default(),
            left: false,
            dirty: false,
            sent_parts: 0,
            send_queue,
            failed: false,
        }
    }

    /// Returns whether the member receives the broadcasts of a room.
    pub(super) fn is_subscribed(&self, room: RoomId) -> bool {
        self.rooms.iter().any(|(other, _)| *other == room)
    }

    /// Sends the next `parts` parts of the view, and adds their bytes to `handed_out`.
    pub(super) fn send(&mut self, batch: &Batch, parts: usize, handed_out: &mut usize) -> Result<(), SendQueueFull> {
        if self.failed {
            return Ok(());
        }
        let parts = self.sent_parts..self.sent_parts + parts;
        self.sent_parts = parts.end;
        let payload = self.view.payload(batch, parts);
        if payload.is_empty() {
            return Ok(());
        }
        *handed_out += payload.len();
        let sent = self.send_queue.send(&payload);
        self.failed = sent.is_err();
        sent
    }

    /// Makes the recipient ready for the next batch.
    pub(super) fn clear(&mut self) {
        self.view.clear();
        self.dirty = false;
        self.sent_parts = 0;
    }
}
