//! The hub's engine: applies posts to the state, gathers the effects in a batch, and delivers the batch.
//!
//! This module must not know which thread runs it, nor what a socket is.

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
use crate::model::event::{CloseReason, Event, EventKind, Reply};
use crate::model::limits::Limits;
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::HubOptions;
use crate::session::{Request, Respond};
use crate::state::{Effect, Input, MemberId, Moment, RoomId, State};

/// The size at which a batch is full, in bytes. This bounds how long the first message of a batch waits for the last.
const BATCH_BYTES: usize = 256 * 1024;

/// A hub's state, its members' recipients, and the current batch.
pub(crate) struct Engine {
    limits: Limits,
    counters: Arc<Counters>,
    /// The size at which the batch is full, in bytes: [`BATCH_BYTES`], or a quarter of the send-queue limit if that is
    /// less. So one batch does not fill the queue of a member that reads steadily.
    batch_bytes: usize,
    state: State,
    /// The time at which the engine took the current post.
    now: Moment,
    /// The effects of the current input; empty between inputs. The engine keeps it to reuse its memory.
    effects: Vec<Effect>,
    /// The member whose request the engine executes, and the responder of the request, if it has one. The responder
    /// encodes every event that this member receives because of the request.
    responding: Option<(MemberId, Box<dyn Respond>)>,
    /// The join request that the current input may admit or refuse.
    joining: Option<Box<Joining>>,
    /// The state's answer to the current decision of the host application.
    host_answer: Option<Event>,
    /// Answers to the host application. The engine sends them after it has delivered the effects of the decisions.
    host_answers: Vec<(Sender<Answer>, Answer)>,
    batch: Batch,
    /// Whether the batch got full in the middle of a post, so that the engine delivered it early.
    overflowed: bool,
    subscriptions: Subscriptions,
    connections: RecipientTable<ConnectionRecipient>,
    /// The indices of the connections whose views this batch may have changed.
    dirty: Vec<usize>,
    in_process: RecipientTable<Mailbox>,
    /// The in-process members of each room.
    in_process_rooms: NumberMap<RoomId, Vec<MemberId>>,
    /// Members that left during this batch. Their recipients stay until the batch is delivered.
    leaving: Vec<(MemberId, CloseReason)>,
    /// The receivers of this batch's barriers (see [`is_barrier`](super::mailbox::is_barrier)), in order.
    barriers: Vec<MemberId>,
    /// Members that failed during this batch. The engine removes them in the next one.
    failed: Vec<(MemberId, CloseReason)>,
    /// Send queues that still write their last bytes, each with its deadline; in the order of the deadlines.
    closing: VecDeque<(Instant, ClosingQueue)>,
    /// The length of `closing` at which the engine removes the queues that are done.
    closing_sweep_len: usize,
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
            responding: None,
            joining: None,
            host_answer: None,
            host_answers: Vec::new(),
            batch: Batch::default(),
            overflowed: false,
            subscriptions: Subscriptions::default(),
            connections: RecipientTable::new(),
            dirty: Vec::new(),
            in_process: RecipientTable::new(),
            in_process_rooms: NumberMap::default(),
            leaving: Vec::new(),
            barriers: Vec::new(),
            failed: Vec::new(),
            closing: VecDeque::new(),
            closing_sweep_len: membership::MIN_CLOSING_SWEEP_LEN,
        }
    }

    /// Returns whether the batch takes no more posts.
    pub(super) fn is_full(&self) -> bool {
        self.overflowed || self.batch.len() >= self.batch_bytes
    }

    /// Delivers the batch in the middle of a post, if the batch is full.
    fn deliver_if_full(&mut self) {
        if self.batch.len() >= self.batch_bytes {
            self.deliver();
            self.overflowed = true;
        }
    }

    /// Ends the batch: delivers the batch, and aborts the closing queues whose deadline has passed.
    pub(super) fn finish_batch(&mut self) {
        self.deliver();
        self.overflowed = false;
        self.expire();
    }

    /// Sets the gauges of the counters. Before the engine answers a thread, it sets them, so that this thread sees the
    /// effects of its own request in [`Stats`](crate::hub::Stats).
    fn update_gauges(&self) {
        let (members, rooms, events) = self.state.counts();
        self.counters.members.set(members);
        self.counters.rooms.set(rooms);
        self.counters.events.set(events);
    }

    /// Returns whether members failed in the last batch and are not removed yet.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Removes the members that failed in the last batch. Returns whether there were any.
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

    /// Applies `post`, and adds its effects to the batch.
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
                let reset = self.connections.get_mut(member).is_some_and(|recipient| recipient.send_queue.is_reset());
                let reason = match reason {
                    // The system reported the reset to the hub's write, and only an end of the stream to the reader. So
                    // the reader may have decoded half a line as the last one: `last` is dropped below.
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
        for item in items {
            // The effects of one packet may exceed a batch. A member that can't take them is removed now, so that the
            // rest of its packet has no effect.
            self.deliver_if_full();
            self.remove_failed();
            match item {
                Item::Request(Request { command, responder }) => {
                    self.responding = responder.map(|responder| (member, responder));
                    self.apply(Input::Command { member, command });
                    self.respond(member, |responder, out| responder.done(out));
                    self.responding = None;
                }
                Item::Reply(bytes) => self.reply(member, &bytes),
                Item::Upgrade(upgrade) => self.upgrade(member, *upgrade),
            }
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = std::mem::take(&mut self.effects);
        self.state.apply(input, self.now, &mut effects);
        for effect in effects.drain(..) {
            // One input may have thousands of effects, more than a batch holds.
            self.deliver_if_full();
            match effect {
                Effect::Admit { member, name, room } => self.admit(member, name, room),
                Effect::Refuse { reason, .. } => self.refuse(reason),
                Effect::Enter { member, room } => self.enter(member, room),
                Effect::Turn { member, room } => self.set_current_room(member, room),
                Effect::Exit { member, room } => self.exit(member, room),
                Effect::Unicast { to, event } => {
                    if let EventKind::Reply(Reply::Refused { .. }) = event.kind() {
                        self.counters.commands_refused.add(1);
                    }
                    self.unicast(to, &event);
                }
                Effect::Multicast { to, event } => {
                    audit_log::decision(event.kind());
                    self.multicast(&to, &event);
                }
                Effect::Echo { to, event } => self.echo(to, &event),
                Effect::Answer { event } => self.host_answer = Some(event),
                Effect::ReplyStats { to, number } => self.reply_stats(to, number),
                Effect::Broadcast { room, except, ignoring, event } => {
                    audit_log::decision(event.kind());
                    self.broadcast(room, except.into_iter().chain(ignoring), &event);
                }
                Effect::Remove { member, name, reason } => self.remove(member, &name, reason),
            }
        }
        self.effects = effects;
    }

    /// Sends the hub's statistics to a member, or to the host application if `to` is `None`.
    fn reply_stats(&mut self, to: Option<MemberId>, number: u64) {
        let event = Event::new(number, self.now.date, Reply::Stats { stats: Box::new(self.counters.stats()) });
        match to {
            Some(member) => self.unicast(member, &event),
            None => self.host_answer = Some(event),
        }
    }

    /// Marks a connection whose view this batch may have changed.
    fn mark_dirty(&mut self, index: usize) {
        mark_dirty(&mut self.connections, &mut self.dirty, index);
    }

    /// Applies a decision of the host application, and keeps the answer until the batch is delivered.
    fn decide(&mut self, Decision { room, moderation, answer }: Decision) {
        self.apply(Input::Moderate { room, moderation: Box::new(moderation) });
        let result = match self.host_answer.take() {
            Some(event) => match event.kind() {
                EventKind::Reply(Reply::Refused { error }) => Err(error.clone()),
                _ => Ok(Some(event)),
            },
            None => Ok(None),
        };
        self.host_answers.push((answer, result));
    }

    /// Delivers the batch, and clears it for the next one:
    ///
    /// 1. Sends every connection and mailbox its view of the batch, up to its first barrier.
    /// 2. Sends each barrier and the part of the view after it, in the order of the barriers. So when the engine sends
    ///    a barrier, every member has all messages from before it.
    /// 3. Removes the recipients of members that left in this batch. They have received their views.
    /// 4. Sends the host application its answers last, after all effects of its decisions.
    pub(crate) fn deliver(&mut self) {
        self.update_gauges();
        for &stream in self.batch.active_streams() {
            for &index in self.subscriptions.subscribers(stream) {
                mark_dirty(&mut self.connections, &mut self.dirty, index);
            }
        }
        let mut handed_out = 0;
        for &index in &self.dirty {
            let (member, recipient) = self.connections.at(index);
            if self.batch.is_broken() && recipient.view.is_broken(&self.batch) {
                self.failed.push((member, CloseReason::Panicked));
            }
            if recipient.send(&self.batch, 1, &mut handed_out).is_err() {
                self.failed.push((member, CloseReason::TooSlow));
            }
        }
        for (_, mailbox) in self.in_process.iter_mut() {
            mailbox.flush();
        }
        // Consecutive barriers of one member go out in one write.
        for run in std::mem::take(&mut self.barriers).chunk_by(|one, next| one == next) {
            self.deliver_barriers(run[0], run.len(), &mut handed_out);
        }
        self.counters.bytes_handed_out.add(handed_out);
        self.shed_load();
        for index in self.dirty.drain(..) {
            self.connections.at(index).1.clear();
        }
        self.batch.clear();
        for (member, reason) in std::mem::take(&mut self.leaving) {
            self.remove_recipient(member, &reason);
        }
        for (sender, answer) in self.host_answers.drain(..) {
            // The calling thread may have stopped waiting.
            let _ = sender.send(answer);
        }
    }

    /// Aborts the longest send queues until all queues together are within the total limit. Aborts closing queues
    /// first.
    fn shed_load(&mut self) {
        while self.counters.bytes_waiting.get() > self.limits.send_queue_total as u64 {
            if self.abort_slowest_closing() {
                continue;
            }
            let recipients = self.connections.iter_mut().filter(|(_, recipient)| !recipient.failed);
            let slowest = recipients.max_by_key(|(_, recipient)| recipient.send_queue.queued_bytes());
            let Some((member, recipient)) = slowest.filter(|(_, recipient)| recipient.send_queue.queued_bytes() > 0)
            else {
                return;
            };
            recipient.failed = true;
            recipient.send_queue.abort(CloseReason::SendQueueTotal);
            self.failed.push((member, CloseReason::SendQueueTotal));
        }
    }

    /// Sends to `member` its next `count` barriers, each with the part of the view after it.
    fn deliver_barriers(&mut self, member: MemberId, count: usize, handed_out: &mut usize) {
        if let Some(recipient) = self.connections.get_mut(member) {
            if recipient.send(&self.batch, count, handed_out).is_err() {
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

/// Marks a recipient whose view this batch may have changed.
fn mark_dirty(recipients: &mut RecipientTable<ConnectionRecipient>, dirty: &mut Vec<usize>, index: usize) {
    if !std::mem::replace(&mut recipients.at(index).1.dirty, true) {
        dirty.push(index);
    }
}

#[cfg(test)]
mod tests;
