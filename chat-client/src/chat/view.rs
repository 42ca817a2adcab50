//! What somebody in a terminal sees of what happens: who and where one is, and each event as lines.
//!
//! Pure: it knows neither the terminal nor the network.

mod lines;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::net::wire::{Event, printable};

/// So many of those who spoke are remembered for completion.
const PEOPLE: usize = 200;

/// What one has chosen.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) colors: bool,
    /// How times are shown (strftime); empty for not at all.
    pub(crate) time_format: String,
    pub(crate) bell: Bell,
    /// Who comes and goes is not shown.
    pub(crate) quiet: bool,
}

/// When the terminal rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bell {
    Off,
    /// When one is spoken to.
    #[default]
    Mentions,
    /// Whenever somebody speaks.
    All,
}

/// What is known of oneself and of the others.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) settings: Settings,
    /// What one is called, and whether one has chosen that.
    name: Option<(String, bool)>,
    /// The room in which one speaks.
    room: Option<String>,
    /// The rooms in which one is.
    rooms: Vec<String>,
    /// The keys with which one has entered rooms, or tried to.
    keys: BTreeMap<String, String>,
    /// Those who spoke, the latest first; then others who are there.
    people: VecDeque<String>,
    /// What can be asked of the server.
    commands: Vec<String>,
    /// The number of the last event, of the start of the server that this was.
    last: u64,
    since: String,
}

/// The view that those who read, edit and paint share.
#[derive(Clone, Debug)]
pub(crate) struct SharedView(Arc<Mutex<View>>);

