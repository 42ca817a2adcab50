//! The hub's engine: posts in, passes out.

mod audit_log;
mod delivery;
mod membership;
mod rooms;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crossbeam_channel::Sender;

use super::mailbox::Mailbox;
use super::recipients::{Seats, Wired};
use super::subscriptions::Audience;
use super::{Answer, Decision, Item, Joining, Post};
use crate::hub::batch::Pass;
use crate::hub::counters::Counters;
use crate::hub::send_queue::Closing;
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::limits::Limits;
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::HubOptions;
use crate::state::{Effect, Input, MemberId, Moment, RoomId, State};

/// A pass takes no more posts once it has gathered this many bytes, so that what was said first need not wait for all
/// that comes after.
const PASS_BYTES: usize = 256 * 1024;

/// A hub's state, its members' seats, and the pass that is being gathered. Who runs it is not its business.
pub(crate) struct Engine {
    limits: Limits,
    counters: Arc<Counters>,
    /// Of [`PASS_BYTES`], as many as a member who takes them in its own time may find waiting.
    pass_bytes: usize,
    state: State,
    /// When the post at hand was taken.
    now: Moment,
    /// Filled and emptied for each input; kept for its buffer.
    effects: Vec<Effect>,
    /// Whose command is at hand, if it has a responder: all that it is told of it, that tells.
    answering: Option<MemberId>,
    /// The one that the input at hand may admit.
    joining: Option<Box<Joining>>,
    /// What the program that the hub is in was answered to the order at hand.
    answered: Option<Event>,
    /// What it is to be told of its orders in this pass, once what followed from them is on its way.
    answers: Vec<(Sender<Answer>, Answer)>,
    pass: Pass,
    /// What was gathered was more than a pass should hold, and is delivered in part.
    overfull: bool,
    audience: Audience,
    wired: Seats<Wired>,
    /// The numbers of the seats that something in this pass may concern.
    touched: Vec<usize>,
    local: Seats<Mailbox>,
    /// Who of these is in which room.
    local_rooms: NumberMap<RoomId, Vec<MemberId>>,
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
    pub(crate) fn new(home: RoomName, options: HubOptions, counters: Arc<Counters>) -> Engine {
        let limits = options.limits.clone();
        Engine {
            state: State::new(home, options, SystemTime::now()),
            now: now(),
            pass_bytes: PASS_BYTES.min(limits.outbox / 4).max(1),
            limits,
            counters,
            effects: Vec::new(),
            answering: None,
            joining: None,
            answered: None,
            answers: Vec::new(),
            pass: Pass::default(),
            overfull: false,
            audience: Audience::default(),
            wired: Seats::new(),
            touched: Vec::new(),
            local: Seats::new(),
            local_rooms: NumberMap::default(),
            leaving: Vec::new(),
            barriers: Vec::new(),
            failed: Vec::new(),
            closing: VecDeque::new(),
            closing_full: membership::CLOSING,
        }
    }

    /// Whether the pass has gathered enough to be made.
    pub(super) fn is_full(&self) -> bool {
        self.overfull || self.pass.len() >= self.pass_bytes
    }

    /// Delivers in the middle of what a post leads to, if that is more than a pass should hold.
    fn deliver_if_full(&mut self) {
        if self.pass.len() >= self.pass_bytes {
            self.deliver();
            self.overfull = true;
        }
    }

    /// Ends the pass: delivers it, and gives up those who had time enough to hear their end.
    pub(super) fn finish_pass(&mut self) {
        self.deliver();
        self.overfull = false;
        self.expire();
        let (members, rooms, events) = self.state.counts();
        self.counters.members.set(members);
        self.counters.rooms.set(rooms);
        self.counters.events.set(events);
    }

    /// Whether somebody must leave because of the last pass.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Removes those who must leave because of the last pass; whether there were any.
    pub(super) fn remove_failed(&mut self) -> bool {
        if self.failed.is_empty() {
            return false;
        }
        self.now = now();
        for (member, reason) in std::mem::take(&mut self.failed) {
            self.deliver_if_full();
            self.apply(Input::Leave { member, reason });
        }
        true
    }

    /// Adds to the pass what follows from `post`.
    pub(crate) fn take(&mut self, post: Post) {
        self.now = now();
        match post {
            Post::Join(joining) => {
                let (member, newcomer) = (joining.member, Box::new(joining.newcomer.clone()));
                self.joining = Some(joining);
                self.apply(Input::Join { member, newcomer });
            }
            Post::Set(setting) => self.apply(Input::Set(setting)),
            Post::Decide(decision) => self.decide(*decision),
            Post::Packet { member, items } => self.take_items(member, items),
            Post::Leave { member, reason, last } => {
                let reset = self.wired.get_mut(member).is_some_and(|wired| wired.outbox.is_reset());
                let reason = match reason {
                    // The reader was told of an end, and may have taken half a line for a last one.
                    CloseReason::EndOfStream if reset => CloseReason::Lost,
                    reason => reason,
                };
                if !reset {
                    self.take_items(member, last);
                }
                self.apply(Input::Leave { member, reason });
            }
            Post::LeaveTogether { members, reason } => self.apply(Input::LeaveTogether { members, reason }),
        }
    }

