//! The way to the server of somebody who chats, over all the connections that it takes.
//!
//! It begins with plain lines. If the server turns out to speak JSON lines, each line that was typed is a command with a
//! number, and is kept until the server says that it is done: so nothing that is typed while there is no connection is
//! lost, nor what was on its way when one broke.

mod password;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use self::password::Settled;
use self::password::Wanted;
use crate::failure::Failure;
use crate::net::outgoing::Outgoing;
use crate::secret::Secret;

/// What the editor's thread and the reading thread share.
#[derive(Debug)]
pub(crate) struct Link {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// The connection, if there is one.
    outgoing: Option<Outgoing>,
    /// How many connections there were before this one.
    connection: u64,
    /// This connection has been told to speak JSON lines.
    is_switched: bool,
    speaks: Speaks,
    /// How many commands there were.
    sent: u64,
    /// What was typed and is not done.
    typed: VecDeque<Typed>,
    /// One is who and where one wants to be for the first time, or the server is one that knows nothing of that.
    is_settled: bool,
    /// The first prompt has been painted, or is about to be.
    is_editing: bool,
    /// The server's password, as far as it is known.
    password: Option<Secret>,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Lines,
    /// JSON lines; but what is typed waits until one is who and where one was.
    JsonSoon,
    Json,
}

/// A line that was typed.
#[derive(Debug)]
struct Typed {
    id: u64,
    line: String,
    /// The room in which that was meant to be, if one was in any.
    room: Option<String>,
    /// It was on its way when a connection broke: what became of it is not known.
    in_doubt: bool,
}

