//! Where the hub keeps its members: at numbers that stay the same, since the audiences of rooms are lists of them.

use crate::hub::batch::{Batch, RecipientView, StreamId};
use crate::hub::send_queue::{SendQueueFull, SendQueueHandle};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

/// A table of members.
pub(super) struct RecipientTable<T> {
    places: Vec<Option<(MemberId, T)>>,
    free: Vec<usize>,
    numbers: NumberMap<MemberId, usize>,
}

impl<T> RecipientTable<T> {
    pub(super) fn new() -> RecipientTable<T> {
        RecipientTable { places: Vec::new(), free: Vec::new(), numbers: NumberMap::default() }
    }

    pub(super) fn insert(&mut self, member: MemberId, recipient: T) {
        let number = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.places[number] = Some((member, recipient));
        let old = self.numbers.insert(member, number);
        assert!(old.is_none(), "a member's number is never used twice");
    }

    pub(super) fn remove(&mut self, member: MemberId) -> Option<T> {
        let number = self.numbers.remove(&member)?;
        self.free.push(number);
        self.places[number].take().map(|(_, recipient)| recipient)
    }

    /// The number of a member's recipient.
    pub(super) fn number(&self, member: MemberId) -> Option<usize> {
        self.numbers.get(&member).copied()
    }

    pub(super) fn at(&mut self, number: usize) -> (MemberId, &mut T) {
        let (member, recipient) = self.places[number].as_mut().expect("somebody sits there");
        (*member, recipient)
    }

    pub(super) fn get_mut(&mut self, member: MemberId) -> Option<&mut T> {
        let number = self.number(member)?;
        Some(self.at(number).1)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (MemberId, &mut T)> {
        self.places.iter_mut().flatten().map(|(member, recipient)| (*member, recipient))
    }
}

/// The recipient of a member that hears bytes.
pub(super) struct ConnectionRecipient {
    pub(super) encoder: Encoder,
    /// What tells it in place of the encoder what it is told alone.
    pub(super) responder: Option<Box<dyn Respond>>,
    /// The rooms it hears, each by one stream.
    pub(super) rooms: Vec<(RoomId, StreamId)>,
    /// The one in which it speaks.
    pub(super) current: Option<RoomId>,
    pub(super) view: RecipientView,
    /// It has left, and keeps its recipient to hear what came before.
    pub(super) left: bool,
    /// Something in this batch may concern it.
    pub(super) touched: bool,
    /// How many parts of its view are sent.
    sent: usize,
    pub(super) send_queue: SendQueueHandle,
    /// More would have had to wait for it than may: nothing more is sent.
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
            touched: false,
            sent: 0,
            send_queue,
            failed: false,
        }
    }

    /// Whether it hears what is said in a room.
    pub(super) fn hears(&self, room: RoomId) -> bool {
        self.rooms.iter().any(|(other, _)| *other == room)
    }

    /// Sends the next parts of its view, and counts them.
    pub(super) fn send(&mut self, batch: &Batch, parts: usize, handed_out: &mut usize) -> Result<(), SendQueueFull> {
        if self.failed {
            return Ok(());
        }
        let parts = self.sent..self.sent + parts;
        self.sent = parts.end;
        let payload = self.view.payload(batch, parts);
        if payload.is_empty() {
            return Ok(());
        }
        *handed_out += payload.len();
        let sent = self.send_queue.send(&payload);
        self.failed = sent.is_err();
        sent
    }

    /// Makes ready for the next batch.
    pub(super) fn clear(&mut self) {
        self.view.clear();
        self.touched = false;
        self.sent = 0;
    }
}
