//! The state of the conversation: your nickname and rooms, the other members, and the last event that you saw.
//!
//! This module must not know the terminal or the network: it receives events and returns texts.

mod render;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::settings::Settings;
use crate::net::event::Event;
use crate::net::sanitize::printable;

/// The largest number of member names that the client keeps for completion.
const MAX_NAMES: usize = 200;

/// The client's knowledge of the conversation, and the display settings.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) settings: Settings,
    /// Your nickname, and whether you have chosen it.
    nick: Option<(String, bool)>,
    /// The current room, to which the server sends your messages.
    room: Option<String>,
    /// The rooms that you have joined. The last one is the room that you joined last.
    rooms: Vec<String>,
    /// The key that you typed for each room, indexed by the room's name in lower case.
    keys: BTreeMap<String, String>,
    /// The members' names for completion: first the members who have spoken, the latest speaker first, then the others.
    names: VecDeque<String>,
    /// The names of the server's commands and of the client's own commands, for completion.
    commands: Vec<String>,
    /// The number of the last event that you saw.
    last_event: u64,
    /// The time when the server started, from its `hello`. Event numbers restart when the server restarts.
    server_start: String,
}

/// A handle to the view, which the receiver thread, the editor thread and the painter share.
#[derive(Clone, Debug)]
pub(crate) struct SharedView(Arc<Mutex<View>>);

