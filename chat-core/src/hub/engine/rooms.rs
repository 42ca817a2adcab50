//! Which rooms the members hear, and which of these is the current one of each.

use super::Engine;
use crate::session::{Place, Switch};
use crate::state::{MemberId, RoomId};

impl Engine {
    /// Lets a member hear a room, which is its current one from now on.
    pub(super) fn enter(&mut self, member: MemberId, room: RoomId) {
        let Some(number) = self.wired.number(member) else {
            return self.local_rooms.entry(room).or_default().push(member);
        };
        if let Some(old) = self.wired.at(number).1.current.replace(room) {
            self.move_to(number, old, Place::Elsewhere);
        }
        self.listen(number, room, Place::Here);
    }

    /// Makes a room that a member hears already its current one.
    pub(super) fn turn(&mut self, member: MemberId, room: RoomId) {
        let Some(number) = self.wired.number(member) else { return };
        let old = self.wired.at(number).1.current.replace(room);
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
        if let Some(number) = self.wired.number(member) {
            self.stop_listening(number, room);
            self.wired.at(number).1.current.take_if(|current| *current == room);
        } else if let Some(members) = self.local_rooms.get_mut(&room) {
            members.retain(|other| *other != member);
            if members.is_empty() {
                self.local_rooms.remove(&room);
            }
        }
    }

    /// From here on a member reads something else.
    pub(super) fn switch(&mut self, member: MemberId, Switch { encoder, responder }: Switch) {
        let Some(number) = self.wired.number(member) else { return };
        if let Some(responder) = responder {
            self.wired.at(number).1.responder = Some(responder);
            if let Some((name, room)) = self.state.who_and_where(member) {
                let (name, room) = (name.clone(), room.cloned());
                self.welcome(member, name, room);
            }
        } else {
            self.respond(member, |responder, _| responder.switched());
        }
        let seat = self.wired.at(number).1;
        if seat.encoder == encoder {
            return;
        }
        let rooms: Vec<RoomId> = seat.rooms.iter().map(|(room, _)| *room).collect();
        let current = seat.current;
        for &room in &rooms {
            self.stop_listening(number, room);
        }
        self.wired.at(number).1.encoder = encoder;
        for room in rooms {
            let place = if current == Some(room) { Place::Here } else { Place::Elsewhere };
            self.listen(number, room, place);
        }
    }

    /// From here on a seat hears a room, which it hears already, as this place.
    fn move_to(&mut self, number: usize, room: RoomId, place: Place) {
        if self.wired.at(number).1.encoder.tells_rooms_apart() {
            self.stop_listening(number, room);
            self.listen(number, room, place);
        }
    }

    fn listen(&mut self, number: usize, room: RoomId, place: Place) {
        let seat = self.wired.at(number).1;
        let stream = self.audience.enter(number, room, place, &seat.encoder, &mut self.pass);
        seat.rooms.push((room, stream));
        seat.share.open(stream, &self.pass);
        self.touch(number);
    }

    fn stop_listening(&mut self, number: usize, room: RoomId) {
        let seat = self.wired.at(number).1;
        let Some(at) = seat.rooms.iter().position(|(other, _)| *other == room) else { return };
        let (_, stream) = seat.rooms.swap_remove(at);
        seat.share.close(stream, &self.pass);
        self.audience.leave(number, room, stream, &mut self.pass);
        self.touch(number);
    }
}
