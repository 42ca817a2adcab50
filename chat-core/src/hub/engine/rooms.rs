//! Subscribes members to rooms, and tracks each member's current room.
//!
//! This module must not know why a member enters or leaves a room.

use super::Engine;
use crate::session::{Encoder, Place, Upgrade};
use crate::state::{MemberId, RoomId};

impl Engine {
    /// Subscribes a member to a room, which becomes the member's current room.
    pub(super) fn enter(&mut self, member: MemberId, room: RoomId) {
        let Some(index) = self.connections.index_of(member) else {
            return self.in_process_rooms.entry(room).or_default().push(member);
        };
        if let Some(old) = self.connections.at(index).1.current.replace(room) {
            self.set_place(index, old, Place::Elsewhere);
        }
        self.subscribe(index, room, Place::Here);
    }

    /// Changes the current room of a member to a room that the member is in.
    pub(super) fn set_current_room(&mut self, member: MemberId, room: RoomId) {
        let Some(index) = self.connections.index_of(member) else { return };
        let old = self.connections.at(index).1.current.replace(room);
        if old == Some(room) {
            return;
        }
        if let Some(old) = old {
            self.set_place(index, old, Place::Elsewhere);
        }
        self.set_place(index, room, Place::Here);
    }

    /// Unsubscribes a member from a room.
    pub(super) fn exit(&mut self, member: MemberId, room: RoomId) {
        if let Some(index) = self.connections.index_of(member) {
            self.unsubscribe(index, room);
            self.connections.at(index).1.current.take_if(|current| *current == room);
        } else if let Some(members) = self.in_process_rooms.get_mut(&room) {
            members.retain(|other| *other != member);
            if members.is_empty() {
                self.in_process_rooms.remove(&room);
            }
        }
    }

    /// Replaces the encoder and the responder of a member, from here on.
    pub(super) fn upgrade(&mut self, member: MemberId, Upgrade { encoder, responder, welcome }: Upgrade) {
        let Some(index) = self.connections.index_of(member) else { return };
        self.connections.at(index).1.responder = responder;
        self.set_encoder(index, encoder);
        if welcome && let Some((name, room)) = self.state.who_and_where(member) {
            let (name, room) = (name.clone(), room.cloned());
            self.welcome(member, name, room);
        }
    }

    /// Changes the encoder of a connection, and subscribes the connection to the streams of the new encoder.
    fn set_encoder(&mut self, index: usize, encoder: Encoder) {
        let recipient = self.connections.at(index).1;
        if recipient.encoder == encoder {
            return;
        }
        let rooms: Vec<RoomId> = recipient.rooms.iter().map(|(room, _)| *room).collect();
        let current = recipient.current;
        for &room in &rooms {
            self.unsubscribe(index, room);
        }
        self.connections.at(index).1.encoder = encoder;
        for room in rooms {
            let place = if current == Some(room) { Place::Here } else { Place::Elsewhere };
            self.subscribe(index, room, place);
        }
    }

    /// Subscribes a connection to a room's stream for `place`. Does nothing if the encoder encodes all places alike.
    fn set_place(&mut self, index: usize, room: RoomId, place: Place) {
        if self.connections.at(index).1.encoder.distinguishes_rooms() {
            self.unsubscribe(index, room);
            self.subscribe(index, room, place);
        }
    }

    fn subscribe(&mut self, index: usize, room: RoomId, place: Place) {
        let recipient = self.connections.at(index).1;
        let stream = self.subscriptions.subscribe(index, room, place, &recipient.encoder, &mut self.batch);
        recipient.rooms.push((room, stream));
        recipient.view.open(stream, &self.batch);
        self.mark_dirty(index);
    }

    fn unsubscribe(&mut self, index: usize, room: RoomId) {
        let recipient = self.connections.at(index).1;
        let Some(at) = recipient.rooms.iter().position(|(other, _)| *other == room) else { return };
        let (_, stream) = recipient.rooms.swap_remove(at);
        recipient.view.close(stream, &self.batch);
        self.subscriptions.unsubscribe(index, room, stream, &mut self.batch);
        self.mark_dirty(index);
    }
}
