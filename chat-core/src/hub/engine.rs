//! The hub's engine: posts in, batches out.

mod audit_log;
mod delivery;
mod membership;
mod rooms;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crossbeam_channel::Sender;

use super::mailbox::Mailbox;
use super::recipients::{ConnectionRecipient, RecipientTable};
use super::subscriptions::Subscriptions;
use super::{Answer, Decision, Item, Joining, Post};
use crate::hub::batch::Batch;
use crate::hub::counters::Counters;
use crate::hub::send_queue::ClosingQueue;
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::limits::Limits;
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::HubOptions;
use crate::state::{Effect, Input, MemberId, Moment, RoomId, State};

/// A batch takes no more posts once it has gathered this many bytes, so that what was said first need not wait for all
/// that comes after.
const BATCH_BYTES: usize = 256 * 1024;

/// A hub's state, its members' recipients, and the batch that is being gathered. Who runs it is not its business.
pub(crate) struct Engine {
    limits: Limits,
    counters: Arc<Counters>,
    /// Of [`BATCH_BYTES`], as many as a member who takes them in its own time may find waiting.
    batch_bytes: usize,
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
    /// What it is to be told of its orders in this batch, once what followed from them is on its way.
    answers: Vec<(Sender<Answer>, Answer)>,
    batch: Batch,
    /// What was gathered was more than a batch should hold, and is delivered in part.
    overfull: bool,
    subscriptions: Subscriptions,
    connections: RecipientTable<ConnectionRecipient>,
    /// The numbers of the recipients that something in this batch may concern.
    touched: Vec<usize>,
    in_process: RecipientTable<Mailbox>,
    /// Who of these is in which room.
    in_process_rooms: NumberMap<RoomId, Vec<MemberId>>,
    /// Those who left in this batch, and keep their recipients until they have heard what came before.
    leaving: Vec<(MemberId, CloseReason)>,
    /// Those who are answered in this batch by something that must come behind all that was said before it; in order.
    barriers: Vec<MemberId>,
    /// Those who must leave because of this batch.
    failed: Vec<(MemberId, CloseReason)>,
    /// Those who still have something to hear, and until when they may.
    closing: VecDeque<(Instant, ClosingQueue)>,
    /// How many of them may be there before those who are done are looked for.
    closing_full: usize,
}

impl Engine {
    pub(crate) fn new(home: Option<RoomName>, options: HubOptions, counters: Arc<Counters>) -> Engine {
        let limits = options.limits.clone();
        Engine {
            state: State::build(home, options, SystemTime::now()),
            now: now(),
            batch_bytes: BATCH_BYTES.min(limits.send_queue / 4).max(1),
            limits,
            counters,
            effects: Vec::new(),
            answering: None,
            joining: None,
            answered: None,
            answers: Vec::new(),
            batch: Batch::default(),
            overfull: false,
            subscriptions: Subscriptions::default(),
            connections: RecipientTable::new(),
            touched: Vec::new(),
            in_process: RecipientTable::new(),
            in_process_rooms: NumberMap::default(),
            leaving: Vec::new(),
            barriers: Vec::new(),
            failed: Vec::new(),
            closing: VecDeque::new(),
            closing_full: membership::CLOSING,
        }
    }

    /// Whether the batch has gathered enough to be made.
    pub(super) fn is_full(&self) -> bool {
        self.overfull || self.batch.len() >= self.batch_bytes
    }

    /// Delivers in the middle of what a post leads to, if that is more than a batch should hold.
    fn deliver_if_full(&mut self) {
        if self.batch.len() >= self.batch_bytes {
            self.deliver();
            self.overfull = true;
        }
    }

    /// Ends the batch: delivers it, and gives up those who had time enough to hear their end.
    pub(super) fn finish_batch(&mut self) {
        self.deliver();
        self.overfull = false;
        self.expire();
        let (members, rooms, events) = self.state.counts();
        self.counters.members.set(members);
        self.counters.rooms.set(rooms);
        self.counters.events.set(events);
    }

    /// Whether somebody must leave because of the last batch.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Removes those who must leave because of the last batch; whether there were any.
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

