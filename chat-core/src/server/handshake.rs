//! The handshake, in which a connection becomes a member: at once, or after the client has registered.
//!
//! During the handshake the hub does not know the connection, and only its session answers. This module must not know a
//! protocol's registration commands.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::bounded;

use super::buffer::Buffer;
use super::connection::{Connection, End, check_capacity, framing_end};
use super::nonblocking;
use crate::hub::JoinRequest;
use crate::hub::deadline;
use crate::hub::send_queue::SendQueue as _;
use crate::hub::{Joining, Outlet, Post};
use crate::model::command::{Command, CommandError};
use crate::model::event::{CloseReason, OwnEvent};
use crate::model::name::Name;
use crate::model::profile::Profile;
use crate::session::{Registration, Request, Session};

impl Connection {
    /// Registers the client with the hub as soon as the session returns a registration. Fails after the handshake
    /// timeout.
    pub(super) fn register(&mut self, buffer: &mut Buffer) -> Result<(), End> {
        let deadline = deadline::after(self.registry.limits().handshake_timeout);
        // Whether the buffer may hold another command, so that the session must decode before the thread reads.
        let mut has_more = false;
        loop {
            if let Some(registration) = self.with_session(|session| session.register())? {
                let reason = match self.check_password(&registration) {
                    Err(why) => CloseReason::Refused(why),
                    Ok(()) => match self.join_hub(registration)? {
                        Ok(name) => return self.begin(&name),
                        Err(reason) => reason,
                    },
                };
                let CloseReason::Refused(why) = &reason else { return Err(End::Refused(reason)) };
                let mut reply = Vec::new();
                let may_try_again = self.with_session(|session| session.refused(why, &mut reply))?;
                self.reply(&reply)?;
                if !may_try_again {
                    return Err(End::Refused(reason));
                }
                has_more = true;
            }
            if !has_more {
                self.fill_before(deadline, buffer)?;
            }
            has_more = self.decode_one(buffer)?;
        }
    }

    /// Calls the session. The session is the host application's code and may panic; a panic closes the connection.
    fn with_session<T>(&mut self, call: impl FnOnce(&mut dyn Session) -> T) -> Result<T, End> {
        let session = &mut *self.session;
        catch_unwind(AssertUnwindSafe(|| call(session))).map_err(|_| End::Closed(CloseReason::Panicked))
    }

    /// Checks the server's password. Once the client has given the right one, every later check succeeds.
    fn check_password(&mut self, registration: &Registration) -> Result<(), CommandError> {
        if self.has_password {
            return Ok(());
        }
        let checked = self.registry.check_password(self.peer.ip(), registration.password.as_ref());
        if let Err(CommandError::WrongPassword { .. }) = &checked {
            log::warn!("{} gave a wrong password", self.peer);
        }
        self.has_password = checked.is_ok();
        checked
    }

    /// Posts a join request to the hub, and waits for the answer: the member's name, or why the hub refuses it.
    fn join_hub(&mut self, registration: Registration) -> Result<Result<Name, CloseReason>, End> {
        let Registration { nick, user, real_name, begins_in_room, wants_history, keeps_lists, .. } = registration;
        let address = self.peer.ip();
        let request = JoinRequest {
            name: nick.map_or_else(|| Name::address(&self.peer.to_string()), Name::Nick),
            address: Some(address),
            room: self.registry.handle().home().filter(|_| begins_in_room).map(|home| home.name().clone()),
            may_be_nowhere: true,
            profile: Profile::new(user, self.registry.host(address), real_name),
            wants_history,
            keeps_lists,
        };
        let responder = self.with_session(|session| session.responder())?;
        let outlet =
            Outlet::Bytes { encoder: self.encoder.clone(), responder, send_queue: Arc::clone(&self.queue) as _ };
        let (answer, answered) = bounded(1);
        let joining = Joining { member: self.member, request, outlet, answer: Some(answer) };
        self.queue.hand_to_hub();
        let posted = self.registry.hub().post(Post::Join(Box::new(joining)));
        let answer = posted.ok().and_then(|()| answered.recv().ok()).ok_or(End::Done)?;
        if answer.is_err() {
            self.queue.take_back_from_hub();
        }
        Ok(answer)
    }