    fn take_items(&mut self, member: MemberId, items: Vec<Item>) {
        // Most have none, and are not looked for twice for each of their lines.
        let mut responds = self.wired.get_mut(member).is_some_and(|wired| wired.responder.is_some());
        for item in items {
            // What one packet leads to may be more than a pass should hold. Whoever can't take it goes now, so that the
            // rest of its packet comes to nothing.
            self.deliver_if_full();
            self.remove_failed();
            match item {
                Item::Command(command) => {
                    if responds {
                        self.respond(member, |responder, _| responder.begin());
                        self.answering = Some(member);
                    }
                    self.apply(Input::Command { member, command });
                    if self.answering.take().is_some() {
                        self.respond(member, |responder, out| responder.done(out));
                    }
                }
                Item::Reply(bytes) => self.reply(member, &bytes),
                Item::Switch(switch) => {
                    responds |= switch.responder.is_some();
                    self.switch(member, *switch);
                }
            }
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = std::mem::take(&mut self.effects);
        self.state.apply(input, self.now, &mut effects);
        for effect in effects.drain(..) {
            // One input may concern thousands, and what follows from it be more than a pass should hold.
            self.deliver_if_full();
            match effect {
                Effect::Admit { member, name, room } => self.admit(member, name, room),
                Effect::Refuse { reason, .. } => self.refuse(reason),
                Effect::Enter { member, room } => self.enter(member, room),
                Effect::Turn { member, room } => self.turn(member, room),
                Effect::Exit { member, room } => self.exit(member, room),
                Effect::Tell { to, event } => {
                    audit_log::decision(event.kind());
                    if let EventKind::Refused { .. } = event.kind() {
                        self.counters.commands_refused.add(1);
                    }
                    match to[..] {
                        [to] => self.tell(to, &event),
                        _ => self.tell_all(&to, &event),
                    }
                }
                Effect::Echo { to, event } => self.echo(to, &event),
                Effect::Answer { event } => self.answered = Some(event),
                Effect::TellStats { to, number } => self.tell_stats(to, number),
                Effect::Broadcast { room, except, ignoring, event } => {
                    audit_log::decision(event.kind());
                    self.broadcast(room, except.into_iter().chain(ignoring), &event);
                }
                Effect::Remove { member, name, reason } => self.remove(member, &name, reason),
            }
        }
        self.effects = effects;
    }

    fn tell_stats(&mut self, to: Option<MemberId>, number: u64) {
        let event = Event::new(number, self.now.date, EventKind::Stats { stats: Box::new(self.counters.stats()) });
        match to {
            Some(member) => self.tell(member, &event),
            None => self.answered = Some(event),
        }
    }

    /// Something in this pass may concern the seat.
    fn touch(&mut self, number: usize) {
        touch(&mut self.wired, &mut self.touched, number);
    }

    fn decide(&mut self, Decision { room, order, answer }: Decision) {
        self.apply(Input::Order { room, order: Box::new(order) });
        let answered = match self.answered.take() {
            Some(event) => match event.kind() {
                EventKind::Refused { error } => Err(error.clone()),
                _ => Ok(Some(event)),
            },
            None => Ok(None),
        };
        self.answers.push((answer, answered));
    }

    /// Ends the pass: everybody is sent what it must hear of it.
    pub(crate) fn deliver(&mut self) {
        for &stream in self.pass.loud() {
            for &number in self.audience.readers(stream) {
                touch(&mut self.wired, &mut self.touched, number);
            }
        }
        let mut handed_out = 0;
        for &number in &self.touched {
            let (member, wired) = self.wired.at(number);
            if self.pass.is_broken() && wired.share.is_broken(&self.pass) {
                self.failed.push((member, CloseReason::Panicked));
            }
            if wired.send(&self.pass, 1, &mut handed_out).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        }
        for (_, mailbox) in self.local.iter_mut() {
            mailbox.flush();
        }
        // By now everybody has what was said before the first barrier, and after each, before the next.
        for run in std::mem::take(&mut self.barriers).chunk_by(|one, next| one == next) {
            self.deliver_barriers(run[0], run.len(), &mut handed_out);
        }
        self.counters.bytes_handed_out.add(handed_out);
        self.relieve();
        for number in self.touched.drain(..) {
            self.wired.at(number).1.clear();
        }
        self.pass.clear();
        for (member, reason) in std::mem::take(&mut self.leaving) {
            self.vacate(member, &reason);
        }
        for (asker, answer) in self.answers.drain(..) {
            // Whoever asked may have given up.
            let _ = asker.send(answer);
        }
    }

    /// Closes those for whom most waits, while more waits for all together than may; first those who are out already.
    fn relieve(&mut self) {
        while self.counters.bytes_waiting.get() > self.limits.outboxes as u64 {
            if self.give_up_a_closing() {
                continue;
            }
            let seats = self.wired.iter_mut().filter(|(_, wired)| !wired.failed);
            let slowest = seats.max_by_key(|(_, wired)| wired.outbox.waiting());
            let Some((member, wired)) = slowest.filter(|(_, wired)| wired.outbox.waiting() > 0) else { return };
            wired.failed = true;
            wired.outbox.abort(CloseReason::OutboxesFull);
            self.failed.push((member, CloseReason::OutboxesFull));
        }
    }

    /// Sends `member` its next `count` barriers, and what follows each of them.
    fn deliver_barriers(&mut self, member: MemberId, count: usize, handed_out: &mut usize) {
        if let Some(wired) = self.wired.get_mut(member) {
            if wired.send(&self.pass, count, handed_out).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        } else if let Some(mailbox) = self.local.get_mut(member) {
            (0..count).for_each(|_| mailbox.flush_barrier());
        }
    }
}

fn now() -> Moment {
    Moment { date: SystemTime::now(), instant: Instant::now() }
}

/// Notes that something in this pass may concern a seat.
fn touch(seats: &mut Seats<Wired>, touched: &mut Vec<usize>, number: usize) {
    if !std::mem::replace(&mut seats.at(number).1.touched, true) {
        touched.push(number);
    }
}

#[cfg(test)]
mod tests;
