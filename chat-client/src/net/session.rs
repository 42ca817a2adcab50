//! The sending side of an interactive session, which may use several connections one after the other.
//!
//! The session begins with plain lines. If the server supports JSON lines, each line that you type becomes a command
//! with an `id`, and the session keeps the command until the server has confirmed it. So no line is lost that you type
//! while there is no connection, or that was in transit when a connection broke. This module must not know what an
//! event means.
//!
//! The editor thread and the receiver thread share the session:
//!
//! 1. The editor thread waits in [`Session::wait_until_ready`], then sends what you type.
//! 2. The receiver thread calls [`Session::upgrade`] after the greeting, and [`Session::resume`] once your nickname and
//!    rooms are set up. Between these two calls, the session queues the lines that you type.
//! 3. When a connection breaks, the receiver thread calls [`Session::detach`], and [`Session::attach`] with the next
//!    one.

mod password;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use self::password::PasswordRequest;
pub(crate) use self::password::Readiness;
use super::line_sender::LineSender;
use crate::failure::Failure;
use crate::secret::Secret;

/// The sending side of an interactive session, which the editor thread and the receiver thread share.
#[derive(Debug)]
pub(crate) struct Session {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// The current connection, if there is one.
    sender: Option<LineSender>,
    /// The number of the current connection, from 0.
    connection: u64,
    /// Whether the client has asked for JSON lines on this connection.
    is_upgraded: bool,
    protocol: Protocol,
    /// The `id` of the last command that was sent or queued.
    last_id: u64,
    /// Lines that you typed and that the server has not confirmed.
    pending: VecDeque<PendingLine>,
    /// True once the first connection has set up your nickname and rooms. Always true if the server speaks plain lines.
    is_ready: bool,
    /// Whether the line editor has started, or is about to start.
    is_editing: bool,
    /// The server's password, if it is known.
    password: Option<Secret>,
    password_request: PasswordRequest,
}

/// How the session sends the lines that you type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// The session sends plain lines.
    Lines,
    /// The session sends JSON lines once your nickname and rooms are set up. Until then, it queues the lines.
    JsonPending,
    /// The session sends JSON lines.
    Json,
}

/// A line that you typed.
#[derive(Debug)]
struct PendingLine {
    id: u64,
    line: String,
    /// The room that was the current one when you typed the line.
    room: Option<String>,
    /// Whether the line was in transit when a connection broke, so that its result is unknown.
    is_uncertain: bool,
}

