//! Where the hub keeps its members: at numbers that stay the same, since the audiences of rooms are lists of them.

use crate::hub::batch::{Pass, Share, StreamId};
use crate::hub::send_queue::{Held, TooSlow};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

/// A table of members.
pub(super) struct Seats<T> {
    places: Vec<Option<(MemberId, T)>>,
    free: Vec<usize>,
    numbers: NumberMap<MemberId, usize>,
}

impl<T> Seats<T> {
    pub(super) fn new() -> Seats<T> {
        Seats { places: Vec::new(), free: Vec::new(), numbers: NumberMap::default() }
    }

    pub(super) fn insert(&mut self, member: MemberId, seat: T) {
        let number = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.places[number] = Some((member, seat));
        let old = self.numbers.insert(member, number);
        assert!(old.is_none(), "a member's number is never used twice");
    }

    pub(super) fn remove(&mut self, member: MemberId) -> Option<T> {
        let number = self.numbers.remove(&member)?;
        self.free.push(number);
        self.places[number].take().map(|(_, seat)| seat)
    }

    /// The number of a member's seat.
    pub(super) fn number(&self, member: MemberId) -> Option<usize> {
        self.numbers.get(&member).copied()
    }

    pub(super) fn at(&mut self, number: usize) -> (MemberId, &mut T) {
        let (member, seat) = self.places[number].as_mut().expect("somebody sits there");
        (*member, seat)
    }

    pub(super) fn get_mut(&mut self, member: MemberId) -> Option<&mut T> {
        let number = self.number(member)?;
        Some(self.at(number).1)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (MemberId, &mut T)> {
        self.places.iter_mut().flatten().map(|(member, seat)| (*member, seat))
    }
}

/// The seat of a member that hears bytes.
pub(super) struct Wired {
    pub(super) encoder: Encoder,
    /// What tells it in place of the encoder what it is told alone.
    pub(super) responder: Option<Box<dyn Respond>>,
    /// The rooms it hears, each by one stream.
    pub(super) rooms: Vec<(RoomId, StreamId)>,
    /// The one in which it speaks.
    pub(super) current: Option<RoomId>,
    pub(super) share: Share,
    /// It has left, and keeps its seat to hear what came before.
    pub(super) left: bool,
    /// Something in this pass may concern it.
    pub(super) touched: bool,
    /// How many parts of its share are sent.
    sent: usize,
    pub(super) outbox: Held,
    /// More would have had to wait for it than may: nothing more is sent.
    pub(super) failed: bool,
}

impl Wired {
    pub(super) fn new(encoder: Encoder, responder: Option<Box<dyn Respond>>, outbox: Held) -> Wired {
        Wired {
            encoder,
            responder,
            rooms: Vec::new(),
            current: None,
            share: Share::default(),
            left: false,
            touched: false,
            sent: 0,
            outbox,
            failed: false,
        }
    }

    /// Whether it hears what is said in a room.
    pub(super) fn hears(&self, room: RoomId) -> bool {
        self.rooms.iter().any(|(other, _)| *other == room)
    }

    /// Sends the next parts of its share, and counts them.
    pub(super) fn send(&mut self, pass: &Pass, parts: usize, handed_out: &mut usize) -> Result<(), TooSlow> {
        if self.failed {
            return Ok(());
        }
        let parts = self.sent..self.sent + parts;
        self.sent = parts.end;
        let batch = self.share.batch(pass, parts);
        if batch.is_empty() {
            return Ok(());
        }
        *handed_out += batch.len();
        let sent = self.outbox.send(&batch);
        self.failed = sent.is_err();
        sent
    }

    /// Makes ready for the next pass.
    pub(super) fn clear(&mut self) {
        self.share.clear();
        self.touched = false;
        self.sent = 0;
    }
}
