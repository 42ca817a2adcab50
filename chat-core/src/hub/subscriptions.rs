//! The subscriptions: which recipients read which stream. Each room has one stream for each encoder in use.
//!
//! This module must not know the members' names, nor why they enter and leave rooms.

use crate::hub::batch::{Batch, StreamId};
use crate::model::number_map::NumberMap;
use crate::session::{Encoder, Place};
use crate::state::RoomId;

/// The streams of all rooms that have a member with a connection.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    rooms: NumberMap<RoomId, Vec<RoomStream>>,
    /// The indices of the recipients that read each stream, indexed by [`StreamId::index`].
    subscribers: Vec<Vec<usize>>,
}

/// The stream of the recipients in a room that read the same bytes.
#[derive(Debug)]
struct RoomStream {
    encoder: Encoder,
    place: Place,
    stream: StreamId,
}

impl Subscriptions {
    /// Subscribes `recipient` to `room` from here on, and returns the stream that the recipient reads. Opens the stream
    /// if no other recipient reads it.
    pub(super) fn subscribe(
        &mut self,
        recipient: usize,
        room: RoomId,
        place: Place,
        encoder: &Encoder,
        batch: &mut Batch,
    ) -> StreamId {
        let place = if encoder.distinguishes_rooms() { place } else { Place::Here };
        let streams = self.rooms.entry(room).or_default();
        let shared = streams.iter().find(|other| other.place == place && other.encoder == *encoder);
        let stream = if let Some(shared) = shared {
            shared.stream
        } else {
            let stream = batch.open(encoder.clone(), place);
            streams.push(RoomStream { encoder: encoder.clone(), place, stream });
            self.subscribers.resize_with(self.subscribers.len().max(stream.index() + 1), Vec::new);
            stream
        };
        self.subscribers[stream.index()].push(recipient);
        stream
    }

    /// Unsubscribes `recipient` from `stream`, its stream of `room`. Closes the stream if no other recipient reads it.
    pub(super) fn unsubscribe(&mut self, recipient: usize, room: RoomId, stream: StreamId, batch: &mut Batch) {
        let subscribers = &mut self.subscribers[stream.index()];
        if let Some(at) = subscribers.iter().position(|subscriber| *subscriber == recipient) {
            subscribers.swap_remove(at);
        }
        if !subscribers.is_empty() {
            return;
        }
        *subscribers = Vec::new();
        batch.close(stream);
        if let Some(streams) = self.rooms.get_mut(&room) {
            streams.retain(|other| other.stream != stream);
            if streams.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// Returns the streams of `room`.
    pub(super) fn streams(&self, room: RoomId) -> impl Iterator<Item = StreamId> {
        self.rooms.get(&room).into_iter().flatten().map(|room_stream| room_stream.stream)
    }

    /// Returns the indices of the recipients that read `stream`.
    pub(super) fn subscribers(&self, stream: StreamId) -> &[usize] {
        &self.subscribers[stream.index()]
    }
}
