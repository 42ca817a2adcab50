//! Adds events to the batch: for one member, for several, or for everyone in a room.
//!
//! This module sends nothing: [`Engine::deliver`] sends the batch. This module must not decide who receives an event:
//! the state has done so.

use std::ops::Range;

use super::Engine;
use crate::hub::batch::{EncoderPanicked, Sequence};
use crate::hub::mailbox::is_barrier;
use crate::hub::recipients::ConnectionRecipient;
use crate::hub::send_queue::SendQueueFull;
use crate::model::event::{CloseReason, Event, EventKind, OwnEvent};
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

impl Engine {
    /// Adds an event for one member.
    pub(super) fn unicast(&mut self, to: MemberId, event: &Event) {
        let barrier = is_barrier(event);
        let added = if let Some(index) = self.connections.index_of(to) {
            self.mark_dirty(index);
            let ConnectionRecipient { encoder, responder, view, .. } = self.connections.at(index).1;
            let of_request = self.responding.as_mut().filter(|(member, _)| *member == to);
            let encoded = match of_request.map(|(_, responder)| responder).or(responder.as_mut()) {
                Some(responder) => self.batch.encode_with(|out| responder.reply(event, out)),
                None => self.batch.encode(encoder, event),
            };
            let batch = &self.batch;
            let added = encoded
                .map(|bytes| if barrier { batch.insert_in_new_part(view, bytes) } else { batch.insert(view, bytes) });
            added.map_err(|EncoderPanicked| CloseReason::Panicked)
        } else if let Some(mailbox) = self.in_process.get_mut(to) {
            let added = mailbox.push_unicast(event.clone());
            added
                .map(|dropped| self.counters.messages_skipped.add(dropped))
                .map_err(|SendQueueFull| CloseReason::TooSlow)
        } else {
            return;
        };
        match added {
            Ok(()) if barrier => self.barriers.push(to),
            Ok(()) => {}
            Err(reason) => self.failed.push((to, reason)),
        }
    }

    /// Adds an event for several members, and encodes it once for all with equal encoders.
    pub(super) fn multicast(&mut self, members: &[MemberId], event: &Event) {
        let mut encoded: Vec<(Encoder, Result<Range<usize>, EncoderPanicked>)> = Vec::new();
        for &to in members {
            let Some(index) = self.connections.index_of(to).filter(|_| !self.is_responding_to(to)) else {
                self.unicast(to, event);
                continue;
            };
            self.mark_dirty(index);
            let ConnectionRecipient { encoder, view, .. } = self.connections.at(index).1;
            let known = encoded.iter().find(|(other, _)| other == encoder).map(|(_, bytes)| bytes.clone());
            let bytes = known.unwrap_or_else(|| {
                let bytes = self.batch.encode(encoder, event);
                encoded.push((encoder.clone(), bytes.clone()));
                bytes
            });
            match bytes {
                Ok(bytes) => self.batch.insert(view, bytes),
                Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
            }
        }
    }

    /// Adds bytes that a member's session has encoded for the member.
    pub(super) fn reply(&mut self, to: MemberId, bytes: &[u8]) {
        if let Some(index) = self.connections.index_of(to)
            && !self.connections.at(index).1.left
        {
            self.mark_dirty(index);
            self.batch.insert_bytes(&mut self.connections.at(index).1.view, bytes);
        }
    }

    /// Adds the echo of a member's own message.
    ///
    /// If the member's request has a responder, the responder decides whether there is an echo. If neither the request
    /// nor the connection has a responder, the encoder confirms a private message.
    pub(super) fn echo(&mut self, to: MemberId, event: &Event) {
        if let EventKind::Own(OwnEvent::PrivateMessage { .. }) = event.kind()
            && !self.is_responding_to(to)
            && let Some(index) = self.connections.index_of(to)
            && let ConnectionRecipient { encoder, responder: None, left: false, .. } = self.connections.at(index).1
        {
            let bytes = self.batch.encode_with(|out| encoder.encode_own(event, out));
            self.insert_unicast(to, index, bytes);
            return;
        }
        self.respond(to, |responder, out| responder.echo(event, out));
    }

    /// Returns whether the engine executes a request of this member that has a responder.
    fn is_responding_to(&self, member: MemberId) -> bool {
        self.responding.as_ref().is_some_and(|(other, _)| *other == member)
    }

    /// Calls the responder of the member's request, and adds the bytes that the responder appends. Does nothing if the
    /// request has no responder, or if the member has left.
    pub(super) fn respond(&mut self, to: MemberId, call: impl FnOnce(&mut dyn Respond, &mut Vec<u8>)) {
        let Some((_, responder)) = self.responding.as_mut().filter(|(member, _)| *member == to) else { return };
        let Some(index) = self.connections.index_of(to) else { return };
        if self.connections.at(index).1.left {
            return;
        }
        let bytes = self.batch.encode_with(|out| call(responder.as_mut(), out));
        self.insert_unicast(to, index, bytes);
    }

    /// Adds bytes that were encoded for one connection to its view of the batch.
    fn insert_unicast(&mut self, to: MemberId, index: usize, bytes: Result<Range<usize>, EncoderPanicked>) {
        match bytes {
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) => {
                self.batch.insert(&mut self.connections.at(index).1.view, bytes);
                self.mark_dirty(index);
            }
            Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
        }
    }

    /// Adds an event for everyone in a room, except for some members.
    pub(super) fn broadcast(&mut self, room: RoomId, except: impl Iterator<Item = MemberId> + Clone, event: &Event) {
        let is_excepted = |member: MemberId| except.clone().any(|other| other == member);
        let sequence = self.batch.next_sequence(event.number());
        for stream in self.subscriptions.streams(room) {
            self.batch.broadcast(stream, sequence, event);
        }
        for member in self.in_process_rooms.get(&room).into_iter().flatten() {
            let Some(mailbox) = self.in_process.get_mut(*member).filter(|_| !is_excepted(*member)) else { continue };
            match mailbox.push_broadcast(event.clone()) {
                Ok(dropped) => self.counters.messages_skipped.add(dropped),
                Err(SendQueueFull) => self.failed.push((*member, CloseReason::TooSlow)),
            }
        }
        let responding = self.responding.as_ref().map(|(member, _)| *member).filter(|member| !is_excepted(*member));
        for member in except {
            self.exclude(member, sequence);
        }
        if let Some(member) = responding
            && self.connections.get_mut(member).is_some_and(|recipient| recipient.is_subscribed(room))
        {
            // The responder of the request encodes the event in place of the shared encoder.
            self.exclude(member, sequence);
            self.unicast(member, event);
        }
    }

    /// Excludes a broadcast from the view of a member.
    fn exclude(&mut self, member: MemberId, sequence: Sequence) {
        if let Some(index) = self.connections.index_of(member) {
            self.mark_dirty(index);
            self.connections.at(index).1.view.exclude(sequence);
        }
    }
}
