//! The catch-up after connecting: the client collects, sorts and deduplicates events before it shows them.
//!
//! This module must not know the terminal or the network.

use std::collections::BTreeMap;

use super::view::View;
use crate::net::event::Event;

/// The largest size of the collected events, in bytes. Above it, the client shows them although the catch-up is
/// incomplete.
const MAX_COLLECTED: usize = 16 * 1024 * 1024;

/// The events that arrive before your nickname and rooms are set up and the missed history is complete.
#[derive(Debug)]
pub(crate) struct CatchUp {
    /// The number of the last event that you saw over earlier connections.
    pub(crate) last_event: u64,
    /// The size of the collected events, in bytes.
    pub(crate) bytes: usize,
    /// The `id`s of the commands that the server has not confirmed.
    pub(crate) pending: Vec<u64>,
    /// The `id` of the command that asks for the nickname that you had chosen before, if there is such a command.
    pub(crate) nick_request: Option<u64>,
    /// Whether this is the first connection.
    pub(crate) is_first: bool,
    /// Your nickname on the last connection.
    pub(crate) nick: Option<String>,
    /// The events that have a number, indexed by it. The flag says whether the event is from the history.
    pub(crate) numbered: BTreeMap<u64, (Event, bool)>,
    /// The events that have no number, in the order of arrival.
    pub(crate) others: Vec<Event>,
    /// The room and the text of each message that you sent over the last connection and that is in the history.
    pub(crate) delivered: Vec<(String, String)>,
}

impl CatchUp {
    /// Collects an event, and updates the view by the event. Returns whether the catch-up is complete.
    pub(crate) fn collect(&mut self, event: &Event, view: &mut View) -> bool {
        match (event.kind(), event.number("number")) {
            ("done", _) => self.pending.retain(|id| Some(*id) != event.number("id")),
            ("past", _) => event.events().into_iter().for_each(|past| self.collect_past(past)),
            ("help", _) => view.set_commands(&event.lines()),
            ("topic", _) if !event.has("topic") => {}
            ("entered", _) if self.is_first => {
                view.update(event);
                self.others.push(event.clone());
            }
            ("refused", _) if self.nick_request.is_some() && event.number("id") == self.nick_request => {
                let nick = self.nick.as_deref().unwrap_or_default();
                let line = format!("! {}; retrying {nick} until it is free", event.text("text"));
                self.others.push(Event::of_lines(&[line]));
            }
            // Do not show the replies that restore your nickname and rooms, because nothing changes for you.
            ("entered" | "named" | "exited" | "members", _) => view.update(event),
            (_, Some(number)) => {
                self.numbered.entry(number).or_insert((event.clone(), false));
            }
            _ => self.others.push(event.clone()),
        }
        // The limit keeps a server that never confirms from filling the memory.
        self.pending.is_empty() || self.bytes >= MAX_COLLECTED
    }

    /// Collects a message of the history, unless you saw the message before.
    fn collect_past(&mut self, past: Event) {
        let Some(number) = past.number("number").filter(|number| *number > self.last_event) else { return };
        let is_own = self.nick.is_some() && past.str("from") == self.nick.as_deref();
        if is_own && !self.numbered.contains_key(&number) {
            let prefix = if past.str("manner") == Some("action") { "/me " } else { "" };
            let line = format!("{prefix}{}", past.str("text").unwrap_or(""));
            self.delivered.push((past.text("room"), line));
        }
        self.numbered.entry(number).or_insert((past, true));
    }
}
