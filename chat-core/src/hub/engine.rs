//! The hub's engine: posts in, passes out.

use std::collections::VecDeque;
use std::time::Instant;

use super::seats::{Mailbox, Seats, Wired, is_barrier};
use super::{Answer, Item, Joining, Outlet, Post};
use crate::event::{CloseReason, Event};
use crate::limits::Limits;
use crate::name::Name;
use crate::outbox::{Closing, TooSlow};
use crate::pass::EncoderPanicked;
use crate::state::{Effect, Input, MemberId, State};
use crate::streams::Streams;

/// A pass takes no more posts once it has gathered this many bytes, so that what was said first need not wait for all
/// that comes after.
const PASS_BYTES: usize = 256 * 1024;
/// So many who have left are kept at least before those who are done are looked for.
const CLOSING: usize = 64;

/// A hub's state, its members' seats, and the pass that is being gathered. Who runs it is not its business.
pub(crate) struct Engine {
    limits: Limits,
    /// Of [`PASS_BYTES`], as many as a member who takes them in its own time may find waiting.
    pass_bytes: usize,
    state: State,
    /// Filled and emptied for each input; kept for its buffer.
    effects: Vec<Effect>,
    /// The one that the input at hand may admit.
    joining: Option<Box<Joining>>,
    streams: Streams,
    wired: Seats<Wired>,
    local: Seats<Mailbox>,
    /// Those who left in this pass, and keep their seats until they have heard what came before.
    leaving: Vec<(MemberId, CloseReason)>,
    /// Those who are answered in this pass by something that must come behind all that was said before it; in order.
    barriers: Vec<MemberId>,
    /// Those who must leave because of this pass.
    failed: Vec<(MemberId, CloseReason)>,
    /// Those who still have something to hear, and until when they may.
    closing: VecDeque<(Instant, Closing)>,
    /// How many of them may be there before those who are done are looked for.
    closing_full: usize,
}

impl Engine {
    pub(crate) fn new(limits: Limits) -> Engine {
        Engine {
            state: State::new(limits.clone()),
            pass_bytes: PASS_BYTES.min(limits.outbox / 4),
            limits,
            effects: Vec::new(),
            joining: None,
            streams: Streams::default(),
            wired: Seats::new(),
            local: Seats::new(),
            leaving: Vec::new(),
            barriers: Vec::new(),
            failed: Vec::new(),
            closing: VecDeque::new(),
            closing_full: CLOSING,
        }
    }

    /// Whether the pass has gathered enough to be made.
    pub(super) fn is_full(&self) -> bool {
        self.streams.len() >= self.pass_bytes
    }

    /// Ends the pass: delivers it, and gives up those who had time enough to hear their end.
    pub(super) fn finish_pass(&mut self) {
        self.deliver();
        self.expire();
    }

    /// Whether somebody must leave because of the last pass.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Removes those who must leave because of the last pass; whether there were any.
    pub(super) fn remove_failed(&mut self) -> bool {
        let failed = std::mem::take(&mut self.failed);
        let any = !failed.is_empty();
        for (member, reason) in failed {
            self.apply(Input::Leave { member, reason });
        }
        any
    }

