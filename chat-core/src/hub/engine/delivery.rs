//! What members are told in a batch: one, several, or all in a room.

use std::ops::Range;

use super::Engine;
use crate::hub::batch::{EncoderPanicked, Sequence};
use crate::hub::mailbox::is_barrier;
use crate::hub::recipients::ConnectionRecipient;
use crate::hub::send_queue::SendQueueFull;
use crate::model::event::{CloseReason, Event};
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

impl Engine {
    pub(super) fn tell(&mut self, to: MemberId, event: &Event) {
        let barrier = is_barrier(event);
        let told = if let Some(number) = self.connections.number(to) {
            self.touch(number);
            let ConnectionRecipient { encoder, responder, view, .. } = self.connections.at(number).1;
            let encoded = match responder {
                Some(responder) => self.batch.encode_by(|out| responder.tell(event, out)),
                None => self.batch.encode(encoder, event),
            };
            let batch = &self.batch;
            let told =
                encoded.map(|own| if barrier { batch.tell_in_new_part(view, own) } else { batch.tell(view, own) });
            told.map_err(|EncoderPanicked| CloseReason::Panicked)
        } else if let Some(mailbox) = self.in_process.get_mut(to) {
            let told = mailbox.tell(event.clone());
            told.map(|dropped| self.counters.messages_skipped.add(dropped))
                .map_err(|SendQueueFull| CloseReason::TooSlow)
        } else {
            return;
        };
        match told {
            Ok(()) if barrier => self.barriers.push(to),
            Ok(()) => {}
            Err(reason) => self.failed.push((to, reason)),
        }
    }

    /// Tells several members, and encodes it but once for those who read the same framing.
    pub(super) fn tell_all(&mut self, members: &[MemberId], event: &Event) {
        let mut encoded: Vec<(Encoder, Result<Range<usize>, EncoderPanicked>)> = Vec::new();
        for &to in members {
            let Some(number) = self.connections.number(to).filter(|_| self.answering != Some(to)) else {
                self.tell(to, event);
                continue;
            };
            self.touch(number);
            let ConnectionRecipient { encoder, view, .. } = self.connections.at(number).1;
            let known = encoded.iter().find(|(other, _)| other == encoder).map(|(_, own)| own.clone());
            let own = known.unwrap_or_else(|| {
                let own = self.batch.encode(encoder, event);
                encoded.push((encoder.clone(), own.clone()));
                own
            });
            match own {
                Ok(own) => self.batch.tell(view, own),
                Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
            }
        }
    }

    pub(super) fn reply(&mut self, to: MemberId, bytes: &[u8]) {
        if let Some(number) = self.connections.number(to)
            && !self.connections.at(number).1.left
        {
            self.touch(number);
            self.batch.tell_bytes(&mut self.connections.at(number).1.view, bytes);
        }
    }

    /// Lets a member who speaks have what its responder makes of it.
    pub(super) fn echo(&mut self, to: MemberId, event: &Event) {
        self.respond(to, |responder, out| responder.echo(event, out));
    }

    /// Tells a member what its responder has to say, if it has one and is in.
    pub(super) fn respond(&mut self, to: MemberId, say: impl FnOnce(&mut dyn Respond, &mut Vec<u8>)) {
        let Some(number) = self.connections.number(to) else { return };
        let ConnectionRecipient { responder: Some(responder), view, left: false, .. } = self.connections.at(number).1
        else {
            return;
        };
        match self.batch.encode_by(|out| say(responder.as_mut(), out)) {
            Ok(own) if own.is_empty() => {}
            Ok(own) => {
                self.batch.tell(view, own);
                self.touch(number);
            }
            Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
        }
    }

    pub(super) fn broadcast(&mut self, room: RoomId, except: impl Iterator<Item = MemberId> + Clone, event: &Event) {
        let is_excepted = |member: MemberId| except.clone().any(|other| other == member);
        let sequence = self.batch.sequence(event.number());
        for stream in self.subscriptions.streams(room) {
            self.batch.broadcast(stream, sequence, event);
        }
        for member in self.in_process_rooms.get(&room).into_iter().flatten() {
            let Some(mailbox) = self.in_process.get_mut(*member).filter(|_| !is_excepted(*member)) else { continue };
            match mailbox.say(event.clone()) {
                Ok(dropped) => self.counters.messages_skipped.add(dropped),
                Err(SendQueueFull) => self.failed.push((*member, CloseReason::TooSlow)),
            }
        }
        let answering = self.answering.filter(|member| !is_excepted(*member));
        for member in except {
            self.skip(member, sequence);
        }
        if let Some(member) = answering
            && self.connections.get_mut(member).is_some_and(|connections| connections.hears(room))
        {
            self.skip(member, sequence);
            self.tell(member, event);
        }
    }

    /// A member does not hear what has this sequence.
    fn skip(&mut self, member: MemberId, sequence: Sequence) {
        if let Some(number) = self.connections.number(member) {
            self.touch(number);
            self.connections.at(number).1.view.skip(sequence);
        }
    }
}
