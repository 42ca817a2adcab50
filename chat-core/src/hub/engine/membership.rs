//! Admits and removes members, and lets the send queues of removed members drain.
//!
//! This module must not decide who may join or must leave: the state has done so.

use std::sync::Arc;
use std::time::Instant;

use super::{Engine, audit_log};
use crate::hub::deadline;
use crate::hub::recipients::ConnectionRecipient;
use crate::hub::send_queue::SendQueueHandle;
use crate::hub::{Joining, Outlet};
use crate::model::event::{CloseReason, Event, OwnEvent};
use crate::model::name::{Name, RoomName};
use crate::state::MemberId;

/// The least number of closing queues at which the engine looks for finished ones.
pub(super) const MIN_CLOSING_SWEEP_LEN: usize = 64;

impl Engine {
    /// Gives a new member its recipient, and answers its join request.
    ///
    /// # Panics
    ///
    /// If the current input is no join request.
    pub(super) fn admit(&mut self, member: MemberId, name: Name, room: Option<RoomName>) {
        let Joining { outlet, answer, .. } = *self.joining.take().expect("only a join request is admitted");
        match outlet {
            Outlet::Bytes { encoder, responder, send_queue } => {
                self.connections
                    .insert(member, ConnectionRecipient::new(encoder, responder, SendQueueHandle::new(send_queue)));
                self.welcome(member, name.clone(), room);
            }
            Outlet::Events(mailbox) => self.in_process.insert(member, mailbox),
        }
        log::info!("{name} joined");
        self.update_gauges();
        if let Some(answer) = answer {
            let _ = answer.send(Ok(name));
        }
    }

    /// Sends the welcome event to a member.
    pub(super) fn welcome(&mut self, member: MemberId, name: Name, room: Option<RoomName>) {
        // A welcome is not an event of the hub, so it carries the number of the hub's latest event.
        let (_, _, last) = self.state.counts();
        let (since, motd) = (self.state.made(), Arc::clone(self.state.motd()));
        self.unicast(member, &Event::new(last, self.now.date, OwnEvent::Welcome { name, room, since, motd }));
    }

    /// Refuses the current join request.
    ///
    /// # Panics
    ///
    /// If the current input is no join request.
    pub(super) fn refuse(&mut self, reason: CloseReason) {
        let Joining { request, answer, .. } = *self.joining.take().expect("only a join request is refused");
        audit_log::refusal(&request.name, &reason);
        self.counters.count_refused(&reason);
        if let Some(answer) = answer {
            let _ = answer.send(Err(reason));
        }
    }

    /// Logs and counts that a member left, and removes its recipient after the current batch.
    pub(super) fn remove(&mut self, member: MemberId, name: &Name, reason: CloseReason) {
        audit_log::departure(name, &reason);
        self.counters.count_closed(&reason);
        if let Some(recipient) = self.connections.get_mut(member) {
            recipient.left = true;
        }
        self.leaving.push((member, reason));
    }

    /// Removes the recipient of a member that has left. Closes its send queue, or aborts the queue if the member was
    /// too slow. The engine calls this when the batch is delivered.
    pub(super) fn remove_recipient(&mut self, member: MemberId, reason: &CloseReason) {
        self.in_process.remove(member);
        let Some(ConnectionRecipient { send_queue, failed, .. }) = self.connections.remove(member) else { return };
        if failed || *reason == CloseReason::TooSlow {
            send_queue.abort(CloseReason::TooSlow);
            return;
        }
        let send_queue = send_queue.close();
        if self.closing.len() >= self.closing_sweep_len {
            self.closing.retain(|(_, send_queue)| !send_queue.is_done());
            self.closing_sweep_len = MIN_CLOSING_SWEEP_LEN.max(2 * self.closing.len());
        }
        self.closing.push_back((deadline::after(self.limits.write_timeout), send_queue));
    }

    /// Aborts the longest closing queue. Returns false if no closing queue has queued bytes.
    pub(super) fn abort_slowest_closing(&mut self) -> bool {
        let slowest = self.closing.iter().map(|(_, send_queue)| (send_queue.queued_bytes(), send_queue));
        let Some((1.., send_queue)) = slowest.max_by_key(|(queued_bytes, _)| *queued_bytes) else { return false };
        send_queue.abort(CloseReason::SendQueueTotal);
        true
    }

    /// Returns the deadline of the first closing queue.
    pub(in crate::hub) fn deadline(&self) -> Option<Instant> {
        self.closing.front().map(|&(deadline, _)| deadline)
    }

    /// Aborts the closing queues whose deadline has passed.
    pub(in crate::hub) fn expire(&mut self) {
        while self
            .closing
            .front()
            .is_some_and(|(deadline, send_queue)| send_queue.is_done() || *deadline <= Instant::now())
        {
            let (_, send_queue) = self.closing.pop_front().expect("there is a first");
            send_queue.abort(CloseReason::TooSlow);
        }
    }
}