    /// When to look again for those who take long to hear their end.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.closing.front().map(|&(deadline, _)| deadline)
    }

    /// Adds to the pass what follows from `post`.
    pub(crate) fn take(&mut self, post: Post) {
        match post {
            Post::Join(joining) => {
                let (member, name) = (joining.member, joining.name.clone());
                self.joining = Some(joining);
                self.apply(Input::Join { member, name });
            }
            Post::Packet { member, items } => self.take_items(member, items),
            Post::Leave { member, reason, last } => {
                let reset = self.wired.get_mut(member).is_some_and(|wired| wired.outbox.is_reset());
                if reset {
                    self.apply(Input::Leave { member, reason: CloseReason::Lost });
                } else {
                    self.take_items(member, last);
                    self.apply(Input::Leave { member, reason });
                }
            }
            Post::LeaveTogether { members, reason } => self.apply(Input::LeaveTogether { members, reason }),
        }
    }

    fn take_items(&mut self, member: MemberId, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Command(command) => self.apply(Input::Command { member, command }),
                Item::Reply(bytes) => self.reply(member, &bytes),
            }
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = std::mem::take(&mut self.effects);
        self.state.apply(input, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::Admit { member, name } => self.admit(member, &name),
                Effect::Refuse { member } => self.refuse(member),
                Effect::Tell { to, event } => self.tell(to, event),
                Effect::Broadcast { except, event } => self.broadcast(except, &event),
                Effect::Remove { member, name, reason } => self.remove(member, &name, reason),
            }
        }
        self.effects = effects;
    }

    fn admit(&mut self, member: MemberId, name: &Name) {
        let Joining { outlet, answer, .. } = *self.joining.take().expect("only one who is joining is admitted");
        match outlet {
            Outlet::Bytes { encoder, outbox } => {
                let stream = self.streams.enter(encoder);
                let share = self.streams.get_mut(stream).share_from_here();
                self.wired.insert(member, Wired::new(stream, share, outbox));
            }
            Outlet::Events(mailbox) => self.local.insert(member, mailbox),
        }
        log::info!("{name} entered room");
        if let Some(answer) = answer {
            let _ = answer.send(Answer::Admitted);
        }
    }

    fn refuse(&mut self, member: MemberId) {
        let Joining { name, answer, .. } = *self.joining.take().expect("only one who is joining is refused");
        log::debug!("member {} was refused: {name} is taken", member.0);
        if let Some(answer) = answer {
            let _ = answer.send(Answer::NameTaken);
        }
    }

    fn tell(&mut self, to: MemberId, event: Event) {
        let barrier = is_barrier(&event);
        let told = if let Some(Wired { stream, share, .. }) = self.wired.get_mut(to) {
            let stream = self.streams.get_mut(*stream);
            let told = if barrier { stream.tell_in_new_part(share, &event) } else { stream.tell(share, &event) };
            told.map_err(|EncoderPanicked| CloseReason::Panicked)
        } else if let Some(mailbox) = self.local.get_mut(to) {
            mailbox.put(event).map_err(|TooSlow| CloseReason::TooSlow)
        } else {
            return;
        };
        match told {
            Ok(()) if barrier => self.barriers.push(to),
            Ok(()) => {}
            Err(reason) => self.failed.push((to, reason)),
        }
    }

    fn reply(&mut self, to: MemberId, bytes: &[u8]) {
        if let Some(Wired { stream, share, .. }) = self.wired.get_mut(to) {
            self.streams.get_mut(*stream).tell_bytes(share, bytes);
        }
    }

    fn broadcast(&mut self, except: Option<MemberId>, event: &Event) {
        // The speaker's own stream is the only one where somebody must not hear it.
        let mut speaker = except.and_then(|member| self.wired.get_mut(member));
        for (number, stream) in self.streams.iter_mut() {
            let at = stream.broadcast(event);
            if let Some(speaker) = speaker.as_mut().filter(|speaker| speaker.stream == number) {
                speaker.share.skip(at);
            }
        }
        for (member, mailbox) in self.local.iter_mut() {
            if Some(member) != except && mailbox.put(event.clone()).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        }
    }

    fn remove(&mut self, member: MemberId, name: &Name, reason: CloseReason) {
        match &reason {
            CloseReason::TooSlow => log::warn!("{name} was closed: {reason}"),
            CloseReason::Panicked => log::error!("{name} was closed: {reason}"),
            _ => log::info!("{name} left: {reason}"),
        }
        if let Some(Wired { stream, share, .. }) = self.wired.get_mut(member) {
            self.streams.get(*stream).end_here(share);
        }
        self.leaving.push((member, reason));
    }

    /// Ends the pass: everybody is sent what it must hear of it.
    pub(crate) fn deliver(&mut self) {
        for (member, wired) in self.wired.iter_mut() {
            let stream = self.streams.get(wired.stream);
            if stream.is_broken() {
                self.failed.push((member, CloseReason::Panicked));
            }
            if wired.send(stream, 1).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        }
        for (_, mailbox) in self.local.iter_mut() {
            mailbox.flush();
        }
        // By now everybody has what was said before the first barrier, and after each, before the next.
        for run in std::mem::take(&mut self.barriers).chunk_by(|one, next| one == next) {
            self.deliver_barriers(run[0], run.len());
        }
        for (_, wired) in self.wired.iter_mut() {
            wired.clear();
        }
        self.streams.clear();
        for (member, reason) in std::mem::take(&mut self.leaving) {
            self.vacate(member, &reason);
        }
    }

    /// Sends `member` its next `count` barriers, and what follows each of them.
    fn deliver_barriers(&mut self, member: MemberId, count: usize) {
        if let Some(wired) = self.wired.get_mut(member) {
            if wired.send(self.streams.get(wired.stream), count).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        } else if let Some(mailbox) = self.local.get_mut(member) {
            (0..count).for_each(|_| mailbox.flush_barrier());
        }
    }

    /// Takes away the seat of one who has heard all.
    fn vacate(&mut self, member: MemberId, reason: &CloseReason) {
        self.local.remove(member);
        let Some(Wired { stream, outbox, failed, .. }) = self.wired.remove(member) else { return };
        self.streams.leave(stream);
        if failed || *reason == CloseReason::TooSlow {
            outbox.abort(CloseReason::TooSlow);
            return;
        }
        let outbox = outbox.close();
        if self.closing.len() >= self.closing_full {
            self.closing.retain(|(_, outbox)| !outbox.is_done());
            self.closing_full = CLOSING.max(2 * self.closing.len());
        }
        self.closing.push_back((Instant::now() + self.limits.stall, outbox));
    }

    /// Gives up those who had time enough to hear the end.
    pub(super) fn expire(&mut self) {
        while self.closing.front().is_some_and(|(deadline, outbox)| outbox.is_done() || *deadline <= Instant::now()) {
            let (_, outbox) = self.closing.pop_front().expect("there is a first");
            outbox.abort(CloseReason::TooSlow);
        }
    }
}

#[cfg(test)]
mod tests;
