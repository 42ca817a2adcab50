//! Who hears what is said where: for each room and framing one stream, with the recipients that read it.
//!
//! It must not know what the members are called, nor why they come and go.

use crate::hub::batch::{Batch, StreamId};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Place};
use crate::state::RoomId;

/// The streams of all rooms in which somebody is who hears bytes.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    rooms: NumberMap<RoomId, Vec<Group>>,
    /// Of each stream, by its number, the numbers of the recipients that read it.
    readers: Vec<Vec<usize>>,
}

/// Those in a room who read the same bytes.
#[derive(Debug)]
struct Group {
    encoder: Encoder,
    place: Place,
    stream: StreamId,
}

impl Subscriptions {
    /// `recipient` hears `room` from here on; by which stream.
    pub(super) fn enter(
        &mut self,
        recipient: usize,
        room: RoomId,
        place: Place,
        encoder: &Encoder,
        batch: &mut Batch,
    ) -> StreamId {
        let place = if encoder.tells_rooms_apart() { place } else { Place::Here };
        let groups = self.rooms.entry(room).or_default();
        let alike = groups.iter().find(|group| group.place == place && group.encoder == *encoder);
        let stream = if let Some(group) = alike {
            group.stream
        } else {
            let stream = batch.open(encoder.clone(), place);
            groups.push(Group { encoder: encoder.clone(), place, stream });
            self.readers.resize_with(self.readers.len().max(stream.index() + 1), Vec::new);
            stream
        };
        self.readers[stream.index()].push(recipient);
        stream
    }

    /// `recipient` hears no more of `room`, which it heard by `stream`.
    pub(super) fn leave(&mut self, recipient: usize, room: RoomId, stream: StreamId, batch: &mut Batch) {
        let readers = &mut self.readers[stream.index()];
        if let Some(at) = readers.iter().position(|reader| *reader == recipient) {
            readers.swap_remove(at);
        }
        if !readers.is_empty() {
            return;
        }
        *readers = Vec::new();
        batch.close(stream);
        if let Some(groups) = self.rooms.get_mut(&room) {
            groups.retain(|group| group.stream != stream);
            if groups.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// The streams of `room`.
    pub(super) fn streams(&self, room: RoomId) -> impl Iterator<Item = StreamId> {
        self.rooms.get(&room).into_iter().flatten().map(|group| group.stream)
    }

    /// The recipients that read `stream`.
    pub(super) fn readers(&self, stream: StreamId) -> &[usize] {
        &self.readers[stream.index()]
    }
}