    /// Begins the membership after the hub has admitted the client.
    fn begin(&mut self, name: &Name) -> Result<(), End> {
        self.is_registered = true;
        let _ = self.queue.stream().set_read_timeout(None);
        if self.registry.is_stopping() {
            // The shutdown may have closed all members before this one joined.
            return Err(End::Closed(CloseReason::ShuttingDown));
        }
        self.with_session(|session| session.admitted(name))
    }

    /// Reads once, but does not wait past `deadline`.
    fn fill_before(&self, deadline: Instant, buffer: &mut Buffer) -> Result<(), End> {
        loop {
            if self.registry.is_stopping() {
                return Err(End::Closed(CloseReason::ShuttingDown));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(End::Closed(CloseReason::RegistrationTimeout));
            }
            let _ = self.queue.stream().set_read_timeout(Some(left));
            match buffer.fill(self.queue.stream()) {
                Ok(0) if self.registry.is_stopping() => {}
                Ok(0) => return Err(End::StreamEnded),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if Instant::now() < deadline {
                        return Err(End::Lost);
                    }
                }
                Err(_) => return Err(End::Lost),
            }
        }
    }

    /// Lets the session decode one command. Returns whether the buffer may hold another one.
    fn decode_one(&mut self, buffer: &mut Buffer) -> Result<bool, End> {
        self.wait_for_allowance()?;
        let (mut reply, mut input) = (Vec::new(), buffer.as_slice());
        let before = input.len();
        let session = &mut *self.session;
        let decoded = catch_unwind(AssertUnwindSafe(|| session.decode(&mut input, &mut reply)));
        let (rest, consumed) = (input.len(), before - input.len());
        buffer.keep_last(rest);
        self.rate.take(usize::from(!reply.is_empty()), consumed, true, Instant::now());
        self.reply(&reply)?;
        if let Some(upgrade) = self.with_session(|session| session.upgrade())? {
            self.encoder = upgrade.encoder;
        }
        match decoded {
            Ok(Ok(Some(Request { command: Command::Quit(_), .. }))) => return Err(End::Done),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(framing_end(&error)),
            Err(_) => return Err(End::Closed(CloseReason::Panicked)),
        }
        self.check_invalid_lines()?;
        check_capacity(buffer)?;
        Ok(consumed > 0 && !reply.is_empty())
    }

    /// Sends the session's reply. Fails if the socket does not take all of it at once.
    fn reply(&self, reply: &[u8]) -> Result<(), End> {
        if reply.is_empty() {
            return Ok(());
        }
        match nonblocking::send_bytes(self.queue.stream(), reply) {
            Ok(sent) if sent == reply.len() => Ok(()),
            Ok(_) => Err(End::Closed(CloseReason::TooSlow)),
            Err(_) => Err(End::Lost),
        }
    }

    /// Closes a connection that did not register, and sends the reason to the client.
    pub(super) fn reject(&self, end: End, buffer: &mut Buffer) {
        let counters = self.registry.hub().counters();
        let reason = match end {
            // The hub has counted all other refusals.
            End::Refused(CloseReason::Refused(why)) if why.is_about_password() => {
                let reason = CloseReason::Refused(why);
                counters.count_refused(&reason);
                Some(reason)
            }
            End::Refused(reason) => Some(reason),
            End::Closed(reason) => {
                counters.count_refused(&reason);
                Some(reason)
            }
            End::StreamEnded | End::Lost | End::Done => None,
        };
        let has_reason = reason.is_some();
        if let Some(reason) = reason {
            log::debug!("connection from {} did not register: {reason}", self.peer);
            self.queue.send_final(&self.encoder, &OwnEvent::Closed { reason }.into());
        }
        self.queue.close();
        if has_reason {
            self.discard_before(deadline::after(self.registry.limits().write_timeout), buffer);
        }
    }
}
