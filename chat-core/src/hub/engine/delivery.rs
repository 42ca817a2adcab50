//! What members are told in a pass: one, several, or all in a room.

use std::ops::Range;

use super::Engine;
use crate::hub::batch::{EncoderPanicked, Stamp};
use crate::hub::mailbox::is_barrier;
use crate::hub::recipients::Wired;
use crate::hub::send_queue::TooSlow;
use crate::model::event::{CloseReason, Event};
use crate::session::{Encoder, Respond};
use crate::state::{MemberId, RoomId};

impl Engine {
    pub(super) fn tell(&mut self, to: MemberId, event: &Event) {
        let barrier = is_barrier(event);
        let told = if let Some(number) = self.wired.number(to) {
            self.touch(number);
            let Wired { encoder, responder, share, .. } = self.wired.at(number).1;
            let encoded = match responder {
                Some(responder) => self.pass.encode_by(|out| responder.tell(event, out)),
                None => self.pass.encode(encoder, event),
            };
            let pass = &self.pass;
            let told =
                encoded.map(|own| if barrier { pass.tell_in_new_part(share, own) } else { pass.tell(share, own) });
            told.map_err(|EncoderPanicked| CloseReason::Panicked)
        } else if let Some(mailbox) = self.local.get_mut(to) {
            let told = mailbox.tell(event.clone());
            told.map(|left_out| self.counters.messages_skipped.add(left_out)).map_err(|TooSlow| CloseReason::TooSlow)
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
            let Some(number) = self.wired.number(to).filter(|_| self.answering != Some(to)) else {
                self.tell(to, event);
                continue;
            };
            self.touch(number);
            let Wired { encoder, share, .. } = self.wired.at(number).1;
            let known = encoded.iter().find(|(other, _)| other == encoder).map(|(_, own)| own.clone());
            let own = known.unwrap_or_else(|| {
                let own = self.pass.encode(encoder, event);
                encoded.push((encoder.clone(), own.clone()));
                own
            });
            match own {
                Ok(own) => self.pass.tell(share, own),
                Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
            }
        }
    }

    pub(super) fn reply(&mut self, to: MemberId, bytes: &[u8]) {
        if let Some(number) = self.wired.number(to)
            && !self.wired.at(number).1.left
        {
            self.touch(number);
            self.pass.tell_bytes(&mut self.wired.at(number).1.share, bytes);
        }
    }

    /// Lets a member who speaks have what its responder makes of it.
    pub(super) fn echo(&mut self, to: MemberId, event: &Event) {
        self.respond(to, |responder, out| responder.echo(event, out));
    }

    /// Tells a member what its responder has to say, if it has one and is in.
    pub(super) fn respond(&mut self, to: MemberId, say: impl FnOnce(&mut dyn Respond, &mut Vec<u8>)) {
        let Some(number) = self.wired.number(to) else { return };
        let Wired { responder: Some(responder), share, left: false, .. } = self.wired.at(number).1 else { return };
        match self.pass.encode_by(|out| say(responder.as_mut(), out)) {
            Ok(own) if own.is_empty() => {}
            Ok(own) => {
                self.pass.tell(share, own);
                self.touch(number);
            }
            Err(EncoderPanicked) => self.failed.push((to, CloseReason::Panicked)),
        }
    }

    pub(super) fn broadcast(&mut self, room: RoomId, except: impl Iterator<Item = MemberId> + Clone, event: &Event) {
        let is_excepted = |member: MemberId| except.clone().any(|other| other == member);
        let stamp = self.pass.stamp(event.number());
        for stream in self.audience.streams(room) {
            self.pass.broadcast(stream, stamp, event);
        }
        for member in self.local_rooms.get(&room).into_iter().flatten() {
            let Some(mailbox) = self.local.get_mut(*member).filter(|_| !is_excepted(*member)) else { continue };
            match mailbox.say(event.clone()) {
                Ok(left_out) => self.counters.messages_skipped.add(left_out),
                Err(TooSlow) => self.failed.push((*member, CloseReason::TooSlow)),
            }
        }
        let answering = self.answering.filter(|member| !is_excepted(*member));
        for member in except {
            self.skip(member, stamp);
        }
        if let Some(member) = answering
            && self.wired.get_mut(member).is_some_and(|wired| wired.hears(room))
        {
            self.skip(member, stamp);
            self.tell(member, event);
        }
    }

    /// A member does not hear what has this stamp.
    fn skip(&mut self, member: MemberId, stamp: Stamp) {
        if let Some(number) = self.wired.number(member) {
            self.touch(number);
            self.wired.at(number).1.share.skip(stamp);
        }
    }
}