impl Session {
    pub(crate) fn new(sender: LineSender, password: Option<Secret>) -> Session {
        let state = State {
            sender: Some(sender),
            connection: 0,
            is_upgraded: false,
            protocol: Protocol::Lines,
            last_id: 0,
            pending: VecDeque::new(),
            is_ready: false,
            is_editing: false,
            password,
            password_request: PasswordRequest::None,
        };
        Session { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Sends or queues a line that you typed in `room`.
    ///
    /// Returns the `id` of its command if the server supports JSON lines.
    pub(crate) fn send(&self, line: &str, room: Option<&str>) -> Option<u64> {
        let mut state = self.lock();
        if state.protocol == Protocol::Lines {
            if let Some(sender) = &state.sender {
                sender.send(line);
            }
            return None;
        }
        state.last_id += 1;
        let pending = PendingLine {
            id: state.last_id,
            line: line.to_owned(),
            room: room.map(str::to_owned),
            is_uncertain: false,
        };
        if state.protocol == Protocol::Json {
            // The command does not name the room of the prompt, which may be out of date while a reply is in transit.
            state.send(&pending.command(None));
        }
        state.pending.push_back(pending);
        Some(state.last_id)
    }

    /// Returns whether the server supports JSON lines.
    pub(crate) fn speaks_json(&self) -> bool {
        self.lock().protocol != Protocol::Lines
    }

    /// Ends the wait of the editor thread in [`Session::wait_until_ready`].
    pub(crate) fn set_ready(&self) {
        self.lock().is_ready = true;
        self.changed.notify_all();
    }

    /// Asks the server to upgrade the connection to JSON lines. From now on, the session queues the lines that you
    /// type.
    pub(crate) fn upgrade(&self) {
        let mut state = self.lock();
        if let Some(sender) = &state.sender {
            sender.send("/json 1 lines");
        }
        state.protocol = Protocol::JsonPending;
        state.is_upgraded = true;
        self.changed.notify_all();
    }

    /// Returns the number of the current connection, from 0.
    pub(crate) fn connection(&self) -> u64 {
        self.lock().connection
    }

    /// Sends a command that you did not type, if there is a connection with JSON lines. Returns the command's `id`.
    pub(crate) fn request(&self, mut command: Value) -> u64 {
        let mut state = self.lock();
        state.last_id += 1;
        command["id"] = json!(state.last_id);
        if state.is_upgraded {
            state.send(&command);
        }
        state.last_id
    }

    /// Sends the queued lines, and from now on sends every line at once. The caller has set up your nickname and rooms.
    ///
    /// `delivered` contains the messages that you sent over the last connection and that are in the history, each with
    /// its room. A line that was in transit when that connection broke
    ///
    /// - is confirmed if it is in `delivered`;
    /// - is sent again if it is a message that is not in `delivered`;
    /// - is dropped and returned if it is a command: the server may have run it, and to run a command twice may be
    ///   worse than not to run it.
    pub(crate) fn resume(&self, mut delivered: Vec<(String, String)>) -> Vec<String> {
        let mut state = self.lock();
        state.protocol = Protocol::Json;
        state.is_ready = true;
        let mut dropped = Vec::new();
        state.pending.retain_mut(|pending| {
            if !std::mem::take(&mut pending.is_uncertain) {
                return true;
            }
            if let Some(at) = delivered.iter().position(|(room, line)| pending.matches(room, line)) {
                delivered.remove(at);
                return false;
            }
            let is_message = pending.is_message();
            if !is_message {
                dropped.push(std::mem::take(&mut pending.line));
            }
            is_message
        });
        for command in state.pending.iter().map(|pending| pending.command(pending.room.as_deref())).collect::<Vec<_>>()
        {
            state.send(&command);
        }
        self.changed.notify_all();
        dropped
    }

    /// Removes the command with this `id`, which the server has confirmed.
    pub(crate) fn confirm(&self, id: u64) {
        self.lock().pending.retain(|pending| pending.id != id);
        self.changed.notify_all();
    }

    /// Returns whether the command with this `id` is a `/quit` that you typed.
    pub(crate) fn is_quit(&self, id: u64) -> bool {
        self.lock().pending.iter().any(|pending| pending.id == id && is_quit(&pending.line))
    }

    /// Waits until the server has confirmed the command with this `id`, for at most `timeout`.
    pub(crate) fn wait_until_confirmed(&self, id: u64, timeout: Duration) {
        let is_pending = |state: &mut State| state.pending.iter().any(|pending| pending.id == id);
        drop(self.changed.wait_timeout_while(self.lock(), timeout, is_pending));
    }

    /// Drops the current connection after it was lost.
    pub(crate) fn detach(&self) {
        let mut state = self.lock();
        state.sender = None;
        self.changed.notify_all();
        state.is_upgraded = false;
        if state.protocol == Protocol::Json {
            state.protocol = Protocol::JsonPending;
            state.pending.iter_mut().for_each(|pending| pending.is_uncertain = true);
        }
    }

    /// Replaces the connection by a new one, which carries plain lines until [`Session::upgrade`].
    pub(crate) fn attach(&self, sender: LineSender) {
        let mut state = self.lock();
        state.sender = Some(sender);
        state.connection += 1;
    }

    /// Waits until all lines that you typed are sent, and ends the connection. Returns whether there was a connection.
    ///
    /// # Errors
    ///
    /// [`Failure::NotConnected`] if lines are queued for the next connection; [`Failure::NotSent`] if the server does
    /// not accept all lines within `timeout`; [`Failure::Disconnected`] if the connection broke.
    pub(crate) fn finish(&self, timeout: Duration) -> Result<bool, Failure> {
        // If a new connection is being set up, wait: it will send the queued lines.
        let is_resuming = |state: &mut State| state.sender.is_some() && state.has_unsent();
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, is_resuming);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let has_unsent = state.has_unsent();
        match state.sender.take() {
            _ if has_unsent => Err(Failure::NotConnected),
            Some(sender) => sender.finish(timeout).map(|()| true),
            None => Ok(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every update under this lock leaves the state consistent, so a panic elsewhere does not matter.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns whether a line other than `/quit` is queued for the next connection.
    fn has_unsent(&self) -> bool {
        self.protocol == Protocol::JsonPending && self.pending.iter().any(|pending| !is_quit(&pending.line))
    }

    fn send(&self, command: &Value) {
        if let Some(sender) = &self.sender {
            sender.send(&command.to_string());
        }
    }
}

impl PendingLine {
    /// Returns the line as a command for `room`, or for the current room if `room` is `None`.
    ///
    /// The server refuses the command if you are not in `room`, so no message reaches a room that you did not mean.
    fn command(&self, room: Option<&str>) -> Value {
        let mut command = json!({"command": "line", "line": self.line, "id": self.id});
        if let Some(room) = room {
            command["room"] = json!(room);
        }
        command
    }

    /// Returns whether the line is a message to a room, and not a command such as `/nick`.
    fn is_message(&self) -> bool {
        ["//", "/me "].iter().any(|prefix| self.line.starts_with(prefix)) || !self.line.starts_with('/')
    }

    /// Returns whether `line`, a message in the history of `room`, is this line.
    fn matches(&self, room: &str, line: &str) -> bool {
        let typed = if self.line.starts_with("//") { &self.line[1..] } else { &self.line };
        typed == line && self.room.as_deref().is_none_or(|own| own == room)
    }
}

/// Returns whether a line is the `/quit` command, in any case.
pub(crate) fn is_quit(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|command| command.eq_ignore_ascii_case("/quit"))
}

#[cfg(test)]
mod tests;
