//! Which rooms the members hear, and which of these is the current one of each.

use super::Engine;
use crate::session::{Place, Upgrade};
use crate::state::{MemberId, RoomId};

impl Engine {
    /// Lets a member hear a room, which is its current one from now on.
    pub(super) fn enter(&mut self, member: MemberId, room: RoomId) {
        let Some(number) = self.connections.number(member) else {
            return self.in_process_rooms.entry(room).or_default().push(member);
        };
        if let Some(old) = self.connections.at(number).1.current.replace(room) {
            self.move_to(number, old, Place::Elsewhere);
        }
        self.listen(number, room, Place::Here);
    }

    /// Makes a room that a member hears already its current one.
    pub(super) fn turn(&mut self, member: MemberId, room: RoomId) {
        let Some(number) = self.connections.number(member) else { return };
        let old = self.connections.at(number).1.current.replace(room);
        if old == Some(room) {
            return;
        }
        if let Some(old) = old {
            self.move_to(number, old, Place::Elsewhere);
        }
        self.move_to(number, room, Place::Here);
    }

    /// Lets a member hear a room no longer.
    pub(super) fn exit(&mut self, member: MemberId, room: RoomId) {
        if let Some(number) = self.connections.number(member) {
            self.stop_listening(number, room);
            self.connections.at(number).1.current.take_if(|current| *current == room);
        } else if let Some(members) = self.in_process_rooms.get_mut(&room) {
            members.retain(|other| *other != member);
            if members.is_empty() {
                self.in_process_rooms.remove(&room);
            }
        }
    }

    /// From here on a member reads something else.
    pub(super) fn upgrade(&mut self, member: MemberId, Upgrade { encoder, responder }: Upgrade) {
        let Some(number) = self.connections.number(member) else { return };
        if let Some(responder) = responder {
            self.connections.at(number).1.responder = Some(responder);
            if let Some((name, room)) = self.state.who_and_where(member) {
                let (name, room) = (name.clone(), room.cloned());
                self.welcome(member, name, room);
            }
        } else {
            self.respond(member, |responder, _| responder.upgrade());
        }
        let recipient = self.connections.at(number).1;
        if recipient.encoder == encoder {
            return;
        }
        let rooms: Vec<RoomId> = recipient.rooms.iter().map(|(room, _)| *room).collect();
        let current = recipient.current;
        for &room in &rooms {
            self.stop_listening(number, room);
        }
        self.connections.at(number).1.encoder = encoder;
        for room in rooms {
            let place = if current == Some(room) { Place::Here } else { Place::Elsewhere };
            self.listen(number, room, place);
        }
    }

    /// From here on a recipient hears a room, which it hears already, as this place.
    fn move_to(&mut self, number: usize, room: RoomId, place: Place) {
        if self.connections.at(number).1.encoder.tells_rooms_apart() {
            self.stop_listening(number, room);
            self.listen(number, room, place);
        }
    }

    fn listen(&mut self, number: usize, room: RoomId, place: Place) {
        let recipient = self.connections.at(number).1;
        let stream = self.subscriptions.enter(number, room, place, &recipient.encoder, &mut self.batch);
        recipient.rooms.push((room, stream));
        recipient.view.open(stream, &self.batch);
        self.touch(number);
    }

    fn stop_listening(&mut self, number: usize, room: RoomId) {
        let recipient = self.connections.at(number).1;
        let Some(at) = recipient.rooms.iter().position(|(other, _)| *other == room) else { return };
        let (_, stream) = recipient.rooms.swap_remove(at);
        recipient.view.close(stream, &self.batch);
        self.subscriptions.leave(number, room, stream, &mut self.batch);
        self.touch(number);
    }
}
