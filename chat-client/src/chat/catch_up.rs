//! The catch-up after connecting: events are collected, sorted and deduplicated before they are shown.
//!
//! This module must not know the terminal or the network.

use std::collections::BTreeMap;

use super::view::View;
use crate::net::event::Event;

/// How many bytes of events are collected at most. After that, they are shown although the catch-up is incomplete.
const MAX_COLLECTED: usize = 16 * 1024 * 1024;

/// The events that arrive until your nickname and rooms are set up and the missed history is there.
#[derive(Debug)]
pub(crate) struct CatchUp {
    /// The number of the last event that you saw before.
    pub(crate) last_event: u64,
    /// How many bytes of events were collected.
    pub(crate) bytes: usize,
    /// The commands that the server has not confirmed.
    pub(crate) pending: Vec<u64>,
    /// The command among these that asks for your nickname, if you had one before.
    pub(crate) nick_request: Option<u64>,
    /// Whether this is the first connection.
    pub(crate) is_first: bool,
    /// Your nickname on the last connection.
    pub(crate) nick: Option<String>,
    /// The events that have a number, and whether each is from the history.
    pub(crate) numbered: BTreeMap<u64, (Event, bool)>,
    /// The events that have none, in the order of arrival.
    pub(crate) others: Vec<Event>,
    /// Your messages of the last connection that are in the history, each with its room.
    pub(crate) delivered: Vec<(String, String)>,
}

impl CatchUp {
    /// Collects an event, and updates the view by it; returns whether the catch-up is complete.
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
            // Your nickname and rooms are as before: the replies that set them up are not shown again.
            ("entered" | "named" | "exited" | "members", _) => view.update(event),
            (_, Some(number)) => {
                self.numbered.entry(number).or_insert((event.clone(), false));
            }
            _ => self.others.push(event.clone()),
        }
        // A server that never confirms must not fill the memory.
        self.pending.is_empty() || self.bytes >= MAX_COLLECTED
    }

    /// Collects a message of the history, unless you saw it before.
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
