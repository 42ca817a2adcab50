//! Who comes in, who goes out, and who may still hear the end.

use std::sync::Arc;
use std::time::Instant;

use super::{Engine, audit_log};
use crate::hub::deadline;
use crate::hub::recipients::ConnectionRecipient;
use crate::hub::send_queue::SendQueueHandle;
use crate::hub::{Joining, Outlet};
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::name::{Name, RoomName};
use crate::state::MemberId;

/// So many who have left are kept at least before those who are done are looked for.
pub(super) const CLOSING: usize = 64;

impl Engine {
    pub(super) fn admit(&mut self, member: MemberId, name: Name, room: Option<RoomName>) {
        let Joining { outlet, answer, .. } = *self.joining.take().expect("only one who is joining is admitted");
        match outlet {
            Outlet::Bytes { encoder, responder, send_queue } => {
                self.connections
                    .insert(member, ConnectionRecipient::new(encoder, responder, SendQueueHandle::new(send_queue)));
                self.welcome(member, name.clone(), room);
            }
            Outlet::Events(mailbox) => self.in_process.insert(member, mailbox),
        }
        log::info!("{name} came in");
        if let Some(answer) = answer {
            let _ = answer.send(Ok(name));
        }
    }

    /// Tells one who is in that it is.
    pub(super) fn welcome(&mut self, member: MemberId, name: Name, room: Option<RoomName>) {
        // It is not an event of the hub: it has the number of the last one that was.
        let (_, _, last) = self.state.counts();
        let (since, motd) = (self.state.made(), Arc::clone(self.state.motd()));
        self.tell(member, &Event::new(last, self.now.date, EventKind::Welcome { name, room, since, motd }));
    }

    pub(super) fn refuse(&mut self, reason: CloseReason) {
        let Joining { request, answer, .. } = *self.joining.take().expect("only one who is joining is refused");
        audit_log::refusal(&request.name, &reason);
        self.counters.refuse(&reason);
        if let Some(answer) = answer {
            let _ = answer.send(Err(reason));
        }
    }

    pub(super) fn remove(&mut self, member: MemberId, name: &Name, reason: CloseReason) {
        audit_log::departure(name, &reason);
        self.counters.close(&reason);
        self.vacate_after_batch(member, reason);
    }

    /// Lets a member hear what came before, and nothing after.
    fn vacate_after_batch(&mut self, member: MemberId, reason: CloseReason) {
        if let Some(recipient) = self.connections.get_mut(member) {
            recipient.left = true;
        }
        self.leaving.push((member, reason));
    }

    /// Takes away the recipient of one who has heard all.
    pub(super) fn vacate(&mut self, member: MemberId, reason: &CloseReason) {
        self.in_process.remove(member);
        let Some(ConnectionRecipient { send_queue, failed, .. }) = self.connections.remove(member) else { return };
        if failed || *reason == CloseReason::TooSlow {
            send_queue.abort(CloseReason::TooSlow);
            return;
        }
        let send_queue = send_queue.close();
        if self.closing.len() >= self.closing_full {
            self.closing.retain(|(_, send_queue)| !send_queue.is_done());
            self.closing_full = CLOSING.max(2 * self.closing.len());
        }
        self.closing.push_back((deadline::after(self.limits.write_timeout), send_queue));
    }

    /// Ends the one of those who only hear their end for whom most waits; whether there was one.
    pub(super) fn abort_slowest_closing(&mut self) -> bool {
        let slowest = self.closing.iter().map(|(_, send_queue)| (send_queue.waiting(), send_queue));
        let Some((1.., send_queue)) = slowest.max_by_key(|(waiting, _)| *waiting) else { return false };
        send_queue.abort(CloseReason::SendQueueTotal);
        true
    }

    /// When to look again for those who take long to hear their end.
    pub(in crate::hub) fn deadline(&self) -> Option<Instant> {
        self.closing.front().map(|&(deadline, _)| deadline)
    }

    /// Gives up those who had time enough to hear the end.
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