impl Link {
    pub(crate) fn new(outgoing: Outgoing, password: Option<Secret>) -> Link {
        let state = State {
            connection: 0,
            is_switched: false,
            outgoing: Some(outgoing),
            speaks: Speaks::Lines,
            sent: 0,
            typed: VecDeque::new(),
            is_settled: false,
            is_editing: false,
            password,
            wanted: Wanted::No,
        };
        Link { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Sends a line that was typed in this room, now or as soon as that can be; the number of the command, if it is one.
    pub(crate) fn send(&self, line: &str, room: Option<&str>) -> Option<u64> {
        let mut state = self.lock();
        if state.speaks == Speaks::Lines {
            if let Some(outgoing) = &state.outgoing {
                outgoing.send(line);
            }
            return None;
        }
        state.sent += 1;
        let typed = Typed { id: state.sent, line: line.to_owned(), room: room.map(str::to_owned), in_doubt: false };
        if state.speaks == Speaks::Json {
            // Not the room of the prompt, which may be behind: an answer may be on its way.
            state.post(&typed.command(None));
        }
        state.typed.push_back(typed);
        Some(state.sent)
    }

    /// Whether the server speaks JSON lines.
    pub(crate) fn speaks_json(&self) -> bool {
        self.lock().speaks != Speaks::Lines
    }

    /// There is nothing more to wait for before the first prompt.
    pub(crate) fn settled(&self) {
        self.lock().is_settled = true;
        self.changed.notify_all();
    }

    /// From here on both speak JSON lines.
    pub(crate) fn switch(&self) {
        let mut state = self.lock();
        if let Some(outgoing) = &state.outgoing {
            outgoing.send("/json 1 lines");
        }
        state.speaks = Speaks::JsonSoon;
        state.is_switched = true;
        self.changed.notify_all();
    }

    /// Which connection this is.
    pub(crate) fn connection(&self) -> u64 {
        self.lock().connection
    }

    /// Asks for something by itself, if there is a connection for that; the number of the command.
    pub(crate) fn ask(&self, mut command: Value) -> u64 {
        let mut state = self.lock();
        state.sent += 1;
        command["id"] = json!(state.sent);
        if state.is_switched {
            state.post(&command);
        }
        state.sent
    }

    /// What was typed may go from here on; also what waited for that. Of what was on its way when the connection broke,
    /// what has been `said`, with the room in which it was, is done, and what is no words is returned: nobody knows whether it is done, and to do it twice
    /// may be worse than not at all.
    pub(crate) fn go_on(&self, mut said: Vec<(String, String)>) -> Vec<String> {
        let mut state = self.lock();
        state.speaks = Speaks::Json;
        state.is_settled = true;
        let mut unknown = Vec::new();
        state.typed.retain_mut(|typed| {
            if !std::mem::take(&mut typed.in_doubt) {
                return true;
            }
            if let Some(at) = said.iter().position(|(room, line)| typed.says(room, line)) {
                said.remove(at);
                return false;
            }
            let is_words =
                ["//", "/me "].iter().any(|begin| typed.line.starts_with(begin)) || !typed.line.starts_with('/');
            if !is_words {
                unknown.push(std::mem::take(&mut typed.line));
            }
            is_words
        });
        for command in state.typed.iter().map(|typed| typed.command(typed.room.as_deref())).collect::<Vec<_>>() {
            state.post(&command);
        }
        self.changed.notify_all();
        unknown
    }

    /// A command is done.
    pub(crate) fn done(&self, id: u64) {
        self.lock().typed.retain(|typed| typed.id != id);
        self.changed.notify_all();
    }

    /// Whether this command is a line by which you leave.
    pub(crate) fn is_farewell(&self, id: u64) -> bool {
        self.lock().typed.iter().any(|typed| typed.id == id && is_farewell(&typed.line))
    }

    /// Waits until a command is done, but not for long.
    pub(crate) fn wait_for(&self, id: u64, patience: Duration) {
        let is_open = |state: &mut State| state.typed.iter().any(|typed| typed.id == id);
        drop(self.changed.wait_timeout_while(self.lock(), patience, is_open));
    }

    /// There is no connection any more.
    pub(crate) fn lose(&self) {
        let mut state = self.lock();
        state.outgoing = None;
        self.changed.notify_all();
        state.is_switched = false;
        if state.speaks == Speaks::Json {
            state.speaks = Speaks::JsonSoon;
            state.typed.iter_mut().for_each(|typed| typed.in_doubt = true);
        }
    }

    /// There is another connection, which speaks plain lines at first.
    pub(crate) fn resume(&self, outgoing: Outgoing) {
        let mut state = self.lock();
        state.outgoing = Some(outgoing);
        state.connection += 1;
    }

    /// Waits until all that was typed is sent, and ends the connection; returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`Failure::NotConnected`], if something waits for a connection; [`Failure::NotSent`], if something is not sent in
    /// `patience`; [`Failure::Disconnected`], if the connection broke.
    pub(crate) fn finish(&self, patience: Duration) -> Result<bool, Failure> {
        // A connection that has just come back takes what was typed before.
        let is_resuming = |state: &mut State| state.outgoing.is_some() && state.has_unsent();
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_resuming);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let is_unsent = state.has_unsent();
        match state.outgoing.take() {
            _ if is_unsent => Err(Failure::NotConnected),
            Some(outgoing) => outgoing.finish(patience).map(|()| true),
            None => Ok(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock leaves it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether something but a farewell waits for a connection.
    fn has_unsent(&self) -> bool {
        self.speaks == Speaks::JsonSoon && self.typed.iter().any(|typed| !is_farewell(&typed.line))
    }

    fn post(&self, command: &Value) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.send(&command.to_string());
        }
    }
}

impl Typed {
    /// The command, where it matters with the room: what is meant for one room must not be heard in another.
    fn command(&self, room: Option<&str>) -> Value {
        let mut command = json!({"command": "line", "line": self.line, "id": self.id});
        if let Some(room) = room {
            command["room"] = json!(room);
        }
        command
    }

    /// Whether this is what was said in this room.
    fn says(&self, room: &str, line: &str) -> bool {
        let typed = if self.line.starts_with("//") { &self.line[1..] } else { &self.line };
        typed == line && self.room.as_deref().is_none_or(|own| own == room)
    }
}

/// Whether one leaves by this line; commands do not depend on case.
pub(crate) fn is_farewell(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|command| command.eq_ignore_ascii_case("/quit"))
}

#[cfg(test)]
mod tests;
