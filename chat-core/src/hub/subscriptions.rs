//! Who hears what is said where: for each room and framing one stream, with the seats that read it.
//!
//! It must not know what the members are called, nor why they come and go.

use crate::hub::batch::{Pass, StreamId};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Place};
use crate::state::RoomId;

/// The streams of all rooms in which somebody is who hears bytes.
#[derive(Debug, Default)]
pub(super) struct Audience {
    rooms: NumberMap<RoomId, Vec<Group>>,
    /// Of each stream, by its number, the numbers of the seats that read it.
    readers: Vec<Vec<usize>>,
}

/// Those in a room who read the same bytes.
#[derive(Debug)]
struct Group {
    encoder: Encoder,
    place: Place,
    stream: StreamId,
}

impl Audience {
    /// `seat` hears `room` from here on; by which stream.
    pub(super) fn enter(
        &mut self,
        seat: usize,
        room: RoomId,
        place: Place,
        encoder: &Encoder,
        pass: &mut Pass,
    ) -> StreamId {
        let place = if encoder.tells_rooms_apart() { place } else { Place::Here };
        let groups = self.rooms.entry(room).or_default();
        let alike = groups.iter().find(|group| group.place == place && group.encoder == *encoder);
        let stream = if let Some(group) = alike {
            group.stream
        } else {
            let stream = pass.open(encoder.clone(), place);
            groups.push(Group { encoder: encoder.clone(), place, stream });
            self.readers.resize_with(self.readers.len().max(stream.index() + 1), Vec::new);
            stream
        };
        self.readers[stream.index()].push(seat);
        stream
    }

    /// `seat` hears no more of `room`, which it heard by `stream`.
    pub(super) fn leave(&mut self, seat: usize, room: RoomId, stream: StreamId, pass: &mut Pass) {
        let readers = &mut self.readers[stream.index()];
        if let Some(at) = readers.iter().position(|reader| *reader == seat) {
            readers.swap_remove(at);
        }
        if !readers.is_empty() {
            return;
        }
        *readers = Vec::new();
        pass.close(stream);
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

    /// The seats that read `stream`.
    pub(super) fn readers(&self, stream: StreamId) -> &[usize] {
        &self.readers[stream.index()]
    }
}