    /// Adds to the batch what follows from `post`.
    pub(crate) fn take(&mut self, post: Post) {
        self.now = now();
        match post {
            Post::Join(joining) => {
                let (member, request) = (joining.member, Box::new(joining.request.clone()));
                self.joining = Some(joining);
                self.apply(Input::Join { member, request });
            }
            Post::Set(setting) => self.apply(Input::Set(setting)),
            Post::Decide(decision) => self.decide(*decision),
            Post::Packet { member, items } => self.take_items(member, items),
            Post::Leave { member, reason, last } => {
                let reset =
                    self.connections.get_mut(member).is_some_and(|connections| connections.send_queue.is_reset());
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
        let mut responds = self.connections.get_mut(member).is_some_and(|connections| connections.responder.is_some());
        for item in items {
            // What one packet leads to may be more than a batch should hold. Whoever can't take it goes now, so that the
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
                Item::Upgrade(upgrade) => {
                    responds |= upgrade.responder.is_some();
                    self.upgrade(member, *upgrade);
                }
            }
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = std::mem::take(&mut self.effects);
        self.state.apply(input, self.now, &mut effects);
        for effect in effects.drain(..) {
            // One input may concern thousands, and what follows from it be more than a batch should hold.
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
                Effect::ReplyStats { to, number } => self.tell_stats(to, number),
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

    /// Something in this batch may concern the recipient.
    fn touch(&mut self, number: usize) {
        touch(&mut self.connections, &mut self.touched, number);
    }

    fn decide(&mut self, Decision { room, moderation, answer }: Decision) {
        self.apply(Input::Moderate { room, moderation: Box::new(moderation) });
        let answered = match self.answered.take() {
            Some(event) => match event.kind() {
                EventKind::Refused { error } => Err(error.clone()),
                _ => Ok(Some(event)),
            },
            None => Ok(None),
        };
        self.answers.push((answer, answered));
    }

    /// Ends the batch: everybody is sent what it must hear of it.
    pub(crate) fn deliver(&mut self) {
        for &stream in self.batch.loud() {
            for &number in self.subscriptions.readers(stream) {
                touch(&mut self.connections, &mut self.touched, number);
            }
        }
        let mut handed_out = 0;
        for &number in &self.touched {
            let (member, connections) = self.connections.at(number);
            if self.batch.is_broken() && connections.view.is_broken(&self.batch) {
                self.failed.push((member, CloseReason::Panicked));
            }
            if connections.send(&self.batch, 1, &mut handed_out).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        }
        for (_, mailbox) in self.in_process.iter_mut() {
            mailbox.flush();
        }
        // By now everybody has what was said before the first barrier, and after each, before the next.
        for run in std::mem::take(&mut self.barriers).chunk_by(|one, next| one == next) {
            self.deliver_barriers(run[0], run.len(), &mut handed_out);
        }
        self.counters.bytes_handed_out.add(handed_out);
        self.shed_load();
        for number in self.touched.drain(..) {
            self.connections.at(number).1.clear();
        }
        self.batch.clear();
        for (member, reason) in std::mem::take(&mut self.leaving) {
            self.vacate(member, &reason);
        }
        for (asker, answer) in self.answers.drain(..) {
            // Whoever asked may have given up.
            let _ = asker.send(answer);
        }
    }

    /// Closes those for whom most waits, while more waits for all together than may; first those who are out already.
    fn shed_load(&mut self) {
        while self.counters.bytes_waiting.get() > self.limits.send_queue_total as u64 {
            if self.abort_slowest_closing() {
                continue;
            }
            let recipients = self.connections.iter_mut().filter(|(_, connections)| !connections.failed);
            let slowest = recipients.max_by_key(|(_, connections)| connections.send_queue.waiting());
            let Some((member, connections)) = slowest.filter(|(_, connections)| connections.send_queue.waiting() > 0)
            else {
                return;
            };
            connections.failed = true;
            connections.send_queue.abort(CloseReason::SendQueueTotal);
            self.failed.push((member, CloseReason::SendQueueTotal));
        }
    }

    /// Sends `member` its next `count` barriers, and what follows each of them.
    fn deliver_barriers(&mut self, member: MemberId, count: usize, handed_out: &mut usize) {
        if let Some(connections) = self.connections.get_mut(member) {
            if connections.send(&self.batch, count, handed_out).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        } else if let Some(mailbox) = self.in_process.get_mut(member) {
            (0..count).for_each(|_| mailbox.flush_barrier());
        }
    }
}

fn now() -> Moment {
    Moment { date: SystemTime::now(), instant: Instant::now() }
}

/// Notes that something in this batch may concern a recipient.
fn touch(recipients: &mut RecipientTable<ConnectionRecipient>, touched: &mut Vec<usize>, number: usize) {
    if !std::mem::replace(&mut recipients.at(number).1.touched, true) {
        touched.push(number);
    }
}

#[cfg(test)]
mod tests;