impl SharedView {
    pub(crate) fn new(settings: Settings) -> SharedView {
        SharedView(Arc::new(Mutex::new(View::new(settings))))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, View> {
        // Every update under this lock leaves the view consistent, so a panic elsewhere does not matter.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rendering of an event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The lines to show; none if the event is not shown.
    pub(crate) lines: Vec<String>,
    /// Whether the terminal bell rings.
    pub(crate) rings: bool,
}

impl View {
    pub(crate) fn new(settings: Settings) -> View {
        View {
            settings,
            nick: None,
            room: None,
            rooms: Vec::new(),
            keys: BTreeMap::new(),
            names: VecDeque::new(),
            commands: Vec::new(),
            last_event: 0,
            server_start: String::new(),
        }
    }

    /// Returns the prompt: your nickname and current room, or `<You> ` until you have chosen a nickname.
    pub(crate) fn prompt(&self) -> String {
        match (&self.nick, &self.room) {
            (Some((nick, true)), Some(room)) => format!("<{nick} {room}> "),
            (Some((nick, true)), None) => format!("<{nick}> "),
            _ => "<You> ".to_owned(),
        }
    }

    /// Returns your nickname, even if the server gave it to you.
    pub(crate) fn nick(&self) -> Option<&str> {
        self.nick.as_ref().map(|(nick, _)| nick.as_str())
    }

    /// Returns your nickname if you have chosen it.
    pub(crate) fn chosen_nick(&self) -> Option<&str> {
        self.nick.as_ref().filter(|(_, is_chosen)| *is_chosen).map(|(nick, _)| nick.as_str())
    }

    /// Returns the rooms that you have joined. The last one is the room that you joined last.
    pub(crate) fn rooms(&self) -> &[String] {
        &self.rooms
    }

    /// Returns the current room.
    pub(crate) fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Remembers the key in a `/join ROOM KEY` line.
    pub(crate) fn remember_key(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let is_join = words.next().is_some_and(|command| command.eq_ignore_ascii_case("/join"));
        if let (true, Some(room), Some(key)) = (is_join, words.next(), words.next()) {
            self.keys.insert(room.to_lowercase(), key.to_owned());
        }
    }

    /// Returns the key that you typed for `room`.
    pub(crate) fn key(&self, room: &str) -> Option<&str> {
        self.keys.get(&room.to_lowercase()).map(String::as_str)
    }

    /// Returns the number of the last event that you saw.
    pub(crate) fn last_event(&self) -> u64 {
        self.last_event
    }

    /// Updates the view by an event, and renders the event.
    pub(crate) fn receive(&mut self, event: &Event) -> Rendered {
        self.update(event);
        self.mark_seen(event);
        self.render(event)
    }

    /// Records that you saw an event.
    pub(crate) fn mark_seen(&mut self, event: &Event) {
        self.last_event = self.last_event.max(event.number("number").unwrap_or(0));
    }

    /// Resets the view for a new connection, which begins with the server's `hello`.
    ///
    /// Returns false if the server has restarted since the last connection.
    pub(crate) fn start_connection(&mut self, hello: &Event) -> bool {
        self.nick = Some((hello.text("name"), false));
        self.rooms = hello.str("room").map(printable).into_iter().collect();
        self.room = self.rooms.last().cloned();
        let server_start = hello.str("since").unwrap_or("").to_owned();
        let is_same = server_start == self.server_start;
        if !is_same {
            self.last_event = 0;
        }
        self.server_start = server_start;
        is_same
    }

    /// Sets the commands for completion: those in `help`, the server's reply to `/help all`, and the client's own
    /// commands.
    pub(crate) fn set_commands(&mut self, help: &[String]) {
        let names = help.iter().filter_map(|line| line.strip_prefix("* /")?.split([' ', '/']).next());
        let own = ["bell", "quiet"].into_iter().map(str::to_owned);
        self.commands = names.filter(|name| !name.is_empty()).map(str::to_owned).chain(own).collect();
        self.commands.sort_unstable();
    }

    /// Updates your nickname, your rooms and the other members by an event.
    pub(crate) fn update(&mut self, event: &Event) {
        let room = || event.str("room").map(printable);
        match event.kind() {
            "named" => self.nick = Some((event.text("name"), true)),
            "entered" => {
                if let Some(room) = room() {
                    self.rooms.retain(|other| *other != room);
                    self.rooms.push(room.clone());
                    self.room = Some(room);
                }
            }
            "exited" | "kicked" => {
                let left = room();
                self.rooms.retain(|other| Some(other) != left.as_ref());
                self.room = event.str("current").map(printable);
            }
            "said" | "said_to" | "told" if event.is_own() => {}
            "said" | "said_to" | "told" => self.add_speaker(event.text("from")),
            "joined" => self.add_member(event.text("name")),
            "members" => event.members().for_each(|name| self.add_member(name)),
            "past" => event.events().iter().for_each(|event| self.add_speaker(event.text("from"))),
            "renamed" => {
                let (old, new) = (event.text("old"), event.text("new"));
                self.names.iter_mut().filter(|name| **name == old).for_each(|name| name.clone_from(&new));
            }
            "left" => {
                let name = event.text("name");
                self.names.retain(|other| *other != name);
            }
            _ => {}
        }
        self.names.truncate(MAX_NAMES);
    }

    fn add_member(&mut self, name: String) {
        if !self.names.contains(&name) && Some(name.as_str()) != self.nick() {
            self.names.push_back(name);
        }
    }

    fn add_speaker(&mut self, name: String) {
        if Some(name.as_str()) == self.nick() {
            return;
        }
        self.names.retain(|other| *other != name);
        self.names.push_front(name);
    }

    /// Completes the last word of `line`. Returns the byte position of that word, and its possible completions.
    pub(crate) fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let start = line.rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let word = &line[start..];
        let matches = |name: &str| name.to_lowercase().starts_with(&word.to_lowercase());
        if let Some(command) = word.strip_prefix('/').filter(|_| start == 0) {
            let commands = self.commands.iter().filter(|name| name.starts_with(command));
            return (start, commands.map(|name| format!("/{name} ")).collect());
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        if word.starts_with('#') {
            let rooms = self.rooms.iter().filter(|room| matches(room));
            return (start, rooms.map(|room| format!("{room} ")).collect());
        }
        // A name at the beginning of a line addresses that member, so a colon follows it.
        let suffix = if start == 0 { ": " } else { " " };
        let names = self.names.iter().filter(|name| matches(name));
        (start, names.map(|name| format!("{name}{suffix}")).collect())
    }
}

#[cfg(test)]
mod tests;