impl SharedView {
    pub(crate) fn new(settings: Settings) -> SharedView {
        SharedView(Arc::new(Mutex::new(View::new(settings))))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, View> {
        // Nothing under this lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an event looks like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) lines: Vec<String>,
    pub(crate) rings: bool,
}

impl View {
    pub(crate) fn new(settings: Settings) -> View {
        View {
            settings,
            name: None,
            room: None,
            rooms: Vec::new(),
            keys: BTreeMap::new(),
            people: VecDeque::new(),
            commands: Vec::new(),
            last: 0,
            since: String::new(),
        }
    }

    /// What stands before what one types: who and where one is.
    pub(crate) fn prompt(&self) -> String {
        match (&self.name, &self.room) {
            (Some((name, true)), Some(room)) => format!("<{name} {room}> "),
            (Some((name, true)), None) => format!("<{name}> "),
            _ => "<You> ".to_owned(),
        }
    }

    /// What one is called.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|(name, _)| name.as_str())
    }

    /// The name that one has chosen.
    pub(crate) fn chosen_name(&self) -> Option<&str> {
        self.name.as_ref().filter(|(_, chosen)| *chosen).map(|(name, _)| name.as_str())
    }

    pub(crate) fn rooms(&self) -> &[String] {
        &self.rooms
    }

    /// The room in which one speaks.
    pub(crate) fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Remembers the key with which a room is entered, if that is what is typed.
    pub(crate) fn remember_key(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let is_join = words.next().is_some_and(|command| command.eq_ignore_ascii_case("/join"));
        if let (true, Some(room), Some(key)) = (is_join, words.next(), words.next()) {
            self.keys.insert(room.to_lowercase(), key.to_owned());
        }
    }

    /// The key with which a room was entered.
    pub(crate) fn key(&self, room: &str) -> Option<&str> {
        self.keys.get(&room.to_lowercase()).map(String::as_str)
    }

    /// The number of the last event that was seen.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Takes an event in; what is to be shown of it.
    pub(crate) fn heard(&mut self, event: &Event) -> Shown {
        self.learn(event);
        self.saw(event);
        self.show(event)
    }

    /// Takes down that an event was seen.
    pub(crate) fn saw(&mut self, event: &Event) {
        self.last = self.last.max(event.number("number").unwrap_or(0));
    }

    /// Begins anew with a connection, of which this is the first event; whether what was seen before is of the same server.
    pub(crate) fn begin(&mut self, hello: &Event) -> bool {
        self.name = Some((hello.text("name"), false));
        self.rooms = hello.str("room").map(printable).into_iter().collect();
        self.room = self.rooms.last().cloned();
        let since = hello.str("since").unwrap_or("").to_owned();
        let is_same = since == self.since;
        if !is_same {
            self.last = 0;
        }
        self.since = since;
        is_same
    }

    /// What can be asked of the server, as its help tells it.
    pub(crate) fn learn_commands(&mut self, help: &[String]) {
        let names = help.iter().filter_map(|line| line.strip_prefix("* /")?.split([' ', '/']).next());
        let own = ["bell", "quiet"].into_iter().map(str::to_owned);
        self.commands = names.filter(|name| !name.is_empty()).map(str::to_owned).chain(own).collect();
        self.commands.sort_unstable();
    }

    /// What the event says about who and where one is.
    pub(crate) fn learn(&mut self, event: &Event) {
        let room = || event.str("room").map(printable);
        match event.kind() {
            "named" => self.name = Some((event.text("name"), true)),
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
            "said" | "said_to" | "told" => self.speaks(event.text("from")),
            "joined" => self.is_there(event.text("name")),
            "members" => event.members().for_each(|name| self.is_there(name)),
            "past" => event.events().iter().for_each(|event| self.speaks(event.text("from"))),
            "renamed" => {
                let (old, new) = (event.text("old"), event.text("new"));
                self.people.iter_mut().filter(|name| **name == old).for_each(|name| name.clone_from(&new));
            }
            "left" => {
                let name = event.text("name");
                self.people.retain(|other| *other != name);
            }
            _ => {}
        }
        self.people.truncate(PEOPLE);
    }

    fn is_there(&mut self, name: String) {
        if !self.people.contains(&name) && Some(name.as_str()) != self.name() {
            self.people.push_back(name);
        }
    }

    fn speaks(&mut self, name: String) {
        if Some(name.as_str()) == self.name() {
            return;
        }
        self.people.retain(|other| *other != name);
        self.people.push_front(name);
    }

    /// What the word at the end of `line` may become: where it begins, and the whole words.
    pub(crate) fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let start = line.rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let word = &line[start..];
        let begins = |name: &str| name.to_lowercase().starts_with(&word.to_lowercase());
        if let Some(command) = word.strip_prefix('/').filter(|_| start == 0) {
            let fit = self.commands.iter().filter(|name| name.starts_with(command));
            return (start, fit.map(|name| format!("/{name} ")).collect());
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        if word.starts_with('#') {
            let fit = self.rooms.iter().filter(|room| begins(room));
            return (start, fit.map(|room| format!("{room} ")).collect());
        }
        // At the beginning of a line one speaks to somebody.
        let behind = if start == 0 { ": " } else { " " };
        let fit = self.people.iter().filter(|name| begins(name));
        (start, fit.map(|name| format!("{name}{behind}")).collect())
    }

    /// Changes a setting by a line that is one: `/bell all`, `/quiet`. What is said about it; nothing, if it is no such
    /// line.
    pub(crate) fn set(&mut self, line: &str) -> Option<String> {
        let mut words = line.split_whitespace();
        match (words.next()?, words.next(), words.next()) {
            ("/bell", Some(bell), None) => {
                self.settings.bell = match bell {
                    "off" => Bell::Off,
                    "mentions" => Bell::Mentions,
                    "all" => Bell::All,
                    _ => return Some("! /bell is off, mentions or all".to_owned()),
                };
                Some(format!("* the bell rings: {bell}"))
            }
            ("/bell", ..) => Some("! /bell is off, mentions or all".to_owned()),
            ("/quiet", None, _) => {
                self.settings.quiet = !self.settings.quiet;
                let shown = if self.settings.quiet { "not shown" } else { "shown" };
                Some(format!("* comings, goings and new names are {shown}"))
            }
            ("/quiet", ..) => Some("! /quiet takes no arguments".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
