//! What is put in order before it is shown, while one comes back.
//!
//! Pure: it knows neither the terminal nor the network.

use std::collections::BTreeMap;

use crate::chat::view::View;
use crate::net::wire::Event;

/// How many bytes of events are put in order at most before they are shown as they are.
const MAX_GATHERED: usize = 16 * 1024 * 1024;

/// What comes until one is again who and where one was: it is put in order before it is shown.
pub(crate) struct Resuming {
    pub(crate) seen: u64,
    pub(crate) bytes: usize,
    /// The commands that are not done.
    pub(crate) open: Vec<u64>,
    /// The one of these that asks for the name again.
    pub(crate) naming: Option<u64>,
    pub(crate) is_first: bool,
    /// What one was called.
    pub(crate) name: Option<String>,
    /// What has a number, each once, and whether it was said before.
    pub(crate) heard: BTreeMap<u64, (Event, bool)>,
    /// What has none.
    pub(crate) others: Vec<Event>,
    /// What oneself had said, as the server had it all the same, each with its room.
    pub(crate) said: Vec<(String, String)>,
}

impl Resuming {
    /// Takes an event in; whether all is done.
    pub(crate) fn take(&mut self, event: &Event, view: &mut View) -> bool {
        match (event.kind(), event.number("number")) {
            ("done", _) => self.open.retain(|id| Some(*id) != event.number("id")),
            ("past", _) => {
                for past in event.events() {
                    let Some(number) = past.number("number").filter(|number| *number > self.seen) else { continue };
                    let is_own = self.name.is_some() && past.str("from") == self.name.as_deref();
                    if is_own && !self.heard.contains_key(&number) {
                        let how = if past.str("manner") == Some("action") { "/me " } else { "" };
                        let line = format!("{how}{}", past.str("text").unwrap_or(""));
                        self.said.push((past.text("room"), line));
                    }
                    self.heard.entry(number).or_insert((past, true));
                }
            }
            ("help", _) => view.learn_commands(&event.lines()),
            ("topic", _) if !event.has("topic") => {}
            ("entered", _) if self.is_first => {
                view.learn(event);
                self.others.push(event.clone());
            }
            ("refused", _) if self.naming.is_some() && event.number("id") == self.naming => {
                let name = self.name.as_deref().unwrap_or_default();
                let line = format!("! {}; {name} is asked for again until it is free", event.text("text"));
                self.others.push(Event::of_lines(&[line]));
            }
            // One is what and where one was; it need not be told again, nor what others did as one came in.
            ("entered" | "named" | "exited" | "members", _) => view.learn(event),
            (_, Some(number)) => {
                self.heard.entry(number).or_insert((event.clone(), false));
            }
            _ => self.others.push(event.clone()),
        }
        // A server that never says that it is done must not fill the memory.
        self.open.is_empty() || self.bytes >= MAX_GATHERED
    }
}
